"""Tell small kana (ッ ャ ュ ョ) from full-size ones by their size beside the others of the same row.

Cut to its ink, ョ and ヨ are the same picture; only the writer's other characters tell them apart.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocr.cleanup import Mask
from ocr.recognisers.characters import CellReading
from ocr.recognisers.tiles import ink_box

LARGE = "あいうえおつやゆよわアイウエオツヤユヨワカケ"
SMALL = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
_PAIRS = {**dict(zip(LARGE, SMALL, strict=True)), **dict(zip(SMALL, LARGE, strict=True))}

TURNING_POINT, SPREAD = 0.76, 0.06
"""A small kana is about 0.6 of the height of its neighbours, a full one 0.85 or more (development scans)."""

UNSEEN = 0.2
"""Each of the two keeps at least this share of their common score before size is weighed."""


def size_kana(cells: Sequence[CellReading | None], inks: Sequence[Mask]) -> list[CellReading | None]:
    """Return the readings with each pair of small and large kana weighed by size.

    The cell reader has looked at the size within the cell already; this adds the size beside the writer's others.

    Args:
        cells: Readings of one row; None for an empty cell.
        inks: The strokes of each cell at one scale.
    """
    sizes = [_size(ink) if cell is not None else 0.0 for cell, ink in zip(cells, inks, strict=True)]
    full = [size for cell, size in zip(cells, sizes, strict=True) if cell and _tells_size(cell.best)]
    if len(full) < 2:
        return list(cells)
    usual = float(np.median(full))
    return [
        None if cell is None else _weigh(cell, size / usual) for cell, size in zip(cells, sizes, strict=True)
    ]


def _weigh(cell: CellReading, ratio: float) -> CellReading:
    scores = dict(cell.candidates)
    small = 1 / (1 + math.exp(-(TURNING_POINT - ratio) / SPREAD))
    weighed: dict[str, float] = {}
    for character in scores:
        pair = _PAIRS.get(character)
        if pair is None:
            weighed[character] = scores[character]
            continue
        together = scores[character] + scores.get(pair, 0.0)
        shares = {one: max(scores.get(one, 0.0), UNSEEN * together) for one in (character, pair)}
        shares = {one: share * (small if one in SMALL else 1 - small) for one, share in shares.items()}
        for one, share in shares.items():
            weighed[one] = together * share / sum(shares.values())
    ranked = sorted(weighed.items(), key=lambda item: -item[1])[:5]
    return replace(cell, candidates=tuple(ranked))


def _tells_size(character: str) -> bool:
    return character not in _PAIRS and character != "ー"


def _size(ink: Mask) -> float:
    found = ink_box(ink)
    return float(max(found[2], found[3])) if found else 0.0
