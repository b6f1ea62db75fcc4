"""Cut the fields of a page, and let the recognisers look at all of them together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ocr.alphabets import DIGITS, alphabet_of
from ocr.cell_places import CROP_MARGIN_MM
from ocr.cells import PX_PER_MM, CellCut, Cut, PageInk, cut, split_cells, split_spans
from ocr.field_values import Seen, assemble
from ocr.language import AnyText, Language
from ocr.languages import language_of, line_group
from ocr.masters import Lexicon, with_list
from ocr.names import join_parts, split_name
from ocr.reading import Gray, RawReading
from ocr.recognisers.characters import Cell, CellReading, Networks, read_cells
from ocr.recognisers.lines import read_lines
from ocr.template_cells import Box
from ocr.template_fields import AnyField, BoxField, ChoiceField
from ocr.template_times import CellRow, DateField, TimeField
from ocr.value_lines import line_alphabet, shape_line
from ocr.values import YEN

IMAGE_DPI = 150
"""Resolution of the upright page image that people look at."""

Slot = tuple[int, str, int]
"""Number of the field, part of it, number of the cell."""

YEN_PART = "yen"
"""The part under which the first filled cell of an amount is asked once more, whether it is a ¥."""


@dataclass(frozen=True)
class FieldInk:
    """One field cut out of a page.

    Attributes:
        spec: The field as declared.
        page: Page of the form, from 1.
        box_px: x, y, width, height on the page image at IMAGE_DPI.
        crop: The field with a margin, for people.
        rows: Character cells by part: "" for a plain field, "year", "month", "day" for a date, and so on.
        lines: Free lines by part.
        look: A box that is looked at, not read as characters.
        options: Check boxes by option name.
        circles: One cut over all circled options, with each option's box in it.
        lexicon: The list of allowed values, if the field has one.
    """

    spec: AnyField
    page: int
    box_px: tuple[int, int, int, int]
    crop: Gray = field(repr=False)
    rows: Mapping[str, Sequence[CellCut]] = field(default_factory=dict, repr=False)
    lines: Mapping[str, Cut] = field(default_factory=dict, repr=False)
    look: Cut | None = field(default=None, repr=False)
    options: Mapping[str, Cut] = field(default_factory=dict, repr=False)
    circles: tuple[Cut, Mapping[str, tuple[int, int, int, int]]] | None = field(default=None, repr=False)
    lexicon: Lexicon | None = field(default=None, repr=False)

    def after_reading(self) -> "FieldInk":
        """Return the field with its crop alone; a file of hundreds of pages must not keep every cell."""
        return replace(self, rows={}, lines={}, look=None, options={}, circles=None)


def cut_fields(page: PageInk) -> list[FieldInk]:
    """Cut every field that the page's template declares."""
    lists = page.blank.lexicons
    return [
        replace(_cut_field(page, spec), lexicon=lists.get(spec.name)) for spec in page.blank.template.fields
    ]


def read_fields(networks: Networks, fields: Sequence[FieldInk]) -> list[RawReading]:
    """Read all fields; all their cells go through the network together, and so do all their lines."""
    cells = [found for number, ink in enumerate(fields) for found in _filled_cells(number, ink)]
    lines = [found for number, ink in enumerate(fields) for found in _filled_lines(number, ink)]
    seen = dict(
        zip([slot for slot, _ in cells], read_cells(networks, [cell for _, cell in cells]), strict=True)
    )
    texts: dict[tuple[int, str], RawReading] = {}
    spoken = [_language(fields[number], part) for (number, part, _), _ in lines]
    read = read_lines(networks, [cell for _, cell in lines], languages=spoken)
    for ((number, part, piece), _), text in zip(lines, read, strict=True):
        spec = fields[number].spec
        told = replace(text, parts=((line_group(spec.kind), text.score),))
        known = texts.get((number, part))
        shaped = shape_line(told, spec) if part == "" else told
        texts[number, part] = shaped if known is None or not piece else join_parts(known, told)
    raws = [assemble(ink.spec, _seen(ink, number, seen, texts)) for number, ink in enumerate(fields)]
    return [_with_list(networks, ink, raw) for ink, raw in zip(fields, raws, strict=True)]


def _filled_cells(number: int, ink: FieldInk) -> Iterator[tuple[Slot, Cell]]:
    """Yield the filled cells of a field, each with what may stand in it."""
    alphabet = _cell_alphabet(ink.spec)
    asked = isinstance(ink.spec, BoxField) and ink.spec.yen
    for part, row in ink.rows.items():
        for index, cell in enumerate(row):
            if not cell.filled or cell.faint:
                continue
            yield (number, part, index), Cell(cell.gray, cell.strokes, alphabet, cell.whole)
            if asked:  # kanji in the alphabet leave the question to the text reader, which knows ¥
                yield (number, YEN_PART, index), Cell(cell.gray, cell.strokes, YEN + DIGITS, cell.whole)
                asked = False


