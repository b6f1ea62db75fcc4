"""Write a searchable PDF: the page as it was, and over it its text, invisible, for finding and copying.

The pages of a PDF stay what they are; pictures become pages of their own size. The text is set in a Japanese font that
every PDF viewer knows by name (Adobe-Japan1, HeiseiKakuGo-W5): nothing is embedded, so the text weighs little.
"""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ocr.intake import SourcePage
from ocr.textpage.document import TextPage
from ocr.textpage.lines import TextLine

FONT = "HeiseiKakuGo-W5"
INVISIBLE = 3
"""Text rendering mode of PDF (ISO 32000-1, 9.3.6): neither filled nor stroked."""

BASELINE = 0.2
"""The baseline lies this share of a line's height above its lower edge."""

JPEG_QUALITY = 85


def write_searchable(source: Path, target: Path, pages: Iterable[TextPage]) -> Iterator[TextPage]:
    """Write the searchable PDF, page by page; yields each page when its text is set. The file appears at the end.

    Args:
        source: The file that the pages were read from.
        target: The PDF to write; an older one is replaced.
        pages: Its pages in order.

    Raises:
        FileRefused: By `pages`, when the file cannot be read; nothing is written then.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    is_pdf = _is_pdf(source)
    layer = io.BytesIO()
    canvas = Canvas(layer, pageCompression=1)
    for page in pages:
        _set_page(canvas, page, with_picture=not is_pdf)
        yield page
    canvas.save()
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if is_pdf:
            _lay_over(source, layer.getvalue(), part)
        else:
            part.write_bytes(layer.getvalue())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _is_pdf(source: Path) -> bool:
    with source.open("rb") as file:
        return b"%PDF-" in file.read(1024)


def _set_page(canvas: Canvas, page: TextPage, *, with_picture: bool) -> None:
    """Set one page: its picture if wanted, and the text of its lines where they stand."""
    points = 72 / page.source.dpi
    height, width = page.source.gray.shape
    canvas.setPageSize((width * points, height * points))
    if with_picture:
        canvas.drawImage(_picture(page.source), 0, 0, width * points, height * points)
    for line in page.lines:
        _set_line(canvas, line, height * points, points)
    canvas.showPage()


def _picture(source: SourcePage) -> ImageReader:
    """Return the page as a picture: two tones without loss, shades as JPEG."""
    image = Image.fromarray(source.gray)
    if len(np.unique(source.gray[::7, ::7])) <= 2:
        return ImageReader(image)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=JPEG_QUALITY)
    data.seek(0)
    return ImageReader(data)


def _set_line(canvas: Canvas, line: TextLine, page_height: float, points: float) -> None:
    """Set a line so that it begins and ends where the printed one does; vertical text runs down its column."""
    corners = line.corners.astype(float) * points
    corners[:, 1] = page_height - corners[:, 1]
    begin, end, under = (
        (corners[0], corners[3], corners[1]) if line.vertical else (corners[3], corners[2], corners[0])
    )
    along = end - begin
    length, size = float(np.linalg.norm(along)), float(np.linalg.norm(under - begin))
    natural = pdfmetrics.stringWidth(line.text, FONT, size)
    if natural <= 0 or length <= 0:
        return
    unit = along / length
    normal = np.array([-unit[1], unit[0]])
    x, y = begin + BASELINE * size * normal
    text = canvas.beginText()
    text.setTextRenderMode(INVISIBLE)
    text.setFont(FONT, size)
    text.setHorizScale(100 * length / natural)
    text.setTextTransform(unit[0], unit[1], normal[0], normal[1], x, y)
    text.textOut(line.text)
    canvas.drawText(text)


def _lay_over(source: Path, layer: bytes, target: Path) -> None:
    """Put every page of the layer over the page of the PDF and save the whole."""
    with closing(pdfium.PdfDocument(source)) as document, closing(pdfium.PdfDocument(layer)) as texts:
        for number in range(len(document)):
            page: Any = document[number]
            placed = texts.page_as_xobject(number, document).as_pageobject()
            placed.set_matrix(_upright(page))
            page.insert_obj(placed)
            page.gen_content()
            page.close()
        document.save(target)


def _upright(page: Any) -> pdfium.PdfMatrix:
    """Return where a page as shown lies in the page's own coordinates: turned by /Rotate, moved by the crop box."""
    left, bottom, right, top = page.get_cropbox()
    turns = {
        0: (1, 0, 0, 1, left, bottom),
        90: (0, 1, -1, 0, right, bottom),
        180: (-1, 0, 0, -1, right, top),
        270: (0, -1, 1, 0, left, top),
    }
    return pdfium.PdfMatrix(*turns[page.get_rotation() % 360])
