"""The watched folder: take scans out of `inbox/<department>/` without losing, halving or doubling one.

A file is taken when its size and time have not changed for a while *and* its structure is whole. Taking is one
atomic rename into `work/`, so two readers never hold the same file. What cannot be a scan (Thumbs.db, links, pipes)
is left alone; what stays half-written for hours is taken all the same and refused with a reason.

Polling, never events: network shares send none. Sources of the rules: docs/architecture.md, "watched folders".
"""

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from loguru import logger

from backoffice.files import safe_name, write_atomically
from backoffice.settings import InboxSettings
from ocr.completeness import Completeness, look

IGNORED_NAMES = {"thumbs.db", "desktop.ini", ".ds_store", "readme.txt"}
IGNORED_FOLDERS = {"@eadir", "#recycle", "$recycle.bin", "system volume information"}
IGNORED_PREFIXES = (".", "~$", "._")
IGNORED_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".reason.txt")


_CLAIMED = ".claimed-"
_COPYING = ".copying"
TRIES = ".tries"


@dataclass(frozen=True)
class Claimed:
    """A file that is ours now.

    Attributes:
        name: Its name in the inbox (with sub-folders, separated by /).
        path: Where it lies now, inside `work/`.
    """

    name: str
    path: Path


@dataclass(frozen=True)
class _Seen:
    size: int
    mtime_ns: int
    since: float


@dataclass
class Inbox:
    """One department's inbox.

    Attributes:
        folder: `inbox/<department>`.
        work: `work/<department>`, on the same disk if at all possible.
        settings: How patient to be.
        clock: Monotonic seconds, for stability.
        wall: Seconds since the epoch, for the age of a file.
    """

    folder: Path
    work: Path
    settings: InboxSettings
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    _seen: dict[Path, _Seen] = field(default_factory=dict)

    def candidates(self) -> list[Path]:
        """Return the files that may be scans, oldest first; links, pipes and rubbish are left out."""
        found = []
        for path in self._walk():
            facts = _facts(path)
            if facts is not None and stat.S_ISREG(facts.st_mode):
                found.append((facts.st_mtime_ns, path))
        return [path for _, path in sorted(found)]

    def poll(self) -> list[Claimed]:
        """Look once and take what is ready; files that are not ready are looked at again at the next poll."""
        present = self.candidates()
        known = set(present)
        self._seen = {path: seen for path, seen in self._seen.items() if path in known}
        taken = (self._take(path) for path in present if self._ready(path))
        return [claimed for claimed in taken if claimed is not None]

    def pending(self) -> bool:
        """Say whether files lie in the inbox that will become ready by waiting a moment."""
        return any(not self._unready_for_long(path) for path in self.candidates())

    def has_work(self) -> bool:
        """Say whether anything waits for a reader: in the inbox, or taken by one that did not finish it."""
        return bool(self.candidates() or self._cut_off() or self._taken())

    def left_over(self) -> list[Claimed]:
        """Return files that an earlier reader took but did not finish: it was killed.

        A copy between two disks that was cut off is brought to an end first. Call it only while no other reader
        works on this inbox.
        """
        for claimed in self._cut_off():
            self._end_copy(claimed)
        return self._taken()

    def _cut_off(self) -> list[Path]:
        return list(self.folder.rglob(f".*{_CLAIMED}*"))

    def _end_copy(self, claimed: Path) -> None:
        """Let the original go when its copy is whole; else drop the half, and give the original its name again."""
        name, _, claim = claimed.name[1:].rpartition(_CLAIMED)
        copies = list((self.work / claim).glob("*"))
        if any(not copy.name.endswith(_COPYING) for copy in copies):
            claimed.unlink()
            return
        for half in copies:
            half.unlink()
        free = claimed.with_name(name)
        claimed.rename(free if not free.exists() else claimed.with_name(f"{uuid4().hex[:8]}-{name}"))

    def _taken(self) -> list[Claimed]:
        return [
            Claimed(path.relative_to(claim).as_posix(), path)
            for claim in sorted(self.work.glob("*/"))
            for path in sorted(claim.rglob("*"))
            if path.is_file() and path.name != TRIES
        ]

    def _walk(self) -> Iterator[Path]:
        if not self.folder.is_dir():
            return
        for parent, folders, names in os.walk(self.folder, followlinks=False, onerror=_note_unreadable):
            folders[:] = sorted(
                name
                for name in folders
                if name.casefold() not in IGNORED_FOLDERS and not name.startswith(IGNORED_PREFIXES)
            )
            for name in names:
                if not _is_rubbish(name):
                    yield Path(parent) / name

    def _ready(self, path: Path) -> bool:
        facts = _facts(path)
        if facts is None:
            return False
        seen = self._seen.get(path)
        now = self.clock()
        if seen is None or (seen.size, seen.mtime_ns) != (facts.st_size, facts.st_mtime_ns):
            self._seen[path] = seen = _Seen(facts.st_size, facts.st_mtime_ns, now)
        if now - seen.since < self.settings.stable_seconds:
            return False
        return self._whole(path) or self._given_up(facts)

    def _whole(self, path: Path) -> bool:
        try:
            return look(path) is not Completeness.PART
        except OSError as error:
            logger.warning("a file in {} cannot be opened yet ({})", self.folder.name, _reason(error))
            return False

    def _given_up(self, facts: os.stat_result) -> bool:
        age = self.wall() - max(facts.st_mtime, facts.st_ctime)
        return age > self.settings.give_up_hours * 3600

    def _unready_for_long(self, path: Path) -> bool:
        seen = self._seen.get(path)
        return seen is not None and self.clock() - seen.since >= self.settings.stable_seconds

    def _take(self, path: Path) -> Claimed | None:
        name = path.relative_to(self.folder).as_posix()
        home = self.work / uuid4().hex
        home.mkdir(parents=True)
        target = home / safe_name(path.name)
        try:
            _move(path, target)
        except OSError as error:
            logger.warning("a file in {} cannot be taken yet ({})", self.folder.name, _reason(error))
            home.rmdir()
            return None
        self._seen.pop(path, None)
        return Claimed(name, target)


def count_try(path: Path) -> int:
    """Count one more try at reading a claimed file and return the count; it outlives a killed reader.

    Args:
        path: Where the claimed file lies in `work/`.
    """
    tries = path.parent / TRIES
    count = (int(tries.read_text()) if tries.exists() else 0) + 1
    write_atomically(tries, str(count).encode())
    return count


def _move(path: Path, target: Path) -> None:
    """Rename atomically; across disks, first make the name ours, then copy, then let the original go."""
    try:
        path.rename(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    ours = path.with_name(f".{path.name}{_CLAIMED}{target.parent.name}")
    draft = target.with_name(target.name + _COPYING)
    path.rename(ours)
    try:
        shutil.copy2(ours, draft)
        with draft.open("rb+") as stream:
            os.fsync(stream.fileno())
        draft.rename(target)
    except OSError:
        draft.unlink(missing_ok=True)
        ours.rename(path)
        raise
    ours.unlink()


def _facts(path: Path) -> os.stat_result | None:
    """Return what the file system says of a path itself (not of a link's target), or None when it is gone."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        logger.warning("a file in {} cannot be looked at ({})", path.parent.name, _reason(error))
        return None


def _is_rubbish(name: str) -> bool:
    folded = name.casefold()
    return folded in IGNORED_NAMES or folded.startswith(IGNORED_PREFIXES) or folded.endswith(IGNORED_ENDINGS)


def _note_unreadable(error: OSError) -> None:
    logger.warning("a folder of the inbox cannot be listed ({})", _reason(error))


def _reason(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
