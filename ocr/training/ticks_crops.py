"""Made crops of printed check boxes: empty, dirty, ticked in many ways; nothing in them comes from the shared pictures.

The real check boxes at hand may only be measured on, so the reader of check boxes is tuned and its curve fitted on
these: thin to thick frames, small to large squares, turned a little, with the label's first letter beside them; ticks
that are faint, small, thick, leave the box, stand half beside it; crosses, filled boxes; on paper, scanner and fax.
"""

import cv2
import numpy as np

from ocr.training import cells_paper as paper
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import Picture, draw_path
from ocr.training.marks_crops import powdered
from ocr.training.marks_shapes import draw_mark, other_hand

LABEL = "ABDEHKMNRST23578"


def draw_box(checked: bool, rng: np.random.Generator) -> Picture:
    """Return one gray crop of a check box, dtype uint8, about 1.4 to 2.2 times as large as the printed square.

    Args:
        checked: Whether somebody ticked it.
        rng: Source of chance.
    """
    side = int(rng.integers(22, 64))
    reach = rng.uniform(1.4, 2.2)
    shape = (round(side * reach), round(side * reach * rng.uniform(0.95, 1.3)))
    left = round((shape[1] - side) * np.clip(rng.normal(0.4, 0.15), 0.1, 0.8))
    top = round((shape[0] - side) * np.clip(rng.normal(0.5, 0.12), 0.1, 0.9))
    ink = _frame(shape, (left, top, side), rng)
    if rng.random() < 0.5:
        _label(ink, left + side, top + side, side, rng)
    if checked:
        ink = np.maximum(ink, _tick(shape, (left, top, side), rng))
    if rng.random() < 0.3:
        ink = powdered(ink, rng, 8)
    if rng.random() < 0.3:
        ink = paper.specked(ink, rng)
    for _ in range(8):  # a fax that loses the printed square itself is none that anybody could read
        scan = paper.scanned(ink, rng)
        if _square_is_seen(scan, (left, top, side)):
            break
    return scan


def _square_is_seen(scan: Picture, box: tuple[int, int, int]) -> bool:
    """Say whether all four sides of the printed square still stand out from the paper on most of their length."""
    left, top, side = box
    dark = scan < (0.5 * float(np.quantile(scan, 0.9)) + 0.5 * float(np.quantile(scan, 0.01)))
    near = max(2, side // 9)
    sides = (
        dark[max(0, top - near) : top + near, left : left + side].any(axis=0),
        dark[top + side - near : top + side + near, left : left + side].any(axis=0),
        dark[top : top + side, max(0, left - near) : left + near].any(axis=1),
        dark[top : top + side, left + side - near : left + side + near].any(axis=1),
    )
    return all(edge.mean() > 0.7 for edge in sides)


def _frame(shape: tuple[int, int], box: tuple[int, int, int], rng: np.random.Generator) -> Picture:
    left, top, side = box
    ink = np.zeros(shape, np.uint8)
    pen = int(np.clip(round(side * rng.uniform(0.02, 0.12)), 1, 7))
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * (side - 1) + (left, top)
    angle = np.radians(rng.normal(0, 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = corners[:4].mean(axis=0)
    draw_path(ink, (corners - middle) @ turn.T + middle, pen, int(rng.integers(140, 256)))
    return ink


def _label(ink: Picture, x: int, y: int, side: int, rng: np.random.Generator) -> None:
    """Print the first letter of what stands beside the box; most of it is cut off by the crop's edge."""
    letter = LABEL[int(rng.integers(0, len(LABEL)))]
    place = (x + round(side * rng.uniform(0.12, 0.4)), y - round(side * rng.uniform(-0.05, 0.2)))
    cv2.putText(ink, letter, place, cv2.FONT_HERSHEY_SIMPLEX, side / 26, (255,), max(1, side // 14))


def _tick(shape: tuple[int, int], box: tuple[int, int, int], rng: np.random.Generator) -> Picture:
    left, top, side = box
    name = str(rng.choice(["check", "check", "check", "cross", "cross", "circle", "fill", "line"]))
    if name == "fill":
        paths = draw_mark("other", rng) if rng.random() < 0.3 else [_hatched(rng)]
    elif name == "line":
        paths = [np.array([[10, 80], [90, 15]], np.float32)]
    else:
        paths = draw_mark(name, rng)
    if rng.random() < 0.4:
        paths = other_hand(paths, rng)
    size = side * rng.uniform(0.45, 1.35)
    middle = np.array([left, top]) + side / 2 + rng.normal(0, 0.12 * side, 2)
    place = (middle[0] - size / 2, middle[1] - size / 2, size, size)
    pen = max(1.0, side * rng.uniform(0.025, 0.16))
    drawn = strokes.draw(paths, shape, place, pen, rng)
    return (drawn * rng.uniform(0.45, 1.0)).astype(np.uint8)


def _hatched(rng: np.random.Generator) -> np.ndarray:
    count = int(rng.integers(6, 16))
    x = np.linspace(8, 92, count)
    y = np.where(np.arange(count) % 2, rng.uniform(5, 25), rng.uniform(75, 95)) + rng.normal(0, 4, count)
    return np.stack([x, y], axis=1).astype(np.float32)
