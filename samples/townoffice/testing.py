"""Starts the stand-in as a process of its own for tests and the demo, and reads what it counted."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
STOP_SECONDS = 60


@contextmanager
def running_townoffice(
    database: Path, password: str, faults: Mapping[str, object] | None = None
) -> Iterator[str]:
    """Run the stand-in on a free port and end it by its own process id afterwards.

    Args:
        database: SQLite file for the registrations; kept when the stand-in ends.
        password: The password of ``robot01``.
        faults: Faults to switch on at the start, as for ``POST /__faults``.

    Yields:
        The address, such as ``http://127.0.0.1:41234``.

    Raises:
        RuntimeError: It did not start; the message holds what it printed.
    """
    command = [sys.executable, "-m", "samples.townoffice", "--port", "0", "--database", str(database)]
    environment = {**os.environ, "TOWNOFFICE_PASSWORD": password}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = _announced(process)
            if faults is not None:
                set_faults(url, **faults)
            yield url
        finally:
            _end(process)


def empty(url: str, database: Path) -> None:
    """Let a running stand-in be as it was before its first registration, and without faults."""
    with closing(sqlite3.connect(database, timeout=START_SECONDS)) as connection, connection:
        for table in ("registrations", "drafts", "practice", "sqlite_sequence"):
            connection.execute(f"DELETE FROM {table}")
    set_faults(url)


def set_faults(url: str, **faults: object) -> None:
    """Replace the faults of a running stand-in; no arguments switch all off."""
    _ask(f"{url}/__faults", faults)


def counts(url: str) -> dict[str, dict[str, int]]:
    """Rows and distinct keys by business, such as ``{"kouza_furikae": {"rows": 2, "distinct_keys": 1}}``."""
    answer: dict[str, dict[str, int]] = _ask(f"{url}/__counts")
    return answer


def _ask(url: str, body: Mapping[str, object] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=START_SECONDS) as answer:
        return json.loads(answer.read())


def _announced(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    line = process.stdout.readline()
    watchdog.cancel()
    if not line:
        raise RuntimeError(f"the stand-in did not start: exit code {process.wait(STOP_SECONDS)}")
    return str(json.loads(line)["url"])


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
