"""Landmarks of a page: corners of print, each described by what the print around it looks like.

Matching landmarks tells where a page lies on a blank. They are made for forms, where rulings tell how far the sheet is
skewed: the page is turned straight first, so a landmark need not be described in every direction, only in the four
that a sheet can be fed in. That takes a tenth of the time of SIFT, which stays for the pages where this fails.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray

Points = NDArray[np.float32]
"""Shape (n, 2), dtype float32: x, y in pixels."""

_BINS = 8  # directions of edges told apart
_GRID = 4  # the patch around a landmark is looked at in 4 × 4 places
_STEP_PX = 9.0  # distance of these places at 100 dpi: 2.3 mm, so a patch is 9 mm wide
_MOST = 700
_STEEPEST_SKEW = 20.0


@dataclass(frozen=True)
class Landmarks:
    """Landmarks of an image.

    Attributes:
        points: Positions in pixels of the image given, shape (n, 2).
        descriptors: Shape (n, 128), dtype float32, length 1: square roots (Arandjelović and Zisserman 2012) of the
            rising edges by place and direction (the orientation maps of DAISY, Tola et al. 2010).
    """

    points: Points
    descriptors: NDArray[np.float32]


def find_landmarks(gray: Gray) -> Landmarks:
    """Return up to 700 landmarks of an image of about 100 dpi whose lines run straight."""
    soft = np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.0), dtype=np.uint8)
    corners = cv2.goodFeaturesToTrack(soft, _MOST, 0.01, 7, blockSize=5)
    if corners is None:
        return Landmarks(np.zeros((0, 2), np.float32), np.zeros((0, _BINS * _GRID**2), np.float32))
    points = np.asarray(corners.reshape(-1, 2), dtype=np.float32)
    return Landmarks(points, _describe(_edges_by_direction(soft), points))


def quarter_turned(descriptors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the descriptors as they are when the image is turned by 90 degrees clockwise."""
    table = descriptors.reshape(-1, _GRID, _GRID, _BINS)
    turned = np.rot90(table, k=-1, axes=(1, 2))
    return np.roll(turned, _BINS // 4, axis=3).reshape(len(descriptors), -1)


def skew_of(gray: Gray) -> float:
    """Return by how many degrees (clockwise, −20 to 20) the lines of a page are turned from level or upright.

    Edges are counted by their direction, weighed by strength; the direction that most of them share is that of the
    rulings and lines of text.
    """
    across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(across, down, angleInDegrees=True)
    strong = strength > 60
    off = (angle[strong] + 45.0) % 90.0 - 45.0
    bins = np.bincount(((off + 45.0) * 4).astype(int) % 360, weights=strength[strong], minlength=360)
    wide = cv2.GaussianBlur(
        np.concatenate([bins[-16:], bins, bins[:16]]).reshape(1, -1),
        (0, 0),
        3,
        borderType=cv2.BORDER_REPLICATE,
    )[0, 16:-16]
    angles = (np.arange(360) + 0.5) / 4 - 45.0
    wide[np.abs(angles) > _STEEPEST_SKEW] = 0
    return float(angles[int(wide.argmax())]) if wide.any() else 0.0


def straightened(gray: Gray) -> tuple[Gray, NDArray[np.float64]]:
    """Return the page turned straight, and the homography (3, 3) from the page's pixels to the result's."""
    angle = skew_of(gray)
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    straight = cv2.warpAffine(gray, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(straight, dtype=np.uint8), np.vstack([turn, [0.0, 0.0, 1.0]])


def _edges_by_direction(soft: Gray) -> NDArray[np.float32]:
    """Return the strength of edges by direction, smoothed over a place, at half the size: (height, width, 8)."""
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    planes = []
    for angle in np.arange(_BINS) * (2 * np.pi / _BINS):
        along = cv2.addWeighted(across, float(np.cos(angle)), down, float(np.sin(angle)), 0)
        _, rising = cv2.threshold(along, 0.0, 0.0, cv2.THRESH_TOZERO)
        half = cv2.resize(rising, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        planes.append(cv2.GaussianBlur(half, (0, 0), _STEP_PX / 4))
    return np.asarray(cv2.merge(planes), dtype=np.float32)


def _describe(edges: NDArray[np.float32], points: Points) -> NDArray[np.float32]:
    height, width, _ = edges.shape
    offsets = (np.arange(_GRID) - (_GRID - 1) / 2) * _STEP_PX
    rows = np.rint((points[:, 1, None, None] + offsets[None, :, None]) / 2 - 0.25)
    columns = np.rint((points[:, 0, None, None] + offsets[None, None, :]) / 2 - 0.25)
    at_row = np.clip(rows, 0, height - 1).astype(int)
    at_column = np.clip(columns, 0, width - 1).astype(int)
    raw = edges[at_row, at_column].reshape(len(points), -1)
    total = np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(raw / total), dtype=np.float32)
