"""A real PostgreSQL of our own on 127.0.0.1, for tests and measurements: it can be stopped hard and started again.

PostgreSQL refuses to run as root, so root hands the folder to the account `postgres`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 120


def postgresql_programs() -> Path | None:
    """Return the folder with `initdb` and `postgres` of the newest version, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if folders:
        return folders[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class PostgreSql:
    """One server.

    Args:
        home: Its folder; exists and is empty.
        programs: From `postgresql_programs`.
        fsync: Write through to the disk, as in real life.
        more: Further settings.

    Attributes:
        url: Address of its empty database, with the password.
    """

    def __init__(self, home: Path, programs: Path, *, fsync: bool = False, **more: str) -> None:
        self._home = home
        self._programs = programs
        self._settings = {"fsync": "on" if fsync else "off", **more}
        self._password = secrets.token_urlsafe(16)
        self._port = _free_port()
        self._account = _account(home)
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://hakadori:{self._password}@127.0.0.1:{self._port}/postgres"
        self._make_cluster()

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._server is not None and self._server.poll() is None

    def start(self) -> None:
        """Start it and wait until it accepts connections; it may first have to recover."""
        told = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            **self._settings,
        }
        words = [word for name, value in told.items() for word in ("-c", f"{name}={value}")]
        log = self._home.parent / f"{self._home.name}.log"
        with log.open("wb") as stream:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._home / "data", *words],
                stdout=stream,
                stderr=stream,
                cwd=self._home,
                **self._account,
            )
        end = time.monotonic() + PATIENCE_SECONDS
        while "ready to accept connections" not in log.read_text(errors="replace"):
            if not self.alive or time.monotonic() > end:
                raise RuntimeError(log.read_text(errors="replace"))
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT cuts the connections off in order, SIGQUIT at once, as a crash does."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(how)
            self._server.wait(PATIENCE_SECONDS)
        self._server = None

    def _make_cluster(self) -> None:
        secret = self._home / "password"
        secret.write_text(self._password)
        if self._account:
            shutil.chown(secret, "postgres")
        subprocess.run(
            [self._programs / "initdb", "-D", self._home / "data", "-U", "hakadori", "-E", "UTF8", "--locale=C",
             "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"],
            check=True, capture_output=True, cwd=self._home, **self._account,
        )  # fmt: skip
        secret.unlink()


def _account(home: Path) -> dict[str, Any]:
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    shutil.chown(home, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
