"""Run a slow command: one moving line for the person who waits, a log of all output, an explained failure."""

import os
import queue
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from backoffice.bootstrap.errors import InstallerBusy, NetworkMissing, read_failure
from backoffice.messages import text

QUIET_SECONDS = 30.0
"""Without a terminal a line of life is written this often, so that a CI log shows that work goes on."""

LINE_WIDTH = 78
PAUSES_SECONDS = (10.0, 30.0)
"""Pauses before the second and the third try of something that the network or a foreign lock prevented."""


@dataclass
class ProgressLine:
    """One line that is rewritten in a terminal and repeated now and then elsewhere.

    Attributes:
        title: What is being done, in the reader's words.
        stream: Where the line goes; stderr, since stdout belongs to the command that the user wants.
    """

    title: str
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    started: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    def begin(self) -> None:
        """Say what starts now."""
        if not self.stream.isatty():
            self.stream.write(f"{self.title} …\n")
            self.stream.flush()
        self._told = time.monotonic()

    def show(self, detail: str) -> None:
        """Show the newest detail and the seconds gone by."""
        now = time.monotonic()
        line = f"{self.title} … {detail} ({now - self.started:.0f} s)"
        if self.stream.isatty():
            self.stream.write("\r" + _fit(line))
        elif now - self._told >= QUIET_SECONDS:
            self.stream.write(line + "\n")
            self._told = now
        self.stream.flush()

    def end(self, outcome: str) -> None:
        """Leave the outcome on the screen and go to the next line."""
        line = f"{self.title} … {outcome} ({time.monotonic() - self.started:.0f} s)"
        self.stream.write("\r" + _fit(line) + "\n" if self.stream.isatty() else line + "\n")
        self.stream.flush()


@dataclass(frozen=True)
class Steps:
    """How the output of a command tells how far it is.

    Attributes:
        starts: A line that starts with one of these is one step, and is shown.
        signs: A line that starts with one of these is shown without being a step.
        total: How many steps to expect; 0 when unknown.
    """

    starts: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    total: int = 0


def run_visibly(
    command: Sequence[str | Path],
    title: str,
    log: Path,
    *,
    steps: Steps = Steps(),
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    held: Sequence[int] = (),
) -> list[str]:
    """Run a command to its end, show that it lives, and return the lines that it printed.

    Args:
        command: Program and arguments; no shell.
        title: What is being done, in the reader's words.
        log: File to which all output is added.
        steps: How to see progress in the output.
        cwd: Where to run it.
        environ: Its environment; ours when None.
        held: Descriptors of locked files that the command shall hold too, in case we are killed before it ends.

    Raises:
        PreparationFailed: When the exit status is not 0; the kind tells the likely cause.
    """
    told = " ".join(str(part) for part in command)
    line = ProgressLine(title)
    line.begin()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        cwd=cwd,
        env=dict(os.environ if environ is None else environ),
        pass_fds=() if sys.platform == "win32" else held,
    )
    try:
        printed = _follow(process, line, steps)
        code = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
    _keep(log, told, printed)
    line.end(text("start.done") if code == 0 else text("start.failed"))
    if code:
        raise read_failure(told, code, printed, str(log))
    return printed


def patiently(action: Callable[[], object], pause: Callable[[float], None] = time.sleep) -> None:
    """Do something up to three times while only the network or another installer is in the way.

    Args:
        action: What to do.
        pause: How to wait, in seconds; a test does not.

    Raises:
        PreparationFailed: The last try's failure, or any other failure at once.
    """
    for wait in PAUSES_SECONDS:
        try:
            action()
        except (NetworkMissing, InstallerBusy) as failure:
            sys.stderr.write(text("start.again", what=failure.parts().what, seconds=round(wait)) + "\n")
            pause(wait)
        else:
            return
    action()


def _follow(process: subprocess.Popen[str], line: ProgressLine, steps: Steps) -> list[str]:
    arrived: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(process, arrived), daemon=True).start()
    printed: list[str] = []
    seen, detail = 0, ""
    while True:
        try:
            newest = arrived.get(timeout=1)
        except queue.Empty:
            line.show(detail)
            continue
        if newest is None:
            return printed
        printed.append(newest)
        if newest.startswith(steps.starts):
            seen += 1
        if newest.startswith((*steps.starts, *steps.signs)):
            detail = _detail(newest, seen, steps)
        line.show(detail)


def _pump(process: subprocess.Popen[str], arrived: "queue.SimpleQueue[str | None]") -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for newest in output:
            arrived.put(newest.rstrip())
    arrived.put(None)


def _detail(newest: str, seen: int, steps: Steps) -> str:
    words = " ".join(newest.split()[:4])[:30]
    if steps.total and seen:
        return f"{min(seen, steps.total)}/{steps.total} {words}"
    return words


def _keep(log: Path, command: str, printed: Sequence[str]) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"\n$ {command}\n" + "".join(f"{line}\n" for line in printed))


def _fit(line: str) -> str:
    """Cut or fill a line to the width of a terminal, where a Japanese character takes two columns."""
    kept, width = "", 0
    for char in line:
        wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width + wide > LINE_WIDTH:
            break
        kept, width = kept + char, width + wide
    return kept + " " * (LINE_WIDTH - width)
