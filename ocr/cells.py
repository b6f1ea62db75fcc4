"""Cut fields and character cells out of a registered page, and leave only what the writer wrote.

After a last local alignment (the paper is never quite flat), printed pixels are taken away (`printed.py`) and strokes
are given to the cells they belong to. Everything is at WORK_DPI in the blank's coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.blank import WORK_DPI, Blank
from ocr.cleanup import Mask, despeckle
from ocr.printed import remove_print
from ocr.reading import Gray
from ocr.template_cells import Box

PX_PER_MM = WORK_DPI / 25.4
SLACK_MM = 0.8
"""The local alignment looks this far."""

SPECK_MM2 = 0.06
"""Smaller parts are dust (a full stop of a ball pen has 0.2 mm²)."""

STREAK_MM = 0.45
"""A white streak of a fax this high does not part a character: the lower ring of an 8 below its frame belongs to it."""


@dataclass(frozen=True)
class PageInk:
    """A registered page ready for cutting.

    Attributes:
        blank: Its blank.
        gray: The page at WORK_DPI in the blank's coordinates, flattened.
        ink: Mask of everything dark.
    """

    blank: Blank
    gray: Gray
    ink: Mask


@dataclass(frozen=True)
class Cut:
    """A field cut out with a margin.

    Attributes:
        gray: Pixels of the page, uint8.
        strokes: Mask of what was written, same shape.
        box: x, y, width, height of the field's box within the cut, pixels.
        origin: x, y of the cut's top left corner on the page, pixels at WORK_DPI.
        erased: Share of the box that print covers, 0 to 1.
    """

    gray: Gray
    strokes: Mask
    box: tuple[int, int, int, int]
    origin: tuple[int, int]
    erased: float


@dataclass(frozen=True)
class CellCut:
    """One character cell.

    Attributes:
        gray: The cell with a margin, uint8.
        strokes: Mask of the strokes that belong to this cell, same shape.
        filled: False for an empty cell.
        whole: The strokes on white as far as the printed cell reaches, uint8.
        faint: True when there is so little ink that empty or filled is a guess.
    """

    gray: Gray
    strokes: Mask
    whole: Gray
    filled: bool
    faint: bool


def cut(page: PageInk, box_mm: Box, margin_mm: float = 2.0) -> Cut:
    """Cut a box with a margin and separate the strokes from the print."""
    x, y, width, height = (round(v * PX_PER_MM) for v in box_mm)
    margin = round(margin_mm * PX_PER_MM)
    rows, columns = page.gray.shape
    top, left = max(0, y - margin), max(0, x - margin)
    bottom, right = min(rows, y + height + margin), min(columns, x + width + margin)
    dx, dy = _local_shift(page, (left, top, right, bottom))
    gray, ink = (
        _shifted(image, (left, top, right, bottom), dx, dy, fill)
        for image, fill in ((page.gray, 255), (page.ink, 0))
    )
    printed = page.blank.print_mask[top:bottom, left:right]
    strokes = remove_print(ink, printed)
    inner = (x - left, y - top, width, height)
    inside = printed[inner[1] : inner[1] + height, inner[0] : inner[0] + width]
    return Cut(gray, strokes, inner, (left + dx, top + dy), float((inside > 0).mean()))


def split_cells(cut_: Cut, count: int) -> list[CellCut]:
    """Split a row into `count` equal cells that touch each other; see `split_spans`."""
    edges = np.linspace(0, cut_.box[2] / PX_PER_MM, count + 1)
    return split_spans(cut_, list(pairwise(edges.tolist())))


def split_spans(cut_: Cut, spans_mm: Sequence[tuple[float, float]]) -> list[CellCut]:
    """Split a row into cells; a stroke that leaves its cell stays whole.

    A connected stroke belongs to the cell that holds most of it when it is no wider than a cell or 70 % of it lie
    there; a wider one (two characters that touch) is cut at the line, or in the middle between two separate cells.

    Args:
        cut_: The row.
        spans_mm: Left and right edge of every cell in mm from the left edge of the row's box, in order.
    """
    x, y, _, height = cut_.box
    spans = np.rint(x + np.asarray(spans_mm) * PX_PER_MM).astype(int)
    owner = _owners(cut_, spans)
    cells = []
    for index, (start, end) in enumerate(spans.tolist()):
        spill = round((end - start) * 0.3)
        left, right = max(0, start - spill), min(cut_.gray.shape[1], end + spill)
        strokes = np.where(owner[:, left:right] == index + 1, 255, 0).astype(np.uint8)
        amount = written_amount(strokes)
        gray = cut_.gray[:, left:right]
        printed = (start - left, y, end - start, height)
        cells.append(CellCut(gray, strokes, _whole_cell(gray, strokes, printed), amount > 0, amount == 1))
    return cells


def _whole_cell(gray: Gray, strokes: Mask, box: tuple[int, int, int, int]) -> Gray:
    """Return the strokes on white, as far as the printed cell (x, y, width, height) and the strokes reach."""
    near = cv2.dilate(strokes, np.ones((3, 3), np.uint8)) > 0
    clean = np.where(near, gray, 255).astype(np.uint8)
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    points = cv2.findNonZero(strokes)
    if points is not None:
        x, y, width, height = cv2.boundingRect(points)
        left, top, right, bottom = min(left, x), min(top, y), max(right, x + width), max(bottom, y + height)
    return clean[max(0, top) : bottom, max(0, left) : right]


def written_amount(strokes: Mask) -> int:
    """Return 0 for nothing written, 1 for a trace that may be dirt, 2 for a stroke.

    A written stroke is at least 1.6 mm long or 0.5 mm² large; dirt is less than 0.7 mm and 0.15 mm².
    """
    kept = despeckle(strokes, round(SPECK_MM2 * PX_PER_MM**2))
    points = cv2.findNonZero(kept)
    if points is None:
        return 0
    _, _, width, height = cv2.boundingRect(points)
    longest = max(width, height) / PX_PER_MM
    area = len(points) / PX_PER_MM**2
    if longest >= 1.6 or area >= 0.5:
        return 2
    return 1 if longest >= 0.7 or area >= 0.15 else 0


def _owners(cut_: Cut, spans: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return for every pixel the cell (from 1) that its stroke belongs to, 0 for none, shape of the cut.

    Args:
        cut_: The row.
        spans: Left and right edge of every cell in pixels of the cut, shape (n, 2).
    """
    _, y, _, height = cut_.box
    strokes = despeckle(cut_.strokes, round(SPECK_MM2 * PX_PER_MM**2))
    bridged = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((round(STREAK_MM * PX_PER_MM), 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    labels[strokes == 0] = 0
    column_cell, nearest = _cells_of_columns(spans, strokes.shape[1])
    owner = np.zeros(labels.shape, dtype=np.int32)
    rows, columns = np.nonzero(labels)
    part = labels[rows, columns]
    table = np.zeros((count, len(spans) + 1), dtype=np.int64)
    np.add.at(table, (np.asarray(part, dtype=np.int64), column_cell[columns]), 1)
    inside = np.bincount(part, weights=(rows >= y) & (rows < y + height), minlength=count)
    total = np.maximum(table.sum(axis=1), 1)
    narrow = stats[:, cv2.CC_STAT_WIDTH] <= 1.05 * (spans[0, 1] - spans[0, 0])
    whole = narrow | (table.max(axis=1) / total >= 0.7)
    chosen = np.where(whole, table.argmax(axis=1), -1)
    chosen[inside / total < 0.5] = 0
    owner[rows, columns] = np.where(chosen[part] >= 0, chosen[part], nearest[columns])
    return owner


def _cells_of_columns(spans: NDArray[np.int64], width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for every column the cell (from 1) it lies in, and the same with the gaps between cells shared out."""
    columns = np.arange(width)
    inside, nearest = np.zeros(width, np.int64), np.zeros(width, np.int64)
    for index, (start, end) in enumerate(spans.tolist()):
        inside[(columns >= start) & (columns < end)] = index + 1
        left = start if index == 0 else (spans[index - 1, 1] + start) // 2
        right = end if index == len(spans) - 1 else (end + spans[index + 1, 0]) // 2
        nearest[(columns >= left) & (columns < right)] = index + 1
    return inside, nearest


def _local_shift(page: PageInk, window: tuple[int, int, int, int]) -> tuple[int, int]:
    """Return how far (x, y in px) the page's print is off the blank's around the window, 0 where it cannot be told."""
    left, top, right, bottom = window
    slack = round(SLACK_MM * PX_PER_MM / 2)
    printed = cv2.resize(
        page.blank.gray[top:bottom, left:right], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
    )
    if printed.std() < 8:
        return 0, 0
    around = _shifted(
        page.gray, (left - 2 * slack, top - 2 * slack, right + 2 * slack, bottom + 2 * slack), 0, 0, 255
    )
    seen = cv2.resize(
        around, (printed.shape[1] + 2 * slack, printed.shape[0] + 2 * slack), interpolation=cv2.INTER_AREA
    )
    surface = cv2.matchTemplate(seen, printed, cv2.TM_CCOEFF_NORMED)
    _, peak, _, place = cv2.minMaxLoc(surface)
    if peak < 0.3 or peak - float(surface[slack, slack]) < 0.02:
        return 0, 0
    return (place[0] - slack) * 2, (place[1] - slack) * 2


def _shifted(image: Gray, window: tuple[int, int, int, int], dx: int, dy: int, fill: int) -> Gray:
    """Return the window moved by (dx, dy), filled outside of the image."""
    left, top, right, bottom = window[0] + dx, window[1] + dy, window[2] + dx, window[3] + dy
    rows, columns = image.shape
    result = np.full((bottom - top, right - left), fill, dtype=np.uint8)
    y0, y1, x0, x1 = max(0, top), min(rows, bottom), max(0, left), min(columns, right)
    if y1 > y0 and x1 > x0:
        result[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    return result
