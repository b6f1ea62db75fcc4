"""Take a file in: PDF, TIFF, JPEG or PNG become gray pages at a known resolution.

Nothing is decoded before its size is known: bytes, pages and pixels are checked against the limits first, and every
kind of unusable file has an error of its own. Pages are yielded one by one: a long file needs the memory of one page.
"""

import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr.errors import FileRefused
from ocr.reading import Gray

PDF_DPI = 300
"""Pages of a PDF are drawn at this resolution; it is the usual one of office scanners."""

_A4_LONG_INCH = 297 / 25.4
_MAGIC = (
    (b"%PDF-", "pdf"), (b"II*\0", "image"), (b"MM\0*", "image"), (b"II+\0", "image"), (b"MM\0+", "image"),
    (b"\xff\xd8\xff", "image"), (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\0\0\0\x0cjP  ", "jpeg2000"), (b"\xff\x4f\xff\x51", "jpeg2000"),
)  # fmt: skip


UNREADABLE = (OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError, Image.DecompressionBombError)
"""What Pillow raises over a picture that is broken, or larger than it would ever open."""


@dataclass(frozen=True)
class Limits:
    """What is too large to take in.

    Attributes:
        max_pages: Pages per file.
        max_megapixels: Million pixels per page, decoded.
        max_megabytes: Size of the file, 10^6 bytes.
    """

    max_pages: int = 500
    max_megapixels: float = 160.0
    max_megabytes: float = 200.0


@dataclass(frozen=True)
class SourcePage:
    """One page as it came.

    Attributes:
        number: Page of the file, from 1.
        gray: The page, uint8, square pixels.
        dpi: Resolution in pixels per inch, as told by the file or guessed from A4 when it tells none.
    """

    number: int
    gray: Gray
    dpi: float


def read_pages(path: Path, limits: Limits | None = None) -> Iterator[SourcePage]:
    """Yield the pages of a file.

    Args:
        path: A PDF, TIFF, JPEG or PNG, told apart by content, not by name.
        limits: What is too large.

    Raises:
        FileRefused: The file is missing, empty, too large, locked, broken, or of another type.
    """
    limits = limits or Limits()
    kind = _sniff(path, limits)
    if kind == "pdf":
        yield from _pdf_pages(path, limits)
    else:
        yield from _image_pages(path, limits)


def count_pages(path: Path, limits: Limits | None = None) -> int:
    """Return how many pages a file has; it is checked as `read_pages` does, but no page is decoded.

    Raises:
        FileRefused: As `read_pages`, as far as it shows without decoding.
    """
    limits = limits or Limits()
    if _sniff(path, limits) == "pdf":
        return _count_pdf_pages(path, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _count_frames(path, limits)


def _count_pdf_pages(path: Path, limits: Limits) -> int:
    with _pdf(path, limits) as document:
        try:
            for number in range(len(document)):
                width, height = document.get_page_size(number)
                _check_pixels(width / 72 * PDF_DPI, height / 72 * PDF_DPI, number + 1, path, limits)
        except pdfium.PdfiumError as error:
            raise _refused("file_broken", path, detail="PDF") from error
        return len(document)


def _count_frames(path: Path, limits: Limits) -> int:
    data = path.read_bytes()
    image, frames = _open_frames(data, path, limits)
    try:
        for number in range(1, frames + 1):
            image.seek(number - 1)
            _check_pixels(*image.size, number, path, limits)
            _check_strips(image, number, len(data), path)
    except UNREADABLE as error:
        raise _refused("file_broken", path, detail=image.format or "") from error
    return frames


def _sniff(path: Path, limits: Limits) -> str:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise _refused("file_unreadable", path, detail=error.strerror or "OSError") from error
    if size == 0:
        raise _refused("file_empty", path)
    if size > limits.max_megabytes * 1e6:
        raise _refused("file_too_large", path, megabytes=round(size / 1e6, 1), limit=limits.max_megabytes)
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind is None and b"%PDF-" in head:  # some scanners write a few bytes before the header
        kind = "pdf"
    if kind == "jpeg2000":
        raise _refused("file_jpeg2000", path)
    if kind is None:
        raise _refused("file_not_an_image", path)
    return kind


def _pdf_pages(path: Path, limits: Limits) -> Iterator[SourcePage]:
    with _pdf(path, limits) as document:
        for number in range(1, len(document) + 1):
            yield SourcePage(number, _draw_pdf_page(document, number, path, limits), PDF_DPI)


@contextmanager
def _pdf(path: Path, limits: Limits) -> Iterator[Any]:
    """Open a PDF that has pages, and not too many."""
    document = _open_pdf(path)
    try:
        if len(document) == 0:
            raise _refused("file_without_pages", path)
        _check_page_count(len(document), path, limits)
        yield document
    finally:
        document.close()


def _open_pdf(path: Path) -> Any:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD:
            raise _refused("file_locked", path) from error
        raise _refused("file_broken", path, detail="PDF") from error


def _draw_pdf_page(document: Any, number: int, path: Path, limits: Limits) -> Gray:
    try:
        page = document[number - 1]
        width, height = page.get_size()
        _check_pixels(width / 72 * PDF_DPI, height / 72 * PDF_DPI, number, path, limits)
        bitmap = page.render(scale=PDF_DPI / 72, grayscale=True, draw_annots=True)
        gray = np.array(bitmap.to_numpy(), dtype=np.uint8)
        page.close()
    except pdfium.PdfiumError as error:
        raise _refused("file_broken", path, detail=f"PDF p.{number}") from error
    return np.asarray(gray[:, :, 0] if gray.ndim == 3 else gray, dtype=np.uint8)


def _image_pages(path: Path, limits: Limits) -> Iterator[SourcePage]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # Pillow grumbles about odd tags; what matters is whether the pixels come out
        yield from _frames(path, limits)


def _frames(path: Path, limits: Limits) -> Iterator[SourcePage]:
    data = path.read_bytes()
    image, frames = _open_frames(data, path, limits)
    for number in range(1, frames + 1):
        yield _read_frame(image, number, len(data), path, limits)


def _open_frames(data: bytes, path: Path, limits: Limits) -> tuple[Image.Image, int]:
    """Open a picture and count its frames; not too many."""
    image = _open_image(data, path, limits)
    try:
        frames = int(getattr(image, "n_frames", 1))
    except (OSError, ValueError, SyntaxError, TypeError, EOFError) as error:
        raise _refused("file_broken", path, detail=image.format or "") from error
    _check_page_count(frames, path, limits)
    return image, frames


def _open_image(data: bytes, path: Path, limits: Limits) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=("TIFF", "JPEG", "PNG"))
    except Image.DecompressionBombError as error:
        pixels = re.search(r"\d+", str(error))  # Pillow says "Image size (N pixels) exceeds limit …"
        megapixels = f"{int(pixels.group()) / 1e6:.0f}" if pixels else "?"
        limit = limits.max_megapixels
        raise _refused("page_too_large", path, page=1, megapixels=megapixels, limit=limit) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError) as error:
        raise _refused("file_broken", path, detail=type(error).__name__) from error


