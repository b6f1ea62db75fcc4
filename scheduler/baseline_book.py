"""The book of baselines: what an item cost by hand, entered on a page, from a day on.

A job's file (`time_saved:`) says what counts as long as nobody enters anything here. From the first day of an entry on
the entry counts, whatever the file says; an entry "as the file says" gives the word back to the file. Nothing is ever
overwritten: a correction is one more entry. Runs that were booked keep the baseline of their day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backoffice.baseline_tables import baselines
from backoffice.clock import Clock, utc_now
from scheduler.job import Job, TimeSaved


@dataclass(frozen=True)
class BaselineEntry:
    """One entry of the book.

    Attributes:
        id: Its number; of several for the same day the highest counts.
        job: The job.
        valid_from: The first day on which it counts.
        basis: What an item cost by hand and how that is known; None: as the job's file says.
        why: Why it was entered.
        who: Who entered it.
        at: When.
    """

    id: int
    job: str
    valid_from: date
    basis: TimeSaved | None
    why: str
    who: str
    at: datetime


class BaselineBook:
    """The baselines entered in one database.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def enter(
        self, job: str, valid_from: date, basis: TimeSaved | None, *, who: str, why: str, seen: int | None
    ) -> bool:
        """Add an entry.

        Args:
            job: The job.
            valid_from: The first day on which it counts.
            basis: The baseline; None gives the word back to the job's file.
            who: Who enters it.
            why: Why; no personal data.
            seen: Number of the newest entry of the job that the person saw, 0 for none; None: whatever there is.

        Returns:
            False, and nothing is added, when somebody else has entered one since.
        """
        row = {
            "job": job,
            "valid_from": valid_from,
            "basis": sa.null() if basis is None else basis.model_dump(mode="json"),
            "why": why,
            "who": who,
            "at": self._clock(),
        }
        newest = sa.select(sa.func.coalesce(sa.func.max(baselines.c.id), 0)).where(baselines.c.job == job)
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE baselines IN SHARE ROW EXCLUSIVE MODE"))
            if seen is not None and connection.execute(newest).scalar_one() != seen:
                return False
            connection.execute(sa.insert(baselines).values(row))
        return True

    def history(self, job: str | None = None) -> list[BaselineEntry]:
        """Return the entries of a job, or of all, in the order in which they were made."""
        query = sa.select(baselines).order_by(baselines.c.id)
        if job is not None:
            query = query.where(baselines.c.job == job)
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [_entry(row) for row in connection.execute(query)]

    def in_force(self, job: Job, day: date) -> TimeSaved | None:
        """Return the baseline that counts for runs of a job on a day; None when neither page nor file has one."""
        return in_force(job, day, self.history(job.job))


def in_force(job: Job, day: date, history: Sequence[BaselineEntry]) -> TimeSaved | None:
    """Return the baseline that counts for runs of a job on a day.

    Args:
        job: The job with what its file says.
        day: The local day on which a run begins.
        history: The entries of the job.
    """
    entry = entry_on(day, history)
    return job.time_saved if entry is None or entry.basis is None else entry.basis


def entry_on(day: date, history: Sequence[BaselineEntry]) -> BaselineEntry | None:
    """Return the entry that counts on a day: the latest first day, of several the one entered last."""
    begun = [entry for entry in history if entry.valid_from <= day]
    return max(begun, key=lambda entry: (entry.valid_from, entry.id), default=None)


def _entry(row: sa.Row[Any]) -> BaselineEntry:
    basis = None if row.basis is None else TimeSaved.model_validate(row.basis)
    return BaselineEntry(**{**row._mapping, "basis": basis})
