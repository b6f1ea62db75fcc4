"""Cut one found line of text out of its page as the text reader wants it: upright, 48 pixels high.

The reader was trained on lines from left to right. A line from top to bottom is cut into its characters, which are
laid side by side; what is printed differently in vertical text (the long-vowel mark, brackets, full stops) is turned
or moved as it would stand in a horizontal line.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleanup import Mask, flatten, ink_mask
from ocr.reading import Gray
from ocr.recognisers.detection import Corners, TextPlace
from ocr.recognisers.line import TILE_HEIGHT, Tile

SIDE_MARGIN = 0.3
"""Places are this share of their height too short on each side: brackets and full stops fade out."""

EDGE_MARGIN = 0.08
"""Places are this share of their height too low above and below."""

UPRIGHT = 1.5
"""A place this many times higher than wide is read from top to bottom."""

CANVAS = 44
"""Side in pixels of the square that a character of a vertical line is laid into."""


@dataclass(frozen=True, eq=False)
class Strip:
    """One line, cut out.

    Attributes:
        tile: What the reader looks at.
        corners: The rectangle it was cut from, pixels of the page, shape (4, 2).
        vertical: Whether the line runs from top to bottom.
        spans: For a vertical line, from where to where (0 to 1 of its height) each square of CANVAS pixels in the
            tile was cut; empty for a horizontal line.
    """

    tile: Tile
    corners: Corners
    vertical: bool
    spans: tuple[tuple[float, float], ...] = ()


def cut_strip(gray: Gray, place: TextPlace, *, along: bool | None = None) -> Strip:
    """Cut a place out of the page.

    Args:
        gray: The page, uint8, 255 white.
        place: Where the line is.
        along: True to read it from left to right, False from top to bottom; by its shape when None.
    """
    width, height = place.size
    vertical = height > UPRIGHT * width if along is None else not along
    corners = _widened(place.corners, vertical=vertical)
    picture = _straight(gray, corners)
    if not vertical:
        return Strip(_scaled(picture), corners, vertical=False)
    picture = _without_rulings(picture)
    spans = character_spans(ink_mask(picture), picture.shape[1])
    tiles = [_canvas(picture[a:b]) for a, b in spans]
    tile = np.concatenate(tiles, axis=1) if tiles else np.full((TILE_HEIGHT, CANVAS), 255, np.float32)
    shares = tuple((a / len(picture), b / len(picture)) for a, b in spans)
    return Strip(tile, corners, vertical=True, spans=shares)


def character_spans(ink: Mask, pitch: float) -> list[tuple[int, int]]:
    """Return from where to where (rows) each character of a vertical line goes.

    Rows without ink part the parts; parts that together are no higher than a character belong to one (二, 言), and a
    part much higher than one is two that touch.

    Args:
        ink: The line from top to bottom, 255 ink.
        pitch: Width of the line in pixels; a character is about as high as it.
    """
    parts = _runs(np.asarray(ink.any(axis=1)))
    if not parts:
        return []
    size = float(np.clip(np.percentile([b - a for a, b in parts], 90), 0.6 * pitch, 1.05 * pitch))
    spans: list[tuple[int, int]] = []
    for start, end in parts:
        if spans and end - spans[-1][0] <= 1.08 * size and start - spans[-1][1] < 0.55 * size:
            spans[-1] = (spans[-1][0], end)
            continue
        pieces = max(1, round((end - start) / (1.12 * size))) if end - start > 1.5 * size else 1
        cuts = np.linspace(start, end, pieces + 1).round().astype(int)
        spans += [(int(a), int(b)) for a, b in pairwise(cuts)]
    return spans


def _widened(corners: Corners, *, vertical: bool) -> Corners:
    """Grow a rectangle along its own sides."""
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    wide, high = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    unit = min(wide, high)
    margins = (EDGE_MARGIN, SIDE_MARGIN) if vertical else (SIDE_MARGIN, EDGE_MARGIN)
    step_x = across / max(wide, 1e-6) * unit * margins[0]
    step_y = down / max(high, 1e-6) * unit * margins[1]
    moves = np.array([-step_x - step_y, step_x - step_y, step_x + step_y, -step_x + step_y])
    return np.asarray(corners + moves, dtype=np.float32)


def _straight(gray: Gray, corners: Corners) -> Gray:
    """Return the rectangle, its sides parallel to the picture's; outside of the page is white."""
    width = max(2, round(float(np.linalg.norm(corners[1] - corners[0]))))
    height = max(2, round(float(np.linalg.norm(corners[3] - corners[0]))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(
        cv2.warpPerspective(gray, turn, (width, height), flags=cv2.INTER_AREA, borderValue=(255.0,)),
        dtype=np.uint8,
    )


def _without_rulings(picture: Gray) -> Gray:
    """Paint columns white that are inked nearly from top to bottom: a frame's side, no stroke."""
    ruled = (ink_mask(picture) > 0).mean(axis=0) > 0.8
    near = cv2.dilate(ruled.astype(np.uint8)[None], np.ones((1, 5), np.uint8))[0] > 0
    return np.where(near[None], np.uint8(255), picture).astype(np.uint8)


def _scaled(picture: Gray) -> Tile:
    scale = TILE_HEIGHT / picture.shape[0]
    width = max(8, round(picture.shape[1] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, TILE_HEIGHT), interpolation=method), dtype=np.float32)


def _canvas(picture: Gray) -> Tile:
    """Return one character of a vertical line as it stands in a horizontal one."""
    ink = ink_mask(picture)
    found = cv2.boundingRect(ink)
    x, y, width, height = found
    canvas = np.full((TILE_HEIGHT, CANVAS), 255, dtype=np.float32)
    if width == 0:
        return canvas
    body = picture[y : y + height, x : x + width]
    pitch = picture.shape[1] / (1 + 2 * EDGE_MARGIN)
    turned = _is_turned(ink[y : y + height, x : x + width] > 0, pitch)
    if turned:
        body = np.rot90(body)
    scale = 38 / pitch
    size = (max(1, round(body.shape[1] * scale)), max(1, round(body.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(body, size, interpolation=method)[:TILE_HEIGHT, :CANVAS]
    rows, columns = small.shape
    top, left = (TILE_HEIGHT - rows) // 2, (CANVAS - columns) // 2
    if not turned and max(width, height) < 0.4 * pitch and x > 0.5 * picture.shape[1]:
        top, left = TILE_HEIGHT - rows - 5, 3  # 、 and 。 stand at the top right in vertical text
    canvas[top : top + rows, left : left + columns] = small
    return canvas


def _is_turned(body: NDArray[np.bool_], pitch: float) -> bool:
    """Say whether a mark is one that vertical text turns: ー ～ …, and brackets; へ and 一 are not turned.

    Args:
        body: Its ink, cut to its own box.
        pitch: Size of a character, pixels.
    """
    height, width = body.shape
    if height > 0.55 * pitch and width < 0.3 * height:
        return True
    if width < 0.5 * pitch or height > 0.45 * pitch or height < 0.12 * pitch or float(body.mean()) > 0.42:
        return False
    corner = float(body.mean(axis=1).max()) > 0.75  # 「 has a bar along its whole width
    mirrored = float((body & body[:, ::-1]).sum()) / max(1.0, float(body.sum()))
    return corner or mirrored > 0.6  # ( is the same from left and right, へ is not


def _runs(inked: NDArray[Any]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def page_ground(gray: Gray, dpi: float) -> Gray:
    """Return the page with an even white ground, on which lines are cut."""
    return flatten(gray, dpi)
