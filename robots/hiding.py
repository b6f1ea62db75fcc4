"""Taking personal values out of texts that come from a target: its messages, its pages, its dialogs."""

import re
from collections.abc import Collection
from copy import copy

from backoffice.errors import HakadoriError
from backoffice.japanese.wareki import Style, from_date, parse_date
from backoffice.logs import mask
from robots.errors import DialogUnexpected

HIDDEN = "●●"
"""Takes the place of a personal value in what the target says."""
_SET_APART = "-‐‑–−－ー,，"
"""What stands between the digits of postal codes, telephone numbers and amounts; the hyphen first, for patterns."""
_SHORTEST_NUMBER = 4
"""A number of more digits is found however it is set apart; a shorter one would be found in every other number."""
_WIDE = 0xFEE0
"""From a digit to its full-width form."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STYLES = (Style.FULL, Style.PADDED, Style.LETTER, Style.JIS)


def spellings(value: str) -> set[str]:
    """Return the ways in which a target may write a value: a date in figures, and in the Japanese calendar."""
    if not _DAY.fullmatch(value):
        return {value}
    try:
        day = parse_date(value)
        era = from_date(day)
    except HakadoriError:
        return {value}
    western = {
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y/%m/%d}",
    }
    return {value, *western, *(era.format(style) for style in _STYLES)}


def hide(told: str, private: Collection[str]) -> str:
    """Return a text with personal values taken out, however they are spaced or set apart; single characters stay."""
    for value in sorted(private, key=len, reverse=True):
        pattern = _pattern(value)
        if pattern:
            told = re.sub(pattern, HIDDEN, told)
    return told


def _pattern(value: str) -> str:
    """Return what a value looks like in a text; empty for a single character. Numbers: 1234567, 123-4567, １２３."""
    letters = [letter for letter in value if not letter.isspace()]
    bare = "".join(letter for letter in letters if letter not in _SET_APART)
    if len(bare) > _SHORTEST_NUMBER and bare.isascii() and bare.isdigit():
        return rf"[{_SET_APART}\s]*".join(f"[{digit}{chr(ord(digit) + _WIDE)}]" for digit in bare)
    return r"\s*".join(map(re.escape, letters)) if len(letters) > 1 else ""


def without_personal(error: HakadoriError, private: Collection[str]) -> HakadoriError:
    """Return an error with personal values taken out of what it quotes: a dialog, the name of a file.

    A number of less than four digits stays: it stands in lines, rows and times as well.
    """
    told = [value for value in private if len(value) > 3 or not value.isdigit()]
    values = {name: hide(one, told) if isinstance(one, str) else one for name, one in error.values.items()}
    if isinstance(error, DialogUnexpected):
        values["said"] = harmless(str(error.values.get("said", "")), private)
    clean = copy(error)
    clean.where, clean.values = hide(error.where, told), values
    return clean


def harmless(told: str, private: Collection[str], *, longest: int = 500) -> str:
    """Return what a target said as it may be told and kept: no personal value, no long number, not too long."""
    return mask(hide(told, private))[:longest] or "-"
