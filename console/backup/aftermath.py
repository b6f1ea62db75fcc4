"""What must be put in order in restored books: the world went on after the backup, the books did not.

Runs that were open then are over. An item that waited when the backup was made may have been registered since: nobody
can tell from the books. So it becomes doubtful, and the robot's `resolve:` steps or a person settle it by looking at
the target. Robots that enter records themselves would enter what was registered since once more: their jobs are paused
until a person has looked. Both are left out when a person vouches that nothing was registered since (a move to another
PC with the service stopped).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from backoffice.clock import local_time
from backoffice.ledger import Ledger
from backoffice.messages import text
from backoffice.runs import OPEN_STATES, RunBook, RunState
from backoffice.tables import UtcTime, item_events, runs, service_heartbeats, work_items
from backoffice.work_items import State
from scheduler.pauses import PauseBook

WHO = "restore"
WAITING = (State.NEW, State.RETRY)
STEPS = (State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT)
"""The moves that lead a waiting item into doubt, each allowed by the ledger's rules."""


@dataclass(frozen=True)
class Aftermath:
    """What was put in order.

    Attributes:
        runs_closed: Runs that were open when the backup was made.
        recovered: Items that those runs held.
        doubtful: Items that waited and may have been registered since.
        paused: Jobs held back until a person has looked: their robots enter records themselves.
    """

    runs_closed: int
    recovered: int
    doubtful: int
    paused: tuple[str, ...] = ()


def settle_books(
    engine: sa.Engine, locks: Path, made_at: datetime, *, unchanged: bool, entering: Collection[str] = ()
) -> Aftermath:
    """Put restored books in order.

    Args:
        engine: The restored and migrated database.
        locks: Folder of lock files; nobody is at work there.
        made_at: When the backup was made, aware.
        unchanged: Nothing was registered since.
        entering: Jobs whose robots enter records themselves, from a table or from what others have done. Rows that
            were entered and registered after the backup are unknown to its books and would be registered once more.
    """
    ledger, book = Ledger(engine), RunBook(engine, locks)
    why = text("operations.why_restored", at=local_time(made_at))
    with engine.connect().execution_options(read_only=True) as connection:
        still = runs.c.state.in_([state.value for state in OPEN_STATES])
        query = sa.select(runs.c.id, runs.c.counts).where(still)
        opened = connection.execute(query).all()
    recovered = 0
    for run in opened:
        recovered += len(ledger.recover(run.id, who=WHO))
        book.finish(run.id, RunState.DIED, counts=run.counts, reason=why)
    with engine.begin() as connection:
        connection.execute(sa.delete(service_heartbeats))
    if unchanged:
        return Aftermath(len(opened), recovered, 0)
    return Aftermath(len(opened), recovered, _doubt_all(ledger, why), _hold_back(engine, entering, made_at))


def _hold_back(engine: sa.Engine, entering: Collection[str], made_at: datetime) -> tuple[str, ...]:
    """Pause these jobs; one that a person had paused stays so. Returns all of them."""
    pauses = PauseBook(engine)
    why = text("operations.why_held_back", at=local_time(made_at))
    for job in sorted(set(entering) - set(pauses.all())):
        pauses.pause(job, WHO, why)
    return tuple(sorted(entering))


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
