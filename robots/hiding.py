"""Taking personal values out of texts that come from a target: its messages, its pages, its dialogs."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy

from backoffice.errors import HakadoriError
from backoffice.japanese.wareki import Style, from_date, parse_date
from backoffice.logs import mask
from robots.errors import DialogUnexpected

HIDDEN = "●●"
"""Takes the place of a personal value in what the target says."""
_SET_APART = "-‐‑–−－ー,，"
"""What stands between the digits of postal codes, telephone numbers and amounts."""
_SHORTEST_NUMBER = 4
"""A number of more digits is found however it is set apart; a shorter one would be found in every other number."""
_SHORTEST = 2
"""A single character is in every text."""
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""Full-width signs to those of one width, one for one: １２３ is compared as 123, and every place stays the same."""
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
    """Return a text with personal values taken out, however they are spaced or set apart; single characters stay.

    Each value is looked up in the text as if nothing stood between its characters: that takes a text of thousands of
    rows with thousands of values, where a pattern for each value took minutes.
    """
    narrow = told.translate(_NARROW)
    squeezed: dict[Callable[[str], bool], tuple[Sequence[int], str]] = {}
    found: list[tuple[int, int]] = []
    for passed, value in {_sought(value.translate(_NARROW)) for value in private}:
        if len(value) < _SHORTEST:
            continue
        if passed not in squeezed:
            squeezed[passed] = _without(narrow, passed)
        places, text = squeezed[passed]
        at = text.find(value)
        while at >= 0:
            found.append((places[at], places[at + len(value) - 1] + 1))
            at = text.find(value, at + len(value))
    return _with_hidden(told, sorted(found))


def _sought(value: str) -> tuple[Callable[[str], bool], str]:
    """Return what may stand between the characters of a value, and the value without it: 123-4567 is 1234567."""
    letters = "".join(letter for letter in value if not letter.isspace())
    bare = "".join(letter for letter in letters if letter not in _SET_APART)
    if not (bare.isascii() and bare.isdigit()):
        return str.isspace, letters
    if len(bare) > _SHORTEST_NUMBER:
        return _sets_digits_apart, bare
    return _is_space, letters


def _is_space(letter: str) -> bool:
    """Say whether it is a space within a line: a tab or a new line parts the cells of a table, and two numbers."""
    return letter.isspace() and letter not in "\t\n\v\f\r\x85\u2028\u2029"


def _sets_digits_apart(letter: str) -> bool:
    return letter in _SET_APART or _is_space(letter)


def _without(text: str, passed: Callable[[str], bool]) -> tuple[Sequence[int], str]:
    """Return a text without some characters, and where in the whole text each of those that are left stands."""
    gone = {letter for letter in set(text) if passed(letter)}
    places = [at for at, letter in enumerate(text) if letter not in gone]
    return places, "".join([text[at] for at in places])


def _with_hidden(told: str, found: Iterable[tuple[int, int]]) -> str:
    """Return a text with these places hidden, from the first; places that overlap are one."""
    pieces: list[str] = []
    shown_from = 0
    for begin, end in found:
        if begin >= shown_from:
            pieces += [told[shown_from:begin], HIDDEN]
        shown_from = max(shown_from, end)
    return "".join([*pieces, told[shown_from:]])


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
