"""What has happened that people shall be told: read from the books, so that neither a crash nor a restart hides it.

failure, refused, in_doubt, item_failures, unfinished     a firing that ended so
nothing_arrived                                           an inbox that stayed empty until its deadline

Each has a key that is the same whenever it is looked at, so that the book of notices takes it once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from backoffice.calendar import OfficeCalendar
from backoffice.tables import received_files
from scheduler.days import as_deadline, parse_days
from scheduler.due import will_retry
from scheduler.job import Job
from scheduler.notify import Event, Expectation
from scheduler.office import Office
from scheduler.past import Firing, last_firings
from scheduler.times import parse_clock
from scheduler.triggers import Rule, Timetable, slot_name

TELL_WITHIN = timedelta(days=3)
"""What lies further back is told no more: a service that was off over a long weekend tells of Friday night."""
ARRIVAL_WITHIN = timedelta(days=1)
_NOT_APPROVED = frozenset({"robots.not_approved", "robots.changed_since_approval"})
_FAILURES = ("business_failure", "system_failure", "failed", "refused")
_TOLD_COUNTS = ("done", "recorded", "waiting", "in_doubt", "retry", "left", *_FAILURES)


@dataclass(frozen=True)
class Occasion:
    """Something to tell about one job.

    Attributes:
        key: Its name, the same whenever it is looked at.
        event: What it is.
        facts: Words of declarations, numbers and times.
    """

    key: str
    event: Event
    facts: Mapping[str, Any]


def occasions(
    job: Job, office: Office, now: datetime, has_files: Callable[[str], bool] | None = None
) -> Iterator[Occasion]:
    """Yield everything about a job that people may be told at this moment, whether or not it was told before."""
    for firing in last_firings(office.runs, job.job):
        if firing.ended_at is not None and now - firing.ended_at < TELL_WITHIN:
            for event in _events(job, office, firing):
                yield Occasion(f"{event}/{firing.first.id}", event, _of_firing(firing))
    if job.expects is not None and job.read is not None:
        yield from _not_arrived(job, job.expects, office, now, has_files)


def deadlines(expects: Expectation, calendar: OfficeCalendar, zone: ZoneInfo) -> Timetable:
    """Return the moments by which files must have arrived; named days that are closed move to the next open day."""
    rule = Rule(as_deadline(parse_days(expects.days)), (parse_clock(expects.by),))
    return Timetable((rule,), calendar, zone)


def _events(job: Job, office: Office, firing: Firing) -> Iterator[Event]:
    by_person = firing.first.trigger == "person"
    refused = any(run.cause in _NOT_APPROVED for run in firing.broken)
    if firing.broken and not by_person and not will_retry(job, office, firing):
        yield Event.REFUSED if refused else Event.FAILURE
    if _counted(firing, "in_doubt"):
        yield Event.IN_DOUBT
    if not by_person and not firing.broken and any(_counted(firing, name) for name in _FAILURES):
        yield Event.ITEM_FAILURES
    if not by_person and firing.stopped:
        yield Event.UNFINISHED


def _of_firing(firing: Firing) -> dict[str, Any]:
    counts = {name: number for name in _TOLD_COUNTS if (number := _counted(firing, name))}
    return {
        "run": firing.first.id,
        "started_at": slot_name(firing.first.started_at),
        "ended_at": slot_name(firing.ended_at or firing.first.started_at),
        "counts": counts,
    }


def _counted(firing: Firing, name: str) -> int:
    numbers = [run.counts.get(name, 0) for run in firing.runs]
    return sum(number for number in numbers if isinstance(number, int))


def _not_arrived(
    job: Job,
    expects: Expectation,
    office: Office,
    now: datetime,
    has_files: Callable[[str], bool] | None,
) -> Iterator[Occasion]:
    table, known = deadlines(expects, office.calendar, office.zone), office.runs.first_firing(job.job)
    deadline = table.previous_slot(now)
    if deadline is None or now - deadline > ARRIVAL_WITHIN or known is None or known > deadline:
        return
    before = table.previous_slot(deadline - timedelta(seconds=1))
    inbox = job.read or job.department
    arrived = _arrived(inbox, max(before or known, known), office)
    if arrived >= expects.at_least or (has_files is not None and has_files(inbox)):
        return
    facts = {"deadline": slot_name(deadline), "arrived": arrived, "at_least": expects.at_least}
    yield Occasion(f"{Event.NOTHING_ARRIVED}/{job.job}/{slot_name(deadline)}", Event.NOTHING_ARRIVED, facts)


def _arrived(inbox: str, since: datetime, office: Office) -> int:
    """Count the files that a department handed in since some moment, whatever became of them."""
    table = received_files
    query = sa.select(table.c.id).where(table.c.department == inbox, table.c.received_at > since)
    count = sa.select(sa.func.count()).select_from(query.subquery())
    with office.database.connect().execution_options(read_only=True) as connection:
        return int(connection.execute(count).scalar_one())
