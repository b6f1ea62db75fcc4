"""Runs that wait for a worker and runs that a worker has: who takes one, who is still heard of.

On several PCs no lock file tells who is alive. A worker therefore beats the row of its run every few seconds, by the
clock of the database alone: the clocks of two PCs are never compared. A run whose worker is silent counts as dead; its
worker, should it come back, finds it closed and stops.

PostgreSQL only: SQLite serves one PC.
"""

import socket
from collections.abc import Callable

import sqlalchemy as sa

from backoffice.database import ENTERING, one_at_a_time
from backoffice.runs import OPEN_STATES, Run, RunBook, RunState
from backoffice.tables import runs

_TAKEN = (RunState.STARTING.value, RunState.RUNNING.value)


class RunQueue:
    """The deferred runs of one database.

    Args:
        engine: The migrated PostgreSQL database.
        book: The book of runs over it.
    """

    def __init__(self, engine: sa.Engine, book: RunBook) -> None:
        self._engine = engine
        self._book = book

    def take(self, run_id: str) -> Run | None:
        """Take a waiting run for this PC; None when it was taken or closed before."""
        mine = {"state": RunState.STARTING, "host": socket.gethostname(), "beat_at": sa.func.now()}
        waits = runs.c.state == RunState.QUEUED.value
        with self._engine.begin() as connection:
            taken = connection.execute(
                sa.update(runs).where(runs.c.id == run_id, waits).values(mine)
            ).rowcount
        return self._book.get(run_id) if taken else None

    def withdraw(self, run_id: str, reason: str) -> bool:
        """Close a run that no worker has taken yet; False when one has."""
        waits = (runs.c.id == run_id, runs.c.state == RunState.QUEUED.value)
        closed = {"state": RunState.FAILED, "reason": reason, "finished_at": self._book.now()}
        with self._engine.begin() as connection:
            return connection.execute(sa.update(runs).where(*waits).values(closed)).rowcount == 1

    def beat(self, run_id: str) -> bool:
        """Note that the worker of a run is alive; False when the run is closed: then its work must end."""
        is_open = runs.c.state.in_([state.value for state in OPEN_STATES])
        beat = sa.update(runs).where(runs.c.id == run_id, is_open).values(beat_at=sa.func.now())
        with self._engine.begin() as connection:
            return connection.execute(beat).rowcount == 1

    def silent(self, seconds: float) -> list[Run]:
        """Return the runs whose workers have not been heard of for so many seconds."""
        late = runs.c.beat_at < sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        query = sa.select(runs.c.id).where(runs.c.queue != "", runs.c.state.in_(_TAKEN), late)
        return self._all(query)

    def waiting(self) -> list[Run]:
        """Return the runs that wait for a worker, oldest first."""
        return self._all(sa.select(runs.c.id).where(runs.c.state == RunState.QUEUED.value))

    def enter_alone(self, job: str, enter: Callable[[], Run | None]) -> Run | None:
        """Enter a firing of a job unless one is open, alone among all that do the same on any PC.

        Args:
            job: The job.
            enter: Enters it (`RunBook.enter`, `RunBook.enter_fired`).

        Returns:
            What `enter` returns; None when a run of the job is open.
        """
        with self._engine.begin() as connection:
            one_at_a_time(connection, ENTERING)
            return None if self._book.open_runs(job) else enter()

    def _all(self, ids: sa.Select[str]) -> list[Run]:
        with self._engine.connect().execution_options(read_only=True) as connection:
            found = connection.execute(ids.order_by(runs.c.started_at, runs.c.lane)).scalars().all()
        return [self._book.get(run_id) for run_id in found]
