"""Scans a sheet in software: paper, feeder, lens and fax line do to it what they do in a town hall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from samples.scans.compose.sheet import DPI, PX, Pixels

Bytes = npt.NDArray[np.uint8]
Mode = Literal["colour", "gray", "bilevel"]


@dataclass(frozen=True)
class Scanner:
    """How a sheet is scanned.

    Attributes:
        mode: Colour, grey, or black and white.
        dpi: Resolution along x and y; a fax has 204 x 196.
        skew_deg: How crooked the sheet lay, clockwise.
        shift_mm: Where the sheet's corner came to lie, right and down.
        stretch: Scale along x and y (1.0 is true to size).
        rotation: Degrees the scan must be turned clockwise to stand upright: 0, 90, 180 or 270.
        noise: Standard deviation of the sensor's noise, 0 to 1.
        blur: Unsharpness, standard deviation in output pixels.
        ink: 1 keeps the print, less makes everything fainter.
        dirt: Specks of dust per page.
        yellow: Tint of the paper, 0 to 1.
        lid: Brightness outside the sheet.
        header: Line that a fax prints along the top edge.
        quality: JPEG quality when the file is compressed so.
    """

    mode: Mode = "gray"
    dpi: tuple[int, int] = (300, 300)
    skew_deg: float = 0.0
    shift_mm: tuple[float, float] = (0.0, 0.0)
    stretch: tuple[float, float] = (1.0, 1.0)
    rotation: int = 0
    noise: float = 0.012
    blur: float = 0.6
    ink: float = 0.93
    dirt: int = 12
    yellow: float = 0.0
    lid: float = 0.98
    header: str = ""
    quality: int = 60


@dataclass(frozen=True)
class Scan:
    """A scanned page: ``pixels`` uint8, (h, w) for grey and black-and-white, (h, w, 3) for colour."""

    pixels: Bytes
    scanner: Scanner


def scan(paper: Pixels, scanner: Scanner, seed: int) -> Scan:
    """Scan a page composed at 300 dpi; the same seed gives the same pixels."""
    rng = np.random.default_rng([seed, 31])
    page = np.ascontiguousarray(np.rot90(_aged(paper, scanner, rng), scanner.rotation // 90))
    if scanner.mode != "colour":
        page = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.float32)
    page = _laid(page, scanner)
    page = page + rng.normal(0, scanner.noise, page.shape).astype(np.float32)
    if scanner.mode == "bilevel":
        page = _bilevel(page, rng)
        _print_header(page, scanner.header)
    return Scan(np.round(np.clip(page, 0, 1) * 255).astype(np.uint8), scanner)


def _aged(paper: Pixels, scanner: Scanner, rng: np.random.Generator) -> Pixels:
    """Fade the ink, tint and shade the paper, drop dust on it."""
    height, width = paper.shape[:2]
    clouds = cv2.resize(
        rng.normal(0, 1, (6, 5)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    tint = np.array([0.985, 0.985 - 0.02 * scanner.yellow, 0.985 - 0.09 * scanner.yellow], np.float32)
    page = (1 - (1 - paper) * scanner.ink) * tint * (1 - 0.008 * np.abs(clouds))[..., None]
    for _ in range(scanner.dirt):
        x, y = (int(value) for value in rng.integers(0, (width, height)))
        grey = float(rng.uniform(0.2, 0.7))
        cv2.circle(page, (x, y), int(rng.integers(1, 4)), (grey, grey, grey), -1, cv2.LINE_AA)
    return np.asarray(page, np.float32)


def _laid(page: Pixels, scanner: Scanner) -> Pixels:
    """Resample the sheet as it lay on the glass: skewed, shifted, stretched, at the scanner's resolution."""
    height, width = page.shape[:2]
    out = [round(side / DPI * dpi) for side, dpi in zip((width, height), scanner.dpi, strict=True)]
    ratio = [dpi / DPI * stretch for dpi, stretch in zip(scanner.dpi, scanner.stretch, strict=True)]
    softer = [max(0.0, 1 / r - 1) * 0.55 + scanner.blur / r for r in ratio]
    page = np.asarray(
        cv2.GaussianBlur(page, (0, 0), max(softer[0], 0.1), sigmaY=max(softer[1], 0.1)), np.float32
    )
    angle = np.deg2rad(scanner.skew_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([width / 2, height / 2])
    linear = np.diag(ratio) @ turn
    offset = np.array(out) / 2 - linear @ middle + np.diag(ratio) @ (np.array(scanner.shift_mm) * PX)
    matrix = np.hstack([linear, offset[:, None]])
    lid = (scanner.lid,) * 3
    return np.asarray(
        cv2.warpAffine(page, matrix, (out[0], out[1]), flags=cv2.INTER_LINEAR, borderValue=lid), np.float32
    )


def _bilevel(page: Pixels, rng: np.random.Generator) -> Pixels:
    """Black or white as a fax decides it: sharpened, cut at a level, with specks and a dropped line or two."""
    sharp = page + 0.7 * (page - cv2.GaussianBlur(page, (0, 0), 2.0))
    level = 0.66 + rng.normal(0, 0.015)
    black = (sharp + rng.normal(0, 0.03, page.shape) > level).astype(np.float32)
    specks = rng.random(page.shape) < 0.00012
    black[specks] = 1 - black[specks]
    for row in rng.integers(0, page.shape[0], int(rng.integers(0, 3))):
        start = int(rng.integers(0, page.shape[1] // 2))
        black[row, start : start + int(rng.integers(100, 600))] = 1
    return black


def _print_header(page: Pixels, header: str) -> None:
    """Print the sender's line of a fax into the first rows, as the machine adds it: straight and crisp."""
    cv2.putText(page, header, (60, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0,), 2, cv2.LINE_8)


def careless_feed(rng: np.random.Generator, most_deg: float = 2.0) -> dict[str, Any]:
    """Draw how a sheet went through a feeder: skew up to ``most_deg``, some mm of shift, 1 % of stretch."""
    return {
        "skew_deg": float(rng.uniform(-most_deg, most_deg)),
        "shift_mm": (float(rng.normal(0, 1.3)), float(rng.normal(0, 1.6))),
        "stretch": (float(rng.normal(1.0, 0.005)), float(rng.normal(1.0, 0.006))),
        "lid": float(rng.choice([0.98, 0.98, 0.9, 0.35])),
    }
