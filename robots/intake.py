"""Taking the rows of a sheet, the records of a CSV file, or what another robot has finished, into the ledger.

What is wrong with the file as a whole (a missing column) stops the run before any item is touched. What is wrong with
one row leaves that row out and is told with its place; the other rows are entered. A row that has changed since it was
entered is told too, and the ledger keeps what it has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backoffice.bulk_entry import Fresh, enter_all
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.messages import text
from backoffice.work_items import State, WorkItem
from robots.items import Items, key_of
from robots.tables import Row, Table, csv_table, sheet_table
from robots.workbooks.book import Book
from robots.workbooks.csv_text import read_csv
from robots.workbooks.errors import TableFileWrong

TOLD_AT_MOST = 50
"""So many rows are told one by one; of the others only how many."""


@dataclass
class Taken:
    """What an intake found.

    Attributes:
        records: The records, each key once, in the order of their rows.
        rows: Key → number of the row it came from.
        problems: What is wrong with single rows, in words.
    """

    records: list[Fresh] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """What an intake did.

    Attributes:
        new: Records entered.
        known: Records that the ledger had already.
        problems: What is wrong with single rows, in words.
    """

    new: int
    known: int
    problems: tuple[str, ...]


def take_in(items: Items, path: Path | None, ledger: Ledger, *, who: str) -> Entry:
    """Enter the records of a robot's source in the ledger; a robot that works on the queue has nothing to enter.

    Args:
        items: The robot's items.
        path: The file, for rows of a file.
        ledger: The ledger.
        who: The robot.

    Raises:
        TableFileWrong: The file is missing or broken, or lacks a sheet or column.
    """
    taken = read_records(items, path, ledger)
    if not taken.records:
        return Entry(0, 0, tuple(_shortened(taken.problems)))
    source = path.name if path is not None else items.of
    why = text("workbooks.why_taken_in", source=source)
    entered = enter_all(ledger, items.process, taken.records, who=who, why=why, compared=items.compared)
    changed = [
        _changed(taken.rows[one.key], one, item, source)
        for one, item in entered.known
        if items.is_table and not item.is_erased and one.record != dict(item.record)
    ]
    return Entry(entered.new, len(entered.known), tuple(_shortened([*taken.problems, *changed])))


def read_records(items: Items, path: Path | None, ledger: Ledger) -> Taken:
    """Return the records of a robot's source without entering them."""
    taken = Taken()
    if items.from_ == "done":
        done = [item for item in ledger.items(items.of, [State.DONE]) if not item.is_erased]
        taken.records.extend(Fresh(item.key, {**item.record, **item.result}) for item in done)
    elif path is not None:
        _read_table(items, path, taken)
    return taken


def _read_table(items: Items, path: Path, taken: Taken) -> None:
    table = _table(items, path)
    columns = items.columns or table.all_columns()
    for name in items.key:
        if name not in columns:
            table.column(name)
    seen: dict[str, tuple[int, Mapping[str, str]]] = {}
    for row in table.rows(columns):
        if items.ends_at and row.cells[items.key[0]].value.strip() == items.ends_at:
            break
        try:
            record = row.record()
            key = _key(items, row, record)
            _once(seen, row, key, record)
        except TableFileWrong as error:
            taken.problems.append(_line(error))
            continue
        if key not in taken.rows:
            taken.records.append(Fresh(key, record))
            taken.rows[key] = row.number


def _table(items: Items, path: Path) -> Table:
    if items.from_ == "csv":
        return csv_table(
            read_csv(path, items.encoding, items.delimiter, items.heading_row), items.heading_row
        )
    book = Book(path)
    return sheet_table(book, book.sheet(items.sheet), items.heading_row)


def _key(items: Items, row: Row, record: dict[str, str]) -> str:
    empty = [name for name in items.key if not record[name]]
    if empty:
        keys = "、".join(empty)
        raise TableFileWrong("workbooks.key_empty", where=row.table.name, row=row.number, keys=keys)
    return key_of(record, items.key)


def _once(seen: dict[str, tuple[int, Mapping[str, str]]], row: Row, key: str, record: dict[str, str]) -> None:
    number, first = seen.setdefault(key, (row.number, record))
    if first != record:
        raise TableFileWrong("workbooks.key_twice", where=row.table.name, row=row.number, other=number)


def _changed(number: int, fresh: Fresh, item: WorkItem, source: str) -> str:
    names = {*fresh.record, *item.record}
    columns = "、".join(sorted(name for name in names if fresh.record.get(name) != item.record.get(name)))
    state = text(f"workbooks.state_{item.state.value}")
    error = TableFileWrong(
        "workbooks.row_changed", where=source, row=number, item=fresh.key, columns=columns, state=state
    )
    return _line(error)


def _line(error: HakadoriError) -> str:
    """Return an error on two lines: where and what, and what to do."""
    parts = error.parts()
    return f"{error.where}: {parts.what}\n  {text('backoffice.label_do')}: {parts.do}"


def _shortened(problems: list[str]) -> Iterator[str]:
    yield from problems[:TOLD_AT_MOST]
    if len(problems) > TOLD_AT_MOST:
        yield text("workbooks.more_rows", count=len(problems) - TOLD_AT_MOST)
