"""Command line of the pretend welfare system: ``python -m samples.desktop --database FILE``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from samples.desktop.store import Store
from samples.desktop.window import WelfareWindow

PASSWORD = "WELFARE_PASSWORD"


def main(arguments: list[str] | None = None) -> int:
    """Show the window until it is closed; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.desktop",
        description="Pretend welfare system for desktop robots to drive.",
        epilog=f"It asks for the password in the environment variable {PASSWORD}, when there is one.",
    )
    parser.add_argument("--database", type=Path, required=True, help="SQLite file, made when missing")
    parser.add_argument(
        "--dies-after-saving", action="store_true", help="end right after the first registration"
    )
    chosen = parser.parse_args(arguments)
    if not chosen.database.parent.is_dir():
        parser.error(f"the folder of --database does not exist: {chosen.database.parent}")
    window = WelfareWindow(
        Store(chosen.database),
        password=os.environ.get(PASSWORD, ""),
        dies_after_saving=chosen.dies_after_saving,
    )
    window.mainloop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
