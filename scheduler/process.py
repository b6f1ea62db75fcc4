"""One child process and everything it started: begun, watched, asked to stop, and in the end killed as a whole.

A run's child is its own session (Linux) or process group (Windows), so that Ctrl+C in the window of the service does
not tear it apart. It is first asked (SIGTERM, on Windows CTRL_BREAK) and has time to finish the item in hand; what is
left after that is killed with all its descendants, the browser included.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil

from scheduler.errors import StartFailed
from scheduler.memory import MemoryGauge

POLL_SECONDS = 0.1


class Cause(StrEnum):
    """Why a child ended."""

    ITSELF = "itself"
    ASKED = "asked"
    KILLED_AFTER_ASKING = "killed_after_asking"
    TIME_OUT = "time_out"


@dataclass(frozen=True)
class ChildEnd:
    """How a child ended.

    Attributes:
        exit_code: As the operating system tells it; negative is a signal on Linux.
        cause: Whether it ended by itself, was asked, or was killed.
        over_memory: It was asked or killed because it used too much memory.
        most_bytes: The most resident memory seen, when it was watched.
    """

    exit_code: int
    cause: Cause
    over_memory: bool = False
    most_bytes: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Attributes:
        seconds: After this time the child and its descendants are killed.
        grace_seconds: Time between asking it to stop and killing it.
        memory_bytes: Resident memory of the child and its descendants together; beyond it the child is asked to stop
            after the item in hand, and killed when it comes to use twice as much. 0: no limit.
    """

    seconds: float
    grace_seconds: float
    memory_bytes: int = 0


def watch_child(command: Sequence[str], log: Path, *, limits: Limits, asked: Callable[[], bool]) -> ChildEnd:
    """Run a command to its end.

    Args:
        command: Program and arguments; no shell is involved.
        log: File that takes its output, standard error included; appended.
        limits: What it may use.
        asked: Looked at ten times a second; True asks the child to stop after the item in hand.

    Raises:
        StartFailed: The program cannot be started.
        KeyboardInterrupt: Ctrl+C; the child was asked to stop and has ended.
    """
    with log.open("ab") as output:
        child = _start(command, output)
        try:
            gauge = MemoryGauge(child.pid, limits.memory_bytes)
            cause = _watch(child, limits, asked, gauge)
            return ChildEnd(child.wait(), cause, gauge.passed, gauge.most)
        except KeyboardInterrupt:
            _watch(child, replace(limits, seconds=limits.grace_seconds), lambda: True, None)
            raise
        finally:
            kill_tree(child)
            _sweep(child.pid)


def kill_tree(child: "subprocess.Popen[bytes]") -> None:
    """Kill a child with all its living descendants and wait until it is gone."""
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(child.pid).children(recursive=True)
        child.kill()
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=5)
    child.wait()


def _watch(
    child: "subprocess.Popen[bytes]",
    limits: Limits,
    asked: Callable[[], bool],
    gauge: MemoryGauge | None,
) -> Cause:
    deadline, cause = time.monotonic() + limits.seconds, Cause.ITSELF
    while child.poll() is None:
        now = time.monotonic()
        if gauge is not None:
            gauge.read()
        if now >= deadline or (gauge is not None and gauge.far_passed):
            kill_tree(child)
            return Cause.TIME_OUT if cause is Cause.ITSELF and now >= deadline else Cause.KILLED_AFTER_ASKING
        if cause is Cause.ITSELF and (asked() or (gauge is not None and gauge.passed)):
            cause, deadline = Cause.ASKED, min(deadline, now + limits.grace_seconds)
            _ask(child)
        with suppress(subprocess.TimeoutExpired):
            child.wait(POLL_SECONDS)
    return cause


def _start(command: Sequence[str], output: Any) -> "subprocess.Popen[bytes]":
    separate: dict[str, Any] = {}
    if sys.platform == "win32":
        separate["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        separate["start_new_session"] = True
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            **separate,
        )
    except OSError as error:
        raise StartFailed(
            "scheduler.start_failed", where=str(command[0]), detail=error.strerror or type(error).__name__
        ) from error


def _ask(child: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            child.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            child.terminate()


def _sweep(pid: int) -> None:
    """Kill what a child left behind in its own session, as a browser does when its driver was killed."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
