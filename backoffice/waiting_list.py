"""The queue of documents that wait for a person, as a page shows it: groups with their counts, and one page of rows.

Nothing here reads a document's fields into memory; ten thousand documents that wait cost a page no more than a hundred.
Whose turn it is stands in `turns.py`; here is only what people see of it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.department_work import Page
from backoffice.document import DocumentState
from backoffice.double_entry import DIFFER, SECOND_WAITS
from backoffice.review_tables import document_comments, document_turns
from backoffice.tables import document_fields, documents
from backoffice.turns import HELD, Line


class Order(StrEnum):
    """In which order the documents are listed."""

    AGE = "age"
    FORM = "form"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class Group:
    """The documents of one form and one department.

    Attributes:
        oldest: When the oldest of them was entered.
    """

    form: str
    department: str
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Row:
    """One document of the list.

    Attributes:
        reason: Why the document as a whole is doubtful, or was sent back; a catalogue key or own words.
        fields: How many fields it has.
        doubtful: How many of them a person must look at.
        stages: What double entry waits for: "second", "third", both or nothing.
        comments: How many.
        hands: Who else has it open.
        skipped: The person who asks has skipped it.
    """

    id: int
    form: str
    department: str
    created_at: datetime
    reason: str
    fields: int
    doubtful: int
    stages: tuple[str, ...] = ()
    comments: int = 0
    hands: tuple[str, ...] = ()
    skipped: bool = False


@dataclass(frozen=True)
class _Marks:
    """What stands beside the documents of one page, by their numbers."""

    fields: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    stages: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    comments: Mapping[int, int] = field(default_factory=dict)
    hands: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    skipped: Collection[int] = ()


STAGES: Mapping[str, str] = {SECOND_WAITS: "second", DIFFER: "third"}


class WaitingList:
    """The queue of a database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def groups(
        self, scope: Collection[str] | None, state: DocumentState = DocumentState.WAITING
    ) -> list[Group]:
        """Return the forms and departments that have documents in a state, the oldest first."""
        oldest = sa.func.min(documents.c.created_at)
        query = (
            sa.select(documents.c.form, documents.c.department, sa.func.count(), oldest)
            .where(*_chosen(Line(scope), state))
            .group_by(documents.c.form, documents.c.department)
            .order_by(oldest, documents.c.form, documents.c.department)
        )
        with self._reading() as connection:
            return [Group(*row) for row in connection.execute(query)]

    def rows(
        self,
        line: Line,
        page: Page,
        who: str,
        order: Order = Order.AGE,
        state: DocumentState = DocumentState.WAITING,
    ) -> list[Row]:
        """Return one page of the documents in a state.

        Args:
            line: Which documents.
            page: Which part of them.
            who: The person who asks.
            order: Oldest first; by form, oldest first; or the most doubtful fields first.
            state: Waiting, or sent back.
        """
        query = sa.select(documents).where(*_chosen(line, state)).limit(page.limit).offset(page.offset)
        with self._reading() as connection:
            found = connection.execute(query.order_by(*_sorted(order), documents.c.id)).all()
            marks = self._marks(connection, [row.id for row in found], who)
        return [_row(row, marks) for row in found]

    def _marks(self, connection: sa.Connection, ids: list[int], who: str) -> _Marks:
        of_field, of_turn = document_fields.c.document_id, document_turns.c.document_id
        counts = sa.select(of_field, sa.func.count(), sa.func.sum(_open())).where(of_field.in_(ids))
        stages = sa.select(of_field, document_fields.c.reason).distinct()
        stages = stages.where(of_field.in_(ids), document_fields.c.reason.in_(list(STAGES)))
        said = sa.select(document_comments.c.document_id, sa.func.count())
        said = said.where(document_comments.c.document_id.in_(ids))
        turns = sa.select(
            of_turn, document_turns.c.who, document_turns.c.held_at, document_turns.c.skipped_at
        )
        held_from = self._clock() - HELD
        hands: dict[int, list[str]] = defaultdict(list)
        skipped = set()
        for turn in connection.execute(turns.where(of_turn.in_(ids)).order_by(document_turns.c.who)):
            if turn.who != who and turn.held_at is not None and turn.held_at >= held_from:
                hands[turn.document_id].append(turn.who)
            if turn.who == who and turn.skipped_at is not None:
                skipped.add(turn.document_id)
        waits: dict[int, list[str]] = defaultdict(list)
        for number, reason in connection.execute(stages.order_by(document_fields.c.reason)):
            waits[number].append(STAGES[reason])
        comments = connection.execute(said.group_by(document_comments.c.document_id))
        return _Marks(
            {
                number: (every, doubtful)
                for number, every, doubtful in connection.execute(counts.group_by(of_field))
            },
            {number: tuple(names) for number, names in waits.items()},
            {int(number): int(count) for number, count in comments},
            {number: tuple(names) for number, names in hands.items()},
            skipped,
        )

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _chosen(line: Line, state: DocumentState) -> list[sa.ColumnElement[bool]]:
    chosen = [documents.c.state == state.value]
    if line.scope is not None:
        chosen.append(documents.c.department.in_(list(line.scope)))
    if line.form:
        chosen.append(documents.c.form == line.form)
    if line.department:
        chosen.append(documents.c.department == line.department)
    return chosen


def _open() -> sa.ColumnElement[int]:
    return sa.case((document_fields.c.accepted, 0), else_=1)


def _sorted(order: Order) -> list[sa.ColumnElement[Any]]:
    if order is Order.FORM:
        return [documents.c.form.asc()]
    if order is Order.DOUBTFUL:
        of = document_fields.c.document_id == documents.c.id
        return [sa.select(sa.func.sum(_open())).where(of).scalar_subquery().desc()]
    return []


def _row(row: sa.Row[Any], marks: _Marks) -> Row:
    every, doubtful = marks.fields.get(row.id, (0, 0))
    return Row(
        id=row.id,
        form=row.form,
        department=row.department,
        created_at=row.created_at,
        reason=row.reason,
        fields=every,
        doubtful=doubtful,
        stages=marks.stages.get(row.id, ()),
        comments=marks.comments.get(row.id, 0),
        hands=marks.hands.get(row.id, ()),
        skipped=row.id in marks.skipped,
    )
