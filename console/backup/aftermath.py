"""What must be put in order in restored books: the world went on after the backup, the books did not.

Runs that were open then are over. An item that waited when the backup was made may have been registered since: nobody
can tell from the books. So it becomes doubtful, and the robot's `resolve:` steps or a person settle it by looking at
the target, unless a person vouches that nothing was registered since (a move to another PC with the service stopped).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from backoffice.clock import local_time
from backoffice.ledger import Ledger
from backoffice.messages import text
from backoffice.runs import RunBook, RunState
from backoffice.tables import runs, service_heartbeats
from backoffice.work_items import State, WorkItem

WHO = "restore"
OPEN = (RunState.STARTING.value, RunState.RUNNING.value)


@dataclass(frozen=True)
class Aftermath:
    """What was put in order.

    Attributes:
        runs_closed: Runs that were open when the backup was made.
        recovered: Items that those runs held.
        doubtful: Items that waited and may have been registered since.
    """

    runs_closed: int
    recovered: int
    doubtful: int


def settle_books(engine: sa.Engine, locks: Path, made_at: datetime, *, unchanged: bool) -> Aftermath:
    """Put restored books in order.

    Args:
        engine: The restored and migrated database.
        locks: Folder of lock files; nobody is at work there.
        made_at: When the backup was made, aware.
        unchanged: Nothing was registered since.
    """
    ledger, book = Ledger(engine), RunBook(engine, locks)
    why = text("operations.why_restored", at=local_time(made_at))
    with engine.connect().execution_options(read_only=True) as connection:
        query = sa.select(runs.c.id, runs.c.counts).where(runs.c.state.in_(OPEN))
        opened = connection.execute(query).all()
    recovered = 0
    for run in opened:
        recovered += len(ledger.recover(run.id, who=WHO))
        book.finish(run.id, RunState.DIED, counts=run.counts, reason=why)
    with engine.begin() as connection:
        connection.execute(sa.delete(service_heartbeats))
    waiting = [] if unchanged else ledger.items(states=[State.NEW, State.RETRY])
    for item in waiting:
        _doubt(ledger, item, why)
    return Aftermath(len(opened), recovered, len(waiting))


def _doubt(ledger: Ledger, item: WorkItem, why: str) -> None:
    """Lead an item by the ledger's own moves to where only evidence lets it out."""
    for state in (State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT):
        item = ledger.move(item, state, who=WHO, why=why)
