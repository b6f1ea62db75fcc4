"""The calendar of coming runs: day by day what is due when, and why the office is closed on a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from backoffice.calendar import Closed, OfficeCalendar, holiday_name
from scheduler.job import Job
from scheduler.occasions import deadlines
from scheduler.triggers import Timetable, timetable


@dataclass(frozen=True)
class Entry:
    """One moment of one day.

    Attributes:
        at: When, local and aware.
        job: Which job.
        what: "run" it is due, or "deadline" by which files must have arrived for it.
    """

    at: datetime
    job: str
    what: Literal["run", "deadline"]


@dataclass(frozen=True)
class Day:
    """One day of the calendar.

    Attributes:
        day: The day.
        closed: Why the office is closed; None when it is open.
        holiday: Name of the national holiday, whether or not the office is open.
        entries: What is due, by time and job.
    """

    day: date
    closed: Closed | None
    holiday: str | None
    entries: tuple[Entry, ...]


def agenda(
    jobs: Iterable[Job], calendar: OfficeCalendar, zone: ZoneInfo, first: date, days: int
) -> list[Day]:
    """Return some days in a row with what is due on each.

    Args:
        jobs: The jobs to show.
        calendar: When the office is open.
        zone: The zone in which times are meant.
        first: The first day.
        days: How many days, the first included.
    """
    after = datetime.combine(first, time(), tzinfo=zone) - timedelta(microseconds=1)
    until = datetime.combine(first + timedelta(days=days - 1), time.max, tzinfo=zone)
    entries = sorted(
        (entry for job in jobs for entry in _entries(job, calendar, zone, after, until)),
        key=lambda entry: (entry.at, entry.job),
    )
    every_day = [first + timedelta(days=n) for n in range(days)]
    return [
        Day(
            day,
            calendar.why_closed(day),
            holiday_name(day),
            tuple(entry for entry in entries if entry.at.date() == day),
        )
        for day in every_day
    ]


def _entries(
    job: Job, calendar: OfficeCalendar, zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[Entry]:
    for slot in timetable(job, calendar, zone).slots(after, until):
        yield Entry(slot, job.job, "run")
    if job.expects is not None:
        table: Timetable = deadlines(job.expects, calendar, zone)
        for slot in table.slots(after, until):
            yield Entry(slot, job.job, "deadline")
