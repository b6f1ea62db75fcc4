"""Reading the words on a screen for desktop robots: the line finder of the reading room, on this machine alone.

Robots may not import the reading room, so its reader is handed to them as a plain function from here.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from robots.drivers.desktop import Area, FindText, Picture, TextLine

SCREEN_DPI = 96
"""Programs draw their text for screens of 96 pixels per inch: 12 points are 16 pixels high."""
LEAST_SURE = 0.5
"""Lines read with less than this mean probability are left out: icons and frames, which a page does not have."""


def screen_reader(models: Path, threads: int = 0) -> FindText:
    """Return a function that finds and reads the lines of a picture; the networks are loaded at its first call.

    Args:
        models: Folder in which prepared weights are kept.
        threads: CPU threads; 0 for all cores.
    """
    made: list[_ScreenReader] = []

    def find(picture: Picture) -> Sequence[TextLine]:
        if not made:
            made.append(_ScreenReader(models, threads))
        return made[0].read(picture)

    return find


class _ScreenReader:
    """The line finder, asked about a screen."""

    def __init__(self, models: Path, threads: int) -> None:
        from ocr.textpage.lines import LineFinder  # only where a screen is read: it brings the networks

        self._finder = LineFinder(models, threads)

    def read(self, picture: Picture) -> list[TextLine]:
        """Read every line of a picture."""
        gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        found = self._finder.read(gray, SCREEN_DPI)
        return [TextLine(line.text, _area(line.box)) for line in found if line.probability >= LEAST_SURE]


def _area(box: tuple[float, float, float, float]) -> Area:
    left, top, right, bottom = (round(side) for side in box)
    return Area(left, top, right - left, bottom - top)
