"""The watched folder: take scans out of a department's inbox without losing, halving or doubling one.

A file is taken when its size and time have not changed for a while *and* its structure is whole *and* nobody holds it
(`ocr/patience.py`). Taking is one atomic rename into `work/` (`ocr/claims.py`). What cannot be a scan is left alone;
links and pipes are refused (`ocr/arrivals.py`). What stays half-written for hours is taken all the same and refused
with a reason.

Polling, never events: network shares send none (docs/adr/0021). A share that is pulled out is away, not empty: that is
told once, nothing is forgotten, and work goes on when it is back.
"""

import errno
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from loguru import logger

from backoffice.settings import InboxSettings
from backoffice.settings_inbox import MARKER
from ocr.arrivals import Arrival, InboxAway, arrivals, code
from ocr.claims import Claimed, cut_off, is_any_taken, left_over, take
from ocr.patience import Memory, Patience, ShortMemory, Step, Verdict, trouble_of

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Stuck:
    """A file that stays in the inbox because it cannot or must not be taken; its department is told once.

    Attributes:
        name: Its name in the inbox.
        reason: link, special, locked, denied, unreadable.
    """

    name: str
    reason: str


class Presence:
    """Knows whether a folder can be worked on, and tells when that changes; this one remembers nothing."""

    def marker(self) -> str | None:
        """Return what was once written into the folder, or None where the folder needs no marker."""
        return None

    def mark(self, marker: str) -> None:
        """Remember what was written into the folder."""

    def away(self, reason: str) -> None:
        """Note that nothing can be taken; the first time is told."""

    def here(self) -> None:
        """Note that all is well; the first time after an absence is told."""


@dataclass
class Inbox:
    """One department's inbox.

    Attributes:
        folder: Where the department's scans come.
        work: `work/<department>`, on the same disk if at all possible.
        settings: How patient to be.
        clock: Monotonic seconds, for stability.
        wall: Seconds since the epoch, for how long a file has been waited for.
        memory: Remembers the files that wait.
        presence: Remembers whether the folder could be reached.
        known_claim: Says whether a claim was entered in the books.
        has_room: Says whether the disk has room for more work.
        stuck: Files that cannot be taken and of which the department was not told yet.
    """

    folder: Path
    work: Path
    settings: InboxSettings
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    memory: Memory | None = None
    presence: Presence = field(default_factory=Presence)
    known_claim: Callable[[str], bool] = lambda claim: False
    has_room: Callable[[], bool] = lambda: True
    stuck: list[Stuck] = field(default_factory=list)

    def __post_init__(self) -> None:
        memory = self.memory or ShortMemory(lambda: self.wall())
        self._patience = Patience(self.settings, lambda: self.clock(), lambda: self.wall(), memory)
        self._unmarkable = False
        self._blocked = False

    def candidates(self) -> list[Path]:
        """Return the files that may be scans, oldest first; links, pipes and rubbish are left out."""
        return [arrival.path for arrival in self._look() or () if not arrival.refusal]

    def poll(self) -> list[Claimed]:
        """Look once and take what is ready; files that are not ready are looked at again at the next poll."""
        taken = []
        self._blocked = False
        for arrival, verdict in self._judged():
            if verdict.step is Step.TELL:
                self._tell(arrival, verdict)
            elif verdict.step is not Step.WAIT:
                claimed = self._take(arrival, verdict)
                taken += [claimed] if claimed is not None else []
        return taken

    def pending(self) -> bool:
        """Say whether files lie in the inbox that will become ready by waiting a moment."""
        if self._blocked or not self.has_room():
            return False
        return any(self._patience.soon(arrival) for arrival in self._look() or ())

    def has_work(self) -> bool:
        """Say whether a reader has something to do: a file is ready, or was taken by one that did not finish it."""
        ready = any(verdict.step is not Step.WAIT for _, verdict in self._judged())
        return ready or bool(cut_off(self.folder)) or is_any_taken(self.work)

    def left_over(self) -> list[Claimed]:
        """Return files that an earlier reader took but did not finish: it was killed.

        A copy between two disks that was cut off is brought to an end first. Call it only while no other reader
        works on this inbox.
        """
        return left_over(self.folder, self.work, self.known_claim)

    def note_told(self, stuck: Stuck) -> None:
        """Remember that the department knows of a file that cannot be taken."""
        self._patience.memory.note_told(stuck.name)
        self.stuck.remove(stuck)

    def _judged(self) -> Iterator[tuple[Arrival, Verdict]]:
        present = self._look()
        if present is None:
            return
        if not self.has_room():
            self.presence.away("disk_full")
            return
        self.presence.here()
        self._patience.keep_only(present)
        for arrival in present:
            yield arrival, self._patience.judge(arrival)

    def _look(self) -> list[Arrival] | None:
        """List the folder; None while it is away."""
        try:
            found = arrivals(self.folder)
            self._recognise(found)
        except InboxAway as away:
            self.presence.away(str(away.strerror))
            return None
        return found

    def _recognise(self, found: list[Arrival]) -> None:
        """See by the marker that this is the folder itself, not the empty place where a share was mounted.

        Raises:
            InboxAway: It is empty and lacks the marker that we once wrote.
        """
        marked = self.presence.marker()
        if marked is None or self._unmarkable or (self.folder / MARKER).exists():
            return
        if marked and not found:
            raise InboxAway(0, "empty")
        marker = uuid4().hex
        try:
            (self.folder / MARKER).write_text(marker, encoding="ascii")
        except OSError as error:  # a share that we may not write to stays without
            logger.warning("inbox {} cannot be marked ({})", self.folder.name, code(error))
            self._unmarkable = True
            return
        self.presence.mark(marker)

    def _take(self, arrival: Arrival, verdict: Verdict) -> Claimed | None:
        trouble = verdict.reason if verdict.step is Step.GIVE_UP else ""
        seen_at = self._patience.first_seen(arrival)
        make = partial(_claimed, arrival.name, trouble=trouble, seen_at=seen_at)
        try:
            claimed = take(arrival.path, self.folder, self.work, make)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._note_refusal(arrival, verdict, error)
            return None
        self._patience.memory.forget([arrival.name])
        return claimed

    def _note_refusal(self, arrival: Arrival, verdict: Verdict, error: OSError) -> None:
        logger.warning("a file in {} cannot be taken yet ({})", self.folder.name, code(error))
        if error.errno in DISK_FULL:  # no fault of the file: it is not waited for, the disk is
            self._blocked = True
            self.presence.away("disk_full")
            return
        reason = trouble_of(error)
        if verdict.step is not Step.GIVE_UP:
            verdict = self._patience.refused(arrival, reason)
        if verdict.step is Step.GIVE_UP:
            self._tell(arrival, Verdict(Step.TELL, reason))

    def _tell(self, arrival: Arrival, verdict: Verdict) -> None:
        stuck = Stuck(arrival.name, verdict.reason)
        if stuck not in self.stuck:
            self.stuck.append(stuck)


def _claimed(name: str, path: Path, *, trouble: str, seen_at: datetime) -> Claimed:
    return Claimed(name, path, trouble, seen_at)
