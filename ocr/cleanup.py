"""Make a scan plain: an even white ground and a mask of what is ink.

All images are gray, uint8, 0 black to 255 white; masks are uint8 with 255 for ink.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray

Mask = NDArray[np.uint8]
"""Shape (height, width), dtype uint8, 255 where there is ink, else 0."""

INK_DARKEST, INK_LIGHTEST = 110, 205
"""The threshold between ink and paper on an even ground stays within these gray values."""


def flatten(gray: Gray, dpi: float) -> Gray:
    """Return the page with its shading (shadow, yellowed paper, show-through tint) divided away.

    The ground is the local maximum over about 3 mm, smoothed over about 8 mm; both are taken at a quarter of the
    size. White paper becomes 255.
    """
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    reach = _odd(dpi * 3 / 25.4 / 4)
    ground = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    blur = _odd(dpi * 8 / 25.4 / 4)
    ground = cv2.blur(cv2.medianBlur(ground, min(blur, 31)), (blur, blur))
    large = cv2.resize(ground, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, np.maximum(large, 40), scale=255), dtype=np.uint8)


def ink_threshold(flat: Gray) -> int:
    """Return the gray value below which a pixel of a flattened page is ink (Otsu 1979 on the non-white pixels)."""
    counts = cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel().astype(np.float64)[:235]
    if counts.sum() < 50:
        return 160
    level = _otsu(counts)
    return int(np.clip(max(level, (level + 235) / 2 - 15), INK_DARKEST, INK_LIGHTEST))


def ink_mask(flat: Gray, threshold: int | None = None) -> Mask:
    """Return the ink of a flattened page."""
    level = ink_threshold(flat) if threshold is None else threshold
    _, ink = cv2.threshold(flat, level - 1, 255, cv2.THRESH_BINARY_INV)
    return np.asarray(ink, dtype=np.uint8)


def _otsu(counts: NDArray[np.float64]) -> int:
    """Return the gray value that parts a histogram into the two most different classes; it belongs to the darker."""
    values = np.arange(len(counts))
    below, total = np.cumsum(counts), counts.sum()
    sums = np.cumsum(counts * values)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (sums[-1] * below / total - sums) ** 2 / (below * (total - below))
    return int(np.nan_to_num(apart, posinf=0.0).argmax())


def despeckle(ink: Mask, smallest: int) -> Mask:
    """Return the mask without connected parts (8 neighbours) of fewer than `smallest` pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = stats[1:, cv2.CC_STAT_AREA] < smallest
    if count == 1 or not small.any():
        return ink
    return without_parts(ink, np.asarray(labels, np.int32), np.concatenate([[False], small]))


def without_parts(ink: Mask, labels: NDArray[np.int32], dropped: NDArray[np.bool_]) -> Mask:
    """Return a mask without some of its connected parts.

    Args:
        ink: The mask.
        labels: Number of the part of every pixel, 0 for none, same shape.
        dropped: Whether part n goes, shape (number of parts + 1,).
    """
    clean = ink.copy()
    inked = np.flatnonzero(ink)
    clean.reshape(-1)[inked[dropped[labels.reshape(-1)[inked]]]] = 0
    return clean


def to_dpi(gray: Gray, dpi: float, wanted: float) -> Gray:
    """Return the image resized from `dpi` to `wanted`."""
    scale = wanted / dpi
    if abs(scale - 1) < 1e-6:
        return gray
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=method), dtype=np.uint8)


def is_blank(ink: Mask) -> bool:
    """Say whether a page carries (almost) no ink: less than 0.05 % of it after removing specks."""
    return float((despeckle(ink, 6) > 0).mean()) < 0.0005


def has_traces(gray: Gray, dpi: float) -> bool:
    """Say whether a page without ink still shows traces of print: far too faint, but not blank.

    At 25 dpi scanner noise has averaged out; print that is 2 % of white darker than its surroundings then stands out
    on more than 0.2 % of the page. The outer 6 % are left out (shadows of the lid).
    """
    small = to_dpi(gray, dpi, 25).astype(np.float32)
    ground = cv2.GaussianBlur(small, (0, 0), 12)
    rows, columns = small.shape
    inner = (ground - small)[rows // 16 : rows - rows // 16, columns // 16 : columns - columns // 16]
    return float((inner > 5).mean()) > 0.002


def sharpness(gray: Gray) -> float:
    """Return how sharp the darkest edges are: 99th percentile of the gradient over the range of gray values, 0 to 1.

    A page at 100 dpi with readable print gives more than 0.3; a page blurred beyond reading less than 0.12.
    """
    low, high = np.percentile(gray, (0.5, 99.5))
    if high - low < 8:
        return 0.0
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0) / 4
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1) / 4
    return float(np.percentile(cv2.magnitude(across, down), 99) / (high - low))


def _odd(value: float) -> int:
    return max(3, int(value) | 1)
