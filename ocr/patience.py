"""How long a file of a watched folder is waited for, and why.

A file is ready when its size and time have been still for a while *and* its structure is whole *and* nobody holds it.
Until then it is looked at again at growing intervals, for hours; after that it is given up so that somebody hears of
it. Since when a file has been waited for outlives our own restarts: the memory is told of it.
"""

import errno
import os
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO, Protocol

from backoffice.inbox_book import InboxBook, WaitingFile
from backoffice.settings import InboxSettings
from ocr.arrivals import Arrival
from ocr.completeness import Completeness, look_into

try:
    import fcntl
except ImportError:  # Windows tells by refusing to open or rename
    fcntl = None  # type: ignore[assignment]

LONGEST_PAUSE = 300.0
"""Seconds between two looks at a file that stays unfinished."""
LINGER_SECONDS = 10.0
"""A run waits so long for a file that is about to be looked at again; later ones wait for another run."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.EBADF}
_HELD = {errno.EBUSY, errno.ETXTBSY, errno.EAGAIN, errno.EDEADLK}
_WINDOWS_HELD = {32, 33}  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION


class Step(Enum):
    """What to do with a file now."""

    WAIT = auto()
    TAKE = auto()
    GIVE_UP = auto()
    TELL = auto()


@dataclass(frozen=True)
class Verdict:
    """What to do with a file now, and why it is not ready."""

    step: Step
    reason: str = ""


class Memory(Protocol):
    """What outlives a look: see `backoffice.inbox_book.InboxBook`, here for one department."""

    def names(self) -> Collection[str]:
        """Return the names of the files that are remembered as waiting."""
        ...

    def wait(self, name: str, reason: str) -> WaitingFile:
        """Remember that a file could not be taken; the first time counts."""
        ...

    def note_told(self, name: str) -> None:
        """Remember that the department knows."""
        ...

    def forget(self, names: Collection[str]) -> None:
        """Forget files that were taken or are gone."""
        ...


class ShortMemory:
    """Remembers within this process only: for tests, and for looks that do not matter."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._waits: dict[str, WaitingFile] = {}

    def names(self) -> Collection[str]:
        """Return the names of the files that wait."""
        return set(self._waits)

    def wait(self, name: str, reason: str) -> WaitingFile:
        """Remember a file; the first time counts."""
        first = self._waits.get(name)
        since = first.first_seen_at if first else datetime.fromtimestamp(self._wall(), UTC)
        told = first.told_at if first else None
        self._waits[name] = WaitingFile("", name, reason, since, told)
        return self._waits[name]

    def note_told(self, name: str) -> None:
        """Remember that the department knows."""
        one = self._waits[name]
        now = datetime.fromtimestamp(self._wall(), UTC)
        self._waits[name] = WaitingFile("", name, one.reason, one.first_seen_at, now)

    def forget(self, names: Collection[str]) -> None:
        """Forget files."""
        for name in names:
            self._waits.pop(name, None)


class BookedMemory:
    """Remembers in the database; the names are read once, so that a look over thousands of files asks nothing."""

    def __init__(self, book: InboxBook, department: str) -> None:
        self._book = book
        self._department = department
        self._names = {wait.name for wait in book.waits(department)}

    def names(self) -> Collection[str]:
        """Return the names of the files that wait."""
        return set(self._names)

    def wait(self, name: str, reason: str) -> WaitingFile:
        """Remember a file; the first time counts."""
        kept = self._book.wait(self._department, name, reason)
        self._names.add(kept.name)
        return kept

    def note_told(self, name: str) -> None:
        """Remember that the department knows."""
        self._book.note_told(self._department, name)

    def forget(self, names: Collection[str]) -> None:
        """Forget files; nothing is asked of the database for names that never waited."""
        gone = self._names & set(names)
        if gone:
            self._book.forget(self._department, gone)
            self._names -= gone


@dataclass
class _Seen:
    size: int
    mtime_ns: int
    since: float
    first_at: datetime
    look_at: float
    looks: int = 0


