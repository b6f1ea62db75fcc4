"""Name a hand-drawn mark: circle, cross, triangle, check, or blank.

A linear classifier on oriented gradients (HOG, Dalal and Triggs 2005) of the ink, brought to one size. Its weights
(`ocr/models/marks.json`) are fitted by `python -m ocr.training.marks`. Blank is decided by the amount of ink alone.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray, RawReading
from ocr.recognisers.cell_crop import ink_of, without_frame

FILE = Path(__file__).parent.parent / "models" / "marks.json"
SIDE = 48
"""The ink is scaled to 40 pixels in a square of this side."""

SMALLEST = 0.16
"""A mark is at least this share of the crop's shorter side; fax dirt in an empty box is scattered and smaller."""


@dataclass(frozen=True)
class ShapeClassifier:
    """Linear weights.

    Attributes:
        classes: Names of the marks.
        weights: Shape (classes, features + 1); the last column is the offset.
    """

    classes: tuple[str, ...]
    weights: NDArray[np.float64]

    def beliefs(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each class, shape (classes,)."""
        scores = self.weights @ np.append(features, 1.0)
        grown = np.exp(scores - scores.max())
        return np.asarray(grown / grown.sum())


@cache
def load_shapes(path: Path = FILE) -> ShapeClassifier:
    """Return the classifier that is shipped."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return ShapeClassifier(tuple(data["classes"]), np.array(data["weights"]))


def read_mark(gray: Gray) -> RawReading:
    """Name the mark in a crop.

    Args:
        gray: The crop, uint8.
    """
    ink = mark_ink(gray)
    if ink is None:
        return RawReading("blank", 0.999, (("blank", 0.999),), "", (("mark", 0.999),))
    classifier = load_shapes()
    beliefs = classifier.beliefs(shape_features(ink))
    ranked = sorted(zip(classifier.classes, beliefs.tolist(), strict=True), key=lambda item: -item[1])
    value, score = ranked[0]
    return RawReading(value, score, tuple(ranked), "", (("mark", score),))


def mark_ink(gray: Gray) -> NDArray[np.float32] | None:
    """Return the ink of the mark, cut to its box, or None for a blank crop.

    Returns:
        Shape (h, w), float32, 0 paper to 1 ink.
    """
    ink = without_frame(ink_of(gray))
    strokes = np.where(ink > 0.4, 255, 0).astype(np.uint8)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    if count < 2:
        return None
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = extent >= 0.1 * min(ink.shape)
    keep[0] = False
    if not keep.any() or extent[1:].max() < SMALLEST * min(ink.shape):
        return None
    rows, columns = np.nonzero(keep[labels])
    window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    return np.where(keep[labels][window], ink[window], 0).astype(np.float32)


def shape_features(ink: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return oriented gradients, enclosed area and proportions of a mark, about 900 numbers of −1 to 1.

    Args:
        ink: As `mark_ink` returns it.
    """
    scale = 40 / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = np.clip(small * 255, 0, 255)
    square = cv2.GaussianBlur(square, (0, 0), 1.2).astype(np.uint8)
    finder = cv2.HOGDescriptor((SIDE, SIDE), (16, 16), (8, 8), (8, 8), 9)
    gradients = np.asarray(finder.compute(square), dtype=np.float64).ravel()
    return np.concatenate([gradients, _enclosed(square), [size[0] / 40, size[1] / 40]])


def _enclosed(square: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the share of pixels that cannot be reached from outside, with gaps of 1, 3 and 5 pixels closed."""
    shares = []
    for gap in (1, 3, 5):
        closed = cv2.morphologyEx(square, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
        walls = np.where(np.pad(closed, 1) > 70, 255, 0).astype(np.uint8)
        cv2.floodFill(walls, np.zeros((0, 0), np.uint8), (0, 0), (128,))
        shares.append(float((walls == 0).mean()) * 2)
    return np.array(shares)
