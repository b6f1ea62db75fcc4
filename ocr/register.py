"""Lay a page exactly on its blank: refine the rough match, follow the paper, measure what is left, refuse a bad fit.

The rough match is good to a millimetre or two. Small patches of print (crossings of rulings, corners of boxes and
letters) are looked up again around the place where they should be, in two rounds. Two thirds of them fit the flat
sheet and the shifts of the paper at the fields; the other third only measures: the root mean square of its distances
is the residual that is reported.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.blank import FIND_DPI, FIT_DPI, WORK_DPI, Blank
from ocr.cleanup import flatten, to_dpi
from ocr.identify import Match
from ocr.intake import SourcePage
from ocr.landmarks import Points
from ocr.placement import Homography, Placement, no_shifts, scaling, shift_at, smooth_shifts
from ocr.reading import Gray, PageRefusal

LARGEST_RESIDUAL_MM = 0.8
"""A cell is 7 to 8 mm wide; beyond a tenth of it the strokes of neighbours get in."""

FEWEST_POINTS = 12
"""Fewer patches than this cannot carry a homography and check it."""

FINEST_DPI = 360
"""Finer scans are first made as coarse as the work needs, by averaging: half the noise, a quarter of the time."""

_GOOD_PEAK = 0.55
_FLAT_MM = 0.6
"""Paper is never farther off a flat sheet than this; such a patch was found in a wrong place."""


@dataclass(frozen=True)
class Search:
    """One round of looking patches up.

    Attributes:
        patch_mm: Half the side of a patch.
        reach_mm: How far around its place it is looked for.
        share: Every how many-th anchor is used.
    """

    patch_mm: float
    reach_mm: float
    share: int


ROUNDS = (Search(3.5, 2.5, 3), Search(3.0, 0.9, 1))


@dataclass(frozen=True)
class Registered:
    """A page laid on its blank.

    Attributes:
        match: The rough match it began with.
        work: The page in the blank's coordinates at WORK_DPI, flattened, uint8, same shape as the blank.
        inliers: Patches that the fit rests on.
        residual_mm: Root mean square distance of the checking patches, in mm.
        placement: Where the blank lies on the page.
    """

    match: Match
    work: Gray
    inliers: int
    residual_mm: float
    placement: Placement


@dataclass(frozen=True)
class Fit:
    """How well a page lies on its blank so far.

    Attributes:
        to_blank: From the page's pixels at FIT_DPI to the blank's pixels at FIT_DPI.
        shifts: What the paper adds.
        inliers: Patches that the fit rests on.
        residual_mm: Root mean square distance of the checking patches.
    """

    to_blank: Homography
    shifts: NDArray[np.float32]
    inliers: int
    residual_mm: float


def register(page: SourcePage, match: Match) -> Registered | PageRefusal:
    """Refine a match and lay the page on the blank.

    Returns:
        The page in the blank's coordinates, or the refusal page_bad_fit with what was measured.
    """
    blank = match.blank
    dpi = min(page.dpi, WORK_DPI) if page.dpi > FINEST_DPI else page.dpi
    flat = flatten(to_dpi(page.gray, page.dpi, dpi), dpi)
    fit = _fit(to_dpi(flat, dpi, FIT_DPI), match)
    if fit is None or fit.inliers < FEWEST_POINTS or fit.residual_mm > LARGEST_RESIDUAL_MM:
        shown = "-" if fit is None else round(fit.residual_mm, 2)
        values = {"page": page.number, "form": blank.form, "residual": shown}
        return PageRefusal(page.number, "ocr.page_bad_fit", values | {"inliers": fit.inliers if fit else 0})
    to_page = np.linalg.inv(fit.to_blank) @ scaling(FIT_DPI / WORK_DPI)
    placement = Placement(scaling(dpi / FIT_DPI) @ to_page, WORK_DPI, fit.shifts)
    work = placement.lay(flat, blank.gray.shape)
    whole = Placement(scaling(page.dpi / FIT_DPI) @ to_page, WORK_DPI, fit.shifts)
    return Registered(match, work, fit.inliers, fit.residual_mm, whole)


def _fit(flat: Gray, match: Match) -> Fit | None:
    """Return the fit after all rounds; None when too few patches are found again in one of them."""
    to_blank = scaling(FIT_DPI / FIND_DPI) @ match.homography @ scaling(FIND_DPI / FIT_DPI)
    fit: Fit | None = None
    for search in ROUNDS:
        fit = _refine(flat, match.blank, to_blank, search)
        if fit is None:
            return None
        to_blank = fit.to_blank
    return fit


def _refine(flat: Gray, blank: Blank, to_blank: Homography, search: Search) -> Fit | None:
    height, width = blank.fitting.shape
    laid = cv2.warpPerspective(flat, to_blank, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255,))
    soft = np.asarray(cv2.GaussianBlur(laid, (0, 0), 1.0), dtype=np.uint8)
    anchors = blank.anchors[:: search.share]
    found, peaks = _look_up(blank.smooth_fitting, soft, anchors, search)
    good = peaks > _GOOD_PEAK
    if int(good.sum()) < FEWEST_POINTS + 4:
        return None
    wanted, seen = anchors[good], found[good]
    checking = np.arange(len(wanted)) % 3 == 2
    limit_px = _FLAT_MM / 25.4 * FIT_DPI
    step, mask = cv2.findHomography(
        seen[~checking], wanted[~checking], cv2.USAC_MAGSAC, limit_px, maxIters=2000, confidence=0.999
    )
    if step is None:
        return None
    inside = mask.ravel() > 0
    shifts = _paper(step, wanted[~checking][inside], seen[~checking][inside], blank)
    error_mm = _left_over(step, wanted[checking], seen[checking])
    error_mm -= shift_at(shifts, (wanted[checking] + 0.5) * 25.4 / FIT_DPI)
    residual = _trimmed_rms(np.linalg.norm(error_mm, axis=1))
    return Fit(np.asarray(step @ to_blank), shifts, int(mask.sum()), residual)


def _left_over(step: Homography, wanted: Points, seen: Points) -> NDArray[np.float64]:
    """Return how far (x, y in mm, of the blank) each patch is seen beside its place after the flat fit."""
    moved = cv2.perspectiveTransform(seen.reshape(-1, 1, 2), step).reshape(-1, 2)
    return np.asarray((moved - wanted) * 25.4 / FIT_DPI, dtype=np.float64)


def _paper(step: Homography, wanted: Points, seen: Points, blank: Blank) -> NDArray[np.float32]:
    """Return the paper's shifts; patches that disagree with those around them take no part."""
    size_mm = blank.template.size_mm
    points_mm = (np.asarray(wanted, np.float64) + 0.5) * 25.4 / FIT_DPI
    error_mm = _left_over(step, wanted, seen)
    if len(points_mm) < FEWEST_POINTS:
        return no_shifts(size_mm)
    away = ((points_mm[:, None] - points_mm[None]) ** 2).sum(axis=2)
    around = np.argsort(away, axis=1)[:, 1:9]
    typical = np.median(error_mm[around], axis=1)
    agrees = np.linalg.norm(error_mm - typical, axis=1) < _FLAT_MM / 3
    return smooth_shifts(points_mm[agrees], error_mm[agrees], size_mm)


