"""Find rows of character cells: how many cells, how wide, and in which groups.

Cells with solid lines between them are frames side by side. Dotted lines between cells are looked for inside empty
frames. Rows in one line with a hyphen or a small gap between them (postal code 3-4, telephone) are groups of one row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ocr.propose.frames import EMPTY_INK, Frame, px
from ocr.propose.paper import Paper
from ocr.propose.rect import Rect, around

CELL_WIDTH_MM = (2.8, 13.0)
CELL_HEIGHT_MM = (3.5, 17.0)
"""Smallest and largest character cell; a narrower one cannot be written into by hand."""

SAME_SHARE = 0.13
"""Cells of a row differ by at most this share of their width."""

SEPARATOR_INK = 0.22
"""A dotted separator is inked over at least this share of its height."""


SEPARATOR_REACH = 0.7
"""From its first to its last dot it reaches over this share of the height; a printed 1 does not."""


@dataclass(frozen=True)
class CellRun:
    """Cells in a row.

    Attributes:
        rect: All cells together, mm.
        groups: Number of cells of each group; one group when there is no gap.
        gaps: Width in mm between the groups.
        point: After how many cells a decimal point is printed, None without one.
    """

    rect: Rect
    groups: tuple[int, ...]
    gaps: tuple[float, ...] = ()
    point: int | None = None

    @property
    def count(self) -> int:
        """Cells in all groups."""
        return sum(self.groups)

    @property
    def cell_width(self) -> float:
        """Width of a cell, mm."""
        return (self.rect.width - sum(self.gaps)) / self.count


def find_rows(paper: Paper, frames: Iterable[Frame], ticks: Iterable[Rect]) -> list[CellRun]:
    """Return the rows of character cells of a page; a single cell is a row of one.

    Args:
        paper: The page.
        frames: Its frames.
        ticks: Its boxes to tick, which are no cells.
    """
    boxes = list(ticks)
    runs = []
    for frame in frames:
        if frame.shaded or any(frame.rect.overlap(tick) > 0.4 for tick in boxes):
            continue
        run = _cells_of(paper, frame)
        if run is not None:
            runs.append(run)
    return [_with_point(paper, run) for run in _chained(runs)]


def _cells_of(paper: Paper, frame: Frame) -> CellRun | None:
    """Return the cells of one frame: several where dotted lines part it, one where it is as small as a cell."""
    rect = frame.rect
    if not CELL_HEIGHT_MM[0] <= rect.height <= CELL_HEIGHT_MM[1]:
        return None
    single = CELL_WIDTH_MM[0] <= rect.width <= CELL_WIDTH_MM[1] and 0.4 < rect.height / rect.width < 2.6
    if single and (frame.empty or _is_clear(paper, rect.grown(-1.1, -1.1))):
        return CellRun(rect, (1,))
    count = 0 if frame.empty else _dotted_cells(paper, rect)
    return CellRun(rect, (count,)) if count else None


def _is_clear(paper: Paper, rect: Rect) -> bool:
    """Say whether nothing is printed in a rectangle: a decimal point at a cell's edge may be."""
    across, down = paper.scale
    ink = paper.ink[
        round(rect.top / down) : round(rect.bottom / down),
        round(rect.left / across) : round(rect.right / across),
    ]
    return ink.size > 0 and float((ink > 0).mean()) < EMPTY_INK


def _dotted_cells(paper: Paper, rect: Rect) -> int:
    """Return into how many equal cells dotted lines part a frame, 0 when anything else is printed in it."""
    across, down = paper.scale
    margin = px(0.5)
    left, right = round(rect.left / across), round(rect.right / across)
    top, bottom = round(rect.top / down) + margin, round(rect.bottom / down) - margin
    ink = paper.ink[top:bottom, left:right] > 0
    first = np.where(ink.any(axis=0), ink.argmax(axis=0), len(ink))
    last = np.where(ink.any(axis=0), len(ink) - ink[::-1].argmax(axis=0), 0)
    heavy = (ink.mean(axis=0) > SEPARATOR_INK) & (last - first > SEPARATOR_REACH * len(ink))
    heavy[:margin] = heavy[-margin:] = False
    places = _middles(heavy)
    if not places:
        return 0
    near = np.zeros(len(heavy), dtype=bool)
    for place in places:
        near[max(0, int(place) - px(0.6)) : int(place) + px(0.6) + 1] = True
    near[:margin] = near[-margin:] = True
    if float(ink[:, ~near].mean()) > 0.004:
        return 0
    widths = np.diff([0.0, *places, float(right - left)]) * across
    cell = float(np.median(widths))
    even = bool(np.all(np.abs(widths - cell) < max(SAME_SHARE * cell, 0.5)))
    return len(widths) if even and CELL_WIDTH_MM[0] <= cell <= CELL_WIDTH_MM[1] else 0


