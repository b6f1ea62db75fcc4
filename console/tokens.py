"""Bearer tokens: one for each system that calls the API, with roles and departments like a person's.

A token is shown once, when it is made; only its hash is kept. It ends by itself on a day that is always set, or at once
when it is revoked. A name is never used twice, so that the audit trail says for ever which system it was.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.people_tables import api_tokens
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong
from console.rights import Role
from console.users import PROGRAM, User, known_roles

MARK = "hkd_"
"""Begins every token, so that one found in a file or a log is known for what it is."""
LONGEST_NAME = 80
LONGEST_DAYS = 731
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """What is kept of a token; never the token itself."""

    name: str
    roles: frozenset[Role]
    departments: frozenset[str]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Say whether it still lets anybody in."""
        return self.revoked_at is None and now < self.expires_at

    def as_user(self) -> User:
        """Return the system as a user of the same rights; no person can have its name."""
        return User(
            name=f"{PROGRAM}{self.name}",
            roles=self.roles,
            departments=self.departments,
            active=True,
            failures=0,
            locked_until=None,
            session_epoch=0,
            created_at=self.created_at,
        )


class TokenStore:
    """Tokens over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(
        self, name: str, *, roles: Collection[str], departments: Collection[str], days: int, who: str
    ) -> tuple[Token, str]:
        """Make a token.

        Args:
            name: Of the system that will use it.
            roles: Names of roles, at least one.
            departments: Folder names of departments, or "*".
            days: For how long, 1 to 731.
            who: Who makes it.

        Returns:
            What is kept, and the token itself, which nobody can look up again.

        Raises:
            ArgumentWrong: The name is empty or was used before, a role is unknown, or the time is too long.
        """
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise ArgumentWrong("people.token_name_wrong", where=name[:LONGEST_NAME], most=LONGEST_NAME)
        if not 1 <= days <= LONGEST_DAYS:
            raise ArgumentWrong("people.token_days_wrong", where="--days", most=LONGEST_DAYS)
        now, secret = self._clock(), MARK + secrets.token_urlsafe(32)
        row = {
            "name": name,
            "sha256": _hash(secret),
            "roles": sorted(known_roles(roles)),
            "departments": sorted(set(departments)),
            "created_by": who,
            "created_at": now,
            "expires_at": now + timedelta(days=days),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(api_tokens).values(row))
        except IntegrityError as error:
            raise ArgumentWrong("people.token_exists", where=name, name=name) from error
        return self.get(name), secret

    def get(self, name: str) -> Token:
        """Return a token.

        Raises:
            ArgumentWrong: There is none of this name.
        """
        row = self._row(api_tokens.c.name == name)
        if row is None:
            hint = did_you_mean(name, [token.name for token in self.all()])
            raise ArgumentWrong("people.token_missing", where=name, name=name, hint=hint)
        return _token(row)

    def all(self) -> list[Token]:
        """Return every token by name, also those that have ended."""
        with self._reading() as connection:
            return [
                _token(row) for row in connection.execute(sa.select(api_tokens).order_by(api_tokens.c.name))
            ]

    def revoke(self, name: str) -> Token:
        """End a token at once; one that has ended stays as it is.

        Raises:
            ArgumentWrong: There is none of this name.
        """
        token = self.get(name)
        if token.revoked_at is None:
            self._change(name, revoked_at=self._clock())
        return self.get(name)

    def holder(self, secret: str) -> Token | None:
        """Return the token that a program sent; None when it is unknown, revoked or expired."""
        row = self._row(api_tokens.c.sha256 == _hash(secret)) if secret.startswith(MARK) else None
        if row is None:
            return None
        token, now = _token(row), self._clock()
        if not token.holds(now):
            return None
        if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
            self._change(token.name, last_used_at=now)
        return token

    def _change(self, name: str, **changes: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(api_tokens).where(api_tokens.c.name == name).values(changes))

    def _row(self, condition: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
        with self._reading() as connection:
            return connection.execute(sa.select(api_tokens).where(condition)).first()

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _hash(secret: str) -> str:
    """Return the hash of a token: 256 random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()


def _token(row: sa.Row[Any]) -> Token:
    values = {name: row._mapping[name] for name in Token.__dataclass_fields__}
    values["roles"] = frozenset(Role(role) for role in values["roles"])
    values["departments"] = frozenset(values["departments"])
    return Token(**values)
