"""Looking at a screen again and again until something is there or the time is up."""

import time
from collections.abc import Callable
from typing import TypeVar

from robots.drivers.desktop import Desktop

_T = TypeVar("_T")

LOOK_SECONDS = 0.1
"""Between two looks."""


def wait_on(desktop: Desktop, look: Callable[[], _T | None], timeout: float) -> _T | None:
    """Return what a look finds; None when the time is up and there is nothing. One look is always taken.

    Args:
        desktop: Asked before each look whether a person has stopped the robot.
        look: Returns None as long as there is nothing.
        timeout: Longest wait in seconds.

    Raises:
        StoppedByPerson: A person stopped the robot.
    """
    end = time.monotonic() + timeout
    while True:
        desktop.check_person()
        found = look()
        if found is not None or time.monotonic() >= end:
            return found
        time.sleep(LOOK_SECONDS)
