"""Cut the fields of a page, and put what the recognisers saw together into values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ocr.alphabets import alphabet_of
from ocr.cells import PX_PER_MM, CellCut, Cut, PageInk, cut, split_cells
from ocr.names import join_parts, split_name, with_surname
from ocr.reading import Gray, RawReading
from ocr.recognisers.characters import Cell, CellReading, Networks, read_cells, read_lines
from ocr.recognisers.marks import (
    OptionMark,
    choose_many,
    choose_one,
    read_checkbox,
    read_circles,
    read_presence,
    read_ticks,
)
from ocr.template import AnyField, Box, BoxField, CellRow, ChoiceField, DateField, EraChoice
from ocr.values import date_value, join_row, row_group

IMAGE_DPI = 150
"""Resolution of the upright page image that people look at."""


@dataclass(frozen=True)
class FieldInk:
    """One field cut out of a page.

    Attributes:
        spec: The field as declared.
        page: Page of the form, from 1.
        box_px: x, y, width, height on the page image at IMAGE_DPI.
        crop: The field with a margin, for people.
        rows: Character cells by part: "" for a plain field, "year", "month", "day" for a date.
        line: A free line or a box to look at.
        options: Check boxes by option name.
        circles: One cut over all circled options, with each option's box in it.
    """

    spec: AnyField
    page: int
    box_px: tuple[int, int, int, int]
    crop: Gray = field(repr=False)
    rows: Mapping[str, Sequence[CellCut]] = field(default_factory=dict, repr=False)
    line: Cut | None = field(default=None, repr=False)
    options: Mapping[str, Cut] = field(default_factory=dict, repr=False)
    circles: tuple[Cut, Mapping[str, tuple[int, int, int, int]]] | None = field(default=None, repr=False)

    def after_reading(self) -> "FieldInk":
        """Return the field with its crop alone; a file of hundreds of pages must not keep every cell."""
        return replace(self, rows={}, line=None, options={}, circles=None)


def cut_fields(page: PageInk) -> list[FieldInk]:
    """Cut every field that the page's template declares."""
    return [_cut_field(page, spec) for spec in page.blank.template.fields]


def read_fields(networks: Networks, fields: Sequence[FieldInk]) -> list[RawReading]:
    """Read all fields; all their cells go through the network together, and so do all their lines."""
    slots: list[tuple[int, str, int]] = []
    cells: list[Cell] = []
    lines: list[tuple[int, Cell]] = []
    for number, ink in enumerate(fields):
        for part, row in ink.rows.items():
            filled = [(number, part, i) for i, cell in enumerate(row) if cell.filled and not cell.faint]
            slots += filled
            cells += [
                Cell(row[i].gray, row[i].strokes, _alphabet(ink.spec), row[i].whole) for _, _, i in filled
            ]
        if ink.line is not None and _is_line(ink):
            line = _line_cell(ink.line, _alphabet(ink.spec))
            lines += [(number, part) for part in (split_name(line) if ink.spec.kind == "kanji" else [line])]
    seen = dict(zip(slots, read_cells(networks, cells), strict=True))
    texts: dict[int, RawReading] = {}
    for (number, _), text in zip(lines, read_lines(networks, [cell for _, cell in lines]), strict=True):
        texts[number] = (
            join_parts(texts[number], text) if number in texts else with_surname(text, fields[number].spec)
        )
    return [_assemble(ink, number, seen, texts) for number, ink in enumerate(fields)]


def _cut_field(page: PageInk, spec: AnyField) -> FieldInk:
    around = _around(spec.boxes())
    whole = cut(page, around, 3.0)
    box_px = tuple(round(v / 25.4 * IMAGE_DPI) for v in around)
    base = {"spec": spec, "page": page.blank.page, "box_px": box_px, "crop": whole.gray}
    if isinstance(spec, DateField):
        rows = {part: split_cells(cut(page, row.box), row.cells) for part, row in _date_rows(spec).items()}
        marks = (
            _cut_marks(page, spec.era.style, {str(k): v for k, v in spec.era.options.items()})
            if isinstance(spec.era, EraChoice)
            else {}
        )
        return FieldInk(**base, rows=rows, **marks)  # type: ignore[arg-type]
    if isinstance(spec, ChoiceField):
        return FieldInk(**base, **_cut_marks(page, spec.style, spec.options))  # type: ignore[arg-type]
    if spec.cells and spec.kind not in ("seal", "signature", "checkbox", "mark"):
        return FieldInk(**base, rows={"": split_cells(cut(page, spec.box), spec.cells)})  # type: ignore[arg-type]
    return FieldInk(**base, line=cut(page, spec.box, 1.5))  # type: ignore[arg-type]


