"""Trying a robot from a page: in a child process, beside everything else, and without consequences.

A trial goes through the steps with records that wait, or with one sample record, and leaves out whatever would
register, write or send. It may take the text of the editor as it stands, before it is saved. One trial works at a time;
the others wait their turn. What a trial did lies in `var/trials/<number>/` and goes away after KEPT_DAYS.
"""

import re
import secrets
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from loguru import logger

from backoffice.clock import Clock, utc_now
from backoffice.messages import current_language
from console.authoring.errors import AuthoringRefused
from console.design.drafts import read_json, write_json
from console.faults import describe
from scheduler.process import Cause, Limits, watch_child

if TYPE_CHECKING:
    from robots.model import Robot

TASK, PROGRESS, RESULT = "task.json", "progress.json", "result.json"
KEPT_DAYS = 7
MOST_RECORDS = 20
"""A trial takes at most so many records; every step of every record is shown."""
LONGEST_SECONDS = 900.0
GRACE_SECONDS = 15.0
MEMORY_BYTES = 4096 * 1024 * 1024
ON_THE_PC = frozenset({"start_program", "run_python"})
"""Actions that start something on the PC of the service: a page does not, whatever the robot leaves out."""
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Trial:
    """One trial and how far it is.

    Attributes:
        id: 16 hex digits.
        robot: The robot's name in addresses.
        who: Who began it.
        at: When.
        way: "waiting": records that wait in the ledger, or the rows of the robot's file. "sample": one sample record.
        limit: At most so many records.
        saved: The text was the one that is saved.
        state: "waiting", "working", "done", "stopped" or "lost" (the process died or took too long).
        progress: {"finished": …, "waiting": …} while it works.
        result: What it did, once it is done: good, problem, record, parts.
    """

    id: str
    robot: str
    who: str
    at: datetime
    way: str
    limit: int
    saved: bool
    state: str
    progress: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def open(self) -> bool:
        """Whether it is still to come or at work."""
        return self.state in ("waiting", "working")


class Bench(Protocol):
    """Carries a trial out; `ChildBench` does it in a child process."""

    def work(self, folder: Path, asked: threading.Event) -> bool:
        """Do the task of a folder to its end; False when it was stopped or died."""


@dataclass(frozen=True)
class ChildBench:
    """Carries trials out in child processes of their own.

    Attributes:
        configs: Folder of the declarations.
        var: The working folder.
    """

    configs: Path
    var: Path

    def work(self, folder: Path, asked: threading.Event) -> bool:
        """Run the child to its end."""
        end = watch_child(
            self._command(folder),
            folder / "child.log",
            limits=Limits(LONGEST_SECONDS, GRACE_SECONDS, MEMORY_BYTES),
            asked=asked.is_set,
        )
        return end.cause is Cause.ITSELF and end.exit_code == 0

    def _command(self, folder: Path) -> Sequence[str]:
        places = [str(self.configs), str(self.var), str(folder), current_language()]
        return [sys.executable, "-m", f"{__package__}.child", *places]


