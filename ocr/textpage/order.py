"""Put the lines of a page into the order in which a person reads them.

A page is cut into blocks from top to bottom. As long as a white corridor runs down through the rows, they are columns,
read one after the other; where a heading crosses it, a new block begins. Vertical text is the same turned by a quarter:
its lines follow each other from right to left, its columns stand one above the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ocr.textpage.lines import TextLine

CORRIDOR = 1.1
"""A corridor between columns is at least this many line heights wide."""

FEWEST_ROWS = 3
"""Fewer lines one below the other are no column."""

SHORTEST_LINE = 7
"""Characters: parts of shorter lines are labels and values of a table, which are read row by row."""


@dataclass(frozen=True)
class _Placed:
    """A line in reading coordinates: `start`/`end` along the lines, `top`/`bottom` across them."""

    line: TextLine
    start: float
    end: float
    top: float
    bottom: float


def is_vertical_page(lines: Sequence[TextLine]) -> bool:
    """Say whether most characters of a page stand in lines from top to bottom."""
    vertical = sum(len(line.text) for line in lines if line.vertical)
    return 2 * vertical > sum(len(line.text) for line in lines)


def reading_order(lines: Sequence[TextLine]) -> list[list[list[TextLine]]]:
    """Return the lines of a page as blocks of rows of lines, in reading order.

    Args:
        lines: The lines of one page in any order.
    """
    vertical = is_vertical_page(lines)
    rows = _rows([_place(line, vertical) for line in lines])
    blocks = []
    for block in _blocks(rows):
        ordered = [sorted(row, key=lambda p: p.start) for row in _rows(block)]
        blocks.append([[p.line for p in row] for row in ordered])
    return blocks


def page_text(lines: Sequence[TextLine]) -> str:
    """Return what a page says: a line of text per printed line, an empty line between blocks.

    Words of one row are parted by a space as wide as a character.
    """
    blocks = [
        "\n".join("\u3000".join(line.text for line in row) for row in block) for block in reading_order(lines)
    ]
    return "\n\n".join(blocks)


def _place(line: TextLine, vertical: bool) -> _Placed:
    left, top, right, bottom = line.box
    if vertical:
        return _Placed(line, top, bottom, -right, -left)
    return _Placed(line, left, right, top, bottom)


def _rows(placed: Sequence[_Placed]) -> list[list[_Placed]]:
    """Gather lines that stand beside each other: at least half of the thinner one's height is common."""
    rows: list[list[_Placed]] = []
    for item in sorted(placed, key=lambda p: (p.top + p.bottom) / 2):
        row = rows[-1] if rows else []
        if row and all(_common(item, other) for other in row):
            row.append(item)
        else:
            rows.append([item])
    return rows


def _common(one: _Placed, other: _Placed) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _blocks(rows: list[list[_Placed]]) -> list[list[_Placed]]:
    """Part rows into blocks: the longest stretch of rows with a corridor in it is read column by column."""
    blocks: list[list[_Placed]] = []
    plain: list[_Placed] = []
    at = 0
    while at < len(rows):
        end, columns = _longest_stretch(rows, at)
        if not columns:
            plain += rows[at]
            at += 1
            continue
        blocks += [plain] if plain else []
        plain = []
        for column in columns:
            blocks += _blocks(_rows(column))
        at = end
    return [*blocks, plain] if plain else blocks


def _longest_stretch(rows: list[list[_Placed]], start: int) -> tuple[int, list[list[_Placed]]]:
    """Return where the longest stretch of rows from `start` with a corridor ends, and its columns."""
    for end in range(len(rows), start + FEWEST_ROWS - 1, -1):
        columns = _columns([item for row in rows[start:end] for item in row])
        if columns:
            return end, columns
    return start, []


def _columns(items: list[_Placed]) -> list[list[_Placed]]:
    """Cut lines at the white corridors between them; empty when the parts are no columns of text."""
    least = CORRIDOR * median(item.bottom - item.top for item in items)
    parts: list[list[_Placed]] = []
    reach = float("-inf")
    for item in sorted(items, key=lambda i: i.start):
        if item.start - reach >= least:
            parts.append([])
        parts[-1].append(item)
        reach = max(reach, item.end)
    return parts if len(parts) > 1 and all(_is_column(part) for part in parts) else []


def _is_column(part: list[_Placed]) -> bool:
    return len(part) >= FEWEST_ROWS and median(len(item.line.text) for item in part) >= SHORTEST_LINE
