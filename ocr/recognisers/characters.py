"""Read cells (one character each) and free lines with the text reader.

Every filled cell is looked at twice, at two sizes. The two views are multiplied; where they disagree the score is low.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.alphabets import aliases, commonness
from ocr.cleanup import Mask
from ocr.reading import ILLEGIBLE, Gray, RawReading
from ocr.recognisers.decode import Weights, beam_search, single_character
from ocr.recognisers.line import LineReader, Matrix
from ocr.recognisers.tiles import cell_tile, ink_box, line_tile

VIEWS = ((40, 96), (34, 128))
"""Box and width in pixels of the looks taken at a cell."""

FEWEST_MASS = 1e-6
"""When the whole alphabet together has less probability than this, the cell is illegible."""


@dataclass(frozen=True)
class Cell:
    """One filled character cell.

    Attributes:
        gray: The cell, uint8.
        ink: Its strokes, without printed lines.
        alphabet: What may stand in it.
    """

    gray: Gray
    ink: Mask
    alphabet: str


@dataclass(frozen=True)
class CellReading:
    """What a cell may say.

    Attributes:
        candidates: (character, score), best first; scores sum to at most 1.
        mass: Probability that the network gives to the alphabet at all.
    """

    candidates: tuple[tuple[str, float], ...]
    mass: float

    @property
    def best(self) -> str:
        """The best character, or `●`."""
        return self.candidates[0][0] if self.candidates else ILLEGIBLE

    @property
    def score(self) -> float:
        """Uncalibrated belief in the best character."""
        return self.candidates[0][1] if self.candidates else 0.0


def read_cells(reader: LineReader, cells: Sequence[Cell]) -> list[CellReading]:
    """Read cells, all views of all cells together."""
    if not cells:
        return []
    tiles = [cell_tile(cell.gray, cell.ink, box=box, width=width) for box, width in VIEWS for cell in cells]
    asked = {cell.alphabet: _ask(reader, cell.alphabet) for cell in cells}
    matrices = reader.probabilities(tiles, [asked[cell.alphabet].characters for _ in VIEWS for cell in cells])
    readings = []
    for number, cell in enumerate(cells):
        looks = matrices[number :: len(cells)]
        views = [single_character(asked[cell.alphabet].merge(look)) for look in looks]
        readings.append(
            _agree(views, asked[cell.alphabet].alphabet, _shape_weights(cell, asked[cell.alphabet].alphabet))
        )
    return readings


def read_lines(reader: LineReader, lines: Sequence[Cell], longest: int = 60) -> list[RawReading]:
    """Read free lines: N-best texts under the alphabet with their probabilities."""
    if not lines:
        return []
    asked = {line.alphabet: _ask(reader, line.alphabet) for line in lines}
    tiles = [line_tile(line.gray, line.ink) for line in lines]
    matrices = reader.probabilities(tiles, [asked[line.alphabet].characters for line in lines])
    readings = []
    for line, matrix in zip(lines, matrices, strict=True):
        question = asked[line.alphabet]
        found = beam_search(question.merge(matrix), question.alphabet, best=8, longest=longest)
        texts = tuple((text, p) for text, p in found if text)
        readings.append(
            RawReading(texts[0][0], texts[0][1], texts)
            if texts
            else RawReading(ILLEGIBLE, 0.0, reason="ocr.illegible")
        )
    return readings


@dataclass(frozen=True)
class Question:
    """What the network is asked for one alphabet.

    Attributes:
        alphabet: Characters of the field that the network knows.
        characters: These, and then their look-alikes.
        sums: (column, column of a look-alike that is added to it).
        weights: Weight of every character of the alphabet, shape (1 + n,), the first for "nothing".
    """

    alphabet: str
    characters: str
    sums: tuple[tuple[int, int], ...]
    weights: NDArray[np.float32]

    def merge(self, matrix: Matrix) -> Matrix:
        """Add the look-alikes to the characters they stand for, drop them, and weigh rare characters down."""
        merged = matrix[:, : 1 + len(self.alphabet)] * self.weights
        for target, source in self.sums:
            merged[:, target] += matrix[:, source]
        return np.asarray(merged, dtype=np.float32)


def _ask(reader: LineReader, alphabet: str) -> Question:
    known = reader.known(alphabet)
    asked, sums = known, []
    for column, others in enumerate(aliases(known), start=1):
        for other in reader.known(others):
            asked += other
            sums.append((column, len(asked)))
    weights = np.array([1.0, *commonness(known)], dtype=np.float32)
    return Question(known, asked, tuple(sums), weights)


def _shape_weights(cell: Cell, alphabet: str) -> Weights:
    """Return how well each character goes with the outline of the ink: a long-vowel mark is much wider than high."""
    weights = np.ones(len(alphabet))
    found = ink_box(cell.ink)
    if found is not None and "ー" in alphabet and found[2] < 2.0 * found[3]:
        weights[alphabet.index("ー")] = 0.01
    return weights


def _agree(views: Sequence[Weights], alphabet: str, shape: Weights) -> CellReading:
    """Multiply the views: the score is the share of the best character in the geometric mean of all views."""
    total = np.zeros(len(alphabet))
    mass = 1.0
    for view in views:
        weights = view * shape
        share = float(weights.sum())
        mass = min(mass, share)
        total += np.log((weights + 1e-9) / (share + 1e-9 * len(alphabet)))
    if mass < FEWEST_MASS:
        return CellReading((), mass)
    joint = np.exp(total / len(views))
    order = np.argsort(-joint)[:5]
    return CellReading(tuple((alphabet[i], float(joint[i])) for i in order), mass)
