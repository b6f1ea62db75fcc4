"""From the network's probabilities to text, under the alphabet of the field.

A path through the steps spells a text when its repeats are merged and its "nothing" dropped (CTC, Graves et al. 2006).
The probability of a text is the sum over all its paths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

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
            last = prefix[-1] if prefix else 0
            _add(following, prefix, (blank + full) * row[0], full * row[last] if prefix else 0.0)
            if longest is not None and len(prefix) >= longest:
                continue
            for column in likely:
                reachable = blank if column == last else blank + full
                _add(following, (*prefix, column), 0.0, reachable * row[column])
        beams = dict(nlargest(width, following.items(), key=lambda item: sum(item[1])))
    return [("".join(alphabet[c - 1] for c in prefix), sum(p)) for prefix, p in list(beams.items())[:best]]


LEAST_LIKELY = 1e-6
"""No character is less likely than this at any step when a given text is judged."""

LOWEST = -60.0
"""Log probability below which texts are not told apart."""


@dataclass(frozen=True)
class Slot:
    """A piece of a line between two places where nothing is written: mostly one character.

    Attributes:
        first: First step of the piece.
        end: Step after its last.
        texts: (text, log probability) of what the piece may spell, best first.
    """

    first: int
    end: int
    texts: tuple[tuple[str, float], ...]


CLEAR = 0.9
"""A step with at least this probability of "nothing" parts two slots."""

FARTHEST = 9.0
"""Texts of a slot that are this much (nats) less likely than its best are not followed: they would overrule clear
ink.
"""


def split_slots(matrix: Matrix, alphabet: str, *, width: int = 16, best: int = 8) -> list[Slot]:
    """Cut a line where nothing is written, and say what each piece may spell.

    The probability of a whole text is, but for characters hidden in the clear steps, the product over its slots: a
    text on either side of a clear step is independent of the other side.

    Args:
        matrix: Shape (steps, 1 + len(alphabet)).
        alphabet: The characters of columns 1 and on.
        width: Prefixes kept at every step of a slot.
        best: Texts kept for each slot.
    """
    inked = np.concatenate([[False], matrix[:, 0] <= CLEAR, [False]])
    edges = np.flatnonzero(inked[1:] != inked[:-1])
    slots = []
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        found = beam_search(matrix[first:end], alphabet, width=width, best=best)
        logs = [(text, float(np.log(max(p, 1e-30)))) for text, p in found]
        kept = tuple((text, log) for text, log in logs if log > logs[0][1] - FARTHEST)
        slots.append(Slot(first, end, kept))
    return slots


def log_likelihoods(matrix: Matrix, alphabet: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the log probability of each text: the sum over all its paths (CTC forward pass, Graves et al. 2006).

    Args:
        matrix: Shape (steps, 1 + len(alphabet)).
        alphabet: The characters of columns 1 and on.
        texts: Any texts; a character outside the alphabet counts as LEAST_LIKELY at every step.

    Returns:
        Shape (len(texts),), nats, at least LOWEST.
    """
    place = {character: column for column, character in enumerate(alphabet, start=1)}
    count, states = len(texts), 2 * max(map(len, texts), default=0) + 1
    labels = np.zeros((count, states), dtype=np.intp)
    for row, text in enumerate(texts):
        labels[row, 1 : 2 * len(text) : 2] = [place.get(c, len(alphabet) + 1) for c in text]
    strange = np.full((len(matrix), 1), LEAST_LIKELY)
    steps = np.concatenate([np.maximum(matrix, LEAST_LIKELY), strange], axis=1).astype(np.float64)
    leap = np.zeros((count, states), dtype=bool)
    leap[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    reached = np.zeros((count, states))
    reached[:, :2] = steps[0][labels[:, :2]]
    logs = np.zeros(count)
    for step in steps[1:]:
        before = reached.copy()
        before[:, 1:] += reached[:, :-1]
        before[:, 2:] += np.where(leap[:, 2:], reached[:, :-2], 0.0)
        reached = before * step[labels]
        total = np.maximum(reached.sum(axis=1), 1e-300)
        reached /= total[:, None]
        logs += np.log(total)
    end = np.array([2 * len(text) for text in texts], dtype=np.intp)
    rows = np.arange(count)
    last = np.where(end > 0, reached[rows, np.maximum(end - 1, 0)], 0.0)
    return np.asarray(np.maximum(logs + np.log(np.maximum(reached[rows, end] + last, 1e-300)), LOWEST))


def _likely(row: NDArray[np.float64], count: int = 8, least: float = 2e-4) -> list[int]:
    """Return the columns of the likeliest characters of one step."""
    columns = np.flatnonzero(row[1:] > least) + 1
    if len(columns) > count:
        columns = columns[np.argsort(-row[columns])[:count]]
    return [int(column) for column in columns]


def _add(
    beams: dict[tuple[int, ...], tuple[float, float]], prefix: tuple[int, ...], blank: float, full: float
) -> None:
    old_blank, old_full = beams.get(prefix, (0.0, 0.0))
    beams[prefix] = (old_blank + blank, old_full + full)
