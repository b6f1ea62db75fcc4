"""Scans a page in software in every way the reader promises to cope with, and knows exactly where each point went.

A page (blank or filled, 300 dpi) gets damage on paper (holes, a stamp over rulings, coffee on a corner, fading), is
laid on the glass (skew, scale, shift, uneven stretch, quarter turns; for a photograph perspective and a desk around
it) and is written as the file that such a machine makes. The map from the page to the file's pixels is kept: that is
the truth which registration is measured against, at the fields' corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Gray = NDArray[np.uint8]
Points = NDArray[np.float64]

PAGE_DPI = 300
PX = PAGE_DPI / 25.4
MOST_SKEW_DEG, MOST_SCALE, MOST_SHIFT_MM = 10.0, 0.05, 6.0
MOST_STRETCH_MM = 0.3
MACHINES = ("scanner", "scanner", "scanner", "fax", "photo")
RESOLUTIONS = (150, 200, 200, 240, 300, 300, 400, 600)
FAX_DPI = ((204, 196), (204, 98))
DAMAGES = ("none", "holes", "stamps", "coffee", "faint")


@dataclass(frozen=True)
class Stretch:
    """Paper that is not quite flat: a smooth shift of every point.

    Attributes:
        amplitude_mm: Largest shift of each of the four waves.
        waves: Four rows of (wave length in mm, phase).
    """

    amplitude_mm: float
    waves: NDArray[np.float64]

    def shift(self, x: Points, y: Points) -> tuple[Points, Points]:
        """Return the shift in mm at points in mm."""
        (a, p), (b, q), (c, r), (d, s) = self.waves
        half = self.amplitude_mm / 2
        across = half * (np.sin(2 * np.pi * x / a + p) + np.sin(2 * np.pi * y / b + q))
        down = half * (np.sin(2 * np.pi * x / c + r) + np.sin(2 * np.pi * y / d + s))
        return across, down


@dataclass(frozen=True)
class Distorted:
    """A scan and its truth.

    Attributes:
        path: The file.
        machine: scanner, fax or photo.
        damage: What happened to the paper.
        turn: Degrees clockwise by which the scan must be turned to stand upright.
        homography: From stretched page mm to pixels of the file, before the file's own dpi are made square.
        square: Factors (x, y) by which intake stretches the file's pixels to make them square.
        stretch: What the paper did before.
        px_per_mm: Pixels of the squared page per millimetre of paper, about.
    """

    path: Path
    machine: str
    damage: str
    turn: int
    homography: NDArray[np.float64]
    square: tuple[float, float]
    stretch: Stretch
    px_per_mm: float

    def to_pixels(self, points_mm: Points) -> Points:
        """Return where points of the page (mm, shape (n, 2)) lie on the page that intake gives (pixels)."""
        across, down = self.stretch.shift(points_mm[:, 0], points_mm[:, 1])
        moved = points_mm + np.stack([across, down], axis=1)
        seen = cv2.perspectiveTransform(moved.reshape(-1, 1, 2), self.homography).reshape(-1, 2)
        return np.asarray((seen + 0.5) * self.square - 0.5)


def distort(page: Gray, seed: int, folder: Path) -> Distorted:
    """Write one distorted scan of a page at 300 dpi; the same seed gives the same file.

    Args:
        page: The page, uint8.
        seed: Chooses everything.
        folder: Where the file goes, called after the seed.
    """
    rng = np.random.default_rng([seed, 5])
    machine, damage = str(rng.choice(MACHINES)), str(rng.choice(DAMAGES))
    ink = _damaged(page, damage, rng)
    stretch = Stretch(
        float(rng.uniform(0, MOST_STRETCH_MM)),
        np.stack([rng.uniform(180, 400, 4), rng.uniform(0, 2 * np.pi, 4)], axis=1),
    )
    ink = _stretched(ink, stretch)
    size_mm = (page.shape[1] / PX, page.shape[0] / PX)
    turn = int(rng.choice((0, 90, 180, 270)))
    dpi = _dpi(machine, rng)
    place, out = (
        _photographed(size_mm, dpi[0], rng) if machine == "photo" else _scanned(size_mm, dpi, turn, rng)
    )
    if machine == "photo":
        place, out = _turned(place, out, turn)
    seen = _seen(ink, place, out, machine, rng)
    path = folder / f"{seed:05}-{machine}.{'jpg' if machine == 'photo' else 'tif'}"
    _write(path, seen, dpi, machine)
    square, scale = _squaring(dpi, out, machine)
    return Distorted(path, machine, damage, turn, place, square, stretch, scale)


def _dpi(machine: str, rng: np.random.Generator) -> tuple[int, int]:
    if machine == "fax":
        return FAX_DPI[int(rng.integers(len(FAX_DPI)))]
    dpi = int(rng.choice(RESOLUTIONS if machine == "scanner" else (180, 220, 260)))
    return dpi, dpi


def _damaged(page: Gray, damage: str, rng: np.random.Generator) -> Gray:
    result = page.copy()
    height, width = page.shape
    if damage == "holes":
        shade = int(rng.choice((0, 60, 235)))
        for y in (height // 2 - round(40 * PX), height // 2 + round(40 * PX)):
            cv2.circle(result, (round(11 * PX), y), round(3 * PX), (shade,), -1, cv2.LINE_AA)
    elif damage == "stamps":
        for _ in range(3):
            centre = (int(rng.integers(width // 6, width)), int(rng.integers(height // 6, height)))
            layer = np.full_like(result, 255)
            cv2.ellipse(layer, centre, (round(16 * PX), round(11 * PX)), 10, 0, 360, (110,), 9, cv2.LINE_AA)
            for line in (-5, 0, 5):
                at = (centre[0] - round(12 * PX), centre[1] + round(line * PX))
                cv2.putText(layer, "8.10.21 OK", at, cv2.FONT_HERSHEY_SIMPLEX, 1.6, (110,), 5, cv2.LINE_AA)
            result = np.minimum(result, layer)
    elif damage == "coffee":
        corner = np.array(((12, 12), (width / PX - 12, 12), (12, height / PX - 12))[int(rng.integers(3))])
        spot = np.zeros(page.shape, np.float32)
        for radius, shift in ((17, 0), (9, 8)):
            centre_px = tuple(int(v) for v in np.rint((corner + rng.uniform(-3, 3, 2) + shift) * PX))
            cv2.circle(spot, centre_px, round(radius * PX), (0.55,), -1)
            cv2.circle(spot, centre_px, round(radius * PX), (0.8,), round(2 * PX))
        soft = cv2.GaussianBlur(spot, (0, 0), 8)
        result = np.asarray(result * (1 - soft), dtype=np.uint8)
    elif damage == "faint":
        result = np.asarray(255 - (255 - result.astype(np.float32)) * 0.5, dtype=np.uint8)
    return np.asarray(result, dtype=np.uint8)


def _stretched(page: Gray, stretch: Stretch) -> Gray:
    rows, columns = page.shape
    x, y = (np.arange(columns)[None, :] + 0.5) / PX, (np.arange(rows)[:, None] + 0.5) / PX
    across, down = stretch.shift(np.asarray(x, np.float64), np.asarray(y, np.float64))
    # a point p is printed at p + shift(p); the shift changes so slowly that shift(p) is taken at the target
    map_x = np.asarray((x - across) * PX - 0.5, np.float32)
    map_y = np.asarray((y - down) * PX - 0.5, np.float32)
    return np.asarray(cv2.remap(page, map_x, map_y, cv2.INTER_LINEAR, borderValue=(255,)), dtype=np.uint8)


def _scanned(
    size_mm: tuple[float, float], dpi: tuple[int, int], turn: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Return the homography from page mm to scan pixels and the scan's size: the glass is as large as the page."""
    angle = np.deg2rad(turn + rng.uniform(-MOST_SKEW_DEG, MOST_SKEW_DEG))
    scale = rng.uniform(1 - MOST_SCALE, 1 + MOST_SCALE, 2)
    glass = np.array(size_mm if turn % 180 == 0 else size_mm[::-1]) + rng.choice((0.0, 12.0))
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    linear = np.diag(np.array(dpi) / 25.4) @ spin @ np.diag(scale)
    shift = rng.uniform(-MOST_SHIFT_MM, MOST_SHIFT_MM, 2)
    centre = (glass / 2 + shift) * np.array(dpi) / 25.4
    place = np.eye(3)
    place[:2, :2] = linear
    place[:2, 2] = centre - linear @ (np.array(size_mm) / 2)
    out = tuple(round(side * d / 25.4) for side, d in zip(glass, dpi, strict=True))
    return place, (out[0], out[1])


