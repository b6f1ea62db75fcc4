"""What tests of every room may use."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of an empty database on a real PostgreSQL server of our own, on 127.0.0.1 only.

    Skipped where no PostgreSQL is installed, but not in CI.
    """
    programs = _postgresql_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have PostgreSQL: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed (/usr/lib/postgresql/*/bin): apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="hakadori-postgresql-"))
    password, port = secrets.token_urlsafe(16), _free_port()
    account = _account(home)
    try:
        _make_cluster(programs, home, password, account)
        with (home / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", home / "data", "-c", "listen_addresses=127.0.0.1",
                 "-c", f"port={port}", "-c", "unix_socket_directories=", "-c", "fsync=off"],
                stdout=log, stderr=log, cwd=home, **account,
            )  # fmt: skip
        try:
            _wait_until_ready(server, port, home / "server.log")
            yield f"postgresql+psycopg://hakadori:{password}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            server.wait(30)
    finally:
        shutil.rmtree(home)


def _postgresql_programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if folders:
        return folders[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _account(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root hands the folder to the account postgres."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    shutil.chown(home, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _make_cluster(programs: Path, home: Path, password: str, account: dict[str, Any]) -> None:
    secret = home / "password"
    secret.write_text(password)
    if account:
        shutil.chown(secret, "postgres")
    subprocess.run(
        [programs / "initdb", "-D", home / "data", "-U", "hakadori", "-E", "UTF8", "--locale=C",
         "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"],
        check=True, capture_output=True, cwd=home, **account,
    )  # fmt: skip
    secret.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + 60
    while "ready to accept connections" not in log.read_text(errors="replace"):
        assert server.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < end, f"PostgreSQL did not start on port {port}"
        time.sleep(0.1)
