"""Names on a free line: the space between family and given name."""

import numpy as np

from ocr.reading import RawReading
from ocr.recognisers.characters import Cell
from ocr.recognisers.tiles import ink_box

GAP = 0.55
"""A space between two names is at least this share of the height of the characters …"""

LEAD = 1.5
"""… and this many times as wide as the next widest gap."""

FAR = 2.5
"""A little ink this many heights away from the name is no part of it: remains of print, a stain."""


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


def join_parts(family: RawReading, given: RawReading) -> RawReading:
    """Return family and given name as one value with a full-width space, the five best combinations first."""
    combined = [(f"{a}　{b}", p * q) for a, p in family.candidates for b, q in given.candidates]
    ranked = tuple(sorted(combined, key=lambda item: -item[1])[:5])
    value, score = ranked[0] if ranked else (f"{family.value}　{given.value}", 0.0)
    return RawReading(value, score, ranked, family.reason or given.reason, family.parts + given.parts)
