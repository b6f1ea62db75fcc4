"""A person asks a run to end after the item in hand.

The request lies in the database, because the run may work in another process or on another PC: its own child looks
there between two items. A run that still waits for a worker is closed at once. The first request of a run counts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.messages import text
from backoffice.run_tables import run_stops
from backoffice.runs import RunState
from backoffice.tables import runs


@dataclass(frozen=True)
class StopRequest:
    """Who asked a run to end, why, and when."""

    run: str
    who: str
    why: str
    at: datetime


class StopRequests:
    """The requests of one database.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def ask(self, run: str, who: str, why: str) -> bool:
        """Ask a run to end after the item in hand; False when somebody asked before.

        Args:
            run: The run.
            who: The person.
            why: For what reason, without personal data.
        """
        now = self._clock()
        queued = (runs.c.id == run, runs.c.state == RunState.QUEUED.value)
        told = text("work.stopped_by", who=who, why=why)
        closed = {"state": RunState.STOPPED, "reason": told, "finished_at": now}
        try:
            with self._engine.begin() as connection:
                row = {"run": run, "who": who, "why": why, "at": now}
                connection.execute(sa.insert(run_stops).values(row))
                connection.execute(sa.update(runs).where(*queued).values(closed))
        except IntegrityError:
            return False
        return True

    def of(self, run: str) -> StopRequest | None:
        """Return the request to end a run; None when nobody asked."""
        return self.first([run])

    def first(self, of: Collection[str]) -> StopRequest | None:
        """Return the earliest request to end one of some runs, such as the lanes of a firing; None without any."""
        query = sa.select(run_stops).where(run_stops.c.run.in_(list(of))).order_by(run_stops.c.at).limit(1)
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(query).first()
        return None if row is None else StopRequest(**row._mapping)
