"""Name a hand-drawn mark: circle, cross, triangle, check, or blank; anything else is left to a person.

A small network of our own looks at the mark's ink, brought to one size, and at the whole crop. It was trained on
drawn shapes and on real marks (`ocr/models/marks.md` tells how, and how well it reads). What is struck out, scribbled
or drawn twice belongs to a class of its own, "other", and is never accepted.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading import ILLEGIBLE, Gray, RawReading
from ocr.recognisers.cell_crop import without_frame
from ocr.recognisers.runtime import load_onnxruntime

FILE = Path(__file__).parent.parent / "models" / "marks.onnx"
CLASSES = ("circle", "cross", "triangle", "check", "blank", "other")
BLANK, OTHER = "blank", "other"
SIDE = 40
"""Edge of both pictures in pixels."""

MARGIN = 3
"""Empty pixels around the ink in the first picture."""

SMALLEST = 0.3
"""Ink smaller than this share of the crop is not blown up further."""

STROKE = 0.4
"""Ink above this share of full black belongs to a stroke."""

DUST = 0.08
"""Parts whose longer side is below this share of the crop's shorter side are dust."""

OTHER_FROM = 0.35
"""From this probability of "other" on, the mark is in doubt whatever it looks like."""

_WORK = 72  # longer side of the crop while it is looked at

Ink = NDArray[np.float32]
"""Ink density, shape (height, width), dtype float32, 0 paper to 1 full ink."""


@cache
def load_shapes(path: Path = FILE, classes: tuple[str, ...] = CLASSES) -> "ShapeReader":
    """Return the reader with weights that are shipped."""
    return ShapeReader(path, classes)


class ShapeReader:
    """Reads marks with the network of the package.

    Args:
        path: The weights; beside them lies a .json with the classes and the temperature.
        classes: The classes, in the order of the network's outputs.
        threads: CPU threads.

    Raises:
        FileNotFoundError: The weights are not there.
        ValueError: The weights were trained for other classes.
    """

    def __init__(self, path: Path = FILE, classes: tuple[str, ...] = CLASSES, threads: int = 1) -> None:
        described = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if tuple(described["classes"]) != classes:
            raise ValueError(f"{path.name} was trained for other classes")
        self._count = len(classes)
        self._temperature = float(described["temperature"])
        onnxruntime = load_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def beliefs(self, crops: Sequence[Gray]) -> NDArray[np.float64]:
        """Return the probability of each class for each crop, shape (n, classes), rows adding up to 1."""
        return self.of_pictures([mark_pictures(crop) for crop in crops])

    def of_pictures(self, pictures: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Return the probability of each class for pictures of shape (2, 40, 40), shape (n, classes)."""
        if not pictures:
            return np.zeros((0, self._count))
        told = self._session.run(None, {"pictures": np.stack(pictures)})[0]
        scores = np.asarray(told, np.float64) / self._temperature
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def read_mark(gray: Gray) -> RawReading:
    """Name the mark in a crop.

    Args:
        gray: The crop, uint8, 0 black to 255 white, about the printed box, a little more or less.
    """
    return read_marks([gray])[0]


def read_marks(crops: Sequence[Gray]) -> list[RawReading]:
    """Name the marks in crops, all together.

    Returns:
        One of circle, cross, triangle, check, blank with its score; `●` with a reason for what is surely none of them,
        and the nearest name with a reason for what might be none of them.
    """
    return [_reading(row) for row in load_shapes().beliefs(crops)]


def _reading(beliefs: NDArray[np.float64]) -> RawReading:
    other = float(beliefs[CLASSES.index(OTHER)])
    ranked = sorted(
        ((name, float(p)) for name, p in zip(CLASSES, beliefs, strict=True) if name != OTHER),
        key=lambda item: -item[1],
    )
    value, score = ranked[0]
    reason = "ocr.mark_unclear" if other > OTHER_FROM else ""
    shown = ILLEGIBLE if other > 1 - OTHER_FROM / 3 else value
    return RawReading(shown, score, tuple(ranked), reason, (("mark", score),))


def mark_pictures(gray: Gray) -> NDArray[np.float32]:
    """Return the two pictures of a mark that the network reads; the same for training and reading.

    Args:
        gray: The crop, shape (h, w), dtype uint8, 0 black to 255 white.

    Returns:
        Shape (2, 40, 40), dtype float32, 0 paper to 1 ink: the ink without frame and dust, centred at one size with its
        proportions kept, and the whole crop.

    Raises:
        ValueError: The crop has no pixels or is not two-dimensional.
    """
    ink = raw_ink(gray)
    pictures = np.zeros((2, SIDE, SIDE), np.float32)
    if not ink.any():
        return pictures
    mark = mark_ink(ink)
    if mark is not None:
        longest = max(*mark.shape, SMALLEST * max(ink.shape))
        pictures[0] = laid_in(mark, (SIDE - 2 * MARGIN) / longest)
    pictures[1] = laid_in(ink, SIDE / max(ink.shape))
    return pictures


def mark_ink(ink: Ink) -> Ink | None:
    """Return the ink of the mark alone, cut to its extent, or None when there is only dust."""
    clean = without_frame(ink)
    strokes = np.where(clean > STROKE, 255, 0).astype(np.uint8)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = extent >= DUST * min(ink.shape)
    keep[0] = False
    if not keep.any():
        return None
    kept = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, columns = np.nonzero(kept)
    window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    return np.where(kept[window], clean[window], 0).astype(np.float32)


def raw_ink(gray: Gray) -> Ink:
    """Return the ink density with the longer side 72 pixels; a felt pen's blot stays ink.

    The paper's shade is the local maximum over almost the whole crop: a mark may be a filled blot, which the cell
    reader's narrower window takes for dark paper.
    """
    if gray.ndim != 2 or gray.size == 0:
        raise ValueError(f"a mark's crop must be a non-empty gray image, not of shape {gray.shape}")
    scale = _WORK / max(gray.shape)
    size = max(4, round(gray.shape[1] * scale)), max(4, round(gray.shape[0] * scale))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    coarse = cv2.resize(small, (max(1, size[0] // 4), max(1, size[1] // 4)), interpolation=cv2.INTER_AREA)
    coarse = cv2.blur(cv2.dilate(coarse, np.ones((15, 15), np.uint8)), (9, 9))
    ground = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    ink = 1.0 - small.astype(np.float32) / np.maximum(ground, 32.0)
    floor = max(0.0, float(np.quantile(ink[::3, ::3], 0.3))) + 0.05
    peak = float(cv2.blur(ink, (2, 2)).max())
    if peak - floor < 0.10:
        return np.zeros(ink.shape, np.float32)
    return np.asarray(np.clip((ink - floor) / (0.85 * (peak - floor)), 0.0, 1.0), np.float32)


def laid_in(part: Ink, scale: float) -> Ink:
    """Lay a part at a scale in the middle of an empty picture."""
    height = min(SIDE, max(1, round(part.shape[0] * scale)))
    width = min(SIDE, max(1, round(part.shape[1] * scale)))
    picture = np.zeros((SIDE, SIDE), np.float32)
    y, x = (SIDE - height) // 2, (SIDE - width) // 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    picture[y : y + height, x : x + width] = cv2.resize(part, (width, height), interpolation=how)
    return picture
