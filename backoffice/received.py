"""The book of received files: every file that was taken from an inbox has one row, and keeps it.

A claim is a rename into a folder of its own in `work/`; the name of that folder is a unique key here, so a reader that
was killed between the rename, the entry and the reading can be followed by any other one without a file entered twice.
"""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, local_time, utc_now
from backoffice.document import (
    DocumentState,
    DuplicateFile,
    FileMissing,
    FileNotPutAside,
    FileState,
    ReceivedFile,
)
from backoffice.files import sha256_of
from backoffice.inbox_tables import receipts
from backoffice.messages import text
from backoffice.tables import documents, received_files
from backoffice.timeline import Happening, note

READER = "ocr"
PUT_ASIDE = (FileState.FAILED, FileState.QUARANTINED, FileState.DUPLICATE)
LONGEST_NAME = 400


class ReceivedFiles:
    """Received files over one database; `DocumentStore` is the one to use."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def claim_file(
        self,
        department: str,
        name: str,
        sha256: str,
        size: int,
        stored: str,
        *,
        duplicates: str = "refuse",
        claim: str | None = None,
        seen_at: datetime | None = None,
        who: str = "",
        pages: int | None = None,
    ) -> ReceivedFile:
        """Enter a file that was taken from the inbox.

        Args:
            department: Folder name of the department.
            name: The file's name in the inbox.
            sha256: Hash of its content, 64 hex digits.
            size: Bytes.
            stored: Where it is kept now, relative to the working folder.
            duplicates: "refuse" or "accept" a content that was received before.
            claim: The folder in `work/` that it was renamed into; a claim that was entered before gives its row back.
            seen_at: When it was first seen in the inbox; now by default.
            who: The person or system who handed it in, where that is known; else its department.
            pages: How many pages it has, where that was looked at already.

        Raises:
            DuplicateFile: The content is known and duplicates are refused. The file is entered all the same,
                as `duplicate`, so that nothing vanishes from the books.
        """
        now = self._clock()
        values = {
            "department": department,
            "name": name[-LONGEST_NAME:],
            "sha256": sha256,
            "size": size,
            "stored": stored,
            "claim": claim,
            "pages": pages,
            "received_at": now,
        }
        with self._engine.begin() as connection:
            _one_at_a_time(connection)
            known = None if claim is None else connection.execute(_claimed_as(claim)).first()
            if known is not None and known.state != FileState.DUPLICATE:
                return file_of(known)
            first = connection.execute(_same_content(sha256)).first()
            twin = first is not None and duplicates == "refuse"
            if known is not None and first is not None:
                raise _duplicate(file_of(first), department, name)
            state = FileState.DUPLICATE if twin else FileState.CLAIMED
            reason = "backoffice.duplicate_file" if twin else ""
            values |= {"state": state, "reason": reason, "finished_at": now if twin else None}
            file = file_of(
                connection.execute(sa.insert(received_files).values(values).returning(received_files)).one()
            )
            came = min(seen_at or now, now)
            note(connection, file.id, Happening.RECEIVED, who or department, came, bytes=size)
            note(connection, file.id, Happening.CLAIMED, READER, now)
        if first is not None and twin:
            raise _duplicate(file_of(first), department, name)
        return file

    def finish_file(
        self,
        file_id: int,
        state: FileState,
        *,
        reason: str = "",
        pages: int | None = None,
        stored: str | None = None,
    ) -> None:
        """Close a file: read, or put aside with a reason; `stored` says where it lies from now on."""
        now = self._clock()
        changes: dict[str, Any] = {"state": state, "reason": reason, "pages": pages, "finished_at": now}
        changes |= {"stored": stored} if stored is not None else {}
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(received_files).where(received_files.c.id == file_id).values(changes)
            )
            told = {} if pages is None else {"pages": pages}
            note(connection, file_id, Happening(state.value), READER, now, **told)

    def recount(self, file_id: int, path: Path) -> None:
        """Enter the hash and size of a file anew: somebody still wrote it after it was claimed."""
        values = {"sha256": sha256_of(path), "size": path.stat().st_size}
        with self._engine.begin() as connection:
            connection.execute(sa.update(received_files).where(received_files.c.id == file_id).values(values))

    def take_back(
        self, connection: sa.Connection, file_id: int, *, department: str, claim: str, stored: str, who: str
    ) -> None:
        """Send a file that was put aside back to be read, inside a transaction that also moves it.

        It is not compared with other contents again: a person decided that it is to be read.

        Raises:
            FileNotPutAside: It is being read, or was read; the transaction must be given up.
        """
        update = (
            sa.update(received_files)
            .where(received_files.c.id == file_id)
            .where(received_files.c.state.in_([state.value for state in PUT_ASIDE]))
            .values(
                state=FileState.CLAIMED, reason="", finished_at=None, department=department, claim=claim,
                stored=stored,
            )
        )  # fmt: skip
        if connection.execute(update).rowcount != 1:
            raise FileNotPutAside("backoffice.file_not_put_aside", where=str(file_id), file=file_id)
        connection.execute(sa.delete(receipts).where(receipts.c.file_id == file_id))
        note(connection, file_id, Happening.RETRIED, who, self._clock(), department=department)

    def file(self, file_id: int) -> ReceivedFile:
        """Return a received file.

        Raises:
            FileMissing: There is none of this number.
        """
        query = sa.select(received_files).where(received_files.c.id == file_id)
        with self._reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise FileMissing("backoffice.received_file_missing", where=str(file_id), file=file_id)
        return file_of(row)

    def file_at(self, stored: str) -> ReceivedFile | None:
        """Return the file that is kept at this place, or None when none is booked there."""
        query = sa.select(received_files).where(received_files.c.stored == stored)
        with self._reading() as connection:
            row = connection.execute(query.order_by(received_files.c.id.desc())).first()
        return None if row is None else file_of(row)

    def same_content(self, sha256: str) -> ReceivedFile | None:
        """Return the first file of this content that was taken and not put aside, or None."""
        with self._reading() as connection:
            row = connection.execute(_same_content(sha256)).first()
        return None if row is None else file_of(row)

    def file_claimed_as(self, claim: str) -> ReceivedFile | None:
        """Return the file that was entered under a claim, or None."""
        with self._reading() as connection:
            row = connection.execute(_claimed_as(claim)).first()
        return None if row is None else file_of(row)

    def files(
        self, states: Collection[FileState] | None = None, *, department: str | None = None
    ) -> list[ReceivedFile]:
        """Return received files, oldest first, in some states or all, of one department or all."""
        query = sa.select(received_files).order_by(received_files.c.id)
        if states is not None:
            query = query.where(received_files.c.state.in_([state.value for state in states]))
        if department is not None:
            query = query.where(received_files.c.department == department)
        with self._reading() as connection:
            return [file_of(row) for row in connection.execute(query)]

    def in_work(self, department: str) -> list[ReceivedFile]:
        """Return a department's files that should lie in `work/`: being read, or left so by a killed reader."""
        query = sa.select(received_files).where(
            received_files.c.department == department, received_files.c.stored.like("work/%")
        )
        with self._reading() as connection:
            return [file_of(row) for row in connection.execute(query.order_by(received_files.c.id))]

    def counts(self) -> dict[FileState, int]:
        """Return how many received files stand in each state."""
        query = sa.select(received_files.c.state, sa.func.count()).group_by(received_files.c.state)
        with self._reading() as connection:
            found = {FileState(state): number for state, number in connection.execute(query)}
        return {state: found.get(state, 0) for state in FileState}

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep a connection open while many files are worked on.

        The last connection of an SQLite file that is closed brings the whole write-ahead log into the file, which
        costs more than entering a document.
        """
        with self._engine.connect():
            yield

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)

    def _writing(self, connection: sa.Connection | None) -> AbstractContextManager[sa.Connection]:
        return self._engine.begin() if connection is None else nullcontext(connection)


def _duplicate(first: ReceivedFile, department: str, name: str) -> DuplicateFile:
    """Return the error that tells of the first file, without another department's file name."""
    return DuplicateFile(
        "backoffice.duplicate_file",
        where=name,
        name=name,
        first=first.name if first.department == department else text("backoffice.other_file"),
        at=local_time(first.received_at),
    )


def _claimed_as(claim: str) -> sa.Select[Any]:
    return sa.select(received_files).where(received_files.c.claim == claim)


def _same_content(sha256: str) -> sa.Select[Any]:
    """Select the files of this content that were taken, but not those whose every document was sent back."""
    taken = [FileState.CLAIMED.value, FileState.READ.value]
    of = documents.c.file_id == received_files.c.id
    returned = documents.c.state == DocumentState.RETURNED.value
    all_returned = sa.exists().where(of, returned) & ~sa.exists().where(of, ~returned)
    same = sa.select(received_files).where(received_files.c.sha256 == sha256, ~all_returned)
    return same.where(received_files.c.state.in_(taken)).order_by(received_files.c.id)


def _one_at_a_time(connection: sa.Connection) -> None:
    """Let one entry wait for another: SQLite begins IMMEDIATE anyway, PostgreSQL is asked for a lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE received_files IN SHARE ROW EXCLUSIVE MODE"))


def file_of(row: sa.Row[Any]) -> ReceivedFile:
    """Return the file of a row of the table."""
    values = dict(row._mapping)
    values["state"] = FileState(values["state"])
    return ReceivedFile(**values)
