"""Which printed words name a place to write: left of it, above it, or inside its cell."""

import re
from dataclasses import dataclass

from ocr.propose.frames import Frame
from ocr.propose.parts import Parts
from ocr.propose.prints import Print, is_note, joined, nearest_above, nearest_left, plain, words
from ocr.propose.rect import Rect

TOUCH_MM = 1.3
"""Cells of a table whose edges are closer than this are neighbours."""

FAR_LEFT_MM, FAR_ABOVE_MM = 60.0, 14.0
"""Labels outside of any cell are looked for up to this far away."""

LONGEST_NAME = 16
"""Longer labels are sentences; the field is named after the row's number instead."""

_PLACEHOLDERS = re.compile(r"^(〒|明治|大正|昭和|平成|令和|西暦|年|月|日|時|分|円|印|㊞|[-ー()・])+$")
_EXPLAINS = re.compile(
    r"^[(※□]|(から|まで|づめ|とおり|必要|不要|のみ|記入|あける|確認|囲む|測定|[0-9]+[桁けた])$"
)
_TITLE = re.compile(r"(書|届|票|願|様|殿)$")


@dataclass(frozen=True)
class Label:
    """The words that name a field.

    Attributes:
        text: The label, empty when none was found.
        hints: What is explained beside it.
        where: "left", "above" or "inside" the cell, "near" without a cell, "" without a label.
        area: The heading above the table, when there is one close by.
    """

    text: str = ""
    hints: str = ""
    where: str = ""
    area: str = ""

    def __bool__(self) -> bool:
        """Say whether a label was found."""
        return bool(self.text)


