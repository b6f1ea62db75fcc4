"""On which days a job is due, in the office's words: 開庁日, 月・水・金, 月末開庁日, 第3開庁日, 毎月10日(翌開庁日).

Every rule is a frozen value that answers one question, `holds(day, calendar)`.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from backoffice.calendar import OfficeCalendar, month_end, tax_deadline

WEEKDAYS = "月火水木金土日"
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = re.compile(r"(?:毎月|毎年(\d{1,2})月)(?:(\d{1,2})|末)日(?:[(\uff08](\w+)[)\uff09])?")
_NAMED_IN_ENGLISH = re.compile(r"(?:day (\d{1,2})|last day)(?: \(([a-z ]+)\))?")
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


class Move(StrEnum):
    """Where a named day goes when the office is closed on it."""

    STAY = "stay"
    NEXT = "翌開庁日"
    PREVIOUS = "前開庁日"
    TAX = "税の期限"


@dataclass(frozen=True)
class NamedDay:
    """毎月10日, 毎月末日, 毎年3月15日; it may move when the office is closed on it.

    In a month without such a day its last day counts (民法第143条第2項ただし書).

    Attributes:
        month: The month; None is every month.
        day: Day of the month; 31 is the last.
        move: Where it goes on a closed day. NEXT is 地方自治法第4条の2第4項, TAX 地方税法第20条の5第2項.
    """

    month: int | None
    day: int
    move: Move = Move.STAY

    def holds(self, day: date, calendar: OfficeCalendar) -> bool:
        """Say whether the named day of this or a neighbouring month falls on this day."""
        first = day.year * 12 + day.month - 1
        near = [first] if self.move is Move.STAY else [first - 1, first, first + 1]
        return any(self._falls_on(months, calendar) == day for months in near if self._is_meant(months))

    def _is_meant(self, months: int) -> bool:
        return self.month is None or months % 12 + 1 == self.month

    def _falls_on(self, months: int, calendar: OfficeCalendar) -> date:
        end = month_end(months // 12, months % 12 + 1)
        named = end.replace(day=min(self.day, end.day))
        match self.move:
            case Move.NEXT:
                return calendar.deadline(named)
            case Move.PREVIOUS:
                return named if calendar.is_open(named) else calendar.previous_open(named)
            case Move.TAX:
                return tax_deadline(named)
            case _:
                return named


_MOVES = {move.value: move for move in Move if move is not Move.STAY} | {
    "next open": Move.NEXT,
    "previous open": Move.PREVIOUS,
    "tax deadline": Move.TAX,
}
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
KNOWN_DAYS = (
    *_WORDS,
    "第3開庁日",
    "月・水・金",
    "mon,wed,fri",
    "毎月10日",
    "毎月末日",
    "毎月10日(翌開庁日)",
    "毎月末日(前開庁日)",
    "毎月10日(税の期限)",
    "毎年3月15日(翌開庁日)",
    "day 10 (next open)",
)
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
    named = _NAMED.fullmatch(word)
    if named:
        return _named_day(named[1], named[2], named[3], text)
    english = _NAMED_IN_ENGLISH.fullmatch(word.casefold())
    if english:
        return _named_day(None, english[1], english[2], text)
    return Weekdays(frozenset(_weekday(part, text) for part in re.split(r"[・、,\s]+", word)))


def as_deadline(days: Days) -> Days:
    """Return the rule for a deadline: a named day that is closed moves on unless it says otherwise."""
    return replace(days, move=Move.NEXT) if isinstance(days, NamedDay) and days.move is Move.STAY else days


def _named_day(month: str | None, day: str | None, move: str | None, text: str) -> NamedDay:
    named = NamedDay(int(month) if month else None, int(day) if day else 31)
    months = range(1, 13) if named.month is None else [named.month]
    longest = max((month_end(2028, one).day for one in months if 1 <= one <= 12), default=0)
    if not 1 <= named.day <= (longest if day else 31) or not longest or (move and move not in _MOVES):
        raise DaysUnknown(text)
    return replace(named, move=_MOVES[move]) if move else named


def _weekday(word: str, text: str) -> int:
    short = word.removesuffix("日") if len(word) > 1 else word
    short = short.removesuffix("曜")
    if len(short) == 1 and short in WEEKDAYS:
        return WEEKDAYS.index(short)
    if word.casefold()[:3] in _ENGLISH and word.isascii():
        return _ENGLISH.index(word.casefold()[:3])
    raise DaysUnknown(text)
