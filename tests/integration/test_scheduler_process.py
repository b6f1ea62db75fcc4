"""A child and all it started end together, whatever ends it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from scheduler_parts import pass_time_when, wait_for

from scheduler.errors import StartFailed
from scheduler.memory import resident_bytes
from scheduler.process import Cause, ChildEnd, Limits, watch_child

LONG = Limits(seconds=600, grace_seconds=600)

GRANDCHILD = """
import os, subprocess, sys, time
made = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
print(made.pid, flush=True)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(3600)"
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
held = bytearray(HELD * 1024 * 1024)
print("up", flush=True); time.sleep(3600)
"""


def watch(tmp_path: Path, code: str, limits: Limits = LONG, *, ask: bool = False) -> ChildEnd:
    log = tmp_path / "child.log"
    return watch_child(
        [sys.executable, "-c", code], log, limits=limits, asked=lambda: ask and b"up" in log.read_bytes()
    )


def test_a_child_that_ends_by_itself_tells_its_exit_code_and_leaves_its_output(tmp_path: Path) -> None:
    end = watch(tmp_path, "import sys; print('読取'); print('誤り', file=sys.stderr); sys.exit(4)")
    assert end == ChildEnd(4, Cause.ITSELF)
    assert (tmp_path / "child.log").read_text(encoding="utf-8").split() == ["読取", "誤り"]


@pytest.mark.parametrize(
    ("ending", "exit_code", "cause"),
    [("time.sleep(3600)", -9, Cause.TIME_OUT), ("os.kill(os.getpid(), 9)", -9, Cause.ITSELF)],
)
def test_what_a_child_started_never_outlives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, exit_code: int, cause: Cause
) -> None:
    if cause is Cause.TIME_OUT:
        pass_time_when(monkeypatch, lambda: b"\n" in (tmp_path / "child.log").read_bytes())
    end = watch(tmp_path, GRANDCHILD + ending)
    assert end == ChildEnd(exit_code, cause)
    grandchild = int((tmp_path / "child.log").read_text())
    wait_for(lambda: _is_gone(grandchild))


def test_a_child_that_is_asked_may_end_in_order(tmp_path: Path) -> None:
    assert watch(tmp_path, f"HELD = 0\n{POLITE}", ask=True) == ChildEnd(3, Cause.ASKED)


def test_a_child_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    """By itself it would never end, and its limit is an hour: only the grace can have ended it."""
    short_grace = Limits(seconds=3600, grace_seconds=0.5)
    assert watch(tmp_path, DEAF, short_grace, ask=True) == ChildEnd(-9, Cause.KILLED_AFTER_ASKING)


def test_a_child_that_uses_too_much_memory_is_asked_to_stop(tmp_path: Path) -> None:
    """The interpreter alone uses more than one megabyte; what it holds beside that is shown to be enough."""
    limits = Limits(seconds=3600, grace_seconds=3600, memory_bytes=60 * 1024 * 1024)
    end = watch(tmp_path, f"HELD = 80\n{POLITE}", limits)
    assert end == ChildEnd(3, Cause.ASKED, over_memory=True)


def test_a_child_that_uses_far_too_much_memory_is_killed_at_once(tmp_path: Path) -> None:
    limits = Limits(seconds=3600, grace_seconds=3600, memory_bytes=40 * 1024 * 1024)
    end = watch(tmp_path, f"held = bytearray(200 * 1024 * 1024)\n{DEAF}", limits)
    assert end == ChildEnd(-9, Cause.KILLED_AFTER_ASKING, over_memory=True)


def test_the_memory_of_what_a_child_started_counts_too(tmp_path: Path) -> None:
    hungry = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    inner = "held = bytearray(120 * 1024 * 1024); print('up', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hungry, inner], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == b"up\n"
        assert resident_bytes(child.pid) > 120 * 1024 * 1024
        child.communicate(b"\n")
    assert resident_bytes(child.pid) == 0


def test_ctrl_c_asks_the_child_and_is_passed_on(tmp_path: Path) -> None:
    before = psutil.Process().children()

    def press() -> bool:
        if b"up" in (tmp_path / "child.log").read_bytes():
            os.kill(os.getpid(), signal.SIGINT)
        return False

    with pytest.raises(KeyboardInterrupt):
        watch_child(
            [sys.executable, "-c", f"HELD = 0\n{POLITE}"], tmp_path / "child.log", limits=LONG, asked=press
        )
    assert set(psutil.Process().children()) <= set(before)


def test_a_program_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="処理のプロセスを始められません"):
        watch_child(["/no/such/program"], tmp_path / "x.log", limits=LONG, asked=lambda: False)


def _is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