def _photographed(
    size_mm: tuple[float, float], dpi: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Return the homography of a hand-held photograph: mild perspective, some desk around the page."""
    px = dpi / 25.4
    width, height = size_mm
    around = rng.uniform(0.03, 0.10) * max(size_mm)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    angle = np.deg2rad(rng.uniform(-4, 4))
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([width / 2, height / 2])
    seen = (corners - middle) @ spin.T + middle + around + rng.uniform(-0.025, 0.025, (4, 2)) * max(size_mm)
    place = cv2.getPerspectiveTransform(corners.astype(np.float32), (seen * px).astype(np.float32))
    return np.asarray(place, np.float64), (
        round((width + 2 * around) * px),
        round((height + 2 * around) * px),
    )


def _turned(
    place: NDArray[np.float64], out: tuple[int, int], turn: int
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    for _ in range(turn // 90):  # each turn to the left must be undone by one to the right
        place = np.array([[0, 1, 0], [-1, 0, out[0] - 1], [0, 0, 1]], dtype=np.float64) @ place
        out = (out[1], out[0])
    return place, out


def _seen(
    page: Gray, place: NDArray[np.float64], out: tuple[int, int], machine: str, rng: np.random.Generator
) -> Gray:
    """Return what the machine's sensor gives: resampled, soft, shaded, noisy, for a fax black and white."""
    ratio = np.sqrt(abs(np.linalg.det(place[:2, :2]))) / PX
    soft = cv2.GaussianBlur(page, (0, 0), max(0.3, 0.55 * (1 / ratio - 1) + rng.uniform(0.3, 0.7) / ratio))
    full = place @ np.array([[1 / PX, 0, 0.5 / PX], [0, 1 / PX, 0.5 / PX], [0, 0, 1]])
    ground = float(rng.choice((255, 250, 235))) if machine != "photo" else float(rng.uniform(60, 150))
    seen = cv2.warpPerspective(soft, full, out, flags=cv2.INTER_LINEAR, borderValue=(ground,))
    shaded = seen.astype(np.float32) * np.float32(rng.uniform(0.85, 1.0))
    if machine == "photo":
        slope = np.linspace(rng.uniform(0.6, 0.9), 1.0, out[0], dtype=np.float32)[None, :]
        shaded *= slope if rng.random() < 0.5 else slope[:, ::-1]
    noise = rng.normal(0, rng.uniform(2, 9), (out[1] // 2 + 1, out[0] // 2 + 1)).astype(np.float32)
    shaded += np.tile(noise, (2, 2))[: out[1], : out[0]]
    if machine == "fax":
        level = 0.5 * float(np.percentile(shaded, 90)) + 0.5 * float(np.percentile(shaded, 1))
        shaded = np.where(shaded > level + 0.15 * level, 255, 0)
    return np.asarray(np.clip(shaded, 0, 255), dtype=np.uint8)


def _write(path: Path, seen: Gray, dpi: tuple[int, int], machine: str) -> None:
    image = Image.fromarray(seen)
    if machine == "photo":
        image.save(path, quality=80)  # a telephone tells no useful resolution
    elif machine == "fax":
        image.convert("1", dither=Image.Dither.NONE).save(path, compression="group4", dpi=dpi)
    else:
        image.save(path, dpi=dpi)


def _squaring(dpi: tuple[int, int], out: tuple[int, int], machine: str) -> tuple[tuple[float, float], float]:
    """Return the factors that make the pixels square, and pixels per mm after that."""
    if machine == "photo":
        return (1.0, 1.0), dpi[0] / 25.4
    most = max(dpi)
    close = abs(dpi[0] - dpi[1]) <= 0.02 * most
    if close:
        return (1.0, 1.0), most / 25.4
    wide, tall = round(out[0] * most / dpi[0]), round(out[1] * most / dpi[1])
    return (wide / out[0], tall / out[1]), most / 25.4
