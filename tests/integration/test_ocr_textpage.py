"""Pages without a form, read with the real networks: columns, vertical text, and the searchable PDF."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from textpage_sheets import DPI, columns_page, vertical_page

from console.cli import main
from ocr.errors import FileRefused
from ocr.textpage.document import TextPage, read_text
from ocr.textpage.lines import LineFinder
from ocr.textpage.searchable import write_searchable


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> LineFinder:
    return LineFinder(tmp_path_factory.mktemp("models"), threads=min(2, os.cpu_count() or 1))


def saved(path: Path, page: Image.Image) -> Path:
    page.save(path, dpi=(DPI, DPI))
    return path


def compact(text: str) -> str:
    return "".join(text.split())


def extracted(path: Path, page: int = 0) -> str:
    document = pdfium.PdfDocument(path)
    text: str = document[page].get_textpage().get_text_range()
    document.close()
    return text


@pytest.mark.parametrize("make", [columns_page, vertical_page])
def test_reads_in_the_order_of_a_reader_and_writes_the_same_text_into_the_pdf(
    make: Callable[[], tuple[Image.Image, list[str]]], finder: LineFinder, tmp_path: Path
) -> None:
    image, lines = make()
    source, target = saved(tmp_path / "page.png", image), tmp_path / "out.pdf"
    (page,) = write_searchable(source, target, read_text(source, finder))
    assert compact(page.text) == compact("".join(lines))
    if not page.lines[0].vertical:
        assert compact(extracted(target)) == compact(page.text)
    for line in lines:  # PDFium gives lines that stand side by side from left to right, also vertical ones
        assert compact(line) in compact(extracted(target))
    drawn = np.squeeze(pdfium.PdfDocument(target)[0].render(scale=DPI / 72, grayscale=True).to_numpy())
    rows, columns = (min(a, b) for a, b in zip(drawn.shape, page.source.gray.shape, strict=True))
    difference = drawn[:rows, :columns].astype(int) - page.source.gray[:rows, :columns]
    assert np.abs(difference).mean() < 3


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_pdf_keeps_its_pages_and_gets_its_text_where_the_words_stand(turn: int, tmp_path: Path) -> None:
    source, target = tmp_path / "page.pdf", tmp_path / "out.pdf"
    document = pdfium.PdfDocument.new()
    document.new_page(400, 300).set_rotation(turn)
    document.save(source)
    page = made_page(source, "回覧板です", box=(100, 40, 300, 80))
    assert list(write_searchable(source, target, [page])) == [page]
    written = pdfium.PdfDocument(target)[0]
    assert written.get_rotation() == turn
    text = written.get_textpage()
    assert text.get_text_range().strip() == "回覧板です"
    upright = pdfium.PdfDocument(target)
    points = [text.get_charbox(at) for at in range(text.count_chars())]
    corners = [shown(upright[0], x, y) for box in points for x, y in (box[:2], box[2:])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    assert min(xs) > 95 and max(xs) < 305
    assert min(ys) > 35 and max(ys) < 85


def made_page(source: Path, text: str, box: tuple[float, float, float, float]) -> TextPage:
    """A page of 72 dpi with one line."""
    from ocr.intake import SourcePage, read_pages
    from ocr.textpage.lines import TextLine

    (drawn,) = read_pages(source)
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)
    line = TextLine(text, corners, False, 1.0, ())
    size = (round(drawn.gray.shape[0] * 72 / 300), round(drawn.gray.shape[1] * 72 / 300))
    return TextPage(SourcePage(1, np.full(size, 255, np.uint8), 72), (line,))


def shown(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the page's own coordinates is shown, from the top left, in points."""
    width, height = page.get_size()
    turn = page.get_rotation()
    turned = {0: (x, height - y), 90: (y, x), 180: (width - x, y), 270: (width - y, height - x)}
    return turned[turn]


def test_a_broken_file_leaves_no_half_pdf(finder: LineFinder, tmp_path: Path) -> None:
    source, target = tmp_path / "page.png", tmp_path / "out.pdf"
    source.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(FileRefused):
        list(write_searchable(source, target, read_text(source, finder)))
    assert [p.name for p in tmp_path.iterdir()] == ["page.png"]


def test_the_command_refuses_to_write_over_the_file_it_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "page.pdf", columns_page()[0])
    arguments = ["--var", str(tmp_path / "var"), "ocr", "text", str(path), "--out", str(path)]
    assert main(arguments) == 2
    assert path.name in capsys.readouterr().err
