"""The task "read": empty one department's inbox, read every scan, and book what came out.

    take → read → keep pictures → enter documents → certain ones become work items → put the original away

The order of the steps makes each of them repeatable: a reader killed at any moment leaves its file in `work/`, and the
next one reads it again without entering anything twice. Files are read as one stream, so several of them are begun
at a time; what a killed reader left is read one by one: the file that kills is found, and the others are not blamed.

After `ocr.pages_per_run` pages the task ends with files left, and the scheduler goes on in a fresh process: networks
that read for hours keep memory that only the end of their process gives back.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from loguru import logger

from backoffice.document import Document, DocumentState, DuplicateFile, FileState, ReceivedFile
from backoffice.documents import DocumentStore
from backoffice.errors import HakadoriError
from backoffice.files import sha256_of
from backoffice.ledger import Ledger
from backoffice.locks import held
from backoffice.logs import without_words
from backoffice.messages import text
from backoffice.recording import record_document
from backoffice.settings import Settings
from ocr.errors import FileRefused, ReadingBroke
from ocr.keeping import explain_pages, keep_failed, keep_original, store_pictures
from ocr.reading import DocumentReading, FileReading
from ocr.record import make_record
from ocr.template import Form, form_of
from ocr.watch import Claimed, Inbox, count_try

WHO = "ocr"
MOST_TRIES = 3
"""A file over which so many readers died is put aside, so that the others behind it are read."""
COUNTED = (
    "files", "pages", "documents", "fields", "accepted", "recorded", "waiting", "duplicates", "failed", "refused",
)  # fmt: skip
"""What a run counts: files taken, pages and documents read, fields read and accepted, documents that became records
and that wait for a person, files received twice, files that failed as a whole, pages refused in other files."""

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


@dataclass
class ReadCounts:
    """What a run has done so far; every number of COUNTED starts at 0."""

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))

    def add(self, **more: int) -> None:
        """Add to some of the numbers."""
        for name, number in more.items():
            self.numbers[name] += number


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
    """

    settings: Settings
    documents: DocumentStore
    ledger: Ledger
    forms: Mapping[str, Form]
    reader: FileReader
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[Mapping[str, int]], None] = lambda numbers: None
    sleep: Callable[[float], None] = time.sleep


def read_inbox(desk: ReadingDesk, department: str) -> dict[str, int]:
    """Read everything that lies in a department's inbox and return what was done, by the names of COUNTED.

    Only one reader works on an inbox at a time; a second one returns at once with zeros.

    Args:
        desk: What to work with.
        department: Folder name below `inbox/`.
    """
    counts = ReadCounts()
    with held(desk.settings.folder("locks") / f"inbox-{department}.lock") as ours:
        if not ours:
            logger.info("inbox {} is being read by another run", department)
            return counts.numbers
        _settle_moved(desk, department)
        inbox = open_inbox(desk.settings, department)
        for together in _arrivals(desk, inbox):
            _read_files(desk, department, together, counts)
            if _is_enough(desk, counts):
                left = len(inbox.left_over()) + len(inbox.candidates())
                counts.numbers |= {LEFT: left} if left else {}
                break
            if desk.stop():
                break
    return counts.numbers


def _is_enough(desk: ReadingDesk, counts: ReadCounts) -> bool:
    return not desk.stop() and counts.numbers["pages"] >= desk.settings.ocr.pages_per_run


def open_inbox(settings: Settings, department: str) -> Inbox:
    """Return a department's inbox; its folder is created when it is missing."""
    folder = settings.folder("inbox") / department
    folder.mkdir(parents=True, exist_ok=True)
    return Inbox(folder, settings.folder("work") / department, settings.inbox)


def _settle_moved(desk: ReadingDesk, department: str) -> None:
    """Close the files that an earlier reader had already put away when it was killed."""
    for file in desk.documents.files([FileState.CLAIMED]):
        if file.department != department or (desk.settings.var / file.stored).exists():
            continue
        state = FileState.READ if desk.documents.documents(file=file.id) else FileState.FAILED
        reason = "" if state is FileState.READ else text("inbox.put_away_interrupted")
        desk.documents.finish_file(file.id, state, reason=reason)


def _arrivals(desk: ReadingDesk, inbox: Inbox) -> Iterator[Sequence[Claimed]]:
    """Yield files to read as one stream: one by one what an earlier reader left, then what lies in the inbox."""
    yield from ([claimed] for claimed in inbox.left_over())
    while not desk.stop():
        ready = inbox.poll()
        if ready:
            yield ready
        elif not inbox.pending():
            return
        else:
            desk.sleep(max(0.2, min(desk.settings.inbox.poll_seconds, desk.settings.inbox.stable_seconds)))


def _read_files(desk: ReadingDesk, department: str, together: Sequence[Claimed], counts: ReadCounts) -> None:
    """Read claimed files as one stream until they are done, somebody asks to stop, or enough pages are read."""
    begun: deque[tuple[ReceivedFile, Path]] = deque()
    for outcome in desk.reader.read_files(_begin(desk, department, together, counts, begun)):
        file, path = begun.popleft()
        _finish(desk, file, path, outcome, counts)
        desk.progress(counts.numbers)
        if desk.stop() or _is_enough(desk, counts):
            return


