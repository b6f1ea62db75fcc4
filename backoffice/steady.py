"""A clock that nobody sets: seconds since this PC was started, the time it slept included where the system tells.

People and time servers set the time of day, forward too. Where believing that much time has gone by would be dangerous,
a moment is written down as a mark: which start of which PC, and how many seconds after it.
"""

import time
from functools import cache
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Linux names each start of the system; other systems do not, and make no marks."""


def steady() -> float:
    """Return seconds of a clock that is never set; on Linux they count from the start, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def mark() -> str | None:
    """Return a mark of this moment; None where the system does not name its starts."""
    boot = _boot()
    return f"{boot}/{steady():.3f}" if boot else None


def seconds_since(made: str | None) -> float | None:
    """Return how many seconds at least have gone by on this PC since a mark was made; None when nothing is known.

    After a new start, or on another PC, these are the seconds since this PC's own start.
    """
    boot = _boot()
    if not made or not boot:
        return None
    start, _, seconds = made.partition("/")
    return steady() - (float(seconds) if start == boot else 0.0)


@cache
def _boot() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
