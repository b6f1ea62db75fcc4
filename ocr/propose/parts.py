"""Everything that is printed on one page of a blank, found and sorted: frames, rows, boxes to tick, circles, words."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ocr.propose.frames import Frame, Rulings, find_frames, find_rulings, px
from ocr.propose.marks import CornerMarks, find_circles, find_corner_marks, find_dots, find_ticks
from ocr.propose.paper import DPI, Paper
from ocr.propose.prints import Print, to_print
from ocr.propose.rect import Rect
from ocr.propose.rows import CellRun, find_rows
from ocr.reading import Gray
from ocr.textpage.lines import LineFinder

LEAST_SURE = 0.6
"""Single characters read with less probability are pieces of rulings."""

LONG_RULING_MM = 7.5
"""No stroke of a character is as long, titles of 20 points included."""

SHORTEST_UNDERLINE_MM = 22.0
"""A single ruling of this length under an empty place is a line to write on."""


@dataclass(frozen=True)
class Parts:
    """What is printed on a page.

    Attributes:
        paper: The page.
        frames: Areas closed by rulings.
        rows: Rows of character cells, not yet joined to groups.
        ticks: Boxes to tick.
        circles: Circles for a seal.
        underlines: Single rulings to write on, as flat rectangles.
        prints: Printed lines.
        corner_marks: Solid squares near the corners, None when there are not four.
    """

    paper: Paper
    frames: tuple[Frame, ...]
    rows: tuple[CellRun, ...]
    ticks: tuple[Rect, ...]
    circles: tuple[Rect, ...]
    underlines: tuple[Rect, ...]
    prints: tuple[Print, ...]
    corner_marks: CornerMarks | None

    @cached_property
    def cells(self) -> tuple[Frame, ...]:
        """The frames that are not single cells of a row nor boxes to tick."""
        small = [row.rect for row in self.rows]
        return tuple(
            f
            for f in self.frames
            if not any(r.contains(f.rect, 0.8) for r in small)
            and not any(t.overlap(f.rect) > 0.4 for t in self.ticks)
        )

    def cell_around(self, rect: Rect) -> Frame | None:
        """Return the smallest frame that holds a rectangle and is larger."""
        holding = [f for f in self.cells if f.rect.contains(rect) and f.rect.area > 1.1 * rect.area]
        return min(holding, key=lambda f: f.rect.area, default=None)

    def prints_in(self, rect: Rect) -> list[Print]:
        """Return the lines whose middle lies in a rectangle and in no smaller frame inside it."""
        inner = [f.rect for f in self.cells if rect.contains(f.rect) and f.rect.area < 0.9 * rect.area]
        return [
            p
            for p in self.prints
            if rect.holds(p.rect.middle) and not any(r.holds(p.rect.middle) for r in inner)
        ]


def find_parts(paper: Paper, finder: LineFinder) -> Parts:
    """Look at a page.

    Args:
        paper: The page, straight.
        finder: Finds and reads printed words.
    """
    rulings = find_rulings(paper.ink)
    frames = find_frames(paper, rulings)
    ticks = find_ticks(paper)
    rows = find_rows(paper, frames, ticks)
    lines = finder.read(_without_rulings(paper, rulings), DPI)
    prints = [to_print(line, paper) for line in lines if line.probability > LEAST_SURE or len(line.text) > 2]
    dots = [Print("・", dot, dot.height, centres=(dot.middle[0],)) for dot in find_dots(paper, rulings.both)]
    prints += [d for d in dots if not any(p.rect.holds(d.rect.middle) for p in prints)]
    inside = [row.rect for row in rows if row.count > 1]
    prints = [p for p in prints if not any(r.holds(p.rect.middle) for r in inside)]
    rows = [row for row in rows if row.count > 1 or not _inside_word(row.rect, prints)]
    ticks = [t for t in ticks if not _inside_word(t, prints)]
    return Parts(
        paper,
        tuple(frames),
        tuple(rows),
        tuple(ticks),
        tuple(find_circles(paper, rulings.both)),
        tuple(_underlines(paper, rulings, frames)),
        tuple(prints),
        find_corner_marks(paper),
    )


def _without_rulings(paper: Paper, rulings: Rulings) -> Gray:
    """Return the page with its long rulings painted white: words beside them are read better without."""
    across = cv2.morphologyEx(rulings.across, cv2.MORPH_OPEN, np.ones((1, px(LONG_RULING_MM)), np.uint8))
    down = cv2.morphologyEx(rulings.down, cv2.MORPH_OPEN, np.ones((px(LONG_RULING_MM), 1), np.uint8))
    near = cv2.dilate(cv2.bitwise_or(across, down), np.ones((5, 5), np.uint8))
    return np.where(near > 0, np.uint8(255), paper.gray).astype(np.uint8)


def _inside_word(rect: Rect, prints: list[Print]) -> bool:
    """Say whether a square is a character of a word (口, ロ): letters of its size close on both sides."""
    for line in prints:
        if (
            line.vertical
            or not line.rect.grown(0.3, 0.3).contains(rect, 0.3)
            or rect.height < 0.45 * line.size
        ):
            continue
        left = [c for c in line.centres if c < rect.left]
        right = [c for c in line.centres if c > rect.right]
        near = 1.5 * line.size
        if left and right and rect.left - left[-1] < near and right[0] - rect.right < near:
            return rect.height > 0.7 * line.size or rect.height < 2.6
    return False


def _underlines(paper: Paper, rulings: Rulings, frames: list[Frame]) -> list[Rect]:
    """Return single horizontal rulings that are no side of a frame."""
    thin = cv2.morphologyEx(rulings.across, cv2.MORPH_OPEN, np.ones((1, px(SHORTEST_UNDERLINE_MM)), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(thin, connectivity=8)
    across, down = paper.scale
    found = []
    for x, y, w, h, _ in stats[1:count].tolist():
        line = Rect(x * across, y * down, (x + w) * across, (y + h) * down)
        beside = [f.rect for f in frames if f.rect.left - 1 < line.middle[0] < f.rect.right + 1]
        side = any(min(abs(r.top - line.middle[1]), abs(r.bottom - line.middle[1])) < 1.2 for r in beside)
        if not side and line.width < 0.8 * paper.size_mm[0]:
            found.append(line)
    return found
