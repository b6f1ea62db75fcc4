"""What tests of every room may use."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from playwright.sync_api import expect

from backoffice.database import open_database, upgrade
from benchmarks.postgresql import PostgreSql, postgresql_programs

expect.set_options(
    timeout=60_000
)  # Playwright's five seconds are too few for a machine that does other work too


@pytest.fixture(scope="session", autouse=True)
def replayed_migrations() -> Iterator[None]:
    """Migrate the first empty SQLite database of a test process for real, and every further one by its statements.

    Hundreds of tests begin with a database of their own; the migrations cost each of them a seventh of a second of
    work. A database that is not empty, and PostgreSQL, are migrated for real each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", _replaying(command.upgrade))
        yield


def _replaying(migrate: Callable[[Config, str], None]) -> Callable[[Config, str], None]:
    seen: list[str] = []

    def upgrade(config: Config, revision: str) -> None:
        connection: sa.Connection = config.attributes["connection"]
        empty = connection.dialect.name == "sqlite" and not sa.inspect(connection).get_table_names()
        if not empty or revision != "head" or not seen:
            migrate(config, revision)
        else:
            for statement in seen:
                connection.exec_driver_sql(statement)
        if empty and revision == "head" and not seen:
            seen.extend(_statements(connection))

    return upgrade


def _statements(connection: sa.Connection) -> list[str]:
    """Return what makes a SQLite database like this one, tables and rows."""
    whole = connection.connection.driver_connection.iterdump()
    return [statement for statement in whole if statement not in ("BEGIN TRANSACTION;", "COMMIT;")]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of an empty database on a real PostgreSQL server of our own, on 127.0.0.1 only.

    Skipped where no PostgreSQL is installed, but not in CI.
    """
    programs = postgresql_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have PostgreSQL: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed (/usr/lib/postgresql/*/bin): apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="hakadori-postgresql-"))
    folder.chmod(0o755)
    (folder / "server").mkdir()
    try:
        server = PostgreSql(folder / "server", programs)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database in the present shape, to be copied: making one anew takes half a second of work."""
    path = tmp_path_factory.mktemp("migrated") / "hakadori.db"
    engine = open_database(f"sqlite:///{path.as_posix()}")
    upgrade(engine)
    engine.dispose()
    return path
