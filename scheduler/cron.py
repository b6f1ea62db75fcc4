"""The five fields of cron, read the way cron reads them: `30 8 * * 1-5` is 08:30 from Monday to Friday.

Written here because APScheduler counts Monday as 0 where cron counts Sunday, and joins day-of-month and day-of-week
with "and" where cron says "or". Source: crontab(5) of Vixie cron and POSIX.1-2017, crontab, "INPUT FILES".
"""

import re
from dataclasses import dataclass
from datetime import date, time

from backoffice.calendar import OfficeCalendar
from scheduler.times import TimeUnreadable

_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES: tuple[tuple[str, ...], ...] = (
    (),
    (),
    (),
    ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
)
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


@dataclass(frozen=True)
class CronDays:
    """The days of a cron line.

    Attributes:
        days: Days of the month.
        months: Months.
        weekdays: Days of the week, cron's count: 0 = Sunday.
        either: A day of the month or a day of the week is enough (both fields are restricted).
    """

    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say whether the line is due on this day."""
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        fits = (by_month or by_week) if self.either else (by_month and by_week)
        return fits and day.month in self.months


def parse_cron(text: str) -> tuple[CronDays, tuple[time, ...]]:
    """Read a cron line of five fields: minute, hour, day of month, month, day of week.

    Returns:
        Its days and its times of day, in order.

    Raises:
        TimeUnreadable: It is no such line.
    """
    fields = text.split()
    if len(fields) != 5:
        raise TimeUnreadable(text)
    minutes, hours, days, months, weekdays = (_values(field, n) for n, field in enumerate(fields))
    either = not fields[2].startswith("*") and not fields[4].startswith("*")
    rule = CronDays(days, months, frozenset(day % 7 for day in weekdays), either)
    return rule, tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))


def _values(field: str, position: int) -> frozenset[int]:
    return frozenset(value for part in field.split(",") for value in _range(part, position))


def _range(part: str, position: int) -> range:
    low, high = _FIELDS[position]
    found = _PART.fullmatch(part)
    if found is None or (found[1] == "*" and found[2]):
        raise TimeUnreadable(part)
    step = int(found[3] or 1)
    if found[1] == "*":
        first, last = low, high
    else:
        first = _number(found[1], position)
        last = _number(found[2], position) if found[2] else (high if found[3] else first)
    if not low <= first <= last <= high or step < 1:
        raise TimeUnreadable(part)
    return range(first, last + 1, step)


def _number(word: str, position: int) -> int:
    if word.isdecimal():
        return int(word)
    names = _NAMES[position]
    if word.casefold() in names and word:
        return names.index(word.casefold())
    raise TimeUnreadable(word)
