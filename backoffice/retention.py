"""Retention: which records have been kept long enough, and how they are erased for good.

A town must not keep personal data longer than its rules for documents say, and must not erase what is still at work
or under a legal hold. So only what is over counts: a document that was discarded or sent back, or whose work item is
done, since so many days. Erasing takes the scan, the pictures, the values that were read and typed, what people said
about the document, and the record. What stays tells nobody's name: that there was a document of this form, when it
came, how it ended, the item's key, every move, the time saved. Keys stay so that nothing is ever registered twice.
"""

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backoffice.document import DocumentState, FileState
from backoffice.files import write_atomically
from backoffice.review_tables import cell_choices, document_comments, document_turns
from backoffice.tables import document_fields, documents, field_entries, received_files, work_items
from backoffice.work_items import State

OF_A_DOCUMENT = (document_fields, field_entries, document_comments, document_turns, cell_choices)
"""What is erased with a document: all that was read, typed, chosen and said."""
ERASING = "erasing.json"
"""In the working folder while files are erased: their numbers, so that a crash forgets none whose scan is gone."""
_ERASED = sa.cast(documents.c.pages, sa.Text) == "[]"
_REFUSED = [state.value for state in (FileState.FAILED, FileState.DUPLICATE, FileState.QUARANTINED)]
REASON_ENDING = ".reason.txt"
"""Ending of the file beside a refused one that says why (ocr/keeping.py)."""
BATCH = 500
"""Rows erased in one transaction: the ledger is never kept waiting for long."""

LOCKED = 50
"""Documents whose pictures are removed in one transaction, so that nobody takes one up while it is erased."""


@dataclass(frozen=True)
class Hold:
    """What stays whatever its age: a law suit, an audit, an appeal.

    Attributes:
        everything: Nothing at all is erased.
        departments: Folder names of departments.
        processes: Names of businesses.
        forms: Forms whose documents become items of these processes.
    """

    everything: bool = False
    departments: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Expired:
    """What is past its days: numbers of documents, received files (read, or refused) and work items."""

    documents: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.documents or self.files or self.items or self.refused)


def find_expired(engine: sa.Engine, before: datetime, hold: Hold) -> Expired:
    """Return what was over before a moment and is not erased yet.

    Args:
        engine: The migrated database.
        before: What ended earlier is past its days; aware.
        hold: What stays all the same.
    """
    if hold.everything:
        return Expired()
    with engine.connect().execution_options(read_only=True) as connection:
        return Expired(
            documents=tuple(connection.execute(_documents_over(before, hold)).scalars()),
            files=tuple(connection.execute(_files_over(before, hold)).scalars()),
            items=tuple(connection.execute(_items_over(before, hold)).scalars()),
        )


def find_refused(engine: sa.Engine, before: datetime, hold: Hold) -> tuple[int, ...]:
    """Return the files that were refused before a moment and still lie in `failed/` or in quarantine."""
    if hold.everything:
        return ()
    query = sa.select(received_files.c.id).where(
        received_files.c.state.in_(_REFUSED),
        received_files.c.finished_at < before,
        received_files.c.stored != "",
        received_files.c.department.not_in(hold.departments),
    )
    with engine.connect().execution_options(read_only=True) as connection:
        return tuple(connection.execute(query.order_by(received_files.c.id)).scalars())


def kept_here(engine: sa.Engine, var: Path, expired: Expired) -> Expired:
    """Return what of it lies in this PC's working folder.

    Where several PCs share a database, each keeps its own scans: erasing the rows here would leave the pictures there.

    Args:
        engine: The migrated database.
        var: The working folder of this PC.
        expired: From `find_expired` and `find_refused`.
    """
    files = sa.select(received_files.c.id, received_files.c.stored).where(received_files.c.stored != "")
    owners = sa.select(documents.c.id, documents.c.file_id)
    with engine.connect().execution_options(read_only=True) as connection:
        here = {row.id for row in connection.execute(files) if (var / row.stored).is_file()} | _begun(var)
        ours = {row.id for row in connection.execute(owners) if row.file_id in here}
    return Expired(
        documents=tuple(number for number in expired.documents if number in ours),
        files=tuple(number for number in expired.files if number in here),
        items=expired.items,
        refused=tuple(number for number in expired.refused if number in here),
    )


def erase(engine: sa.Engine, var: Path, expired: Expired) -> None:
    """Erase records for good; interrupted, it is simply done again.

    Pictures go before the rows that name them: a crash in between leaves a row that is found again, never a picture
    that nobody knows of.

    Args:
        engine: The migrated database.
        var: The working folder, which every file must lie in.
        expired: From `find_expired`.

    Raises:
        OSError: A file cannot be removed; its rows stay.
    """
    for batch in _batches(expired.documents, LOCKED):
        with _wiping(engine) as connection:
            ids = _still_over(connection, batch)
            _remove(var, _pictures(connection, ids))
            for table in OF_A_DOCUMENT:
                connection.execute(sa.delete(table).where(table.c.document_id.in_(ids)))
            connection.execute(
                sa.update(documents).where(documents.c.id.in_(ids)).values(pages=[], reason="")
            )
    for batch in _batches(expired.files + expired.refused):
        ids = _without_documents(engine, batch)
        write_atomically(var / ERASING, json.dumps(list(ids)).encode())
        _remove(var, _originals(engine, ids))
        with _wiping(engine) as connection:
            nameless = {"name": "", "stored": "", "reason": ""}
            connection.execute(sa.update(received_files).where(received_files.c.id.in_(ids)).values(nameless))
    if expired.files or expired.refused:
        (var / ERASING).unlink(missing_ok=True)
    for batch in _batches(expired.items):
        with _wiping(engine) as connection:
            done = (work_items.c.id.in_(batch), work_items.c.state == State.DONE.value)
            connection.execute(sa.update(work_items).where(*done).values(record={}, result={}))
    if expired:
        _empty_log(engine)


