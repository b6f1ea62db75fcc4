"""Cells of a town's own workbook: read them, write them, and leave everything else in it byte for byte as it was.

Furigana, shapes, drop-down lists, pivot tables, charts and macros stay, because only the cells that are named are
changed (`robots/workbooks`). The state before the first change of a day is kept beside the file as `NAME.DATE.bak`.
"""

from contextlib import AbstractContextManager

from robots.bench import Bench
from robots.columns import Column, Origin, value_of
from robots.drivers.browser import Notice
from robots.registry import Function, Values, lasting
from robots.workbooks.book import Book, Sheet
from robots.workbooks.cells import Cell, Cells
from robots.workbooks.change import Change
from robots.workbooks.errors import TableFileWrong
from robots.workbooks.places import Block, read_block
from robots.workbooks.saving import changing
from robots.workbooks.writes import As, Write

SEPARATOR = "、"
"""Between the values of a block that is read as one text; `for_each` goes through it."""


Kinds = dict[str, Column]
WrittenAs = dict[str, As]
Formats = dict[str, str]
NO_KINDS: Kinds = {}
NO_TYPES: WrittenAs = {}
NO_FORMATS: Formats = {}


def read_cells(
    bench: Bench, file: str, cells: dict[str, str], sheet: str = "", types: Kinds = NO_KINDS
) -> None:
    """Read cells of a workbook; later steps write ${set.NAME}.

    Args:
        file: The workbook, such as ${folder.zeimu}/台帳.xlsx.
        cells: Name and cell, such as 件数: B2. A block (B2:B9) gives its values joined by 、.
        sheet: The sheet; the first one when left out.
        types: Name and kind of the value (date, number, digits …); text when left out.
    """
    book = Book(bench.places.resolve(file))
    tab = book.sheet(sheet)
    stored = book.cells(tab)
    origin = origin_of(book, tab)
    for name, place in cells.items():
        block = read_block(place)
        column = types.get(name, Column())
        bench.variables[name] = _joined(stored, block, name, column, origin)


@lasting
def write_cells(
    bench: Bench,
    file: str,
    cells: Values,
    sheet: str = "",
    types: WrittenAs = NO_TYPES,
    formats: Formats = NO_FORMATS,
    replace_formulas: bool = False,
) -> None:
    """Write values into cells of a workbook; everything else in it stays as it is.

    Args:
        file: The workbook.
        cells: Cell and value, such as B2: ${item.金額}. An empty value empties the cell and keeps its look.
        sheet: The sheet; the first one when left out.
        types: Cell and kind, text (the default), number, date or formula.
        formats: Cell and number format, 和暦, 西暦, 日付 or Excel's own such as #,##0.
        replace_formulas: true: values may take the place of formulas.
    """
    for place in (*types, *formats):
        if place not in cells:
            raise TableFileWrong("workbooks.cell_not_written", where=place, name=place)
    writes = []
    for place, value in cells.items():
        block = read_block(place)
        kind, format_ = types.get(place, As.TEXT), formats.get(place, "")
        writes += [Write(row, column, value, kind, format_) for row, column in block.cells()]
    with changing_workbook(bench, file) as change:
        change.write(change.book.sheet(sheet), writes, over_formulas=replace_formulas)
        tell_of_formulas(bench, change.book, change.recalculates)


def origin_of(book: Book, sheet: Sheet) -> Origin:
    """Return how the cells of a sheet are to be understood."""
    place = book.place(sheet.name)
    return Origin(book.styles.look, book.moment, book.is_stale, lambda cell: f"{place}!{cell.name}")


def changing_workbook(bench: Bench, file: str) -> AbstractContextManager[Change]:
    """Open a workbook to change it; no other robot of this PC does meanwhile (see `saving.changing`)."""
    places = bench.places
    return changing(places.resolve(file), locks=places.lock_folder(), today=bench.scope.today)


def tell_of_formulas(bench: Bench, book: Book, recalculates: bool) -> None:
    """Leave a notice in the evidence that old results of formulas no longer hold."""
    if recalculates:
        bench.evidence.warn([Notice("workbooks.recalculated", {"name": book.path.name})])


def _joined(cells: Cells, block: Block, name: str, column: Column, origin: Origin) -> str:
    values = [value_of(_first_of(cells, row, at), name, column, origin) for row, at in block.cells()]
    if len(values) == 1:
        return values[0]
    if any(SEPARATOR in value for value in values):
        raise TableFileWrong("workbooks.value_with_separator", where=name, name=name)
    return SEPARATOR.join(filter(None, values))


def _first_of(cells: Cells, row: int, column: int) -> Cell:
    """Return the cell; inside a merged block, the one that holds the block's value."""
    block = cells.merged_at(row, column)
    return cells.at(row, column) if block is None else cells.at(block.top, block.left)


ACTIONS: tuple[Function, ...] = (read_cells, write_cells)
"""The actions of this file."""
