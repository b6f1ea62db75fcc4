"""Lay a page exactly on its blank: refine the rough match, measure what is left, refuse a bad fit.

The rough match is good to a millimetre or two. Small patches of print are looked up again around the place where they
should be (normalised cross-correlation with sub-pixel peak). Two thirds of the patches fit the homography, the other
third only measures it: their root mean square distance is the residual that is reported.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.blank import FIND_DPI, FIT_DPI, WORK_DPI, Blank, Points
from ocr.cleanup import flatten
from ocr.identify import Homography, Match
from ocr.intake import SourcePage
from ocr.reading import Gray, PageRefusal

LARGEST_RESIDUAL_MM = 0.8
"""A cell is 7 to 8 mm wide; beyond a tenth of it the strokes of neighbours get in."""

FEWEST_POINTS = 12
"""Fewer patches than this cannot carry a homography and check it."""

_PATCH_MM, _SEARCH_MM = 4.0, 2.5
_GOOD_PEAK = 0.55


@dataclass(frozen=True)
class Registered:
    """A page laid on its blank.

    Attributes:
        match: The rough match it began with.
        work: The page in the blank's coordinates at WORK_DPI, flattened, uint8, same shape as the blank.
        inliers: Patches that the fit rests on.
        residual_mm: Root mean square distance of the checking patches, in mm.
    """

    match: Match
    work: Gray
    inliers: int
    residual_mm: float


def register(page: SourcePage, match: Match) -> Registered | PageRefusal:
    """Refine a match and lay the page on the blank.

    Returns:
        The page in the blank's coordinates, or the refusal page_bad_fit with what was measured.
    """
    blank, flat = match.blank, flatten(page.gray, page.dpi)
    to_blank = match.homography @ _scaling(FIND_DPI / page.dpi)  # page px to blank px at FIND_DPI
    anchors = _anchors(blank)
    inliers, residual = 0, float("inf")
    for search_mm in (_SEARCH_MM, _SEARCH_MM / 2):
        fitted = _refine(flat, blank, to_blank, anchors, search_mm)
        if fitted is None:
            break
        to_blank, inliers, residual = fitted
    if inliers < FEWEST_POINTS or residual > LARGEST_RESIDUAL_MM:
        shown = "-" if np.isinf(residual) else round(residual, 2)
        values = {"page": page.number, "form": blank.form, "residual": shown, "inliers": inliers}
        return PageRefusal(page.number, "ocr.page_bad_fit", values)
    return Registered(match, _lay(flat, to_blank, blank.gray.shape, WORK_DPI), inliers, residual)


def _refine(
    flat: Gray, blank: Blank, to_blank: Homography, anchors: Points, search_mm: float
) -> tuple[Homography, int, float] | None:
    """Return a better homography, its inliers and the residual in mm on points it was not fitted on."""
    laid = _lay(flat, to_blank, blank.fitting.shape, FIT_DPI)
    found, peaks = _look_up(_smooth(blank.fitting), _smooth(laid), anchors, search_mm)
    good = peaks > _GOOD_PEAK
    if int(good.sum()) < FEWEST_POINTS + 4:
        return None
    wanted, seen = anchors[good], found[good]
    checking = np.arange(len(wanted)) % 3 == 2
    step, mask = cv2.findHomography(
        seen[~checking], wanted[~checking], cv2.RANSAC, 0.5 / 25.4 * FIT_DPI, maxIters=2000, confidence=0.999
    )
    if step is None:
        return None
    moved = cv2.perspectiveTransform(seen[checking].reshape(-1, 1, 2), step).reshape(-1, 2)
    error_mm = np.linalg.norm(moved - wanted[checking], axis=1) * 25.4 / FIT_DPI
    grow = _scaling(FIT_DPI / FIND_DPI)
    better = np.linalg.inv(grow) @ step @ grow @ to_blank
    return np.asarray(better), int(mask.sum()), _trimmed_rms(error_mm)


def _trimmed_rms(error_mm: NDArray[np.floating]) -> float:
    """Return the root mean square of the nearest nine tenths: handwriting over a patch is not the page's fault."""
    nearest = np.sort(error_mm)[: max(1, int(np.ceil(len(error_mm) * 0.9)))]
    return float(np.sqrt(np.mean(nearest**2)))


def _anchors(blank: Blank) -> Points:
    """Return up to 240 well-spread corners of the blank's print, pixels at FIT_DPI, shape (n, 2)."""
    smooth = _smooth(blank.fitting)
    spread = 6.0 / 25.4 * FIT_DPI
    corners = cv2.goodFeaturesToTrack(smooth, 240, 0.02, spread, blockSize=7)
    if corners is None:
        return np.zeros((0, 2), np.float32)
    reach = (_PATCH_MM + _SEARCH_MM) / 25.4 * FIT_DPI + 2
    points = corners.reshape(-1, 2)
    limit = np.array([blank.fitting.shape[1], blank.fitting.shape[0]]) - reach
    return np.asarray(points[((points > reach) & (points < limit)).all(axis=1)], dtype=np.float32)


def _look_up(
    blank: Gray, laid: Gray, anchors: Points, search_mm: float
) -> tuple[Points, NDArray[np.float32]]:
    """Return where each anchor's patch is found on the laid page, and how well (−1 to 1)."""
    half, search = round(_PATCH_MM / 25.4 * FIT_DPI), round(search_mm / 25.4 * FIT_DPI)
    found, peaks = np.array(anchors), np.zeros(len(anchors), np.float32)
    for index, (x, y) in enumerate(np.rint(anchors).astype(int)):
        patch = blank[y - half : y + half + 1, x - half : x + half + 1]
        area = laid[y - half - search : y + half + search + 1, x - half - search : x + half + search + 1]
        if area.std() < 2:
            continue
        surface = np.asarray(cv2.matchTemplate(area, patch, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
        row, column = np.unravel_index(int(surface.argmax()), surface.shape)
        peaks[index] = surface[row, column]
        if 0 < row < surface.shape[0] - 1 and 0 < column < surface.shape[1] - 1:
            found[index, 0] += column - search + _peak(surface[row, column - 1 : column + 2])
            found[index, 1] += row - search + _peak(surface[row - 1 : row + 2, column])
        else:
            peaks[index] = 0
    return found, peaks


def _peak(three: NDArray[np.float32]) -> float:
    """Return the sub-pixel offset of a maximum from three samples around it (parabola), −0.5 to 0.5."""
    left, middle, right = (float(v) for v in three)
    bend = left - 2 * middle + right
    return float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0


def _lay(flat: Gray, to_blank: Homography, shape: tuple[int, ...], dpi: float) -> Gray:
    full = _scaling(dpi / FIND_DPI) @ to_blank
    size = (shape[1], shape[0])
    laid = cv2.warpPerspective(flat, full, size, flags=cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(laid, dtype=np.uint8)


def _smooth(gray: Gray) -> Gray:
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.0), dtype=np.uint8)


def _scaling(factor: float) -> Homography:
    """Return the homography that scales pixel centres by `factor` (centre of pixel 0 is at 0.5)."""
    shift = (factor - 1) / 2
    return np.array([[factor, 0, shift], [0, factor, shift], [0, 0, 1]], dtype=np.float64)
