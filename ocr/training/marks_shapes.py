"""Marks as other hands draw them, as pen paths: circle, cross, triangle, check, and what is none of these.

Every shape is drawn from random proportions: circles stay open, overlap, run out in a tail or are drawn twice;
crosses lean or stand upright, in one go or two; triangles miss their corners; checks are v, u, hooks or two strokes.
What must be left to a person (a mark struck out, a scribble, two marks, a single line, a square) is drawn as "other".
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr.training.cells_pen import Picture, draw_path
from ocr.training.cells_strokes import Stroke, deformed, pen_path

Path = NDArray[np.float32]
"""Points of one stroke, shape (n, 2), dtype float32, x to the right, y down, in a square of about 0 to 100."""

Chance = np.random.Generator


def draw_mark(name: str, rng: Chance) -> list[Path]:
    """Return the strokes of one mark.

    Args:
        name: circle, cross, triangle, check or other.
        rng: Source of chance.

    Raises:
        KeyError: There is no such mark.
    """
    shapes: dict[str, Callable[[Chance], list[Path]]] = {
        "circle": _circle,
        "cross": _cross,
        "triangle": _triangle,
        "check": _check,
        "other": _other,
    }
    return shapes[name](rng)


def _circle(rng: Chance) -> list[Path]:
    rounds = 1 if rng.random() < 0.9 else 2
    gap = rng.uniform(-75, 45) if rng.random() < 0.8 else rng.uniform(-200, 60)
    turn = np.radians(np.linspace(0, 360 * rounds - gap, 48 * rounds)) * rng.choice([-1, 1])
    turn += rng.uniform(0, 2 * np.pi) if rng.random() < 0.4 else rng.normal(-np.pi / 2, 0.6)
    radius = 40 * np.linspace(1, np.exp(rng.normal(0, 0.13)), len(turn))
    for wave in (2, 3, 4, 5):
        radius = radius * (1 + rng.normal(0, 0.05) / (wave - 1) * np.cos(wave * turn + rng.uniform(0, 6.3)))
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius[:, None]
    ring *= np.exp(rng.normal(0, 0.17, 2))
    ring += np.linspace(0, 1, len(turn))[:, None] * rng.normal(0, 4, 2)
    if rng.random() < 0.25:  # the pen runs on
        step = ring[-1] - ring[-4]
        ring = np.concatenate([ring, ring[-1] + step * np.linspace(0.5, rng.uniform(1, 5), 4)[:, None]])
    rings = [_turned(ring, rng.uniform(-0.8, 0.8)) + 50]
    if rng.random() < 0.05:  # a double circle
        rings.append((rings[0] - 50) * rng.uniform(0.45, 0.75) + 50 + rng.normal(0, 3, 2))
    return [np.asarray(path, np.float32) for path in rings]


def _cross(rng: Chance) -> list[Path]:
    upright = rng.random() < 0.06
    lean = rng.normal(0, 9, 2) + (45 if upright else 0)
    middle = rng.normal(50, 5, (2, 2))
    strokes = []
    for angle, centre in zip((45 + lean[0], 135 + lean[1]), middle, strict=True):
        along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        ahead, behind = rng.uniform(26, 58, 2)
        strokes.append(_line(centre - along * behind, centre + along * ahead, rng, 0.08))
    if rng.random() < 0.5:
        strokes[1] = strokes[1][::-1]
    squeeze = np.array([np.exp(rng.normal(0, 0.2)), 1.0])
    strokes = [(path - 50) * squeeze + 50 for path in strokes]
    if rng.random() < 0.15:  # without lifting the pen
        strokes = [np.concatenate([strokes[0], _line(strokes[0][-1], strokes[1][0], rng, 0.25), strokes[1]])]
    return [np.asarray(path, np.float32) for path in strokes]


def _triangle(rng: Chance) -> list[Path]:
    corners = np.array([[50, 12], [12, 84], [88, 84]]) + rng.normal(0, 8, (3, 2))
    corners = (corners - 50) * np.exp(rng.normal(0, 0.2, 2)) + 50
    if rng.random() < 0.04:
        corners = (100 - corners)[[0, 2, 1]]
    if rng.random() < 0.3:
        corners = corners[::-1]
    corners = np.roll(corners, int(rng.integers(0, 3)) if rng.random() < 0.4 else 0, axis=0)
    ends = np.concatenate([corners, corners[:1] + rng.normal(0, 7, (1, 2))])
    if rng.random() < 0.4:  # the last side overshoots or falls short
        ends[3] = ends[2] + (ends[3] - ends[2]) * rng.uniform(0.8, 1.3)
    if rng.random() < 0.3:
        ends[0] = ends[1] + (ends[0] - ends[1]) * rng.uniform(0.9, 1.3)
    sides = [_line(a, b, rng, 0.07) for a, b in pairwise(ends)]
    drawn = rng.random()
    if drawn < 0.55:
        return [_rounded(np.concatenate(sides), rng)]
    if drawn < 0.85:  # two strokes: two sides, then the third
        return [_rounded(np.concatenate(sides[:2]), rng), _moved(sides[2], rng, 4)]
    return [_moved(side, rng, 4) for side in sides]


def _check(rng: Chance) -> list[Path]:
    low = np.array([rng.uniform(22, 48), 88.0])
    start = low + np.array([-rng.uniform(6, 34), -rng.uniform(10, 62)])
    end = low + np.array([rng.uniform(16, 66), -rng.uniform(45, 95)])
    if end[1] > start[1] + 8:
        end[1] = start[1] - rng.uniform(0, 30)
    down, up = _line(start, low, rng, 0.12), _line(low, end, rng, 0.13)
    drawn = rng.random()
    if drawn < 0.06:  # two strokes that do not meet
        away = np.array([rng.uniform(-2, 10), rng.uniform(-8, 4)])
        return [np.asarray(down, np.float32), np.asarray(up + away, np.float32)]
    path = np.concatenate([down, up])
    if drawn < 0.16:  # a hook to begin with
        path = np.concatenate([_line(start + rng.normal([-8, 6], 4), start, rng, 0.1), path])
    if rng.random() < 0.02:
        path[:, 0] = 100 - path[:, 0]
    for _ in range(int(rng.integers(0, 4))):  # rounded to a u
        path = _rounded(path, rng)
    return [np.asarray(path, np.float32)]


def _other(rng: Chance) -> list[Path]:
    kinds = (_struck, _struck, _scribble, _two_marks, _one_line, _zigzag, _box, _two_lines, _star)
    return kinds[int(rng.integers(0, len(kinds)))](rng)


def _struck(rng: Chance) -> list[Path]:
    """Return a mark that was taken back: lines over it, or a scribble."""
    mark = draw_mark(str(rng.choice(["circle", "circle", "triangle", "check", "cross"])), rng)
    drawn = rng.random()
    if drawn < 0.45:
        count, angle = int(rng.integers(2, 4)), rng.normal(0, 0.35)
        gap = rng.uniform(6, 16)
        return mark + [_bar(angle, (i - (count - 1) / 2) * gap, rng) for i in range(count)]
    if drawn < 0.6:
        return [*mark, _bar(rng.uniform(0, np.pi), 0, rng), _bar(rng.uniform(0, np.pi), 0, rng)]
    return mark + (_zigzag(rng) if drawn < 0.85 else _scribble(rng))


def _bar(angle: float, aside: float, rng: Chance) -> Path:
    along = np.array([np.cos(angle), np.sin(angle)])
    middle = 50 + aside * np.array([-along[1], along[0]]) + rng.normal(0, 3, 2)
    return _line(middle - along * rng.uniform(45, 70), middle + along * rng.uniform(45, 70), rng, 0.05)


def _scribble(rng: Chance) -> list[Path]:
    points = rng.uniform(10, 90, (int(rng.integers(7, 16)), 2)).astype(np.float32)
    return [pen_path(Stroke(points, True))]


def _zigzag(rng: Chance) -> list[Path]:
    count = int(rng.integers(5, 12))
    x = np.linspace(10, 90, count) + rng.normal(0, 3, count)
    y = 50 + np.where(np.arange(count) % 2, 1, -1) * rng.uniform(12, 42, count)
    path = _turned(np.stack([x, y], axis=1) - 50, rng.uniform(-0.9, 0.9)) + 50
    return [pen_path(Stroke(path.astype(np.float32), bool(rng.random() < 0.5)))]


def _two_marks(rng: Chance) -> list[Path]:
    """Return two marks beside each other or one over the other."""
    names = rng.choice(["circle", "cross", "triangle", "check"], 2, replace=False)
    shift = np.array([rng.uniform(40, 90), rng.normal(0, 15)]) if rng.random() < 0.6 else rng.normal(0, 8, 2)
    first, second = draw_mark(str(names[0]), rng), draw_mark(str(names[1]), rng)
    return first + [np.asarray(path + shift, np.float32) for path in second]


def _one_line(rng: Chance) -> list[Path]:
    return [_bar(rng.uniform(0, np.pi), 0, rng)]


def _two_lines(rng: Chance) -> list[Path]:
    angle = rng.uniform(0, np.pi)
    return [_bar(angle, side * rng.uniform(6, 20), rng) for side in (-1, 1)]


def _box(rng: Chance) -> list[Path]:
    corners = np.array([[12, 12], [88, 12], [88, 88], [12, 88]]) + rng.normal(0, 6, (4, 2))
    closed = np.concatenate([corners, corners[:1]])
    if rng.random() < 0.3:  # filled with lines
        return [np.asarray(closed, np.float32), *_zigzag(rng)]
    return [np.concatenate([_line(a, b, rng, 0.05) for a, b in pairwise(closed)])]


def _star(rng: Chance) -> list[Path]:
    """Return three or four lines through one point."""
    count, first = int(rng.integers(3, 5)), rng.uniform(0, np.pi)
    return [_bar(first + i * np.pi / count + rng.normal(0, 0.15), 0, rng) for i in range(count)]


def other_hand(paths: list[Path], rng: Chance) -> list[Path]:
    """Return the strokes as a hand that shakes or hurries would draw them; the same deformation as for characters."""
    thinned = [path[:: max(1, len(path) // 7)] for path in paths]
    strokes = tuple(
        Stroke(np.concatenate([few, path[-1:]]), True) for few, path in zip(thinned, paths, strict=True)
    )
    return deformed(strokes, rng, 0.6)


def _line(start: NDArray[np.floating], end: NDArray[np.floating], rng: Chance, bow: float) -> Path:
    """Return twelve points on a slightly bent line; the bow's height is normal, in terms of its length."""
    steps = np.linspace(0, 1, 12)[:, None]
    along = np.asarray(end) - np.asarray(start)
    side = np.array([-along[1], along[0]]) * rng.normal(0, bow)
    return np.asarray(start + steps * along + np.sin(np.pi * steps) * side, np.float32)


