"""Starts the stand-in town-hall system for the demonstration as a process of its own, and counts in its database."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.errors import DemoWrong

START_SECONDS = 60
STOP_SECONDS = 10
PASSWORD = "TOWNOFFICE_PASSWORD"


@dataclass(frozen=True)
class Rows:
    """What stands in the stand-in's own database.

    Attributes:
        total: Registrations of all businesses.
        keys: Different keys among them; fewer than `total` means that something was registered twice.
        by_business: Registrations of each business.
    """

    total: int
    keys: int
    by_business: dict[str, int]


@contextmanager
def standing_in(root: Path, database: Path, password: str) -> Iterator[str]:
    """Run the stand-in on a free port of 127.0.0.1 for the time of the block; it is always ended by its process.

    Args:
        root: The checkout that holds `samples/`.
        database: Its SQLite file.
        password: The password that it asks of robots.

    Yields:
        Its address.

    Raises:
        DemoWrong: It did not start.
    """
    command = [sys.executable, "-m", "samples.townoffice", "--port", "0", "--database", str(database)]
    environment = {**os.environ, PASSWORD: password, "PYTHONUTF8": "1"}
    log = database.with_suffix(".log")
    with (
        log.open("ab") as errors,
        subprocess.Popen(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            yield _announced(process, log)
        finally:
            _end(process)


def count_rows(database: Path) -> Rows:
    """Count the registrations in the stand-in's own database; all zero while it does not exist."""
    if not database.exists():
        return Rows(0, 0, {})
    query = "SELECT business, count(*), count(DISTINCT key) FROM registrations GROUP BY business"
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(query).fetchall()
    return Rows(
        sum(rows for _, rows, _ in found),
        sum(keys for _, _, keys in found),
        {str(business): int(rows) for business, rows, _ in found},
    )


def _announced(process: "subprocess.Popen[str]", log: Path) -> str:
    """Wait for the line in which the stand-in tells its address."""
    if process.stdout is None:
        raise DemoWrong("console.standin_silent", where=log.name, log=str(log))
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    if not line:
        raise DemoWrong("console.standin_silent", where=log.name, log=str(log))
    return str(json.loads(line)["url"])


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
