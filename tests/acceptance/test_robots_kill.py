"""kill -9 of the robot's process: nothing is lost, nothing is registered twice.

The robot runs in a child process of its own. It is killed with SIGKILL at the worst moments, its dead run is
recovered as the service does it, and a new run settles what was left in doubt by looking it up in the stand-in.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import Settings, builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import State, WorkItem
from robots.model import load_robot
from robots.runner import RunCounts, run_robot
from samples.townoffice.testing import counts, running_townoffice, set_faults

ROOT = Path(__file__).parents[2]
PASSWORD = "kill-test-password"
RECORD = {
    "届出日": "2026-04-01", "納税者氏名カナ": "ミホン　タロウ", "納税者氏名": "見本　太郎", "郵便番号": "0600042",
    "住所": "みほん市中央一丁目", "電話番号": "0112345678", "金融機関コード": "0001", "支店コード": "001",
    "預金種別": "普通", "口座番号": "0012345", "口座名義カナ": "ミホン　タロウ", "対象税目": "市県民税",
    "振替方法": "期別", "届出印": "present",
}  # fmt: skip
CHILD = """
import sys
from pathlib import Path
from test_robots_kill import State, Town
town = Town(Path(sys.argv[1]), sys.argv[2])
"""
RUN = "town.run(sys.argv[3])"
FREEZE = """
import os
import signal
from robots.drivers.grip import Grip

do, locate = Grip.do, Grip.locate

def freeze_once_come():
    found = town.ledger.counts()
    if {moment}:
        os.kill(os.getpid(), signal.SIGSTOP)

def do_or_freeze(self, *what):
    freeze_once_come()
    return do(self, *what)

def locate_and_freeze(self, *what):
    place = locate(self, *what)
    freeze_once_come()
    return place

Grip.do, Grip.locate = do_or_freeze, locate_and_freeze
"""
AT_THE_BUTTON = FREEZE.format(moment="found[State.COMMITTING]")
IN_THE_SECOND = FREEZE.format(moment="found[State.DONE] and found[State.IN_PROGRESS]")


class Town:
    """An installation in a folder; the child process and the test each open it for themselves."""

    def __init__(self, folder: Path, url: str) -> None:
        defaults = builtin_settings(folder / "var")
        self.folder, self.url = folder, url
        self.settings: Settings = defaults.model_copy(update={"targets": {"townoffice": url}})
        engine = open_database(self.settings.database_url)
        upgrade(engine)
        self.ledger = Ledger(engine)

    def put(self, number: str) -> WorkItem:
        record = {**RECORD, "通知書番号": number}
        return self.ledger.put("kouza_furikae", number, record, who="test", why="test")[0]

    def run(self, run_id: str, *, believe_after: int = 300) -> RunCounts:
        shipped = (ROOT / "configs/robots/kouza_touroku.yaml").read_text(encoding="utf-8")
        changed = self.folder / f"robot-{run_id}.yaml"
        patience = f"not_before_seconds: {believe_after}"
        changed.write_text(shipped.replace("not_before_seconds: 300", patience), encoding="utf-8")
        environ = {"HAKADORI_SECRET_TOWNOFFICE_PASSWORD": PASSWORD}
        vault = Vault(self.folder / "secrets.json", environ, use_keyring=False)
        robot = load_robot(changed)
        return run_robot(robot, ledger=self.ledger, vault=vault, settings=self.settings, run_id=run_id)

    def run_and_kill(self, run_id: str, moment: Callable[[], bool] | None = None, more: str = "") -> None:
        """Start the robot in a child process, kill it with SIGKILL at the moment, and recover its run.

        Without a moment it is killed where it has stopped itself; `more` lets it.
        """
        with self.start(CHILD + more + RUN, run_id) as child:
            moment = moment or (lambda: is_stopped(child))
            wait_until(lambda: moment() or child.poll() is not None)
            assert child.poll() is None, "the robot ended before it could be killed"
            family = psutil.Process(child.pid).children(recursive=True)
            child.kill()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive, "the browser outlived the robot"
        self.ledger.recover(run_id, who="test")

    def start(self, program: str, run_id: str) -> subprocess.Popen[bytes]:
        """Start a robot in a child process."""
        paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
        command = [sys.executable, "-c", program, str(self.folder), self.url, run_id]
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths})

    def state(self, item: WorkItem) -> State:
        return self.ledger.get(item.id).state

    def rows(self) -> int:
        return counts(self.url)["kouza_furikae"]["rows"]


def is_stopped(child: subprocess.Popen[bytes]) -> bool:
    return psutil.Process(child.pid).status() == psutil.STATUS_STOPPED


def wait_until(moment: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not moment():
        assert time.monotonic() < deadline, "the moment did not come"
        time.sleep(0.02)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with running_townoffice(tmp_path / "town.db", PASSWORD) as url:
        yield Town(tmp_path, url)


def test_settles_an_item_that_was_registered_while_the_robot_was_killed(town: Town) -> None:
    item = town.put("0000000001")
    set_faults(town.url, commit="drop_after", seconds=30, times=1)
    town.run_and_kill("first", lambda: town.rows() == 1)
    assert town.state(item) is State.IN_DOUBT
    result = town.run("second")
    assert (result.settled, result.done, town.state(item)) == (1, 0, State.DONE)
    assert (town.rows(), town.ledger.get(item.id).result) == (1, {"受付番号": "00000001"})


def test_waits_for_a_slow_target_before_it_believes_that_nothing_was_registered(town: Town) -> None:
    item = town.put("0000000001")
    set_faults(town.url, commit="slow", seconds=600, times=1)
    town.run_and_kill("first", lambda: town.state(item) is State.COMMITTING and _pressed(town, item))
    assert (town.state(item), town.rows()) == (State.IN_DOUBT, 0)
    assert town.run("too-early").in_doubt == 1
    assert (town.state(item), town.rows()) == (State.IN_DOUBT, 0)
    set_faults(town.url)  # the target has come to an end with it
    wait_until(lambda: town.rows() == 1)
    assert (town.run("later").settled, town.state(item), town.rows()) == (1, State.DONE, 1)


def test_repeats_an_item_whose_robot_was_killed_before_the_commit(town: Town) -> None:
    first, second = town.put("0000000001"), town.put("0000000002")
    town.run_and_kill("first", more=IN_THE_SECOND)
    assert (town.state(first), town.state(second)) == (State.DONE, State.RETRY)
    assert town.run("second").done == 1
    assert (town.state(second), town.rows()) == (State.DONE, 2)


def test_does_not_press_after_it_was_frozen_before_the_button_and_another_run_registered(town: Town) -> None:
    item = town.put("0000000001")
    with town.start(CHILD + AT_THE_BUTTON + RUN, "first") as child:
        wait_until(lambda: is_stopped(child))
        town.ledger.recover("first", who="test")
        second = town.run("second", believe_after=0)
        assert (second.settled, second.done, town.rows()) == (1, 1, 1)
        child.send_signal(signal.SIGCONT)
        assert child.wait(120) == 0
    assert (town.state(item), town.rows()) == (State.DONE, 1)


def _pressed(town: Town, item: WorkItem) -> bool:
    """Whether the commit step has been done, by the robot's own evidence."""
    trail = town.settings.folder("evidence") / "first" / str(item.id) / "steps.jsonl"
    return trail.exists() and '"step": "登録"' in trail.read_text(encoding="utf-8")
