"""What waits in the departments, counted in the database: one question each, however many documents there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backoffice.department_work import Owners, Scope
from backoffice.document import DocumentState, FileState
from backoffice.double_entry import DIFFER, SECOND_WAITS
from backoffice.tables import audit, document_fields, documents, field_entries, received_files, work_items
from backoffice.work_items import State

QUEUED = (State.NEW.value, State.RETRY.value, State.IN_PROGRESS.value, State.COMMITTING.value)
ASIDE = (FileState.FAILED.value, FileState.QUARANTINED.value)


@dataclass(frozen=True)
class Heap:
    """Work of one kind that waits in one department.

    Attributes:
        department: Whose it is; empty when it belongs to several or to nobody.
        kind: The form of documents, or the process of records.
        count: How many.
        oldest: Since when the oldest waits.
    """

    department: str
    kind: str
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Turns:
    """Documents on which two people must type, as one person sees them.

    Attributes:
        second: So many wait for a second person, who may be this one.
        third: On so many two people differ, and this one may decide.
    """

    second: int
    third: int


class Standing:
    """Counts over one database what waits in some departments; None for all."""

    def __init__(self, engine: sa.Engine, owners: Owners) -> None:
        self._engine = engine
        self._owners = owners

    def documents(self, scope: Scope, state: DocumentState = DocumentState.WAITING) -> list[Heap]:
        """Return the documents in a state by department and form, the longest wait first."""
        oldest = sa.func.min(documents.c.created_at)
        query = (
            sa.select(documents.c.department, documents.c.form, sa.func.count(), oldest)
            .where(documents.c.state == state.value, _of(documents.c.department, scope))
            .group_by(documents.c.department, documents.c.form)
            .order_by(oldest, documents.c.form)
        )
        return self._heaps(query)

    def queued(self, scope: Scope) -> list[Heap]:
        """Return the records that wait for a robot by department and process, the longest wait first."""
        oldest, whose = sa.func.min(work_items.c.created_at), sa.func.coalesce(documents.c.department, "")
        query = (
            sa.select(whose, work_items.c.process, sa.func.count(), oldest)
            .join(documents, documents.c.id == work_items.c.document, isouter=True)
            .where(work_items.c.state.in_(QUEUED), self._own_items(scope))
            .group_by(whose, work_items.c.process)
            .order_by(oldest, work_items.c.process)
        )
        return self._heaps(query)

    def turns(self, scope: Scope, who: str) -> Turns:
        """Return on how many documents that two people must type a person is the second, or the third."""
        last_round = (
            sa.select(sa.func.max(field_entries.c.round))
            .where(field_entries.c.document_id == document_fields.c.document_id)
            .where(field_entries.c.name == document_fields.c.name)
            .correlate(document_fields)
            .scalar_subquery()
        )
        mine = sa.exists().where(
            field_entries.c.document_id == document_fields.c.document_id,
            field_entries.c.name == document_fields.c.name,
            field_entries.c.round == last_round,
            field_entries.c.who == who,
        )
        query = (
            sa.select(document_fields.c.reason, sa.func.count(document_fields.c.document_id.distinct()))
            .join(documents, documents.c.id == document_fields.c.document_id)
            .where(documents.c.state == DocumentState.WAITING.value, _of(documents.c.department, scope))
            .where(document_fields.c.accepted.is_(False))
            .where(document_fields.c.reason.in_([SECOND_WAITS, DIFFER]), ~mine)
            .group_by(document_fields.c.reason)
        )
        with self._reading() as connection:
            found = {row[0]: row[1] for row in connection.execute(query)}
        return Turns(found.get(SECOND_WAITS, 0), found.get(DIFFER, 0))

    def aside(self, scope: Scope, limit: int) -> tuple[Sequence[sa.Row[tuple[object, ...]]], int]:
        """Return the files that were put aside, newest first, at most so many, and how many there are."""
        chosen = (received_files.c.state.in_(ASIDE), _of(received_files.c.department, scope))
        query = sa.select(received_files).where(*chosen).order_by(received_files.c.id.desc()).limit(limit)
        with self._reading() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(received_files).where(*chosen))
            return list(connection.execute(query)), count.scalar_one()

    def audited(self, since: datetime) -> int:
        """Return how many entries of the audit trail were made since some moment."""
        query = sa.select(sa.func.count()).select_from(audit).where(audit.c.at >= since)
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def _own_items(self, scope: Scope) -> sa.ColumnElement[bool]:
        if scope is None:
            return sa.true()
        listed = work_items.c.document.is_(None) & work_items.c.process.in_(self._owners.processes_of(scope))
        return documents.c.department.in_(list(scope)) | listed

    def _heaps(self, query: sa.Select[Any]) -> list[Heap]:
        with self._reading() as connection:
            return [Heap(*row) for row in connection.execute(query)]

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _of(column: sa.Column[str], scope: Scope) -> sa.ColumnElement[bool]:
    return sa.true() if scope is None else column.in_(list(scope))
