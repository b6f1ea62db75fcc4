"""A child and all it started end together, whatever ends it."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from scheduler_parts import wait_for

from scheduler.errors import StartFailed
from scheduler.process import Cause, ChildEnd, watch_child

GRANDCHILD = """
import os, subprocess, sys, time
made = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(made.pid, flush=True)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
print("up", flush=True); time.sleep(60)
"""


def watch(tmp_path: Path, code: str, *, limit: float = 30, grace: float = 30, ask: bool = False) -> ChildEnd:
    log = tmp_path / "child.log"
    return watch_child(
        [sys.executable, "-c", code],
        log,
        limit_seconds=limit,
        grace_seconds=grace,
        asked=lambda: ask and b"up" in log.read_bytes(),
    )


def test_a_child_that_ends_by_itself_tells_its_exit_code_and_leaves_its_output(tmp_path: Path) -> None:
    end = watch(tmp_path, "import sys; print('読取'); print('誤り', file=sys.stderr); sys.exit(4)")
    assert end == ChildEnd(4, Cause.ITSELF)
    assert (tmp_path / "child.log").read_text(encoding="utf-8").split() == ["読取", "誤り"]


@pytest.mark.parametrize(
    ("ending", "exit_code", "cause"),
    [("time.sleep(60)", -9, Cause.TIME_OUT), ("os.kill(os.getpid(), 9)", -9, Cause.ITSELF)],
)
def test_what_a_child_started_never_outlives_it(
    tmp_path: Path, ending: str, exit_code: int, cause: Cause
) -> None:
    end = watch(tmp_path, GRANDCHILD + ending, limit=3)
    assert end == ChildEnd(exit_code, cause)
    grandchild = int((tmp_path / "child.log").read_text())
    wait_for(lambda: _is_gone(grandchild))


def test_a_child_that_is_asked_may_end_in_order(tmp_path: Path) -> None:
    assert watch(tmp_path, POLITE, ask=True) == ChildEnd(3, Cause.ASKED)


def test_a_child_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    before = time.monotonic()
    assert watch(tmp_path, DEAF, ask=True, grace=0.5) == ChildEnd(-9, Cause.KILLED_AFTER_ASKING)
    assert time.monotonic() - before < 15


def test_ctrl_c_asks_the_child_and_is_passed_on(tmp_path: Path) -> None:
    before = psutil.Process().children()

    def press() -> bool:
        if b"up" in (tmp_path / "child.log").read_bytes():
            os.kill(os.getpid(), signal.SIGINT)
        return False

    with pytest.raises(KeyboardInterrupt):
        watch_child(
            [sys.executable, "-c", POLITE],
            tmp_path / "child.log",
            limit_seconds=30,
            grace_seconds=10,
            asked=press,
        )
    assert set(psutil.Process().children()) <= set(before)


def test_a_program_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="処理のプロセスを始められません"):
        watch_child(
            ["/no/such/program"], tmp_path / "x.log", limit_seconds=1, grace_seconds=1, asked=lambda: False
        )


def _is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
