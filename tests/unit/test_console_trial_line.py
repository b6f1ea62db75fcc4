"""The line for trials and rehearsals: one at a time, one for each person, and none outlives its server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from backoffice.locks import is_held
from backoffice.messages import use_language
from console.authoring.errors import AuthoringRefused
from console.trial_line import TrialLine, Turn

PATIENCE = 60


@pytest.fixture(autouse=True)
def japanese() -> None:
    use_language("ja")


class Work:
    """Something to do in a turn, that waits until the test lets it go."""

    def __init__(self, line: TrialLine, who: str, folder: Path) -> None:
        self.begun, self.go, self.over = threading.Event(), threading.Event(), threading.Event()
        self.came = False
        self.leash = folder / f"{who}.lock"
        self.turn = line.stand(who)
        line.go(self.turn, self.leash, self.work)

    def work(self, turn: Turn) -> None:
        self.came = turn.wait()
        self.begun.set()
        assert self.go.wait(PATIENCE)
        self.over.set()


@pytest.fixture
def line() -> Iterator[TrialLine]:
    line = TrialLine()
    yield line
    line.close()


@contextmanager
def released(*works: Work) -> Iterator[None]:
    try:
        yield
    finally:
        for work in works:
            work.go.set()


def test_turns_come_one_at_a_time_in_the_order_of_arrival(line: TrialLine, tmp_path: Path) -> None:
    first, second, third = (Work(line, who, tmp_path) for who in ("sato", "suzuki", "tanaka"))
    with released(first, second, third):
        assert first.begun.wait(PATIENCE)
        assert (second.turn.waits, third.turn.waits) == (True, True)
        first.go.set()
        assert second.begun.wait(PATIENCE)
        assert (second.came, third.turn.waits) == (True, True)


def test_a_person_has_one_place_and_may_come_back_when_it_is_free(line: TrialLine, tmp_path: Path) -> None:
    first = Work(line, "sato", tmp_path)
    with released(first):
        with pytest.raises(AuthoringRefused, match="まだ終わっていません"):
            line.stand("sato")
        assert first.begun.wait(PATIENCE)
    assert first.over.wait(PATIENCE)
    line.leave(line.stand("sato"))


def test_who_is_asked_to_go_while_waiting_never_begins(line: TrialLine, tmp_path: Path) -> None:
    first, second = Work(line, "sato", tmp_path), Work(line, "suzuki", tmp_path)
    with released(first, second):
        second.turn.asked.set()
        assert second.begun.wait(PATIENCE)
        assert (second.came, first.over.is_set()) == (False, False)


def test_a_leash_that_cannot_be_removed_holds_nobody_up(
    line: TrialLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "another program has the file open")

    monkeypatch.setattr(Path, "unlink", kept)
    first, second = Work(line, "sato", tmp_path), Work(line, "suzuki", tmp_path)
    with released(first, second):
        first.go.set()
        assert second.begun.wait(PATIENCE)
        assert (second.came, first.turn.over) == (True, True)


def test_what_breaks_takes_no_other_ones_turn(line: TrialLine, tmp_path: Path) -> None:
    def broken(_turn: Turn) -> None:
        raise RuntimeError

    line.go(line.stand("sato"), tmp_path / "broken.lock", broken)
    second = Work(line, "suzuki", tmp_path)
    with released(second):
        assert second.begun.wait(PATIENCE)
        assert second.came


def test_the_leash_is_held_from_the_beginning_to_the_end(line: TrialLine, tmp_path: Path) -> None:
    work = Work(line, "sato", tmp_path)
    with released(work):
        assert work.begun.wait(PATIENCE)
        assert is_held(work.leash)
    line.close()
    assert not is_held(work.leash)


CHILD = """
import subprocess, sys, time
from pathlib import Path
from console.trial_line import end_with_the_server
browser = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
end_with_the_server(Path(sys.argv[1]))
print(browser.pid, flush=True)
time.sleep(600)
"""
SERVER = """
import subprocess, sys
from pathlib import Path
from backoffice.locks import held
with held(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1]], stdout=subprocess.PIPE, text=True)
    print(child.pid, child.stdout.readline(), flush=True)
    child.wait()
"""


def test_a_child_ends_with_all_that_it_started_when_its_server_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path / "leash.lock"), CHILD]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    family = [psutil.Process(int(pid)) for pid in server.stdout.readline().split()]
    assert len(family) == 2
    server.kill()
    server.wait(PATIENCE)
    server.stdout.close()
    until = time.monotonic() + PATIENCE
    while (left := [one for one in family if lives(one)]) and time.monotonic() < until:
        time.sleep(0.05)
    for one in left:
        one.kill()
    assert left == []


def lives(process: psutil.Process) -> bool:
    """Say whether a process works on; one that nobody has taken notice of since it ended does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
