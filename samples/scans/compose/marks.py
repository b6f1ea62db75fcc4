"""Marks that are not characters: rings round a choice, ticks, seals, signatures, received stamps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from samples.forms.geometry import Box
from samples.scans.compose.lines import write_glyph
from samples.scans.compose.pen import draw_lines
from samples.scans.compose.sheet import PX, Pixels, Sheet
from samples.scans.compose.writer import SEAL_FONT, Writer

RED = (0.80, 0.12, 0.12)
VIOLET = (0.35, 0.22, 0.55)
CLINIC = ("はかどり市中央町９丁目９番９号", "医療法人見本会 はかどり内科医院", "医師　見 本 太 郎")
TICKS = {
    "check": [[(0.10, 0.50), (0.40, 0.92), (1.25, -0.30)]],
    "hook": [[(0.28, 0.05), (0.34, 0.86), (1.10, 0.20)]],
    "cross": [[(0.06, 0.08), (0.95, 0.94)], [(0.92, 0.04), (0.08, 0.96)]],
}


def draw_ring(sheet: Sheet, box: Box, writer: Writer, rng: np.random.Generator) -> None:
    """Draw a ring round the middle of ``box`` (mm), as people do: not closed, or closed twice, never round."""
    cx, cy = box.centre
    cx += float(rng.normal(0, 0.5 * writer.careless))
    cy += float(rng.normal(0, 0.35 * writer.careless))
    rx, ry = box.w * float(rng.uniform(0.36, 0.52)), box.h * float(rng.uniform(0.36, 0.52))
    turns = float(rng.uniform(0.94, 1.2))
    start = float(rng.uniform(-2.4, -0.6))
    angle = start + np.linspace(0, 2 * np.pi * turns, 90)
    swell = 1 + 0.05 * np.sin(angle * 2 + rng.uniform(0, 6)) + np.linspace(0, float(rng.normal(0, 0.08)), 90)
    lean = float(rng.normal(0, 0.12))
    x = cx + rx * swell * np.cos(angle)
    y = cy + ry * swell * np.sin(angle) + lean * (x - cx) * ry / rx
    draw_lines(sheet, [np.stack([x, y], axis=1) * PX], writer.pen_mm / 2 * PX, writer, rng)


def draw_tick(sheet: Sheet, box: Box, writer: Writer, rng: np.random.Generator) -> None:
    """Tick the check box ``box`` (mm) in the writer's way, often running out of it."""
    filled = writer.tick == "fill"
    strokes = [_scribble(rng)] if filled else [np.array(points) for points in TICKS[writer.tick]]
    size = float(rng.uniform(0.85, 1.3))
    shift = rng.normal(0, 0.09 * writer.careless, 2)
    lines = []
    for points in strokes:
        placed = (points + rng.normal(0, 0.04, points.shape) - 0.5) * size + 0.5 + shift
        dense = np.concatenate([np.linspace(a, b, 12) for a, b in pairwise(placed)])
        bow = np.sin(np.linspace(0, np.pi, len(dense)))[:, None] * rng.normal(0, 0.04, 2)
        lines.append(((dense + bow) * [box.w, box.h] + [box.x, box.y]) * PX)
    draw_lines(sheet, lines, writer.pen_mm / 2 * PX, writer, rng)


def _scribble(rng: np.random.Generator) -> np.ndarray:
    count = int(rng.integers(7, 11))
    x = np.where(np.arange(count) % 2 == 0, 0.12, 0.88) + rng.normal(0, 0.05, count)
    return np.stack([x, np.linspace(0.12, 0.9, count)], axis=1)


def press_seal(sheet: Sheet, box: Box, family_name: str, rng: np.random.Generator) -> None:
    """Press a red name seal near the middle of ``box`` (mm): turned, unevenly inked, sometimes half pressed."""
    side = 512
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    squash = float(rng.choice([0, 0, 60]))
    draw.ellipse((20 + squash, 20, side - 20 - squash, side - 20), outline=255, width=20)
    letters = family_name[:3]
    height = 400 // len(letters)
    font = ImageFont.truetype(str(SEAL_FONT), min(height, 250))
    for index, letter in enumerate(letters):
        y = side / 2 + (index - (len(letters) - 1) / 2) * height
        draw.text((side / 2, y), letter, 255, font, anchor="mm", stroke_width=5)
    diameter = float(rng.uniform(10.5, 13.5))
    _stamp(sheet, _mask(image), box, diameter, RED, rng)


def press_received(sheet: Sheet, box: Box, lines: tuple[str, str, str], rng: np.random.Generator) -> None:
    """Press a round dated 受付 stamp of the town hall in ``box`` (mm)."""
    side = 512
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, side - 10, side - 10), outline=255, width=12)
    for y in (190, 322):
        draw.line((30, y, side - 30, y), fill=255, width=10)
    for y, text, size in zip((125, 256, 390), lines, (68, 76, 84), strict=True):
        font = ImageFont.truetype(str(SEAL_FONT), size)
        draw.text((side / 2, y), text, 255, font, anchor="mm", stroke_width=3)
    _stamp(sheet, _mask(image), box, float(rng.uniform(24, 28)), VIOLET, rng)


def press_clinic(sheet: Sheet, box: Box, rng: np.random.Generator) -> None:
    """Press the long rubber stamp of an invented clinic in ``box`` (mm)."""
    image = Image.new("L", (900, 900))
    draw = ImageDraw.Draw(image)
    for index, line in enumerate(CLINIC):
        font = ImageFont.truetype(str(SEAL_FONT), 46 if index == 1 else 34)
        draw.text((30, 402 + index * 48), line, 255, font, anchor="lm", stroke_width=2)
    _stamp(sheet, _mask(image), box, 64, VIOLET, rng, crooked=1.2)


def _mask(image: Image.Image) -> Pixels:
    return np.asarray(np.asarray(image) / 255, np.float32)


def _stamp(
    sheet: Sheet,
    shape: Pixels,
    box: Box,
    diameter: float,
    colour: tuple[float, float, float],
    rng: np.random.Generator,
    crooked: float = 7,
) -> None:
    side = shape.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.normal(0, crooked)), 1)
    shape = np.asarray(cv2.warpAffine(shape, turn, (side, side)), np.float32)
    patches = cv2.resize(
        rng.normal(0, 1, (9, 9)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    grain = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 2.5) * 5
    pressed = shape * np.clip(0.82 + 0.2 * patches + 0.14 * grain, 0, 1)
    width = round(diameter * PX)
    mask = np.clip(cv2.resize(pressed, (width, width), interpolation=cv2.INTER_AREA), 0, 1).astype(np.float32)
    x, y = box.centre
    x += float(rng.normal(0, 1.2))
    y += float(rng.normal(0, 0.8))
    sheet.ink(mask, round(x * PX - width / 2), round(y * PX - width / 2), colour)


def sign(sheet: Sheet, box: Box, name: str, writer: Writer, rng: np.random.Generator) -> None:
    """Sign with a full name, larger and more hurried than the rest."""
    quick = replace(writer, careless=writer.careless * 1.4, slant=writer.slant - 0.12)
    letters = name.replace("　", "")
    size = min(box.h * 0.8, box.w / (len(letters) * 1.25))
    x = box.x + float(rng.uniform(2, 12))
    for letter in letters:
        y = box.centre[1] - size / 2 + float(rng.normal(0, 0.4))
        write_glyph(sheet, letter, Box(x, y, size, size), quick, rng)
        x += size * float(rng.uniform(0.9, 1.1))
