"""Find and read the lines of text on a page: the text finder's places, read by the same network as the fields."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backoffice.japanese.variants import JAPANESE_FORMS
from ocr.reading import Gray
from ocr.recognisers.detection import Corners, TextFinder
from ocr.recognisers.line import LineReader, Spelling
from ocr.textpage.strips import CANVAS, Strip, cut_strip, page_ground

LEAST_SURE = 0.35
"""Lines that are read with less than this mean probability are no text: rulings, stamps, stains."""


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text.

    Attributes:
        text: What it says; spaces are single.
        corners: Its rectangle in pixels of the page, shape (4, 2), top left first, clockwise.
        vertical: Whether it runs from top to bottom.
        probability: Mean probability of its characters, 0 to 1.
        places: Middle of each character along the line, pixels of the page from the line's beginning.
    """

    text: str
    corners: Corners
    vertical: bool
    probability: float
    places: tuple[float, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the line, pixels."""
        (left, top), (right, bottom) = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def thickness(self) -> float:
        """Height of a horizontal, width of a vertical line, pixels: about the size of its characters."""
        side = self.corners[1] - self.corners[0] if self.vertical else self.corners[3] - self.corners[0]
        return float(np.linalg.norm(side))


class LineFinder:
    """Finds and reads the lines of a page.

    Args:
        models: Folder in which prepared weights are kept.
        threads: CPU threads; 0 for all cores.
        reader: The reading network, to share one that is loaded already.
    """

    def __init__(self, models: Path, threads: int = 0, reader: LineReader | None = None) -> None:
        self._finder = TextFinder(models, threads)
        self._reader = reader or LineReader(models, threads)

    def read(self, gray: Gray, dpi: float) -> list[TextLine]:
        """Return the lines of a page in no particular order.

        Args:
            gray: The page, uint8, upright.
            dpi: Its resolution.
        """
        flat = page_ground(gray, dpi)
        strips = [cut_strip(flat, place) for place in self._finder.find(gray, dpi)]
        spellings = self._reader.spell([strip.tile for strip in strips])
        lines = [_line(strip, spelling) for strip, spelling in zip(strips, spellings, strict=True)]
        return [line for line in lines if line.text and line.probability >= LEAST_SURE]


def _line(strip: Strip, spelling: Spelling) -> TextLine:
    kept = [
        (japanese(c), place, probability)
        for c, place, probability in zip(spelling.text, spelling.places, spelling.probabilities, strict=True)
    ]
    while kept and kept[0][0] == " ":
        kept.pop(0)
    while kept and kept[-1][0] == " ":
        kept.pop()
    places = tuple(_along(strip, place) for _, place, _ in kept)
    sure = [probability for c, _, probability in kept if c != " "]
    mean = sum(sure) / len(sure) if sure else 0.0
    return TextLine("".join(c for c, _, _ in kept), strip.corners, strip.vertical, mean, places)


def japanese(character: str) -> str:
    """Return the Japanese form of a character that the network gave in its Chinese form (徵 is 徴)."""
    forms = JAPANESE_FORMS.get(character)
    return forms[0] if forms else character


def _along(strip: Strip, place: float) -> float:
    """Return how far along the line, in pixels of the page, a place of the tile is."""
    if not strip.vertical:
        length = float(np.linalg.norm(strip.corners[1] - strip.corners[0]))
        return float(place / strip.tile.shape[1] * length)
    length = float(np.linalg.norm(strip.corners[3] - strip.corners[0]))
    square = min(int(place // CANVAS), len(strip.spans) - 1)
    start, end = strip.spans[square]
    return float((start + end) / 2 * length)
