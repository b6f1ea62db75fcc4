"""Dates as clerks type them: ``2026-04-01``, ``2026/4/1``, ``昭和50年1月31日``, ``S50.1.31``.

The first and last days of the eras are those of the era change ordinances (政令); 明治 is taken from
1873-01-01, the day the solar calendar came into force, because earlier dates cannot be written as they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Era:
    """One era (元号) with its letter and its real days; ``last`` is None for the present one."""

    name: str
    letter: str
    start_year: int
    first: date
    last: date | None


ERAS = (
    Era("明治", "M", 1868, date(1873, 1, 1), date(1912, 7, 29)),
    Era("大正", "T", 1912, date(1912, 7, 30), date(1926, 12, 24)),
    Era("昭和", "S", 1926, date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "H", 1989, date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "R", 2019, date(2019, 5, 1), None),
)


@dataclass(frozen=True)
class JapaneseDay:
    """A day as the era boxes hold it; ``year`` counts from 1."""

    era: str
    year: int
    month: int
    day: int

    @property
    def text(self) -> str:
        """Such as ``昭和50年1月31日``."""
        return f"{self.era}{self.year}年{self.month}月{self.day}日"


_WESTERN = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_JAPANESE = re.compile(r"(明治|大正|昭和|平成|令和)(元|[0-9]{1,2})年([0-9]{1,2})月([0-9]{1,2})日", re.ASCII)
_LETTER = re.compile(r"([MTSHR])([0-9]{1,2})([./-])([0-9]{1,2})\3([0-9]{1,2})", re.ASCII | re.IGNORECASE)


def parse_western(text: str) -> date | None:
    """Read ``2026-04-01`` or ``2026/4/1``; None when it is not a date of the calendar."""
    found = _WESTERN.fullmatch(text)
    return _calendar_day(int(found[1]), found[3], found[4]) if found else None


def parse_japanese(text: str) -> date | None:
    """Read ``昭和50年1月31日`` or ``S50.1.31``; None when the day does not exist in that era."""
    if found := _JAPANESE.fullmatch(text):
        return _era_day(found[1], found[2], found[3], found[4])
    if found := _LETTER.fullmatch(text):
        return _era_day(found[1].upper(), found[2], found[4], found[5])
    return None


def in_japanese(day: date) -> JapaneseDay:
    """Write a day from 1873-01-01 on in its era.

    Raises:
        ValueError: The day is earlier.
    """
    for era in reversed(ERAS):
        if era.first <= day:
            return JapaneseDay(era.name, day.year - era.start_year + 1, day.month, day.day)
    raise ValueError(f"no era for {day}: the solar calendar came into force on 1873-01-01")


def _era_day(name: str, year: str, month: str, day: str) -> date | None:
    era = next(era for era in ERAS if name in (era.name, era.letter))
    number = 1 if year == "元" else int(year)
    found = _calendar_day(era.start_year + number - 1, month, day) if number else None
    if found is None or found < era.first or (era.last is not None and found > era.last):
        return None
    return found


def _calendar_day(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None
