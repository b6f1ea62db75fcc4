"""Put together what the recognisers saw of one field: the reading of its value, kind by kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocr.cells import CellCut, Cut, split_cells
from ocr.reading import ILLEGIBLE, RawReading
from ocr.recognisers.barcode import read_barcode
from ocr.recognisers.characters import CellReading
from ocr.recognisers.marks import (
    OptionMark,
    choose_many,
    choose_one,
    read_checkbox,
    read_circles,
    read_presence,
    read_ticks,
)
from ocr.recognisers.shapes import read_mark
from ocr.template_fields import AnyField, BarcodeField, BoxField, ChoiceField, LookField, MarkField
from ocr.template_times import DateField
from ocr.value_times import date_value, time_value
from ocr.values import Row, join_row, row_group

NOTHING = RawReading("", 1.0, parts=(("empty", 1.0),))
"""An empty field: a result, not an error."""


@dataclass(frozen=True)
class Seen:
    """What was seen of one field.

    Attributes:
        alphabet: What may stand in its cells.
        cuts: Its cells by part.
        cells: What each of them may say, None for an empty one.
        lines: What its free lines may say by part, None for an empty one.
        look: Its box, when it is looked at.
        options: Check boxes by option name.
        circles: One cut over all circled options, with each option's box in it.
    """

    alphabet: str
    cuts: Mapping[str, Sequence[CellCut]] = field(default_factory=dict)
    cells: Mapping[str, Sequence[CellReading | None]] = field(default_factory=dict)
    lines: Mapping[str, RawReading | None] = field(default_factory=dict)
    look: Cut | None = None
    options: Mapping[str, Cut] = field(default_factory=dict)
    circles: tuple[Cut, Mapping[str, tuple[int, int, int, int]]] | None = None

    def marks(self) -> list[OptionMark]:
        """Return how surely each option is marked."""
        return read_circles(*self.circles) if self.circles else read_ticks(self.options)

    @property
    def style(self) -> str:
        """Calibration group of a marked option."""
        return "circle" if self.circles else "tick"

    def row(self, part: str, kind: str) -> Row:
        """Return a part as a row, whether it was cells or a free space."""
        if part in self.lines:
            return _line_row(self.lines[part])
        cuts = self.cuts[part]
        group = row_group(kind, self.alphabet)
        return join_row(self.cells[part], [c.faint for c in cuts], group, [c.strokes for c in cuts])


def assemble(spec: AnyField, seen: Seen) -> RawReading:
    """Return the reading of a field from what was seen of it."""
    if isinstance(spec, ChoiceField):
        marks = seen.marks()
        raw = choose_one(marks) if spec.kind == "choice" else choose_many(marks)
        return _grouped(raw, seen.style)
    if isinstance(spec, BoxField):
        return seen.row("", spec.kind).as_kind(spec) if seen.cuts else seen.lines[""] or NOTHING
    if isinstance(spec, LookField | MarkField | BarcodeField):
        return NOTHING if seen.look is None else _look(spec, seen.look)
    if "" in seen.lines:
        return seen.lines[""] or NOTHING
    rows = {part: seen.row(part, spec.kind) for part in spec.parts()}
    marked = seen.options or seen.circles
    chosen = _grouped(choose_one(seen.marks()), seen.style) if marked else None
    if isinstance(spec, DateField):
        return date_value(spec, rows, chosen)
    return time_value(spec, rows, chosen)


def _look(spec: LookField | MarkField | BarcodeField, look: Cut) -> RawReading:
    if isinstance(spec, BarcodeField):
        return read_barcode(look, spec.formats)
    if isinstance(spec, MarkField):
        return mark_value(spec, look)
    if spec.kind == "checkbox":
        return _grouped(read_checkbox(look), "tick")
    return _grouped(read_presence(look), "presence")


def mark_value(spec: MarkField, look: Cut) -> RawReading:
    """Return the mark drawn in a box by the name that the form gives it; "" when nothing is drawn.

    A clear mark that the form does not know is not taken for one that it knows: the reading says so and a person looks.
    """
    cell = split_cells(look, 1)[0]
    if not cell.filled:
        return NOTHING
    raw = read_mark(cell.whole)
    names: Mapping[str, str] = {str(mark): name for mark, name in spec.marks.items()}
    candidates = tuple((names[mark], p) for mark, p in raw.candidates if mark in names)
    if raw.value == "blank":
        return RawReading("", 0.5, reason="ocr.faint", parts=(("empty", 0.5),))
    if raw.value not in names:
        return RawReading(ILLEGIBLE, 0.0, candidates, "ocr.mark_foreign", raw.parts)
    return RawReading(names[raw.value], raw.score, candidates, raw.reason, raw.parts)


def _line_row(raw: RawReading | None) -> Row:
    if raw is None:
        return Row((("", 1.0),), (("empty", 1.0),))
    texts = raw.candidates or ((raw.value, raw.score),)
    return Row(texts, raw.parts or (("line", raw.score),), raw.reason)


def _grouped(raw: RawReading, group: str) -> RawReading:
    return RawReading(raw.value, raw.score, raw.candidates, raw.reason, ((group, raw.score),))