@dataclass
class Patience:
    """Judges the files of one inbox, look after look.

    Attributes:
        settings: How patient to be.
        clock: Monotonic seconds.
        wall: Seconds since the epoch.
        memory: What outlives this process.
    """

    settings: InboxSettings
    clock: Callable[[], float]
    wall: Callable[[], float]
    memory: Memory
    _seen: dict[Path, _Seen] = field(default_factory=dict)

    def judge(self, arrival: Arrival) -> Verdict:
        """Say what to do with a file now."""
        if arrival.refusal:
            wait = self.memory.wait(arrival.name, arrival.refusal)
            return Verdict(Step.TELL if wait.told_at is None else Step.WAIT, arrival.refusal)
        seen = self._looked_at(arrival)
        now = self.clock()
        if now < seen.look_at:
            return Verdict(Step.WAIT)
        reason = trouble(arrival.path)
        if reason is None:
            return Verdict(Step.TAKE)
        if reason == "gone":
            return Verdict(Step.WAIT)
        seen.looks += 1
        pause = max(self.settings.stable_seconds, 0.1) * 2**seen.looks
        seen.look_at = now + min(pause, LONGEST_PAUSE)
        return self._still_not(arrival.name, reason, seen)

    def refused(self, arrival: Arrival, reason: str) -> Verdict:
        """Say what to do with a file that was judged ready but could not be taken."""
        return self._still_not(arrival.name, reason, self._seen[arrival.path])

    def first_seen(self, arrival: Arrival) -> datetime:
        """Return when a file was first seen by this process."""
        return self._seen[arrival.path].first_at

    def soon(self, arrival: Arrival) -> bool:
        """Say whether waiting a moment helps: the file will be looked at again shortly."""
        if arrival.refusal:
            return False
        seen = self._seen.get(arrival.path)
        return seen is None or seen.look_at - self.clock() <= LINGER_SECONDS

    def keep_only(self, present: Collection[Arrival]) -> None:
        """Forget what is no longer there; called only when the folder could be listed."""
        paths, names = {one.path for one in present}, {one.name for one in present}
        self._seen = {path: seen for path, seen in self._seen.items() if path in paths}
        self.memory.forget([name for name in self.memory.names() if name not in names])

    def _looked_at(self, arrival: Arrival) -> _Seen:
        seen = self._seen.get(arrival.path)
        if seen is None or (seen.size, seen.mtime_ns) != (arrival.size, arrival.mtime_ns):
            if seen is not None:
                self.memory.forget([arrival.name])  # somebody writes: patience begins anew
            now, wall = self.clock(), datetime.fromtimestamp(self.wall(), UTC)
            first = wall if seen is None else seen.first_at
            pause = self.settings.stable_seconds
            seen = self._seen[arrival.path] = _Seen(arrival.size, arrival.mtime_ns, now, first, now + pause)
        return seen

    def _still_not(self, name: str, reason: str, seen: _Seen) -> Verdict:
        wait = self.memory.wait(name, reason)
        age = datetime.fromtimestamp(self.wall(), UTC) - wait.first_seen_at
        left = timedelta(hours=self.settings.give_up_hours) - age
        if left > timedelta(0):
            seen.look_at = min(seen.look_at, self.clock() + left.total_seconds())
            return Verdict(Step.WAIT, reason)
        return Verdict(Step.GIVE_UP if wait.told_at is None else Step.WAIT, reason)


def trouble(path: Path) -> str | None:
    """Return why a file cannot be taken now: half, empty, locked, denied, unreadable, gone; None when it can."""
    try:
        with _open(path) as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return "special"  # it was exchanged after the look
            if facts.st_size == 0:
                return "empty"
            if _is_locked(stream):
                return "locked"
            return "half" if look_into(stream) is Completeness.PART else None
    except FileNotFoundError:
        return "gone"
    except OSError as error:
        return trouble_of(error)


def trouble_of(error: OSError) -> str:
    """Return what an error of the system says about a file: locked, denied or unreadable."""
    if error.errno in _HELD or getattr(error, "winerror", None) in _WINDOWS_HELD:
        return "locked"
    return "denied" if isinstance(error, PermissionError) else "unreadable"


def _open(path: Path) -> BinaryIO:
    """Open for reading, never through a link, and never waiting for somebody at the other end of a pipe."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    return os.fdopen(os.open(path, flags), "rb")


def _is_locked(stream: BinaryIO) -> bool:
    """Say whether a writer holds a lock on the file (servers hand those of Windows programs on)."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    fcntl.flock(stream, fcntl.LOCK_UN)
    return False
