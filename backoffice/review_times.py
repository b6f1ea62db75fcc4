"""How long people looked at documents: booked by the review page, given once to the run whose saving they lessen."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import sqlalchemy as sa

from backoffice.clock import Clock
from backoffice.tables import documents, review_times

_ADD = sa.insert(review_times)


@dataclass(frozen=True)
class Pace:
    """How long people looked at the documents of a process; who it was is not told.

    Attributes:
        documents: How many documents were looked at.
        seconds: All seconds together; idle time is not among them (`web.idle_seconds`).
        median: Seconds of the document in the middle.
    """

    documents: int
    seconds: float
    median: float

    @property
    def mean(self) -> float:
        """Seconds for a document on the average."""
        return self.seconds / self.documents


class ReviewTimes:
    """Review seconds over one database; `DocumentStore` is the one to use."""

    _engine: sa.Engine
    _clock: Clock

    def book_review(
        self,
        document_id: int,
        process: str,
        *,
        who: str,
        seconds: float,
        connection: sa.Connection | None = None,
    ) -> None:
        """Book the seconds a person spent on a document, in a transaction of its own or as part of one."""
        row = {
            "document_id": document_id,
            "process": process,
            "who": who,
            "seconds": seconds,
            "at": self._clock(),
        }
        with self._engine.begin() if connection is None else nullcontext(connection) as writing:
            writing.execute(_ADD, row)

    def take_review_seconds(self, process: str, run: str) -> float:
        """Give the review seconds that no run has booked yet to `run`, and return their sum."""
        open_times = (review_times.c.process == process) & review_times.c.booked_run.is_(None)
        with self._engine.begin() as connection:
            connection.execute(sa.update(review_times).where(open_times).values(booked_run=run))
            total = sa.select(sa.func.coalesce(sa.func.sum(review_times.c.seconds), 0.0))
            mine = (review_times.c.process == process) & (review_times.c.booked_run == run)
            return float(connection.execute(total.where(mine)).scalar_one())

    def review_pace(self, process: str, department: str, since: datetime) -> Pace | None:
        """Return how long people looked at a department's documents of a process since some moment; None for none."""
        total = sa.func.sum(review_times.c.seconds)
        query = (
            sa.select(total)
            .join(documents, documents.c.id == review_times.c.document_id)
            .where(review_times.c.process == process, documents.c.department == department)
            .where(review_times.c.at >= since)
            .group_by(review_times.c.document_id)
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            seconds = [float(value) for value in connection.execute(query).scalars()]
        return Pace(len(seconds), sum(seconds), median(seconds)) if seconds else None
