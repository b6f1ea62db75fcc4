"""Where the pretend welfare system keeps its registrations: one SQLite file, so that a test can count the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("台帳番号", "氏名", "氏名カナ", "住所", "区分")
"""What one registration consists of, in the order of the entry form."""


@dataclass(frozen=True)
class Registration:
    """One row.

    Attributes:
        receipt: The receipt number the system gave, from 1.
        values: The text of each of FIELDS.
    """

    receipt: int
    values: dict[str, str]


class Store:
    """The registrations; a ledger number may be registered twice, so that a test can catch a robot doing it.

    Args:
        path: The SQLite file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        columns = ", ".join(f'"{name}" TEXT NOT NULL' for name in FIELDS)
        with self._open() as database:
            database.execute(
                f"CREATE TABLE IF NOT EXISTS registrations (receipt INTEGER PRIMARY KEY, {columns})"
            )

    def add(self, values: dict[str, str]) -> Registration:
        """Save one registration and return it with its receipt number."""
        marks = ", ".join("?" for _ in FIELDS)
        names = ", ".join(f'"{name}"' for name in FIELDS)
        with self._open() as database:
            cursor = database.execute(
                f"INSERT INTO registrations ({names}) VALUES ({marks})", [values[name] for name in FIELDS]
            )
            return Registration(int(cursor.lastrowid or 0), values)

    def all(self, number: str = "") -> list[Registration]:
        """Return the registrations in order; with a ledger number, only its own."""
        with self._open() as database:
            query = "SELECT * FROM registrations WHERE ? IN ('', \"台帳番号\") ORDER BY receipt"
            rows = database.execute(query, (number,)).fetchall()
        return [Registration(row[0], dict(zip(FIELDS, row[1:], strict=True))) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=10)
        try:
            with connection:
                yield connection
        finally:
            connection.close()
