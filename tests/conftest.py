"""What tests of every room may use."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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
