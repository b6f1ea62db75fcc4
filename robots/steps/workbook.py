"""Workbook actions: lists for people, as .xlsx.

Every cell is text: leading zeros stay, and a value that begins with "=" is shown and never calculated.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.worksheet import Worksheet

from backoffice.files import replacing, safe_name
from backoffice.work_items import State
from robots.bench import Bench
from robots.errors import ListNotWritten
from robots.registry import Columns, Function, Name, lasting
from robots.workbooks.errors import TableFileWrong
from robots.workbooks.losses import losses
from robots.workbooks.saving import refuse_when_open

_HEADER = PatternFill("solid", fgColor="DDE6F0")
_LINE = Border(bottom=Side("thin", color="8090A0"))
_WIDEST = 40


@lasting
def write_list(bench: Bench, file: Name, columns: Columns, title: str = "") -> None:
    """Write the Excel list of all items done so far, newest last; the whole list is written anew each time.

    Args:
        file: File name; the list goes to the outbox of the working folder.
        columns: Heading and value of each column, in order, such as 受付番号: ${result.受付番号}.
        title: Name of the sheet.
    """
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = (title or bench.process)[:31]
    _write_row(sheet, 1, list(columns))
    for number, row in enumerate(rows_of_done(bench, columns), start=2):
        _write_row(sheet, number, row)
    _lay_out(sheet, len(columns))
    _save(book, bench.outbox / safe_name(file))


def rows_of_done(bench: Bench, columns: Columns) -> Iterator[list[str]]:
    """Yield the values of every item done so far, in the order of their entry."""
    for item in bench.ledger.items(bench.process, [State.DONE]):
        scope = replace(
            bench.scope, item=_Lenient(item.record), result=_Lenient(item.result), done_at=item.updated_at
        )
        yield [template.fill(scope) for template in columns.values()]


class _Lenient(dict[str, str]):
    """A record in a list: what it does not have is an empty cell, not an error."""

    def get(self, key: str, default: str | None = None) -> str:  # type: ignore[override]
        """Return the value or an empty text."""
        return super().get(key, default or "")


def _write_row(sheet: Worksheet, number: int, values: list[str]) -> None:
    for column, value in enumerate(values, start=1):
        cell: Cell = sheet.cell(number, column)
        cell.number_format = "@"
        try:
            cell.value = value
        except IllegalCharacterError as error:
            place = f"{get_column_letter(column)}{number}"
            raise ListNotWritten("robots.list_character_illegal", where=place, place=place) from error
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in tuple("=+-@")


def _lay_out(sheet: Worksheet, columns: int) -> None:
    for column in range(1, columns + 1):
        head: Cell = sheet.cell(1, column)
        head.font, head.fill, head.border = Font(bold=True), _HEADER, _LINE
        head.alignment = Alignment(horizontal="center")
        letter = get_column_letter(column)
        longest = max(_width(str(cell.value or "")) for cell in sheet[letter])
        sheet.column_dimensions[letter].width = min(longest + 3, _WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _width(text: str) -> int:
    return sum(1 if character < "\u0100" or "｡" <= character <= "ﾟ" else 2 for character in text)


def _refuse_a_persons_workbook(path: Path) -> None:
    """Leave a file alone that holds more than a list of ours: somebody has added to it."""
    if not path.exists():
        return
    try:
        lost = losses(path)
    except TableFileWrong:
        return  # half a file, or none that anybody could open: the new list takes its place
    if lost:
        raise ListNotWritten("robots.list_would_lose", where=path.name, name=path.name, lost="、".join(lost))


def _save(book: Workbook, path: Path) -> None:
    refuse_when_open(path)
    _refuse_a_persons_workbook(path)
    try:
        with replacing(path) as draft:
            book.save(draft)
    except PermissionError as error:
        raise ListNotWritten("robots.list_in_use", where=path.name, name=path.name) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ListNotWritten(
            "robots.list_not_written", where=path.name, name=path.name, reason=reason
        ) from error


ACTIONS: tuple[Function, ...] = (write_list,)
"""The actions of this file."""
