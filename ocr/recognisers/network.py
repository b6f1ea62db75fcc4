"""A network of ours that looks at one written character: what the cell reader and the glyph reader have in common.

What a field allows is given as an alphabet: only those characters compete, everything else is left out before the
probabilities are formed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray
from ocr.recognisers.cell_crop import CHANNELS, normalise
from ocr.recognisers.runtime import load_onnxruntime

MODELS = Path(__file__).parent.parent / "models"
"""Folder of the weights inside the package."""

CHUNK = 256
"""Pictures that go through a network together."""

EMPTY = "empty"


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


NOTHING_WRITTEN = CellReading((), empty=1.0, other=0.0)
"""A cell without any ink needs no network."""


@dataclass(frozen=True)
class ClassList:
    """What a network can say.

    Attributes:
        name: Name of the weights: `<name>.onnx`, described in `<name>.json`.
        classes: Output order: the characters, then what is no character ("empty", "struck", "other").
        characters: The classes that are characters.
        side: Edge of the input pictures in pixels.
        prior: Added to the scores of some classes (natural logarithm): how rare they are before looking.
        same_shape: Characters a field may ask for that are written like a class.
        scripts: Characters of each script that has a temperature of its own; anything else is "mixed".
    """

    name: str
    classes: tuple[str, ...]
    characters: tuple[str, ...]
    side: int
    prior: Mapping[str, float] = attribute(default_factory=dict)
    same_shape: Mapping[str, str] = attribute(default_factory=dict)
    scripts: Mapping[str, str] = attribute(default_factory=dict)

    def mask_of(self, alphabet: str | None) -> "AlphabetMask":
        """Return the mask of an alphabet; None means every character of the network.

        Raises:
            ValueError: The network knows no character of the alphabet.
        """
        wanted = tuple(dict.fromkeys(self.characters if alphabet is None else alphabet))
        numbers = {name: number for number, name in enumerate(self.characters)}
        shapes = [(name, self.same_shape.get(name, name)) for name in wanted]
        known = [(name, numbers[shape]) for name, shape in shapes if shape in numbers]
        if not known:
            raise ValueError(f"the {self.name} network knows no character of this alphabet")
        found = {name for name, _ in known}
        return AlphabetMask(
            characters=tuple(name for name, _ in known),
            classes=np.array([number for _, number in known], np.int64),
            unknown=tuple(name for name in wanted if name not in found),
        )

    def script_of(self, mask: "AlphabetMask") -> str:
        """Say which temperature an alphabet is read with: that of the one script it holds, else "mixed"."""
        for name, script in self.scripts.items():
            if set(mask.characters) <= set(script) | set(self.same_shape):
                return name
        return "mixed"


@dataclass(frozen=True)
class AlphabetMask:
    """An alphabet as a network sees it.

    Attributes:
        characters: The characters of the alphabet that the network knows, in the order given.
        classes: Class number of each of them, shape (n,), dtype int64.
        unknown: Characters of the alphabet that the network can never read.
    """

    characters: tuple[str, ...]
    classes: NDArray[np.int64]
    unknown: tuple[str, ...]


class CharacterNetwork:
    """Reads single characters with one set of weights.

    Args:
        known: What the network can say.
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.
        weights: Another model file, for measuring one before it is taken into the package.

    Raises:
        FileNotFoundError: The weights are not there.
        ValueError: The weights were trained for other classes than this code knows.
    """

    def __init__(self, known: ClassList, threads: int = 0, weights: Path | None = None) -> None:
        path = weights or MODELS / f"{known.name}.onnx"
        described = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if tuple(described["classes"]) != known.classes:
            raise ValueError(f"{path.name} was trained for other classes")
        self.known = known
        self._prior = np.array([known.prior.get(name, 0.0) for name in known.classes], np.float32)
        self._temperatures: dict[str, float] = described["temperatures"]
        onnxruntime = load_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def read(self, crops: Sequence[Gray], alphabet: str | None = None) -> list[CellReading]:
        """Read characters under one alphabet.

        Args:
            crops: One gray picture per cell, shape (h, w), dtype uint8, 0 black to 255 white, cut about at the printed
                cell.
            alphabet: The characters that may stand there; None for every character of the network.

        Returns:
            One reading per crop, in order.

        Raises:
            ValueError: A crop has no pixels, or the network knows no character of the alphabet.
        """
        mask = self.known.mask_of(alphabet)
        temperature = self._temperatures.get(self.known.script_of(mask), 1.0)
        pictures = self._pictures(crops)
        scores = self._run(pictures) / temperature + self._prior
        written = [bool(picture.any()) for picture in pictures]
        return [
            self._reading(row, mask) if inked else NOTHING_WRITTEN
            for row, inked in zip(scores, written, strict=True)
        ]

    def scores(self, crops: Sequence[Gray]) -> NDArray[np.float32]:
        """Return the raw scores (logits), shape (n, classes), dtype float32, in the order of the class list."""
        return self._run(self._pictures(crops))

    def _pictures(self, crops: Sequence[Gray]) -> NDArray[np.float32]:
        """Return what the network looks at, shape (n, 2, side, side)."""
        side = self.known.side
        pictures = np.empty((len(crops), CHANNELS, side, side), np.float32)
        for row, crop in enumerate(crops):
            pictures[row] = normalise(crop, side)
        return pictures

    def _run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores of all pictures, a chunk at a time."""
        parts = [np.zeros((0, len(self.known.classes)), np.float32)]
        for start in range(0, len(pictures), CHUNK):
            parts.append(self._session.run(None, {"pictures": pictures[start : start + CHUNK]})[0])
        return np.concatenate(parts)

    def _reading(self, scores: NDArray[np.float32], mask: AlphabetMask) -> CellReading:
        """Form probabilities from the scores of one cell."""
        characters = len(self.known.characters)
        allowed = scores[mask.classes]
        inside = _softmax(allowed)
        best = np.argsort(-inside)[:10]
        extras = _softmax(np.concatenate([[_log_sum(allowed)], scores[characters:]]))
        names = self.known.classes[characters:]
        empty = float(extras[1 + names.index(EMPTY)]) if EMPTY in names else 0.0
        every = _softmax(scores[:characters])
        return CellReading(
            candidates=tuple((mask.characters[int(i)], float(inside[i])) for i in best),
            empty=empty,
            other=float(extras[1:].sum()) - empty,
            foreign=float(max(0.0, 1.0 - every[np.unique(mask.classes)].sum())),
        )


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return probabilities that add up to 1."""
    powers = np.exp(scores.astype(np.float64) - scores.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares


def _log_sum(scores: NDArray[np.float32]) -> float:
    """Return the logarithm of the sum of the powers."""
    top = float(scores.max())
    return top + float(np.log(np.exp(scores.astype(np.float64) - top).sum()))
