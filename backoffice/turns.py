"""Whose turn it is: which document a person gets next, and which ones others have in hand.

Twenty people who all took the oldest document would all but one work for nothing. So a document that is open with
somebody, or was handed out to be opened next, comes later for the others; it is never locked, because people go home
with pages open. A document that a person skipped goes behind all others, for this person alone.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.document import DocumentState
from backoffice.review_tables import document_turns
from backoffice.tables import document_fields, documents, field_entries

HELD = timedelta(minutes=10)
"""So long a document counts as in somebody's hand after it was opened or written to."""


@dataclass(frozen=True)
class Line:
    """The documents that somebody works through.

    Attributes:
        scope: Names of departments; None for all.
        form: Name of a form, or empty for all.
        department: One department of these, or empty for all.
    """

    scope: Collection[str] | None = None
    form: str = ""
    department: str = ""


@dataclass(frozen=True)
class Hand:
    """Somebody who has a document in hand."""

    who: str
    since: datetime


class Turns:
    """The turns of a database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def take(self, document_id: int, who: str, *, connection: sa.Connection | None = None) -> None:
        """Note that a person opened a document; what the person had in hand before is let go.

        As each of these notes, in a transaction of its own or as part of one.
        """
        mine, this = document_turns.c.who == who, document_turns.c.document_id == document_id
        held = document_turns.c.held_at.is_not(None)
        touched = sa.select(document_turns.c.document_id).where(mine, sa.or_(held, this))
        with self._writing(connection) as writing:
            # Tabs that a browser opens together lock the same rows; in one order they wait instead of blocking.
            writing.execute(touched.order_by(document_turns.c.document_id).with_for_update()).all()
            writing.execute(sa.update(document_turns).where(mine, held, ~this).values(held_at=None))
            self._note(writing, document_id, who, held_at=self._clock())

    def reserve(self, document_id: int, who: str, *, connection: sa.Connection | None = None) -> None:
        """Note that a document was handed out to a person who opens it next."""
        with self._writing(connection) as writing:
            self._note(writing, document_id, who, held_at=self._clock())

    def skip(self, document_id: int, who: str, *, connection: sa.Connection | None = None) -> None:
        """Put a document behind all others, for one person."""
        with self._writing(connection) as writing:
            self._note(writing, document_id, who, held_at=None, skipped_at=self._clock())

    def others(self, document_id: int, who: str) -> list[Hand]:
        """Return who else has a document in hand, the latest first."""
        query = (
            sa.select(document_turns.c.who, document_turns.c.held_at)
            .where(document_turns.c.document_id == document_id, document_turns.c.who != who)
            .where(document_turns.c.held_at >= self._clock() - HELD)
            .order_by(document_turns.c.held_at.desc())
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [Hand(name, since) for name, since in connection.execute(query)]

    def next(self, who: str, line: Line, after: int) -> int | None:
        """Return the document that a person gets after another one, or None when none is left for this person.

        First those that nobody has in hand and the person did not skip, from `after` onwards and then from the
        beginning; then those in other hands; then the skipped ones, the one skipped first at the front. A document of
        which only another person's entry is missing is not offered.
        """
        mine = sa.select(document_turns.c.document_id).where(
            document_turns.c.who == who, document_turns.c.skipped_at.is_not(None)
        )
        taken = sa.select(document_turns.c.document_id).where(
            document_turns.c.who != who, document_turns.c.held_at >= self._clock() - HELD
        )
        fresh = [*_waiting(line, after), sa.not_(_only_others(who)), documents.c.id.not_in(mine)]
        free = [*fresh, documents.c.id.not_in(taken)]
        oldest = sa.select(documents.c.id).order_by(documents.c.id).limit(1)
        skipped = (
            sa.select(documents.c.id)
            .join(document_turns, document_turns.c.document_id == documents.c.id)
            .where(*_waiting(line, after), sa.not_(_only_others(who)))
            .where(document_turns.c.who == who, document_turns.c.skipped_at.is_not(None))
            .order_by(document_turns.c.skipped_at, documents.c.id)
            .limit(1)
        )
        rows = [
            oldest.where(*free, documents.c.id > after),
            oldest.where(*free),
            oldest.where(*fresh),
            skipped,
        ]
        with self._engine.connect().execution_options(read_only=True) as connection:
            for query in rows:
                found = connection.execute(query).scalar_one_or_none()
                if found is not None:
                    return int(found)
        return None

    def _writing(self, connection: sa.Connection | None) -> AbstractContextManager[sa.Connection]:
        return self._engine.begin() if connection is None else nullcontext(connection)

    def _note(
        self, connection: sa.Connection, document_id: int, who: str, **changes: datetime | None
    ) -> None:
        mine = (document_turns.c.document_id == document_id) & (document_turns.c.who == who)
        change = sa.update(document_turns).where(mine).values(changes)
        if connection.execute(change).rowcount:
            return
        row = {"document_id": document_id, "who": who, **changes}
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(document_turns).values(row))
        except IntegrityError:  # two tabs of one person at the same moment
            connection.execute(change)


def _waiting(line: Line, but: int) -> list[sa.ColumnElement[bool]]:
    chosen = [documents.c.state == DocumentState.WAITING.value, documents.c.id != but]
    if line.scope is not None:
        chosen.append(documents.c.department.in_(list(line.scope)))
    if line.form:
        chosen.append(documents.c.form == line.form)
    if line.department:
        chosen.append(documents.c.department == line.department)
    return chosen


def _only_others(who: str) -> sa.ColumnElement[bool]:
    """Documents whose every open field has this person's entry already: only others can bring them further."""
    open_ = (document_fields.c.document_id == documents.c.id) & sa.not_(document_fields.c.accepted)
    typed = sa.exists().where(
        field_entries.c.document_id == document_fields.c.document_id,
        field_entries.c.name == document_fields.c.name,
        field_entries.c.who == who,
    )
    return sa.and_(sa.exists().where(open_, typed), sa.not_(sa.exists().where(open_, sa.not_(typed))))
