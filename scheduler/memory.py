"""How much memory a child and all it started use, looked at once in a while.

A reader's native libraries have grown to many gigabytes in long processes, and a browser with a leaking page too. The
remedy is a fresh process: the child is asked to stop after the item in hand, and its job goes on in another.
"""

import time
from collections.abc import Callable

import psutil

LOOK_SECONDS = 2.0
"""Between two looks; each asks the operating system about every process of the family."""


class MemoryGauge:
    """Watches one process and its descendants.

    Args:
        pid: The process.
        limit: Bytes of resident memory together; 0 watches nothing.
        clock: Steady seconds.

    Attributes:
        passed: They have used more than the limit at one look.
        far_passed: They have used more than twice the limit.
        most: The most bytes seen at one look.
    """

    def __init__(self, pid: int, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pid = pid
        self._limit = limit
        self._clock = clock
        self._next = clock() + LOOK_SECONDS
        self.passed = False
        self.far_passed = False
        self.most = 0

    def read(self) -> None:
        """Look, if it is time to."""
        if not self._limit or self._clock() < self._next:
            return
        self._next = self._clock() + LOOK_SECONDS
        used = resident_bytes(self._pid)
        self.most = max(self.most, used)
        self.passed = self.passed or used > self._limit
        self.far_passed = self.far_passed or used > 2 * self._limit


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its descendants; pages they share count for each."""
    try:
        family = [psutil.Process(pid)]
        family += family[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    return sum(_resident(member) for member in family)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
