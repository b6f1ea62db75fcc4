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
from backoffice.tables import UtcTime, item_events, runs, service_heartbeats, work_items
from backoffice.work_items import State

WHO = "restore"
WAITING = (State.NEW, State.RETRY)
STEPS = (State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT)
"""The moves that lead a waiting item into doubt, each allowed by the ledger's rules."""
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
    doubtful = 0 if unchanged else _doubt_all(ledger, why)
    return Aftermath(len(opened), recovered, doubtful)


def _doubt_all(ledger: Ledger, why: str) -> int:
    """Lead all waiting items by the ledger's own moves to where only evidence lets them out; all, or none.

    One transaction for all of them: a hundred thousand single moves would take the morning.
    """
    columns = work_items.c
    waiting = columns.state.in_([state.value for state in WAITING])
    start: sa.ColumnElement[str] = columns.state
    with ledger.transaction() as connection:
        for to in STEPS:
            told = [
                sa.literal(ledger.now(), UtcTime),
                start,
                sa.literal(to.value),
                sa.literal(WHO),
                sa.literal(why),
            ]
            event = sa.select(columns.id, *told).where(waiting).order_by(columns.id)
            names = ["item_id", "at", "from_state", "to_state", "who", "why"]
            connection.execute(sa.insert(item_events).from_select(names, event))
            start = sa.literal(to.value)
        moved = {
            "state": STEPS[-1].value,
            "revision": columns.revision + len(STEPS),
            "updated_at": ledger.now(),
            "not_before": None,
        }
        return connection.execute(sa.update(work_items).where(waiting).values(moved)).rowcount
