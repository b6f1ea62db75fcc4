"""Open the database and bring it to the present shape.

SQLite in WAL mode is the default and enough for one PC; a PostgreSQL URL serves a larger office. Every write
transaction on SQLite begins IMMEDIATE, so that a compare-and-set never meets a stale read. The database's errors never
quote the values of a statement: they are people's records.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

import backoffice.inbox_tables  # noqa: F401  its tables belong to the metadata
from backoffice.errors import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000


def open_database(url: str) -> sa.Engine:
    """Open a database; a missing SQLite file and its folder are created.

    Args:
        url: SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://…`.

    Raises:
        SettingsError: The URL is not one that SQLAlchemy understands.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed)
        return sa.create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise SettingsError("backoffice.database_url_wrong", where="database") from error


def upgrade(engine: sa.Engine) -> None:
    """Run all migrations that the database has not seen yet.

    Alembic is imported here only: it costs a child process a third of its start.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        wait = {"timeout": BUSY_TIMEOUT_MS / 1000}
        engine = sa.create_engine(url, poolclass=NullPool, connect_args=wait, hide_parameters=True)
    else:
        engine = sa.create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
