"""Put a PostgreSQL database back so that it is the old one until the moment in which it is wholly the new one.

The backup is read into a schema of its own beside the old tables and put in order there. Its taking their place is one
short transaction, the last thing of all. Whatever fails before, a power cut included, leaves the old database; what it
left behind is thrown away by the next restore and stays out of backups.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from backoffice.database import open_database
from console.backup.snapshot import POSTGRESQL_NAME, READY_SCHEMA, postgresql_program, run_postgresql
from console.errors import BackupWrong

KEPT_SCHEMA = "hakadori_kept"
"""The old tables are called so for the length of the transaction that reads the backup in; nobody else sees it."""
LOCK_SECONDS = 60
_ONCE = ("--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet", "--no-psqlrc", "--output", os.devnull)


@contextmanager
def restored_beside(engine: sa.Engine, folder: Path) -> Iterator[sa.Engine]:
    """Read a dump into a schema of its own and give a way to it; when the block fails the schema goes.

    Args:
        engine: The database.
        folder: Holds the dump; the script made of it is put there too.

    Raises:
        BackupWrong: The dump is damaged, or PostgreSQL's programs are missing or failed.
    """
    script = folder / "restore.sql"
    _write_script(folder / POSTGRESQL_NAME, script)
    before = [
        f"DROP SCHEMA IF EXISTS {READY_SCHEMA} CASCADE",
        f"ALTER SCHEMA public RENAME TO {KEPT_SCHEMA}",
        "CREATE SCHEMA public",
    ]
    after = [
        f"ALTER SCHEMA public RENAME TO {READY_SCHEMA}",
        f"ALTER SCHEMA {KEPT_SCHEMA} RENAME TO public",
    ]
    words = [*(f"--command={one}" for one in before), f"--file={script}"]
    run_postgresql("psql", engine.url, *_ONCE, *words, *(f"--command={one}" for one in after))
    beside = engine.url.update_query_dict({"options": f"-csearch_path={READY_SCHEMA}"})
    ready = open_database(beside.render_as_string(hide_password=False))
    try:
        yield ready
    except BaseException:
        ready.dispose()
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {READY_SCHEMA} CASCADE")
        raise
    finally:
        ready.dispose()


def take_their_place(engine: sa.Engine) -> None:
    """Let the restored tables take the place of the old ones, which go; in one transaction."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql(f"ALTER SCHEMA {READY_SCHEMA} RENAME TO public")


def _write_script(dump: Path, script: Path) -> None:
    """Turn a dump into a script of SQL; no server is asked."""
    words = [postgresql_program("pg_restore"), "--no-owner", "--no-privileges", f"--file={script}", str(dump)]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise BackupWrong(
            "operations.postgresql_program_failed",
            where="pg_restore",
            name="pg_restore",
            detail=done.stderr[:200],
        )
