"""On which days a job is due, in the office's words: 開庁日, 閉庁日, 毎日, 月・水・金, 月末開庁日, 第3開庁日.

Every rule is a frozen value that answers one question, `holds(day, calendar)`.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from backoffice.calendar import OfficeCalendar

WEEKDAYS = "月火水木金土日"
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NTH = re.compile(r"第(\d{1,2})開庁日")


class DaysUnknown(ValueError):
    """The text names no rule for days."""


class Days(Protocol):
    """A rule that picks days."""

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say whether the job is due on this day."""
        ...


@dataclass(frozen=True)
class EveryDay:
    """毎日."""

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say yes."""
        return True


@dataclass(frozen=True)
class OfficeDays:
    """開庁日 (open) or 閉庁日 (not open)."""

    open: bool

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say whether the office is open (or closed) on this day."""
        return calendar.is_open(day) is self.open


@dataclass(frozen=True)
class Weekdays:
    """Days of the week, 0 = Monday, whether or not the office is open."""

    numbers: frozenset[int]

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say whether it is one of these days of the week."""
        return day.weekday() in self.numbers


@dataclass(frozen=True)
class NthOpenDay:
    """第n開庁日 of the month; −1 is 月末開庁日."""

    n: int

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say whether it is the n-th open day of its month."""
        return calendar.nth_open_day(day.year, day.month, self.n) == day


_WORDS: dict[str, Days] = {
    "毎日": EveryDay(),
    "開庁日": OfficeDays(open=True),
    "閉庁日": OfficeDays(open=False),
    "月初開庁日": NthOpenDay(1),
    "月末開庁日": NthOpenDay(-1),
    "every_day": EveryDay(),
    "open_days": OfficeDays(open=True),
    "closed_days": OfficeDays(open=False),
    "first_open_day": NthOpenDay(1),
    "last_open_day": NthOpenDay(-1),
}
KNOWN_DAYS = (*_WORDS, "第3開庁日", "月・水・金", "mon,wed,fri")
"""What an error message offers."""


def parse_days(text: str) -> Days:
    """Read a rule for days.

    Raises:
        DaysUnknown: No rule is written so.
    """
    word = text.strip()
    if word in _WORDS:
        return _WORDS[word]
    nth = _NTH.fullmatch(word)
    if nth and 1 <= int(nth[1]) <= 23:  # no month has more than 23 days from Monday to Friday
        return NthOpenDay(int(nth[1]))
    return Weekdays(frozenset(_weekday(part, text) for part in re.split(r"[・、,\s]+", word)))


def _weekday(word: str, text: str) -> int:
    short = word.removesuffix("日") if len(word) > 1 else word
    short = short.removesuffix("曜")
    if len(short) == 1 and short in WEEKDAYS:
        return WEEKDAYS.index(short)
    if word.casefold()[:3] in _ENGLISH and word.isascii():
        return _ENGLISH.index(word.casefold()[:3])
    raise DaysUnknown(text)
