"""The store of received files, documents and fields. Nothing is read twice, nobody's correction is overwritten.

A document that needs nobody is entered as `waiting` and recorded in the same breath. Corrections carry the
document's revision, so that two people never overwrite each other.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backoffice.cell_book import CellBook
from backoffice.comments import Comments
from backoffice.document import (
    Document,
    DocumentMissing,
    DocumentState,
    Field,
    NewDocument,
    StaleRevision,
)
from backoffice.double_entry import NONE_YET, Entries, NotTheThird, barred, enter, entries_of
from backoffice.inbox_book import InboxBook
from backoffice.inbox_tables import document_events
from backoffice.receipt_book import ReceiptBook
from backoffice.received import READER, ReceivedFiles
from backoffice.review_times import ReviewTimes
from backoffice.tables import document_fields, documents
from backoffice.timeline import Happening, note
from backoffice.turns import Turns
from backoffice.waiting_list import WaitingList


class DocumentStore(ReceivedFiles, ReviewTimes):
    """Files, documents and fields over one database."""

    @property
    def inboxes(self) -> InboxBook:
        """What is remembered of the watched folders."""
        return InboxBook(self._engine, self._clock)

    @property
    def receipts(self) -> ReceiptBook:
        """What the departments were told of their files."""
        return ReceiptBook(self._engine, self._clock)

    @property
    def turns(self) -> Turns:
        """Whose turn it is, and who has what in hand."""
        return Turns(self._engine, self._clock)

    @property
    def waiting(self) -> WaitingList:
        """What waits, as lists show it."""
        return WaitingList(self._engine, self._clock)

    @property
    def cells(self) -> CellBook:
        """The characters that people confirm side by side."""
        return CellBook(self._engine, self._clock)

    @property
    def comments(self) -> Comments:
        """What people said about documents."""
        return Comments(self._engine, self._clock)

    def add_document(self, new: NewDocument) -> int:
        """Enter a document with all its fields, waiting; returns its number.

        A document of the same file and position (a reading that was interrupted and done again) is not
        entered twice: its number comes back.
        """
        same = sa.select(documents.c.id).where(
            documents.c.file_id == new.file_id, documents.c.position == new.position
        )
        now = self._clock()
        row = {
            "file_id": new.file_id,
            "position": new.position,
            "department": new.department,
            "form": new.form,
            "form_version": new.form_version,
            "state": DocumentState.WAITING,
            "reason": new.reason,
            "pages": [dict(page) for page in new.pages],
            "created_at": now,
            "updated_at": now,
        }
        with self._engine.begin() as connection:
            known = connection.execute(same).scalar_one_or_none()
            if known is not None:
                return int(known)
            added = connection.execute(sa.insert(documents).values(row).returning(documents.c.id))
            document_id: int = added.scalar_one()
            rows = [_field_row(document_id, place, field) for place, field in enumerate(new.fields)]
            if rows:
                connection.execute(sa.insert(document_fields), rows)
            counts = {"fields": len(new.fields), "accepted": sum(field.accepted for field in new.fields)}
            told = {"form": new.form, **counts}
            note(connection, new.file_id, Happening.ENTERED, READER, now, document=document_id, **told)
        return document_id

    def get(self, document_id: int) -> Document:
        """Return a document with its fields.

        Raises:
            DocumentMissing: There is none of this number.
        """
        with self._reading() as connection:
            return _one(connection, document_id)

    def documents(
        self,
        states: Collection[DocumentState] | None = None,
        departments: Collection[str] | None = None,
        file: int | None = None,
    ) -> list[Document]:
        """Return documents with their fields, oldest first: in some states, of some departments, of one file."""
        query = sa.select(documents).order_by(documents.c.id)
        if states is not None:
            query = query.where(documents.c.state.in_([state.value for state in states]))
        if departments is not None:
            query = query.where(documents.c.department.in_(list(departments)))
        if file is not None:
            query = query.where(documents.c.file_id == file)
        with self._reading() as connection:
            return _load(connection, query)

    def correct(
        self,
        document_id: int,
        revision: int,
        values: Mapping[str, str],
        *,
        who: str,
        reasons: Mapping[str, str],
        twice: Collection[str] = (),
        known: Document | None = None,
        connection: sa.Connection | None = None,
    ) -> Document:
        """Write a person's corrections.

        A field that two people must type keeps its value until two agree or a third has decided (`double_entry.py`);
        until then its reason says what is waited for.

        Args:
            document_id: The document.
            revision: Its revision as the person saw it.
            values: Field name → value as the person left it; these fields are looked at and accepted, except
                those named in `reasons`.
            who: The person.
            reasons: Field name → catalogue key of why it still cannot be accepted (illegible, or a check that
                fails).
            twice: Fields that two different people must type.
            known: The document as the caller read it just now, which spares reading it again.
            connection: A transaction to be part of; one of its own by default.

        Raises:
            StaleRevision: It was changed or closed meanwhile.
            NotTheThird: A field is among them on which the person and another one differ.
        """
        now = self._clock()
        with self._writing(connection) as writing:
            file_id = self._bump(writing, document_id, revision, {}, now=now)
            told = {"fields": sorted(values)}
            note(writing, file_id, Happening.CORRECTED, who, now, document=document_id, **told)
            typed = entries_of(writing, document_id) if twice else {}
            if barred(typed, values.keys() & set(twice), who):
                raise NotTheThird("review.not_the_third", where=str(document_id))
            changed: dict[str, dict[str, Any]] = {}
            for name, value in values.items():
                changes: dict[str, Any] = {
                    "value": value,
                    "accepted": name not in reasons,
                    "reason": reasons.get(name, ""),
                    "corrected_by": who,
                    "corrected_at": now,
                }
                if name in twice and name not in reasons:
                    row = writing.execute(_ONE_FIELD, {"of": document_id, "called": name}).one()
                    so_far = typed.get(name, NONE_YET)
                    waits = enter(writing, document_id, row, value, who, now, so_far)
                    if waits is None:
                        continue
                    changes = {"accepted": False, "reason": waits} if waits else changes
                changed[name] = changes
            _write_fields(writing, document_id, changed)
            if known is None or known.revision != revision:
                return _one(writing, document_id)
        # Whoever changes a field moves the revision on: the document was as the caller knows it until now.
        fields = [
            replace(field, **changed[field.name]) if field.name in changed else field
            for field in known.fields
        ]
        return replace(known, revision=revision + 1, updated_at=now, fields=tuple(fields))

    def entries(self, document_id: int, connection: sa.Connection | None = None) -> dict[str, Entries]:
        """Return what people typed into the fields of a document that two must type, by name."""
        with self._reading() if connection is None else nullcontext(connection) as reading:
            return entries_of(reading, document_id)

    def take_up(
        self, document_id: int, revision: int, *, who: str, connection: sa.Connection | None = None
    ) -> Document:
        """Let a document that was sent back wait for a person again, as it stood: what was in doubt still is.

        In a transaction of its own or as part of one.

        Raises:
            StaleRevision: It is not sent back, or not any more.
            DocumentMissing: It was erased: its days were over.
        """
        left = sa.select(document_fields.c.name).where(document_fields.c.document_id == document_id).limit(1)
        with self._writing(connection) as writing:
            changes = {"state": DocumentState.WAITING, "reason": _doubt_before(writing, document_id)}
            file_id = self._bump(writing, document_id, revision, changes, DocumentState.RETURNED)
            if writing.execute(left).first() is None:
                raise _missing(document_id)
            note(writing, file_id, Happening.TAKEN_UP, who, self._clock(), document=document_id)
            return _one(writing, document_id)

    def close(
        self,
        document_id: int,
        revision: int,
        state: DocumentState,
        *,
        item_id: int | None = None,
        reason: str = "",
        who: str = READER,
        connection: sa.Connection | None = None,
    ) -> Document:
        """Close a waiting document: recorded as a work item, discarded, or sent back with a reason.

        Args:
            document_id: The document.
            revision: Its revision as the caller knows it.
            state: Where it stands from now on; `waiting` keeps it open with another reason.
            item_id: Its work item.
            reason: Why.
            who: The reader or a person.
            connection: A transaction to be part of; one of its own by default.

        Raises:
            StaleRevision: It was changed or closed meanwhile.
        """
        changes = {"state": state, "item_id": item_id, "reason": reason}
        with self._writing(connection) as writing:
            told = _doubt_of(writing, document_id) if state is DocumentState.RETURNED else {}
            file_id = self._bump(writing, document_id, revision, changes)
            what = Happening(state.value)
            note(writing, file_id, what, who, self._clock(), document=document_id, **told)
            return _one(writing, document_id)

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Return a transaction in which other books of the same database can change together with documents."""
        return self._engine.begin()

    def mark_recorded(
        self, connection: sa.Connection, document: Document, item_id: int, who: str = READER
    ) -> Document:
        """Close a document as recorded inside a transaction that also enters its work item; returns it closed.

        Raises:
            StaleRevision: It was changed or closed meanwhile; the transaction must be given up.
        """
        now, changes = self._clock(), {"state": DocumentState.RECORDED, "item_id": item_id, "reason": ""}
        file_id = self._bump(connection, document.id, document.revision, changes, now=now)
        told = {"item": item_id}
        note(connection, file_id, Happening.RECORDED, who, now, document=document.id, **told)
        return replace(
            document,
            state=DocumentState.RECORDED,
            item_id=item_id,
            reason="",
            revision=document.revision + 1,
            updated_at=now,
        )

    def _bump(
        self,
        connection: sa.Connection,
        document_id: int,
        revision: int,
        changes: Mapping[str, Any],
        state: DocumentState = DocumentState.WAITING,
        now: datetime | None = None,
    ) -> int:
        """Change a document of this revision that waits, or stands in another state; returns its file's number."""
        seen = {"of": document_id, "seen": revision, "standing": state.value}
        moved = {"revision": revision + 1, "updated_at": now or self._clock(), **changes}
        file_id = connection.execute(_MOVE, seen | moved).scalar_one_or_none()
        if file_id is None:
            raise StaleRevision("backoffice.stale_revision", where=str(document_id))
        return int(file_id)


