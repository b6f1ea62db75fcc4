"""Check a form template as a whole before it is used: `hakadori form check`.

Errors are what the office would refuse to start with, and a blank that is not the paper described. Advice is what works
but will be read badly: fields that overlap, cells too narrow to write in.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from backoffice.errors import DeclarationError, Problem, UserError
from backoffice.yaml_source import read_yaml
from ocr.intake import read_pages
from ocr.template import Form, examine
from ocr.template_cells import Box
from ocr.template_check import Draft, DraftPage, Place, boxes_with_places, draft_of, in_file_order
from ocr.template_fields import AnyField, BoxField, TableField
from ocr.template_times import DateField, TimeField

NARROWEST_MM = 2.5
"""Below this width neighbouring characters of an ordinary hand touch each other."""

TOUCH_MM = 0.5
"""Boxes may share an edge; they overlap when they share more than this in both directions."""

SIZE_MM = 2.0
"""A blank may differ from `size_mm` by so much on each side: what scanners and printers crop."""

SHAPE = 0.015
"""A picture that tells no trusted resolution may differ by this share in its proportions."""


@dataclass(frozen=True)
class Checked:
    """What came of checking a template.

    Attributes:
        form: The form, or None when it cannot be used.
        errors: What must be mended, in file order.
        advice: What should be looked at, in file order.
    """

    form: Form | None
    errors: tuple[Problem, ...]
    advice: tuple[Problem, ...]


def check_template(path: Path, lexicons: Collection[str] | None = None, *, blanks: bool = True) -> Checked:
    """Check a template and its blanks; one wrong field does not hide what is wrong with the others.

    Args:
        path: The YAML file.
        lexicons: Names of the lists that exist; None leaves `lexicon:` unchecked.
        blanks: Open the blanks too, which takes a second; the designer does not while somebody types.
    """
    form, errors = examine(path, lexicons)
    try:
        draft = draft_of(*read_yaml(path))
    except DeclarationError:
        return Checked(None, tuple(errors), ())  # no YAML at all: `examine` told why
    if blanks:
        errors = in_file_order([*errors, *(found for page in draft.pages for found in _blank(draft, page))])
    advice = in_file_order([*_overlaps(draft), *_narrow_cells(draft)])
    return Checked(None if errors else form, tuple(errors), tuple(advice))


def _blank(draft: Draft, page: DraftPage) -> Iterator[Problem]:
    """Yield why a blank cannot be read, lacks the page named, or has another size than the template says."""
    if page.blank is None or not page.blank.is_file():
        return  # told by `examine`
    place, name = ("pages", page.number), page.blank.name
    try:
        sizes = [(shape.gray.shape, shape.dpi) for shape in read_pages(page.blank)]
    except UserError as error:
        yield Problem(draft.source.locate((*place, "blank")), error.key, error.values)
        return
    if not 1 <= page.blank_page <= len(sizes):
        values = {"name": name, "page": page.blank_page, "pages": len(sizes)}
        yield draft.problem((*place, "blank_page"), "ocr.blank_page_missing", **values)
        return
    (height, width), dpi = sizes[page.blank_page - 1]
    found = (width / dpi * 25.4, height / dpi * 25.4)
    exact = page.blank.suffix.lower() == ".pdf"
    if page.size is not None and not _fits(found, page.size, exact=exact):
        shown, wanted = (f"{size[0]:.0f} × {size[1]:.0f}" for size in (found, page.size))
        yield draft.problem(
            (*place, "size_mm"), "ocr.blank_size_wrong", name=name, found=shown, wanted=wanted
        )


def _fits(found: tuple[float, float], wanted: tuple[float, float], *, exact: bool) -> bool:
    if exact:
        return all(abs(a - b) <= SIZE_MM for a, b in zip(found, wanted, strict=True))
    return abs((found[0] / found[1]) / (wanted[0] / wanted[1]) - 1) <= SHAPE


def _overlaps(draft: Draft) -> Iterator[Problem]:
    """Yield each field that overlaps one before it on its page, once for a pair."""
    for page in draft.pages:
        placed = [
            (field.name, inner, box)
            for place, field in page.fields
            for inner, box in _all_boxes(place, field)
        ]
        told: set[tuple[str, str]] = set()
        for (first, _, one), (second, place, other) in combinations(placed, 2):
            if (first, second) not in told and _share(one, other) > TOUCH_MM:
                told.add((first, second))
                yield draft.problem(place, "ocr.fields_overlap", name=second, other=first)


def _all_boxes(place: Place, field: AnyField | TableField) -> list[tuple[Place, Box]]:
    """Return the boxes of a field; of a table those of its first two rows, which are the same for all others."""
    boxes = boxes_with_places(place, field)
    if isinstance(field, TableField) and field.rows > 1:
        lower = [(inner, (x, y + field.pitch, w, h)) for inner, (x, y, w, h) in boxes]
        last = [(inner, (x, y + field.pitch * (field.rows - 1), w, h)) for inner, (x, y, w, h) in boxes]
        return boxes + lower + (last if field.rows > 2 else [])
    return boxes


def _share(one: Box, other: Box) -> float:
    """Return by how many mm two boxes overlap, in the direction in which they do so least; 0 or less for apart."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return min(across, down)


def _narrow_cells(draft: Draft) -> Iterator[Problem]:
    for place, declared in draft.declared():
        columns = declared.columns if isinstance(declared, TableField) else (declared,)
        for column, field in enumerate(columns):
            inner = (*place, "columns", column) if isinstance(declared, TableField) else place
            for at, width in _cell_widths(inner, field):
                if width < NARROWEST_MM:
                    yield draft.problem(at, "ocr.cells_narrow", name=field.name, width=f"{width:.1f}")


def _cell_widths(place: Place, field: AnyField) -> list[tuple[Place, float]]:
    if isinstance(field, DateField | TimeField):
        return [
            ((*place, part, "box"), row.box[2] / row.cells)
            for part, row in field.parts().items()
            if row.cells
        ]
    if isinstance(field, BoxField) and field.cell_count:
        return [((*place, "cells"), field.cell_width)]
    return []
