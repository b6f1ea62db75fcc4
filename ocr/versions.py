"""Tell two versions of one form apart by what only one of them has printed.

Two versions differ by a line or a few words, so nearly the whole print of both is found on every filled sheet and their
scores are near ties. Only the print that the other version lacks tells anything.
"""

import cv2
import numpy as np

from ocr.blank import Blank
from ocr.cleanup import Mask
from ocr.placement import Homography

LEAST_PRINT = 40
"""Fewer differing pixels at FIND_DPI (about one printed character) tell nothing."""

CLEAR = 0.3
"""By so much, of −1 to 1, the sheet must speak for one version."""


def version_lead(ink: Mask, one: tuple[Blank, Homography], other: tuple[Blank, Homography]) -> float:
    """Return how clearly a page is of the first version rather than of the second.

    Args:
        ink: The page's ink at FIND_DPI.
        one: A version with the homography from the page to it, pixels at FIND_DPI.
        other: Another version of the same page with its homography.

    Returns:
        1 for surely the first, −1 for surely the second, 0 when their print does not differ.
    """
    first, second = _found(ink, one, other[0]), _found(ink, other, one[0])
    if first is None and second is None:
        return 0.0
    if second is None:
        return 2 * (first or 0.0) - 1
    return 1 - 2 * second if first is None else first - second


def own_print(blank: Blank, other: Blank) -> Mask:
    """Return the print of a blank that is not on another one, 1 mm of difference in place allowed."""
    height, width = blank.small_print.shape
    beside = cv2.resize(other.small_print, (width, height), interpolation=cv2.INTER_NEAREST)
    near = cv2.dilate(beside, np.ones((9, 9), np.uint8))
    return np.where(near > 0, 0, blank.small_print).astype(np.uint8)


def _found(ink: Mask, here: tuple[Blank, Homography], other: Blank) -> float | None:
    """Return the share of a version's own print that is found on the page, chance taken off; None for too little."""
    blank, homography = here
    own = own_print(blank, other) > 0
    if int(own.sum()) < LEAST_PRINT:
        return None
    height, width = own.shape
    laid = cv2.warpPerspective(ink, homography, (width, height), flags=cv2.INTER_LINEAR)
    near = cv2.dilate(np.where(laid > 90, 255, 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    covered, chance = float(near[own].mean()), float(near.mean())
    return max(0.0, (covered - chance) / max(1e-6, 1 - chance))
