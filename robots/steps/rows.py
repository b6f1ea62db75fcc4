"""Rows of a table in a town's own workbook: read all, find one, write into the one that belongs to an item, add one.

Columns are named by their headings. What is written goes into its own cells; everything else in the workbook stays.
"""

from collections.abc import Mapping, Sequence

from robots.bench import Bench
from robots.columns import Column
from robots.registry import NO_NAME, Function, Name, Values, lasting
from robots.steps.cells import (
    NO_FORMATS,
    NO_KINDS,
    NO_TYPES,
    Formats,
    Kinds,
    WrittenAs,
    changing_workbook,
    tell_of_formulas,
)
from robots.tables import ANYTHING, Row, Table, find_rows, records, sheet_table
from robots.workbooks.book import Book
from robots.workbooks.errors import TableFileWrong, ValueNotWritable
from robots.workbooks.sheet_copy import copy_sheet as copied
from robots.workbooks.writes import As, Write


def read_rows(
    bench: Bench,
    file: str,
    into: Name,
    sheet: str = "",
    heading_row: int = 1,
    columns: Kinds = NO_KINDS,
) -> None:
    """Read the table on a sheet; a step with for_each_row goes through it.

    Args:
        file: The workbook.
        into: The name of the table.
        sheet: The sheet; the first one when left out.
        heading_row: The row of the headings.
        columns: Name of the value and its column; every column as text when left out.
    """
    table = _table(bench, file, sheet, heading_row)
    bench.tables[into] = tuple(records(table.rows(columns or table.all_columns())))


def find_row(
    bench: Bench,
    file: str,
    where: Values,
    into: Name,
    sheet: str = "",
    heading_row: int = 1,
    row_into: Name = NO_NAME,
) -> None:
    """Find the one row whose columns hold these values; later steps write ${set.INTO.見出し}.

    Args:
        file: The workbook.
        where: Heading and value, such as 通知書番号: ${item.通知書番号}.
        into: The name before the headings.
        sheet: The sheet; the first one when left out.
        heading_row: The row of the headings.
        row_into: The name under which the number of the row is remembered.
    """
    table = _table(bench, file, sheet, heading_row)
    found = _only(table, where)
    (whole,) = [row for row in table.rows(table.all_columns()) if row.number == found.number]
    for heading, value in whole.record().items():
        bench.variables[f"{into}.{heading}"] = value
    if row_into:
        bench.variables[row_into] = str(found.number)


@lasting
def update_row(
    bench: Bench,
    file: str,
    where: Values,
    cells: Values,
    sheet: str = "",
    heading_row: int = 1,
    types: WrittenAs = NO_TYPES,
    formats: Formats = NO_FORMATS,
) -> None:
    """Write into the one row whose columns hold these values, such as 処理済 beside the number of the item.

    Args:
        file: The workbook.
        where: Heading and value that find the row.
        cells: Heading and value to write.
        sheet: The sheet; the first one when left out.
        heading_row: The row of the headings.
        types: Heading and kind, text (the default), number, date or formula.
        formats: Heading and number format.
    """
    with changing_workbook(bench, file) as change:
        tab = change.book.sheet(sheet)
        table = sheet_table(change.book, tab, heading_row)
        row = _only(table, where)
        change.write(tab, _writes(table, row.number, cells, types, formats))
        tell_of_formulas(bench, change.book, change.recalculates)


@lasting
def append_row(
    bench: Bench,
    file: str,
    cells: Values,
    sheet: str = "",
    heading_row: int = 1,
    types: WrittenAs = NO_TYPES,
    formats: Formats = NO_FORMATS,
    unless: tuple[Name, ...] = (),
) -> None:
    """Add a row below the last one; it takes the look of the row above it.

    Args:
        file: The workbook.
        cells: Heading and value.
        sheet: The sheet; the first one when left out.
        heading_row: The row of the headings.
        types: Heading and kind, text (the default), number, date or formula.
        formats: Heading and number format.
        unless: Headings; when a row with the same values there exists already, none is added (safe to try again).
    """
    for heading in unless:
        if heading not in cells:
            raise TableFileWrong("workbooks.cell_not_written", where=heading, name=heading)
    with changing_workbook(bench, file) as change:
        tab = change.book.sheet(sheet)
        table = sheet_table(change.book, tab, heading_row)
        if unless and _stands_there(table, cells, unless, types):
            return
        last = max(table.cells.last_row, heading_row)
        writes = _writes(table, last + 1, cells, types, formats)
        change.grow_tables(tab, last + 1)
        change.write(tab, writes, like_row=last if last > heading_row else None)
        tell_of_formulas(bench, change.book, change.recalculates)


@lasting
def copy_sheet(bench: Bench, file: str, sheet: str, name: str) -> None:
    """Copy a sheet inside its workbook, such as a template for a new month; refused where something would be lost.

    Args:
        file: The workbook.
        sheet: The sheet to copy.
        name: The name of the new sheet.
    """
    with changing_workbook(bench, file) as change:
        copied(change, change.book.sheet(sheet), name)


def _table(bench: Bench, file: str, sheet: str, heading_row: int) -> Table:
    """Open a workbook to read the table on one of its sheets."""
    book = Book(bench.places.resolve(file))
    return sheet_table(book, book.sheet(sheet), heading_row)


def _only(table: Table, where: Mapping[str, str]) -> Row:
    found = find_rows(table, where)
    if len(found) == 1:
        return found[0]
    headings = "、".join(where)
    if not found:
        raise ValueNotWritable("workbooks.row_missing", where=table.name, headings=headings)
    rows = ", ".join(str(row.number) for row in found[:10])
    raise ValueNotWritable("workbooks.row_twice", where=table.name, headings=headings, rows=rows)


def _writes(
    table: Table, row: int, cells: Mapping[str, str], types: Mapping[str, As], formats: Mapping[str, str]
) -> list[Write]:
    for heading in (*types, *formats):
        if heading not in cells:
            raise TableFileWrong("workbooks.cell_not_written", where=heading, name=heading)
    return [
        Write(
            row,
            table.column(heading),
            value,
            types.get(heading, As.TEXT),
            formats.get(heading, ""),
        )
        for heading, value in cells.items()
    ]


def _stands_there(
    table: Table, cells: Mapping[str, str], unless: Sequence[str], types: Mapping[str, As]
) -> bool:
    """Say whether a row with the same values in some columns exists; a date or number is compared as such."""
    kinds = {As.DATE: "date", As.NUMBER: "number"}
    columns = {
        heading: Column.model_validate({"type": kinds[types[heading]]})
        if types.get(heading) in kinds
        else ANYTHING
        for heading in unless
    }
    wanted = {heading: Write(1, 1, cells[heading], types.get(heading, As.TEXT)).plain() for heading in unless}
    return any(row.record() == wanted for row in table.rows(columns))


ACTIONS: tuple[Function, ...] = (read_rows, find_row, update_row, append_row, copy_sheet)
"""The actions of this file."""
