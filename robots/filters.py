"""Filters of `${… | filter}`: each changes a value in one way that offices need, or refuses it.

A filter raises ValueError for a value it cannot take; the message is never shown, because the value may be personal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeVar

import jaconv

from backoffice.errors import HakadoriError
from backoffice.japanese.digits import digits_only
from backoffice.japanese.kana import widen_kana
from backoffice.japanese.wareki import Style, Wareki, from_date, parse_date

_T = TypeVar("_T")


@dataclass(frozen=True)
class Filter:
    """One filter.

    Attributes:
        name: As written after the bar.
        summary: What it does, for the reference.
        takes_argument: Whether `name: argument` is asked for.
        apply: Changes a value; gets None when there is no value.
    """

    name: str
    summary: str
    takes_argument: bool
    apply: Callable[[str | None, str | None], str | None]


def wareki(value: str) -> str:
    """Write a date in the Japanese calendar: 2026-04-01 becomes 令和8年4月1日."""
    return _wareki(value).format(Style.FULL)


def wareki_short(value: str) -> str:
    """Write a date in the short Japanese form: 2026-04-01 becomes R8.4.1."""
    return _wareki(value).format(Style.LETTER)


def era(value: str) -> str:
    """Take the era of a date: 2026-04-01 becomes 令和."""
    return _wareki(value).era.name


def era_year(value: str) -> str:
    """Take the year of the era of a date: 2026-04-01 becomes 8."""
    return str(_wareki(value).year)


def year(value: str) -> str:
    """Take the western year of a date: 2026-04-01 becomes 2026."""
    return str(_day(value).year)


def month(value: str) -> str:
    """Take the month of a date, without a leading zero."""
    return str(_day(value).month)


def day(value: str) -> str:
    """Take the day of the month of a date, without a leading zero."""
    return str(_day(value).day)


def zenkaku(value: str) -> str:
    """Turn half-width letters, digits and kana into full-width ones."""
    return str(jaconv.h2z(widen_kana(value), kana=False, ascii=True, digit=True))


def hankaku(value: str) -> str:
    """Turn full-width letters, digits and katakana into half-width ones."""
    return str(jaconv.z2h(value, kana=True, ascii=True, digit=True))


def digits(value: str) -> str:
    """Keep the digits of a code and drop hyphens, spaces and brackets; leading zeros stay."""
    return _trying(digits_only, value)


def _default(value: str | None, argument: str | None) -> str | None:
    return value or argument


def _plain(function: Callable[[str], str]) -> Filter:
    def apply(value: str | None, _argument: str | None) -> str | None:
        return function(value) if value else value

    return Filter(function.__name__, (function.__doc__ or "").strip(), False, apply)


def _trying(function: Callable[[str], _T], value: str) -> _T:
    try:
        return function(value)
    except HakadoriError as error:
        raise ValueError(error.key) from error


def _day(value: str) -> date:
    return _trying(parse_date, value)


def _wareki(value: str) -> Wareki:
    day = _day(value)
    return _trying(lambda _: from_date(day), value)


_PLAIN = (wareki, wareki_short, era, era_year, year, month, day, zenkaku, hankaku, digits)
FILTERS: Mapping[str, Filter] = MappingProxyType(
    {function.__name__: _plain(function) for function in _PLAIN}
    | {"default": Filter("default", "Take this text when there is no value.", True, _default)}
)
"""Every filter by its name. An empty value stays empty; only `default` fills it."""
