"""Pictures of a screen: whether one is black, where two differ, and one in which no words can be read."""

import cv2
import numpy as np

from robots.drivers.desktop import Picture

DARKEST = 12.0
"""A picture whose brightest pixel in a hundred is darker than this (of 255) is black: locked, or a closed session."""
_CURSOR = 4
"""Pixels: a change that is narrower is the cursor of an input, blinking."""
_MOSAIC = 14
"""Pixels per block of a picture that may show personal values: text of usual size cannot be read any more."""


def is_black(picture: Picture) -> bool:
    """Say whether a picture is black all over: even the brightest pixel in a hundred is."""
    return float(np.percentile(picture.max(axis=2), 99)) < DARKEST


def changed_rows(before: Picture, after: Picture) -> tuple[int, int] | None:
    """Return the first and one past the last row that differ; None for no more than a blinking cursor."""
    differs = np.any(before != after, axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size or columns[-1] - columns[0] < _CURSOR:
        return None
    return int(rows[0]), int(rows[-1]) + 1


def coarse(picture: Picture) -> Picture:
    """Return a picture in blocks, in which windows can be told apart and words cannot be read."""
    height, width = picture.shape[:2]
    small = cv2.resize(
        picture, (max(1, width // _MOSAIC), max(1, height // _MOSAIC)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
