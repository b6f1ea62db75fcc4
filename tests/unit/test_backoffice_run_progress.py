"""How far a run has come is told by the ledger; a request to end it lies in the books and holds once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.run_progress import RunWatch
from backoffice.runs import Run, RunBook, RunState
from backoffice.stop_requests import StopRequests
from backoffice.work_items import State

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


class Town:
    """A ledger and a book of runs with a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        engine = open_database(f"sqlite:///{folder / 'town.db'}")
        upgrade(engine)
        self.ledger = Ledger(engine, lambda: self.now)
        self.runs = RunBook(engine, folder / "locks", lambda: self.now)
        self.watch = RunWatch(engine)
        self.stops = StopRequests(engine, lambda: self.now)

    def run(self, queue: str = "") -> Run:
        return self.runs.enter("job", "run", "now-1", "person", queue=queue)

    def work(self, run: Run, *ends: State) -> None:
        """Let a run bring one item after the other to an end, ten seconds each."""
        for end in ends:
            item = self.ledger.claim("p", run=run.id, who="robot")
            assert item is not None
            self.now += timedelta(seconds=10)
            if end is State.IN_DOUBT:
                item = self.ledger.move(item, State.COMMITTING, who="robot", why="x")
            self.ledger.move(item, end, who="robot", why="x")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    for number in range(9):
        town.ledger.put("p", f"{number:02d}", {"氏名": "見本"}, who="t", why="t")
    return town


def test_counts_what_ended_what_is_in_hand_and_what_waits(town: Town) -> None:
    run = town.run()
    town.work(run, State.DONE, State.BUSINESS_FAILURE, State.IN_DOUBT)
    town.ledger.claim("p", run=run.id, who="robot")
    now = town.watch.progress(run, town.now)
    assert {state: count for state, count in now.states.items() if count} == {
        State.DONE: 1, State.BUSINESS_FAILURE: 1, State.IN_DOUBT: 1, State.IN_PROGRESS: 1,
    }  # fmt: skip
    assert (now.ended, now.waiting) == (3, 5)
    assert [item.key for item in now.in_hand] == ["03"]
    assert [(item.key, item.state) for item in now.recent[:2]] == [
        ("02", State.IN_DOUBT), ("01", State.BUSINESS_FAILURE),
    ]  # fmt: skip


def test_foretells_the_end_from_the_third_item_on(town: Town) -> None:
    run = town.run()
    town.now += timedelta(seconds=60)  # opening the session is not part of the pace
    town.work(run, State.DONE, State.DONE)
    assert town.watch.progress(run, town.now).per_minute is None
    town.work(run, State.DONE)
    now = town.watch.progress(run, town.now)
    assert (now.per_minute, now.waiting, now.seconds_left) == (6.0, 6, 60.0)


def test_lanes_share_one_pace(town: Town) -> None:
    first = town.runs.enter("job", "run", "now-2", "person", lanes=2)
    second = town.runs.lanes_of(first)[1]
    town.work(first, State.DONE, State.DONE)
    town.work(second, State.DONE)
    assert town.watch.progress(second, town.now).per_minute == 6.0


def test_a_run_that_is_over_foretells_nothing_and_keeps_its_pace(town: Town) -> None:
    run = town.run()
    town.work(run, State.DONE, State.DONE, State.DONE)
    ended = town.runs.finish(run.id, RunState.DONE, counts={})
    now = town.watch.progress(ended, town.now + timedelta(days=1))
    assert (now.waiting, now.seconds_left, now.per_minute) == (None, None, 6.0)


def test_a_run_without_items_says_nothing_of_them(town: Town) -> None:
    now = town.watch.progress(town.run(), town.now)
    assert (now.ended, now.waiting, now.per_minute, list(now.in_hand)) == (0, None, None, [])


def test_the_first_request_to_end_a_run_counts(town: Town) -> None:
    run = town.run()
    assert town.stops.of(run.id) is None
    assert town.stops.ask(run.id, "sato", "保守")
    assert not town.stops.ask(run.id, "suzuki", "別の理由")
    asked = town.stops.of(run.id)
    assert asked is not None
    assert (asked.who, asked.why, asked.at) == ("sato", "保守", NOW)
    assert town.runs.get(run.id).finished_at is None  # its own process ends it, after the item in hand


def test_a_run_that_waits_for_a_worker_is_closed_at_once(town: Town) -> None:
    run = town.run(queue="desk")
    town.stops.ask(run.id, "sato", "保守")
    closed = town.runs.get(run.id)
    assert (closed.state, closed.reason, closed.finished_at) == (
        RunState.STOPPED,
        "sato が止めました: 保守",
        NOW,
    )
