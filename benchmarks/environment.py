"""Bring a benchmark into the project's own environment: `python3 benchmarks/NAME.py` works from a fresh clone."""

import os
import sys
from pathlib import Path

from benchmarks.robot_town import go_on_in_checkout

ROOT = Path(__file__).resolve().parents[1]


def enter_environment() -> None:
    """Go on in `.venv` of this checkout; where there is none yet, it is made first (see start.py)."""
    if not (ROOT / ".venv").exists():
        import start
        from backoffice.bootstrap.checkout import Checkout

        start.prepare(Checkout(ROOT), "hakadori")
    go_on_in_checkout()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
