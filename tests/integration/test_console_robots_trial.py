"""A robot tried from its page: a real child process, a real browser, the real stand-in, and nothing registered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from robots_office import KOUZA
from robots_office import PASSWORD as STANDIN_PASSWORD

from backoffice.bootstrap.browsers import find_browser
from backoffice.messages import use_language
from console.authoring.room import RobotRoom
from console.authoring.trials import Trial, sweep_trials
from console.demo_standin import standing_in
from console.web.robots_view import trial_parts
from console.wiring import Office, make_desk, open_office

pytestmark = [
    pytest.mark.skipif(
        find_browser(os.environ) is None, reason="no Edge, Chrome or Chromium on this machine"
    ),
    pytest.mark.timeout(300),
]
NAME = "kouza_touroku"
PATIENCE = 240.0


@dataclass
class Town:
    office: Office
    room: RobotRoom

    def ended(self, trial: Trial) -> Trial:
        """Wait for a trial's end."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.room.trials.find(trial.id, NAME)
            assert found is not None
            if not found.open:
                return found
            time.sleep(0.1)
        raise AssertionError(f"the trial did not end: {trial}")

    def tried(self, text: str, way: str) -> Trial:
        robot = self.room.shelf.check(NAME, text).robot
        assert robot is not None
        return self.ended(self.room.trials.begin(NAME, robot, "sato", way=way, limit=1, saved=False))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    use_language("ja")
    folder = tmp_path_factory.mktemp("town")
    shutil.copytree("configs", folder / "configs")
    shutil.copytree(Path("samples") / "forms", folder / "samples" / "forms")
    with standing_in(Path.cwd(), folder / "standin.db", STANDIN_PASSWORD) as url:
        settings = folder / "configs" / "hakadori.yaml"
        settings.write_text(settings.read_text("utf-8").replace("http://127.0.0.1:8750", url), "utf-8")
        office = open_office(folder / "configs", var=folder / "var")
        office.vault.put("townoffice_password", STANDIN_PASSWORD)
        for number in ("0012345678", "0012345679"):
            office.ledger.put("kouza_furikae", number, {**KOUZA, "通知書番号": number}, who="t", why="t")
        room = make_desk(office).robots
        assert room is not None
        yield Town(office, room)
        room.trials.close()


def test_a_trial_goes_as_far_as_the_commit_step_and_changes_nothing(town: Town) -> None:
    before = town.office.ledger.counts("kouza_furikae")
    trial = town.tried(town.room.shelf.read(NAME).text, "waiting")
    assert (trial.state, trial.result["good"], trial.result["problem"]) == ("done", True, "")
    records = [part for part in trial.result["parts"] if part["name"].startswith("rehearsal")]
    assert len(records) == 1
    steps = [(step["action"], step["outcome"]) for step in records[0]["steps"]]
    assert steps[0] == ("open", "done")
    assert ("click", "done") in steps
    assert len(steps) == 19  # the twentieth is the commit step
    assert "見本　太郎" not in str(trial.result)
    assert town.office.ledger.counts("kouza_furikae") == before
    shown = [one["sentence"] for part in trial_parts(trial) for one in part["steps"]]
    assert (
        "見出し「口座振替 新規登録」 が出るのを待つ" in [" ".join(one.split()) for one in shown]
        and "" not in shown
    )


def test_a_text_that_is_not_saved_is_tried_as_it_stands(town: Town) -> None:
    text = town.room.shelf.read(NAME).text
    wrong = text.replace("field: 届出日, value", "field: 届出年月日, value").replace(
        "tries: {times: 3", "tries: {times: 1"
    )
    wrong = wrong.replace(
        '届出年月日, value: "${item.届出日}"}', '届出年月日, value: "${item.届出日}"}\n    timeout: 2'
    )
    trial = town.tried(wrong, "sample")
    assert (trial.state, trial.result["good"]) == ("done", False)
    assert "届出年月日" in trial.result["problem"]
    assert town.room.shelf.read(NAME).text == text


SERVER = """
import sys, time
from pathlib import Path
from console.wiring import make_desk, open_office
room = make_desk(open_office(Path(sys.argv[1]), var=Path(sys.argv[2]))).robots
robot = room.shelf.check(sys.argv[3], sys.stdin.read()).robot
print(room.trials.begin(sys.argv[3], robot, "sato", way="sample", limit=1, saved=False).id, flush=True)
time.sleep(600)
"""


def test_a_server_killed_in_mid_trial_leaves_no_robot_no_browser_and_no_copy_of_a_record(town: Town) -> None:
    text = town.room.shelf.read(NAME).text.replace(
        "  - expect: {heading",
        "  - expect: {text: 決して出ない言葉}\n    timeout: 600\n  - expect: {heading",
        1,
    )
    command = [sys.executable, "-c", SERVER, str(town.office.configs), str(town.office.settings.var), NAME]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(text)
    server.stdin.close()
    folder = town.office.settings.var / "trials" / server.stdout.readline().strip()
    until = time.monotonic() + PATIENCE

    def wait(seen: Callable[[], bool]) -> None:
        while not seen():
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.1)

    def family() -> list[psutil.Process]:
        return psutil.Process(server.pid).children(recursive=True)

    wait(lambda: any("--headless" in argument for one in family() for argument in _words(one)))
    wait(lambda: any(folder.glob("desk-*")))
    started = family()
    server.kill()
    server.wait(60)
    server.stdout.close()
    wait(lambda: not any(_works(one) for one in started))
    lost = town.room.trials.find(folder.name, NAME)
    assert lost is not None
    assert (lost.state, lost.open) == ("lost", False)
    assert any(folder.glob("desk-*"))
    sweep_trials(folder.parent, datetime.now(UTC))
    assert not any(folder.glob("desk-*"))


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _works(process: psutil.Process) -> bool:
    """Say whether a process works on; one that nobody has taken notice of since it ended does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
