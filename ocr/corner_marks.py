"""Find the four solid squares that some forms print near their corners."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleanup import Mask
from ocr.template import FormPage


def find_squares(ink: Mask, side_px: float) -> NDArray[np.float32]:
    """Return the centres (x, y) of solid, nearly square parts of about the given side, shape (n, 2), in pixels."""
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, _, stats, centres = cv2.connectedComponentsWithStats(opened, connectivity=4)
    width, height, area = stats[1:, 2].astype(float), stats[1:, 3].astype(float), stats[1:, 4].astype(float)
    side = np.sqrt(area)
    fits = (
        (area / (width * height) > 0.55)
        & (np.abs(np.log(width / height)) < 0.35)
        & (side > 0.6 * side_px)
        & (side < 1.5 * side_px)
    )
    return np.asarray(centres[1:][fits], dtype=np.float32)


def marks_homographies(ink: Mask, template: FormPage, dpi: float) -> list[NDArray[np.float64]]:
    """Return the four homographies (one per quarter turn) that lay the page's corner squares on the blank's.

    Args:
        ink: Ink of the page at `dpi`.
        template: A page with corner marks.
        dpi: Resolution of `ink` and of the blank's pixels in the result.

    Returns:
        Shape (3, 3) each, page px to blank px; empty when there is no square in one of the four corners.
    """
    squares = find_squares(ink, template.mark_size_mm / 25.4 * dpi)
    if len(squares) < 4 or template.marks_mm is None:
        return []
    height, width = ink.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    distance = np.linalg.norm(squares[None] - corners[:, None], axis=2)
    nearest = distance.argmin(axis=1)
    if len(set(nearest.tolist())) < 4:
        return []
    found = squares[nearest]
    wanted = _around(np.array(template.marks_mm, dtype=np.float32)) / 25.4 * dpi
    return [
        np.asarray(cv2.getPerspectiveTransform(np.roll(found, turn, axis=0), wanted), dtype=np.float64)
        for turn in range(4)
    ]


def _around(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return four points in the order of `corners`, clockwise from the top left, in whatever order they were told."""
    middle = points.mean(axis=0)
    angle = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    return np.asarray(points[np.argsort(angle)], dtype=np.float32)
