"""A sheet of paper to draw a form on: rulings, character cells, labels, in millimetres from the top left.

The only module that knows the PDF library (reportlab, BSD licence; needed by developers only). The print
fonts are IPAex Gothic and IPAex Mincho from Debian's fonts-ipaexfont (IPA Font License 1.0), embedded
as subsets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from samples.forms.geometry import Box, CellRow, FieldPlace, PagePlace

FONT_FILES = {
    "gothic": Path("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"),
    "mincho": Path("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf"),
}
THICK, FRAME, THIN, HAIR = 0.55, 0.35, 0.18, 0.1
GREY = 0.45
DISCLAIMER = "この様式は見本です。はかどり市は架空の市です。"
Anchor = Literal["left", "centre", "right"]
PT = 25.4 / 72


class Sheet:
    """One page being drawn. Every length is in mm, font sizes in points, the origin is the top left."""

    def __init__(self, canvas: Canvas, page: PagePlace) -> None:
        self._canvas = canvas
        self._height = page.size[1]
        self.page = page
        canvas.setPageSize((page.size[0] * mm, page.size[1] * mm))

    def line(
        self, x0: float, y0: float, x1: float, y1: float, *, width: float = THIN, dash: bool = False
    ) -> None:
        """Draw a ruling."""
        self._pen(width, dash)
        self._canvas.line(x0 * mm, self._up(y0), x1 * mm, self._up(y1))

    def frame(self, box: Box, *, width: float = THIN, dash: bool = False, fill: float | None = None) -> None:
        """Draw a rectangle; ``fill`` is a grey level from 0 (black) to 1 (white)."""
        self._pen(width, dash)
        self._canvas.setFillGray(1 if fill is None else fill)
        stroke, filled = int(width > 0), int(fill is not None)
        self._canvas.rect(
            box.x * mm, self._up(box.bottom), box.w * mm, box.h * mm, stroke=stroke, fill=filled
        )

    def circle(self, x: float, y: float, radius: float, *, width: float = THIN, dash: bool = False) -> None:
        """Draw a circle round (x, y)."""
        self._pen(width, dash, grey=GREY if dash else 0)
        self._canvas.circle(x * mm, self._up(y), radius * mm, stroke=1, fill=0)

    def title(self, x: float, y: float, text: str, size: float, *, spread: float = 0) -> None:
        """Write the title of the form: bold Mincho round the middle ``x``."""
        self.text(x, y, text, size, font="mincho", anchor="centre", bold=True, spread=spread)

    def footer(self, x: float, y: float, text: str) -> None:
        """Write where the form goes, and that it is a sample of a town that does not exist."""
        self.text(x, y, text, 8, anchor="centre")
        self.text(x, y + 4.5, DISCLAIMER, 6.5, anchor="centre", grey=0.35)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 8.5,
        *,
        font: str = "gothic",
        anchor: Anchor = "left",
        grey: float = 0,
        bold: bool = False,
        spread: float = 0,
    ) -> None:
        """Write one line; ``y`` is the middle of the letters, ``spread`` extra mm between letters."""
        width = pdfmetrics.stringWidth(text, font, size) / mm + spread * (len(text) - 1)
        left = x - {"left": 0.0, "centre": width / 2, "right": width}[anchor]
        out = self._canvas.beginText(left * mm, self._up(y + 0.36 * size * PT))
        out.setFont(font, size)
        out.setCharSpace(spread * mm)
        self._canvas.saveState()
        self._canvas.setFillGray(grey)
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(size * 0.03)
        self._canvas.setDash([])
        if bold:
            out.setTextRenderMode(2)
        out.textOut(text)
        self._canvas.drawText(out)
        self._canvas.restoreState()

    def lines(self, x: float, y: float, texts: list[str], size: float = 7, *, pitch: float = 0) -> None:
        """Write lines one under another; ``y`` is the first, ``pitch`` in mm (default 1.5 x size)."""
        for index, text in enumerate(texts):
            self.text(x, y + index * (pitch or size * PT * 1.5), text, size)

    def upright(self, box: Box, text: str, size: float = 9) -> None:
        """Write text from top to bottom in the middle of a narrow box, on a light ground."""
        self.frame(box, fill=0.92)
        pitch = min(size * PT * 1.45, box.h / (len(text) + 1))
        top = box.centre[1] - pitch * (len(text) - 1) / 2
        for index, letter in enumerate(text):
            self.text(box.centre[0], top + index * pitch, letter, size, anchor="centre")

    def label(self, box: Box, text: str, size: float = 9, *, note: str = "") -> None:
        """Fill a label cell: light ground, spread text, small note under it."""
        self.frame(box, fill=0.94)
        shift = 1.7 if note else 0.0
        room = (box.w - 4 - len(text) * size * PT) / max(len(text) - 1, 1)
        spread = min(2.5, max(0.0, room)) if len(text) < 5 else 0.0
        self.text(box.centre[0], box.centre[1] - shift, text, size, anchor="centre", spread=spread)
        if note:
            self.text(box.centre[0], box.centre[1] + 2.5, note, 5.5, anchor="centre")

    def cell_row(self, row: CellRow, *, heavy: tuple[int, ...] = (), dotted: bool = False) -> None:
        """Draw the character cells of a row; a heavier line stands left of each cell number in ``heavy``."""
        box = row.box
        self.frame(box, width=FRAME, fill=1)
        for index in range(1, row.count):
            x = box.cell(index, row.count).x
            width = FRAME if index in heavy else THIN
            self.line(x, box.y, x, box.bottom, width=width, dash=dotted and index not in heavy)

    def date(self, field: FieldPlace, *, size: float = 9, dotted: bool = False) -> None:
        """Draw the cells of a date with 年 月 日 beside them, and 令和 before them when it is printed."""
        for part, unit in zip(("year", "month", "day"), "年月日", strict=True):
            row = field.rows[part]
            self.cell_row(row, dotted=dotted)
            self.text(row.box.right + 2.7, row.box.centre[1], unit, size, anchor="centre")
        if field.era:
            first = field.rows["year"].box
            self.text(first.x - 1.5, first.centre[1], field.era, size + 1, anchor="right")

    def tick_boxes(
        self, field: FieldPlace, labels: dict[str, str] | None = None, *, size: float = 8.5
    ) -> None:
        """Draw check boxes with their words on the right."""
        for name, box in field.options.items():
            self.frame(box, width=0.25, fill=1)
            self.text(box.right + 1.6, box.centre[1], (labels or {}).get(name, name), size)

    def circle_words(
        self, field: FieldPlace, labels: dict[str, str] | None = None, *, size: float = 10
    ) -> None:
        """Print the words of a choice that people ring with a pen, each in the middle of its box."""
        for name, box in field.options.items():
            self.text(*box.centre, (labels or {}).get(name, name), size, anchor="centre")

    def corner_marks(self) -> None:
        """Print the solid black squares that the template promises."""
        half = self.page.mark_size / 2
        for x, y in self.page.marks:
            self.frame(Box(x - half, y - half, half * 2, half * 2), width=0, fill=0)

    def _up(self, y: float) -> float:
        return (self._height - y) * mm

    def _pen(self, width: float, dash: bool, grey: float = 0) -> None:
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(width * mm)
        self._canvas.setDash([0.5 * mm, 0.5 * mm] if dash else [])


def register_fonts() -> None:
    """Make the print fonts known to the PDF library; raises FileNotFoundError when they are not installed."""
    for name, path in FONT_FILES.items():
        if not path.exists():
            raise FileNotFoundError(f"{path}: install fonts-ipaexfont to draw the blank forms")
        pdfmetrics.registerFont(TTFont(name, str(path)))
