"""Locks that the operating system lets go when their holder dies: the truth about who is alive.

A process id can be reused and a heartbeat can be late. A lock on a file is released by the kernel at the very
moment its holder ends, however it ends, on Windows and Linux alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def held(path: Path, *, patience: float = 0.0) -> Iterator[bool]:
    """Hold the lock `path` for the time of the block.

    Args:
        path: The lock file; it is created when it is missing.
        patience: Seconds to wait for a holder to let go. `is_held` takes a lock for an instant to look at it, so
            whoever must not lose to a mere look waits a little.

    Yields:
        True when it is ours; False when somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Say whether a living process (this one included) holds the lock `path`."""
    if not path.exists():
        return False
    with held(path) as ours:
        return not ours
