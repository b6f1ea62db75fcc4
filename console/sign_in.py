"""Signing in: name and password, a code where the person has a second factor, and patience with wrong tries.

Wrong tries are counted by name (`users.py`) and by network address: after thirty from one address it is locked for 30
seconds, and every further one doubles the wait up to an hour. An hour without wrong tries forgets them. A right
password does not: whoever has one account could otherwise try the passwords of all the others.
"""

from datetime import timedelta

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.people_tables import sign_in_addresses
from console.errors import CodeNeeded, LoginRefused
from console.second_factor import SecondFactors
from console.users import FIRST_LOCK, LONGEST_LOCK, User, UserStore

FREE_TRIES = 30
FORGOTTEN_AFTER = timedelta(hours=1)
LONGEST_ADDRESS = 64


class Addresses:
    """Wrong tries by network address, over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def demand_free(self, address: str) -> None:
        """Do nothing for an address that may try.

        Raises:
            LoginRefused: It is locked for a while.
        """
        query = sa.select(sign_in_addresses.c.locked_until).where(
            sign_in_addresses.c.address == _short(address)
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            until = connection.execute(query).scalar()
        if until is not None and until > self._clock():
            seconds = max(round((until - self._clock()).total_seconds()), 1)
            raise LoginRefused("console.login_locked", seconds=seconds)

    def count(self, address: str) -> None:
        """Count a wrong try."""
        now, table = self._clock(), sign_in_addresses
        with self._engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.last_at < now - FORGOTTEN_AFTER))
            same = table.c.address == _short(address)
            failures = (connection.execute(sa.select(table.c.failures).where(same)).scalar() or 0) + 1
            locked = None
            if failures >= FREE_TRIES:
                locked = now + min(FIRST_LOCK * 2 ** min(failures - FREE_TRIES, 20), LONGEST_LOCK)
            row = {"failures": failures, "locked_until": locked, "last_at": now}
            if not connection.execute(sa.update(table).where(same).values(row)).rowcount:
                connection.execute(sa.insert(table).values(row | {"address": _short(address)}))


class SignIn:
    """The way in for people.

    Attributes:
        factors: Second factors.
    """

    def __init__(self, users: UserStore, factors: SecondFactors, addresses: Addresses) -> None:
        self._users = users
        self._addresses = addresses
        self.factors = factors

    def enter(self, name: str, password: str, code: str, address: str) -> User:
        """Check name, password and, where the person has a second factor, the code.

        Raises:
            CodeNeeded: Name and password fit; a code is needed and none was given.
            LoginRefused: Something does not fit, or the name or address is locked.
        """
        self._addresses.demand_free(address)
        try:
            return self._users.sign_in(name, password, second=lambda user: self._second(user, code))
        except CodeNeeded:
            raise
        except LoginRefused:
            self._addresses.count(address)
            raise

    def confirm_password(self, name: str, password: str, address: str) -> None:
        """Check the password of somebody who is signed in; wrong tries count as they do at the door.

        Raises:
            LoginRefused: It is wrong, or the name or address is locked.
        """
        self._addresses.demand_free(address)
        try:
            self._users.sign_in(name, password)
        except LoginRefused:
            self._addresses.count(address)
            raise

    def _second(self, user: User, code: str) -> bool:
        if not self.factors.is_on(user.name):
            return True
        if not code.strip():
            raise CodeNeeded("people.code_needed")
        return self.factors.fits(user.name, code)


def _short(address: str) -> str:
    return address[:LONGEST_ADDRESS]
