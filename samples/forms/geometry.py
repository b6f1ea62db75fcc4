"""Where the fields of a form are, as plain rectangles in millimetres.

A clerk's template (``configs/forms/*.yaml``) is the one place where positions are written down. The blanks
are drawn from it and the composed scans are filled by it, so paper and template cannot drift apart.

Units: millimetres; the origin is the top-left corner of the page; ``Box`` is (x, y, width, height).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TEMPLATES = Path("configs") / "forms"
FORMS = ("kouza_furikae", "idou_todoke", "yobou_yoshin")
DATE_PARTS = ("year", "month", "day")


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, mm from the top left."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Right edge, mm."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Bottom edge, mm."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the rectangle, mm."""
        return self.x + self.w / 2, self.y + self.h / 2

    def cell(self, index: int, count: int) -> Box:
        """Return cell ``index`` (0-based, from the left) of ``count`` equal cells."""
        width = self.w / count
        return Box(self.x + width * index, self.y, width, self.h)


@dataclass(frozen=True)
class CellRow:
    """A box divided into equal character cells; ``count`` is 0 for a free line."""

    box: Box
    count: int

    def cells(self) -> Iterator[Box]:
        """Yield the cells from left to right."""
        for index in range(self.count):
            yield self.box.cell(index, self.count)


@dataclass(frozen=True)
class FieldPlace:
    """One field of the template: its kind and every rectangle that belongs to it."""

    name: str
    kind: str
    style: str
    era: str
    required: bool
    decimals: int
    rows: Mapping[str, CellRow]
    options: Mapping[str, Box]

    @property
    def row(self) -> CellRow:
        """The only row of a field that is not a date."""
        return self.rows[""]


@dataclass(frozen=True)
class PagePlace:
    """One page of a form. ``size`` is (width, height) in mm; ``marks`` are centres of the corner marks."""

    number: int
    size: tuple[float, float]
    marks: tuple[tuple[float, float], ...]
    mark_size: float
    fields: Mapping[str, FieldPlace]


@dataclass(frozen=True)
class FormPlace:
    """All pages of a form."""

    form: str
    title: str
    pages: tuple[PagePlace, ...]

    def field(self, name: str) -> FieldPlace:
        """Return the field of that name from whichever page has it."""
        for page in self.pages:
            if name in page.fields:
                return page.fields[name]
        raise KeyError(name)


def load_place(form: str, templates: Path = TEMPLATES) -> FormPlace:
    """Read the rectangles of ``form`` from its template."""
    loader = YAML(typ="safe", pure=True)
    document: dict[str, Any] = loader.load((templates / f"{form}.yaml").read_text(encoding="utf-8"))
    pages = tuple(_page(page) for page in document["pages"])
    return FormPlace(document["form"], document["title"], pages)


def _page(page: Mapping[str, Any]) -> PagePlace:
    width, height = page["size_mm"]
    marks = tuple((float(x), float(y)) for x, y in page.get("marks_mm", ()))
    fields = {field["name"]: _field(field) for field in page["fields"]}
    return PagePlace(
        number=int(page["blank_page"]),
        size=(float(width), float(height)),
        marks=marks,
        mark_size=float(page.get("mark_size_mm", 0)),
        fields=fields,
    )


def _field(field: Mapping[str, Any]) -> FieldPlace:
    era = field.get("era", "")
    options = field.get("options", {}) if isinstance(era, str) else era["options"]
    return FieldPlace(
        name=field["name"],
        kind=field["kind"],
        style=field.get("style", "") if isinstance(era, str) else era["style"],
        era=era if isinstance(era, str) else "",
        required=bool(field.get("required", True)),
        decimals=int(field.get("decimals", 0)),
        rows=_rows(field),
        options={name: Box(*map(float, box)) for name, box in options.items()},
    )


def _rows(field: Mapping[str, Any]) -> dict[str, CellRow]:
    if "box" in field:
        return {"": _row(field)}
    return {part: _row(field[part]) for part in DATE_PARTS if part in field}


def _row(part: Mapping[str, Any]) -> CellRow:
    return CellRow(Box(*map(float, part["box"])), int(part.get("cells", 0)))