def _rounded(path: NDArray[np.floating], rng: Chance) -> Path:
    """Return the path with its corners cut by a running mean, its ends kept."""
    reach = int(rng.integers(1, 4))
    padded = np.pad(path, ((reach, reach), (0, 0)), mode="edge")
    window = np.ones(2 * reach + 1) / (2 * reach + 1)
    smooth = np.stack([np.convolve(padded[:, axis], window, "valid") for axis in (0, 1)], axis=1)
    return np.asarray(np.concatenate([path[:1], smooth, path[-1:]]), np.float32)


def _moved(path: Path, rng: Chance, reach: float) -> Path:
    return np.asarray(path + rng.normal(0, reach, 2), np.float32)


def _turned(path: NDArray[np.floating], angle: float) -> NDArray[np.floating]:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(path @ turn.T)


def strike(ink: Picture, box: tuple[int, int, int, int], pen: int, rng: Chance) -> None:
    """Take a mark back, in place: two or three lines, a cross or a zigzag over the box (x, y, width, height)."""
    x, y, width, height = box
    drawn = rng.random()
    if drawn < 0.6:
        angle = rng.normal(0, 0.12)
        paths = [_bar(angle, (side - 0.5) * rng.uniform(10, 30), rng) for side in range(2)]
    elif drawn < 0.8:
        paths = [_bar(np.pi / 4, 0, rng), _bar(3 * np.pi / 4, 0, rng)]
    else:
        paths = _zigzag(rng)
    grow = rng.uniform(1.0, 1.4)
    for path in paths:
        draw_path(
            ink, (path / 100 - 0.5) * (width * grow, height * grow) + (x + width / 2, y + height / 2), pen
        )