def _one(connection: sa.Connection, document_id: int) -> Document:
    row = connection.execute(_DOCUMENT, {"of": document_id}).first()
    if row is None:
        raise _missing(document_id)
    return _document(row, tuple(_field(one) for one in connection.execute(_FIELDS, {"of": document_id})))


def _load(connection: sa.Connection, query: sa.Select[Any]) -> list[Document]:
    rows = connection.execute(query).all()
    of = document_fields.c.document_id
    fields = sa.select(*_FIELD_SELECTED, of).where(of.in_([row.id for row in rows]))
    by_document: dict[int, list[Field]] = {row.id: [] for row in rows}
    for field in connection.execute(fields.order_by(document_fields.c.position)):
        by_document[field.document_id].append(_field(field))
    return [_document(row, tuple(by_document[row.id])) for row in rows]


def _missing(document_id: int) -> DocumentMissing:
    return DocumentMissing("backoffice.document_missing", where=str(document_id), document=document_id)


def _doubt_of(connection: sa.Connection, document_id: int) -> dict[str, str]:
    """Return why a document as a whole is in doubt (a catalogue key), for its timeline; empty when it is not."""
    reason = connection.scalar(sa.select(documents.c.reason).where(documents.c.id == document_id))
    return {"doubt": reason} if reason else {}


