"""PCs that share a PostgreSQL go by its clock, whatever their own say."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from backoffice.clock import utc_now
from backoffice.database import open_database
from backoffice.database_clock import ASK_SECONDS, DatabaseClock, clock_of

WRONG = datetime(2001, 1, 1, tzinfo=UTC)


class Pc:
    """A PC with a wrong clock; the test lets its seconds pass."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.shift = timedelta()
        self.asked = 0

    def clock(self, engine: sa.Engine) -> DatabaseClock:
        sa.event.listen(engine, "before_cursor_execute", self._count)
        return DatabaseClock(engine, steady=lambda: self.seconds, own=self.own)

    def own(self) -> datetime:
        return WRONG + timedelta(seconds=self.seconds) + self.shift

    def _count(self, _c: object, _u: object, statement: str, *_: object) -> None:
        self.asked += "clock_timestamp" in statement


def test_a_pc_with_a_wrong_clock_goes_by_the_database(postgresql_url: str) -> None:
    engine, pc = open_database(postgresql_url), Pc()
    clock = pc.clock(engine)
    first = clock()
    assert first.year > 2020
    pc.seconds += 30
    assert clock() - first == timedelta(seconds=30)
    assert pc.asked == 1
    pc.shift = timedelta(hours=5)  # somebody sets the PC's clock
    assert clock().year > 2020 and pc.asked == 2
    pc.seconds += ASK_SECONDS
    clock()
    assert pc.asked == 3
    engine.dispose()


def test_a_database_that_is_away_stops_no_clock(postgresql_url: str) -> None:
    engine, pc = open_database(postgresql_url), Pc()
    clock = pc.clock(engine)
    first = clock()

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("starting up"))

    sa.event.listen(engine, "before_cursor_execute", away)
    pc.seconds += ASK_SECONDS * 10
    assert clock() - first == timedelta(seconds=ASK_SECONDS * 10)
    assert Pc().clock(engine)() == WRONG
    engine.dispose()


def test_one_pc_with_sqlite_goes_by_its_own_clock() -> None:
    assert clock_of(open_database("sqlite:///:memory:")) is utc_now