class Labels:
    """Finds labels on one page.

    Args:
        parts: What is printed on it.
        options: Words that are options or units, and so no labels.
    """

    def __init__(self, parts: Parts, options: list[Print]) -> None:
        self._parts = parts
        self._taken = {(p.text, p.rect.middle) for p in options}
        self._option_rects = [p.rect for p in options]

    def of(self, target: Rect, cell: Frame | None, *, alone: bool = True) -> Label:
        """Return the label of a place.

        Args:
            target: Where one writes.
            cell: The cell of the table around it (or itself), None when it stands free.
            alone: It is the only place to write in its cell.
        """
        inside = self._inside(target, cell)
        hints = self._hints(target, cell)
        if cell is None:
            return inside or self._near(target, hints)
        beside = self._left_cell(cell)
        if inside and (not alone or not beside):
            if beside and len(plain(inside.text)) <= 3:
                inside = Label(beside.text + inside.text, inside.hints, "inside")
            return self._with_area(inside, cell, hints)
        found = beside or self._above_cell(cell) or self._around(cell) or self._near(target, hints)
        return self._with_area(found, cell, hints)

    def heading(self, rect: Rect) -> str:
        """Return the line of text that stands right above a table."""
        above = nearest_above([p for p in self._parts.prints if not p.vertical], rect, 9.0)
        return above.text if above else ""

    def _with_area(self, label: Label, cell: Frame, hints: str) -> Label:
        top = cell.rect
        for _ in range(20):
            upper = next((f.rect for f in self._parts.cells if _on_top(f.rect, top)), None)
            if upper is None:
                break
            top = upper
        return Label(label.text, label.hints + hints, label.where, self.heading(top))

    def _inside(self, target: Rect, cell: Frame | None) -> Label:
        """The words in the same cell directly left of the place, or above it."""
        own = self._free_words(cell.rect) if cell else self._free_words(None)
        left = nearest_left(own, target, 30.0 if cell else FAR_LEFT_MM)
        if left and not is_note(left):
            return Label(plain(left.text), "", "inside" if cell else "near")
        above = nearest_above(own, target, 8.0) if cell else None
        if above and not is_note(above) and len(plain(above.text)) <= LONGEST_NAME:
            return Label(plain(above.text), "", "inside")
        return Label()

    def _near(self, target: Rect, hints: str) -> Label:
        own = self._free_words(None)
        left = nearest_left(own, target, FAR_LEFT_MM)
        above = nearest_above(own, target, FAR_ABOVE_MM)
        found = left or above
        if found and (len(plain(found.text)) > LONGEST_NAME or _TITLE.search(plain(found.text))):
            found = None
        return Label(plain(found.text), hints, "near") if found else Label("", hints)

    def _free_words(self, rect: Rect | None) -> list[Print]:
        lines = self._parts.prints_in(rect) if rect else [p for p in self._parts.prints if not p.vertical]
        found = [w for line in lines if not line.vertical for w in words(line)]
        return [
            w
            for w in found
            if not _PLACEHOLDERS.match(plain(w.text))
            and not any(r.holds(w.rect.middle) for r in self._option_rects)
        ]

    def _hints(self, target: Rect, cell: Frame | None) -> str:
        """What is explained to the right of the place, or in the cell as a note."""
        if cell is None:
            return ""
        lines = [p for p in self._parts.prints_in(cell.rect) if not p.vertical]
        told = [p for p in lines if is_note(p) or p.rect.left > target.right - 1]
        return " ".join(plain(p.text) for p in told if not _PLACEHOLDERS.match(plain(p.text)))

    def _left_cell(self, cell: Frame) -> Label:
        """The words of the cell on the left, when it is a label and not another place to write."""
        rect = cell.rect
        near = [
            f
            for f in self._parts.cells
            if abs(f.rect.right - rect.left) < TOUCH_MM
            and f.rect.shared_height(rect) >= 0.6 * min(f.rect.height, rect.height)
        ]
        for frame in sorted(near, key=lambda f: (f.rect.area, f.rect.top)):
            label = self._told_by(frame, "left")
            if label.text and not (label.text.isdigit() and self._above_cell(cell)):
                return self._numbered(label, frame)
        return Label()

    def _numbered(self, label: Label, frame: Frame) -> Label:
        """A question's number in the cell before it makes a shorter name than the question."""
        if len(label.text) <= LONGEST_NAME:
            return label
        before = self._left_cell(frame)
        number = re.fullmatch(r"[問質設]?問?[\((]?(\d{1,2})[\).)]?", before.text) if before.text else None
        return Label(f"問{number[1]}", label.text + label.hints, "left") if number else label

    def _above_cell(self, cell: Frame) -> Label:
        """The words of the cell above; in a table, the heading of the column."""
        rect = cell.rect
        for _ in range(40):
            upper = [f for f in self._parts.cells if _on_top(f.rect, rect)]
            if not upper:
                return Label()
            frame = min(upper, key=lambda f: f.rect.area)
            label = self._told_by(frame, "above")
            if label.text:
                return label
            if abs(frame.rect.width - rect.width) > 2:
                return Label()
            rect = frame.rect
        return Label()

    def _around(self, cell: Frame) -> Label:
        """The words left of the place in the cell around its cell, or above it there."""
        outer = self._parts.cell_around(cell.rect)
        own = self._free_words(outer.rect if outer else None)
        left = nearest_left(own, cell.rect, FAR_LEFT_MM)
        return Label(plain(left.text), "", "near") if left else Label()

    def _told_by(self, frame: Frame, where: str) -> Label:
        lines = [p for p in self._parts.prints_in(frame.rect) if not p.vertical]
        lines = [
            p for p in lines if not any(p.rect.grown(0.5, 0.5).holds(r.middle) for r in self._option_rects)
        ]
        lines = [p for p in lines if not _PLACEHOLDERS.match(plain(p.text))]
        if not lines or self._is_written_in(frame):
            return Label()
        largest = max(p.size for p in lines)
        main = [p for p in lines if p.size > 0.9 * largest and not _EXPLAINS.search(plain(p.text))] or lines
        notes = [p for p in lines if p not in main]
        return Label(joined(main), joined(notes), where)

    def _is_written_in(self, frame: Frame) -> bool:
        """Say whether the cell holds places to write."""
        rect = frame.rect
        rows = any(rect.contains(row.rect) for row in self._parts.rows)
        return rows or any(rect.contains(tick) for tick in self._parts.ticks)


def _on_top(upper: Rect, lower: Rect) -> bool:
    touching = abs(upper.bottom - lower.top) < TOUCH_MM
    return touching and upper.shared_width(lower) >= 0.6 * min(upper.width, lower.width)