class TrialRoom:
    """The trials of one installation.

    Args:
        folder: var/trials.
        bench: Carries them out.
        clock: The present moment.
    """

    def __init__(self, folder: Path, bench: Bench, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._bench = bench
        self._clock = clock
        self._queue: SimpleQueue[Path | None] = SimpleQueue()
        self._open: dict[Path, threading.Event] = {}
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def begin(self, name: str, robot: "Robot", who: str, *, way: str, limit: int, saved: bool) -> Trial:
        """Enter a trial of a robot without errors; it begins when those before it are over.

        Raises:
            AuthoringRefused: The robot works on a screen or starts programs, or the person has a trial at work.
        """
        demand_harmless(robot, name)
        self._demand_turn(who)
        sweep_trials(self._folder, self._clock())
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir(parents=True)
        task: dict[str, Any] = {
            "robot": name,
            "file": robot.source.path.name,
            "text": robot.source.text,
            "who": who,
        }
        task |= {"way": way, "limit": limit, "saved": saved, "at": self._clock().isoformat()}
        write_json(folder / TASK, task)
        with self._lock:
            self._open[folder] = threading.Event()
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="robot trials", daemon=True)
                self._worker.start()
        self._queue.put(folder)
        return self._read(folder)

    def find(self, trial_id: str, name: str) -> Trial | None:
        """Return a trial of a robot; None when there is none of this number."""
        folder = self._folder / trial_id
        if not _ID.fullmatch(trial_id) or not (folder / TASK).is_file():
            return None
        trial = self._read(folder)
        return trial if trial.robot == name else None

    def of(self, name: str, most: int = 10) -> list[Trial]:
        """Return the trials of a robot, newest first."""
        folders = self._folder.iterdir() if self._folder.is_dir() else []
        found = [self._read(one) for one in folders if (one / TASK).is_file()]
        mine = [trial for trial in found if trial.robot == name]
        return sorted(mine, key=lambda trial: trial.at, reverse=True)[:most]

    def stop(self, trial: Trial) -> None:
        """Ask a trial to end after the record in hand; one that waits never begins."""
        with self._lock:
            asked = self._open.get(self._folder / trial.id)
        if asked is not None:
            asked.set()

    def close(self) -> None:
        """End every trial; the service is about to end too."""
        with self._lock:
            asked, worker = list(self._open.values()), self._worker
        for one in asked:
            one.set()
        if worker is not None:
            self._queue.put(None)
            worker.join(GRACE_SECONDS + 5)

    def _demand_turn(self, who: str) -> None:
        with self._lock:
            folders = list(self._open)
        if any(self._read(folder).who == who for folder in folders):
            raise AuthoringRefused("authoring.trial_at_work", where=who)

    def _work(self) -> None:
        while (folder := self._queue.get()) is not None:
            asked = self._open[folder]
            try:
                if asked.is_set() or not self._bench.work(folder, asked):
                    state = "stopped" if asked.is_set() else "lost"
                    write_json(folder / RESULT, {"state": state} | (read_json(folder / RESULT) or {}))
            except Exception as error:  # those that wait must still have their turn
                logger.error("the trial {} broke: {}", folder.name, describe(error))
            finally:
                with self._lock:
                    self._open.pop(folder, None)

    def _read(self, folder: Path) -> Trial:
        task = read_json(folder / TASK) or {}
        with self._lock:
            at_work = folder in self._open
        progress, result = read_json(folder / PROGRESS), read_json(folder / RESULT)
        state = ("working" if progress else "waiting") if at_work else (result or {}).get("state", "lost")
        return Trial(
            folder.name,
            task["robot"],
            task["who"],
            datetime.fromisoformat(task["at"]),
            task["way"],
            task["limit"],
            task["saved"],
            state,
            progress or {},
            {} if at_work or result is None else result,
        )


def sweep_trials(trials: Path, now: datetime) -> int:
    """Let the trials go that are older than KEPT_DAYS, and return how many; one at work is far younger."""
    latest = (now - timedelta(days=KEPT_DAYS)).timestamp()
    found = list(trials.iterdir()) if trials.is_dir() else []
    old = [folder for folder in found if folder.stat().st_mtime < latest]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def demand_harmless(robot: "Robot", name: str) -> None:
    """Make sure that trying a robot starts nothing on the PC of the service but a browser.

    Raises:
        AuthoringRefused: It works on a screen, starts programs or calls the town's own functions.
    """
    from robots.stage import uses_screen

    used = {step.action.name for step in robot.all_steps()} & ON_THE_PC
    if used or uses_screen(robot):
        actions = ", ".join(sorted(used)) or "screen"
        raise AuthoringRefused("authoring.trial_on_pc", where=name, name=name, actions=actions)
