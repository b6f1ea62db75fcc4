"""A second opinion on single kana, digits and Latin letters of a free line, from the cell reader.

Where the text reader wavers between a few characters for one place of a line, that place is cut out and shown to the
cell reader. What it says shifts the balance between the text reader's own candidates; it cannot bring in a character
that the text reader did not see. (The glyph reader was tried for kanji, and made lines neither better nor worse.)
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray
from ocr.recognisers.coverage import STEP
from ocr.recognisers.decode import Slot
from ocr.recognisers.line import Tile
from ocr.recognisers.network import CharacterNetwork

POWER = 0.5
"""What a second opinion is worth beside the text reader's (on composed lines, part A)."""

FARTHEST = 6.0
"""Largest difference between two candidates that a second opinion may tell, nats."""

REACH = 22
"""Half the width of the place that is cut out, pixels of the tile; less where a neighbour is near."""

Shift = Mapping[str, float]
"""What is added to the log probability of each candidate of one slot, nats."""


def opinions(
    network: CharacterNetwork, tiles: Sequence[Tile], slots: Sequence[Sequence[Slot]]
) -> list[list[Shift]]:
    """Return how the candidates of every slot of every line shift.

    Args:
        network: Shown every slot whose candidates it knows.
        tiles: The lines as the text reader saw them.
        slots: The slots of each line.

    Returns:
        For each line and slot the shifts; none where there is nothing to choose.
    """
    shifts: list[list[Shift]] = [[{} for _ in line] for line in slots]
    known = {name: number for number, name in enumerate(network.known.characters)}
    asked = [
        (line, number)
        for line, of_line in enumerate(slots)
        for number, slot in enumerate(of_line)
        if _open(slot) and all(text in known for text in _single(slot))
    ]
    crops = [_window(tiles[line], slots[line], number) for line, number in asked]
    for (line, number), row in zip(asked, network.scores(crops), strict=True):
        shifts[line][number] = _shift(row, slots[line][number], known)
    return shifts


def shifted(slots: Sequence[Slot], shifts: Sequence[Shift]) -> list[Slot]:
    """Return the slots with their candidates weighed anew, best first."""
    return [
        slot
        if not shift
        else Slot(
            slot.first,
            slot.end,
            tuple(
                sorted(((text, log + shift.get(text, 0.0)) for text, log in slot.texts), key=lambda t: -t[1])
            ),
        )
        for slot, shift in zip(slots, shifts, strict=True)
    ]


def _single(slot: Slot) -> list[str]:
    return [text for text, _ in slot.texts if len(text) == 1]


def _open(slot: Slot) -> bool:
    """Say whether one character stands there, and it is a question which."""
    return len(slot.texts[0][0]) == 1 and len(_single(slot)) > 1


def _window(tile: Tile, slots: Sequence[Slot], number: int) -> Gray:
    """Cut the place of a slot out of its line, as far as half way to its neighbours."""
    centres = [(slot.first + slot.end) * STEP / 2 for slot in slots]
    left, right = centres[number] - REACH, centres[number] + REACH
    if number > 0:
        left = max(left, (centres[number - 1] + centres[number]) / 2)
    if number + 1 < len(centres):
        right = min(right, (centres[number] + centres[number + 1]) / 2)
    first = int(np.clip(left, 0, tile.shape[1] - 1))
    end = int(np.clip(right, first + 1, tile.shape[1]))
    return tile[:, first:end].astype(np.uint8)


def _shift(scores: NDArray[np.float32], slot: Slot, known: Mapping[str, int]) -> Shift:
    """Return the shift of each single character, 0 for the text reader's best."""
    best = slot.texts[0][0]
    differences = {text: float(scores[known[text]] - scores[known[best]]) for text in _single(slot)}
    return {text: POWER * float(np.clip(d, -FARTHEST, FARTHEST)) for text, d in differences.items()}
