"""How long people looked at documents: booked by the review page, given once to the run whose saving they lessen."""

import sqlalchemy as sa

from backoffice.clock import Clock
from backoffice.tables import review_times


class ReviewTimes:
    """Review seconds over one database; `DocumentStore` is the one to use."""

    _engine: sa.Engine
    _clock: Clock

    def book_review(self, document_id: int, process: str, *, who: str, seconds: float) -> None:
        """Book the seconds a person spent on a document."""
        row = {
            "document_id": document_id,
            "process": process,
            "who": who,
            "seconds": seconds,
            "at": self._clock(),
        }
        with self._engine.begin() as connection:
            connection.execute(sa.insert(review_times).values(row))

    def take_review_seconds(self, process: str, run: str) -> float:
        """Give the review seconds that no run has booked yet to `run`, and return their sum."""
        open_times = (review_times.c.process == process) & review_times.c.booked_run.is_(None)
        with self._engine.begin() as connection:
            connection.execute(sa.update(review_times).where(open_times).values(booked_run=run))
            total = sa.select(sa.func.coalesce(sa.func.sum(review_times.c.seconds), 0.0))
            mine = (review_times.c.process == process) & (review_times.c.booked_run == run)
            return float(connection.execute(total.where(mine)).scalar_one())