def _filled_lines(number: int, ink: FieldInk) -> Iterator[tuple[Slot, Cell]]:
    """Yield the free lines with ink on them; a name in two pieces, where it has a clear space."""
    for part, line in ink.lines.items():
        whole = split_cells(line, 1)[0]
        if not whole.filled:
            continue
        cell = Cell(whole.gray, whole.strokes, line_alphabet(ink.spec) if part == "" else DIGITS + "元")
        pieces = split_name(cell) if ink.spec.kind == "kanji" and ink.lexicon is None else [cell]
        yield from (((number, part, index), piece) for index, piece in enumerate(pieces))


def _language(ink: FieldInk, part: str) -> Language:
    """Return what a free line speaks: its list, or the language of its kind; with an alphabet of its own, none."""
    if part or ink.lexicon is not None:
        return ink.lexicon or AnyText()
    own = isinstance(ink.spec, BoxField) and ink.spec.alphabet
    return AnyText() if own else language_of(ink.spec.kind)


def _with_list(networks: Networks, ink: FieldInk, raw: RawReading) -> RawReading:
    if ink.lexicon is None or not raw.value:
        return raw
    written = "".join(sorted(ink.lexicon.characters()))
    never = set(written) - set(networks.line.known(written))
    return with_list(raw, ink.lexicon, never)


def _seen(
    ink: FieldInk,
    number: int,
    seen: Mapping[Slot, CellReading],
    texts: Mapping[tuple[int, str], RawReading],
) -> Seen:
    """Return what was seen of one field."""
    cells = {
        part: [_without_yen(seen, (number, part, index)) for index in range(len(row))]
        for part, row in ink.rows.items()
    }
    lines = {part: texts.get((number, part)) for part in ink.lines}
    return Seen(_cell_alphabet(ink.spec), ink.rows, cells, lines, ink.look, ink.options, ink.circles)


def _without_yen(seen: Mapping[Slot, CellReading], slot: Slot) -> CellReading | None:
    """Return the reading of a cell; the sign for yen when that is what the text reader sees in it."""
    sign = seen.get((slot[0], YEN_PART, slot[2]))
    return sign if sign is not None and sign.best in YEN else seen.get(slot)


def _cut_field(page: PageInk, spec: AnyField) -> FieldInk:
    around = _around(spec.boxes())
    whole = cut(page, around, CROP_MARGIN_MM)
    box_px = _on_image(around)
    ink = FieldInk(spec, page.blank.page, box_px, whole.gray)
    if isinstance(spec, ChoiceField):
        return _with_marks(ink, page, spec.style, spec.options)
    if isinstance(spec, DateField | TimeField):
        ink = _with_parts(ink, page, spec.parts())
        ink = replace(ink, lines={"": cut(page, spec.box, 1.5)}) if spec.box else ink
        chosen = spec.era if isinstance(spec, DateField) else spec.half
        if chosen is None or isinstance(chosen, str):
            return ink
        return _with_marks(ink, page, chosen.style, {str(name): box for name, box in chosen.options.items()})
    if isinstance(spec, BoxField) and spec.cell_count:
        cells = [cell for box in spec.row_boxes() for cell in split_spans(cut(page, box), spec.spans())]
        return replace(ink, rows={"": cells})
    if isinstance(spec, BoxField):
        return replace(ink, lines={"": cut(page, spec.box, 1.5)})
    return replace(ink, look=cut(page, spec.box, 1.5))


def _with_parts(ink: FieldInk, page: PageInk, parts: Mapping[str, CellRow]) -> FieldInk:
    rows = {part: split_cells(cut(page, row.box), row.cells) for part, row in parts.items() if row.cells}
    lines = {part: cut(page, row.box, 1.5) for part, row in parts.items() if not row.cells}
    return replace(ink, rows=rows, lines=lines)


def _with_marks(ink: FieldInk, page: PageInk, style: str, options: Mapping[str, Box]) -> FieldInk:
    if style == "tick":
        return replace(ink, options={name: cut(page, box, 2.5) for name, box in options.items()})
    first = _around(list(options.values()))
    whole = cut(page, first, 4.0)
    boxes = {}
    for name, (x, y, width, height) in options.items():
        at_x = whole.box[0] + round((x - first[0]) * PX_PER_MM)
        at_y = whole.box[1] + round((y - first[1]) * PX_PER_MM)
        boxes[name] = (at_x, at_y, round(width * PX_PER_MM), round(height * PX_PER_MM))
    return replace(ink, circles=(whole, boxes))


def _cell_alphabet(spec: AnyField) -> str:
    """Return what may stand in a cell of the field; nothing for a field without characters."""
    own = spec.alphabet if isinstance(spec, BoxField) else None
    read = isinstance(spec, BoxField | DateField | TimeField)
    return own or (alphabet_of(spec.kind) if read else "")


def _on_image(box: Box) -> tuple[int, int, int, int]:
    x, y, width, height = (round(v / 25.4 * IMAGE_DPI) for v in box)
    return x, y, width, height


def _around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes."""
    table = np.array(boxes)
    left, top = table[:, 0].min(), table[:, 1].min()
    right, bottom = (table[:, 0] + table[:, 2]).max(), (table[:, 1] + table[:, 3]).max()
    return float(left), float(top), float(right - left), float(bottom - top)
