"""The count in the morning after the drill: the target's list against the list of the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backoffice.tables import item_events, runs, work_items
from backoffice.work_items import State


@dataclass
class Morning:
    """What came of it; see `night_drill.py` for the meaning of the numbers."""

    items: int
    seed: int
    lost: int = 0
    duplicated: int = 0
    in_doubt: int = 0
    settled: int = 0
    still_in_doubt: int = 0
    kills: int = 0
    freezes: int = 0
    outages: int = 0
    disk_full: bool = False
    services_refused: int = 0
    double_firings: int = 0
    runs: int = 0
    runs_died: int = 0
    seconds: float = 0.0


def count(morning: Morning, database: sa.Engine, rows: Sequence[str]) -> None:
    """Fill in what came of the night.

    Args:
        morning: Knows how many items there are.
        database: The ledger, now quiet.
        rows: The target's own list of registered keys.
    """
    registered = Counter(rows)
    with database.connect() as connection:
        items = {row.key: State(row.state) for row in connection.execute(sa.select(work_items))}
        events = connection.execute(sa.select(item_events)).all()
        ran = connection.execute(sa.select(runs)).all()
    morning.duplicated = sum(registered.values()) - len(registered)
    for number in range(morning.items):
        key = f"{number:06}"
        state = items.get(key)
        unsettled = state is not State.DONE and state is not State.IN_DOUBT
        morning.lost += unsettled or (state is State.DONE and key not in registered)
    morning.in_doubt = sum(event.to_state == State.IN_DOUBT.value for event in events)
    morning.settled = sum(event.from_state == State.IN_DOUBT.value for event in events)
    morning.still_in_doubt = sum(state is State.IN_DOUBT for state in items.values())
    firings = Counter((run.job, run.slot, run.lane) for run in ran)
    morning.double_firings = sum(times - 1 for times in firings.values())
    morning.runs, morning.runs_died = len(ran), sum(run.state == "died" for run in ran)
