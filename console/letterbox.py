"""Scans handed in through the console: they are put into the department's watched folder, whole or not at all.

What follows is the same as for a file that a scanner wrote there: it is claimed, read, and answered with a receipt.
"""

import os
import shutil
import threading
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from uuid import uuid4

from backoffice.disk import is_full
from backoffice.files import safe_name
from backoffice.settings import Settings
from console.errors import ArgumentWrong, ThingMissing

KINDS = (".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png")
DRAFT = ".part"
"""Ending of a file that is still being written; with the dot before its name the watched folder leaves it alone."""


class Letterbox:
    """Puts scans into watched folders.

    Args:
        settings: Where the folders lie, and what is too large.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._placing = threading.Lock()

    @property
    def largest_bytes(self) -> int:
        """The largest scan that is taken."""
        return round(self._settings.inbox.max_megabytes * 1_000_000)

    def put(self, department: str, name: str, content: BinaryIO) -> Path:
        """Put a scan into a department's watched folder and return where it lies.

        Args:
            department: Folder name of the department.
            name: As the person's or program's file is called; no part of a path in it is used.
            content: The file, from its beginning.

        Raises:
            ThingMissing: There is no such department.
            ArgumentWrong: It is no kind of scan, empty, too large, or the disk is full.
        """
        if department not in self._settings.departments:
            raise ThingMissing("console.thing_missing", where=department[:100])
        clean = scan_name(name)
        if is_full(self._settings):
            raise ArgumentWrong("people.disk_full", where=clean)
        folder = self._settings.inbox_folder(department)
        draft = folder / f".{uuid4().hex}{DRAFT}"
        try:
            self._write(draft, content, clean)
            with self._placing:
                place = _free_place(folder, clean)
                draft.rename(place)
        finally:
            draft.unlink(missing_ok=True)
        return place

    def _write(self, draft: Path, content: BinaryIO, name: str) -> None:
        with draft.open("xb") as stream:
            shutil.copyfileobj(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
        if not 0 < size <= self.largest_bytes:
            most = self._settings.inbox.max_megabytes
            raise ArgumentWrong("people.scan_size_wrong", where=name, megabytes=f"{most:g}")


def scan_name(name: str) -> str:
    """Return a name for the watched folder: the last part alone, harmless, and with the ending of a scan.

    Raises:
        ArgumentWrong: Its ending is none of KINDS.
    """
    last = PurePosixPath(name.replace("\\", "/")).name.lstrip("~$. ")
    clean = safe_name(last)
    if Path(clean).suffix.lower() not in KINDS:
        raise ArgumentWrong("people.scan_kind_wrong", where=clean[:100], kinds=" ".join(KINDS))
    return clean


def _free_place(folder: Path, name: str) -> Path:
    """Return a path that no file has yet: `a.pdf`, else `a (2).pdf` and so on."""
    place, number = folder / name, 1
    while place.exists():
        number += 1
        place = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return place
