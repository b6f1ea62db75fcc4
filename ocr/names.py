"""Names on a free line: the space between family and given name, and well-known family names.

A known family name makes a reading likelier; an unknown one is never replaced, nor is anything added that the network
did not see.
"""

from functools import cache
from pathlib import Path

import numpy as np

from ocr.reading import RawReading
from ocr.recognisers.characters import Cell
from ocr.recognisers.tiles import ink_box
from ocr.template import AnyField

SURNAMES = Path(__file__).parent / "models" / "surnames.txt"
KNOWN_BONUS = 20.0
"""How many times likelier a family name of the list is than any one other text of the same look."""

GAP = 0.55
"""A space between two names is at least this share of the height of the characters …"""

LEAD = 1.5
"""… and this many times as wide as the next widest gap."""

FAR = 2.5
"""A little ink this many heights away from the name is no part of it: remains of print, a stain."""


@cache
def surnames() -> frozenset[str]:
    """Return the family names that are known (the most common ones of Japan, written from general knowledge)."""
    return frozenset(SURNAMES.read_text(encoding="utf-8").split())


def split_name(line: Cell) -> list[Cell]:
    """Return the line as two cells when there is one clear space in it, else as it is."""
    found = ink_box(line.ink)
    if found is None:
        return [line]
    x, _, width, height = found
    empty = np.flatnonzero(~line.ink[:, x : x + width].any(axis=0)) + x
    if not len(empty):
        return [line]
    runs = np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1)
    widest = sorted(runs, key=len)[-1]
    others = sorted((len(run) for run in runs if run is not widest), reverse=True)
    if len(widest) < GAP * height or (others and len(widest) < LEAD * others[0]):
        return [line]
    middle = int(widest[len(widest) // 2])
    parts = [
        Cell(line.gray[:, :middle], line.ink[:, :middle], line.alphabet),
        Cell(line.gray[:, middle:], line.ink[:, middle:], line.alphabet),
    ]
    areas = [int((part.ink > 0).sum()) for part in parts]
    if len(widest) > FAR * height and min(areas) < 0.25 * max(areas):
        return split_name(parts[areas.index(max(areas))])
    return parts


def with_surname(raw: RawReading, spec: AnyField) -> RawReading:
    """Return the reading of a line with its calibration group; in a field for names, known family names first."""
    if spec.kind != "kanji":
        return _grouped(raw)
    weighed = [
        (text, score * (KNOWN_BONUS if _begins_known(text) else 1.0)) for text, score in raw.candidates
    ]
    total = sum(score for _, score in weighed)
    seen = sum(score for _, score in raw.candidates)
    if not weighed or total <= 0:
        return _grouped(raw)
    ranked = tuple(sorted(((t, s / total * seen) for t, s in weighed), key=lambda item: -item[1]))
    return _grouped(RawReading(ranked[0][0], ranked[0][1], ranked, raw.reason))


def join_parts(family: RawReading, given: RawReading) -> RawReading:
    """Return family and given name as one value with a full-width space, the five best combinations first."""
    combined = [(f"{a}　{b}", p * q) for a, p in family.candidates for b, q in given.candidates]
    ranked = tuple(sorted(combined, key=lambda item: -item[1])[:5])
    value, score = ranked[0] if ranked else (f"{family.value}　{given.value}", 0.0)
    parts = family.parts + _grouped(given).parts
    return RawReading(value, score, ranked, family.reason or given.reason, parts)


def _grouped(raw: RawReading) -> RawReading:
    return RawReading(raw.value, raw.score, raw.candidates, raw.reason, (("line", raw.score),))


def _begins_known(text: str) -> bool:
    """Say whether the text is a known family name, alone or with one to three more characters."""
    return any(text[:length] in surnames() for length in (2, 3, 1) if length <= len(text) <= length + 3)
