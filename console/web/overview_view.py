"""What waits, what runs until tomorrow morning and what ran last night, for the first page of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from backoffice.runs import Run, RunState
from console.rights import Right
from console.web.overview_looker import BAD_RUNS, Looker

OPENS, CLOSES = time(9), time(17)
"""Tonight lasts until OPENS of tomorrow; last night began at CLOSES of yesterday."""
RUNS_SHOWN = 12


@dataclass(frozen=True)
class Row:
    """One line of what waits: so much of a kind in a department."""

    department: str
    what: str
    kind: str
    count: int
    oldest: datetime
    href: str


@dataclass(frozen=True)
class Due:
    """A job that is due, or a deadline of one."""

    at: datetime
    title: str
    what: str
    paused: bool
    href: str


@dataclass(frozen=True)
class Night:
    """What ran since the office closed yesterday.

    Attributes:
        since: That moment.
        counts: Run state → how many.
        runs: The newest of them, those that went wrong first.
    """

    since: datetime
    counts: dict[RunState, int]
    runs: Sequence[Run]


def heaps(looker: Looker) -> list[Row]:
    """Return what waits, by department and form: documents for people, records for robots."""
    rows = []
    if looker.user.may(Right.REVIEW):
        for heap in looker.standing.documents(looker.scope):
            href = f"/documents?form={heap.kind}&department={heap.department}"
            named = looker.desk.department(heap.department), looker.desk.title(heap.kind)
            rows.append(Row(*named, "review", heap.count, heap.oldest, href))
    if looker.user.may(Right.WORK):
        for heap in looker.standing.queued(looker.scope):
            href = looker.to("/items", f"/items?process={heap.kind}")
            named = looker.owner(heap.department, heap.kind), looker.process(heap.kind)
            rows.append(Row(*named, "register", heap.count, heap.oldest, href))
    return rows


def tonight(looker: Looker) -> list[Due]:
    """Return what is due until tomorrow morning, in order."""
    now = looker.desk.clock()
    until = datetime.combine(looker.today + timedelta(days=1), OPENS, looker.zone)
    paused = {job.job for job in looker.jobs if job.paused_by}
    return [
        Due(
            entry.at.astimezone(looker.zone),
            looker.desk.jobs.get(entry.job, entry.job),
            entry.what,
            entry.job in paused,
            looker.to("/jobs/{job}", f"/jobs/{entry.job}"),
        )
        for day in looker.desk.job_desk.coming(looker.scope, 2)
        for entry in day.entries
        if now <= entry.at <= until
    ]


def night(looker: Looker) -> Night:
    """Return what ran since the office closed yesterday."""
    since = datetime.combine(looker.today - timedelta(days=1), CLOSES, looker.zone)
    lately = [run for run in looker.runs if run.started_at >= since]
    counts = {state: sum(run.state is state for run in lately) for state in RunState}
    lately.sort(key=lambda run: run.state not in BAD_RUNS)
    return Night(since, {state: count for state, count in counts.items() if count}, lately[:RUNS_SHOWN])
