"""How much disk is free where the work lies, and when that is too little to begin anything new.

A disk that fills up breaks work in the middle: a picture half written, a confirmation that cannot be spooled. So
nothing new is begun below a limit; what is in hand is finished with the space that is left.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backoffice.settings import Settings

GIGABYTE = 1e9
FreeBytes = Callable[[Path], int]


class Level(StrEnum):
    """How the disk stands."""

    ENOUGH = "enough"
    LOW = "low"
    FULL = "full"


@dataclass(frozen=True)
class FreeDisk:
    """What is free in the working folder.

    Attributes:
        free_bytes: Bytes that this user may still write.
        warn_bytes: Below this people are warned (`disk: warn_gb`).
        stop_bytes: Below this nothing new is begun (`disk: stop_gb`).
    """

    free_bytes: int
    warn_bytes: float
    stop_bytes: float

    @property
    def level(self) -> Level:
        """Enough, low, or as good as full."""
        if self.free_bytes < self.stop_bytes:
            return Level.FULL
        return Level.LOW if self.free_bytes < self.warn_bytes else Level.ENOUGH

    @property
    def free_gb(self) -> float:
        """Free space in GB (10^9 bytes)."""
        return self.free_bytes / GIGABYTE


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written where a folder lies.

    Raises:
        OSError: The folder cannot be looked at.
    """
    return shutil.disk_usage(folder).free


def look_at_disk(settings: Settings, measure: FreeBytes = free_bytes) -> FreeDisk:
    """Measure the disk of the working folder.

    Args:
        settings: The working folder and `disk:` limits in GB.
        measure: Returns the free bytes of a folder; tests bring their own.

    Raises:
        OSError: The working folder cannot be looked at.
    """
    limits = settings.disk
    return FreeDisk(measure(settings.var), limits.warn_gb * GIGABYTE, limits.stop_gb * GIGABYTE)


def is_full(settings: Settings, measure: FreeBytes = free_bytes) -> bool:
    """Say whether so little is free that nothing new may be begun; an unreadable folder counts as full."""
    try:
        return look_at_disk(settings, measure).level is Level.FULL
    except OSError:
        return True