def _cut_marks(page: PageInk, style: str, options: Mapping[str, Box]) -> dict[str, object]:
    if style == "tick":
        return {"options": {name: cut(page, box, 2.5) for name, box in options.items()}}
    whole = cut(page, _around(list(options.values())), 4.0)
    boxes = {}
    first = _around(list(options.values()))
    for name, (x, y, width, height) in options.items():
        at_x = whole.box[0] + round((x - first[0]) * PX_PER_MM)
        at_y = whole.box[1] + round((y - first[1]) * PX_PER_MM)
        boxes[name] = (at_x, at_y, round(width * PX_PER_MM), round(height * PX_PER_MM))
    return {"circles": (whole, boxes)}


def _assemble(
    ink: FieldInk,
    number: int,
    seen: Mapping[tuple[int, str, int], CellReading],
    texts: Mapping[int, RawReading],
) -> RawReading:
    spec = ink.spec
    rows = {
        part: join_row(
            [seen.get((number, part, i)) for i in range(len(row))],
            [cell.faint for cell in row],
            row_group(spec.kind, _alphabet(spec)),
            [cell.strokes for cell in row],
        )
        for part, row in ink.rows.items()
    }
    if isinstance(spec, DateField):
        return date_value(
            spec, rows, choose_one(_option_marks(ink)) if isinstance(spec.era, EraChoice) else None
        )
    if isinstance(spec, ChoiceField):
        marks = _option_marks(ink)
        raw = choose_one(marks) if spec.kind == "choice" else choose_many(marks)
        return _with_group(raw, "tick" if spec.style == "tick" else "circle")
    if rows:
        return rows[""].as_kind(spec)
    if spec.kind in ("seal", "signature") and ink.line is not None:
        return _with_group(read_presence(ink.line), "presence")
    if spec.kind in ("checkbox", "mark") and ink.line is not None:
        return _with_group(read_checkbox(ink.line), "tick")
    return (
        _with_group(texts[number], "line")
        if number in texts
        else RawReading("", 1.0, parts=(("empty", 1.0),))
    )


def _option_marks(ink: FieldInk) -> list[OptionMark]:
    return read_circles(*ink.circles) if ink.circles else read_ticks(ink.options)


def _with_group(raw: RawReading, group: str) -> RawReading:
    return RawReading(raw.value, raw.score, raw.candidates, raw.reason, ((group, raw.score),))


def _is_line(ink: FieldInk) -> bool:
    kind = ink.spec.kind
    if ink.line is None or kind in ("seal", "signature", "checkbox", "mark"):
        return False
    return _whole_line(ink.line).filled


def _whole_line(line: Cut) -> CellCut:
    """Return a free line as one cell: the strokes that lie at least half inside the box."""
    return split_cells(line, 1)[0]


def _line_cell(line: Cut, alphabet: str) -> Cell:
    whole = _whole_line(line)
    return Cell(whole.gray, whole.strokes, alphabet)


def _alphabet(spec: AnyField) -> str:
    own = spec.alphabet if isinstance(spec, BoxField) else None
    return own or alphabet_of(spec.kind)


def _date_rows(spec: DateField) -> dict[str, CellRow]:
    return {"year": spec.year, "month": spec.month, "day": spec.day}


def _around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes."""
    table = np.array(boxes)
    left, top = table[:, 0].min(), table[:, 1].min()
    right, bottom = (table[:, 0] + table[:, 2]).max(), (table[:, 1] + table[:, 3]).max()
    return float(left), float(top), float(right - left), float(bottom - top)
