"""What stands in the cells of one sheet, read in one pass: values, formulas, errors, looks, merged blocks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from robots.workbooks.markup import run_parser, safe_parser
from robots.workbooks.places import Block, cell_name, column_number, read_block

_TALL_ROWS = 1000
"""A merged block of more rows is kept apart: few sheets have one, and its rows need not be listed."""
_HIDDEN_CHARACTER = re.compile("_x([0-9A-Fa-f]{4})_")


class Kind(StrEnum):
    """What a cell holds."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # written as an ISO date by other programs than Excel
    TRUTH = "truth"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is stored.

    Attributes:
        row: From 1.
        column: From 1.
        kind: What it holds; of a formula, its last result.
        value: The text, the number as written, "1" or "0", or the error such as #N/A.
        style: Its style number.
        formula: Whether a formula stands in it.
    """

    row: int
    column: int
    kind: Kind = Kind.EMPTY
    value: str = ""
    style: int = 0
    formula: bool = False

    @property
    def name(self) -> str:
        """Its name, such as B2."""
        return cell_name(self.row, self.column)

    @property
    def has_no_result(self) -> bool:
        """Whether a formula was never calculated: the program that wrote the file did not do it."""
        return self.formula and self.kind is Kind.EMPTY


@dataclass
class Cells:
    """The cells of a sheet that hold something or are formatted.

    Attributes:
        rows: Row number → column number → cell, in the order of the file.
        merged: Merged blocks; only the first cell of each has a value.
    """

    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Block] = field(default_factory=list)

    def at(self, row: int, column: int) -> Cell:
        """Return a cell; an empty one where nothing is stored."""
        return self.rows.get(row, {}).get(column) or Cell(row, column)

    def merged_at(self, row: int, column: int) -> Block | None:
        """Return the merged block that a cell belongs to."""
        near, tall = self._blocks
        return next((block for block in (*near.get(row, ()), *tall) if block.holds(row, column)), None)

    @cached_property
    def _blocks(self) -> tuple[Mapping[int, Sequence[Block]], Sequence[Block]]:
        """The blocks by row, and apart from them those of very many rows: thousands of rows may hold thousands."""
        near: dict[int, list[Block]] = {}
        tall = []
        for block in self.merged:
            if block.bottom - block.top >= _TALL_ROWS:
                tall.append(block)
                continue
            for row in range(block.top, block.bottom + 1):
                near.setdefault(row, []).append(block)
        return near, tall

    @property
    def last_row(self) -> int:
        """The number of the last row with a value or a formula; 0 for an empty sheet."""
        filled = (
            row
            for row, cells in self.rows.items()
            if any(cell.kind is not Kind.EMPTY or cell.formula for cell in cells.values())
        )
        return max(filled, default=0)


def read_cells(part: bytes, strings: Sequence[str], where: str) -> Cells:
    """Read a sheet.

    Args:
        part: The bytes of the sheet's part.
        strings: The workbook's shared texts.
        where: File and sheet, for messages.

    Raises:
        TableFileWrong: The part is damaged.
    """
    reader = _Reader(strings)
    parser = safe_parser(where)
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler = reader.text
    run_parser(parser, part, where)
    return reader.cells


def read_strings(part: bytes, where: str) -> list[str]:
    """Read the shared texts of a workbook; furigana is left out."""
    reader = _TextReader()
    parser = safe_parser(where)
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler = reader.text
    run_parser(parser, part, where)
    return reader.found


def shown_text(stored: str) -> str:
    """Return a stored text with `_x000D_` and the like turned back into their characters (ECMA-376, ST_Xstring)."""
    return _HIDDEN_CHARACTER.sub(lambda one: chr(int(one[1], 16)), stored) if "_x" in stored else stored


class _TextReader:
    """Collects the texts of `si`; `rPh` is furigana."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._taking = self._phonetic = False

    def begin(self, name: str, _attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            self._pieces = []
        elif local == "rPh":
            self._phonetic = True
        elif local == "t":
            self._taking = not self._phonetic

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            self.found.append(shown_text("".join(self._pieces)))
        elif local == "rPh":
            self._phonetic = False
        elif local == "t":
            self._taking = False

    def text(self, content: str) -> None:
        if self._taking:
            self._pieces.append(content)


class _Reader:
    """Follows a sheet from element to element. Numbers of rows and cells may be left out; then they count on."""

    def __init__(self, strings: Sequence[str]) -> None:
        self.cells = Cells()
        self._strings = strings
        self._row = self._column = 0
        self._attributes: Mapping[str, str] = {}
        self._pieces: list[str] = []
        self._taking = self._phonetic = self._formula = self._result = self._in_data = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "mergeCell":
            self.cells.merged.append(read_block(attributes["ref"]))
        elif local == "sheetData":
            self._in_data = True
        elif self._in_data:
            self._begin_in_data(local, attributes)

    def _begin_in_data(self, local: str, attributes: dict[str, str]) -> None:
        if local == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif local == "c":
            written = attributes.get("r", "")
            letters = written.rstrip("0123456789")
            self._column = column_number(letters) if letters else self._column + 1
            self._attributes, self._pieces = attributes, []
            self._formula = self._result = False
        elif local == "f":
            self._formula = True
        elif local in ("v", "t"):
            self._taking = not self._phonetic
            self._result = True
        elif local == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        if not self._in_data:
            return
        local = name.rpartition(":")[2]
        if local in ("v", "t"):
            self._taking = False
        elif local == "c":
            self._keep()
        elif local == "rPh":
            self._phonetic = False
        elif local == "sheetData":
            self._in_data = False

    def text(self, content: str) -> None:
        if self._taking:
            self._pieces.append(content)

    def _keep(self) -> None:
        kind, value = self._value(self._attributes.get("t", "n"), "".join(self._pieces))
        style = int(self._attributes.get("s", "0"))
        cell = Cell(self._row, self._column, kind, value, style, self._formula)
        self.cells.rows.setdefault(self._row, {})[self._column] = cell

    def _value(self, kind: str, written: str) -> tuple[Kind, str]:
        if kind == "s" and written:
            written = self._strings[int(written)]
        elif kind in ("str", "inlineStr"):
            written = shown_text(written)
        if kind == "str" and self._formula and self._result:
            return Kind.TEXT, written  # =IF(A2="","",…): calculated, and the result is no text at all
        return (_KINDS[kind], written) if written else (Kind.EMPTY, "")


_KINDS: dict[str, Any] = {
    "s": Kind.TEXT, "str": Kind.TEXT, "inlineStr": Kind.TEXT, "n": Kind.NUMBER, "b": Kind.TRUTH,
    "e": Kind.ERROR, "d": Kind.DATE,
}  # fmt: skip
