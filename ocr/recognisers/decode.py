"""From the network's probabilities to text, under the alphabet of the field.

A path through the steps spells a text when its repeats are merged and its "nothing" dropped (CTC, Graves et al. 2006).
The probability of a text is the sum over all its paths.
"""

import numpy as np
from numpy.typing import NDArray

from ocr.recognisers.line import Matrix

Weights = NDArray[np.float64]
"""One probability per character of an alphabet, shape (n,)."""


def single_character(matrix: Matrix) -> Weights:
    """Return, for each character, the probability that the tile spells exactly this one.

    Sums over all paths nothing* c+ nothing* in one pass over the steps.

    Args:
        matrix: Shape (steps, 1 + n), column 0 "nothing".

    Returns:
        Shape (n,); the sum is at most 1, the rest spells other or more characters.
    """
    nothing = matrix[:, 0].astype(np.float64)
    each = matrix[:, 1:].astype(np.float64)
    before = 1.0
    within = np.zeros(each.shape[1])
    after = np.zeros(each.shape[1])
    for step in range(len(matrix)):
        after = (after + within) * nothing[step]
        within = (within + before) * each[step]
        before *= nothing[step]
    return within + after


def beam_search(
    matrix: Matrix, alphabet: str, *, width: int = 24, best: int = 5, longest: int | None = None
) -> list[tuple[str, float]]:
    """Return the likeliest texts with their probabilities, best first (prefix beam search, Hannun et al. 2014).

    Args:
        matrix: Shape (steps, 1 + len(alphabet)).
        alphabet: The characters of columns 1 and on.
        width: Prefixes kept at every step.
        best: Texts returned at most.
        longest: Texts of more characters are not followed.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for row in matrix.astype(np.float64):
        likely = _likely(row)
        following: dict[tuple[int, ...], tuple[float, float]] = {}
        for prefix, (blank, full) in beams.items():
            _add(following, prefix, (blank + full) * row[0], full * row[prefix[-1]] if prefix else 0.0)
            for column in likely:
                if longest is not None and len(prefix) >= longest:
                    continue
                reachable = blank if prefix and prefix[-1] == column else blank + full
                _add(following, (*prefix, column), 0.0, reachable * row[column])
        kept = sorted(following.items(), key=lambda item: -sum(item[1]))[:width]
        beams = dict(kept)
    return [("".join(alphabet[c - 1] for c in prefix), blank + full) for prefix, (blank, full) in kept[:best]]


def _likely(row: NDArray[np.float64], count: int = 8, least: float = 1e-4) -> list[int]:
    """Return the columns of the likeliest characters of one step."""
    width = min(count, len(row) - 1)
    if width <= 0:
        return []
    columns = np.argpartition(-row[1:], width - 1)[:width] + 1
    return [int(column) for column in columns if row[column] > least]


def _add(
    beams: dict[tuple[int, ...], tuple[float, float]], prefix: tuple[int, ...], blank: float, full: float
) -> None:
    old_blank, old_full = beams.get(prefix, (0.0, 0.0))
    beams[prefix] = (old_blank + blank, old_full + full)
