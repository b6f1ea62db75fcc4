"""Receipts for the departments: received at, how many pages, what happens next, and later the result.

A receipt is a text file that Notepad opens, one for each file received, written anew whenever the file gets further;
or a mail at each of these steps. It holds no value of any field. A share that is away gets its receipts later.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from loguru import logger

from backoffice.clock import local_time
from backoffice.document import FileState, ReceivedFile
from backoffice.documents import DocumentStore
from backoffice.errors import HakadoriError
from backoffice.files import safe_name
from backoffice.messages import text
from backoffice.receipt_book import DocumentStanding, FileStanding
from backoffice.settings import Settings
from backoffice.settings_inbox import MARKER
from backoffice.work_items import State

ENDING = ".receipt.txt"
Post = Callable[[Sequence[str], str, str], None]
"""Sends a mail: addresses, subject, text."""


class Receipts:
    """Gives receipts.

    Args:
        settings: Where they go.
        documents: The files and how they stand.
        post: Sends mail; without it receipts by mail are not given.
    """

    def __init__(self, settings: Settings, documents: DocumentStore, post: Post | None = None) -> None:
        self._settings = settings
        self._documents = documents
        self._post = post

    def write(self, file: ReceivedFile) -> None:
        """Write the receipt of one file where its department takes files; quietly later when it cannot be now."""
        if self._settings.inbox_of(file.department).receipts not in ("file", "both"):
            return
        begun = file.state is FileState.CLAIMED and not file.finished_at
        self._put(FileStanding(file) if begun else self._documents.receipts.standing(file.id))

    def refresh(self) -> int:
        """Give every receipt that is not up to date, and return how many were given.

        What cannot be given now (a share that is away, a mail server that does not answer) is tried again next time.
        """
        book = self._documents.receipts
        looked_at = book.now()
        standings = book.unsettled()
        last = book.last([standing.file.id for standing in standings]) if standings else {}
        given, same = [], []
        for standing in standings:
            digest = hashlib.sha256(in_words(standing, self._settings).encode()).hexdigest()
            if last.get(standing.file.id) == digest:
                same.append((standing.file.id, standing.stage, digest))
            elif self._give(standing):
                given.append((standing.file.id, standing.stage, digest))
        book.note([*given, *same], looked_at)
        return len(given)

    def _give(self, standing: FileStanding) -> bool:
        inbox = self._settings.inbox_of(standing.file.department)
        done = True
        if inbox.receipts in ("file", "both"):
            done = self._put(standing)
        if done and inbox.receipts in ("mail", "both"):
            done = self._mail(standing, inbox.mail)
        return done

    def _put(self, standing: FileStanding) -> bool:
        folder = self._settings.receipts_folder(standing.file.department)
        try:
            if self._is_away(standing.file.department, folder):
                return False
            folder.mkdir(parents=True, exist_ok=True)
            content = in_words(standing, self._settings).replace("\n", "\r\n").encode("utf-8-sig")
            place = receipt_place(folder, standing)
            draft = place.with_name(f".{place.name}")
            draft.write_bytes(content)  # not flushed to the disk: a lost receipt is written again
            draft.replace(place)
        except OSError as error:
            logger.warning("receipt of file {} not written ({})", standing.file.id, type(error).__name__)
            return False
        return True

    def _is_away(self, department: str, folder: Path) -> bool:
        """Say whether the share is not mounted: then the receipt would land beneath it, on this PC's own disk."""
        if self._settings.inbox_of(department).folder is None:
            return False
        marked = self._documents.inboxes.state(department).marker
        return not folder.parent.is_dir() or bool(marked and not (folder.parent / MARKER).exists())

    def _mail(self, standing: FileStanding, addresses: Sequence[str]) -> bool:
        if self._post is None:
            return False
        file, stage = standing.file, text(f"inbox.stage_{standing.stage}")
        try:
            self._post(
                addresses,
                text("inbox.receipt_subject", number=file.id, stage=stage),
                in_words(standing, self._settings),
            )
        except HakadoriError as error:
            logger.warning("receipt of file {} not mailed ({})", file.id, error.key)
            return False
        return True


def receipt_place(folder: Path, standing: FileStanding) -> Path:
    """Return where the receipt of a file lies: its number, then the file's own name."""
    name = safe_name(Path(standing.file.name).name)
    return folder / f"{standing.file.id:06d}-{name}{ENDING}"


def in_words(standing: FileStanding, settings: Settings) -> str:
    """Return a receipt as its department reads it."""
    file = standing.file
    department = settings.departments.get(file.department, file.department)
    lines = [
        text("inbox.receipt_title", town=settings.town),
        "",
        text("inbox.receipt_number", number=file.id),
        text("inbox.receipt_department", department=department),
        text("inbox.reason_file", name=file.name),
        text("inbox.reason_received", at=local_time(file.received_at, settings.timezone)),
        text("inbox.receipt_size", kilobytes=max(1, round(file.size / 1000))),
    ]
    if file.pages is not None:
        lines.append(text("inbox.receipt_pages", pages=file.pages))
    lines += [
        "",
        text("inbox.receipt_stage", stage=text(f"inbox.stage_{standing.stage}")),
        text("inbox.receipt_next", next=text(f"inbox.next_{standing.stage}")),
    ]
    if standing.documents:
        lines += ["", text("inbox.receipt_results")]
        lines += [_result(number, one) for number, one in enumerate(standing.documents, 1)]
    if file.reason and file.state is not FileState.CLAIMED:
        lines += ["", text("inbox.receipt_reason"), file.reason]
    return "\n".join(lines) + "\n"


def _result(number: int, one: DocumentStanding) -> str:
    why = text("review.receipt_why", reason=one.reason) if one.reason else ""
    told = text(
        "inbox.receipt_document",
        number=number,
        form=one.form,
        fields=one.fields,
        accepted=one.accepted,
        state=state_words(one),
    )
    return told + why


def state_words(one: DocumentStanding) -> str:
    """Return how a document stands, as its department reads it."""
    return text(f"inbox.{_state_key(one)}")


def _state_key(one: DocumentStanding) -> str:
    if one.item_state is None:
        return f"document_{one.state}"
    if one.item_state is State.DONE:
        return "item_registered"
    running = (State.NEW, State.RETRY, State.IN_PROGRESS, State.COMMITTING)
    return "item_to_register" if one.item_state in running else "item_trouble"
