"""What happens to a character on its way into a crop: the printed frame, the neighbours, the pen, the fax, the scanner.

Every function takes ink (shape (h, w), dtype uint8, 0 none to 255 full) and a source of chance.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.training import cells_pen as pen_of
from ocr.training.cells_pen import Picture


def smooth_fields(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return smooth random displacement fields, shape (count, 2, 64, 64), dtype float32, standard deviation 1."""
    fields = np.empty((count, 2, 64, 64), np.float32)
    for field in fields:
        sigma = rng.uniform(6, 14)
        for axis in (0, 1):
            blurred = cv2.GaussianBlur(rng.normal(0, 1, (64, 64)).astype(np.float32), (0, 0), sigma)
            field[axis] = blurred / (blurred.std() + 1e-6)
    return fields


def laid(
    glyph: Picture,
    shape: tuple[int, int],
    box: tuple[float, float, float, float],
    field: NDArray[np.float32],
    rng: np.random.Generator,
    strength: float = 1.0,
) -> Picture:
    """Lay a glyph picture into a box of a cell, turned, slanted and bent.

    Args:
        glyph: The ink, cut at its edges.
        shape: Height and width of the cell in pixels.
        box: x, y, width, height that the glyph is fitted into, proportions changed by up to about 10 %.
        field: One displacement field, shape (2, 64, 64).
        rng: Source of chance.
        strength: 0 leaves the shape alone, 1 is a different hand.
    """
    high, wide = glyph.shape
    scale = min(box[2] / wide, box[3] / high)
    stretch = np.exp(rng.normal(0, 0.08 * strength, 2))
    angle, slant = rng.normal(0, 0.07 * strength), rng.normal(0, 0.12 * strength)
    forward = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    forward = forward @ np.array([[1, -slant], [0, 1]]) * (stretch * scale)
    back = np.linalg.inv(forward).astype(np.float32)
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    dx, dy = xs - np.float32(box[0] + box[2] / 2), ys - np.float32(box[1] + box[3] / 2)
    bend = cv2.resize(field.transpose(1, 2, 0), (shape[1], shape[0])) * np.float32(
        strength * rng.uniform(0, 3.2)
    )
    map_x = back[0, 0] * dx + back[0, 1] * dy + np.float32((wide - 1) / 2) + bend[..., 0]
    map_y = back[1, 0] * dx + back[1, 1] * dy + np.float32((high - 1) / 2) + bend[..., 1]
    source = glyph if scale > 0.6 else np.asarray(cv2.blur(glyph, (2, 2)), np.uint8)
    return pen_of.moved(source, np.asarray(map_x, np.float32), np.asarray(map_y, np.float32))


def repenned(ink: Picture, rng: np.random.Generator) -> Picture:
    """Make the strokes thicker or thinner, or write them anew with a thin pen along their middle."""
    if rng.random() < 0.25:
        return _rewritten(ink, rng)
    drawn = rng.random()
    if drawn < 0.25:
        return pen_of.grown(ink, int(rng.integers(2, 4)))
    if drawn < 0.40:
        thin = pen_of.shrunk(ink)
        return thin if thin.sum(dtype=np.int64) > 0.35 * ink.sum(dtype=np.int64) else ink
    return ink


def _rewritten(ink: Picture, rng: np.random.Generator) -> Picture:
    """Follow the middle of every stroke with a pen of one width (thinning after Zhang and Suen 1984)."""
    middle = np.asarray(cv2.ximgproc.thinning((ink > 110).astype(np.uint8) * 255), np.uint8)
    pen = int(rng.choice([1, 2, 2, 3, 3, 4]))
    line = pen_of.grown(middle, pen) if pen > 1 else middle
    return np.asarray(cv2.GaussianBlur(line, (0, 0), 0.6), np.uint8) if pen > 1 else line


def framed(ink: Picture, rng: np.random.Generator) -> Picture:
    """Draw remnants of the cell's frame along some of the edges: solid, dotted, broken or double."""
    out = ink.copy()
    style = rng.integers(0, 5)
    shade = int(255 * rng.uniform(0.35, 1.0))
    pen = int(rng.choice([1, 1, 2, 2, 3, 4]))
    edges = rng.random(4) < rng.uniform(0.15, 0.9)
    for turns in np.flatnonzero(edges):
        view = np.ascontiguousarray(np.rot90(out, turns))
        _one_edge(view, int(style), shade, pen, rng)
        out = np.ascontiguousarray(np.rot90(view, -turns))
    return out


