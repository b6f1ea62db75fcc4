"""Put dates together: rows of cells (or gaps) before 年, 月 and 日, and the era in front of them."""

import re
from dataclasses import dataclass
from typing import Any

from ocr.propose.parts import Parts
from ocr.propose.prints import Print, plain, words
from ocr.propose.rect import Rect, around
from ocr.propose.rows import CellRun

ERAS = ("明治", "大正", "昭和", "平成", "令和")
UNITS = "年月日"
NEAR_MM = 8.0
"""A unit stands at most this far behind its cells."""

NARROWEST_GAP_MM = 5.0
"""A gap for handwriting between 年, 月 and 日 is at least this wide."""


@dataclass(frozen=True)
class DatePlace:
    """A date.

    Attributes:
        rect: All cells, without the eras.
        parts: Year, month and day: box and number of cells; 0 for a gap without cells.
        era: The printed era, "" when none was found.
        eras: The eras to choose from.
        in_cells: Whether cells are printed.
        words: Units and eras, which are no labels.
    """

    rect: Rect
    parts: tuple[tuple[Rect, int], ...]
    era: str
    eras: tuple[Print, ...]
    in_cells: bool
    words: tuple[Print, ...]

    def keys(self, boxes: dict[str, Any]) -> dict[str, Any]:
        """Return what the template says of the date."""
        era: Any = self.era or ("西暦" if self.parts[0][1] == 4 else "令和")
        if len(self.eras) > 1:
            era = {"style": "circle", "options": boxes}
        told = {"year": self.parts[0], "month": self.parts[1], "day": self.parts[2]}
        return {"era": era} | {
            name: {"box": rect.box(), "cells": count} for name, (rect, count) in told.items()
        }


def find_dates(parts: Parts) -> list[DatePlace]:
    """Return the dates of a page."""
    letters = [letter for line in parts.prints if not line.vertical for letter in _letters(line)]
    found = [_from_cells(parts, row, letters) for row in parts.rows]
    in_cells = [date for date in found if date]
    taken = [date.rect.grown(9, 1) for date in in_cells]
    loose = [date for date in _from_gaps(parts, letters) if not any(t.overlap(date.rect) > 0 for t in taken)]
    return in_cells + loose


def _letters(line: Print) -> list[Print]:
    """Return each character of a line as a print of its own."""
    half = 0.45 * line.size
    return [
        Print(c, Rect(x - half, line.rect.top, x + half, line.rect.bottom), line.size, centres=(x,))
        for c, x in zip(line.text, line.centres, strict=True)
        if not c.isspace()
    ]


def _unit_after(rect: Rect, letters: list[Print]) -> Print | None:
    near = [
        p
        for p in letters
        if -0.5 <= p.rect.left - rect.right <= NEAR_MM and rect.top <= p.rect.middle[1] <= rect.bottom
    ]
    return min(near, key=lambda p: p.rect.left, default=None)


def _from_cells(parts: Parts, first: CellRun, letters: list[Print]) -> DatePlace | None:
    run, pieces, units = first, [], []
    for unit in UNITS:
        after = _unit_after(run.rect, letters)
        if run.count not in (1, 2, 4) or after is None or after.text != unit:
            return None
        pieces.append((run.rect, run.count))
        units.append(after)
        if unit != "日":
            following = [
                r
                for r in parts.rows
                if r.rect.beside(run.rect) and 0 < r.rect.left - after.rect.middle[0] < 18
            ]
            if not following:
                return None
            run = min(following, key=lambda r: r.rect.left)
    rect = around(piece[0] for piece in pieces)
    eras = _eras_before(parts, rect)
    return DatePlace(rect, tuple(pieces), _era(eras), tuple(eras), True, (*units, *eras))


def _from_gaps(parts: Parts, letters: list[Print]) -> list[DatePlace]:
    """Dates without cells: 令和　　年　　月　　日."""
    found = []
    for year in (p for p in letters if p.text == "年"):
        line = [p for p in letters if p.rect.beside(year.rect) and p.rect.left > year.rect.left]
        following = sorted(line, key=lambda p: p.rect.left)[:2]
        if [p.text for p in following] != ["月", "日"]:
            continue
        before = [p for p in letters if p.rect.beside(year.rect) and p.rect.right <= year.rect.left + 0.5]
        edge = max((p.rect.right for p in before), default=year.rect.left - 14)
        cell = parts.cell_around(year.rect)
        edge = max(edge, year.rect.left - 18, cell.rect.left + 0.5 if cell else 0.0)
        rights = [year.rect.left, following[0].rect.left, following[1].rect.left]
        lefts = [edge, year.rect.right, following[0].rect.right]
        if min(b - a for a, b in zip(lefts, rights, strict=True)) < NARROWEST_GAP_MM:
            continue
        top, bottom = year.rect.top - 1.5, year.rect.bottom + 1.5
        pieces = [(Rect(a, top, b, bottom), 0) for a, b in zip(lefts, rights, strict=True)]
        rect = around(piece[0] for piece in pieces)
        eras = _eras_before(parts, rect)
        found.append(
            DatePlace(rect, tuple(pieces), _era(eras), tuple(eras), False, (year, *following, *eras))
        )
    return found


def _eras_before(parts: Parts, rect: Rect) -> list[Print]:
    """Return the eras printed left of a date, in its cell when it has one; also one above the other."""
    cell = parts.cell_around(rect)
    reach = cell.rect if cell else Rect(rect.left - 75, rect.top - 4, rect.left, rect.bottom + 4)
    found = []
    for line in parts.prints:
        inside = reach.holds(line.rect.middle) and line.rect.left < rect.left
        if inside and not line.vertical and line.rect.shared_height(rect.grown(0, 3)) > 0:
            for word in words(line):
                found += _eras_in(word)
    near = [p for p in found if p.rect.right <= rect.left + 2]
    return sorted(near, key=lambda p: (p.rect.left, p.rect.top))


def _eras_in(word: Print) -> list[Print]:
    text = word.text
    hits = [(m.start(), m.end()) for m in re.finditer("|".join((*ERAS, "西暦")), text)]
    half = 0.5 * word.size
    return [
        Print(
            text[a:b],
            Rect(word.centres[a] - half, word.rect.top, word.centres[b - 1] + half, word.rect.bottom),
            word.size,
            centres=word.centres[a:b],
        )
        for a, b in hits
    ]


def _era(eras: list[Print]) -> str:
    return plain(eras[0].text) if len(eras) == 1 else ""
