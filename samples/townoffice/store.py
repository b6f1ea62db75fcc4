"""The stand-in's own database (SQLite): registrations, and drafts that wait on the confirmation page.

Two registrations of the same key make two rows on purpose: a robot that registers twice shows in the counts.
Only the submission token is unique, so that a reload of the same confirmation page cannot store twice.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samples.townoffice.businesses import Business
from samples.townoffice.entry import Entry, Submitted

_SCHEMA = """
CREATE TABLE IF NOT EXISTS registrations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    business TEXT NOT NULL,
    key TEXT NOT NULL,
    fields TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    registered_by TEXT NOT NULL,
    submission TEXT NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS registrations_key ON registrations (business, key);
CREATE TABLE IF NOT EXISTS drafts (
    token TEXT PRIMARY KEY,
    business TEXT NOT NULL,
    submitted TEXT NOT NULL,
    fields TEXT NOT NULL,
    staff TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS practice (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    page TEXT NOT NULL,
    sent TEXT NOT NULL
);
DELETE FROM drafts;
"""
_COLUMNS = "number, business, key, fields, registered_at, registered_by"


class AlreadySubmitted(Exception):
    """The same confirmation page was sent twice; ``number`` is the registration the first sending made."""

    def __init__(self, number: str) -> None:
        super().__init__(f"already registered as {number}")
        self.number = number


@dataclass(frozen=True)
class Registration:
    """One stored row; ``number`` is the reception number (受付番号), 8 digits, and times are UTC."""

    number: str
    business: str
    key: str
    fields: Mapping[str, str]
    registered_at: datetime
    registered_by: str


@dataclass(frozen=True)
class Draft:
    """A checked page that waits for 登録 or 修正; ``token`` may be used for one registration only."""

    token: str
    submitted: Submitted
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Count:
    """Rows of one business and how many different keys they have; a double registration sets them apart."""

    rows: int
    distinct_keys: int


def key_of(business: Business, fields: Mapping[str, str]) -> str:
    """The key of a registration: its key fields joined by ``-``."""
    return "-".join(fields[label] for label in business.key)


class Store:
    """Opens the database file for each operation, so that tests may read it at the same time."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        """Create the tables where missing.

        Args:
            path: The SQLite file; its folder must exist.
            clock: Gives the present time, aware, for ``registered_at``.
        """
        self._path = path
        self._clock = clock
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    def practise(self, page: str, sent: Mapping[str, object]) -> int:
        """Store what came from a practice page and return its number."""
        with self._connection() as connection:
            told = json.dumps(dict(sent), ensure_ascii=False)
            cursor = connection.execute("INSERT INTO practice (page, sent) VALUES (?, ?)", (page, told))
            return int(cursor.lastrowid or 0)

    def practised(self) -> list[object]:
        """Everything that came from the practice pages, oldest first."""
        with self._connection() as connection:
            return [
                json.loads(row[0]) for row in connection.execute("SELECT sent FROM practice ORDER BY number")
            ]

    def keep_draft(self, business: Business, entry: Entry, staff: str) -> str:
        """Keep a checked page for confirmation and return its one-time token."""
        token = secrets.token_urlsafe(16)
        sent, fields = json.dumps(dict(entry.submitted)), json.dumps(dict(entry.values), ensure_ascii=False)
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO drafts VALUES (?, ?, ?, ?, ?)", (token, business.code, sent, fields, staff)
            )
        return token

    def draft(self, business: Business, token: str, staff: str) -> Draft | None:
        """The draft of this token, None when it is unknown or belongs to someone else."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT submitted, fields FROM drafts WHERE token = ? AND business = ? AND staff = ?",
                (token, business.code, staff),
            ).fetchone()
        if row is None:
            return None
        submitted = {name: tuple(sent) for name, sent in json.loads(row[0]).items()}
        return Draft(token, submitted, json.loads(row[1]))

    def register(self, business: Business, draft: Draft, staff: str) -> str:
        """Store a draft and return its reception number.

        Raises:
            AlreadySubmitted: This draft was stored before.
        """
        fields = json.dumps(dict(draft.fields), ensure_ascii=False)
        at = self._clock().isoformat()
        row = (business.code, key_of(business, draft.fields), fields, at, staff, draft.token)
        with self._connection() as connection:
            stored = connection.execute(
                "INSERT INTO registrations (business, key, fields, registered_at, registered_by, submission)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (submission) DO NOTHING RETURNING number",
                row,
            ).fetchone()
            if stored is None:
                select = "SELECT number FROM registrations WHERE submission = ?"
                raise AlreadySubmitted(_shown(connection.execute(select, (draft.token,)).fetchone()[0]))
        return _shown(stored[0])

    def find(self, business: Business, number: str) -> Registration | None:
        """The registration of this reception number."""
        found = self._registrations("business = ? AND number = ?", (business.code, number))
        return found[0] if found else None

    def search(self, business: Business, wanted: Mapping[str, str]) -> list[Registration]:
        """Registrations whose fields equal all the wanted values, by label; newest first."""
        known = [label for label in business.key if label in wanted]
        where = " AND ".join(["business = ?", *("json_extract(fields, ?) = ?" for _ in known)])
        values = [part for label in known for part in (f'$."{label}"', wanted[label])]
        return self._registrations(where, (business.code, *values))

    def same_key(self, business: Business, fields: Mapping[str, str]) -> list[Registration]:
        """Registrations that already have the key of these fields."""
        return self._registrations("business = ? AND key = ?", (business.code, key_of(business, fields)))

    def page(self, business: Business, page: int, size: int) -> list[Registration]:
        """One page of all registrations, newest first; pages count from 1."""
        tail = f"LIMIT {int(size)} OFFSET {int(size * (page - 1))}"
        return self._registrations("business = ?", (business.code,), tail)

    def count(self, business: Business) -> Count:
        """Rows and distinct keys of one business, counted in the database."""
        query = "SELECT count(*), count(DISTINCT key) FROM registrations WHERE business = ?"
        with self._connection() as connection:
            rows, keys = connection.execute(query, (business.code,)).fetchone()
        return Count(rows, keys)

    def _registrations(self, where: str, values: tuple[str, ...], tail: str = "") -> list[Registration]:
        query = f"SELECT {_COLUMNS} FROM registrations WHERE {where} ORDER BY number DESC {tail}"
        with self._connection() as connection:
            return [_registration(row) for row in connection.execute(query, values)]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            yield connection


def _registration(row: tuple[int, str, str, str, str, str]) -> Registration:
    number, business, key, fields, at, by = row
    return Registration(_shown(number), business, key, json.loads(fields), datetime.fromisoformat(at), by)


def _shown(number: int) -> str:
    return f"{number:08d}"
