"""Find the empty places of a blank: cells of a table, boxes and underlines that one writes into freely, seals."""

from dataclasses import dataclass
from itertools import pairwise

from ocr.propose.frames import Frame
from ocr.propose.labels import TOUCH_MM
from ocr.propose.parts import Parts
from ocr.propose.prints import Print, plain
from ocr.propose.rect import Rect, around

NARROWEST_MM, LOWEST_MM = 9.0, 4.5
"""Smallest place that a word can be written into by hand."""

INSET_MM = 0.8
"""A template's box keeps this far away from the rulings."""

LINE_HEIGHT_MM = 9.0
"""Handwriting on an underline reaches up to this far above it."""

SEAL_SIDE_MM = 15.0
"""Room for a name seal (10 to 15 mm) around a printed 印."""

_UNITS = (
    "円",
    "人",
    "歳",
    "才",
    "回",
    "枚",
    "通",
    "台",
    "日",
    "時間",
    "kg",
    "cm",
    "%",
    "㎡",
    "m2",
    "様",
    "方",
)


@dataclass(frozen=True)
class Space:
    """A place to write.

    Attributes:
        rect: Where one writes, mm.
        cell: The cell it lies in; for a cell that is empty, this cell itself. None for an underline.
        unit: What is printed behind it, e.g. 円.
        notes: What else is printed in the cell.
        heading: What is printed at the top of the cell, when the cell bears its label itself.
    """

    rect: Rect
    cell: Frame | None
    unit: str = ""
    notes: tuple[Print, ...] = ()
    heading: str = ""


def find_spaces(parts: Parts, taken: list[Rect]) -> list[Space]:
    """Return the cells of a page that are empty enough to be written into.

    Args:
        parts: What is printed on the page.
        taken: Places of other fields: a cell that holds one is no free space.
    """
    found = []
    for cell in parts.cells:
        holds = any(cell.rect.contains(f.rect) and f.rect.area < 0.9 * cell.rect.area for f in parts.cells)
        if cell.shaded or holds or any(cell.rect.holds(t.middle) for t in taken):
            continue
        if _names_its_neighbour(parts, cell, taken):
            continue
        space = _space_of(parts, cell)
        if space and space.rect.width >= NARROWEST_MM and space.rect.height >= LOWEST_MM:
            found.append(space)
    return found


def _names_its_neighbour(parts: Parts, cell: Frame, taken: list[Rect]) -> bool:
    """Say whether a cell's words name the cell on its right: that one is empty, or holds a field."""
    if not parts.prints_in(cell.rect):
        return False
    for other in parts.cells:
        touching = abs(other.rect.left - cell.rect.right) < TOUCH_MM and other.rect.beside(cell.rect, 0.8)
        if touching and (not parts.prints_in(other.rect) or any(other.rect.contains(t) for t in taken)):
            return True
    return False


def _space_of(parts: Parts, cell: Frame) -> Space | None:
    rect = cell.rect.grown(-INSET_MM, -INSET_MM)
    lines = parts.prints_in(cell.rect)
    if not lines:
        return Space(rect, cell)
    if any(plain(p.text).endswith(("。", "、", "か")) for p in lines):
        return None  # a sentence
    words = around(p.rect for p in lines)
    heading = _heading(cell.rect, lines)
    if heading:
        return Space(Rect(rect.left, words.bottom + 0.3, rect.right, rect.bottom), cell, heading=heading)
    left, right = words.left - rect.left, rect.right - words.right
    between = _widest_between(rect, lines)
    if between is not None:
        last = max(lines, key=lambda p: p.rect.right)
        return Space(between, cell, _unit(last), tuple(lines))
    if max(left, right) < 0.5 * rect.width or min(left, right) > 0.2 * rect.width:
        return None
    if left > right:
        unit = _unit(min(lines, key=lambda p: p.rect.left))
        return Space(Rect(rect.left, rect.top, words.left - 0.5, rect.bottom), cell, unit, tuple(lines))
    return Space(Rect(words.right + 0.5, rect.top, rect.right, rect.bottom), cell, "", tuple(lines))


def _heading(cell: Rect, lines: list[Print]) -> str:
    """Return the label that a high cell bears in small print in its upper left corner, or at its left edge."""
    words = around(p.rect for p in lines)
    corner = words.top - cell.top < 2.5 and words.left - cell.left < 6 and words.height < 0.45 * cell.height
    short = all(len(plain(p.text)) <= 16 for p in lines)
    return "".join(plain(p.text) for p in lines) if corner and short and cell.height > 9 else ""


def _widest_between(rect: Rect, lines: list[Print]) -> Rect | None:
    """Return the gap between words at the left and at the right end of a cell, when it is most of the cell."""
    ordered = sorted(lines, key=lambda p: p.rect.left)
    gaps = [Rect(a.rect.right + 0.5, rect.top, b.rect.left - 0.5, rect.bottom) for a, b in pairwise(ordered)]
    widest = max(gaps, key=lambda g: g.width, default=None)
    return widest if widest and widest.width > 0.5 * rect.width else None


def _unit(line: Print) -> str:
    text = plain(line.text)
    return text if text in _UNITS else ""


def unit_behind(parts: Parts, rect: Rect) -> str:
    """Return what is counted: the unit printed close behind a place to write, or ""."""
    near = [p for p in parts.prints if -1 < p.rect.left - rect.right < 8 and p.rect.beside(rect)]
    return _unit(min(near, key=lambda p: p.rect.left)) if near else ""


def find_underlines(parts: Parts, taken: list[Rect]) -> list[Space]:
    """Return the lines to write on: single rulings with nothing printed on them."""
    found = []
    for line in parts.underlines:
        rect = Rect(line.left, line.top - LINE_HEIGHT_MM, line.right, line.top)
        words = [p for p in parts.prints if rect.grown(0, -1).holds(p.rect.middle)]
        right = [p for p in words if p.rect.middle[0] > rect.middle[0]]
        left = [p for p in words if p not in right]
        rect = Rect(
            max([rect.left, *(p.rect.right + 0.5 for p in left)]),
            rect.top,
            min([rect.right, *(p.rect.left - 0.5 for p in right)]),
            rect.bottom,
        )
        if rect.width >= NARROWEST_MM and not any(rect.overlap(t) > 0 for t in taken):
            found.append(Space(rect, None, _unit(right[0]) if right else "", tuple(words), _last(left)))
    return found


def _last(words: list[Print]) -> str:
    last = max(words, key=lambda p: p.rect.right, default=None)
    return plain(last.text) if last else ""


def find_seals(parts: Parts) -> list[Space]:
    """Return the places for a seal: printed circles, and 印 that stands alone."""
    found = []
    for circle in parts.circles:
        cell = parts.cell_around(circle)
        small = cell is not None and cell.rect.area < 6 * circle.area
        around_it = circle.grown(3, 3).within(cell.rect) if cell else circle.grown(3, 3)
        found.append(Space(cell.rect.grown(-1, -1) if cell and small else around_it, cell))
    for line in parts.prints:
        inside = any(c.grown(1, 1).holds(line.rect.middle) for c in parts.circles)
        if inside or plain(line.text) not in ("印", "㊞", "(印)"):
            continue
        cell = parts.cell_around(line.rect)
        grow = (SEAL_SIDE_MM - line.rect.width) / 2
        rect = line.rect.grown(grow, (SEAL_SIDE_MM - line.rect.height) / 2)
        found.append(Space(rect.within(cell.rect) if cell else rect, cell))
    return found
