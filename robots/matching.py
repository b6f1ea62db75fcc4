"""Finding a small picture on the screen, and finding words among the lines that were read on it. Pure functions.

A small picture is compared at every place of the screen by the normalised correlation of gray values (OpenCV's
TM_CCOEFF_NORMED, 1.0 for the same picture); places that overlap a better one do not count.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from robots.drivers.desktop import Area, Picture, TextLine
from robots.errors import ImageUnfit

Gray = NDArray[np.uint8]
"""Shape (height, width), dtype uint8, 0 black to 255 white."""

LIKENESS = 0.93
"""How alike a place must be. Tried on the stand-in program: the same button 1.00, the same button with the focus
0.97, a button with other words of the same length below 0.75."""
FLATTEST = 4.0
"""Least standard deviation of the gray values of a picture to look for: a plain area is found everywhere."""

_LOOK_ALIKES = str.maketrans("力口二工夕卜八千才一ー—―‐−", "カロニエタトハチオ------")


def load_image(path: Path) -> Gray:
    """Load a picture to look for.

    Raises:
        ImageUnfit: It is missing, no picture, or so plain that it would be found everywhere.
    """
    try:
        held = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise ImageUnfit("robots.image_missing", where=path.name, name=path.name) from error
    image = cv2.imdecode(held, cv2.IMREAD_GRAYSCALE) if held.size else None
    if image is None:
        raise ImageUnfit("robots.image_unreadable", where=path.name, name=path.name)
    if float(image.std()) < FLATTEST:
        raise ImageUnfit("robots.image_plain", where=path.name, name=path.name)
    return np.asarray(image, np.uint8)


def places_of(image: Gray, screen: Picture, likeness: float = LIKENESS) -> list[Area]:
    """Return where a picture stands on the screen, from top to bottom and left to right.

    Args:
        image: What to look for.
        screen: The screen.
        likeness: Least correlation, 0 to 1.
    """
    height, width = image.shape
    gray = cv2.cvtColor(screen, cv2.COLOR_RGB2GRAY)
    if gray.shape[0] < height or gray.shape[1] < width:
        return []
    scores = cv2.matchTemplate(gray, image, cv2.TM_CCOEFF_NORMED)
    scores[~np.isfinite(scores)] = -1.0  # plain places have no correlation
    found = []
    while True:
        _, best, _, (left, top) = cv2.minMaxLoc(scores)
        if best < likeness:
            break
        found.append(Area(left, top, width, height))
        scores[
            max(0, top - height // 2) : top + height // 2 + 1,
            max(0, left - width // 2) : left + width // 2 + 1,
        ] = -1
    return sorted(found, key=lambda area: (area.top, area.left))


def words_in(lines: Sequence[TextLine], words: str) -> list[Area]:
    """Return where words stand, from top to bottom and left to right; whole lines win over parts of lines.

    Spaces, full and half width, and characters that look the same (力 and カ) do not count: the reader mixes them up.
    """
    wanted = plain(words)
    if not wanted:
        return []
    whole = [line.area for line in lines if plain(line.words) == wanted]
    found = whole or [part for line in lines for part in _parts(line, wanted)]
    return sorted(found, key=lambda area: (area.top, area.left))


def plain(words: str) -> str:
    """Return words as they are compared."""
    narrow = unicodedata.normalize("NFKC", words)
    return "".join(narrow.split()).translate(_LOOK_ALIKES)


def _parts(line: TextLine, wanted: str) -> list[Area]:
    """Return the parts of a line that hold the words; a full-width character is taken as twice a half-width one."""
    letters = [letter for letter in line.words if not letter.isspace()]
    text = "".join(plain(letter) for letter in letters)
    at, found = text.find(wanted), []
    widths = np.cumsum([0] + [1 if letter < "\u0100" or "｡" <= letter <= "ﾟ" else 2 for letter in letters])
    while at >= 0 and len(text) == len(letters):
        start, end = widths[at] / widths[-1], widths[at + len(wanted)] / widths[-1]
        left = line.area.left + round(start * line.area.width)
        found.append(Area(left, line.area.top, round((end - start) * line.area.width), line.area.height))
        at = text.find(wanted, at + len(wanted))
    return found or ([line.area] if wanted in plain(line.words) else [])
