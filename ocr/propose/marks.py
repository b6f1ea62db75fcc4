"""Find single printed shapes: boxes to tick, circles for a seal, solid squares near the corners of the page."""

from dataclasses import dataclass

import cv2
import numpy as np

from ocr.cleanup import Mask
from ocr.corner_marks import find_squares
from ocr.propose.frames import px
from ocr.propose.paper import DPI, Paper
from ocr.propose.rect import Rect

TICK_MM = (2.3, 7.0)
"""Smallest and largest side of a box to tick."""

SEAL_MM = (7.0, 32.0)
"""Smallest and largest diameter of a seal's circle: 印 of a name line, official seals of 24 to 30 mm."""

_DASH_MM = 0.9
"""Gaps of a dashed circle."""

DOT_MM = (0.3, 1.4)
"""Smallest and largest diameter of a printed middle dot."""

CORNER_MM = (3.0, 10.0)
"""Smallest and largest side of a corner mark."""


@dataclass(frozen=True)
class CornerMarks:
    """Solid squares near the corners: centres in mm, top left first, clockwise, and their side."""

    centres: tuple[tuple[float, float], ...]
    side: float


def find_ticks(paper: Paper) -> list[Rect]:
    """Return the boxes to tick: single hollow squares with four straight sides and nothing inside.

    The character 口 is none: its sides stand out below.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(paper.ink, connectivity=8)
    across, down = paper.scale
    found = []
    for number in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[number])
        small, large = px(TICK_MM[0]), px(TICK_MM[1])
        if not (small <= w <= large and small <= h <= large and 0.78 < w / h < 1.28 and area < 0.6 * w * h):
            continue
        if _is_hollow_square(labels[y : y + h, x : x + w] == number, paper.ink[y : y + h, x : x + w] > 0):
            found.append(Rect(x * across, y * down, (x + w) * across, (y + h) * down))
    return found


def _is_hollow_square(part: np.ndarray, ink: np.ndarray) -> bool:
    height, width = part.shape
    band = max(2, round(0.1 * min(height, width)))
    sides = (
        part[:band].any(axis=0),
        part[-band:].any(axis=0),
        part[:, :band].any(axis=1),
        part[:, -band:].any(axis=1),
    )
    core = ink[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return all(float(side.mean()) > 0.95 for side in sides) and float(core.mean()) < 0.02


def find_circles(paper: Paper, without: Mask) -> list[Rect]:
    """Return the circles in which a seal is put, solid or dashed: all points equally far from a middle.

    Args:
        paper: The page.
        without: Rulings, not to be looked at.
    """
    ink = cv2.bitwise_and(paper.ink, cv2.bitwise_not(without))
    reach = px(_DASH_MM / 2)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    contours, _ = cv2.findContours(cv2.dilate(ink, brush), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    across, down = paper.scale
    found = []
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        x, y, w, h = x + reach, y + reach, w - 2 * reach, h - 2 * reach
        if px(SEAL_MM[0]) <= w <= px(SEAL_MM[1]) and 0.93 < w / h < 1.07 and _is_round(contour[:, 0]):
            found.append(Rect(x * across, y * down, (x + w) * across, (y + h) * down))
    return found


def _is_round(points: np.ndarray) -> bool:
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    distance = np.linalg.norm(points - middle, axis=1)
    return float(distance.std() / distance.mean()) < 0.03


def find_dots(paper: Paper, without: Mask) -> list[Rect]:
    """Return the small spots that stand alone between words: 男 ・ 女. The text finder overlooks some of them.

    Args:
        paper: The page.
        without: Rulings, not to be looked at.
    """
    ink = cv2.bitwise_and(paper.ink, cv2.bitwise_not(without))
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    across, down = paper.scale
    found = []
    for x, y, w, h, area in stats[1:count].tolist():
        small, large = px(DOT_MM[0]), px(DOT_MM[1])
        if not (small <= w <= large and small <= h <= large and 0.6 < w / h < 1.7):
            continue
        rows = slice(max(0, y - px(1.2)), y + h + px(1.2))
        near = ink[rows, max(0, x - px(2)) : x + w + px(2)] > 0
        if int(near.sum()) == area:
            found.append(Rect(x * across, y * down, (x + w) * across, (y + h) * down))
    return found


def find_corner_marks(paper: Paper) -> CornerMarks | None:
    """Return the four solid squares near the corners of the page, or None when there are not four."""
    height, width = paper.ink.shape
    for side in (CORNER_MM[0] * 1.2, sum(CORNER_MM) / 2, CORNER_MM[1] * 0.9):
        squares = find_squares(paper.ink, px(side))
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
        if len(squares) < 4:
            continue
        distance = np.linalg.norm(squares[None] - corners[:, None], axis=2)
        nearest = distance.argmin(axis=1)
        if len(set(nearest.tolist())) == 4 and float(distance.min(axis=1).max()) < px(45):
            across, down = paper.scale
            centres = tuple(
                (round(float(x) * across, 1), round(float(y) * down, 1)) for x, y in squares[nearest]
            )
            return CornerMarks(centres, _side(paper.ink, squares[nearest]))
    return None


def _side(ink: Mask, centres: np.ndarray) -> float:
    """Return the median side of solid squares around some centres, mm."""
    sides = []
    for x, y in centres.round().astype(int):
        row, column = ink[y, max(0, x - px(8)) : x + px(8)] > 0, ink[max(0, y - px(8)) : y + px(8), x] > 0
        sides += [float(row.sum()), float(column.sum())]
    return round(float(np.median(sides)) / DPI * 25.4, 1)
