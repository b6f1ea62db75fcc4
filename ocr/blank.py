"""The blank form as the reader sees it: drawn once, with everything that matching a scan against it needs.

A blank is drawn at 300 dpi (the working resolution, in which cells are cut) and at 100 dpi (for finding it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleanup import Mask, to_dpi
from ocr.intake import read_pages
from ocr.landmarks import Landmarks, Points, find_landmarks, quarter_turned
from ocr.masters import Lexicon, field_lexicons
from ocr.reading import Gray
from ocr.template import Form, FormPage

WORK_DPI = 300
"""Fields and cells are cut at this resolution."""

FIND_DPI = 100
"""Forms are found at this resolution."""

FIT_DPI = 150
"""Registration is refined at this resolution."""


ANCHOR_REACH_MM = 5.5
"""Corners of print nearer to the paper's edge than this are no anchors: their patch would leave the page."""

MOST_ANCHORS = 320
"""A page has room for about so many corners 6 mm apart."""


@dataclass(frozen=True)
class Features:
    """Local features of an image (SIFT, Lowe 2004).

    Attributes:
        points: Positions in pixels at FIND_DPI, shape (n, 2).
        descriptors: Shape (n, 128), dtype float32, RootSIFT (Arandjelović and Zisserman 2012).
    """

    points: Points
    descriptors: NDArray[np.float32]


@dataclass(frozen=True)
class Blank:
    """One page of a form without handwriting.

    Attributes:
        form: Name of the form.
        version: Version of the form.
        page: Page of the form, from 1.
        template: What the YAML says of this page.
        gray: The page at WORK_DPI, uint8.
        lexicons: The list of every field that has one.
    """

    form: str
    page: int
    template: FormPage
    gray: Gray = field(repr=False)
    version: int = 1
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict, repr=False)

    @cached_property
    def small(self) -> Gray:
        """The page at FIND_DPI."""
        return to_dpi(self.gray, WORK_DPI, FIND_DPI)

    @cached_property
    def fitting(self) -> Gray:
        """The page at FIT_DPI."""
        return to_dpi(self.gray, WORK_DPI, FIT_DPI)

    @cached_property
    def print_mask(self) -> Mask:
        """Every printed pixel at WORK_DPI, light tints left out."""
        return np.where(self.gray < 190, 255, 0).astype(np.uint8)

    @cached_property
    def small_print(self) -> Mask:
        """Every printed pixel at FIND_DPI."""
        return np.where(self.small < 190, 255, 0).astype(np.uint8)

    @cached_property
    def features(self) -> Features:
        """Local features at FIND_DPI."""
        return find_features(self.small)

    @cached_property
    def landmarks(self) -> tuple[Landmarks, ...]:
        """Landmarks at FIND_DPI, described as the page looks when it is turned by 0, 90, 180 and 270 degrees."""
        found = find_landmarks(self.small)
        descriptors, turned = found.descriptors, []
        for _ in range(4):
            turned.append(Landmarks(found.points, np.ascontiguousarray(descriptors)))
            descriptors = quarter_turned(descriptors)
        return tuple(turned)

    @cached_property
    def smooth_fitting(self) -> Gray:
        """The page at FIT_DPI, slightly blurred as scans are."""
        return np.asarray(cv2.GaussianBlur(self.fitting, (0, 0), 1.0), dtype=np.uint8)

    @cached_property
    def anchors(self) -> Points:
        """Well-spread corners of print, best first, whose surroundings are looked up on scans; pixels at FIT_DPI."""
        spread = 6.0 / 25.4 * FIT_DPI
        corners = cv2.goodFeaturesToTrack(self.smooth_fitting, MOST_ANCHORS, 0.02, spread, blockSize=7)
        if corners is None:
            return np.zeros((0, 2), np.float32)
        reach = ANCHOR_REACH_MM / 25.4 * FIT_DPI + 2
        points = corners.reshape(-1, 2)
        limit = np.array([self.fitting.shape[1], self.fitting.shape[0]]) - reach
        return np.asarray(points[((points > reach) & (points < limit)).all(axis=1)], dtype=np.float32)


def find_features(gray: Gray, limit: int = 1500) -> Features:
    """Return up to `limit` RootSIFT features of an image at FIND_DPI."""
    finder = cv2.SIFT_create(nfeatures=limit, contrastThreshold=0.03)  # type: ignore[attr-defined,unused-ignore]
    keypoints, raw = finder.detectAndCompute(gray, None)
    if raw is None or len(keypoints) < 2:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    points = np.array([point.pt for point in keypoints], dtype=np.float32)
    scaled = raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    return Features(points, np.sqrt(scaled).astype(np.float32))


def load_blanks(forms: Iterable[Form]) -> list[Blank]:
    """Draw the blank of every page of every form.

    A new version may be of the same paper (other fields, other checks): a sheet cannot tell the two apart, so only the
    newest version on a sheet is read.

    Raises:
        FileRefused: A blank cannot be read.
        MasterWrong: A field names a list that does not exist or cannot be understood.
    """
    known = list(forms)
    sheets = [_sheets(form) for form in known]
    return [
        Blank(form.form, number, page, _draw(form, number), form.version, field_lexicons(form))
        for form, own in zip(known, sheets, strict=True)
        if not any(
            other.form == form.form and other.version > form.version and theirs == own
            for other, theirs in zip(known, sheets, strict=True)
        )
        for number, page in enumerate(form.pages, start=1)
    ]


def _sheets(form: Form) -> list[tuple[Path, int]]:
    """Return the file and page of every blank of a form."""
    return [(form.blank_path(number), page.blank_page) for number, page in enumerate(form.pages, start=1)]


def _draw(form: Form, number: int) -> Gray:
    template = form.pages[number - 1]
    pages = read_pages(form.blank_path(number))
    source = next(page for page in pages if page.number == template.blank_page)
    pages.close() if hasattr(pages, "close") else None
    width, height = (round(side / 25.4 * WORK_DPI) for side in template.size_mm)
    return np.asarray(cv2.resize(source.gray, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
