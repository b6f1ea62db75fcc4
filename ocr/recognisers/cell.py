"""The cell reader: our own small network for one handwritten character in one printed cell.

It reads digits, katakana, hiragana and Latin letters, and says when a cell is empty, struck out or holds no character.
How the network came about and how well it reads stands in `ocr/models/cells.md`.
"""

from pathlib import Path

from ocr.recognisers.cell_alphabets import (
    CHARACTERS,
    CLASSES,
    DIGITS,
    HIRAGANA,
    KATAKANA,
    RARE,
    RARITY,
    SAME_SHAPE,
)
from ocr.recognisers.cell_crop import SIDE
from ocr.recognisers.network import AlphabetMask, CharacterNetwork, ClassList

CELLS = ClassList(
    name="cells",
    classes=CLASSES,
    characters=CHARACTERS,
    side=SIDE,
    prior=dict.fromkeys(RARE, RARITY),
    same_shape=SAME_SHAPE,
    scripts={"digits": DIGITS, "katakana": KATAKANA, "hiragana": HIRAGANA},
)


def mask_of(alphabet: str | None) -> AlphabetMask:
    """Return the mask of an alphabet under the cell network; None means every character of it.

    Raises:
        ValueError: The network knows no character of the alphabet.
    """
    return CELLS.mask_of(alphabet)


class CellReader(CharacterNetwork):
    """Reads cells with the cell network of the package.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.
        weights: Another model file, for measuring one before it is taken into the package.

    Raises:
        FileNotFoundError: The weights are not there.
        ValueError: The weights were trained for other classes than this code knows.
    """

    def __init__(self, threads: int = 0, weights: Path | None = None) -> None:
        super().__init__(CELLS, threads, weights)
