"""Open a department's watched folder with everything it needs to remember; tell when it goes away and comes back."""

from collections.abc import Callable
from pathlib import Path

from loguru import logger

from backoffice.disk import is_full
from backoffice.documents import DocumentStore
from backoffice.inbox_book import InboxBook
from backoffice.messages import text
from backoffice.settings import Settings
from ocr.patience import BookedMemory
from ocr.watch import Inbox, Presence

Tell = Callable[[str, str], None]
"""Told something that people should know: department, words."""


class BookedPresence(Presence):
    """Remembers in the database whether an inbox could be reached, and tells of changes once.

    Args:
        book: The memory.
        department: Whose inbox.
        marked: A marker shows that the folder is the share itself, not the place where it is mounted.
        tell: Told when the folder goes away and when it is back.
    """

    def __init__(self, book: InboxBook, department: str, *, marked: bool, tell: Tell) -> None:
        self._book = book
        self._department = department
        self._marker = book.state(department).marker if marked else None
        self._tell = tell
        self._now: str | None = None

    def marker(self) -> str | None:
        """Return what was once written into the folder; None where no marker is needed."""
        return self._marker

    def mark(self, marker: str) -> None:
        """Remember what was written into the folder."""
        self._book.remember(self._department, marker)
        self._marker = marker

    def away(self, reason: str) -> None:
        """Note that nothing can be taken; the first time is told."""
        if self._now == reason:
            return
        self._now = reason
        if self._book.note_away(self._department, reason):
            logger.error("inbox {} is away ({})", self._department, reason)
            self._tell(self._department, in_words(self._department, reason))

    def here(self) -> None:
        """Note that all is well; the first time after an absence is told."""
        if self._now == "":
            return
        self._now = ""
        if self._book.note_here(self._department):
            logger.info("inbox {} is back", self._department)
            self._tell(self._department, text("inbox.back", department=self._department))


def in_words(department: str, reason: str) -> str:
    """Return why an inbox is away, as people read it."""
    known = {"gone", "empty", "disk_full", "silent"}
    key = reason if reason in known else "failing"
    return text(f"inbox.away_{key}", department=department, detail=reason)


def log_only(department: str, words: str) -> None:
    """Tell nobody but the log, which already knows."""


def open_inbox(
    settings: Settings, department: str, documents: DocumentStore, *, tell: Tell = log_only
) -> Inbox:
    """Return a department's inbox.

    Args:
        settings: Folders and patience.
        department: Folder name of the department.
        documents: The books, for what was claimed and what is waited for.
        tell: Told when the folder goes away and when it is back.
    """
    folder = settings.inbox_folder(department)
    book = documents.inboxes
    return Inbox(
        folder=folder,
        work=settings.folder("work") / department,
        settings=settings.inbox,
        memory=BookedMemory(book, department),
        presence=BookedPresence(book, department, marked=_is_share(settings, department, folder), tell=tell),
        known_claim=lambda claim: documents.file_claimed_as(claim) is not None,
        has_room=lambda: not is_full(settings),
    )


def _is_share(settings: Settings, department: str, folder: Path) -> bool:
    """Say whether a folder may vanish while its name stays: it has a place of its own or is a mount point."""
    return settings.inbox_of(department).folder is not None or folder.is_mount()
