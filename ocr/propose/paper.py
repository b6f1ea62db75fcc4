"""The blank as paper: standing straight, at 300 dpi, with its size in millimetres."""

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleanup import Mask, flatten, ink_mask, to_dpi
from ocr.intake import SourcePage
from ocr.reading import Gray

DPI = 300
"""Blanks are looked at in this resolution; a hairline of 0.1 mm is then one pixel."""

STRAIGHT_DEGREES = 0.1
"""Over the width of A4 such a skew is 0.4 mm: less than a registered page may be off."""

MOST_DEGREES = 5.0
_SKEW_DPI = 150
_LONG_MM = 25.0
_SIZES = {
    "A3": (297.0, 420.0),
    "A4": (210.0, 297.0),
    "A5": (148.0, 210.0),
    "B4": (257.0, 364.0),
    "B5": (182.0, 257.0),
}


@dataclass(frozen=True, eq=False)
class Paper:
    """One page of a blank form.

    Attributes:
        number: Page of the file, from 1.
        gray: The page at DPI, uint8, straight.
        size_mm: Width and height; a usual paper size when it is within 2 % of one.
        turned: Degrees by which the page had to be turned to stand straight, 0 when it stood straight.
    """

    number: int
    gray: Gray = field(repr=False)
    size_mm: tuple[float, float]
    turned: float

    @cached_property
    def flat(self) -> Gray:
        """The page on an even white ground."""
        return flatten(self.gray, DPI)

    @cached_property
    def ink(self) -> Mask:
        """Everything printed, light tints left out."""
        return ink_mask(self.flat)

    @property
    def scale(self) -> tuple[float, float]:
        """Millimetres per pixel, across and down."""
        return self.size_mm[0] / self.gray.shape[1], self.size_mm[1] / self.gray.shape[0]


def lay_out(page: SourcePage) -> Paper:
    """Return a page straight and at DPI."""
    gray = to_dpi(page.gray, page.dpi, DPI)
    size = paper_size(page.gray.shape[1] / page.dpi * 25.4, page.gray.shape[0] / page.dpi * 25.4)
    degrees = skew(gray)
    if abs(degrees) < STRAIGHT_DEGREES:
        return Paper(page.number, gray, size, 0.0)
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    straight = cv2.warpAffine(gray, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255.0,))
    return Paper(page.number, np.asarray(straight, dtype=np.uint8), size, degrees)


def paper_size(width: float, height: float) -> tuple[float, float]:
    """Return the usual paper size (mm) within 2 % of a measured one, else the measured one to 0.1 mm."""
    for short, long in _SIZES.values():
        for wide, high in ((short, long), (long, short)):
            if abs(width / wide - 1) < 0.02 and abs(height / high - 1) < 0.02:
                return wide, high
    return round(width, 1), round(height, 1)


def skew(gray: Gray) -> float:
    """Return the degrees by which the page must be turned counter-clockwise to stand straight.

    Straight lines are fitted (least squares) to the long horizontal rulings; the median of their directions, weighted
    by length, is the skew. 0 when there are none within MOST_DEGREES.
    """
    small = to_dpi(gray, DPI, _SKEW_DPI)
    ink = ink_mask(flatten(small, _SKEW_DPI))
    runs = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 11), np.uint8))  # 5° is a step every 11 pixels
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    angles, lengths = [], []
    for number in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[number])
        if w < _LONG_MM / 25.4 * _SKEW_DPI or area > 8 * w:
            continue
        rows, columns = np.nonzero(labels[y : y + h, x : x + w] == number)
        slope = float(np.polyfit(columns, rows, 1)[0])
        angles.append(float(np.degrees(np.arctan(slope))))
        lengths.append(float(w))
    return _middle(np.array(angles), np.array(lengths))


def _middle(angles: NDArray[np.float64], lengths: NDArray[np.float64]) -> float:
    """Return the weighted median of the angles within MOST_DEGREES, 0 without any."""
    near = np.abs(angles) <= MOST_DEGREES
    if not near.any():
        return 0.0
    order = np.argsort(angles[near])
    heaped = np.cumsum(lengths[near][order])
    return float(angles[near][order][int(np.searchsorted(heaped, heaped[-1] / 2))])
