"""Items as a list to take away: a workbook for people, or CSV in the encoding that the other program reads.

A value is never calculated: in a workbook every text is a text, and in CSV, where a spreadsheet program would take a
value that begins like a formula for one, an apostrophe stands before it (OWASP, "CSV Injection").
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from backoffice.messages import text
from backoffice.work_items import WorkItem
from scheduler.sheet import Column, Sheet, save_book

if TYPE_CHECKING:
    from robots.workbooks.csv_text import Encoding

MOST = 20_000
"""Items of one list; more are asked for in parts."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIXED = ("number", "process", "key", "state", "attempts", "updated", "reason")
_WIDTHS = (9.0, 20.0, 24.0, 18.0, 8.0, 18.0, 60.0)


class ItemSheet:
    """A list of items.

    Args:
        items: The items, in their order.
        reasons: Why each stands where it stands (`DepartmentWork.reasons`).
        zone: In which times are told.
        records: Whether the values of their records are told too: personal data.
    """

    def __init__(
        self, items: Sequence[WorkItem], reasons: Mapping[int, str], zone: ZoneInfo, *, records: bool
    ) -> None:
        self._items = items
        self._reasons = reasons
        self._zone = zone
        self._results = _names(item.result for item in items)
        self._fields = _names(item.record for item in items) if records else []

    @property
    def heads(self) -> list[str]:
        """The headings."""
        return [*(text(f"work.sheet_{name}") for name in _FIXED), *self._results, *self._fields]

    def write_workbook(self, path: Path, title: str) -> None:
        """Write it as .xlsx.

        Raises:
            OSError: The place cannot be written.
        """
        book = Workbook()
        widths = [*_WIDTHS, *(18.0 for _ in self.heads[len(_WIDTHS) :])]
        columns = [Column(head, width) for head, width in zip(self.heads, widths, strict=True)]
        sheet = Sheet(book.active, text("work.sheet_tab"), (title,), columns, long=True)
        for row in self._rows():
            sheet.add([_printable(value) for value in row])
        save_book(book, path)

    def write_csv(self, path: Path, encoding: "Encoding") -> None:
        """Write it as CSV.

        Raises:
            ValueNotWritable: A character does not exist in the encoding; nothing was written.
        """
        from robots.workbooks.csv_text import write_csv

        rows = [[harmless(str(value)) for value in row] for row in self._rows()]
        write_csv(path, [[harmless(head) for head in self.heads], *rows], encoding)

    def _rows(self) -> list[list[object]]:
        return [self._row(item) for item in self._items]

    def _row(self, item: WorkItem) -> list[object]:
        told: list[object] = [
            item.id,
            item.process,
            item.key,
            text(f"console.item_{item.state}"),
            item.attempts,
            _local(item.updated_at, self._zone),
            self._reasons.get(item.id, ""),
        ]
        told += [item.result.get(name, "") for name in self._results]
        return told + [item.record.get(name, "") for name in self._fields]


def harmless(value: str) -> str:
    """Return a value that no spreadsheet program takes for a formula; figures stay as they are."""
    if not value.startswith(_FORMULA) or _is_number(value):
        return value
    return f"'{value}"


def _is_number(value: str) -> bool:
    return value[1:].replace(".", "", 1).isdigit() and value[0] in "+-" and value.isascii()


def _printable(value: object) -> object:
    """Return a value without the control characters that a workbook cannot hold."""
    if not isinstance(value, str):
        return value
    return "".join(letter for letter in value if letter >= " " or letter in "\t\n")


def _names(parts: Iterable[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for part in parts for name in part))


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
