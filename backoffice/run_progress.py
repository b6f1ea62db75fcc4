"""How far a run has come, read from the ledger while it works: what is in hand, what ended how, how fast it goes.

The run works in a process of its own, often on another PC; the ledger is where both meet. Nothing personal is told: of
an item only its number and its key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backoffice.runs import OPEN_STATES, Run
from backoffice.tables import WAITING, item_events, runs, work_items
from backoffice.work_items import State

IN_HAND = (State.IN_PROGRESS, State.COMMITTING)
ENDED = (State.DONE, State.BUSINESS_FAILURE, State.SYSTEM_FAILURE, State.IN_DOUBT)
"""Where the work of a run on an item ends, well or not."""
RECENT = 5
"""So many of the last ended items are told."""
FEWEST = 3
"""Before so many items ended, nothing is foretold: the first ones say little."""


@dataclass(frozen=True)
class ItemTold:
    """An item, without its record.

    Attributes:
        item: Its number in the ledger.
        key: Its key; never personal data.
        state: Where it stands.
        at: Since when.
    """

    item: int
    key: str
    state: State
    at: datetime


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come.

    Attributes:
        states: How many items, last worked on by this run, stand in each state.
        in_hand: Items at work now.
        recent: Items that ended last, newest first.
        waiting: Items of its process that still wait, for whichever run; None for a run without items.
        per_minute: Items that all lanes of its firing ended per minute, from the first claim; None before FEWEST.
        seconds_left: The waiting ones at this pace; None where nothing can be foretold.
    """

    states: Mapping[State, int]
    in_hand: Sequence[ItemTold] = ()
    recent: Sequence[ItemTold] = ()
    waiting: int | None = None
    per_minute: float | None = None
    seconds_left: float | None = None

    @property
    def ended(self) -> int:
        """How many items ended, well or not."""
        return sum(self.states[state] for state in ENDED)


class RunWatch:
    """Looks at the runs of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def progress(self, run: Run, now: datetime) -> RunProgress:
        """Return how far a run has come.

        Args:
            run: The run, as it stands.
            now: The present moment.
        """
        with self._engine.connect().execution_options(read_only=True) as connection:
            states = _states(connection, run.id)
            waiting = _waiting(connection, run.id) if run.state in OPEN_STATES else None
            pace = _per_minute(connection, run, now)
            left = waiting / pace * 60 if waiting is not None and pace else None
            return RunProgress(
                states=states,
                in_hand=_in_hand(connection, run.id),
                recent=_recent(connection, run.id),
                waiting=waiting,
                per_minute=pace,
                seconds_left=left if run.state in OPEN_STATES else None,
            )


def _states(connection: sa.Connection, run: str) -> dict[State, int]:
    query = sa.select(work_items.c.state, sa.func.count()).where(work_items.c.run == run)
    found = {State(state): count for state, count in connection.execute(query.group_by(work_items.c.state))}
    return {state: found.get(state, 0) for state in State}


def _in_hand(connection: sa.Connection, run: str) -> list[ItemTold]:
    query = (
        sa.select(work_items.c.id, work_items.c.key, work_items.c.state, work_items.c.updated_at)
        .where(work_items.c.run == run, work_items.c.state.in_(IN_HAND))
        .order_by(work_items.c.id)
    )
    return [ItemTold(item, key, State(state), at) for item, key, state, at in connection.execute(query)]


def _recent(connection: sa.Connection, run: str) -> list[ItemTold]:
    query = (
        sa.select(work_items.c.id, work_items.c.key, item_events.c.to_state, item_events.c.at)
        .join(work_items, work_items.c.id == item_events.c.item_id)
        .where(item_events.c.run == run, item_events.c.to_state.in_(ENDED))
        .order_by(item_events.c.id.desc())
        .limit(RECENT)
    )
    return [ItemTold(item, key, State(state), at) for item, key, state, at in connection.execute(query)]


def _waiting(connection: sa.Connection, run: str) -> int | None:
    """Count what still waits in the process that the run works on, told by any item that it took up."""
    process = connection.scalar(sa.select(work_items.c.process).where(work_items.c.run == run).limit(1))
    if process is None:
        return None
    query = sa.select(sa.func.count()).select_from(work_items)
    found = connection.scalar(query.where(work_items.c.process == process, sa.text(f"work_items.{WAITING}")))
    return int(found or 0)


def _per_minute(connection: sa.Connection, run: Run, now: datetime) -> float | None:
    """Return the pace of all lanes together: they share what waits."""
    lanes = sa.select(runs.c.id).where(runs.c.job == run.job, runs.c.slot == run.slot)
    of_firing = item_events.c.run.in_(list(connection.scalars(lanes)))
    begun = connection.scalar(
        sa.select(item_events.c.at)
        .where(of_firing, item_events.c.to_state == State.IN_PROGRESS)
        .order_by(item_events.c.id)
        .limit(1)
    )
    ended = connection.scalar(
        sa.select(sa.func.count(sa.distinct(item_events.c.item_id))).where(
            of_firing, item_events.c.to_state.in_(ENDED)
        )
    )
    if begun is None or ended is None or ended < FEWEST:
        return None
    seconds = ((run.finished_at or now) - begun).total_seconds()
    return ended / seconds * 60 if seconds > 0 else None