def _read_frame(image: Image.Image, number: int, size: int, path: Path, limits: Limits) -> SourcePage:
    try:
        if number > 1:
            image.seek(number - 1)
        _check_pixels(*image.size, number, path, limits)
        _check_strips(image, number, size, path)
        horizontal, vertical = _resolution(image)
        pixels = _to_gray(image)
    except UNREADABLE as error:
        raise _refused("file_broken", path, detail=f"{image.format} p.{number}") from error
    if not math.isclose(horizontal, vertical, rel_tol=0.02):
        pixels, horizontal = _square(pixels, horizontal, vertical)
    return SourcePage(number, pixels, horizontal)


def _to_gray(image: Image.Image) -> Gray:
    """Return the frame upright by its EXIF tag, transparency laid on white, as gray."""
    upright = ImageOps.exif_transpose(image) or image
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        upright = Image.alpha_composite(white, rgba)
    if upright.mode.startswith("I;16") or upright.mode == "I":
        deep = np.asarray(upright, dtype=np.float64)
        return np.asarray(np.clip(deep / max(1.0, deep.max()) * 255, 0, 255), dtype=np.uint8)
    return np.array(upright.convert("L"), dtype=np.uint8)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Return horizontal and vertical dpi; where the file tells none that is likely, assume A4."""
    told = image.info.get("dpi") or (0, 0)
    horizontal, vertical = float(told[0] or 0), float(told[1] or 0)
    if 60 <= horizontal <= 2400 and 60 <= vertical <= 2400:
        return horizontal, vertical
    guess = max(image.size) / _A4_LONG_INCH
    return guess, guess


def _square(gray: Gray, horizontal: float, vertical: float) -> tuple[Gray, float]:
    """Stretch the coarser direction (fax: 204 × 98 dpi) so that pixels are square."""
    dpi = max(horizontal, vertical)
    width = round(gray.shape[1] * dpi / horizontal)
    height = round(gray.shape[0] * dpi / vertical)
    return np.asarray(cv2.resize(gray, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8), dpi


def _check_page_count(count: int, path: Path, limits: Limits) -> None:
    if count > limits.max_pages:
        raise _refused("file_too_many_pages", path, pages=count, limit=limits.max_pages)


def _check_pixels(width: float, height: float, page: int, path: Path, limits: Limits) -> None:
    megapixels = width * height / 1e6
    if megapixels > limits.max_megapixels:
        raise _refused(
            "page_too_large", path, page=page, megapixels=round(megapixels, 1), limit=limits.max_megapixels
        )


def _check_strips(image: Image.Image, page: int, size: int, path: Path) -> None:
    """Refuse a TIFF whose strips or tiles reach beyond the end of the file: it is cut off or still being copied."""
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return
    for offsets, lengths in ((273, 279), (324, 325)):
        ends = [int(o) + int(n) for o, n in zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=False)]
        if ends and max(ends) > size:
            raise _refused("file_broken", path, detail=f"TIFF p.{page}")


def _refused(key: str, path: Path, **values: object) -> FileRefused:
    return FileRefused(f"ocr.{key}", where=path.name, name=path.name, **values)
