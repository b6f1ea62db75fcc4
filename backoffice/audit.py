"""The audit trail: who did what to which document, item or job; each entry is chained to the one before.

The hash of an entry covers its content and the previous hash, so that an entry changed or removed afterwards
breaks the chain (`verify`). Details never hold personal data: they name fields, not values.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.database import AUDITING, one_at_a_time
from backoffice.tables import audit

FIRST = "0" * 64
_LAST = sa.select(audit.c.sha256).order_by(audit.c.id.desc()).limit(1)
_ADD = sa.insert(audit)


@dataclass(frozen=True)
class AuditEntry:
    """One entry: when, who, what, on which subject, with which details."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    details: Mapping[str, Any]
    previous: str
    sha256: str


class AuditTrail:
    """The trail over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def note(
        self, who: str, what: str, subject: str, connection: sa.Connection | None = None, /, **details: Any
    ) -> None:
        """Add an entry, e.g. `note("sato", "document.view", "document/12")`.

        Two entries of the same moment follow one another: each needs the other's hash, or the chain would fork.

        Args:
            who: The person or system.
            what: What was done.
            subject: To what.
            connection: The transaction of the deed itself, so that neither is kept without the other. The entry is the
                last thing in it: whoever notes something next waits until it ends.
            **details: Names and counts, never values.
        """
        self.note_all(who, what, [subject], connection=connection, **details)

    def note_all(
        self,
        who: str,
        what: str,
        subjects: Sequence[str],
        *,
        connection: sa.Connection | None = None,
        **details: Any,
    ) -> None:
        """Add one entry for each of several subjects, all in one transaction."""
        if not subjects:
            return
        at, rows = self._clock(), []
        with self._engine.begin() if connection is None else nullcontext(connection) as writing:
            one_at_a_time(writing, AUDITING)
            previous = writing.execute(_LAST).scalar() or FIRST
            for subject in subjects:
                digest = _digest(previous, at, who, what, subject, details)
                row = {"at": at, "who": who, "what": what, "subject": subject, "details": details}
                rows.append({**row, "previous": previous, "sha256": digest})
                previous = digest
            writing.execute(_ADD, rows)

    def entries(
        self, limit: int = 200, *, who: str = "", subject: str = "", before: int | None = None
    ) -> list[AuditEntry]:
        """Return entries, newest first.

        Args:
            limit: At most so many.
            who: Only of this person.
            subject: Only on this subject, such as ``document/3``, and on what lies below it, such as a page of it.
            before: Only entries with a smaller number.
        """
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if who:
            query = query.where(audit.c.who == who)
        if subject:
            below = audit.c.subject.startswith(f"{subject}/", autoescape=True)
            query = query.where(sa.or_(audit.c.subject == subject, below))
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [AuditEntry(**row._mapping) for row in connection.execute(query)]

    def verify(self) -> int | None:
        """Follow the whole chain; returns the number of the first broken entry, or None when all fit."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return first_broken(connection)


def first_broken(connection: sa.Connection) -> int | None:
    """Follow the whole chain of a database; returns the number of the first broken entry, or None when all fit."""
    previous = FIRST
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)):
        digest = _digest(previous, row.at, row.who, row.what, row.subject, row.details)
        if row.previous != previous or row.sha256 != digest:
            return int(row.id)
        previous = row.sha256
    return None


def _digest(
    previous: str, at: datetime, who: str, what: str, subject: str, details: Mapping[str, Any]
) -> str:
    told = [previous, at.isoformat(), who, what, subject, details]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
