"""Put in order what a crash, a kill or a power cut left: dead runs and the items they held.

An item whose run died before its commit step goes to retry; one that died after it is in doubt until a person or the
robot's resolve steps have looked (DESIGN section 4). What the dead run had finished is still booked as done.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from loguru import logger

from backoffice.errors import HakadoriError
from backoffice.messages import text
from backoffice.runs import Run, RunState
from backoffice.spool import replay
from backoffice.tables import item_events, runs
from backoffice.work_items import LedgerConflict, State, WorkItem
from scheduler.job import Job
from scheduler.office import Office
from scheduler.savings import ITEMS_DONE, book_run

WHO = "scheduler"
_IDLE = frozenset({"left", "in_doubt", "goes_on", "exit_code"})
"""Counts that tell how things stand, not what a run has done."""


def recover_dead_runs(office: Office, jobs: Mapping[str, Job]) -> list[Run]:
    """Close every run of this PC whose process is gone, and recover its items.

    Returns:
        The runs closed, as they now stand.
    """
    return [
        close_dead(office, run, jobs.get(run.job), text("scheduler.died_unseen"))
        for run in office.runs.dead_runs()
    ]


def recover_abandoned(office: Office) -> list[WorkItem]:
    """Put the items in order that closed runs still hold: a run that was thought dead may have taken one up since."""
    return [item for run in office.ledger.abandoned_by() for item in recover_items(office, run)]


def close_dead(office: Office, run: Run, job: Job | None, reason: str) -> Run:
    """Close one run whose process is known to be gone.

    The items are recovered before the run is closed: a crash between the two is found again at the next look.

    Args:
        office: The books.
        run: The run.
        job: Its job, if it is still declared.
        reason: What is known of its end, for people.
    """
    moved = recover_items(office, run.id)
    counts = {**office.runs.get(run.id).counts, **_told(office.database, run.id, moved)}
    closed = office.runs.finish(run.id, RunState.DIED, counts=counts, reason=reason)
    logger.warning("run {} of job {} died; {} items recovered", run.id, run.job, len(moved))
    if job is not None:
        book_run(office.savings, office.review_seconds, closed, job)
    return closed


def did_nothing(run: Run) -> bool:
    """Say whether a run ended without having done anything to any item or file."""
    idle = _IDLE | ({"waiting"} if run.kind == "run" else set())
    return not any(number for name, number in run.counts.items() if name not in idle)


def correct_end(office: Office, run: Run, error: HakadoriError) -> Run:
    """Let a run that said of itself that it was only stopped have failed; who watched its process knows better."""
    told = {
        "state": RunState.FAILED,
        "reason": error.explain(),
        "cause": error.key,
        "counts": {**run.counts, "exit_code": error.exit_code},
    }
    same = (runs.c.id == run.id, runs.c.state == run.state)
    with office.database.begin() as connection:
        connection.execute(sa.update(runs).where(*same).values(told))
    return office.runs.get(run.id)


def recover_items(office: Office, run: str) -> list[WorkItem]:
    """Put the items that a run still holds, though its work is over, where they belong; returns those moved.

    Confirmations that the run had to spool are written first: what is known to be done must not be tried again.
    """
    replay_spool(office)
    try:
        return office.ledger.recover(run, who=WHO)
    except LedgerConflict:  # another process of ours found the run dead at the same moment
        return office.ledger.recover(run, who=WHO)


def replay_spool(office: Office) -> list[WorkItem]:
    """Write confirmations into the ledger that the database could not take when they came."""
    done = replay(office.ledger, office.spool)
    if done:
        logger.info("{} spooled confirmations written into the ledger", len(done))
    return done


def items_done(database: sa.Engine, run: str) -> int:
    """Count the items that a run brought to done, by the ledger's own events."""
    query = (
        sa.select(sa.func.count())
        .select_from(item_events)
        .where(item_events.c.run == run, item_events.c.to_state == State.DONE.value)
    )
    with database.connect().execution_options(read_only=True) as connection:
        return int(connection.execute(query).scalar_one())


def _told(database: sa.Engine, run: str, moved: list[WorkItem]) -> dict[str, int]:
    retry = sum(item.state is State.RETRY for item in moved)
    doubt = sum(item.state is State.IN_DOUBT for item in moved)
    told = {"retry": retry, "in_doubt": doubt, ITEMS_DONE: items_done(database, run)}
    return {name: count for name, count in told.items() if count}
