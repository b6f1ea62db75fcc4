"""Every kind of file that cannot be taken in has its own answer, and nothing large is decoded first."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from ocr.errors import FileRefused
from ocr.intake import Limits, read_pages


def _refusal(path: Path, limits: Limits | None = None) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        list(read_pages(path, limits))
    assert caught.value.explain("ja").count("\n") == 2  # what, why, what to do
    assert path.name in caught.value.explain("en")
    return caught.value


def _sheet(width: int = 200, height: int = 300) -> Image.Image:
    pixels = np.full((height, width), 255, np.uint8)
    pixels[40:60, 30:170] = 0
    return Image.fromarray(pixels)


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "gone.pdf").key == "ocr.file_unreadable"


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.tif"
    path.write_bytes(b"")
    assert _refusal(path).key == "ocr.file_empty"


def test_refuses_what_is_no_image_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_text("これは画像ではありません", encoding="utf-8")
    assert _refusal(path).key == "ocr.file_not_an_image"


def test_refuses_jpeg_2000(tmp_path: Path) -> None:
    path = tmp_path / "scan.jp2"
    path.write_bytes(b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 100)
    assert _refusal(path).key == "ocr.file_jpeg2000"


def test_refuses_a_locked_pdf(tmp_path: Path) -> None:
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    path = tmp_path / "locked.pdf"
    page = canvas.Canvas(str(path), encrypt="secret")
    page.drawString(100, 100, "x")
    page.save()
    assert _refusal(path).key == "ocr.file_locked"


def test_refuses_a_pdf_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "half.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog")
    assert _refusal(path).key == "ocr.file_broken"


@pytest.mark.parametrize(
    ("name", "options"), [("half.tif", {"compression": "group4"}), ("half.png", {}), ("half.jpg", {})]
)
def test_refuses_a_picture_cut_off(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    path = tmp_path / name
    noise = Image.fromarray((np.random.default_rng(1).random((400, 400)) * 255).astype(np.uint8))
    (noise.convert("1") if options else noise).save(path, **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert _refusal(path).key == "ocr.file_broken"


def test_refuses_40000_by_40000_pixels_without_decoding_them(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = b"IDAT" + zlib.compress(b"\0")
    png += struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    path = tmp_path / "huge.png"
    path.write_bytes(png)
    error = _refusal(path)
    assert error.key == "ocr.page_too_large"


def test_refuses_too_many_pages(tmp_path: Path) -> None:
    path = tmp_path / "thick.tif"
    _sheet().save(path, save_all=True, append_images=[_sheet(), _sheet()])
    assert _refusal(path, Limits(max_pages=2)).key == "ocr.file_too_many_pages"


def test_refuses_too_many_megabytes_before_opening(tmp_path: Path) -> None:
    path = tmp_path / "heavy.png"
    _sheet().save(path)
    assert _refusal(path, Limits(max_megabytes=0.0001)).key == "ocr.file_too_large"


def test_fax_pages_come_out_with_square_pixels(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    _sheet(1728, 1143).convert("1").save(path, compression="group4", dpi=(204, 98))
    page = next(read_pages(path))
    assert page.dpi == 204
    assert page.gray.shape == (round(1143 * 204 / 98), 1728)


def test_every_page_of_a_tiff_and_a_pdf_comes_out(tmp_path: Path) -> None:
    tiff, pdf = tmp_path / "two.tif", tmp_path / "two.pdf"
    _sheet().save(tiff, save_all=True, append_images=[_sheet()], dpi=(200, 200))
    _sheet().save(pdf, save_all=True, append_images=[_sheet()], resolution=100)
    assert [page.number for page in read_pages(tiff)] == [1, 2]
    assert [page.gray.shape for page in read_pages(pdf)] == [
        (901, 600)
    ] * 2  # 2 × 3 inches at 300 dpi, rounded up


def test_a_phone_picture_is_turned_upright_by_its_tag(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    _sheet(300, 200).save(path, exif=exif)
    assert next(read_pages(path)).gray.shape == (300, 200)


def test_a_transparent_ground_counts_as_white(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (60, 60), (0, 0, 0, 0)).save(path)
    assert next(read_pages(path)).gray.min() == 255


def test_a_resolution_that_is_not_told_is_taken_from_a4(tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    _sheet(1654, 2339).save(path)
    assert next(read_pages(path)).dpi == pytest.approx(200, abs=0.1)


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.pdf"
    empty = pdfium.PdfDocument.new()
    empty.save(path)
    empty.close()
    assert _refusal(path).key in {"ocr.file_without_pages", "ocr.file_broken"}
