"""Read cells (one character each) and free lines with the text reader.

Every filled cell is looked at twice, at two sizes. The two views are multiplied; where they disagree the score is low.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr.alphabets import aliases
from ocr.cleanup import Mask
from ocr.reading import ILLEGIBLE, Gray, RawReading
from ocr.recognisers.decode import Weights, beam_search, single_character
from ocr.recognisers.line import LineReader, Matrix
from ocr.recognisers.tiles import cell_tile, line_tile

VIEWS = ((40, 96), (34, 128))
"""Box and width in pixels of the looks taken at a cell."""

FEWEST_MASS = 1e-4
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
    alphabets = {cell.alphabet: _with_aliases(reader, cell.alphabet) for cell in cells}
    asked = [alphabets[cell.alphabet][0] for _ in VIEWS for cell in cells]
    matrices = reader.probabilities(tiles, asked)
    looks = [
        [_merge(matrices[view * len(cells) + i], *alphabets[cell.alphabet]) for view in range(len(VIEWS))]
        for i, cell in enumerate(cells)
    ]
    return [
        _agree([single_character(m) for m in views], _known(reader, cell))
        for views, cell in zip(looks, cells, strict=True)
    ]


def read_lines(reader: LineReader, lines: Sequence[Cell], longest: int = 60) -> list[RawReading]:
    """Read free lines: N-best texts under the alphabet with their probabilities."""
    if not lines:
        return []
    alphabets = {line.alphabet: _with_aliases(reader, line.alphabet) for line in lines}
    tiles = [line_tile(line.gray, line.ink) for line in lines]
    matrices = reader.probabilities(tiles, [alphabets[line.alphabet][0] for line in lines])
    readings = []
    for line, matrix in zip(lines, matrices, strict=True):
        merged = _merge(matrix, *alphabets[line.alphabet])
        found = beam_search(merged, _known(reader, line), longest=longest)
        texts = tuple((text, p) for text, p in found if text)
        readings.append(
            RawReading(texts[0][0], texts[0][1], texts)
            if texts
            else RawReading(ILLEGIBLE, 0.0, reason="ocr.illegible")
        )
    return readings


def _known(reader: LineReader, cell: Cell) -> str:
    return reader.known(cell.alphabet)


def _with_aliases(reader: LineReader, alphabet: str) -> tuple[str, tuple[tuple[int, ...], ...]]:
    """Return all characters to ask the network for, and for each extra one the columns it is added to."""
    known = reader.known(alphabet)
    extra = [reader.known(others) for others in aliases(known)]
    asked, sums = known, []
    for column, others in enumerate(extra, start=1):
        for other in others:
            asked += other
            sums.append((column, len(asked)))
    return asked, tuple(sums)


def _merge(matrix: Matrix, asked: str, sums: Sequence[tuple[int, ...]]) -> Matrix:
    """Add the columns of aliases to the characters they stand for and drop them."""
    if not sums:
        return matrix
    merged = matrix.copy()
    for target, source in sums:
        merged[:, target] += matrix[:, source]
    return merged[:, : 1 + len(asked) - len(sums)]


def _agree(views: Sequence[Weights], alphabet: str) -> CellReading:
    """Multiply the views: the score is the share of the best character in the geometric mean of all views."""
    total = np.zeros(len(alphabet))
    mass = 1.0
    for weights in views:
        share = float(weights.sum())
        mass = min(mass, share)
        total += np.log((weights + 1e-7) / (share + 1e-7 * len(alphabet)))
    if mass < FEWEST_MASS:
        return CellReading((), mass)
    joint = np.exp(total / len(views))
    order = np.argsort(-joint)[:5]
    return CellReading(tuple((alphabet[i], float(joint[i])) for i in order), mass)
