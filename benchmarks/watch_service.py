"""The service of the watch flood: the real watcher, the real intake, the real books, and a reader that is quick.

It runs as a child process of its own, so that it can be killed at any moment. Only recognition is left out: pages are
taken in and decoded as always, then every field is made of the file's hash, so that every file becomes a record of its
own and a double would be seen.
"""

import hashlib
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backoffice.database import open_database, upgrade
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.receipts import Receipts
from backoffice.settings import InboxSettings, Settings, builtin_settings
from ocr.errors import FileRefused
from ocr.inboxes import open_inbox
from ocr.intake import read_pages
from ocr.lookout import Lookout
from ocr.read_job import ReadingDesk, read_inbox
from ocr.reading import DocumentReading, FieldReading, FileReading, PageReading, packed
from ocr.template import Form, load_forms

FORM = "kouza_furikae"
PAPER = np.full((8, 8), 255, np.uint8)
NO_CROP = np.zeros((0, 0), np.uint8)
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class QuickOutcome:
    """What the quick reader made of a file."""

    reading: FileReading | None
    error: Exception | None

    def result(self) -> FileReading:
        """Return the reading.

        Raises:
            FileRefused: The intake refused the file.
        """
        if self.reading is None:
            raise self.error or RuntimeError("a file without reading must have its error")
        return self.reading


class QuickReader:
    """Takes every page in with the real intake, and reads nothing of it.

    Args:
        form: The form that every file is said to be.
    """

    def __init__(self, form: Form) -> None:
        self._fields = [field.name for _, field in form.fields()]

    def read_files(self, paths: Iterable[Path]) -> Iterator[QuickOutcome]:
        """Read files one after the other."""
        for path in paths:
            try:
                pages = [page.number for page in read_pages(path)]
            except FileRefused as error:
                yield QuickOutcome(None, error)
                continue
            number = str(int(hashlib.sha256(path.read_bytes()).hexdigest()[:15], 16)).zfill(20)
            yield QuickOutcome(FileReading(path.name, (_document(pages, self._fields, number),), ()), None)


def _document(pages: list[int], names: list[str], number: str) -> DocumentReading:
    fields = tuple(
        FieldReading(
            name, "text", 1, number, 0.9999, True, "", {}, ((number, 0.9999),), (0, 0, 8, 8), NO_CROP
        )
        for name in names
    )
    read = tuple(PageReading(page, page, 0, 0.1, 50, 0.9, 100, packed(PAPER)) for page in pages)
    return DocumentReading(FORM, read, fields, number, True)


def flood_settings(var: Path, database: str, give_up_seconds: float) -> Settings:
    """Return settings of an impatient office: looks every 0.2 s, half a second still, seconds until given up."""
    inbox = InboxSettings(poll_seconds=0.2, stable_seconds=0.5, give_up_hours=give_up_seconds / 3600)
    return builtin_settings(var).model_copy(update={"inbox": inbox, "database": database})


def open_desk(settings: Settings) -> ReadingDesk:
    """Return the desk of the quick reader over the books of the flood."""
    engine = open_database(settings.database_url)
    upgrade(engine)
    forms = {FORM: load_forms(ROOT / "configs" / "forms")[FORM]}
    return ReadingDesk(settings, DocumentStore(engine), Ledger(engine), forms, QuickReader(forms[FORM]))


def serve(settings: Settings, departments: list[str]) -> None:
    """Empty the inboxes, each in a thread of its own, and give receipts until killed or until `stop` appears."""
    desk = open_desk(settings)
    readers = [
        threading.Thread(target=_empty, args=(settings, desk, department)) for department in departments
    ]
    for reader in readers:
        reader.start()
    receipts = Receipts(settings, desk.documents)
    while all(reader.is_alive() for reader in readers):
        receipts.refresh()
        time.sleep(1.0)
    for reader in readers:
        reader.join()


def _empty(settings: Settings, desk: ReadingDesk, department: str) -> None:
    lookout = Lookout(lambda name: open_inbox(settings, name, desk.documents))
    while not (settings.var / "stop").exists():
        if lookout.has_files(department):
            read_inbox(desk, department)
        time.sleep(settings.inbox.poll_seconds)


if __name__ == "__main__":
    var, database, give_up_seconds, *departments = sys.argv[1:]
    serve(flood_settings(Path(var), database, float(give_up_seconds)), departments)
