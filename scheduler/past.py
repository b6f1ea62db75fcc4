"""How the last firings of a job ended, the lanes of each taken together.

A firing of a job with `workers: 3` is three runs that share its slot; for what is due next they count as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import sqlalchemy as sa

from backoffice.runs import Run, RunBook, RunState
from backoffice.tables import firings

LOOKED_AT = 40
"""So many runs of a job are looked at; what lies further back makes nothing due any more."""
FUTURE = timedelta(minutes=10)
"""A run that started further ahead than this was begun while the clock was wrong; it says nothing of today."""
MOST_LANES = 9
"""No job has more lanes than this."""
_BROKEN = (RunState.FAILED, RunState.DIED)


@dataclass(frozen=True)
class Firing:
    """The runs of one firing.

    Attributes:
        runs: Its lanes, one or more.
    """

    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        """The run whose number stands in the book of firings and names what follows it."""
        return self.runs[0]

    @property
    def ended_at(self) -> datetime | None:
        """When the last lane ended; None while one works."""
        ends = [run.finished_at for run in self.runs]
        known = [end for end in ends if end is not None]
        return max(known) if len(known) == len(ends) else None

    @property
    def succeeded(self) -> bool:
        """Whether all lanes are done; a reading that goes on in a fresh process is not yet."""
        return all(run.state is RunState.DONE and not _goes_on(run) for run in self.runs)

    @property
    def goes_on(self) -> bool:
        """Whether it ended well, with work left for a fresh process."""
        well = all(run.state is RunState.DONE for run in self.runs)
        return well and any(_goes_on(run) for run in self.runs)

    @property
    def broken(self) -> tuple[Run, ...]:
        """The lanes that failed or died."""
        return tuple(run for run in self.runs if run.state in _BROKEN)

    @property
    def stopped(self) -> bool:
        """Whether it is over and was stopped with work left, without any failure."""
        over = self.ended_at is not None and not self.broken
        return over and any(run.state is RunState.STOPPED or _goes_on(run) for run in self.runs)


@dataclass(frozen=True)
class Unserved:
    """A slot that no run served.

    Attributes:
        slot: The moment, ISO 8601 in UTC.
        at: When that was noticed.
        outcome: "missed" while the PC was off, or "skipped" beside a long run.
    """

    job: str
    slot: str
    at: datetime
    outcome: str


def unserved(database: sa.Engine, job: str | None = None, limit: int = 50) -> list[Unserved]:
    """Return the slots that no run served, of one job or all, newest first."""
    query = sa.select(firings.c.job, firings.c.slot, firings.c.at, firings.c.outcome)
    query = query.where(firings.c.outcome.in_(["missed", "skipped"]))
    if job is not None:
        query = query.where(firings.c.job == job)
    with database.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(query.order_by(firings.c.slot.desc(), firings.c.id).limit(limit))
        return [Unserved(**row._mapping) for row in rows]


def last_firing(runs: RunBook, job: str) -> Firing | None:
    """Return the newest firing of a job, over or not; None when it never ran."""
    return next(iter(last_firings(runs, job, limit=MOST_LANES)), None)


def last_firings(runs: RunBook, job: str, limit: int = LOOKED_AT) -> Sequence[Firing]:
    """Return the newest firings of a job, newest first; of so many runs that the last firing may lack lanes."""
    rows = runs.history(job, limit=limit, until=runs.now() + FUTURE)
    return [Firing(tuple(lanes)) for _, lanes in groupby(rows, lambda run: (run.started_at, run.slot))]


def _goes_on(run: Run) -> bool:
    """Say whether a run gave its memory back before all was done (`pages_per_run`, `items_per_run`)."""
    return bool(run.counts.get("goes_on")) or (run.kind == "read" and bool(run.counts.get("left")))
