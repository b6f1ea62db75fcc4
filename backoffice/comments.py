"""Comments on documents: what one person tells the next, who said it and when.

A comment may hold what the paper says, so its text stays here and goes into no log and not into the audit trail; it is
erased together with the values of the document.
"""

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.review_tables import document_comments

LONGEST = 500
"""Characters of one comment."""


@dataclass(frozen=True)
class Comment:
    """One comment."""

    id: int
    document_id: int
    who: str
    at: datetime
    text: str = field(repr=False)


class Comments:
    """The comments of a database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(
        self, document_id: int, who: str, text: str, *, connection: sa.Connection | None = None
    ) -> Comment:
        """Keep a comment, in a transaction of its own or as part of one; longer than `LONGEST` it is cut."""
        row = {"document_id": document_id, "who": who, "at": self._clock(), "text": text.strip()[:LONGEST]}
        added = sa.insert(document_comments).values(row).returning(document_comments)
        with self._engine.begin() if connection is None else nullcontext(connection) as writing:
            return Comment(**writing.execute(added).one()._mapping)

    def of(self, document_id: int) -> list[Comment]:
        """Return the comments of a document, oldest first."""
        query = sa.select(document_comments).where(document_comments.c.document_id == document_id)
        with self._engine.connect().execution_options(read_only=True) as connection:
            rows = connection.execute(query.order_by(document_comments.c.id))
            return [Comment(**row._mapping) for row in rows]

    def counts(self, document_ids: Collection[int]) -> dict[int, int]:
        """Return how many comments some documents have; those without any are left out."""
        of = document_comments.c.document_id
        query = sa.select(of, sa.func.count()).where(of.in_(list(document_ids))).group_by(of)
        with self._engine.connect().execution_options(read_only=True) as connection:
            return {int(row[0]): int(row[1]) for row in connection.execute(query)}
