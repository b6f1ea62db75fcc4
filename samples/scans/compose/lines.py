"""Writes a free line (names, addresses): kanji from handwriting fonts, shaken so that no two are alike."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from samples.forms.geometry import Box
from samples.scans.compose.pen import inked, write_character
from samples.scans.compose.sheet import PX, Pixels, Sheet
from samples.scans.compose.writer import FONTS, Writer
from samples.strokes.skeleton import skeletons_of

EM = 220
THIN = {"yusei": 9}
"""Fonts of a marker pen, and by how many pixels of the em they are thinned to a ball-point."""
NARROW = {**dict.fromkeys("0123456789", 0.62), "-": 0.5, " ": 0.4, "　": 0.7}


def write_line(sheet: Sheet, text: str, box: Box, writer: Writer, rng: np.random.Generator) -> None:
    """Write ``text`` from the left of ``box`` (mm), smaller when it would not fit."""
    widths = [NARROW.get(letter, 1.0) for letter in text]
    height = min(box.h * writer.size * 0.95, 7.6, (box.w - 4) / (sum(widths) * 1.06))
    spread = float(rng.uniform(1.0, 1.12))
    x = box.x + float(rng.uniform(1.0, 4.0))
    spread = min(spread, (box.right - 1.5 - x) / (sum(widths) * height))
    base = box.centre[1] + writer.drift[1] * box.h
    rise = float(rng.normal(0, 0.012))
    for letter, width in zip(text, widths, strict=True):
        size = height * float(rng.normal(1, 0.05))
        y = base + (x - box.x) * rise + float(rng.normal(0, 0.03)) * height - size / 2
        _write(sheet, letter, Box(x, y, size * width * 0.98, size), writer, rng)
        x += height * width * spread


def _write(sheet: Sheet, letter: str, box: Box, writer: Writer, rng: np.random.Generator) -> None:
    if letter in " 　":
        return
    plain = letter.isascii() or writer.kana_in_lines
    if plain and skeletons_of(letter):
        write_character(sheet, letter, box, writer, rng)
    else:
        write_glyph(sheet, letter, box, writer, rng)


def write_glyph(sheet: Sheet, letter: str, box: Box, writer: Writer, rng: np.random.Generator) -> None:
    """Write a character from the writer's font into ``box`` (mm), sheared, turned and warped a little."""
    glyph = _warped(glyph_mask(letter, writer.font), writer, rng)
    width, height = max(2, round(box.w * 1.25 * PX)), max(2, round(box.h * 1.25 * PX))
    small = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA)
    x, y = box.centre
    mask = np.asarray(np.clip(small / 255 * 1.15, 0, 1), np.float32)
    sheet.ink(inked(mask, writer, rng), round(x * PX - width / 2), round(y * PX - height / 2), writer.colour)


@lru_cache(maxsize=1024)
def glyph_mask(letter: str, font: str) -> Pixels:
    """Return the glyph as a mask (275, 275) of 0 to 255 with an eighth of margin all round; falls back to Klee."""
    name = font if ord(letter) in _letters(font) else "klee"
    image = Image.new("L", (EM * 5 // 4, EM * 5 // 4))
    ImageDraw.Draw(image).text((EM * 5 / 8, EM * 5 / 8), letter, 255, _font(name), anchor="mm")
    mask = np.asarray(image, np.float32)
    return (
        np.asarray(cv2.erode(mask, np.ones((THIN[name],) * 2, np.uint8)), np.float32)
        if name in THIN
        else mask
    )


def _warped(glyph: Pixels, writer: Writer, rng: np.random.Generator) -> Pixels:
    side = glyph.shape[0]
    amount = 5.0 * writer.careless
    rough = rng.normal(0, amount, (2, 4, 4)).astype(np.float32)
    shift = [cv2.resize(part, (side, side), interpolation=cv2.INTER_CUBIC) for part in rough]
    angle = np.deg2rad(writer.tilt_deg + rng.normal(0, 1.8 * writer.careless))
    lean = writer.slant + rng.normal(0, 0.03)
    ys, xs = np.mgrid[0:side, 0:side].astype(np.float32) - side / 2
    across = xs * np.cos(angle) + ys * (np.sin(angle) + lean)
    down = -xs * np.sin(angle) + ys * np.cos(angle)
    at_x = (across * rng.normal(1, 0.04) + side / 2 + shift[0]).astype(np.float32)
    at_y = (down * rng.normal(1, 0.04) + side / 2 + shift[1]).astype(np.float32)
    return np.asarray(cv2.remap(glyph, at_x, at_y, cv2.INTER_LINEAR), np.float32)


@lru_cache(maxsize=16)
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS[name]), EM)


@lru_cache(maxsize=16)
def _letters(name: str) -> frozenset[int]:
    with TTFont(FONTS[name], lazy=True) as font:
        return frozenset(font.getBestCmap())