def _middles(heavy: np.ndarray) -> list[float]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], heavy, [False]]).astype(np.int8)))
    return [(a + b - 1) / 2 for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a <= px(1.2)]


def _chained(runs: list[CellRun]) -> list[CellRun]:
    """Join runs of equal cells that touch each other from left to right."""
    chains: list[list[CellRun]] = []
    for run in sorted(runs, key=lambda r: (r.rect.left, r.rect.top)):
        chain = next((c for c in chains if _touches(c[-1], run)), None)
        chain.append(run) if chain else chains.append([run])
    return [CellRun(around(r.rect for r in chain), (sum(r.count for r in chain),)) for chain in chains]


def _touches(left: CellRun, right: CellRun) -> bool:
    gap = right.rect.left - left.rect.right
    return abs(gap) < 0.7 and _same_line(left.rect, right.rect) and _same_cells(left, right)


def _same_line(one: Rect, other: Rect) -> bool:
    return abs(one.top - other.top) < 0.8 and abs(one.bottom - other.bottom) < 0.8


def _same_cells(one: CellRun, other: CellRun) -> bool:
    return abs(one.cell_width - other.cell_width) < max(SAME_SHARE * one.cell_width, 0.4)


def grouped(runs: list[CellRun], parted: Iterable[Rect]) -> list[CellRun]:
    """Join runs in one line with a gap of less than two cells between them to one run of groups.

    Args:
        runs: Runs of a page.
        parted: Places of words that keep runs apart (年, 月, 円 …), mm.
    """
    walls = list(parted)
    chains: list[list[CellRun]] = []
    for run in sorted(runs, key=lambda r: (round(r.rect.top), r.rect.left)):
        if chains and _belongs(chains[-1][-1], run, walls):
            chains[-1].append(run)
        else:
            chains.append([run])
    return [_as_groups(chain) for chain in chains]


def _belongs(left: CellRun, right: CellRun, walls: list[Rect]) -> bool:
    gap = Rect(left.rect.right, left.rect.top, right.rect.left, left.rect.bottom)
    near = 0 < gap.width < 1.7 * left.cell_width and _same_line(left.rect, right.rect)
    return (
        near and _same_cells(left, right) and not any(gap.grown(0.5, 0).holds(wall.middle) for wall in walls)
    )


def _as_groups(chain: list[CellRun]) -> CellRun:
    if len(chain) == 1:
        return chain[0]
    gaps = tuple(round(b.rect.left - a.rect.right, 1) for a, b in pairwise(chain))
    return CellRun(around(r.rect for r in chain), tuple(g for r in chain for g in r.groups), gaps)


def _with_point(paper: Paper, run: CellRun) -> CellRun:
    """Look for a printed decimal point: a small black spot on the lower third of a separator."""
    if run.count < 2 or len(run.groups) > 1:
        return run
    for cell in range(1, run.count):
        x, bottom = run.rect.left + run.cell_width * cell, run.rect.bottom
        middle = run.rect.top + 0.67 * run.rect.height
        spot = _widest_ink(paper, Rect(x - 1.1, middle, x + 1.1, bottom - 0.3))
        above = _widest_ink(paper, Rect(x - 1.1, run.rect.top + 0.5, x + 1.1, middle))
        if spot > 0.55 and above < 0.5:
            return replace(run, point=cell)
    return run


def _widest_ink(paper: Paper, rect: Rect) -> float:
    """Return how many mm of the fullest line of pixels in a rectangle are inked."""
    across, down = paper.scale
    rows = slice(round(rect.top / down), round(rect.bottom / down))
    ink = paper.ink[rows, round(rect.left / across) : round(rect.right / across)] > 0
    return float(ink.sum(axis=1).max(initial=0)) * across
