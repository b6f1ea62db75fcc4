"""Everything of the shared house that the scheduler works with, gathered once by `console.wiring`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from backoffice.calendar import OfficeCalendar, YearEnd
from backoffice.clock import Clock, utc_now
from backoffice.disk import is_full
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.runs import RunBook
from backoffice.settings import CalendarSettings, Settings
from backoffice.stop_requests import StopRequests
from scheduler.pauses import PauseBook
from scheduler.savings import ReviewSeconds, TimeLedger


@dataclass(frozen=True)
class Office:
    """The books, the calendar and the folders of one installation.

    Attributes:
        database: The migrated database.
        runs: Book of runs and firings.
        ledger: Ledger of work items.
        pauses: Jobs that a person has paused.
        savings: Account of time saved.
        review_seconds: Hands out review seconds that no run has booked yet.
        calendar: When the office is open.
        zone: In which zone times are meant.
        logs: Folder for the output of child processes.
        locks: Folder of lock files.
        spool: Folder of news that the database did not take.
        clock: The present moment, aware.
        full: Says whether so little disk is free that nothing new may begin.
    """

    database: sa.Engine
    runs: RunBook
    ledger: Ledger
    pauses: PauseBook
    savings: TimeLedger
    review_seconds: ReviewSeconds
    calendar: OfficeCalendar
    zone: ZoneInfo
    logs: Path
    locks: Path
    spool: Path
    clock: Clock
    full: Callable[[], bool] = lambda: False

    @property
    def stops(self) -> StopRequests:
        """Runs that a person asked to end."""
        return StopRequests(self.database, self.clock)

    @classmethod
    def of(cls, settings: Settings, database: sa.Engine, clock: Clock = utc_now) -> Self:
        """Gather them from the settings and an open, migrated database.

        Raises:
            SettingsError: The calendar in the settings contradicts itself.
        """
        zone, locks = ZoneInfo(settings.timezone), settings.folder("locks")
        return cls(
            database=database,
            runs=RunBook(database, locks, clock),
            ledger=Ledger(database, clock),
            pauses=PauseBook(database, clock),
            savings=TimeLedger(database, zone, clock),
            review_seconds=DocumentStore(database, clock).take_review_seconds,
            calendar=office_calendar(settings.calendar),
            zone=zone,
            logs=settings.folder("logs"),
            locks=locks,
            spool=settings.folder("spool"),
            clock=clock,
            full=lambda: is_full(settings),
        )


def office_calendar(settings: CalendarSettings) -> OfficeCalendar:
    """Build the office calendar of the settings."""
    return OfficeCalendar(
        YearEnd.parse(*settings.year_end), frozenset(settings.closed), frozenset(settings.open)
    )