def _doubt_before(connection: sa.Connection, document_id: int) -> str:
    """Return why a document as a whole was in doubt when it was sent back last."""
    returned = document_events.c.what == Happening.RETURNED.value
    query = sa.select(document_events.c.details).where(document_events.c.document_id == document_id, returned)
    details = connection.scalar(query.order_by(document_events.c.id.desc()).limit(1))
    return str((details or {}).get("doubt", ""))


def _document(row: sa.Row[Any], fields: tuple[Field, ...]) -> Document:
    values = dict(row._mapping)
    values["state"] = DocumentState(values["state"])
    values["pages"] = tuple(values["pages"])
    return Document(**values, fields=fields)


_FIELD_COLUMNS = tuple(Field.__dataclass_fields__)
_FIELD_SELECTED = [document_fields.c[name] for name in _FIELD_COLUMNS]
_DOCUMENT = sa.select(documents).where(documents.c.id == sa.bindparam("of"))
_FIELDS = (
    sa.select(*_FIELD_SELECTED)
    .where(document_fields.c.document_id == sa.bindparam("of"))
    .order_by(document_fields.c.position)
)
_MOVE = (
    sa.update(documents)
    .where(
        documents.c.id == sa.bindparam("of"),
        documents.c.revision == sa.bindparam("seen"),
        documents.c.state == sa.bindparam("standing"),
    )
    .returning(documents.c.file_id)
)
_MINE = (document_fields.c.document_id == sa.bindparam("of")) & (
    document_fields.c.name == sa.bindparam("called")
)
_ONE_FIELD = sa.select(document_fields).where(_MINE)
_CHANGE_FIELD = sa.update(document_fields).where(_MINE)


def _write_fields(
    connection: sa.Connection, document_id: int, changed: Mapping[str, Mapping[str, Any]]
) -> None:
    """Change fields by name, those of which the same columns change in one piece."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for name, changes in changed.items():
        row = {"of": document_id, "called": name, **changes}
        alike.setdefault(tuple(changes), []).append(row)
    for rows in alike.values():
        connection.execute(_CHANGE_FIELD, rows)


def _field(row: Sequence[Any]) -> Field:
    """Make a field of a row that begins with `_FIELD_SELECTED`."""
    values: dict[str, Any] = dict(zip(_FIELD_COLUMNS, row, strict=False))
    values["candidates"] = tuple((str(value), float(p)) for value, p in values["candidates"])
    values["box"] = tuple(values["box"])
    values["cells"] = tuple((int(cell), float(p)) for cell, p in values["cells"])
    return Field(**values)


def _field_row(document_id: int, position: int, field: Field) -> dict[str, Any]:
    row = {name: getattr(field, name) for name in _FIELD_COLUMNS}
    row |= {"document_id": document_id, "position": position}
    row["candidates"] = [list(pair) for pair in field.candidates]
    row["box"] = list(field.box)
    row["cells"] = [list(pair) for pair in field.cells]
    return row
