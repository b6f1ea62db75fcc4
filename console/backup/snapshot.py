"""A copy of the database as it stood at one moment, taken while others write.

SQLite's own backup interface copies all pages under one read lock, which in WAL mode disturbs no writer. PostgreSQL
gives a snapshot by name, which `pg_dump` and our own queries then share.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backoffice.audit import AuditTrail
from backoffice.database import BUSY_TIMEOUT_MS, open_database
from backoffice.tables import metadata, received_files
from console.errors import BackupWrong

SQLITE_NAME = "hakadori.db"
POSTGRESQL_NAME = "hakadori.pgdump"
READY_SCHEMA = "hakadori_restored"
"""Where a restore makes a PostgreSQL database ready (`postgresql.py`); one that was cut off leaves it behind."""
OURS_ALONE = (f"--exclude-schema={READY_SCHEMA}",)
PROGRAM_FOLDERS = ("/usr/lib/postgresql/*/bin", "C:/Program Files/PostgreSQL/*/bin")


@dataclass(frozen=True)
class StoredFile:
    """A received file as the copied database knows it: number, where it was kept then, SHA-256, and since when."""

    id: int
    stored: str
    sha256: str
    received_at: datetime


@dataclass(frozen=True)
class Snapshot:
    """A copied database.

    Attributes:
        path: The copy.
        kind: "sqlite" or "postgresql".
        at: The moment it shows.
        shape: Number of the last migration.
        counts: Table → rows.
        audit_whole: The chain of its audit trail is unbroken.
        files: The received files it knows and that are still kept.
    """

    path: Path
    kind: str
    at: datetime
    shape: str
    counts: Mapping[str, int]
    audit_whole: bool
    files: Sequence[StoredFile]


def take_snapshot(engine: sa.Engine, folder: Path) -> Snapshot:
    """Copy the database into a folder.

    Raises:
        BackupWrong: The copy is not whole, or PostgreSQL's programs are missing or failed.
    """
    if engine.dialect.name == "sqlite":
        return _copy_sqlite(Path(str(engine.url.database)), folder / SQLITE_NAME)
    return _dump_postgresql(engine, folder / POSTGRESQL_NAME)


def count_rows(connection: sa.Connection) -> dict[str, int]:
    """Return the rows of every table of ours that the database has."""
    there = set(sa.inspect(connection).get_table_names())
    tables = [table for name, table in sorted(metadata.tables.items()) if name in there]
    count = sa.func.count()
    return {t.name: int(connection.execute(sa.select(count).select_from(t)).scalar_one()) for t in tables}


def check_sqlite(path: Path) -> None:
    """Look through every page of an SQLite file.

    Raises:
        BackupWrong: It is damaged.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            told = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        raise BackupWrong("operations.database_damaged", where=path.name, detail="") from error
    if told != ["ok"]:
        raise BackupWrong("operations.database_damaged", where=path.name, detail=str(told[0])[:100])


def postgresql_program(name: str) -> str:
    """Return where `pg_dump`, `pg_restore` or `psql` is, the newest one outside of PATH included.

    Raises:
        BackupWrong: It is not installed.
    """
    found = shutil.which(name)
    if found is None:
        ending = ".exe" if os.name == "nt" else ""
        roots = (Path(folder.split("*")[0]) for folder in PROGRAM_FOLDERS)
        newest = sorted(
            (path for root in roots for path in root.glob(f"*/bin/{name}{ending}")),
            key=lambda path: float(path.parts[-3]) if path.parts[-3].replace(".", "").isdigit() else 0,
        )
        found = str(newest[-1]) if newest else None
    if found is None:
        raise BackupWrong("operations.postgresql_program_missing", where=name, name=name)
    return found


def run_postgresql(name: str, url: sa.URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database of a URL; the password goes through its environment.

    Raises:
        BackupWrong: It is missing, or it failed; its first line says why.
    """
    where = ["--no-password", f"--dbname={url.database}"]
    where += [f"--host={url.host}"] if url.host else []
    where += [f"--port={url.port}"] if url.port else []
    where += [f"--username={url.username}"] if url.username else []
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(
        [postgresql_program(name), *where, *arguments],
        env={**os.environ, **password, "LC_MESSAGES": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        detail = next((line for line in done.stderr.splitlines() if line.strip()), str(done.returncode))
        raise BackupWrong("operations.postgresql_program_failed", where=name, name=name, detail=detail[:200])


def _copy_sqlite(path: Path, target: Path) -> Snapshot:
    wait = BUSY_TIMEOUT_MS / 1000
    with (
        closing(sqlite3.connect(path, timeout=wait)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        at = datetime.now(UTC)
    check_sqlite(target)
    engine = open_database(f"sqlite:///{target.as_posix()}")
    with engine.connect().execution_options(read_only=True) as connection:
        facts = _facts(connection)
    snapshot = Snapshot(target, "sqlite", at, audit_whole=AuditTrail(engine).verify() is None, **facts)
    engine.dispose()
    return snapshot


def _dump_postgresql(engine: sa.Engine, target: Path) -> Snapshot:
    options = {"isolation_level": "REPEATABLE READ", "read_only": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        name = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
        at = datetime.now(UTC)
        facts = _facts(connection)
        whole = AuditTrail(engine).verify() is None
        run_postgresql(
            "pg_dump", engine.url, *OURS_ALONE, "--format=custom", "--no-owner", "--no-privileges",
            f"--snapshot={name}", f"--file={target}",
        )  # fmt: skip
    return Snapshot(target, "postgresql", at, audit_whole=whole, **facts)


def _facts(connection: sa.Connection) -> dict[str, Any]:
    shape = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
    columns = received_files.c
    kept = sa.select(columns.id, columns.stored, columns.sha256, columns.received_at)
    rows = connection.execute(kept.where(columns.stored != "").order_by(columns.id))
    files = [StoredFile(*row) for row in rows]
    return {"shape": str(shape), "counts": count_rows(connection), "files": files}
