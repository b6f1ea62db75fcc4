"""Slow work of the designer, one piece at a time, each in a child process that tells how far it is.

Looking at a blank takes seconds and much memory, and an unknown PDF may crash the program that opens it: neither may
touch the web server. The child (`console.design.child`) reads `task.json` in the draft's folder, tells its way in
`progress.json`, and ends with `result.json`, or with `refused.json` when something is wrong with the file. When the
server goes away, the child goes too: it watches its standard input.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from loguru import logger

from backoffice.messages import current_language
from console.design.drafts import read_json, write_json

TASK, PROGRESS, RESULT, REFUSED = "task.json", "progress.json", "result.json", "refused.json"
LONGEST_SECONDS = 300.0
"""A piece of work that takes longer is ended; a page takes seconds."""


@dataclass(frozen=True)
class Standing:
    """How far a piece of work is.

    Attributes:
        state: "waiting", "working", "done", "refused" or "lost" (the process died, was ended or never began).
        page: Page in hand, from 1; 0 before the first.
        told: The result, or what is wrong.
    """

    state: str
    page: int = 0
    told: Mapping[str, Any] | None = None


class Workbench:
    """Does one piece of work after the other.

    Args:
        longest: Seconds after which a piece of work is ended.
    """

    def __init__(self, longest: float = LONGEST_SECONDS) -> None:
        self._longest = longest
        self._queue: SimpleQueue[Path] = SimpleQueue()
        self._open: set[Path] = set()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def begin(self, folder: Path, task: Mapping[str, Any]) -> None:
        """Enter a piece of work over a folder; work on this folder that still waits or runs is not entered twice.

        Args:
            folder: The draft's folder.
            task: What the child shall do, as its `task.json`.
        """
        with self._lock:
            if folder in self._open:
                return
            for name in (PROGRESS, RESULT, REFUSED):
                (folder / name).unlink(missing_ok=True)
            write_json(folder / TASK, task)
            self._open.add(folder)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="designer", daemon=True)
                self._worker.start()
        self._queue.put(folder)

    def standing(self, folder: Path) -> Standing:
        """Say how far the work on a folder is."""
        with self._lock:
            at_work = folder in self._open
        progress = read_json(folder / PROGRESS)
        if at_work:
            return Standing("working" if progress else "waiting", int((progress or {}).get("page", 0)))
        for state, name in (("done", RESULT), ("refused", REFUSED)):
            told = read_json(folder / name)
            if told is not None:
                return Standing(state, told=told)
        return Standing("lost")

    def _work(self) -> None:
        while True:
            folder = self._queue.get()
            try:
                self._perform(folder)
            except OSError as error:
                logger.error("the designer's child could not be started: {}", type(error).__name__)
            finally:
                with self._lock:
                    self._open.discard(folder)

    def _perform(self, folder: Path) -> None:
        environment = os.environ | {"HAKADORI_LANGUAGE": current_language()}
        command = [sys.executable, "-m", f"{__package__}.child", str(folder)]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        ) as child:
            try:
                code = child.wait(self._longest)
            except subprocess.TimeoutExpired:
                child.kill()
                code = child.wait()
        if code:
            logger.error("the designer's child for {} ended with {}", folder.name, code)
