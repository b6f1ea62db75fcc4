"""The account of time saved: one entry per run, written once, never recomputed.

    saved = items done × manual minutes per item − people's minutes − preparation − rework        (DESIGN section 7)

People's minutes are the seconds that persons spent in the review page, measured by the console. Machine time is booked
apart: it costs nobody's time. A saving may be negative, and is shown so: one town's tax receipts went from 1.6 to 16.2
hours because every value was checked by eye.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import TOKYO, Clock, utc_now
from backoffice.runs import Run
from backoffice.tables import time_entries
from scheduler.baseline_book import BaselineBook
from scheduler.job import Job, TimeSaved

ITEMS_DONE = "items_done"
"""The key in a run's counts that says how many items it finished."""
NOTED = "noted"
"""The key in an entry's basis that says who noted it by hand, and why."""

ReviewSeconds = Callable[[str, str], float]
"""(process, run id) → seconds of review that this run books; `DocumentStore.take_review_seconds`."""


@dataclass(frozen=True)
class TimeEntry:
    """One line of the account.

    Attributes:
        run: The run it was booked for.
        worked_on: Local day on which the run began.
        items_done: Items that the run finished.
        manual_minutes: What they would have cost by hand.
        people_minutes: What people spent on them in spite of the machine.
        saved_minutes: manual − people − preparation − rework; negative when the machine cost more than it saved.
        machine_seconds: Wall seconds of the run.
        basis: How the manual minutes are known: measured_by, measured_on, sample_size, assumption, note, process.
    """

    run: str
    job: str
    department: str
    business: str
    worked_on: date
    items_done: int
    manual_minutes_per_item: float
    manual_minutes: float
    people_minutes: float
    preparation_minutes: float
    rework_minutes: float
    saved_minutes: float
    machine_seconds: float
    basis: Mapping[str, Any]
    booked_at: datetime


class TimeLedger:
    """The account over one database.

    Args:
        engine: The migrated database.
        zone: In which zone a day begins (settings.timezone).
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, zone: ZoneInfo = TOKYO, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._zone = zone
        self._clock = clock
        self.baselines = BaselineBook(engine, clock)

    def basis(self, run: Run, job: Job) -> TimeSaved | None:
        """Return the baseline that counts for a run; None when neither the page nor the job's file has one."""
        return self.baselines.in_force(job, self._day_of(run))

    def book(
        self,
        run: Run,
        job: Job,
        *,
        items_done: int,
        people_seconds: float,
        machine_seconds: float,
        rework_seconds: float = 0.0,
    ) -> TimeEntry | None:
        """Book a run once.

        Args:
            run: The run, ended.
            job: Its job; without a baseline, in its file or from the page, nothing is booked.
            items_done: Items it finished.
            people_seconds: Seconds people spent on review and correction since the last booking.
            machine_seconds: Wall seconds of the run.
            rework_seconds: Seconds people spent mending what was registered wrongly.

        Returns:
            The entry as it stands in the book: a run that was booked before keeps its first entry. None when the job
            declares no basis, or when nothing was done and nobody spent time (an idle night costs nothing).
        """
        basis = self.basis(run, job)
        if basis is None or (items_done == 0 and people_seconds == 0 and rework_seconds == 0):
            return None
        values = {
            "run": run.id,
            "job": job.job,
            "department": job.department,
            "worked_on": self._day_of(run),
            "items_done": items_done,
            "machine_seconds": machine_seconds,
            "booked_at": self._clock(),
            **_account(basis, items_done, people_seconds / 60, rework_seconds / 60),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(time_entries).values(values))
        except IntegrityError:
            if self.entry_of(run.id) is None:
                raise
        return self.entry_of(run.id)

    def note_rework(self, job: Job, *, seconds: float, day: date, who: str, why: str) -> TimeEntry | None:
        """Note time that people spent outside of the console, such as mending what was registered wrongly.

        It is an entry of its own beside those of the runs: nothing that was booked is changed.

        Args:
            job: The job whose work was mended; without a baseline nothing is noted.
            seconds: People's time, more than 0.
            day: The local day on which it was spent.
            who: Who spent it or noted it.
            why: What was mended; no personal data.
        """
        basis = self.baselines.in_force(job, day)
        if basis is None:
            return None
        account = _account(basis, 0, 0.0, seconds / 60)
        account |= {"preparation_minutes": 0.0, "saved_minutes": -seconds / 60}
        values = {
            "run": f"hand-{uuid4().hex}",
            "job": job.job,
            "department": job.department,
            "worked_on": day,
            "items_done": 0,
            "machine_seconds": 0.0,
            "booked_at": self._clock(),
            **account,
            "basis": {**account["basis"], NOTED: {"who": who, "why": why}},
        }
        with self._engine.begin() as connection:
            connection.execute(sa.insert(time_entries).values(values))
        return self.entry_of(values["run"])

    def entry_of(self, run: str) -> TimeEntry | None:
        """Return what was booked for a run, or None."""
        return next(iter(self._read(sa.select(time_entries).where(time_entries.c.run == run))), None)

    def entries(
        self, first: date | None = None, last: date | None = None, departments: Collection[str] | None = None
    ) -> list[TimeEntry]:
        """Return the entries of the days from first to last, both included, oldest first.

        Args:
            first: None: from the beginning.
            last: None: to the end.
            departments: Whose; None for all.
        """
        query = sa.select(time_entries).order_by(time_entries.c.worked_on, time_entries.c.id)
        if first is not None:
            query = query.where(time_entries.c.worked_on >= first)
        if last is not None:
            query = query.where(time_entries.c.worked_on <= last)
        if departments is not None:
            query = query.where(time_entries.c.department.in_(list(departments)))
        return self._read(query)

    def _day_of(self, run: Run) -> date:
        return run.started_at.astimezone(self._zone).date()

    def _read(self, query: sa.Select[Any]) -> list[TimeEntry]:
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [_entry(row) for row in connection.execute(query)]


def book_run(savings: TimeLedger, review_seconds: ReviewSeconds, run: Run, job: Job) -> TimeEntry | None:
    """Book an ended run from its own row: its counts, its times, and the review seconds not booked yet.

    May be called again for the same run; the first booking stands, and review seconds that came in since are left to
    the next run.
    """
    basis = savings.basis(run, job)
    if basis is None or run.seconds is None:
        return None
    booked = savings.entry_of(run.id)
    if booked is not None:
        return booked
    return savings.book(
        run,
        job,
        items_done=int(run.counts.get(ITEMS_DONE, 0)),
        people_seconds=review_seconds(basis.process, run.id),
        machine_seconds=run.seconds,
    )


def told_basis(basis: TimeSaved) -> dict[str, Any]:
    """Return how the manual minutes of a job are known, as its entries keep it."""
    return basis.model_dump(mode="json", exclude={"business", "manual_minutes_per_item"})


def _account(basis: TimeSaved, items: int, people: float, rework: float) -> dict[str, Any]:
    manual = items * basis.manual_minutes_per_item
    preparation = basis.preparation_minutes_per_run
    return {
        "business": basis.business,
        "manual_minutes_per_item": basis.manual_minutes_per_item,
        "manual_minutes": manual,
        "people_minutes": people,
        "preparation_minutes": preparation,
        "rework_minutes": rework,
        "saved_minutes": manual - people - preparation - rework,
        "basis": told_basis(basis),
    }


def _entry(row: sa.Row[Any]) -> TimeEntry:
    return TimeEntry(**{name: value for name, value in row._mapping.items() if name != "id"})
