"""Judge a raw crop of a printed check box without a blank: find the printed square, look at what else is there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleanup import Mask
from ocr.reading import Gray, RawReading
from ocr.recognisers.cell_crop import ink_of

MIDDLE, WIDTH = 0.42, 0.038
"""Belief in a tick by its longest extent in terms of the box's side; as for boxes on registered forms."""

STROKE, FAINT = 0.4, 0.16
"""Ink above these shares of the square's own darkness is a stroke, or a faint one."""

SPILL = 0.2
"""What is printed keeps to the square; ink joined to it that reaches this share of its side out of it is a pen's."""

HINT_SCORE = 0.6
"""A tick that is only hinted at is told with this score, and a reason."""


def read_checkbox_crop(gray: Gray) -> RawReading:
    """Say whether the box in a crop is ticked.

    Args:
        gray: The crop, uint8, about 1.5 to 2 times the size of the box.

    Returns:
        "checked" or "empty" with its uncalibrated score; a reason when no box was found, or when a tick shows only in
        ink much fainter than the printed square, or only in what runs out of the square.
    """
    ink = ink_of(gray)
    strong = np.where(ink > STROKE, 255, 0).astype(np.uint8)
    box = find_square(strong)
    belief = _belief(mark_strength(strong, box))
    hinted = _belief(mark_strength(_faint(ink), box)) >= 0.5 or (
        box is not None and spill(strong, box) > SPILL
    )
    if belief < 0.5 and hinted:
        hint = (("checked", HINT_SCORE), ("empty", 1 - HINT_SCORE))
        return RawReading("checked", HINT_SCORE, hint, "ocr.faint", (("tick", HINT_SCORE),))
    value, score = ("checked", belief) if belief >= 0.5 else ("empty", 1 - belief)
    return RawReading(value, score, ((value, score),), "" if box else "ocr.faint", (("tick", score),))


def _belief(strength: float) -> float:
    return float(1 / (1 + np.exp(-np.clip((strength - MIDDLE) / WIDTH, -30, 30))))


def _faint(ink: NDArray[np.float32]) -> Mask:
    """Return ink that is fainter than strokes, smoothed so that the grain of a gray scan does not join to lines."""
    return np.where(cv2.blur(ink, (3, 3)) > FAINT, 255, 0).astype(np.uint8)


def spill(ink: Mask, box: tuple[int, int, int, int]) -> float:
    """Return how far ink that is joined to the printed square reaches out of it, in terms of its side."""
    left, top, right, bottom = box
    thick = _thickness(ink, box)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    outline = np.concatenate(
        [labels[top : top + thick, left:right].ravel(), labels[top:bottom, left : left + thick].ravel()]
    )
    frame = np.bincount(outline, minlength=len(stats))
    frame[0] = 0
    x, y, width, height = (int(v) for v in stats[frame.argmax(), :4])
    out = max(left - x, top - y, x + width - right - thick, y + height - bottom - thick)
    return out / min(right - left, bottom - top)


def find_square(ink: Mask) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom of the printed square's outer edge, or None.

    A side is a straight run of at least 30 % of the crop; of all pairs of sides the most square and longest wins.
    """
    height, width = ink.shape
    length = max(7, round(0.3 * min(height, width)))
    upright = cv2.morphologyEx(_closed(ink, (5, 1)), cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    level = cv2.morphologyEx(_closed(ink, (1, 5)), cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    columns, rows = _runs(upright.sum(axis=0) / 255 >= length), _runs(level.sum(axis=1) / 255 >= length)
    best: tuple[float, tuple[int, int, int, int]] | None = None
    for i, (left, _) in enumerate(columns):
        for _, right in columns[i + 1 :]:
            for j, (top, _) in enumerate(rows):
                for _, bottom in rows[j + 1 :]:
                    wide, tall = right - left, bottom - top
                    if min(wide, tall) < 0.3 * min(height, width) or max(wide, tall) > 1.3 * min(wide, tall):
                        continue
                    score = _printed_share(ink, (left, top, right, bottom))
                    if best is None or score > best[0]:
                        best = (score, (left, top, right, bottom))
    return best[1] if best and best[0] > 0.6 else None


def mark_strength(ink: Mask, box: tuple[int, int, int, int] | None) -> float:
    """Return the longest extent of ink that is not the square, inside of it, in terms of its side."""
    if box is None:
        left, top, right, bottom = 0, 0, ink.shape[1], ink.shape[0]
        inset = round(0.2 * min(ink.shape))
    else:
        left, top, right, bottom = box
        inset = _thickness(ink, box) + 2
    inner = ink[top + inset : bottom - inset, left + inset : right - inset]
    if inner.size == 0:
        return 0.0
    side = min(right - left, bottom - top)
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(inner), connectivity=8)
    parts = [row for row in stats[1:] if row[cv2.CC_STAT_AREA] >= max(4, side * side / 900)]
    if not parts:
        return 0.0
    longest = max(np.hypot(row[cv2.CC_STAT_WIDTH], row[cv2.CC_STAT_HEIGHT]) for row in parts)
    area = sum(int(row[cv2.CC_STAT_AREA]) for row in parts) / (side * side)
    return float(min(longest / side * 1.2, area * 10))


def _closed(ink: Mask, shape: tuple[int, int]) -> Mask:
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(shape, np.uint8)), dtype=np.uint8)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last+1 of every run of True."""
    padded = np.concatenate([[False], flags, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(padded))
    return [(int(a), int(b)) for a, b in zip(change[::2], change[1::2], strict=True)]


def _printed_share(ink: Mask, box: tuple[int, int, int, int]) -> float:
    """Return how much of the box's outline carries ink, within 3 pixels."""
    left, top, right, bottom = box
    sides = (
        ink[top : top + 4, left:right].max(axis=0),
        ink[bottom - 4 : bottom, left:right].max(axis=0),
        ink[top:bottom, left : left + 4].max(axis=1),
        ink[top:bottom, right - 4 : right].max(axis=1),
    )
    return float(min((side > 0).mean() for side in sides))


def _thickness(ink: Mask, box: tuple[int, int, int, int]) -> int:
    """Return the median thickness of the square's sides in pixels."""
    left, top, right, bottom = box
    reach = max(3, (right - left) // 4)
    looks = (
        ink[top : top + reach, left:right].T,
        ink[bottom - reach : bottom, left:right][::-1].T,
        ink[top:bottom, left : left + reach],
        ink[top:bottom, right - reach : right][:, ::-1],
    )
    runs = [np.argmin(np.concatenate([line > 0, [False]])) for look in looks for line in look]
    return max(1, int(np.median(runs)))