def _one_edge(view: Picture, style: int, shade: int, pen: int, rng: np.random.Generator) -> None:
    """Draw one line, or two, along the top of a view, in place."""
    height, width = view.shape
    at = rng.uniform(-1.5, 0.09 * height)
    tilt = rng.normal(0, 0.012) * width
    line = np.zeros_like(view)
    for number in range(2 if style == 4 else 1):
        y = at + number * (pen + rng.uniform(2, 4))
        pen_of.draw_path(line, np.array([[-2, y], [width + 2, y + tilt]]), pen, shade)
    if style == 1:  # dotted
        step, on = int(rng.integers(2, 10)), rng.uniform(0.3, 0.7)
        columns = (np.arange(width) + rng.integers(0, 9)) % step >= max(1, on * step)
        line[:, columns] = 0
    elif style == 2:  # broken by the fax
        noise = pen_of.grain((1, width), int(rng.integers(1, 9)), rng)[0]
        line[:, noise < np.quantile(noise, rng.uniform(0.1, 0.7))] = 0
    elif style == 3:  # ragged
        line[rng.random(line.shape) < rng.uniform(0.1, 0.6)] = 0
    if rng.random() < 0.12:  # only a part is left
        cut = int(rng.integers(0, width))
        line[:, :cut] = 0
    np.maximum(view, line, out=view)


def crowded(ink: Picture, neighbour: Picture, rng: np.random.Generator) -> Picture:
    """Let a neighbour's character reach a little into the cell, at any side."""
    out = ink.copy()
    turns = int(rng.choice([0, 1, 1, 2, 3, 3]))
    view = np.rot90(out, turns)
    reach = max(2, round(view.shape[0] * rng.uniform(0.03, 0.13)))
    piece = pen_of.resized(neighbour, view.shape[1], view.shape[1])
    view[:reach] = np.maximum(view[:reach], piece[-reach:])
    return out


def specked(ink: Picture, rng: np.random.Generator) -> Picture:
    """Scatter specks, now and then a hair."""
    out = ink.copy()
    height, width = out.shape
    for _ in range(int(rng.integers(1, 9))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        pen_of.draw_dot(out, x, y, int(rng.choice([0, 0, 1, 1, 2])), int(rng.integers(90, 256)))
    if rng.random() < 0.12:
        start = rng.integers(0, [width, height])
        hair = np.array([start, start + rng.integers(-14, 15, 2)], np.float64)
        pen_of.draw_path(out, hair, 1, int(rng.integers(90, 256)))
    return out


def worn(ink: Picture, rng: np.random.Generator) -> Picture:
    """Lose parts of the strokes: streaks of the fax, a dry pen, a missing corner."""
    out = ink.copy()
    height, width = out.shape
    drawn = rng.random()
    if drawn < 0.35:
        for _ in range(int(rng.integers(1, 4))):
            y = int(rng.integers(0, height))
            out[y : y + int(rng.integers(1, 3))] = 0
    elif drawn < 0.7:
        grain = pen_of.grain((height, width), 3, rng)
        out[grain < np.quantile(grain, rng.uniform(0.03, 0.25))] = 0
    else:
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        pen_of.draw_dot(out, x, y, int(rng.integers(2, 6)), 0)
    return out


def scanned(ink: Picture, rng: np.random.Generator) -> Picture:
    """Turn ink into the gray picture a scanner or fax delivers: shape as given, dtype uint8, 0 black to 255 white."""
    drawn = rng.random()
    if drawn < 0.42:
        return _faxed(ink, rng)
    dense = ink.astype(np.float32) / 255
    if rng.random() < 0.6:
        dense = np.asarray(cv2.GaussianBlur(dense, (0, 0), rng.uniform(0.3, 1.3)), np.float32)
    paper = rng.uniform(170, 255)
    black = rng.uniform(0, 0.55 * paper) if rng.random() < 0.6 else rng.uniform(0, 0.82 * paper)
    shade = np.full(ink.shape, paper, np.float32)
    if rng.random() < 0.3:
        slope = rng.normal(0, 18, 2)
        shade += np.linspace(-slope[0], slope[0], ink.shape[0], dtype=np.float32)[:, None]
        shade += np.linspace(-slope[1], slope[1], ink.shape[1], dtype=np.float32)[None, :]
    gray = shade * (1 - dense) + np.float32(black) * dense
    gray += rng.normal(0, rng.uniform(0, 7), ink.shape).astype(np.float32)
    out = np.clip(gray, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))])[1]
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return out


def _faxed(ink: Picture, rng: np.random.Generator) -> Picture:
    """One bit per pixel, ragged edges, often fewer lines than columns."""
    height, width = ink.shape
    fewer = rng.choice([1.0, 1.0, 0.75, 0.5, 0.4])
    narrower = rng.choice([1.0, 0.8, 0.6])
    dense = pen_of.resized(ink, max(16, round(height * fewer)), max(16, round(width * narrower))).astype(
        np.float32
    )
    ragged = cv2.blur(rng.normal(0, 1, dense.shape).astype(np.float32), (2, 2)) * rng.uniform(0, 60)
    bits = np.where(dense + ragged > rng.uniform(70, 150), 0, 255).astype(np.uint8)
    how = cv2.INTER_NEAREST if rng.random() < 0.6 else cv2.INTER_LINEAR
    return pen_of.resized(bits, height, width, how)
