"""One clock for all PCs of an office: that of their PostgreSQL.

Two PCs whose clocks differ by ten minutes would believe too early that a record is not in the target, or claim a retry
too soon. So where several PCs share a database, its time is asked once a minute, and the machine's steady clock counts
in between: a PC's own clock, which people set, plays no part. A database that is away is asked again later.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.clock import Clock, utc_now

ASK_SECONDS = 60.0
TRUSTED_SECONDS = 1.0
"""Steady clock and the PC's own part further than this: the PC slept, or its clock was set; the database is asked."""


class DatabaseClock:
    """Gives the time of a PostgreSQL server; call it.

    Args:
        engine: The database.
        steady: Seconds that never jump.
        own: The PC's clock: used until the database has answered once.
    """

    def __init__(
        self, engine: sa.Engine, *, steady: Callable[[], float] = time.monotonic, own: Clock = utc_now
    ) -> None:
        self._engine = engine
        self._steady = steady
        self._own = own
        self._lock = threading.Lock()
        self._asked: tuple[datetime, float, datetime] | None = None  # database, steady, own
        self._next = float("-inf")

    def __call__(self) -> datetime:
        """Return the present moment, aware."""
        with self._lock:
            steady, own = self._steady(), self._own()
            if steady >= self._next or self._jumped(steady, own):
                self._ask()
                steady, own = self._steady(), self._own()
            if self._asked is None:
                return own
            return self._asked[0] + timedelta(seconds=steady - self._asked[1])

    def _jumped(self, steady: float, own: datetime) -> bool:
        if self._asked is None:
            return False
        apart = (own - self._asked[2]).total_seconds() - (steady - self._asked[1])
        return abs(apart) > TRUSTED_SECONDS

    def _ask(self) -> None:
        try:
            with self._engine.connect() as connection:
                told = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        except DBAPIError as error:
            logger.warning("the database's time is not to be had: {}", type(error).__name__)
        else:
            self._asked = (told.astimezone(UTC), self._steady(), self._own())
        self._next = self._steady() + ASK_SECONDS


def clock_of(engine: sa.Engine) -> Clock:
    """Return the clock that everybody who shares a database goes by: the server's, on SQLite the PC's own."""
    return DatabaseClock(engine) if engine.dialect.name == "postgresql" else utc_now
