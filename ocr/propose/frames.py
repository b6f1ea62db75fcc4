"""Find the frames that rulings make: every area of the page that is closed on four sides by printed lines.

Long straight runs of ink are rulings; what they cut off from the rest of the page is a frame. A frame may hold
others (a row of character cells inside a cell of a table).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ocr.cleanup import Mask
from ocr.propose.paper import DPI, Paper
from ocr.propose.rect import Rect

SHORTEST_RULING_MM = 3.4
"""Shorter straight runs belong to characters."""

BRIDGED_MM = 0.4
"""Gaps in a ruling up to this long are scanning faults."""

THICKEST_RULING_MM = 1.6
SMALLEST_FRAME_MM = 2.2
"""Sides of the smallest frame that anything can be written into."""

LEAST_FILLED = 0.9
"""An area fills at least this share of its bounding box, or it is no rectangle."""

EMPTY_INK = 0.004
"""A frame with less than this share of ink inside is empty: specks."""


@dataclass(frozen=True)
class Frame:
    """An area closed by rulings.

    Attributes:
        rect: Its edges, in the middle of the rulings, mm.
        shaded: Printed on a tint, as labels are.
        empty: Nothing is printed inside (rulings of frames inside it apart).
    """

    rect: Rect
    shaded: bool
    empty: bool


@dataclass(frozen=True, eq=False)
class Rulings:
    """The straight lines of a page: masks at DPI, 255 on a line."""

    across: Mask
    down: Mask

    @property
    def both(self) -> Mask:
        """All rulings."""
        return np.asarray(cv2.bitwise_or(self.across, self.down), dtype=np.uint8)


def px(mm: float) -> int:
    """Return a length in pixels at DPI, at least 1."""
    return max(1, round(mm / 25.4 * DPI))


def find_rulings(ink: Mask) -> Rulings:
    """Return the horizontal and vertical rulings of a page's ink at DPI."""
    return Rulings(_lines(ink, across=True), _lines(ink, across=False))


def _lines(ink: Mask, *, across: bool) -> Mask:
    def flat(length: int) -> np.ndarray:
        return np.ones((1, length) if across else (length, 1), np.uint8)

    thick = px(THICKEST_RULING_MM)
    bridged = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, flat(px(BRIDGED_MM)))
    long = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, flat(px(SHORTEST_RULING_MM)))
    solid = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    solid = cv2.dilate(solid, np.ones((3, 3), np.uint8))  # black squares and bars are no rulings
    return np.asarray(cv2.bitwise_and(long, cv2.bitwise_not(solid)), dtype=np.uint8)


def find_frames(paper: Paper, rulings: Rulings) -> list[Frame]:
    """Return every frame of a page, large and small."""
    thick = cv2.dilate(rulings.both, np.ones((3, 3), np.uint8))
    walls = np.asarray(cv2.bitwise_or(thick, _joined(rulings)), dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(walls), connectivity=4)
    inside = cv2.bitwise_and(paper.ink, cv2.bitwise_not(cv2.dilate(walls, np.ones((3, 3), np.uint8))))
    height, width = walls.shape
    frames = []
    for number in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[number])
        if min(w, h) < px(SMALLEST_FRAME_MM) or x == 0 or y == 0 or x + w == width or y + h == height:
            continue
        part = labels[y : y + h, x : x + w] == number
        if not _is_rectangle(part, area):
            continue
        frames.append(
            Frame(
                _edges(walls, (x, y, w, h), paper),
                _is_shaded(paper, part, x, y),
                float((inside[y : y + h, x : x + w][part] > 0).mean()) < EMPTY_INK,
            )
        )
    return frames


def _joined(rulings: Rulings) -> Mask:
    """Return rulings made a little longer, so that those meet that stop short of each other at a corner."""
    reach = 2 * px(0.35) + 1
    across = cv2.dilate(rulings.across, np.ones((1, reach), np.uint8))
    down = cv2.dilate(rulings.down, np.ones((reach, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(across, down), dtype=np.uint8)


def _is_rectangle(part: np.ndarray, area: int) -> bool:
    if area >= LEAST_FILLED * part.size:
        return True
    contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return max(cv2.contourArea(c) for c in contours) >= LEAST_FILLED * part.size


def _is_shaded(paper: Paper, part: np.ndarray, x: int, y: int) -> bool:
    """A tint is darker than the paper, lighter than print, and even."""
    h, w = part.shape
    values = paper.gray[y : y + h, x : x + w][part]
    ground = float(np.percentile(paper.gray[:: DPI // 10, :: DPI // 10], 75))
    middle = float(np.median(values))
    return 0.3 * ground < middle < 0.975 * ground


def _edges(walls: Mask, box: tuple[int, int, int, int], paper: Paper) -> Rect:
    """Return the rectangle up to the middle of the rulings around it."""
    x, y, w, h = box
    most = px(THICKEST_RULING_MM)
    columns, rows = slice(x + w // 4, x + w - w // 4), slice(y + h // 4, y + h - h // 4)
    left = _thickness(walls[rows, max(0, x - most) : x][:, ::-1].T) / 2
    right = _thickness(walls[rows, x + w : x + w + most].T) / 2
    top = _thickness(walls[max(0, y - most) : y, columns][::-1]) / 2
    bottom = _thickness(walls[y + h : y + h + most, columns]) / 2
    across, down = paper.scale
    return Rect((x - left) * across, (y - top) * down, (x + w + right) * across, (y + h + bottom) * down)


def _thickness(walls: np.ndarray) -> float:
    """Return how many rows from the first on are wall, the median over the columns."""
    if walls.size == 0:
        return 0.0
    open_at = np.where((walls == 0).any(axis=0), (walls == 0).argmax(axis=0), walls.shape[0])
    return float(np.median(open_at))
