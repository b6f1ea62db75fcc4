"""The task "read": empty one department's inbox, read every scan, and book what came out.

    take → read → keep pictures → enter documents → certain ones become work items → put the original away

Files are read as one stream, so several of them are begun at a time; what a killed reader left is read one by one: the
file that kills is found, and the others are not blamed. Trouble that is no file's fault (a full disk, a database that
is away) ends the run, costs no file a try, and leaves every file where the next run finds it.

After `ocr.pages_per_run` pages the task ends with files left, and the scheduler goes on in a fresh process: networks
that read for hours keep memory that only the end of their process gives back.
"""

import errno
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.disk import is_full
from backoffice.document import FileState, ReceivedFile
from backoffice.documents import DocumentStore
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.locks import held
from backoffice.logs import without_words
from backoffice.settings import Settings
from ocr.booking import Booking, ReadCounts
from ocr.claims import Claimed, count_try, forget_tries, was_begun
from ocr.errors import DiskFull, FileRefused, ReadingBroke
from ocr.inboxes import Tell, log_only, open_inbox
from ocr.reading import FileReading
from ocr.template import Form
from ocr.watch import DISK_FULL, Inbox

MOST_TRIES = 3
"""A file over which so many readers died is put aside, so that the others behind it are read."""
NO_FAULT_OF_THE_FILE = (
    *DISK_FULL, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ENOTCONN,
)  # fmt: skip

LEFT = "left"
"""Counted only when a run ended because it had read enough: files that wait for the run after it."""


class Outcome(Protocol):
    """What became of one of several files."""

    def result(self) -> FileReading:
        """Return the reading.

        Raises:
            Exception: What reading the file raised.
        """
        ...


class FileReader(Protocol):
    """What reads a file; `ocr.pipeline.Reader` is the real one."""

    def read_files(self, paths: Iterable[Path]) -> Iterator[Outcome]:
        """Read files; the outcomes come in the order of the paths, and a path is taken when its file is begun.

        An outcome raises FileRefused when the file as a whole cannot be read.
        """
        ...


@dataclass(frozen=True)
class ReadingDesk:
    """Everything the task works with.

    Attributes:
        settings: Folders and limits.
        documents: Files and documents.
        ledger: Work items.
        forms: Form templates by name.
        reader: Reads files.
        stop: Asked between two files.
        progress: Told the numbers after each file.
        sleep: Waits between two looks at the inbox.
        tell: Told when an inbox goes away (a share that was pulled out, a full disk) and when it is back.
    """

    settings: Settings
    documents: DocumentStore
    ledger: Ledger
    forms: Mapping[str, Form]
    reader: FileReader
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[Mapping[str, int]], None] = lambda numbers: None
    sleep: Callable[[float], None] = time.sleep
    tell: Tell = log_only


def read_inbox(desk: ReadingDesk, department: str) -> dict[str, int]:
    """Read everything that lies in a department's inbox and return what was done, by the names of COUNTED.

    Only one reader works on an inbox at a time; a second one returns at once with zeros.

    Args:
        desk: What to work with.
        department: Folder name below `inbox/`.

    Raises:
        DiskFull: The disk of the working folder filled up; every file lies where the next run finds it.
    """
    counts = ReadCounts()
    with held(desk.settings.folder("locks") / f"inbox-{department}.lock") as ours:
        if not ours:
            logger.info("inbox {} is being read by another run", department)
            return counts.numbers
        booking = Booking(desk.settings, desk.documents, desk.ledger, desk.forms, department, counts)
        booking.settle_moved()
        inbox = open_inbox(desk.settings, department, desk.documents, tell=desk.tell)
        try:
            with desk.documents.kept_open():
                InboxRun(desk, inbox, booking).work()
        except (OSError, DBAPIError) as error:
            full = getattr(error, "errno", None) in DISK_FULL or is_full(desk.settings)
            if not full:
                raise
            inbox.presence.away("disk_full")
            raise DiskFull("inbox.disk_full", where=str(desk.settings.var)) from error
    return counts.numbers


@dataclass
class _Begun:
    """A file that is being read.

    Attributes:
        file: Its row in the books.
        claimed: Where it lies.
        written: Its size and time when it was entered: a change means that somebody still writes it.
    """

    file: ReceivedFile
    claimed: Claimed
    written: tuple[int, int]


