"""Where every point of the blank lies on a scan: a flat sheet under a lens, and then paper that is not quite flat.

The homography says what scanner, feeder and camera did to a flat sheet. What is left over, some tenths of a millimetre
that change slowly over the page (a roller that slips, damp paper), is kept as shifts on a coarse grid.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading import Gray

Homography = NDArray[np.float64]
"""Shape (3, 3), dtype float64: from pixels of one image to pixels of another; pixel 0 has its centre at 0."""

Shifts = NDArray[np.float32]
"""Shape (rows, columns, 2), dtype float32: x, y in mm at the nodes of a grid."""

NODE_MM = 10.0
"""Distance of two nodes of the grid; the first lies on the blank's top left corner."""

_COARSE_PX = 16  # the dense map is computed at every 16th pixel and filled in between
_BAND_PX = 16 * _COARSE_PX


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a blank lies on a page.

    Attributes:
        to_page: From the blank's pixels at `dpi` to the page's pixels.
        dpi: Resolution of the blank's pixels.
        shifts: Added to a point of the blank before `to_page`.
    """

    to_page: Homography
    dpi: float
    shifts: Shifts

    def on_page(self, points_mm: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where points of the blank lie on the page.

        Args:
            points_mm: Shape (n, 2), x and y from the blank's top left corner.

        Returns:
            Shape (n, 2), pixels of the page.
        """
        points = np.asarray(points_mm, np.float64)
        moved = points + shift_at(self.shifts, points)
        pixels = moved * (self.dpi / 25.4) - 0.5
        return np.asarray(cv2.perspectiveTransform(pixels.reshape(-1, 1, 2), self.to_page).reshape(-1, 2))

    def lay(self, page: Gray, shape: tuple[int, ...]) -> Gray:
        """Return the page in the blank's pixels, shape (height, width), white where the page ends."""
        height, width = shape[:2]
        rows, columns = height // _COARSE_PX + 3, width // _COARSE_PX + 3
        half = (_COARSE_PX - 1) / 2 - _COARSE_PX  # the first node lies outside, so that none is extrapolated
        x, y = np.meshgrid(np.arange(columns) * _COARSE_PX + half, np.arange(rows) * _COARSE_PX + half)
        nodes = np.stack([x.ravel(), y.ravel()], axis=1)
        placed = self.on_page((nodes + 0.5) * 25.4 / self.dpi).reshape(rows, columns, 2).astype(np.float32)
        laid = np.empty((height, width), np.uint8)
        for top in range(
            0, height, _BAND_PX
        ):  # in bands: the maps of a whole page would not stay in the cache
            end, first = min(height, top + _BAND_PX), top // _COARSE_PX
            band = placed[first : first + _BAND_PX // _COARSE_PX + 3]
            map_x, map_y = (_dense(band[:, :, axis], end - top, width) for axis in (0, 1))
            laid[top:end] = cv2.remap(page, map_x, map_y, cv2.INTER_LINEAR, borderValue=(255,))
        return laid


def no_shifts(size_mm: tuple[float, float]) -> Shifts:
    """Return the grid of a sheet (width, height in mm) that lies flat."""
    columns, rows = (int(np.ceil(side / NODE_MM)) + 1 for side in size_mm)
    return np.zeros((rows, columns, 2), np.float32)


def shift_at(shifts: Shifts, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shift (n, 2) in mm at points of the blank, bilinear between the nodes."""
    rows, columns, _ = shifts.shape
    place = np.clip(points_mm / NODE_MM, 0, np.array([columns - 1, rows - 1]) - 1e-6)
    left, top = place.astype(int).T
    across, down = (place - np.stack([left, top], axis=1)).T[:, :, None]
    upper = shifts[top, left] * (1 - across) + shifts[top, left + 1] * across
    lower = shifts[top + 1, left] * (1 - across) + shifts[top + 1, left + 1] * across
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float64)


def smooth_shifts(
    points_mm: NDArray[np.floating],
    seen_mm: NDArray[np.floating],
    size_mm: tuple[float, float],
    *,
    reach_mm: float = 18.0,
    faith: float = 1.5,
) -> Shifts:
    """Return shifts that explain what is left over at single points.

    Each node takes the mean of the points around it, weighed by distance (Gaussian) and drawn towards no shift where
    few points are near (Nadaraya 1964, with a prior); a second round explains what the first left.

    Args:
        points_mm: Points of the blank, shape (n, 2).
        seen_mm: How far each of them was seen beside its place, shape (n, 2).
        size_mm: Width and height of the blank.
        reach_mm: Standard deviation of the weights.
        faith: How many points at no distance weigh as much as the belief in no shift.
    """
    shifts = no_shifts(size_mm)
    rows, columns, _ = shifts.shape
    x, y = np.meshgrid(np.arange(columns) * NODE_MM, np.arange(rows) * NODE_MM)
    nodes = np.stack([x.ravel(), y.ravel()], axis=1)
    away = ((nodes[:, None] - points_mm[None]) ** 2).sum(axis=2)
    weights = np.exp(-away / (2 * reach_mm**2))
    left = np.asarray(seen_mm, np.float64)
    for _ in range(2):
        more = weights @ left / (weights.sum(axis=1, keepdims=True) + faith)
        shifts = (shifts + more.reshape(shifts.shape)).astype(np.float32)
        left = np.asarray(seen_mm, np.float64) - shift_at(shifts, np.asarray(points_mm, np.float64))
    return shifts


def scaling(factor: float) -> Homography:
    """Return the homography that scales pixels by `factor`: edges fall on edges, so centres move by half a pixel."""
    shift = (factor - 1) / 2
    return np.array([[factor, 0, shift], [0, factor, shift], [0, 0, 1]], dtype=np.float64)


def _dense(coarse: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    size = (coarse.shape[1] * _COARSE_PX, coarse.shape[0] * _COARSE_PX)
    full = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[_COARSE_PX : _COARSE_PX + height, _COARSE_PX : _COARSE_PX + width], np.float32)
