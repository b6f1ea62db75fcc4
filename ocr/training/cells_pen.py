"""Drawing and resampling of ink, typed: OpenCV for pictures of shape (h, w), dtype uint8, 0 none to 255 full ink."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Ink, shape (h, w), dtype uint8, 0 none to 255 full."""

Spots = NDArray[np.float32] | NDArray[np.float64]
"""Points, shape (n, 2), x and y in pixels with fractions."""

_FRACTION_BITS = 4


def draw_path(ink: Picture, path: Spots, pen: int, shade: int = 255) -> None:
    """Draw a line through points, in place, with a pen `pen` pixels wide."""
    spots = np.round(path * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.polylines(ink, [spots[:, None, :]], False, (shade,), pen, cv2.LINE_AA, _FRACTION_BITS)


def draw_pressed(ink: Picture, path: Spots, pens: Sequence[int]) -> None:
    """Draw a line whose width changes from point to point, in place; one width per piece between two points."""
    spots = np.round(path * (1 << _FRACTION_BITS)).astype(int).tolist()
    for start, end, pen in zip(spots[:-1], spots[1:], pens, strict=True):
        cv2.line(ink, start, end, (255,), pen, cv2.LINE_AA, _FRACTION_BITS)


def draw_dot(ink: Picture, x: int, y: int, radius: int, shade: int) -> None:
    """Draw a filled dot, in place."""
    cv2.circle(ink, (x, y), radius, (shade,), -1)


def resized(ink: Picture, height: int, width: int, how: int = cv2.INTER_AREA) -> Picture:
    """Return the picture at another size."""
    return np.asarray(cv2.resize(ink, (width, height), interpolation=how), np.uint8)


def grown(ink: Picture, size: int) -> Picture:
    """Return the picture with strokes wider by about `size` - 1 pixels."""
    return np.asarray(cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), np.uint8)


def shrunk(ink: Picture) -> Picture:
    """Return the picture with strokes thinner by about one pixel."""
    return np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), np.uint8)


def moved(ink: Picture, map_x: NDArray[np.float32], map_y: NDArray[np.float32]) -> Picture:
    """Return the picture whose pixel (x, y) is taken from (map_x, map_y); nothing lies outside."""
    return np.asarray(
        cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.uint8
    )


def grain(shape: tuple[int, int], size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return noise, uniform before it is blurred over `size` pixels, shape as asked, dtype float32."""
    noise = rng.random(shape).astype(np.float32)
    return np.asarray(cv2.blur(noise, (size, min(size, shape[0]))), np.float32)
