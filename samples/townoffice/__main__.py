"""Command line of the stand-in: ``python -m samples.townoffice --port 0 --database FILE``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from samples.townoffice.server import HOST, serve

PASSWORD = "TOWNOFFICE_PASSWORD"


def main(arguments: list[str] | None = None) -> int:
    """Start the stand-in; returns the exit code (2: a wrong argument or a missing password)."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.townoffice",
        description="Stand-in town-hall web system for robots to drive.",
        epilog=f"Log in as robot01 with the password set in the environment variable {PASSWORD}.",
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 (default) takes a free one")
    parser.add_argument("--database", type=Path, required=True, help="SQLite file, made when missing")
    parser.add_argument("--host", choices=[HOST], default=HOST, help="it listens on this machine only")
    chosen = parser.parse_args(arguments)
    password = os.environ.get(PASSWORD, "")
    if not password:
        parser.error(f"set the environment variable {PASSWORD} to the password robot01 logs in with")
    if not chosen.database.parent.is_dir():
        parser.error(f"the folder of --database does not exist: {chosen.database.parent}")
    try:
        serve(chosen.database, password, chosen.port)
    except OSError as error:
        parser.error(f"cannot listen on {HOST}:{chosen.port}: {error.strerror}; choose another --port, or 0")
    return 0


if __name__ == "__main__":
    sys.exit(main())
