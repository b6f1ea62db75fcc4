"""The cell reader: our own small network for one handwritten character in one printed cell.

It reads digits, katakana, hiragana and Latin letters, and says when a cell is empty, struck out or holds no character.
What a field allows is given as an alphabet: only those characters compete, everything else is left out before the
probabilities are formed. How the network came about and how well it reads stands in `ocr/models/cells.md`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray
from ocr.recognisers.cell_alphabets import (
    CHARACTERS,
    CLASSES,
    DIGITS,
    EMPTY,
    HIRAGANA,
    KATAKANA,
    RARE,
    RARITY,
    SAME_SHAPE,
)
from ocr.recognisers.cell_crop import CHANNELS, SIDE, normalise
from ocr.recognisers.runtime import load_onnxruntime

MODELS = Path(__file__).parent.parent / "models"
"""Folder of the weights inside the package."""

CHUNK = 256
"""Cells that go through the network together."""

_EXTRAS = len(CLASSES) - len(CHARACTERS)
_PRIOR = np.array([RARITY if name in RARE else 0.0 for name in CLASSES], np.float32)


@dataclass(frozen=True)
class CellReading:
    """What one cell holds.

    Attributes:
        candidates: (character, probability) of the alphabet, best first, at most ten; the probabilities of the whole
            alphabet add up to 1, as if it were certain that the cell holds one of its characters.
        empty: Probability that nothing is written.
        other: Probability that it is struck out or not a character of the network.
        foreign: Probability, if it is a character at all, that it is one outside of the alphabet: a ア in a field of
            digits. A hint only: what two scripts write alike (へ and ヘ, 0 and O) always counts as partly foreign.
    """

    candidates: tuple[tuple[str, float], ...]
    empty: float
    other: float
    foreign: float = 0.0


@dataclass(frozen=True)
class AlphabetMask:
    """An alphabet as the network sees it.

    Attributes:
        characters: The characters of the alphabet that the network knows, in the order given.
        classes: Class number of each of them, shape (n,), dtype int64.
        unknown: Characters of the alphabet that the network can never read.
    """

    characters: tuple[str, ...]
    classes: NDArray[np.int64]
    unknown: tuple[str, ...]


def mask_of(alphabet: str | None) -> AlphabetMask:
    """Return the mask of an alphabet; None means every character of the network.

    Raises:
        ValueError: The network knows no character of the alphabet.
    """
    wanted = tuple(dict.fromkeys(CHARACTERS if alphabet is None else alphabet))
    numbers = {name: number for number, name in enumerate(CHARACTERS)}
    known = [
        (name, numbers[SAME_SHAPE.get(name, name)])
        for name in wanted
        if SAME_SHAPE.get(name, name) in numbers
    ]
    if not known:
        raise ValueError("the cell network knows no character of this alphabet")
    found = {name for name, _ in known}
    return AlphabetMask(
        characters=tuple(name for name, _ in known),
        classes=np.array([number for _, number in known], np.int64),
        unknown=tuple(name for name in wanted if name not in found),
    )


def temperature_name(mask: AlphabetMask) -> str:
    """Say which calibration an alphabet is read with: that of the one script it holds, else "mixed"."""
    for name, script in (("digits", DIGITS), ("katakana", KATAKANA), ("hiragana", HIRAGANA)):
        if set(mask.characters) <= set(script) | set(SAME_SHAPE):
            return name
    return "mixed"


class CellReader:
    """Reads cells with the network of the package.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.
        weights: Another model file, for measuring one before it is taken into the package.

    Raises:
        FileNotFoundError: The weights are not there.
        ValueError: The weights were trained for other classes than this code knows.
    """

    def __init__(self, threads: int = 0, weights: Path | None = None) -> None:
        path = weights or MODELS / "cells.onnx"
        described = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if tuple(described["classes"]) != CLASSES:
            raise ValueError(f"{path.name} was trained for other classes")
        self._temperatures: dict[str, float] = described["temperatures"]
        onnxruntime = load_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def read(self, crops: Sequence[Gray], alphabet: str | None = None) -> list[CellReading]:
        """Read cells under one alphabet.

        Args:
            crops: One gray picture per cell, shape (h, w), dtype uint8, 0 black to 255 white, cut about at the printed
                cell.
            alphabet: The characters that may stand there; None for every character of the network.

        Returns:
            One reading per crop, in order.

        Raises:
            ValueError: A crop has no pixels, or the network knows no character of the alphabet.
        """
        mask = mask_of(alphabet)
        scores = self.scores(crops) / self._temperatures[temperature_name(mask)] + _PRIOR
        return [_reading(row, mask) for row in scores]

    def scores(self, crops: Sequence[Gray]) -> NDArray[np.float32]:
        """Return the raw scores (logits), shape (n, classes), dtype float32, in the order of `CLASSES`."""
        parts = [np.zeros((0, len(CLASSES)), np.float32)]
        for start in range(0, len(crops), CHUNK):
            pictures = np.empty((len(crops[start : start + CHUNK]), CHANNELS, SIDE, SIDE), np.float32)
            for row, crop in enumerate(crops[start : start + CHUNK]):
                pictures[row] = normalise(crop)
            parts.append(self._session.run(None, {"pictures": pictures})[0])
        return np.concatenate(parts)


def _reading(scores: NDArray[np.float32], mask: AlphabetMask) -> CellReading:
    """Form probabilities from the scores of one cell."""
    allowed = scores[mask.classes]
    inside = _softmax(allowed)
    best = np.argsort(-inside)[:10]
    extras = _softmax(np.concatenate([[_log_sum(allowed)], scores[-_EXTRAS:]]))
    empty = CLASSES.index(EMPTY) - len(CHARACTERS) + 1
    return CellReading(
        candidates=tuple((mask.characters[int(i)], float(inside[i])) for i in best),
        empty=float(extras[empty]),
        other=float(extras[1:].sum() - extras[empty]),
        foreign=_foreign(scores, mask),
    )


def _foreign(scores: NDArray[np.float32], mask: AlphabetMask) -> float:
    """Return the share of all characters' probability that lies outside of the alphabet."""
    every = _softmax(scores[: len(CHARACTERS)])
    return float(max(0.0, 1.0 - every[np.unique(mask.classes)].sum()))


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return probabilities that add up to 1."""
    powers = np.exp(scores.astype(np.float64) - scores.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares


def _log_sum(scores: NDArray[np.float32]) -> float:
    """Return the logarithm of the sum of the powers."""
    top = float(scores.max())
    return top + float(np.log(np.exp(scores.astype(np.float64) - top).sum()))