def _trimmed_rms(error_mm: NDArray[np.floating]) -> float:
    """Return the root mean square of the nearest nine tenths: handwriting over a patch is not the page's fault."""
    nearest = np.sort(error_mm)[: max(1, int(np.ceil(len(error_mm) * 0.9)))]
    return float(np.sqrt(np.mean(nearest**2)))


def _look_up(blank: Gray, laid: Gray, anchors: Points, search: Search) -> tuple[Points, NDArray[np.float32]]:
    """Return where each anchor's patch is found on the laid page, and how well (−1 to 1)."""
    half, reach = (round(side / 25.4 * FIT_DPI) for side in (search.patch_mm, search.reach_mm))
    rim = half + reach
    padded = cv2.copyMakeBorder(laid, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(255,))
    found, peaks = np.array(anchors), np.zeros(len(anchors), np.float32)
    for index, (x, y) in enumerate(np.rint(anchors).astype(int)):
        patch = blank[y - half : y + half + 1, x - half : x + half + 1]
        area = padded[y : y + 2 * rim + 1, x : x + 2 * rim + 1]
        if area.min() > 200:  # nothing is printed here on this page
            continue
        surface = np.asarray(cv2.matchTemplate(area, patch, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
        _, highest, _, (column, row) = cv2.minMaxLoc(surface)
        if 0 < row < surface.shape[0] - 1 and 0 < column < surface.shape[1] - 1:
            peaks[index] = highest
            found[index, 0] += column - reach + _peak(surface[row, column - 1 : column + 2])
            found[index, 1] += row - reach + _peak(surface[row - 1 : row + 2, column])
    return found, peaks


def _peak(three: NDArray[np.float32]) -> float:
    """Return the sub-pixel offset of a maximum from three samples around it (parabola), −0.5 to 0.5."""
    left, middle, right = three.tolist()
    bend = left - 2 * middle + right
    return min(0.5, max(-0.5, (left - right) / (2 * bend))) if bend < 0 else 0.0
