"""Tables with headings, whether they stand in a sheet or in a CSV file: the same rows, the same complaints."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.suggest import did_you_mean
from robots.columns import Column, Origin, value_of
from robots.workbooks.book import Book, Sheet
from robots.workbooks.cells import Cell, Cells, Kind
from robots.workbooks.csv_text import CsvText
from robots.workbooks.errors import TableFileWrong
from robots.workbooks.places import column_letters
from robots.workbooks.styles import Look

ANYTHING = Column()
"""A column that nobody declared: text."""


@dataclass(frozen=True)
class Table:
    """A table: headings, rows of cells, and how to understand them.

    Attributes:
        name: File and sheet, for messages.
        headings: Heading → column number; a heading that stands there twice is not among them.
        twice: Headings that stand there more than once.
        first_row: The number of the first row below the headings.
        origin: How its numbers are to be understood.
        cells: All its cells.
    """

    name: str
    headings: Mapping[str, int]
    twice: Collection[str]
    first_row: int
    origin: Origin
    cells: Cells

    def column(self, heading: str) -> int:
        """Return the number of a column.

        Raises:
            TableFileWrong: There is no such heading, or more than one.
        """
        if heading in self.twice:
            raise TableFileWrong("workbooks.heading_twice", where=self.name, heading=heading)
        if heading not in self.headings:
            hint = did_you_mean(heading, self.headings)
            row = self.first_row - 1
            raise TableFileWrong(
                "workbooks.heading_missing", where=self.name, heading=heading, row=row, hint=hint
            )
        return self.headings[heading]

    def rows(self, columns: Mapping[str, Column]) -> Iterator["Row"]:
        """Yield every row that holds something in one of the columns.

        Args:
            columns: Name of the value → its column; all of them must be in the table.

        Raises:
            TableFileWrong: A column is missing.
        """
        places = {name: self.column(column.heading or name) for name, column in columns.items()}
        for number in sorted(row for row in self.cells.rows if row >= self.first_row):
            stored = self.cells.rows[number]
            own = {name: stored.get(at) or Cell(number, at) for name, at in places.items()}
            if any(cell.value or cell.has_no_result for cell in own.values()):
                yield Row(self, number, own, columns)

    def all_columns(self) -> dict[str, Column]:
        """Return a column of text for every heading."""
        return dict.fromkeys(self.headings, ANYTHING)


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        table: Its table.
        number: In the file, from 1.
        cells: Name of the value → cell.
        columns: Name of the value → what it shall be.
    """

    table: Table
    number: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, Column]

    def record(self) -> dict[str, str]:
        """Return the values.

        Raises:
            TableFileWrong: The first cell that does not fit, with its place.
        """
        return {name: self._value(name, cell) for name, cell in self.cells.items()}

    def _value(self, name: str, cell: Cell) -> str:
        column = self.columns[name]
        heading = column.heading or name
        block = self.table.cells.merged_at(cell.row, cell.column)
        if block is not None:
            raise TableFileWrong(
                "workbooks.cell_merged",
                where=self.table.origin.place(cell),
                row=cell.row,
                column=column_letters(cell.column),
                heading=heading,
                block=block.name,
            )
        return value_of(cell, heading, column, self.table.origin)


def sheet_table(book: Book, sheet: Sheet, heading_row: int = 1) -> Table:
    """Return the table on a sheet.

    Raises:
        TableFileWrong: There is nothing in the row of the headings.
    """
    cells = book.cells(sheet)
    place = book.place(sheet.name)
    origin = Origin(book.styles.look, book.moment, book.is_stale, lambda cell: f"{place}!{cell.name}")
    return _table(place, cells, heading_row, origin)


def csv_table(text: CsvText, heading_row: int = 1) -> Table:
    """Return the table in a CSV file. Every value is text; row numbers count records, headings included."""
    cells = Cells()
    for number, values in enumerate(text.rows, start=1):
        own = {
            at: Cell(number, at, Kind.TEXT if value else Kind.EMPTY, value)
            for at, value in enumerate(values, start=1)
        }
        cells.rows[number] = own
    plain = Look("@", False, False)

    def no_moment(number: float) -> datetime:
        raise ValueError(number)

    origin = Origin(lambda _: plain, no_moment, False, lambda cell: f"{text.name}:{cell.row}")
    return _table(text.name, cells, heading_row, origin)


def _table(name: str, cells: Cells, heading_row: int, origin: Origin) -> Table:
    seen: dict[str, list[int]] = {}
    for at, cell in sorted(cells.rows.get(heading_row, {}).items()):
        heading = " ".join(cell.value.split()) if cell.kind is not Kind.EMPTY else ""
        if heading:
            seen.setdefault(heading, []).append(at)
    if not seen:
        raise TableFileWrong("workbooks.headings_empty", where=name, row=heading_row)
    single = {heading: places[0] for heading, places in seen.items() if len(places) == 1}
    return Table(name, single, set(seen) - set(single), heading_row + 1, origin, cells)


def records(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Return the values of all rows; the first cell that does not fit ends it."""
    return [row.record() for row in rows]


def find_rows(table: Table, wanted: Mapping[str, str]) -> Sequence[Row]:
    """Return the rows whose columns hold these values.

    Raises:
        TableFileWrong: A column is missing, or a cell of it cannot be read.
    """
    columns = dict.fromkeys(wanted, ANYTHING)
    return [row for row in table.rows(columns) if row.record() == dict(wanted)]
