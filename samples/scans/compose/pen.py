"""Writes a character with a pen: a skeleton, bent and shaken by the writer's style, as ink on the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from samples.forms.geometry import Box
from samples.scans.compose.sheet import PX, Pixels, Sheet, stroke_mask
from samples.scans.compose.writer import Writer
from samples.strokes.skeleton import Skeleton, Stroke, skeletons_of

Points = npt.NDArray[np.float64]
STEPS = 14


def write_character(sheet: Sheet, letter: str, box: Box, writer: Writer, rng: np.random.Generator) -> None:
    """Write one character that has a skeleton into the rectangle ``box`` (mm)."""
    shape = _choose(letter, writer)
    lines = _styled(shape, writer, rng)
    to_page = np.array([box.w, box.h]) / 100 * PX
    origin = np.array([box.x, box.y]) * PX
    lines = [line * to_page + origin for line in lines]
    radius = writer.pen_mm / 2 * PX * float(rng.normal(1, 0.05))
    draw_lines(sheet, lines, radius, writer, rng)


def draw_lines(
    sheet: Sheet, lines: Sequence[Points], radius: float, writer: Writer, rng: np.random.Generator
) -> None:
    """Draw pen lines given in page pixels; a hurried writer sometimes does not lift the pen between them."""
    for before, line in zip([None, *lines], lines, strict=False):
        _draw(sheet, line, radius * _pressure(len(line), writer, rng), writer, rng)
        if before is not None and rng.random() < writer.link:
            link = np.linspace(before[-1], line[0], 24)
            _draw(sheet, link, np.full(24, radius * 0.4), writer, rng)


def _choose(letter: str, writer: Writer) -> Skeleton:
    shapes = skeletons_of(letter)
    if not shapes:
        raise KeyError(letter)
    return shapes[writer.variants.get(letter, 0) % len(shapes)]


def _styled(shape: Skeleton, writer: Writer, rng: np.random.Generator) -> list[Points]:
    angle = np.deg2rad(writer.tilt_deg + rng.normal(0, 2.2 * writer.careless))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1.0, -(writer.slant + rng.normal(0, 0.03))], [0.0, 1.0]])
    squeeze = np.diag([1 + rng.normal(0, 0.05), 1 + rng.normal(0, 0.05)])
    whole = turn @ slant @ squeeze
    return [(_bent(stroke, writer, rng) - 50) @ whole.T + 50 for stroke in shape]


def _bent(stroke: Stroke, writer: Writer, rng: np.random.Generator) -> Points:
    points = np.array(stroke.points) + rng.normal(0, writer.wobble, (len(stroke.points), 2))
    middle = points.mean(axis=0)
    angle = np.deg2rad(rng.normal(0, 2.5 * writer.careless))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (points - middle) @ turn.T * (1 + rng.normal(0, 0.04)) + middle
    points += rng.normal(0, 1.3 * writer.careless, 2)
    corners = {corner for corner in stroke.corners if rng.random() >= writer.round_corners * 0.5}
    line = _spline(points, corners)
    along = np.linspace(0, np.pi, len(line))
    chord = line[-1] - line[0]
    across = np.array([-chord[1], chord[0]]) * rng.normal(0, 0.035 * writer.careless)
    return line + np.sin(along)[:, None] * across


def _spline(points: Points, corners: set[int]) -> Points:
    """Run a Catmull-Rom curve through the points, broken at the corners."""
    cuts = [0, *sorted(corner for corner in corners if 0 < corner < len(points) - 1), len(points) - 1]
    pieces = [_smooth(points[first : last + 1]) for first, last in pairwise(cuts)]
    return np.concatenate(pieces)


def _smooth(points: Points) -> Points:
    padded = np.concatenate([points[:1] * 2 - points[1:2], points, points[-1:] * 2 - points[-2:-1]])
    t = np.linspace(0, 1, STEPS)[:, None]
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        a, b, c = 2 * p1, p2 - p0, 2 * p0 - 5 * p1 + 4 * p2 - p3
        pieces.append(0.5 * (a + b * t + c * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3))
    return np.concatenate(pieces)


def _pressure(count: int, writer: Writer, rng: np.random.Generator) -> Points:
    """Width along the stroke: the pen lands, runs, and often lifts off thin."""
    along = np.linspace(0, 1, count)
    lift = rng.random() * writer.pressure
    wave = np.sin(along * rng.uniform(2, 6) + rng.uniform(0, 6)) * 0.06
    return np.asarray((1 + 0.12 * np.exp(-along * 12)) * (1 - lift * along**3) + wave)


def _draw(sheet: Sheet, line: Points, radii: Points, writer: Writer, rng: np.random.Generator) -> None:
    dense, widths = _dense(line, radii)
    mask, x, y = stroke_mask(dense, widths)
    sheet.ink(inked(mask, writer, rng), x, y, writer.colour)


def _dense(line: Points, radii: Points) -> tuple[Points, Points]:
    """Resample so that neighbouring points are at most a third of the line width apart."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(4, int(way[-1] / max(radii.min() * 0.66, 0.4)) + 1)
    at = np.linspace(0, way[-1], count)
    places = np.stack([np.interp(at, way, line[:, axis]) for axis in (0, 1)], axis=1)
    return places, np.maximum(np.interp(at, way, radii), 0.6)


def inked(mask: Pixels, writer: Writer, rng: np.random.Generator) -> Pixels:
    """Give the mask the grain of the writer's pen: a pencil shows the paper, a ball-point skips a little."""
    grain = rng.normal(0, 1, mask.shape).astype(np.float32)
    if writer.ink == "pencil":
        soft = cv2.GaussianBlur(grain, (0, 0), 0.9) * 1.6
        return np.asarray(np.clip(mask * (0.78 + 0.30 * soft), 0, 1), np.float32)
    slow = cv2.GaussianBlur(grain, (0, 0), 3.0) * 4
    return np.asarray(np.clip(mask * (0.93 + 0.07 * slow), 0, 1), np.float32)
