"""The people who may sign in: names, Argon2 password hashes, roles, departments, and locks after wrong passwords.

After five wrong passwords in a row a name is locked for 30 seconds, and every further one doubles the wait, up to
an hour. A name that does not exist takes as long to refuse as a wrong password and gets the same answer.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.people_tables import open_sessions, users
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong, LoginRefused
from console.open_sessions import SessionBook, handle_of
from console.rights import ALL_DEPARTMENTS, Right, Role, rights_of

FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
PROGRAM = "api:"
"""Begins the names under which tokens act; no person can have such a name."""


@dataclass(frozen=True)
class User:
    """A person who may sign in.

    Attributes:
        departments: Folder names of the departments whose documents the person sees; "*" is all of them.
        session_epoch: Sessions of another epoch have ended (signed out, password changed, rights changed).
    """

    name: str
    roles: frozenset[Role]
    departments: frozenset[str]
    active: bool
    failures: int
    locked_until: datetime | None
    session_epoch: int
    created_at: datetime

    def may(self, right: Right) -> bool:
        """Say whether one of the person's roles holds the right."""
        return right in rights_of(self.roles)

    def sees(self, department: str) -> bool:
        """Say whether documents of this department are the person's business."""
        return ALL_DEPARTMENTS in self.departments or department in self.departments

    def sees_any(self, departments: Collection[str]) -> bool:
        """Say whether one of the departments is the person's; who sees all sees also what belongs to none."""
        return ALL_DEPARTMENTS in self.departments or not self.departments.isdisjoint(departments)

    @property
    def scope(self) -> frozenset[str] | None:
        """The departments to ask the database for; None for all."""
        return None if ALL_DEPARTMENTS in self.departments else self.departments


@dataclass(frozen=True)
class Entering:
    """A person at the door.

    Attributes:
        handle: Names the session that the person comes with.
        seen_at: When the session was used last, to the minute; None when no row is kept of it.
        ended: It was ended.
    """

    user: User
    handle: str
    seen_at: datetime | None
    ended: bool


_BY_NAME = sa.select(users).where(users.c.name == sa.bindparam("called"))
_ENTERING = _BY_NAME.add_columns(
    open_sessions.c.seen_at.label("session_seen"), open_sessions.c.ended_at.label("session_ended")
).select_from(users.outerjoin(open_sessions, open_sessions.c.handle == sa.bindparam("handle")))
"""Made once: every request asks this first."""


