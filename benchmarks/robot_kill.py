"""Kills a robot with SIGKILL at random moments and counts what the target has: nothing lost, nothing twice.

100 items are registered in the stand-in by the shipped robot kouza_touroku, in a real Chromium. The robot's process is
killed 20 times, each time a random while after it has begun to work, and started again; its own `resolve:` steps
settle what was left in doubt. At the end the target's database is compared with the items.

    python3 benchmarks/robot_kill.py                    a table: every kill, and the sum
    python3 benchmarks/robot_kill.py --json             one object: items, kills, duplicates, lost, in_doubt, settled, …
    python3 benchmarks/robot_kill.py --items 20 --kills 5 --seed 2

`duplicates`: rows of the target beyond one for each item. `lost`: items called done that the target does not have, and
items that are neither done nor in doubt at the end. `in_doubt`: how often a kill left an item in doubt. `settled`: how
many of those `resolve:` settled. `still_in_doubt`: what a person would have to look at. Exit code 1 when anything was
lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.robot_town import PASSWORD, ROOT, RobotTown, go_on_in_checkout

go_on_in_checkout()

# ruff: noqa: E402 - what follows needs the packages of the checkout
from samples.townoffice.catalogue import KOUZA_FURIKAE
from samples.townoffice.examples import example_record
from samples.townoffice.testing import running_townoffice

LONGEST_AFTER_FIRST_CLAIM = 12.0
"""The robot is killed at a moment drawn evenly from so many seconds after its first claim: several items' time."""
PATIENCE = {"wait_seconds: 30": "wait_seconds: 0", "not_before_seconds: 300": "not_before_seconds: 3"}
"""The stand-in registers at once, so "not found" is believed after 3 s instead of 5 min."""


@dataclass(frozen=True)
class Kill:
    """One kill.

    Attributes:
        number: Which, from 1.
        after: Seconds from the start of the process to the kill.
        held: State of the item that the robot had in its hands: in_progress, committing, or "" for none.
        done: Items done at that moment.
    """

    number: int
    after: float
    held: str
    done: int


@dataclass
class Trial:
    """What came of it; see the module's text for the meaning of the numbers."""

    items: int
    kills: int
    seed: int
    duplicates: int = 0
    lost: int = 0
    in_doubt: int = 0
    settled: int = 0
    still_in_doubt: int = 0
    runs: int = 0
    seconds: float = 0.0
    trail: list[Kill] = field(default_factory=list)


def main() -> int:
    """Measure and tell; returns the exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", nargs=3, metavar=("FOLDER", "URL", "RUN"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        return _run(Path(chosen.run[0]), chosen.run[1], chosen.run[2])
    with tempfile.TemporaryDirectory(prefix="robot-kill-") as name:
        trial = measure(Path(name), chosen.items, chosen.kills, chosen.seed, tell=not chosen.json)
    print(json.dumps(asdict(trial), ensure_ascii=False) if chosen.json else _sum(trial))
    return 1 if trial.duplicates or trial.lost else 0


def measure(folder: Path, items: int, kills: int, seed: int, *, tell: bool = False) -> Trial:
    """Kill and restart until every item is settled.

    Args:
        folder: An empty folder.
        items: How many items.
        kills: How many kills at most; fewer when the items are done before.
        seed: Of the random moments.
        tell: Print a line for every kill.
    """
    moments, trial, begun = random.Random(seed), Trial(items, 0, seed), time.monotonic()
    database = folder / "town.db"
    with running_townoffice(database, PASSWORD) as url:
        town = open_town(folder, url)
        numbers = [town.put(f"{n:010d}", example_record(KOUZA_FURIKAE, n)) for n in range(1, items + 1)]
        while trial.runs < kills + items:
            trial.runs += 1
            run_id = f"run-{trial.runs}"
            span = LONGEST_AFTER_FIRST_CLAIM if trial.kills < kills else None
            killed = _run_and_kill(town, url, run_id, None if span is None else moments.uniform(0, span))
            if killed is None:
                if not town.waiting():
                    break
                time.sleep(3)  # what is in doubt is not believed to be missing before
                continue
            trial.kills += 1
            after, held = killed
            trial.trail.append(Kill(trial.kills, round(after, 1), held, town.done()))
            if tell:
                last = trial.trail[-1]
                held = last.held or "-"
                print(
                    f"kill {last.number:>3}  after {last.after:>5.1f} s  in hand: {held:<12} done: {last.done}",
                    flush=True,
                )
        _count(trial, town, numbers, database)
    trial.seconds = round(time.monotonic() - begun, 1)
    return trial


class KillTown(RobotTown):
    """The installation, with what the trial asks of its ledger."""

    def done(self) -> int:
        """Items done."""
        from backoffice.work_items import State

        return self.ledger.counts(self.robot.items.process)[State.DONE]

    def waiting(self) -> int:
        """Items that are not settled."""
        from backoffice.work_items import State

        counts = self.ledger.counts(self.robot.items.process)
        return (
            sum(counts.values())
            - counts[State.DONE]
            - counts[State.BUSINESS_FAILURE]
            - counts[State.SYSTEM_FAILURE]
        )

    def held(self) -> str:
        """State of the item in a robot's hands."""
        from backoffice.work_items import State

        found = self.ledger.items(self.robot.items.process, [State.IN_PROGRESS, State.COMMITTING])
        return found[0].state.value if found else ""


