"""Tell which form a page is, which page of it, and how it was turned, or say that it cannot be told.

Every page is matched against every blank: first by landmarks (quick); when those do not settle it, by the corner marks
and by SIFT features (slow and thorough). The score of a match is the share of the blank's print that is found again on
the page once the page is laid on it, with what a page of that much ink would cover by chance taken off. The best score
must be good, and clearly better than the second best. What is left beside the form found is looked at again: a second
form on the same sheet must not be lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.blank import FIND_DPI, Blank, Features, find_features
from ocr.cleanup import Mask, flatten, has_traces, ink_mask, is_blank, sharpness, to_dpi
from ocr.corner_marks import marks_homographies
from ocr.intake import SourcePage
from ocr.landmarks import Landmarks, Points, find_landmarks, straightened
from ocr.placement import Homography
from ocr.reading import Gray, PageRefusal
from ocr.versions import CLEAR, version_lead

GOOD_SCORE = 0.45
"""A page of our own forms scores 0.6 or more even when faxed; other papers stay below 0.25 (development scans)."""

CLEAR_LEAD = 0.06
"""By so much the best form must beat the second best."""

FEWEST_MATCHES = 10
"""Fewer pairs of points that agree carry no homography."""

LANDMARK_RATIO = 0.8
"""A landmark is matched when it is by so much nearer (squared) to its match than to the next candidate."""

SAME_PLACE = 0.3
"""Two forms that share less of their area than this lie beside each other."""

SMALLEST_FORM = 0.2
"""A second form is looked for when at least this share of the sheet lies outside of the first."""

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


@dataclass(frozen=True)
class _Look:
    """What is looked at to identify a page: flattened, at FIND_DPI.

    Attributes:
        small: The page, uint8.
        ink: Its ink.
        landmarks: Landmarks of the page turned straight.
        straight: From the page's pixels to those of the page turned straight.
    """

    small: Gray
    ink: Mask
    landmarks: Landmarks
    straight: Homography


def identify(page: SourcePage, blanks: Sequence[Blank]) -> Match | PageRefusal:
    """Find the blank that a page was filled in on.

    Returns:
        The match, or the refusal with its reason: page_blank, page_unreadable, page_unknown_form, page_ambiguous,
        page_two_forms.
    """
    small = flatten(to_dpi(page.gray, page.dpi, FIND_DPI), FIND_DPI)
    ink = ink_mask(small)
    if is_blank(ink):
        reason = "ocr.page_unreadable" if has_traces(page.gray, page.dpi) else "ocr.page_blank"
        return PageRefusal(page.number, reason, {"page": page.number})
    straight, turn = straightened(small)
    look = _Look(small, ink, find_landmarks(straight), turn)
    matches = _one_version(ink, _ranked(match_quickly(look, blanks)))
    if not _settled(matches):
        matches = _one_version(ink, _ranked([*matches, *match_thoroughly(small, ink, blanks)]))
    if not matches or matches[0].score < GOOD_SCORE:
        return _unknown(page, small, ink, matches)
    if not _settled(matches):
        apart = _share_taken_twice(ink.shape, matches[0], matches[1]) < SAME_PLACE
        return _two(page, "ocr.page_two_forms" if apart else "ocr.page_ambiguous", matches[0], matches[1])
    second = _beside(look, matches[0], blanks)
    return matches[0] if second is None else _two(page, "ocr.page_two_forms", matches[0], second)


def match_quickly(look: _Look, blanks: Sequence[Blank]) -> list[Match]:
    """Return the best match by landmarks of a page with each blank that it can be laid on at all."""
    found = []
    for blank in blanks:
        by_landmarks = _landmark_homography(look, blank)
        if by_landmarks is not None and _plausible(by_landmarks, blank):
            found.append(Match(blank, by_landmarks, overlap_score(look.ink, blank, by_landmarks)))
    return found


def match_thoroughly(small: Gray, ink: Mask, blanks: Sequence[Blank]) -> list[Match]:
    """Return the best match by corner marks and SIFT of a page with each blank that it can be laid on at all."""
    features = find_features(small)
    found = [_best_on(blank, features, ink) for blank in blanks]
    return [match for match in found if match is not None]


def _ranked(matches: Sequence[Match]) -> list[Match]:
    """Return the best match of every blank, best first."""
    best: dict[int, Match] = {}
    for match in matches:
        known = best.get(id(match.blank))
        if known is None or match.score > known.score:
            best[id(match.blank)] = match
    return sorted(best.values(), key=lambda match: -match.score)


def _one_version(ink: Mask, matches: Sequence[Match]) -> list[Match]:
    """Return the matches without those versions of the best form that the page clearly is not."""
    if not matches:
        return []
    best, kept = matches[0], list[Match]()
    for match in matches[1:]:
        same = (match.blank.form, match.blank.page) == (best.blank.form, best.blank.page)
        lead = (
            version_lead(ink, (best.blank, best.homography), (match.blank, match.homography)) if same else 0.0
        )
        if lead < -CLEAR:
            best = match
        elif lead <= CLEAR:
            kept.append(match)
    return [best, *kept]


def _settled(matches: Sequence[Match]) -> bool:
    """Say whether the best match is good and clearly better than the second best."""
    if not matches or matches[0].score < GOOD_SCORE:
        return False
    return len(matches) == 1 or matches[0].score - matches[1].score >= CLEAR_LEAD


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


def _landmark_homography(look: _Look, blank: Blank) -> Homography | None:
    """Return the homography that the landmarks agree on, in the quarter turn in which most of them match."""
    page = look.landmarks
    best: tuple[Points, Points] | None = None
    for turned in blank.landmarks:
        if len(page.points) < FEWEST_MATCHES or len(turned.points) < FEWEST_MATCHES:
            return None
        near = turned.descriptors @ page.descriptors.T
        column = np.arange(near.shape[1])
        first = near.argmax(axis=0)
        highest = near[first, column]
        near[first, column] = -1.0
        good = 1.0 - highest < LANDMARK_RATIO * (1.0 - near.max(axis=0))  # distance² is 2 − 2 · product
        if best is None or int(good.sum()) > len(best[0]):
            best = page.points[good], turned.points[first[good]]
    if best is None or len(best[0]) < FEWEST_MATCHES:
        return None
    found = _agreed(*best)
    return None if found is None else np.asarray(found @ look.straight, dtype=np.float64)


def _beside(look: _Look, match: Match, blanks: Sequence[Blank]) -> Match | None:
    """Return a good match in what lies outside of the form found, or None: most sheets have nothing there."""
    taken = _taken(look.ink.shape, match)
    if float((taken == 0).sum()) < SMALLEST_FORM * taken.size:
        return None
    rest = np.where(taken > 0, 0, look.ink).astype(np.uint8)
    if is_blank(rest):
        return None
    there = cv2.perspectiveTransform(look.landmarks.points[:, None], np.linalg.inv(look.straight))[:, 0]
    row, column = (
        np.clip(np.rint(there[:, axis]).astype(int), 0, taken.shape[1 - axis] - 1) for axis in (1, 0)
    )
    free = taken[row, column] == 0
    others = Landmarks(look.landmarks.points[free], look.landmarks.descriptors[free])
    found = _ranked(match_quickly(_Look(look.small, rest, others, look.straight), blanks))
    return found[0] if found and found[0].score >= GOOD_SCORE else None


def _taken(shape: tuple[int, ...], match: Match) -> Mask:
    """Return the part of the page that a form covers."""
    height, width = match.blank.small.shape
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float32)
    on_page = cv2.perspectiveTransform(corners, np.linalg.inv(match.homography))
    taken = np.zeros(shape, np.uint8)
    cv2.fillPoly(taken, [np.rint(on_page[0]).astype(np.int32)], (255,))
    return taken


def _share_taken_twice(shape: tuple[int, ...], first: Match, second: Match) -> float:
    """Return how much of the smaller of two forms lies on the other, 0 to 1."""
    one, other = _taken(shape, first) > 0, _taken(shape, second) > 0
    return float((one & other).sum() / max(1, min(one.sum(), other.sum())))


def _two(page: SourcePage, reason: str, first: Match, second: Match) -> PageRefusal:
    shown = (match.blank for match in (first, second))
    names = "、".join(f"{blank.form} v{blank.version} p.{blank.page}" for blank in shown)
    return PageRefusal(page.number, reason, {"page": page.number, "forms": names})


def _agreed(on_page: Points, on_blank: Points) -> Homography | None:
    """Return the homography that most pairs of points agree on (MAGSAC++, Barath et al. 2020), or None."""
    homography, inliers = cv2.findHomography(
        on_page, on_blank, cv2.USAC_MAGSAC, 4.0, maxIters=4000, confidence=0.999
    )
    if homography is None or int(inliers.sum()) < FEWEST_MATCHES:
        return None
    return np.asarray(homography, dtype=np.float64)


def _feature_homography(features: Features, blank: Blank) -> Homography | None:
    """Return the homography that most matched features agree on (ratio test of Lowe 2004)."""
    if min(len(features.points), len(blank.features.points)) < FEWEST_MATCHES + 2:
        return None
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    pairs = matcher.knnMatch(blank.features.descriptors, features.descriptors, k=2)
    good = [first for first, second in pairs if first.distance < 0.88 * second.distance]
    if len(good) < FEWEST_MATCHES:
        return None
    on_page = features.points[[match.trainIdx for match in good]]
    on_blank = blank.features.points[[match.queryIdx for match in good]]
    return _agreed(on_page, on_blank)


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


def _unknown(page: SourcePage, small: Gray, ink: Mask, matches: Sequence[Match]) -> PageRefusal:
    values = {"page": page.number, "score": round(matches[0].score if matches else 0.0, 2)}
    share = float((ink > 0).mean())
    if sharpness(small) < SHARP_ENOUGH or share > 0.45:
        return PageRefusal(page.number, "ocr.page_unreadable", values)
    return PageRefusal(page.number, "ocr.page_unknown_form", values)