class UserStore:
    """Users over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, name: str, password: str, *, roles: Collection[str], departments: Collection[str]) -> User:
        """Enter a new person.

        Args:
            name: Name to sign in with; blanks around it are left out.
            password: At least 10 characters.
            roles: Names of roles, at least one.
            departments: Folder names of departments, or "*".

        Raises:
            ArgumentWrong: The name is taken or empty, a role is unknown, or the password is too short.
        """
        name = name.strip()  # a blank that nobody sees would make another person of it
        if not name or len(name) > 100 or not name.isprintable() or name.startswith(PROGRAM):
            raise ArgumentWrong("console.user_name_wrong", where=name[:100])
        row = {
            "name": name,
            "password_hash": _hash(_checked(password)),
            "roles": sorted(known_roles(roles)),
            "departments": sorted(set(departments)),
            "created_at": self._clock(),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(users).values(row))
        except IntegrityError as error:
            raise ArgumentWrong("console.user_exists", where=name, name=name) from error
        return self.get(name)

    def set_password(self, name: str, password: str) -> User:
        """Give a person a new password; locks are lifted and open sessions end.

        Raises:
            ArgumentWrong: The password is too short, or there is no such person.
        """
        changes = {"password_hash": _hash(_checked(password)), "failures": 0, "locked_until": None}
        return self._change(self.get(name), changes | {"session_epoch": users.c.session_epoch + 1})

    def set_active(self, name: str, active: bool) -> User:
        """Let a person in again, or keep them out from this moment on."""
        return self._change(self.get(name), {"active": active, "session_epoch": users.c.session_epoch + 1})

    def change(self, name: str, *, roles: Collection[str], departments: Collection[str]) -> User:
        """Give a person other roles and departments; open sessions end.

        Raises:
            ArgumentWrong: A role is unknown, or there is no such person.
        """
        given = {"roles": sorted(known_roles(roles)), "departments": sorted(set(departments))}
        return self._change(self.get(name), given | {"session_epoch": users.c.session_epoch + 1})

    def end_sessions(self, name: str) -> User:
        """End every open session of a person."""
        return self._change(self.get(name), {"session_epoch": users.c.session_epoch + 1})

    @property
    def sessions(self) -> SessionBook:
        """The browsers that people are signed in with."""
        return SessionBook(self._engine, self._clock)

    def get(self, name: str) -> User:
        """Return a person.

        Raises:
            ArgumentWrong: There is none of this name.
        """
        row = self._row(name)
        if row is None:
            hint = did_you_mean(name, [user.name for user in self.all()])
            raise ArgumentWrong("console.user_missing", where=name, name=name, hint=hint)
        return _user(row)

    def find(self, name: str) -> User | None:
        """Return a person, or None."""
        row = self._row(name)
        return None if row is None else _user(row)

    def entering(self, name: str, session: str) -> "Entering | None":
        """Return a person together with the session that the person comes with, or None when there is no such person.

        Args:
            name: Whose session it is.
            session: Its number, as in the cookie.
        """
        asked = {"called": name, "handle": handle_of(session)}
        with self._reading() as connection:
            row = connection.execute(_ENTERING, asked).first()
        if row is None:
            return None
        return Entering(_user(row), asked["handle"], row.session_seen, row.session_ended is not None)

    def all(self) -> list[User]:
        """Return everybody by name."""
        with self._reading() as connection:
            return [_user(row) for row in connection.execute(sa.select(users).order_by(users.c.name))]

    def sign_in(
        self, name: str, password: str, *, second: Callable[[User], bool] = lambda _user: True
    ) -> User:
        """Check a name and a password.

        Args:
            name: Who signs in.
            password: The password.
            second: What else must fit, asked only when the password does; a wrong answer counts as a wrong try.

        Raises:
            LoginRefused: They do not fit, the person is locked or no longer active.
        """
        row = self._row(name)
        self._demand_free(row)
        fits = _fits(row.password_hash if row is not None else _nobodys_hash(), password)
        if row is None or not row.active:
            raise LoginRefused("console.login_wrong")
        user = _user(row)
        if fits:
            self._demand_free(self._row(name))  # before `second`, which may spend a recovery code
        if not fits or not second(user):
            self._count_failure(user)
            raise LoginRefused("console.login_wrong")
        self._demand_free(self._row(name))  # tries that were sent together all passed the first look
        return self._change(user, {"failures": 0, "locked_until": None})

    def _demand_free(self, row: sa.Row[Any] | None) -> None:
        locked = row.locked_until if row is not None else None
        if locked is not None and locked > self._clock():
            seconds = round((locked - self._clock()).total_seconds())
            raise LoginRefused("console.login_locked", seconds=max(seconds, 1))

    def _count_failure(self, user: User) -> None:
        mine, locked = users.c.name == user.name, None
        with self._engine.begin() as connection:  # tries that were sent together are counted one by one
            before = connection.execute(sa.select(users.c.failures).where(mine).with_for_update())
            failures = before.scalar_one() + 1
            if failures >= FREE_TRIES:
                wait = min(FIRST_LOCK * 2 ** min(failures - FREE_TRIES, 20), LONGEST_LOCK)
                locked = self._clock() + wait
            connection.execute(sa.update(users).where(mine).values(failures=failures, locked_until=locked))

    def _change(self, user: User, changes: dict[str, Any]) -> User:
        with self._engine.begin() as connection:
            connection.execute(sa.update(users).where(users.c.name == user.name).values(changes))
        return self.get(user.name)

    def _row(self, name: str) -> sa.Row[Any] | None:
        with self._reading() as connection:
            return connection.execute(_BY_NAME, {"called": name}).first()

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def known_roles(roles: Collection[str]) -> set[str]:
    """Return names of roles, each once.

    Raises:
        ArgumentWrong: One is unknown, or there is none.
    """
    known = {role.value for role in Role}
    for role in roles:
        if role not in known:
            raise ArgumentWrong(
                "console.role_unknown", where="--role", name=role, hint=did_you_mean(role, known)
            )
    if not roles:
        raise ArgumentWrong("console.role_missing", where="--role", names=", ".join(sorted(known)))
    return set(roles)


def _checked(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ArgumentWrong("console.password_length", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    return password


def _hash(password: str) -> str:
    return PasswordHasher().hash(password)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password[: LONGEST_PASSWORD + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """A hash to try wrong names on, so that they take as long as wrong passwords."""
    return _hash("nobody has this password")


def _user(row: sa.Row[Any]) -> User:
    values = {name: row._mapping[name] for name in User.__dataclass_fields__}
    values["roles"] = frozenset(Role(role) for role in values["roles"])
    values["departments"] = frozenset(values["departments"])
    return User(**values)
