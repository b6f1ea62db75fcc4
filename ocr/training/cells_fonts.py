"""Glyph pictures from fonts and from real handwriting, as raw material for the cell reader's training.

All pictures are ink alone, cut at its edges, at most 96 pixels long: shape (h, w), dtype uint8, 0 none to 255 full.
"""

import csv
import gzip
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.recognisers.cell_crop import ink_of, without_frame
from ocr.training.cells_pen import resized

Glyph = NDArray[np.uint8]

FONTS = Path("/usr/share/fonts")
HANDWRITING = (
    "truetype/klee/KleeOne-Regular.ttf",
    "truetype/klee/KleeOne-SemiBold.ttf",
    "truetype/kiloji/kiloji.ttf",
    "truetype/kiloji/kiloji_b.ttf",
    "truetype/kiloji/kiloji_d.ttf",
    "truetype/yusei-magic/YuseiMagic-Regular.ttf",
    "truetype/aoyagi-kouzan-t/AoyagiKouzanT.ttf",
    "truetype/aoyagi-soseki/aoyagi-soseki.ttf",
    "truetype/yozvox-yozfont/YOzRA_.ttf",
    "truetype/yozvox-yozfont/YOzRC_.ttf",
    "truetype/yozvox-yozfont/YOzRE_.ttf",
    "truetype/yozvox-yozfont/YOzRN_.ttf",
    "truetype/yozvox-yozfont/YOzRS_.ttf",
    "truetype/yozvox-yozfont/YOzBNF.ttf",
)
PRINT = (
    "opentype/ipaexfont-gothic/ipaexg.ttf",
    "opentype/ipaexfont-mincho/ipaexm.ttf",
    "opentype/noto/NotoSansCJK-Regular.ttc",
    "opentype/noto/NotoSerifCJK-Regular.ttc",
)
WEB_HANDWRITING = (
    "darumadrop-one",
    "hachi-maru-pop",
    "new-tegomin",
    "slackside-one",
    "yomogi",
    "yuji-boku",
    "yuji-mai",
    "yuji-syuku",
    "zen-kurenaido",
)
"""More handwriting fonts (SIL Open Font Licence), from npm packages @fontsource/NAME; the model cards say how."""

HELD_OUT = ("truetype/seto/setofont.ttf",)
"""A whole font family that no network is trained on."""

FAX_HELD_OUT = (range(40, 57), range(96, 118), range(140, 157))
"""Sheets of `digits_fax` that no network is trained on."""

MNIST_TRAIN = 9000
"""The first so many of the MNIST test digits are trained on, the rest are held out."""

_LONGEST = 96


def cut(ink: Glyph) -> Glyph | None:
    """Cut a picture at the edges of its ink and bring it to at most 96 pixels; None when there is none."""
    ys, xs = np.nonzero(ink > 80)
    if ys.size < 4:
        return None
    part = ink[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    scale = _LONGEST / max(part.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return resized(part, max(2, round(part.shape[0] * scale)), max(2, round(part.shape[1] * scale)), how)


def web_fonts(folder: Path) -> tuple[str, ...]:
    """Return the files of the fonts that come as npm packages.

    Args:
        folder: Where `npm install @fontsource/…` was run.

    Raises:
        FileNotFoundError: A package is not there.
    """
    inside = folder / "node_modules" / "@fontsource"
    files = [inside / name / "files" / f"{name}-japanese-400-normal.woff" for name in WEB_HANDWRITING]
    for file in files:
        if not file.exists():
            raise FileNotFoundError(file)
    return tuple(str(file.resolve()) for file in files)


def font_glyphs(paths: Iterable[str], characters: Iterable[str]) -> dict[str, list[Glyph]]:
    """Draw characters with every font that has them.

    A character that a font lacks (drawn as its "missing" box, or as nothing) is left out.

    Raises:
        FileNotFoundError: A font is not installed; the model card names the packages.
    """
    wanted = list(characters)
    found: dict[str, list[Glyph]] = {}
    for path in paths:
        if not (FONTS / path).exists():
            raise FileNotFoundError(FONTS / path)
        font = ImageFont.truetype(str(FONTS / path), 110)
        missing = _drawn(font, "\U000f1234")
        for character in wanted:
            picture = _drawn(font, character)
            if np.array_equal(picture, missing):
                continue
            glyph = cut(picture)
            if glyph is not None:
                found.setdefault(character, []).append(glyph)
    return found


def _drawn(font: ImageFont.FreeTypeFont, character: str) -> Glyph:
    """Draw one character on a large empty square."""
    image = Image.new("L", (180, 180), 0)
    ImageDraw.Draw(image).text((30, 20), character, fill=255, font=font)
    return np.asarray(image).copy()


def gray_file(path: Path) -> Glyph:
    """Read an image file as gray, shape (h, w), dtype uint8."""
    return np.asarray(Image.open(path).convert("L")).copy()


def fax_rows(folder: Path, held_out: bool) -> list[tuple[Glyph, str]]:
    """Read the real fax digits of the held-out sheets or of all others: (gray crop, digit)."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [row for row in rows if any(int(row["sheet"]) in part for part in FAX_HELD_OUT) is held_out]
    return [(gray_file(folder / row["file"]), row["text"]) for row in wanted]


def mnist_rows(folder: Path, held_out: bool) -> list[tuple[Glyph, str]]:
    """Read the MNIST test digits (IDX files) of one side of the split: (gray crop, black on white, digit)."""
    pixels = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes())
    images = 255 - np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 28, 28)
    texts = [str(label) for label in np.frombuffer(labels, np.uint8, offset=8)]
    side = slice(MNIST_TRAIN, None) if held_out else slice(0, MNIST_TRAIN)
    return list(zip(images[side], texts[side], strict=True))


def real_glyphs(rows: Iterable[tuple[Glyph, str]]) -> dict[str, list[Glyph]]:
    """Take the ink out of real crops, frames and specks removed."""
    found: dict[str, list[Glyph]] = {}
    for crop, text in rows:
        glyph = cut((without_frame(ink_of(crop)) * 255).astype(np.uint8))
        if glyph is not None:
            found.setdefault(text, []).append(glyph)
    return found
