"""The office calendar: on which days the town hall is open, and where a deadline moves.

Closed are Saturdays, Sundays, national holidays (`jpholiday`), the turn of the year by the town's ordinance
(mostly 12-29 to 01-03, settable), and days that the town adds. A town may also open a day that would be closed,
such as the last Sunday of March for moving-in; that wins over every other rule.

Sources: 地方自治法第4条の2 (closed days of a town by ordinance; 第4項: a deadline on such a day falls on the
day after it); 民法第142条 and 地方税法第20条の5第2項 with 地方税法施行令第6条の18第2項 (deadlines of local
tax).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Self

import jpholiday

from backoffice.errors import SettingsError
from backoffice.settings import CalendarSettings

_ONE_DAY = timedelta(days=1)
_LONGEST_SEARCH = 400  # days; a calendar with no open day within is a mistake in the settings
SATURDAY, SUNDAY = 5, 6


class Closed(StrEnum):
    """Why the office is closed on a day; the first that applies."""

    TOWN = "town"
    YEAR_END = "year_end"
    HOLIDAY = "holiday"
    SUNDAY = "sunday"
    SATURDAY = "saturday"


@dataclass(frozen=True)
class YearEnd:
    """The closed days around the new year, both ends included.

    Attributes:
        first: (month, day) of the first closed day, in the old year.
        last: (month, day) of the last closed day, in the new year.
    """

    first: tuple[int, int] = (12, 29)
    last: tuple[int, int] = (1, 3)

    @classmethod
    def parse(cls, first: str, last: str) -> "YearEnd":
        """Build it from the settings' form "12-29", "01-03".

        Raises:
            SettingsError: When either is not a month and a day, or the first is not after the last in the calendar.
        """
        year_end = cls(_month_day(first), _month_day(last))
        if year_end.first <= year_end.last:
            raise SettingsError("japanese.year_end_order", first=first, last=last)
        return year_end

    def holds(self, day: date) -> bool:
        """Say whether the day lies in it."""
        return (day.month, day.day) >= self.first or (day.month, day.day) <= self.last


@dataclass(frozen=True)
class OfficeCalendar:
    """When one town hall is open. Frozen and without a clock: every answer follows from the arguments.

    Attributes:
        year_end: Closed days around the new year; None when the town has none.
        closed: Extra closed days of the town (慰霊の日 on 23 June in Okinawa, 地方自治法第4条の2第3項).
        open: Extra open days; they win over weekends, holidays and the turn of the year.

    Raises:
        SettingsError: When a day is both extra closed and extra open.
    """

    year_end: YearEnd | None = field(default_factory=YearEnd)
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        both = self.closed & self.open
        if both:
            raise SettingsError("japanese.open_and_closed", day=min(both).isoformat())

    @classmethod
    def from_settings(cls, settings: CalendarSettings) -> Self:
        """Build it from the part `calendar` of the settings.

        Raises:
            SettingsError: When `year_end` makes no sense, or a day is both open and closed.
        """
        first, last = settings.year_end
        return cls(YearEnd.parse(first, last), frozenset(settings.closed), frozenset(settings.open))

    def why_closed(self, day: date) -> Closed | None:
        """Return why the office is closed on this day, or None when it is open."""
        return None if day in self.open else self._holiday_by_ordinance(day)

    def _holiday_by_ordinance(self, day: date) -> Closed | None:
        if day in self.closed:
            return Closed.TOWN
        if self.year_end is not None and self.year_end.holds(day):
            return Closed.YEAR_END
        if holiday_name(day) is not None:
            return Closed.HOLIDAY
        return {SATURDAY: Closed.SATURDAY, SUNDAY: Closed.SUNDAY}.get(day.weekday())

    def is_open(self, day: date) -> bool:
        """Say whether the office is open on this day."""
        return self.why_closed(day) is None

    def next_open(self, day: date) -> date:
        """Return the first open day after this day.

        Raises:
            SettingsError: When no day of the following 400 is open.
        """
        return _seek(day + _ONE_DAY, _ONE_DAY, self.is_open)

    def previous_open(self, day: date) -> date:
        """Return the last open day before this day.

        Raises:
            SettingsError: When none of the 400 days before is open.
        """
        return _seek(day - _ONE_DAY, -_ONE_DAY, self.is_open)

    def open_days(self, first: date, last: date) -> list[date]:
        """Return the open days from first to last, both included; empty when last is before first."""
        return [day for day in _days(first, last) if self.is_open(day)]

    def nth_open_day(self, year: int, month: int, n: int) -> date | None:
        """Return the n-th open day of a month, from 1; −1 is the last one. None when the month has not so many.

        Raises:
            ValueError: When n is 0 or the month does not exist.
        """
        if n == 0:
            raise ValueError("open days are counted from 1, or from -1 at the end of the month; 0 is no day")
        days = self.open_days(date(year, month, 1), month_end(year, month))
        index = n - 1 if n > 0 else n
        return days[index] if -len(days) <= index < len(days) else None

    def last_open_day(self, year: int, month: int) -> date | None:
        """Return the last open day of a month; None when the office is closed all month."""
        return self.nth_open_day(year, month, -1)

    def add_open_days(self, day: date, count: int) -> date:
        """Return the day that is `count` open days after (negative: before) this day, which itself is not counted.

        Raises:
            SettingsError: When no open day is found for 400 days.
        """
        for _ in range(abs(count)):
            day = self.next_open(day) if count > 0 else self.previous_open(day)
        return day

    def deadline(self, day: date) -> date:
        """Return where a deadline on this day falls: the day itself, or the next open day when the office is closed.

        A Sunday that the town opens specially stays a holiday by ordinance: a deadline moves past it too.

        Source: 地方自治法第4条の2第4項 for applications to the town, on the town's own closed days. For the
        payment and filing of local tax see `tax_deadline`: there the law, not the town's calendar, names the
        days.

        Raises:
            SettingsError: When no day of the following 400 is open.
        """
        return _seek(day, _ONE_DAY, lambda candidate: self._holiday_by_ordinance(candidate) is None)


def tax_deadline(day: date) -> date:
    """Return where a deadline of local tax on this day falls, whatever days the town adds or opens.

    It moves past Sundays, national holidays, 2 and 3 January (民法第142条の休日), Saturdays and 29, 30, 31 December.

    Source: 地方税法第20条の5第2項, 地方税法施行令第6条の18第2項.
    """
    return _seek(day, _ONE_DAY, OfficeCalendar().is_open)


def month_end(year: int, month: int) -> date:
    """Return the last day of a month.

    Raises:
        ValueError: When the month does not exist.
    """
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - _ONE_DAY


def holiday_name(day: date) -> str | None:
    """Return the name of the national holiday on this day, 振替休日 and 国民の休日 included, or None.

    Right from 1948-07-20, when 国民の祝日に関する法律 came into force; the equinoxes of coming years are
    computed, and the official days are published each February for the year after.
    """
    return _holidays(day.year).get(day)


@cache
def _holidays(year: int) -> dict[date, str]:
    return dict(jpholiday.year_holidays(year))


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _ONE_DAY


def _seek(day: date, step: timedelta, wanted: Callable[[date], bool]) -> date:
    for _ in range(_LONGEST_SEARCH):
        if wanted(day):
            return day
        day += step
    raise SettingsError("japanese.never_open", days=_LONGEST_SEARCH)


def _month_day(text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2000-{text}")
    except ValueError as error:
        raise SettingsError("japanese.not_a_month_and_day", found=text) from error
    return day.month, day.day
