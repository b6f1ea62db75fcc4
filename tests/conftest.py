"""What tests of every room may use."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from benchmarks.postgresql import PostgreSql, postgresql_programs


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
