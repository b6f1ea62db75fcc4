"""Scans handed in through the console: taken whole or not at all, looked at at once, and entered in the books.

    receive → look at it (kind, whole, pages) → known already? → `work/<department>/<claim>/` → its receipt's number

What follows is the same as for a file that a scanner wrote into the watched folder: the next reader finds it in
`work/`. Killed between the move and the entry, the file lies there without its row, and the reader enters it; the
sender who hands it in again with the same attempt gets that row.
"""

import errno
import os
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from uuid import uuid4

from backoffice.clock import local_time
from backoffice.disk import is_full
from backoffice.document import DuplicateFile, ReceivedFile
from backoffice.documents import DocumentStore
from backoffice.files import safe_name, sha256_of
from backoffice.settings import Settings
from console.errors import ArgumentWrong, ThingMissing
from console.inspection import Inspect, Inspector
from ocr.claims import hand_over

KINDS = (".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png")
"""Endings that a scan's name has; what counts is the content."""
ENDINGS = ((b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"II", ".tif"), (b"MM", ".tif"))
"""Beginning of a content → ending of the name, where the name has none of KINDS; a PDF otherwise."""
DRAFTS = "handed-in"
DRAFT = ".part"
FORGOTTEN_SECONDS = 86_400.0
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
BLOCK = 1 << 20


@dataclass(frozen=True)
class Delivery:
    """What somebody hands in.

    Attributes:
        department: Folder name of the department.
        name: As the person's or program's file is called; no part of a path in it is used.
        content: The file, from its beginning.
        who: The person or system.
        form: The form that it is, by its short name; empty to let it be recognised.
        attempt: The sender's own mark of this delivery: sent again with the same one, it is not taken twice.
    """

    department: str
    name: str
    content: BinaryIO
    who: str
    form: str = ""
    attempt: str = ""


class Letterbox:
    """Takes scans in.

    Args:
        settings: Where the folders lie, and what is too large.
        documents: The books.
        inspect: Looks at a file before it is taken.
    """

    def __init__(self, settings: Settings, documents: DocumentStore, inspect: Inspect | None = None) -> None:
        self._settings = settings
        self._documents = documents
        self._inspect = inspect or Inspector(settings)
        self._entering = threading.Lock()
        self._sweep()

    @property
    def largest_bytes(self) -> int:
        """The largest scan that is taken."""
        return round(self._settings.inbox.max_megabytes * 1_000_000)

    def receive(self, delivery: Delivery) -> ReceivedFile:
        """Take a scan in and return its row in the books; its number is the receipt's.

        Raises:
            ThingMissing: There is no such department.
            FileRefused: It is no scan, empty, too large, cut off, locked or broken.
            DuplicateFile: The same content was received before; `number` says as which, where one may know it.
            ArgumentWrong: The form does not come from this department, or the disk is full.
        """
        if delivery.department not in self._settings.departments:
            raise ThingMissing("console.thing_missing", where=delivery.department[:100])
        name = shown_name(delivery.name)
        self._demand_form(delivery)
        if is_full(self._settings):
            raise ArgumentWrong("people.disk_full", where=name)
        draft = self._drafts / f"{uuid4().hex}{DRAFT}"
        try:
            self._write(draft, delivery.content, name)
            pages = self._inspect(draft, name)
            return self._enter(delivery, draft, _with_ending(name, draft), pages)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise ArgumentWrong("people.disk_full", where=name) from error
            raise
        finally:
            draft.unlink(missing_ok=True)

    def _demand_form(self, delivery: Delivery) -> None:
        allowed = self._settings.inbox_of(delivery.department).forms
        if delivery.form and allowed and delivery.form not in allowed:
            department = self._settings.departments[delivery.department]
            values = {"department": department, "allowed": "、".join(allowed), "form": delivery.form}
            raise ArgumentWrong("inbox.form_not_allowed", where=delivery.form, **values)

    def _write(self, draft: Path, content: BinaryIO, name: str) -> None:
        """Write the draft to the disk; never more of it than is allowed."""
        left = self.largest_bytes
        with draft.open("xb") as stream:
            while block := content.read(BLOCK):
                left -= len(block)
                if left < 0:
                    most = f"{self._settings.inbox.max_megabytes:g}"
                    raise ArgumentWrong("people.scan_too_large", where=name, megabytes=most)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())

    def _enter(self, delivery: Delivery, draft: Path, name: str, pages: int | None) -> ReceivedFile:
        digest, size = sha256_of(draft), draft.stat().st_size
        claim = _claim_of(delivery, digest)
        place = self._settings.folder("work") / delivery.department / claim
        with self._entering:
            known = self._documents.file_claimed_as(claim)
            if known is not None:
                return known
            self._demand_new(delivery, digest, name)
            claimed = hand_over(draft, place, f"{delivery.form}/{name}" if delivery.form else name)
            return self._documents.claim_file(
                delivery.department,
                claimed.name,
                digest,
                size,
                claimed.path.relative_to(self._settings.var).as_posix(),
                claim=claim,
                duplicates=self._settings.duplicates_of(delivery.department),
                who=delivery.who,
                pages=pages,
            )

    def _demand_new(self, delivery: Delivery, digest: str, name: str) -> None:
        """Refuse a content that is known, before anything of it is kept; another department's number is not told."""
        if self._settings.duplicates_of(delivery.department) == "accept":
            return
        first = self._documents.same_content(digest)
        if first is None:
            return
        at = local_time(first.received_at, self._settings.timezone)
        if first.department != delivery.department:
            raise DuplicateFile("submit.known_elsewhere", where=name, name=name, at=at)
        raise DuplicateFile("submit.known", where=name, name=name, at=at, number=first.id)

    @property
    def _drafts(self) -> Path:
        folder = self._settings.var / DRAFTS
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _sweep(self) -> None:
        """Let go what a killed server left half-written a day ago; nobody was told that it was received."""
        for draft in self._drafts.glob(f"*{DRAFT}"):
            if time.time() - draft.stat().st_mtime > FORGOTTEN_SECONDS:
                draft.unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """Return the name of a file that was handed in: the last part of its path alone, and harmless."""
    last = PurePosixPath(name.replace("\\", "/")).name.lstrip("~$. ")
    return safe_name(last)


def _with_ending(name: str, draft: Path) -> str:
    """Return the name with the ending of a scan: a reader's tools and people go by it."""
    if Path(name).suffix.lower() in KINDS:
        return name
    with draft.open("rb") as stream:
        head = stream.read(4)
    return safe_name(name + next((ending for magic, ending in ENDINGS if head.startswith(magic)), ".pdf"))


def _claim_of(delivery: Delivery, digest: str) -> str:
    """Return the claim of a delivery: the same for the same attempt with the same content, else a fresh one."""
    if not delivery.attempt:
        return uuid4().hex
    told = "\n".join((delivery.who, delivery.department, delivery.attempt, digest))
    return sha256(told.encode()).hexdigest()[:32]