def open_town(folder: Path, url: str) -> KillTown:
    """Open the installation with the shipped robot, a little less patient."""
    robot = (ROOT / "configs" / "robots" / "kouza_touroku.yaml").read_text(encoding="utf-8")
    for old, new in PATIENCE.items():
        assert old in robot, old
        robot = robot.replace(old, new)
    return KillTown(folder, url, robot)


def _run_and_kill(town: KillTown, url: str, run_id: str, moment: float | None) -> tuple[float, str] | None:
    """Start the robot; kill it a moment after its first claim, or let it end.

    Returns:
        Seconds from its start and the state of the item in its hands; None when it ended by itself.
    """
    import psutil

    command = [sys.executable, __file__, "--run", str(town.folder), url, run_id]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and not town.held():
            time.sleep(0.05)
        if moment is None:
            child.wait()
        else:
            end = time.monotonic() + moment
            while child.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
        if child.poll() is not None:
            return None
        family = psutil.Process(child.pid).children(recursive=True)
        child.kill()
    after = time.monotonic() - started
    psutil.wait_procs(family, timeout=30)
    held = town.held()
    town.ledger.recover(run_id, who="benchmark")
    return after, held


def _run(folder: Path, url: str, run_id: str) -> int:
    """The robot's own process."""
    from robots.runner import run_robot

    town = open_town(folder, url)
    counts = run_robot(
        town.robot, ledger=town.ledger, vault=town.vault, settings=town.settings, run_id=run_id
    )
    return counts.exit_code


def _count(trial: Trial, town: KillTown, numbers: list[int], database: Path) -> None:
    from backoffice.work_items import State

    with sqlite3.connect(database) as connection:
        rows = [row[0] for row in connection.execute("SELECT key FROM registrations")]
    connection.close()
    trial.duplicates = len(rows) - len(set(rows))
    for number in numbers:
        item = town.ledger.get(number)
        events = town.ledger.events(number)
        doubts = [at for at, event in enumerate(events) if event.to_state is State.IN_DOUBT]
        trial.in_doubt += len(doubts)
        trial.settled += sum(at + 1 < len(events) for at in doubts)
        trial.still_in_doubt += item.state is State.IN_DOUBT
        registered = item.record["通知書番号"] in rows
        done = item.state is State.DONE
        trial.lost += (done and not registered) or (not done and item.state is not State.IN_DOUBT)


def _sum(trial: Trial) -> str:
    told = {name: value for name, value in asdict(trial).items() if name != "trail"}
    return "\n".join(["", *(f"{name:<16}{value:>8}" for name, value in told.items())])


if __name__ == "__main__":
    os.environ.setdefault("HAKADORI_LANGUAGE", "en")
    sys.exit(main())
