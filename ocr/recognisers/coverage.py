"""Ink on a line that no character accounts for: how a skipped character is noticed.

The network's commonest mistake on handwriting is to skip a character, and it is quite sure of it. But a skipped
character leaves ink between its neighbours. On composed lines this tells right texts from texts with skipped
characters in 90 % of pairs (area under the curve; part A of `ocr/training/lines_compose.py`).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ocr.recognisers.decode import Slot
from ocr.recognisers.line import Tile

STEP = 8
"""Pixels of the tile per step of the network."""

HALF_WIDTH = 0.62
"""A character accounts for the ink this far to its left and right, times the distance of full-width characters."""

HALF_NARROW = 0.42
"""The same for digits, signs and other narrow characters."""

NARROW = frozenset("0123456789-、。,.・()（）!?！？:：;'\"Iil1 ー")
USUAL, LEAST, MOST = 31.0, 22.0, 40.0
"""Distance of full-width characters in pixels when it cannot be measured, and its limits."""

Place = tuple[int, str]
"""Number of a slot, and the text that it was read as."""


def unread(tile: Tile, slots: Sequence[Slot], places: Sequence[Place]) -> float:
    """Return how much ink lies where nothing was read, in characters of average ink.

    Args:
        tile: The line as the network saw it.
        slots: Its slots.
        places: The slots that were read as something.
    """
    ink = np.clip(255 - tile, 0, 255).sum(axis=0)
    centres = _centres(slots, places)
    if not centres or not ink.any():
        return 1.0 if ink.any() else 0.0
    pitch = _pitch(centres)
    claimed = np.zeros(len(ink), dtype=bool)
    for x, character in centres:
        reach = pitch * (HALF_NARROW if character in NARROW else HALF_WIDTH)
        claimed[max(0, int(x - reach)) : int(x + reach) + 1] = True
    return float(ink[~claimed].sum() / (ink.sum() / len(centres)))


def _centres(slots: Sequence[Slot], places: Sequence[Place]) -> list[tuple[float, str]]:
    """Return where each character lies, in pixels of the tile."""
    found = []
    for number, text in places:
        first, end = slots[number].first * STEP, slots[number].end * STEP
        found += [(first + (end - first) * (i + 0.5) / len(text), c) for i, c in enumerate(text)]
    return found


def _pitch(centres: Sequence[tuple[float, str]]) -> float:
    """Return the distance of neighbouring full-width characters in pixels."""
    steps = [
        right - left
        for (left, one), (right, other) in pairwise(centres)
        if one not in NARROW and other not in NARROW
    ]
    return float(np.clip(np.median(steps) if len(steps) >= 3 else USUAL, LEAST, MOST))
