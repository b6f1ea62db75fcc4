"""A sheet of paper as pixels that ink is laid on.

Working resolution is 300 dpi; colours are float32 red, green, blue from 0 (black) to 1 (paper white); positions
are millimetres from the top left of the page.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2

Pixels = npt.NDArray[np.float32]
DPI = 300
PX = DPI / 25.4
FINE = 4
BLANKS = Path("samples") / "forms"


class Sheet:
    """One page being written on. ``pixels`` has shape (height, width, 3)."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    def ink(self, mask: Pixels, x_px: int, y_px: int, colour: tuple[float, float, float]) -> None:
        """Lay ink on the page; ``mask`` (h, w) is its strength from 0 to 1, its corner at the given pixel."""
        height, width = self.pixels.shape[:2]
        x0, y0 = max(x_px, 0), max(y_px, 0)
        x1, y1 = min(x_px + mask.shape[1], width), min(y_px + mask.shape[0], height)
        if x0 >= x1 or y0 >= y1:
            return
        part = mask[y0 - y_px : y1 - y_px, x0 - x_px : x1 - x_px, None]
        self.pixels[y0:y1, x0:x1] *= 1 - part * (1 - np.asarray(colour, np.float32))


def blank_sheet(form: str, page: int) -> Sheet:
    """Return a fresh print of a blank page (1-based)."""
    return Sheet(_rendered(form, page).copy())


@lru_cache(maxsize=4)
def _rendered(form: str, page: int) -> Pixels:
    document = pypdfium2.PdfDocument(BLANKS / f"{form}.pdf")
    image = np.asarray(document[page - 1].render(scale=DPI / 72).to_pil().convert("RGB"))
    document.close()
    return np.asarray(image / 255, np.float32)


def stroke_mask(
    points_px: npt.NDArray[np.float64], radii_px: npt.NDArray[np.float64]
) -> tuple[Pixels, int, int]:
    """Draw a pen line as soft mask.

    Args:
        points_px: Shape (n, 2), x and y in page pixels, closely spaced.
        radii_px: Shape (n,), half the width of the line at each point.

    Returns:
        The mask (h, w) from 0 to 1 and the page pixel of its top-left corner (x, y).
    """
    margin = float(radii_px.max()) + 2
    left, top = np.floor(points_px.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(points_px.max(axis=0) + margin).astype(int)
    fine = np.zeros(((bottom - top) * FINE, (right - left) * FINE), np.uint8)
    places = np.round((points_px - [left, top]) * FINE * 16).astype(int)
    sizes = np.maximum(1, np.round(radii_px * FINE * 16)).astype(int)
    for (x, y), size in zip(places.tolist(), sizes.tolist(), strict=True):
        cv2.circle(fine, (int(x), int(y)), size, (255,), -1, cv2.LINE_8, 4)
    small = cv2.resize(fine, (int(right - left), int(bottom - top)), interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32), int(left), int(top)
