"""Tell which form a page is, which page of it, and how it was turned, or say that it cannot be told.

Every page is matched against every blank. The score of a match is the share of the blank's print that is found again
on the page once the page is laid on it, with what a page of that much ink would cover by chance taken off. The best
score must be good, and clearly better than the second best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.blank import FIND_DPI, Blank, Features, find_features
from ocr.cleanup import Mask, flatten, has_traces, ink_mask, is_blank, sharpness, to_dpi
from ocr.corner_marks import marks_homographies
from ocr.intake import SourcePage
from ocr.reading import PageRefusal

Homography = NDArray[np.float64]
"""Shape (3, 3), dtype float64: from page pixels to blank pixels, both at FIND_DPI."""

GOOD_SCORE = 0.45
"""A page of our own forms scores 0.6 or more even when faxed; other papers stay below 0.25 (development scans)."""

CLEAR_LEAD = 0.06
"""By so much the best form must beat the second best."""

SHARP_ENOUGH = 0.12
"""Below this sharpness an unknown page is called unreadable, not foreign."""


@dataclass(frozen=True)
class Match:
    """A page laid on a blank, roughly.

    Attributes:
        blank: The blank.
        homography: From page to blank, pixels at FIND_DPI.
        score: Share of the blank's print found again, 0 to 1.
    """

    blank: Blank
    homography: Homography
    score: float

    @property
    def rotation(self) -> int:
        """Degrees clockwise by which the page must be turned to stand upright: 0, 90, 180 or 270."""
        angle = np.degrees(np.arctan2(self.homography[1, 0], self.homography[0, 0]))
        return int(round(angle / 90.0) * 90) % 360


def identify(page: SourcePage, blanks: Sequence[Blank]) -> Match | PageRefusal:
    """Find the blank that a page was filled in on.

    Returns:
        The match, or the refusal with its reason: page_blank, page_unreadable, page_unknown_form, page_ambiguous.
    """
    small = flatten(to_dpi(page.gray, page.dpi, FIND_DPI), FIND_DPI)
    ink = ink_mask(small)
    if is_blank(ink):
        reason = "ocr.page_unreadable" if has_traces(page.gray, page.dpi) else "ocr.page_blank"
        return PageRefusal(page.number, reason, {"page": page.number})
    matches = sorted(match_all(small, ink, blanks), key=lambda match: -match.score)
    if not matches or matches[0].score < GOOD_SCORE:
        return _unknown(page, small, ink, matches)
    if len(matches) > 1 and matches[0].score - matches[1].score < CLEAR_LEAD:
        names = "、".join(f"{match.blank.form} p.{match.blank.page}" for match in matches[:2])
        return PageRefusal(page.number, "ocr.page_ambiguous", {"page": page.number, "forms": names})
    return matches[0]


def match_all(small: NDArray[np.uint8], ink: Mask, blanks: Sequence[Blank]) -> list[Match]:
    """Return the best match of a page (flattened, at FIND_DPI) with each blank that it can be laid on at all."""
    features = find_features(small)
    found = [_best_on(blank, features, ink) for blank in blanks]
    return [match for match in found if match is not None]


def overlap_score(ink: Mask, blank: Blank, homography: Homography) -> float:
    """Return the share of the blank's print that has ink within 2 px (0.5 mm) on the page, chance taken off."""
    height, width = blank.small_print.shape
    laid = cv2.warpPerspective(ink, homography, (width, height), flags=cv2.INTER_LINEAR)
    near = cv2.dilate(np.where(laid > 90, 255, 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    printed = blank.small_print > 0
    covered, chance = float(near[printed].mean()), float(near.mean())
    return max(0.0, (covered - chance) / max(1e-6, 1 - chance))


def _best_on(blank: Blank, features: Features, ink: Mask) -> Match | None:
    candidates = []
    if blank.template.corner_marks:
        candidates += marks_homographies(ink, blank.template, FIND_DPI)
    by_features = _feature_homography(features, blank)
    if by_features is not None:
        candidates.append(by_features)
    matches = [Match(blank, h, overlap_score(ink, blank, h)) for h in candidates if _plausible(h, blank)]
    return max(matches, key=lambda match: match.score, default=None)


def _feature_homography(features: Features, blank: Blank) -> Homography | None:
    """Return the homography that most matched features agree on (ratio test of Lowe 2004, MAGSAC++)."""
    if len(features.points) < 12 or len(blank.features.points) < 12:
        return None
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    pairs = matcher.knnMatch(blank.features.descriptors, features.descriptors, k=2)
    good = [first for first, second in pairs if first.distance < 0.88 * second.distance]
    if len(good) < 10:
        return None
    on_page = features.points[[match.trainIdx for match in good]]
    on_blank = blank.features.points[[match.queryIdx for match in good]]
    homography, inliers = cv2.findHomography(
        on_page, on_blank, cv2.USAC_MAGSAC, 4.0, maxIters=4000, confidence=0.999
    )
    if homography is None or int(inliers.sum()) < 10:
        return None
    return np.asarray(homography, dtype=np.float64)


def _plausible(homography: Homography, blank: Blank) -> bool:
    """Say whether the homography could come from a flat sheet on a scanner or under a camera."""
    height, width = blank.small.shape
    try:
        back = np.linalg.inv(homography)
    except np.linalg.LinAlgError:
        return False
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float32)
    on_page = cv2.perspectiveTransform(corners, back)[0]
    if not np.isfinite(on_page).all() or not cv2.isContourConvex(on_page.reshape(-1, 1, 2)):
        return False
    sides = np.linalg.norm(np.roll(on_page, -1, axis=0) - on_page, axis=1) / np.array(
        [width, height, width, height]
    )
    turned_over = float(np.linalg.det(homography[:2, :2])) <= 0
    return not turned_over and bool(
        sides.min() > 0.3 and sides.max() < 3.0 and sides.max() / sides.min() < 1.5
    )


def _unknown(page: SourcePage, small: NDArray[np.uint8], ink: Mask, matches: Sequence[Match]) -> PageRefusal:
    values = {"page": page.number, "score": round(matches[0].score if matches else 0.0, 2)}
    share = float((ink > 0).mean())
    if sharpness(small) < SHARP_ENOUGH or share > 0.45:
        return PageRefusal(page.number, "ocr.page_unreadable", values)
    return PageRefusal(page.number, "ocr.page_unknown_form", values)
