"""Trying a robot from a page: in a child process, beside everything else, and without consequences.

A trial goes through the steps with records that wait, or with one sample record, and leaves out whatever would
register, write or send. It may take the text of the editor as it stands, before it is saved. What may be tried, when
its turn comes and when it must end is told by `console/trial_line.py`, for rehearsals of jobs too. What a trial did
lies in `var/trials/<number>/` and goes away after KEPT_DAYS.
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
from typing import TYPE_CHECKING, Any, Protocol

from backoffice.clock import Clock, utc_now
from backoffice.locks import is_held
from backoffice.messages import current_language
from console.design.drafts import read_json, write_json
from console.trial_line import LIMITS, TrialLine, Turn, demand_harmless
from scheduler.process import Cause, watch_child

if TYPE_CHECKING:
    from robots.model import Robot

TASK, PROGRESS, RESULT = "task.json", "progress.json", "result.json"
KEPT_DAYS = 7
MOST_RECORDS = 20
"""A trial takes at most so many records; every step of every record is shown."""
LEASH = "leash.lock"
DESK = "desk"
"""Begins the names of folders in which a trial has a copy of a record; they go with its end, however it ends."""
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
            limits=LIMITS,
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
        line: In which they wait their turn; rehearsals of jobs stand in it too.
    """

    def __init__(
        self, folder: Path, bench: Bench, clock: Clock = utc_now, line: TrialLine | None = None
    ) -> None:
        self._folder = folder
        self._bench = bench
        self._clock = clock
        self._line = line or TrialLine()
        self._open: dict[Path, Turn] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, robot: "Robot", who: str, *, way: str, limit: int, saved: bool) -> Trial:
        """Enter a trial of a robot without errors; it begins when those before it are over.

        Raises:
            AuthoringRefused: The robot works on a screen or starts programs, or the person has a trial at work.
        """
        demand_harmless(robot, name)
        turn = self._line.stand(who)
        folder = self._folder / secrets.token_hex(8)
        try:
            sweep_trials(self._folder, self._clock())
            folder.mkdir(parents=True)
            task: dict[str, Any] = {"robot": name, "file": robot.source.path.name, "text": robot.source.text}
            task |= {"who": who, "way": way, "limit": limit, "saved": saved, "at": self._clock().isoformat()}
            write_json(folder / TASK, task)
            with self._lock:
                self._open = {one: mine for one, mine in self._open.items() if not mine.over} | {folder: turn}
            self._line.go(turn, folder / LEASH, lambda turn: self._work(folder, turn))
        except BaseException:
            self._line.leave(turn)
            raise
        return self._read(folder)

    def find(self, trial_id: str, name: str) -> Trial | None:
        """Return a trial of a robot; None when there is none of this number."""
        folder = self._folder / trial_id
        if not _ID.fullmatch(trial_id) or not (folder / TASK).is_file():
            return None
        trial = self._read(folder)
        return trial if trial.robot == name else None

    def text(self, trial: Trial) -> str:
        """Return the text that a trial tried."""
        return str((read_json(self._folder / trial.id / TASK) or {}).get("text", ""))

    def of(self, name: str, most: int = 10) -> list[Trial]:
        """Return the trials of a robot, newest first."""
        folders = self._folder.iterdir() if self._folder.is_dir() else []
        found = [self._read(one) for one in folders if (one / TASK).is_file()]
        mine = [trial for trial in found if trial.robot == name]
        return sorted(mine, key=lambda trial: trial.at, reverse=True)[:most]

    def stop(self, trial: Trial) -> None:
        """Ask a trial to end after the record in hand; one that waits never begins."""
        with self._lock:
            turn = self._open.get(self._folder / trial.id)
        if turn is not None:
            turn.asked.set()

    def close(self) -> None:
        """End every trial; the service is about to end too."""
        self._line.close()

    def _work(self, folder: Path, turn: Turn) -> None:
        try:
            if not turn.wait() or not self._bench.work(folder, turn.asked):
                state = "stopped" if turn.asked.is_set() else "lost"
                write_json(folder / RESULT, {"state": state} | (read_json(folder / RESULT) or {}))
        finally:
            _clear_desk(folder)

    def _read(self, folder: Path) -> Trial:
        task = read_json(folder / TASK) or {}
        with self._lock:
            turn = self._open.get(folder)
        at_work = turn is not None and not turn.over
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
    """Let the trials go that are older than KEPT_DAYS, and return how many; one at work is far younger.

    Of those whose server died the copies of records go at once.
    """
    latest = (now - timedelta(days=KEPT_DAYS)).timestamp()
    found = list(trials.iterdir()) if trials.is_dir() else []
    for folder in found:
        if not is_held(folder / LEASH):
            _clear_desk(folder)
    old = [folder for folder in found if folder.stat().st_mtime < latest]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _clear_desk(folder: Path) -> None:
    for desk in folder.glob(f"{DESK}*"):
        shutil.rmtree(desk, ignore_errors=True)
