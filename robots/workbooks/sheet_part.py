"""The part of one sheet, changed cell by cell: the bytes of every other cell stay as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from robots.workbooks.markup import (
    Element,
    Splice,
    append_inside,
    elements,
    prefix_of,
    set_attribute,
    spliced,
    without_attribute,
)
from robots.workbooks.places import Block, column_number, read_block

_TOP = frozenset({"sheetData", "dimension", "sheetProtection", "col", "row"})


@dataclass(frozen=True, slots=True)
class NewCell:
    """The XML that shall stand in a cell."""

    row: int
    column: int
    xml: bytes


class SheetPart:
    """The layout of a sheet's part, as far as some of its rows need it.

    Args:
        part: Its bytes.
        where: File and sheet, for messages.
        rows: Numbers of the rows whose cells will be changed or looked at.
    """

    def __init__(self, part: bytes, where: str, rows: Iterable[int]) -> None:
        wanted = frozenset(rows)
        self._part = part

        def keep(name: str, attributes: Mapping[str, str], around: Element | None) -> bool:
            if name in _TOP or around is None:
                return True
            if name == "f":
                return around.name == "c" or attributes.get("t") in ("array", "dataTable")
            if name != "c" or around.name != "row":
                return False
            return "r" not in around.attributes or int(around.attributes["r"]) in wanted

        self._elements = elements(part, where, keep)

    @cached_property
    def prefix(self) -> str:
        """The prefix of its elements, colon included; usually empty."""
        return prefix_of(self._part, self._elements[0])

    @property
    def is_protected(self) -> bool:
        """Whether the sheet protection is on."""
        own = [one.attributes for one in self._elements if one.name == "sheetProtection"]
        return any(one.get("sheet") in ("1", "true") for one in own)

    @cached_property
    def shared_results(self) -> list[Block]:
        """Blocks that one formula fills: array formulas and data tables."""
        return [
            read_block(one.attributes["ref"])
            for one in self._elements
            if one.name == "f"
            and one.attributes.get("t") in ("array", "dataTable")
            and "ref" in one.attributes
        ]

    def leads_shared_formula(self, row: int, column: int) -> bool:
        """Say whether other cells take their formula from this one."""
        cell = self._cells(row).get(column)
        return any(
            one.name == "f" and one.parent is cell and one.attributes.get("t") == "shared"
            for one in self._elements
            if cell is not None and "ref" in one.attributes
        )

    def default_style(self, row: int, column: int) -> int:
        """Return the style that an empty cell takes from its row or column."""
        own = self._rows.get(row)
        if own is not None and own.attributes.get("customFormat") in ("1", "true"):
            return int(own.attributes.get("s", "0"))
        for one in self._elements:
            if one.name == "col" and int(one.attributes["min"]) <= column <= int(one.attributes["max"]):
                return int(one.attributes.get("style", "0"))
        return 0

    def with_cells(self, cells: Sequence[NewCell]) -> bytes:
        """Return the part with cells replaced or added."""
        by_row: dict[int, list[NewCell]] = {}
        for cell in sorted(cells, key=lambda one: (one.row, one.column)):
            by_row.setdefault(cell.row, []).append(cell)
        splices = [
            splice
            for row, own in by_row.items()
            if row in self._rows
            for splice in self._in_row(self._rows[row], row, own)
        ]
        splices += self._new_rows({row: own for row, own in by_row.items() if row not in self._rows})
        splices += self._grown_dimension(cells)
        return spliced(self._part, splices)

    @cached_property
    def _rows(self) -> dict[int, Element]:
        found: dict[int, Element] = {}
        number = 0
        for one in self._elements:
            if one.name == "row":
                number = int(one.attributes.get("r", number + 1))
                found[number] = one
        return found

    @cached_property
    def _data(self) -> Element:
        return next(one for one in self._elements if one.name == "sheetData")

    def _cells(self, row: int) -> dict[int, Element]:
        found: dict[int, Element] = {}
        column = 0
        for one in self._elements:
            if one.name == "c" and one.parent is self._rows.get(row):
                letters = one.attributes.get("r", "").rstrip("0123456789")
                column = column_number(letters) if letters else column + 1
                found[column] = one
        return found

    def _in_row(self, element: Element, row: int, cells: list[NewCell]) -> list[Splice]:
        tag = self._part[element.start : element.inner]
        fresh = without_attribute(tag, "spans")
        if element.closes_itself:
            inside = b"".join(cell.xml for cell in cells)
            opened = fresh[:-2].rstrip() + b">" + inside + f"</{self.prefix}row>".encode()
            return [Splice(element.start, element.end, opened)]
        old = self._cells(row)
        splices = [] if set(old) >= {cell.column for cell in cells} else [
            Splice(element.start, element.inner, fresh)
        ]  # fmt: skip
        for cell in cells:
            here = old.get(cell.column)
            if here is not None:
                splices.append(Splice(here.start, here.end, cell.xml))
                continue
            after = next((one.start for column, one in old.items() if column > cell.column), element.close)
            splices.append(Splice(after, after, cell.xml))
        return splices

    def _new_rows(self, by_row: Mapping[int, list[NewCell]]) -> list[Splice]:
        name = f"{self.prefix}row"
        splices, at_end = [], b""
        for row, cells in by_row.items():
            made = (
                f'<{name} r="{row}">'.encode() + b"".join(cell.xml for cell in cells) + f"</{name}>".encode()
            )
            after = next((one.start for number, one in self._rows.items() if number > row), None)
            if after is None:
                at_end += made
            else:
                splices.append(Splice(after, after, made))
        return splices + (append_inside(self._part, self._data, at_end) if at_end else [])

    def _grown_dimension(self, cells: Sequence[NewCell]) -> list[Splice]:
        own = next((one for one in self._elements if one.name == "dimension"), None)
        if own is None:
            return []
        old = read_block(own.attributes.get("ref", "A1"))
        grown = Block(
            min([old.top, *(cell.row for cell in cells)]),
            min([old.left, *(cell.column for cell in cells)]),
            max([old.bottom, *(cell.row for cell in cells)]),
            max([old.right, *(cell.column for cell in cells)]),
        )
        return [] if grown == old else [set_attribute(self._part, own, "ref", grown.name)]
