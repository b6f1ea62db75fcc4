"""Writes scans as the files that copiers and fax servers make: JPEG, PNG, G4 TIFF, PDF of images."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, ImageSequence

from samples.scans.compose.scanner import Bytes, Scan

A_FIXED_DAY = time.gmtime(1780272000)
"""Creation date written in PDFs (2026-06-01), so that the same input gives the same bytes."""


def write_scan_file(path: Path, scans: Sequence[Scan]) -> None:
    """Write all pages to ``path``; the ending chooses the format (several pages: TIFF and PDF only)."""
    images = [_image(scan) for scan in scans]
    dpi, quality = scans[0].scanner.dpi, scans[0].scanner.quality
    if path.suffix == ".jpg":
        images[0].save(path, quality=quality, dpi=dpi, optimize=True)
    elif path.suffix == ".png":
        images[0].save(path, dpi=dpi, optimize=True)
    elif path.suffix == ".tif":
        images[0].save(path, compression="group4", dpi=dpi, save_all=True, append_images=images[1:])
    else:
        path.write_bytes(_pdf(images, scans))


def _image(scan: Scan) -> Image.Image:
    image = Image.fromarray(scan.pixels)
    return image.convert("1", dither=Image.Dither.NONE) if scan.scanner.mode == "bilevel" else image


def _pdf(images: Sequence[Image.Image], scans: Sequence[Scan]) -> bytes:
    """One PDF of image pages: each page is saved by itself, as their resolutions differ, and then joined."""
    whole = pypdfium2.PdfDocument.new()
    for image, scan in zip(images, scans, strict=True):
        out = io.BytesIO()
        how: dict[str, Any] = {"creationDate": A_FIXED_DAY, "modDate": A_FIXED_DAY, "dpi": scan.scanner.dpi}
        if image.mode != "1":
            how["quality"] = scan.scanner.quality
        image.save(out, "PDF", **how)
        page = pypdfium2.PdfDocument(out.getvalue())
        whole.import_pages(page)
        page.close()
    joined = io.BytesIO()
    whole.save(joined)
    whole.close()
    return joined.getvalue()


def read_pixels(path: Path) -> list[Bytes]:
    """Return the pages of a scan file as uint8 pixels, for comparing two of them."""
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        pages = [np.asarray(page.render(scale=100 / 72).to_pil().convert("L")) for page in document]
        document.close()
        return pages
    with Image.open(path) as image:
        return [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)]
