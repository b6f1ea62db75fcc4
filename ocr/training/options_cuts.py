"""Made cuts of options on forms, as they lie after the print was taken away: rings, ticks, seals, and what remains.

Rings are wide or tight, touch the neighbour, stay open; ticks leave the box; specks and rims of print remain. Some
marks are taken back: lines through them. Everything is a mask at the working resolution of 300 dpi.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ocr.cells import PX_PER_MM, Cut
from ocr.cleanup import Mask
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import draw_path
from ocr.training.marks_shapes import draw_mark, other_hand, strike

Chance = np.random.Generator
Place = tuple[int, int, int, int]
"""x, y, width, height in pixels."""


@dataclass(frozen=True)
class Ringed:
    """A row of printed words of which some were ringed.

    Attributes:
        cut: The strokes over all of them.
        boxes: Box of each word in the cut.
        meant: The words that were ringed and not taken back.
        taken_back: The words whose ring was struck out.
    """

    cut: Cut
    boxes: Mapping[str, Place]
    meant: frozenset[str]
    taken_back: frozenset[str]


def draw_ringed(rng: Chance, meant: int = 1, taken_back: int = 0) -> Ringed:
    """Return a row of two to five words with so many rings."""
    count = int(rng.integers(max(2, meant + taken_back), 6))
    gap, margin = _px(rng.uniform(1.0, 6.0)), _px(4.0)
    height = _px(rng.uniform(4.5, 7.0))
    boxes: dict[str, Place] = {}
    x = margin
    for number in range(count):
        width = _px(rng.uniform(7.0, 20.0))
        boxes[f"{number + 1}"] = (x, margin, width, height)
        x += width + gap
    ink = np.zeros((height + 2 * margin, x - gap + margin), np.uint8)
    chosen = [str(name) for name in rng.permutation(list(boxes))[: meant + taken_back]]
    pen = _px(rng.uniform(0.25, 0.7))
    for number, name in enumerate(chosen):
        _ring(ink, boxes[name], pen, rng)
        if number >= meant:
            strike(ink, boxes[name], pen, rng)
    leave_rests(ink, rng)
    first = next(iter(boxes.values()))
    cut = Cut(_gray(ink), _mask(ink), (*first[:2], x - gap - margin, height), (0, 0), 0.0)
    return Ringed(cut, boxes, frozenset(chosen[:meant]), frozenset(chosen[meant:]))


def draw_ticked(rng: Chance, ticked: bool, taken_back: bool = False) -> Cut:
    """Return a check box of 3 to 6 mm after the print was taken away."""
    side, margin = _px(rng.uniform(3.0, 6.0)), _px(2.5)
    shape = (side + 2 * margin, side + 2 * margin)
    ink = np.zeros(shape, np.uint8)
    place = (margin, margin, side, side)
    if ticked:
        pen = _px(rng.uniform(0.22, 0.75))
        name = str(rng.choice(["check", "check", "check", "cross", "circle"]))
        paths = draw_mark(name, rng)
        paths = other_hand(paths, rng) if rng.random() < 0.4 else paths
        size = side * rng.uniform(0.55, 1.35)
        x, y = margin + (side - size) / 2 + rng.normal(0, 0.1 * side, 2)
        ink = strokes.draw(paths, shape, (x, y, size, size), pen, rng)
        if taken_back:
            strike(ink, place, pen, rng)
    leave_rests(ink, rng)
    return Cut(_gray(ink), _mask(ink), place, (0, 0), 0.0)


def draw_present(rng: Chance, present: bool) -> Cut:
    """Return the place of a seal or signature: a ring with strokes inside, or some strokes, or nothing."""
    width, height, margin = _px(rng.uniform(14, 40)), _px(rng.uniform(10, 16)), _px(1.5)
    ink = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    if present:
        size = min(height, width) * rng.uniform(0.5, 1.0)
        x, y = rng.uniform(0, 1, 2) * (width - size, height - size) + margin
        pen = _px(rng.uniform(0.25, 0.8))
        for name in ("circle", "other") if rng.random() < 0.5 else ("other",):
            ink = np.maximum(ink, strokes.draw(draw_mark(name, rng), ink.shape, (x, y, size, size), pen, rng))
    leave_rests(ink, rng)
    return Cut(_gray(ink), _mask(ink), (margin, margin, width, height), (0, 0), 0.0)


def leave_rests(ink: Mask, rng: Chance) -> None:
    """Leave specks, hairs and short rims of print behind, in place: up to 1 mm long."""
    height, width = ink.shape
    for _ in range(int(rng.poisson(2.0))):
        start = rng.uniform(0, 1, 2) * (width, height)
        angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1.0) * PX_PER_MM
        end = start + length * np.array([np.cos(angle), np.sin(angle)])
        draw_path(ink, np.array([start, end]), int(rng.integers(1, 4)))


def _ring(ink: Mask, box: Place, pen: int, rng: Chance) -> None:
    x, y, width, height = box
    turns = rng.uniform(0.85, 1.3)
    angle = rng.uniform(-2.6, -0.4) + np.linspace(0, 2 * np.pi * turns, 90)
    swell = 1 + 0.05 * np.sin(angle * 2 + rng.uniform(0, 6)) + np.linspace(0, float(rng.normal(0, 0.08)), 90)
    middle = np.array([x + width / 2, y + height / 2]) + rng.normal(0, 0.06, 2) * (width, height)
    radii = np.array([width * rng.uniform(0.32, 0.6), height * rng.uniform(0.38, 0.75)])
    ring = middle + np.stack([np.cos(angle), np.sin(angle)], axis=1) * swell[:, None] * radii
    draw_path(ink, ring, pen)


def _px(mm: float) -> int:
    return max(1, round(mm * PX_PER_MM))


def _mask(ink: Mask) -> Mask:
    return np.where(ink > 110, 255, 0).astype(np.uint8)


def _gray(ink: Mask) -> Mask:
    return (255 - ink).astype(np.uint8)
