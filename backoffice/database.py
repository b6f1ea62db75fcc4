"""Open the database and bring it to the present shape.

SQLite in WAL mode is the default and enough for one PC; a PostgreSQL URL serves a larger office. Every write
transaction on SQLite begins IMMEDIATE, so that a compare-and-set never meets a stale read. The database's errors never
quote the values of a statement: they are people's records.
"""

import re
import threading
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

import backoffice.baseline_tables  # its tables belong to the metadata
import backoffice.inbox_tables  # as above
import backoffice.people_tables  # as above
import backoffice.review_tables  # as above
import backoffice.robot_tables  # as above
import backoffice.run_tables  # as above
import backoffice.workload_tables  # noqa: F401  as above
from backoffice.errors import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000
KEPT = 16
"""Connections to SQLite that a serving process keeps open; more are opened when more are asked for at once."""
ROOM = 0x48414B41
"""Our own range of PostgreSQL's advisory locks ("HAKA"); within it MIGRATING, AUDITING, ENTERING."""
MIGRATING, AUDITING, ENTERING = 1, 2, 3


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


def keep_connections(engine: sa.Engine) -> sa.Engine:
    """Return an engine over the same database for a process that answers many requests; dispose of it at the end.

    On SQLite opening a connection costs more than most questions, and closing the last one writes the whole WAL back.
    So the connections stay open. Writers of this process queue in their order: SQLite itself lets them sleep for up to
    a tenth of a second and look again, and whoever looks at the right moment overtakes. Any other database has a pool
    of its own already and is returned as it is.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database or engine.url.database == ":memory:":
        return engine
    wait = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    kept = sa.create_engine(
        engine.url,
        poolclass=QueuePool,
        pool_size=KEPT,
        max_overflow=-1,
        connect_args=wait,
        hide_parameters=True,
    )
    event.listen(kept, "connect", _set_pragmas)
    queue = _WriterQueue()
    event.listen(kept, "begin", queue.enter)
    event.listen(kept, "begin", _begin_immediate)
    event.listen(kept, "checkin", queue.leave)
    return kept


class _WriterQueue:
    """Lets one write transaction of this process begin at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def enter(self, connection: sa.Connection) -> None:
        """Wait until no other thread writes; not longer than SQLite would wait itself."""
        mine = connection.info.get("writes", False)  # from a transaction before, on the same connection
        if not mine and not connection.get_execution_options().get("read_only", False):
            connection.info["writes"] = self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)

    def leave(self, _connection: Any, record: Any) -> None:
        """Let the next one write: the transaction has ended, however it ended."""
        if record.info.pop("writes", False):
            self._turn.release()


def upgrade(engine: sa.Engine) -> None:
    """Run all migrations that the database has not seen yet.

    Alembic is imported only when there are any: it costs a child process a third of its start. Of several processes
    that meet an old database at the same moment one migrates it, the others wait.
    """
    if present_shape(engine) == newest_shape():
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        one_at_a_time(connection, MIGRATING)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def present_shape(engine: sa.Engine) -> str | None:
    """Return the number of the last migration that the database has seen; None for an empty database."""
    with engine.connect().execution_options(read_only=True) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        number = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return None if number is None else str(number)


@cache
def newest_shape() -> str:
    """Return the number of the newest migration that this program brings along."""
    texts = [path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    made = {number for text in texts for number in re.findall(r'^revision = "(\w+)"', text, re.M)}
    followed = {number for text in texts for number in re.findall(r'^down_revision = "(\w+)"', text, re.M)}
    (newest,) = made - followed
    return str(newest)


def one_at_a_time(connection: sa.Connection, what: int) -> None:
    """Let the rest of this transaction be alone among all that do the same thing.

    A write transaction on SQLite is alone by itself. On PostgreSQL an advisory lock is held until its end.

    Args:
        connection: In a transaction.
        what: Which thing: one of the numbers in this module.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(:room, :what)"), {"room": ROOM, "what": what}
        )


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