def _documents_over(before: datetime, hold: Hold) -> sa.Select[Any]:
    item_done = sa.and_(
        documents.c.state == DocumentState.RECORDED.value,
        work_items.c.state == State.DONE.value,
        work_items.c.updated_at < before,
        work_items.c.process.not_in(hold.processes),
    )
    closed = [DocumentState.DISCARDED.value, DocumentState.RETURNED.value]
    discarded = sa.and_(documents.c.state.in_(closed), documents.c.updated_at < before)
    return (
        sa.select(documents.c.id)
        .join(work_items, work_items.c.id == documents.c.item_id, isouter=True)
        .where(
            sa.or_(item_done, discarded),
            sa.not_(_ERASED),
            documents.c.department.not_in(hold.departments),
            documents.c.form.not_in(hold.forms),
        )
        .order_by(documents.c.id)
    )


def _files_over(before: datetime, hold: Hold) -> sa.Select[Any]:
    """Select the files all of whose documents are erased or about to be."""
    over = sa.or_(_ERASED, documents.c.id.in_(_documents_over(before, hold).order_by(None)))
    touched = sa.select(documents.c.file_id).where(over)
    stays = sa.select(documents.c.file_id).where(sa.not_(over))
    return (
        sa.select(received_files.c.id)
        .where(
            received_files.c.state == FileState.READ.value,
            received_files.c.stored != "",
            received_files.c.id.in_(touched),
            received_files.c.id.not_in(stays),
        )
        .order_by(received_files.c.id)
    )


def _items_over(before: datetime, hold: Hold) -> sa.Select[Any]:
    held_paper = sa.select(documents.c.item_id).where(
        documents.c.item_id.is_not(None),
        sa.or_(documents.c.department.in_(hold.departments), documents.c.form.in_(hold.forms)),
    )
    return (
        sa.select(work_items.c.id)
        .where(
            work_items.c.state == State.DONE.value,
            work_items.c.updated_at < before,
            sa.cast(work_items.c.record, sa.Text) != "{}",
            work_items.c.process.not_in(hold.processes),
            work_items.c.id.not_in(held_paper),
        )
        .order_by(work_items.c.id)
    )


def _begun(var: Path) -> set[int]:
    """Return the files of this PC whose erasing was cut off."""
    try:
        return set(json.loads((var / ERASING).read_text(encoding="ascii")))
    except FileNotFoundError:
        return set()


def _still_over(connection: sa.Connection, ids: Collection[int]) -> list[int]:
    """Return those of some documents that nobody took up since they were found, and keep them from being taken up."""
    over = sa.select(documents.c.id).where(
        documents.c.id.in_(ids), documents.c.state != DocumentState.WAITING.value
    )
    return list(connection.execute(over.order_by(documents.c.id).with_for_update()).scalars())


def _without_documents(engine: sa.Engine, ids: Collection[int]) -> list[int]:
    """Return those of some files that have no document which is not erased."""
    alive = sa.select(documents.c.file_id).where(documents.c.file_id.in_(ids), sa.not_(_ERASED))
    with engine.connect().execution_options(read_only=True) as connection:
        stays = set(connection.execute(alive).scalars())
    return [number for number in ids if number not in stays]


def _pictures(connection: sa.Connection, ids: Collection[int]) -> frozenset[str]:
    crops = sa.select(document_fields.c.crop).where(document_fields.c.document_id.in_(ids))
    pages = sa.select(documents.c.pages).where(documents.c.id.in_(ids))
    found = set(connection.execute(crops).scalars())
    for leaves in connection.execute(pages).scalars():
        found |= {str(leaf.get("picture", "")) for leaf in leaves}
    return frozenset(found - {""})


def _originals(engine: sa.Engine, ids: Collection[int]) -> frozenset[str]:
    stored = sa.select(received_files.c.stored).where(received_files.c.id.in_(ids))
    with engine.connect().execution_options(read_only=True) as connection:
        places = set(connection.execute(stored).scalars()) - {""}
    return frozenset(places | {f"{place}{REASON_ENDING}" for place in places})


def _remove(var: Path, places: Iterable[str]) -> None:
    """Remove files of the working folder, and the folders that they leave empty."""
    home = var.resolve()
    for place in places:
        path = Path(home, place).resolve()
        if path == home or not path.is_relative_to(home):
            raise PermissionError(f"a stored file lies outside of the working folder: {place}")
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        _drop_empty(path.parent, home)


def _drop_empty(folder: Path, home: Path) -> None:
    while folder != home and folder.parent != home and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _batches(ids: Sequence[int], size: int = BATCH) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


@contextmanager
def _wiping(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Write in a transaction whose deleted values SQLite overwrites with zeros instead of leaving them in the file."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        yield connection


def _empty_log(engine: sa.Engine) -> None:
    """Let SQLite's write-ahead log, which holds older states, be emptied as far as nobody reads it now."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(read_only=True) as connection:
            connection.rollback()
            driver = connection.connection.driver_connection
            if driver is not None:
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
