"""Pen strokes for the cell reader's training: skeletons, their deformation, and the pen that draws them.

Sources: `skeletons.txt` beside this file (written for this project) and tomoe stroke data, format "character, :number
of strokes, then per stroke: count (x y) (x y) …" on a 300 × 300 square.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.training.cells_pen import Picture, draw_path, draw_pressed, resized

Points = NDArray[np.float32]
"""Points of one stroke, shape (n, 2), dtype float32, x to the right, y down, in a square of 0 to 100."""

_VOICED, _HALF_VOICED = "\u3099", "\u309a"


@dataclass(frozen=True)
class Stroke:
    """One stroke: its points and whether the pen runs smoothly through them."""

    points: Points
    smooth: bool


Skeleton = tuple[Stroke, ...]


def load_skeletons(path: Path) -> tuple[dict[str, list[Skeleton]], dict[str, list[Skeleton]]]:
    """Read a skeleton file.

    Returns:
        Variants per character for training, and those held out for measuring (lines that begin with "!").

    Raises:
        ValueError: A line does not follow the format.
    """
    train: dict[str, list[Skeleton]] = {}
    held: dict[str, list[Skeleton]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, strokes = line.split(" ", 1)
        skeleton = tuple(_parse_stroke(text) for text in strokes.split("|"))
        (held if name.startswith("!") else train).setdefault(name.removeprefix("!"), []).append(skeleton)
    return train, held


def _parse_stroke(text: str) -> Stroke:
    """Read "~x,y x,y …"."""
    text = text.strip()
    pairs = [tuple(map(float, pair.split(","))) for pair in text.removeprefix("~").split()]
    return Stroke(np.array(pairs, np.float32).reshape(-1, 2), text.startswith("~"))


def load_tomoe(path: Path) -> dict[str, Skeleton]:
    """Read tomoe stroke data; one skeleton per character."""
    found: dict[str, Skeleton] = {}
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.strip().splitlines()
        if len(lines) < 3:
            continue
        strokes = [re.findall(r"\((-?\d+) (-?\d+)\)", line) for line in lines[2:]]
        found[lines[0].strip()] = tuple(
            Stroke(np.array(points, np.float32) / 3.0, len(points) > 2)
            for points in strokes
            if len(points) >= 2
        )
    return found


def _vector(x: float, y: float) -> Points:
    """Return one displacement, shape (2,)."""
    return np.array([x, y], np.float32)


def parts_of(character: str) -> tuple[str, str]:
    """Split a voiced kana into its plain kana and the mark; others come back with ""."""
    parts = unicodedata.normalize("NFD", character)
    return (
        (parts[0], parts[1]) if len(parts) == 2 and parts[1] in (_VOICED, _HALF_VOICED) else (character, "")
    )


def voiced(skeleton: Skeleton, mark: str, rng: np.random.Generator) -> Skeleton:
    """Return a kana skeleton moved aside, with ゛ or ゜ drawn by a random hand at its upper right."""
    shrink = rng.uniform(0.74, 0.96)
    moved = tuple(
        Stroke(
            s.points * np.float32(shrink) + _vector(0, 100 * (1 - shrink) * rng.uniform(0.4, 1)),
            s.smooth,
        )
        for s in skeleton
    )
    x, y = rng.uniform(76, 94), rng.uniform(0, 20)
    return moved + (_ring(x, y, rng) if mark == _HALF_VOICED else _two_dots(x, y, rng))


def mark_alone(mark: str, rng: np.random.Generator) -> Skeleton:
    """Return ゛ or ゜ standing alone in the middle of a cell."""
    return _ring(50, 50, rng) if mark == "゜" else _two_dots(45, 50, rng)


def _two_dots(x: float, y: float, rng: np.random.Generator) -> Skeleton:
    """Two short strokes side by side."""
    lean, fall, gap = rng.uniform(-2, 9), rng.uniform(7, 16), rng.uniform(8, 15)
    lift = rng.uniform(-5, 3)
    first = np.array([[x, y], [x + lean, y + fall]], np.float32)
    return Stroke(first, False), Stroke(first + _vector(gap, lift), False)


def _ring(x: float, y: float, rng: np.random.Generator) -> Skeleton:
    """One small circle, not always closed."""
    wide, high, start = rng.uniform(5, 10), rng.uniform(5, 10), rng.uniform(0, 6.3)
    turn = np.linspace(start, start + rng.uniform(5.6, 7.0), 9)
    ring = np.stack([x + 5 + wide * np.cos(turn), y + 6 + high * np.sin(turn)], axis=1)
    return (Stroke(ring.astype(np.float32), True),)


def pen_path(stroke: Stroke, steps: int = 8) -> Points:
    """Return the dense path of a stroke: a Catmull-Rom curve, or its straight pieces."""
    points = stroke.points
    if not stroke.smooth or len(points) < 3:
        t = np.linspace(0, len(points) - 1, (len(points) - 1) * steps + 1)
        base = np.arange(len(points))
        return np.stack([np.interp(t, base, points[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    s = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None]
    pieces = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        pieces.append(
            0.5 * (2 * b + (c - a) * s + (2 * a - 5 * b + 4 * c - d) * s**2 + (3 * b - a - 3 * c + d) * s**3)
        )
    return np.asarray(np.concatenate([*pieces, points[-1:]]), np.float32)


def deformed(skeleton: Skeleton, rng: np.random.Generator, strength: float = 1.0) -> list[Points]:
    """Return the strokes as another hand would write them, as dense paths.

    Every point, every stroke and the whole character are moved, turned, bent, stretched; ends overshoot or fall short;
    now and then the pen does not leave the paper between two strokes, or leaves a hook.
    """
    jitter = strength * rng.uniform(0.5, 3.2)
    paths = [_one_stroke(stroke, rng, jitter, strength) for stroke in skeleton]
    if len(paths) > 1 and rng.random() < 0.08:
        paths = _joined(paths, rng)
    return _whole(paths, rng, strength)


def _one_stroke(stroke: Stroke, rng: np.random.Generator, jitter: float, strength: float) -> Points:
    """Deform one stroke by itself."""
    noisy = stroke.points + rng.normal(0, jitter, stroke.points.shape).astype(np.float32)
    smooth = stroke.smooth if rng.random() < 0.85 else not stroke.smooth and len(noisy) <= 4
    path = pen_path(Stroke(noisy, smooth))
    centre = path.mean(axis=0)
    angle = rng.normal(0, 0.05) * strength
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    path = (path - centre) @ turn * rng.normal(1, 0.06 * strength, 2).astype(np.float32) + centre
    path += rng.normal(0, 2.2 * strength, 2).astype(np.float32)
    along = path[-1] - path[0]
    bow = np.sin(np.linspace(0, np.pi, len(path)))[:, None] * _vector(-along[1], along[0])
    path += (rng.normal(0, 0.045) * strength * bow).astype(np.float32)
    return _ends(path.astype(np.float32), rng)


def _ends(path: Points, rng: np.random.Generator) -> Points:
    """Lengthen, cut or hook the end of a stroke."""
    drawn = rng.random()
    direction = path[-1] - path[max(0, len(path) - 4)]
    length = float(np.hypot(*direction)) + 1e-3
    if drawn < 0.15:
        return np.concatenate([path, path[-1:] + direction / length * np.float32(rng.uniform(2, 9))])
    if drawn < 0.22 and len(path) > 12:
        return path[: len(path) - int(rng.integers(1, 3))]
    if drawn < 0.30:
        side = _vector(direction[1], -direction[0]) * (1 if rng.random() < 0.5 else -1)
        hook = (side - direction * np.float32(0.6)) / length * np.float32(rng.uniform(2, 8))
        return np.concatenate([path, path[-1:] + hook])
    return path


def _joined(paths: list[Points], rng: np.random.Generator) -> list[Points]:
    """Let the pen stay on the paper between two strokes that follow each other closely."""
    at = int(rng.integers(0, len(paths) - 1))
    if float(np.hypot(*(paths[at + 1][0] - paths[at][-1]))) > 55:
        return paths
    return [*paths[:at], np.concatenate([paths[at], paths[at + 1]]), *paths[at + 2 :]]


def _whole(paths: list[Points], rng: np.random.Generator, strength: float) -> list[Points]:
    """Turn, slant, stretch and bend the character as a whole."""
    angle, slant = rng.normal(0, 0.06) * strength, rng.normal(0, 0.13) * strength
    stretch = np.exp(rng.normal(0, 0.10 * strength, 2))
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = (matrix @ np.array([[1, -slant], [0, 1]]) * stretch).astype(np.float32)
    wave, phase = rng.normal(0, 2.2 * strength, 2), rng.uniform(0, 6.3, 2)
    out = []
    for path in paths:
        bent = path.copy()
        bent[:, 0] += np.float32(wave[0]) * np.sin(path[:, 1] / 28 + np.float32(phase[0]))
        bent[:, 1] += np.float32(wave[1]) * np.sin(path[:, 0] / 28 + np.float32(phase[1]))
        out.append((bent @ matrix.T).astype(np.float32))
    return out


def draw(
    paths: Sequence[Points],
    shape: tuple[int, int],
    box: tuple[float, float, float, float],
    pen: float,
    rng: np.random.Generator,
) -> Picture:
    """Draw paths with a pen into a box of a cell.

    Args:
        paths: The strokes.
        shape: Height and width of the cell in pixels.
        box: x, y, width, height in pixels that the strokes' extent is fitted into; only as large as fits without
            changing the proportions beyond 10 %.
        pen: Width of the pen in pixels.
        rng: Source of chance; the pen presses unevenly.

    Returns:
        Ink, shape `shape`, dtype uint8, 0 none to 255 full.
    """
    every = np.concatenate(list(paths))
    low, high = every.min(axis=0), every.max(axis=0)
    extent = np.maximum(high - low, 1.0)
    scale = min(box[2] / extent[0], box[3] / extent[1])
    offset = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2]) - (low + high) / 2 * scale
    canvas = np.zeros((shape[0] * 2, shape[1] * 2), np.uint8)
    uneven = rng.uniform(0, 0.3) if rng.random() < 0.5 else 0.0
    for path in paths:
        spots = (path * scale + offset) * 2
        if uneven == 0.0:
            draw_path(canvas, spots, max(1, round(2 * pen)))
            continue
        press = 1 + uneven * np.sin(np.linspace(0, rng.uniform(1, 5), len(spots)) + rng.uniform(0, 6.3))
        draw_pressed(canvas, spots, [max(1, round(2 * pen * float(force))) for force in press[:-1]])
    return resized(canvas, shape[0], shape[1])
