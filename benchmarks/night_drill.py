"""A night in which everything happens, on SQLite and on PostgreSQL: nothing may be lost, nothing done twice.

A list is entered twice at the same moment, two services fire the same job, three lanes register its records in a target
that only adds to its list. Meanwhile children, services and workers are killed with SIGKILL, frozen and thawed, the
database is stopped (PostgreSQL) or locked (SQLite) between the press and its answer, and the disk is filled to the
last byte. In the morning the target's list is compared with the list of the office; the ledger's own word counts for
nothing.

    python3 benchmarks/night_drill.py                       both backends, a line for each thing that happens
    python3 benchmarks/night_drill.py --json                one object: {"sqlite": {…}, "postgresql": {…}}
    python3 benchmarks/night_drill.py --items 60 --kills 4 --backend sqlite

`duplicated`: registrations beyond one for each record. `lost`: records that the target does not have although the
ledger calls them done, and records that are neither done nor in doubt in the morning. `in_doubt`: how often a record
fell into doubt. `settled`: how many of those were settled by looking into the target. `still_in_doubt`: what a person
would have to look at. `double_firings`: slots that two runs of the same lane served. `disk_full`: whether the disk was
really filled (needs root, for a small tmpfs). Exit code 1 when anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)
from benchmarks.robot_town import go_on_in_checkout

go_on_in_checkout()

# ruff: noqa: E402 - what follows needs the packages of the checkout
from benchmarks.night import BACKENDS, Morning, Night


def main() -> int:
    """Measure and tell; returns the exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--items", type=int, default=900)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", choices=BACKENDS, help="only this one")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    mornings: dict[str, Morning] = {}
    for backend in [chosen.backend] if chosen.backend else BACKENDS:
        with tempfile.TemporaryDirectory(prefix="hakadori-night-") as name:
            Path(name).chmod(0o755)
            night = Night(Path(name), backend, chosen.items, chosen.kills, chosen.seed, tell=not chosen.json)
            mornings[backend] = night.pass_by()
    told = {backend: asdict(morning) for backend, morning in mornings.items()}
    if chosen.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for backend, morning in told.items():
            print(f"\n{backend}", *(f"  {name:<18}{value!s:>8}" for name, value in morning.items()), sep="\n")
    return 1 if any(morning.lost or morning.duplicated for morning in mornings.values()) else 0


if __name__ == "__main__":
    os.environ.setdefault("HAKADORI_LANGUAGE", "en")
    sys.exit(main())