def _begin(
    desk: ReadingDesk,
    department: str,
    together: Sequence[Claimed],
    counts: ReadCounts,
    begun: deque[tuple[ReceivedFile, Path]],
) -> Iterator[Path]:
    """Book files, yield those to be read when their turn comes, and remember them in `begun`."""
    for claimed in together:
        if desk.stop():
            return
        file = _book(desk, department, claimed, counts)
        if file is None:
            desk.progress(counts.numbers)
        elif count_try(claimed.path) > MOST_TRIES:
            _fail(
                desk, file, claimed.path, ReadingBroke("inbox.reading_killed", tries=MOST_TRIES), [], counts
            )
            desk.progress(counts.numbers)
        else:
            begun.append((file, claimed.path))
            yield claimed.path


def _finish(desk: ReadingDesk, file: ReceivedFile, path: Path, outcome: Outcome, counts: ReadCounts) -> None:
    """Enter what was read of a file and put it away, or keep it with the reason why nothing was read."""
    try:
        reading = outcome.result()
    except HakadoriError as error:
        if not isinstance(error, FileRefused):
            raise
        _fail(desk, file, path, error, [], counts)
        return
    except Exception as error:  # a fault of ours must not stop the other files, nor lose this one
        logger.error("reading file {} broke: {}", file.id, without_words(error))
        broke = ReadingBroke("inbox.reading_broke", kind=type(error).__name__)
        _fail(desk, file, path, broke, [], counts)
        return
    if not reading.documents:
        _fail(desk, file, path, FileRefused("inbox.no_page_read"), explain_pages(reading.refused), counts)
        return
    for position, document in enumerate(reading.documents):
        _enter(desk, file, position, document, counts)
    _put_away(desk, file, path, reading, counts)


def _book(desk: ReadingDesk, department: str, claimed: Claimed, counts: ReadCounts) -> ReceivedFile | None:
    """Enter a claimed file in the books; None when nothing of it is to be read."""
    stored = claimed.path.relative_to(desk.settings.var).as_posix()
    known = desk.documents.file_at(stored)
    if known is not None and known.state is FileState.CLAIMED:
        return known
    counts.add(files=1)
    digest, size = sha256_of(claimed.path), claimed.path.stat().st_size
    try:
        return desk.documents.claim_file(
            department, claimed.name, digest, size, stored, duplicates=desk.settings.inbox.duplicates
        )
    except DuplicateFile as error:
        twin = desk.documents.file_at(stored)
        if twin is None:
            raise
        kept = keep_failed(desk.settings, twin, claimed.path, [error.explain()])
        desk.documents.finish_file(twin.id, FileState.DUPLICATE, reason=error.explain(), stored=kept)
        counts.add(duplicates=1)
        return None


def _fail(
    desk: ReadingDesk,
    file: ReceivedFile,
    path: Path,
    error: HakadoriError,
    more: list[str],
    counts: ReadCounts,
) -> None:
    lines = [error.explain(), *more]
    kept = keep_failed(desk.settings, file, path, lines)
    desk.documents.finish_file(file.id, FileState.FAILED, reason="\n".join(lines), stored=kept)
    counts.add(failed=1, pages=len(more))


def _put_away(
    desk: ReadingDesk, file: ReceivedFile, path: Path, reading: FileReading, counts: ReadCounts
) -> None:
    lines = explain_pages(reading.refused)
    pages = sum(len(document.pages) for document in reading.documents) + len(reading.refused)
    told = [*lines, "", text("inbox.reason_rest")] if lines else []
    kept = keep_original(desk.settings, file, path, told)
    desk.documents.finish_file(file.id, FileState.READ, reason="\n".join(lines), pages=pages, stored=kept)
    counts.add(pages=pages, refused=len(reading.refused))


def _enter(
    desk: ReadingDesk, file: ReceivedFile, position: int, reading: DocumentReading, counts: ReadCounts
) -> None:
    form = form_of(desk.forms, reading.form, reading.version)
    if form is None:
        raise KeyError(f"{reading.form}@{reading.version}")
    new = store_pictures(desk.settings, file, position, reading, form.version)
    document = desk.documents.get(desk.documents.add_document(new))
    counts.add(
        documents=1, fields=len(reading.fields), accepted=sum(found.accepted for found in reading.fields)
    )
    if document.state is DocumentState.WAITING and reading.accepted:
        document = _record(desk, form, document)
    recorded = document.state is DocumentState.RECORDED
    counts.add(recorded=int(recorded), waiting=int(document.state is DocumentState.WAITING))


def _record(desk: ReadingDesk, form: Form, document: Document) -> Document:
    """Make a certain document a work item; it waits with a reason when another one already has its key."""
    key, record = make_record(form, document.values)
    done = record_document(
        desk.documents,
        desk.ledger,
        document,
        process=form.process,
        key=key,
        record=record,
        who=WHO,
        why=text("inbox.why_read"),
    )
    if done.twin is not None:
        waiting, reason = DocumentState.WAITING, "inbox.record_exists"
        return desk.documents.close(document.id, document.revision, waiting, reason=reason)
    return desk.documents.get(document.id)
