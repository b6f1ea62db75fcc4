"""What a department was told last about each of its files, and how these files stand now.

A receipt follows a file from "received" to "registered": what is read, what waits for a person, what was refused and
why. It holds counts, states and reasons, never a value.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.document import DocumentState, FileState, ReceivedFile
from backoffice.inbox_tables import document_events, receipts
from backoffice.received import file_of
from backoffice.tables import document_fields, documents, received_files, work_items
from backoffice.work_items import State


class Stage(StrEnum):
    """How far a file has come, as its department sees it."""

    RECEIVED = "received"
    WAITING = "waiting"
    RETURNED = "returned"
    RECORDED = "recorded"
    REGISTERED = "registered"
    TROUBLE = "trouble"
    REFUSED = "refused"


FINAL = (Stage.REGISTERED, Stage.REFUSED)
"""After these nothing more happens by itself; a file that a person sends back begins anew."""


@dataclass(frozen=True)
class DocumentStanding:
    """How one document of a file stands.

    Attributes:
        document: Its number.
        form: Name of its form.
        fields: How many fields it has.
        accepted: How many of them need nobody (any more).
        state: Where it stands.
        item_state: Where its work item stands, or None while it has none.
        reason: Why it was sent back, in the words of the person who did; empty for all others.
    """

    document: int
    form: str
    fields: int
    accepted: int
    state: DocumentState
    item_state: State | None
    reason: str = ""


@dataclass(frozen=True)
class FileStanding:
    """How a received file stands.

    Attributes:
        file: The file.
        documents: Its documents, in order.
    """

    file: ReceivedFile
    documents: tuple[DocumentStanding, ...] = field(default=())

    @property
    def stage(self) -> Stage:
        """How far it has come: sent back as soon as one document was, else the stage of the one furthest behind."""
        if self.file.state in (FileState.FAILED, FileState.QUARANTINED, FileState.DUPLICATE):
            return Stage.REFUSED
        if self.file.state is FileState.CLAIMED:
            return Stage.RECEIVED
        if any(one.state is DocumentState.RETURNED for one in self.documents):
            return Stage.RETURNED
        if any(one.state is DocumentState.WAITING for one in self.documents):
            return Stage.WAITING
        items = {one.item_state for one in self.documents if one.item_state is not None}
        if items - {State.DONE, State.NEW, State.RETRY, State.IN_PROGRESS, State.COMMITTING}:
            return Stage.TROUBLE
        return Stage.RECORDED if items - {State.DONE} else Stage.REGISTERED


class ReceiptBook:
    """Receipts over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def standing(self, file_id: int) -> FileStanding:
        """Return how one file stands.

        Raises:
            LookupError: There is no file of this number.
        """
        found = self._standings(received_files.c.id == file_id)
        if not found:
            raise LookupError(file_id)
        return found[0]

    def standings(self, file_ids: Collection[int]) -> list[FileStanding]:
        """Return how some files stand, newest first."""
        return self._standings(received_files.c.id.in_(list(file_ids)))[::-1]

    def handed_in_by(self, file_id: int) -> str:
        """Return the person or system who handed a file in; for a watched folder its department."""
        query = (
            sa.select(document_events.c.who)
            .where(document_events.c.file_id == file_id)
            .order_by(document_events.c.id)
        )
        with self._reading() as connection:
            return str(connection.execute(query).scalar() or "")

    def unsettled(self) -> list[FileStanding]:
        """Return the files that have no receipt yet, or of which something changed since the last one, oldest first."""
        since = receipts.c.written_at
        moved = sa.or_(
            received_files.c.finished_at >= since,
            sa.exists().where(documents.c.file_id == received_files.c.id, documents.c.updated_at >= since),
            sa.exists().where(
                documents.c.file_id == received_files.c.id,
                work_items.c.id == documents.c.item_id,
                work_items.c.updated_at >= since,
            ),
        )
        settled = (
            sa.select(receipts.c.file_id)
            .join(received_files, received_files.c.id == receipts.c.file_id)
            .where(sa.or_(receipts.c.stage.in_([stage.value for stage in FINAL]), sa.not_(moved)))
        )
        return self._standings(received_files.c.id.not_in(settled) & (received_files.c.stored != ""))

    def last(self, file_ids: Collection[int]) -> dict[int, str]:
        """Return the SHA-256 of the last receipt of some files, by file."""
        query = sa.select(receipts.c.file_id, receipts.c.sha256).where(receipts.c.file_id.in_(list(file_ids)))
        with self._reading() as connection:
            return {row.file_id: row.sha256 for row in connection.execute(query)}

    def now(self) -> datetime:
        """Return the present moment, by the clock of this book."""
        return self._clock()

    def note(self, written: Collection[tuple[int, Stage, str]], looked_at: datetime) -> None:
        """Remember the receipts that were given.

        Args:
            written: Number of the file, its stage, SHA-256 of the text.
            looked_at: A moment before the files were looked at: what changes after it is told next time.
        """
        ids = [file_id for file_id, _, _ in written]
        rows = [
            {"file_id": file_id, "stage": stage.value, "sha256": sha256, "written_at": looked_at}
            for file_id, stage, sha256 in written
        ]
        if not rows:
            return
        with self._engine.begin() as connection:
            connection.execute(sa.delete(receipts).where(receipts.c.file_id.in_(ids)))
            connection.execute(sa.insert(receipts), rows)

    def _standings(self, which: sa.ColumnElement[bool]) -> list[FileStanding]:
        files = sa.select(received_files).where(which).order_by(received_files.c.id)
        of = sa.select(received_files.c.id).where(which)
        with self._reading() as connection:
            rows = connection.execute(files).all()
            found: dict[int, list[DocumentStanding]] = {row.id: [] for row in rows}
            for row in connection.execute(_documents_of(of)):
                if row.file_id in found:
                    found[row.file_id].append(_standing(row))
        return [FileStanding(file_of(row), tuple(found[row.id])) for row in rows]

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _documents_of(files: sa.Select[Any]) -> sa.Select[Any]:
    accepted = sa.func.sum(sa.case((document_fields.c.accepted, 1), else_=0))
    counted = (
        sa.select(
            document_fields.c.document_id,
            sa.func.count().label("fields"),
            accepted.label("accepted"),
        )
        .group_by(document_fields.c.document_id)
        .where(
            document_fields.c.document_id.in_(sa.select(documents.c.id).where(documents.c.file_id.in_(files)))
        )
        .subquery()
    )
    return (
        sa.select(
            documents.c.file_id, documents.c.id, documents.c.form, documents.c.state, documents.c.reason,
            work_items.c.state.label("item_state"), counted.c.fields, counted.c.accepted,
        )
        .outerjoin(work_items, work_items.c.id == documents.c.item_id)
        .outerjoin(counted, counted.c.document_id == documents.c.id)
        .where(documents.c.file_id.in_(files))
        .order_by(documents.c.file_id, documents.c.position)
    )  # fmt: skip


def _standing(row: sa.Row[Any]) -> DocumentStanding:
    item = None if row.item_state is None else State(row.item_state)
    fields, accepted = int(row.fields or 0), int(row.accepted or 0)
    state = DocumentState(row.state)
    reason = row.reason if state is DocumentState.RETURNED else ""
    return DocumentStanding(row.id, row.form, fields, accepted, state, item, reason)
