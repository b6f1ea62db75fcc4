"""Read a file without any template, page by page: lines, their order, and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr.intake import Limits, SourcePage, read_pages
from ocr.textpage.lines import LineFinder, TextLine
from ocr.textpage.order import page_text, reading_order


@dataclass(frozen=True)
class TextPage:
    """One page that was read.

    Attributes:
        source: The page as it came.
        lines: Its lines in reading order.
    """

    source: SourcePage
    lines: tuple[TextLine, ...]

    @property
    def text(self) -> str:
        """What the page says, a line of text per printed line."""
        return page_text(self.lines)

    def as_json(self, file: str) -> dict[str, Any]:
        """Return the page for programs; boxes are left, top, right, bottom in pixels of the page."""
        height, width = self.source.gray.shape
        return {
            "file": file,
            "page": self.source.number,
            "width": width,
            "height": height,
            "dpi": round(self.source.dpi, 1),
            "text": self.text,
            "lines": [
                {
                    "text": line.text,
                    "box": [round(value, 1) for value in line.box],
                    "vertical": line.vertical,
                    "probability": round(line.probability, 4),
                }
                for line in self.lines
            ],
        }


def read_text(path: Path, finder: LineFinder, limits: Limits | None = None) -> Iterator[TextPage]:
    """Yield the pages of a file, read; memory is needed for one page at a time.

    Raises:
        FileRefused: The file cannot be read.
    """
    for source in read_pages(path, limits):
        lines = finder.read(source.gray, source.dpi)
        ordered = [line for block in reading_order(lines) for row in block for line in row]
        yield TextPage(source, tuple(ordered))
