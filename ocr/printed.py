"""Take printed lines and labels away and keep the strokes that cross or touch them.

The blank's own pixels say where print is; how much wider it came out is measured on the scan itself.
"""

import cv2
import numpy as np

from ocr.cleanup import Mask, despeckle, without_parts

WIDEST_REACH = 4
"""Printed strokes of a scan are at most this many pixels (0.34 mm) wider on each side than on the blank."""

QUIET_RIM = 0.15
"""Beyond the print's real edge at most this share of the rim is inked: that is writing, not print."""


def remove_print(ink: Mask, printed: Mask) -> Mask:
    """Return the ink that was not printed, with strokes joined again where they cross a printed line.

    A printed pixel that has ink stays when strokes outside of the print meet it from two opposite sides: the strokes
    are closed over the width of the print, vertically, horizontally and along both diagonals.
    """
    reach = print_reach(ink, printed)
    zone = _grown(printed, reach)
    outside = np.where(zone > 0, 0, ink).astype(np.uint8)
    outside = despeckle(outside, 6)
    if not outside.any():
        return outside
    bridged = outside.copy()
    span = 2 * reach + 9
    for kernel in _bridges(span):
        closed = cv2.morphologyEx(outside, cv2.MORPH_CLOSE, kernel)
        bridged = np.asarray(cv2.bitwise_or(bridged, cv2.bitwise_and(closed, ink)), dtype=np.uint8)
    return _drop_rims(bridged, zone)


def print_reach(ink: Mask, printed: Mask) -> int:
    """Return by how many pixels the print came out wider on this scan than on the blank, 1 to WIDEST_REACH.

    Writing along a line (the foot of a 2, the roof of a 7) must not be taken for the line, so no more is erased than
    needed: rims of one pixel are looked at outwards until one is quiet.
    """
    if not printed.any():
        return 1
    inner = _grown(printed, 1)
    for reach in range(1, WIDEST_REACH):
        outer = _grown(printed, reach + 1)
        rim = (outer > 0) & (inner == 0)
        if not rim.any() or float((ink[rim] > 0).mean()) < QUIET_RIM:
            return reach
        inner = outer
    return WIDEST_REACH


def _grown(mask: Mask, reach: int) -> Mask:
    side = 2 * reach + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), dtype=np.uint8)


def _bridges(span: int) -> list[np.ndarray]:
    diagonal = np.eye(span, dtype=np.uint8)
    return [np.ones((span, 1), np.uint8), np.ones((1, span), np.uint8), diagonal, np.fliplr(diagonal).copy()]


def _drop_rims(strokes: Mask, zone: Mask) -> Mask:
    """Drop thin slivers that hug the print: rims of printed lines that came out wider on the scan."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    if count == 1:
        return strokes
    near = cv2.dilate(zone, np.ones((5, 5), np.uint8))
    hugging = np.bincount(labels[(near > 0) & (strokes > 0)], minlength=count)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    thin = np.minimum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) <= 5
    dropped = (hugging / area > 0.8) & (thin | (area < 40))
    dropped[0] = False
    return without_parts(strokes, np.asarray(labels, np.int32), dropped) if dropped.any() else strokes