@dataclass
class InboxRun:
    """One reader at work on one inbox."""

    desk: ReadingDesk
    inbox: Inbox
    booking: Booking
    _begun: deque[_Begun] = field(default_factory=deque)
    _again: deque[Claimed] = field(default_factory=deque)
    _tried: dict[str, Claimed] = field(default_factory=dict)

    def work(self) -> None:
        """Read until nothing is left, enough was read, or somebody asks to stop."""
        for together in self._arrivals():
            self._read_files(together)
            self.booking.tell_stuck(self.inbox)
            if self._is_enough():
                left = len(self.inbox.left_over()) + len(self.inbox.candidates())
                self.booking.counts.numbers |= {LEFT: left} if left else {}
                break
            if self.desk.stop():
                break
        self.booking.tell_stuck(self.inbox)

    def _is_enough(self) -> bool:
        pages = self.booking.counts.numbers["pages"]
        return not self.desk.stop() and pages >= self.desk.settings.ocr.pages_per_run

    def _arrivals(self) -> Iterator[Sequence[Claimed]]:
        """Yield files to read as one stream: one by one what an earlier reader had begun, then what nobody has."""
        yield from ([claimed] for claimed in self.inbox.left_over() if was_begun(claimed))
        settings = self.desk.settings.inbox
        pause = max(0.2, min(settings.poll_seconds, settings.stable_seconds))
        while not self.desk.stop():
            ready = self.inbox.poll()
            if ready:
                yield ready
            elif handed_in := self._handed_in():
                yield handed_in
            elif self._again:
                self.desk.sleep(max(pause, settings.stable_seconds))
                yield [self._again.popleft()]
            elif self.inbox.pending():
                self.desk.sleep(pause)
            else:
                return

    def _handed_in(self) -> list[Claimed]:
        """Return what lies in `work/` and nobody has begun: handed in through the console, perhaps since we began."""
        waiting = {claimed.claim for claimed in self._again}
        found = (claimed for claimed in self.inbox.left_over() if not was_begun(claimed))
        return [claimed for claimed in found if claimed.claim not in waiting]

    def _read_files(self, together: Sequence[Claimed]) -> None:
        """Read claimed files as one stream until they are done, somebody asks to stop, or enough pages are read."""
        self._tried.clear()
        try:
            for outcome in self.desk.reader.read_files(self._begin(together)):
                self._finish(self._begun.popleft(), outcome)
                self.desk.progress(self.booking.counts.numbers)
                if self.desk.stop() or self._is_enough():
                    return
        except (OSError, DBAPIError):  # no fault of the files that were begun: none of them loses a try
            for claimed in self._tried.values():
                _take_back(claimed)
            raise
        finally:
            self._begun.clear()

    def _begin(self, together: Sequence[Claimed]) -> Iterator[Path]:
        """Book files, yield those to be read when their turn comes, and remember them."""
        for claimed in together:
            if self.desk.stop():
                return
            facts = claimed.path.stat()
            file = self.booking.enter(claimed)
            if file is not None and self._counts_too_often(file, claimed):
                file = None
            if file is None:
                self.desk.progress(self.booking.counts.numbers)
                continue
            self._begun.append(_Begun(file, claimed, (facts.st_size, facts.st_mtime_ns)))
            yield claimed.path

    def _counts_too_often(self, file: ReceivedFile, claimed: Claimed) -> bool:
        """Count a try, and put the file aside when too many readers died over it."""
        self._tried[claimed.claim] = claimed
        if count_try(claimed) <= MOST_TRIES:
            return False
        error = ReadingBroke("inbox.reading_killed", tries=MOST_TRIES)
        self.booking.put_aside(file, claimed, error, state=FileState.QUARANTINED)
        return True

    def _finish(self, begun: _Begun, outcome: Outcome) -> None:
        """Enter what was read of a file and put it away, or keep it with the reason why nothing was read."""
        file, claimed = begun.file, begun.claimed
        try:
            reading = outcome.result()
            if not self._was_still_written(begun):
                self.booking.keep(file, claimed, reading)
        except Exception as error:
            _raise_if_no_fault(error)
            if not self._was_still_written(begun):
                self._refuse(file, claimed, error)
        self._tried.pop(claimed.claim, None)

    def _was_still_written(self, begun: _Begun) -> bool:
        """Say whether somebody wrote the file while it was read; then it is read again, this time whole."""
        facts = begun.claimed.path.stat()
        if (facts.st_size, facts.st_mtime_ns) == begun.written:
            return False
        self.desk.documents.recount(begun.file.id, begun.claimed.path)
        _take_back(begun.claimed)
        self._again.append(begun.claimed)
        logger.info("file {} was still being written; it is read again", begun.file.id)
        return True

    def _refuse(self, file: ReceivedFile, claimed: Claimed, error: Exception) -> None:
        if isinstance(error, FileRefused):
            self.booking.put_aside(file, claimed, error)
            return
        if isinstance(error, HakadoriError):
            raise error
        # a fault of ours must not stop the other files, nor lose this one
        logger.error("reading file {} broke: {}", file.id, without_words(error))
        broke = ReadingBroke("inbox.reading_broke", kind=type(error).__name__)
        self.booking.put_aside(file, claimed, broke, state=FileState.QUARANTINED)


def _raise_if_no_fault(error: Exception) -> None:
    if isinstance(error, DBAPIError) or (isinstance(error, OSError) and error.errno in NO_FAULT_OF_THE_FILE):
        raise error


def _take_back(claimed: Claimed) -> None:
    """Take a counted try back; where not even a note can be written, the count is given up with the note."""
    if not claimed.path.exists():
        return
    try:
        count_try(claimed, -1)
    except OSError:
        forget_tries(claimed)
