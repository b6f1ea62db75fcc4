"""Cells by their names: B2 is row 2, column 2; C3:D9 is a block of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from robots.workbooks.errors import TableFileWrong

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The size of a sheet since Excel 2007."""
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


def column_letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    """Return a cell's name, both numbers from 1."""
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of cells, both corners included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Say whether a cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    @property
    def name(self) -> str:
        """As written: B2, or B2:D9."""
        first, last = cell_name(self.top, self.left), cell_name(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield row and column of every cell, row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column


def read_block(written: str) -> Block:
    """Return the block that a text like B2 or B2:D9 names.

    Raises:
        TableFileWrong: It is no name of a cell, or lies outside of a sheet.
    """
    corners = [_CELL.fullmatch(part.strip()) for part in written.split(":")]
    places = [(int(corner[2]), column_number(corner[1])) for corner in corners if corner]
    if len(places) != len(corners) or len(places) > 2 or not all(_on_sheet(*place) for place in places):
        raise TableFileWrong("workbooks.cell_name_wrong", where=written, name=written)
    (top, left), (bottom, right) = places[0], places[-1]
    return Block(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _on_sheet(row: int, column: int) -> bool:
    return row <= LAST_ROW and column <= LAST_COLUMN
