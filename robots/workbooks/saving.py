"""Saving a changed workbook: not while somebody has it open, never half, and the state before it is kept.

名簿.xlsx                 the workbook
名簿.xlsx.20260401.bak    as it was before the robots' first change of that day; seven such days are kept
~$名簿.xlsx               Excel's sign that somebody has it open (LibreOffice: .~lock.名簿.xlsx#)
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from backoffice.files import replacing
from backoffice.locks import held
from robots.workbooks.book import Book
from robots.workbooks.change import Change
from robots.workbooks.errors import WorkbookChanged, WorkbookInUse
from robots.workbooks.markup import run_parser, safe_parser

KEPT_DAYS = 7
"""So many states before are kept, the newest."""
PATIENCE_SECONDS = 30.0
"""How long one robot waits for another that is writing to the same workbook."""


@contextmanager
def changing(path: Path, *, locks: Path, today: date) -> Iterator[Change]:
    """Open a workbook, collect a change to it, and save it when the block ends well.

    Args:
        path: The workbook.
        locks: Folder of the lock by which robots of this PC wait for each other.
        today: Names the state that is kept.

    Yields:
        The change.

    Raises:
        WorkbookInUse: Somebody has it open. Seen before the work begins, and once more before it is saved.
        WorkbookChanged: Somebody else saved it meanwhile.
        WorkbookNotWritable: Something would be lost.
        TableFileWrong: It cannot be read.
    """
    refuse_when_open(path)
    own = hashlib.sha256(str(path.resolve()).casefold().encode()).hexdigest()[:16]
    with held(locks / f"workbook-{own}.lock", patience=PATIENCE_SECONDS) as ours:
        if not ours:
            raise WorkbookInUse("workbooks.in_use", where=path.name, name=path.name)
        change = Change(Book(path))
        yield change
        if change.parts:
            save(change, today)


def save(change: Change, today: date) -> None:
    """Write a changed workbook in the place of the old one; what was not changed is compared before."""
    book = change.book
    path = book.path
    for name, part in change.parts.items():
        run_parser(safe_parser(book.place(name)), part, book.place(name))
    refuse_when_open(path)
    try:
        with replacing(path) as draft:
            book.package.save_as(draft, change.parts, change.dropped)
            wrong = book.package.differs(draft, {*change.parts, *change.dropped})
            if wrong:
                raise AssertionError(f"parts changed that were not to: {wrong}")
            if path.read_bytes() != book.package.content:
                raise WorkbookChanged("workbooks.changed", where=path.name, name=path.name)
            shutil.copymode(path, draft)
            _keep_state(path, today)
    except PermissionError as error:
        raise WorkbookInUse("workbooks.in_use", where=path.name, name=path.name) from error


def refuse_when_open(path: Path) -> None:
    """Look for the signs that somebody has a workbook open.

    Raises:
        WorkbookInUse: There is one.
    """
    for sign in (f"~${path.name}", f".~lock.{path.name}#"):
        if path.with_name(sign).exists():
            raise WorkbookInUse("workbooks.open_elsewhere", where=path.name, name=path.name, sign=sign)


def _keep_state(path: Path, today: date) -> None:
    kept = path.with_name(f"{path.name}.{today:%Y%m%d}.bak")
    if not kept.exists():
        with replacing(kept) as draft:
            shutil.copy2(path, draft)
    states = sorted(one for one in path.parent.iterdir() if _is_state(one, path.name))
    for old in states[:-KEPT_DAYS]:
        old.unlink(missing_ok=True)


def _is_state(file: Path, name: str) -> bool:
    stem = file.name.removeprefix(f"{name}.").removesuffix(".bak")
    return file.name == f"{name}.{stem}.bak" and len(stem) == 8 and stem.isdigit()
