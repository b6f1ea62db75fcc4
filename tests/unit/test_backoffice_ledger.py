"""The ledger: nothing lost, nothing done twice, every move with its reason."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from backoffice.database import open_database, upgrade
from backoffice.ledger import RECOVER_TRIES, Ledger
from backoffice.outages import PATIENCE_SECONDS
from backoffice.runs import RunBook, RunState
from backoffice.work_items import MOVES, ItemMissing, LedgerConflict, MoveNotAllowed, State, WorkItem

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    upgrade(engine)
    return engine


@pytest.fixture
def ledger(engine: sa.Engine) -> Ledger:
    return Ledger(engine, lambda: NOW)


def enter(ledger: Ledger, key: str = "0001", process: str = "kouza") -> WorkItem:
    return ledger.put(process, key, {"口座番号": "0123456"}, who="reader", why="read")[0]


def claim(ledger: Ledger, run: str = "run-1") -> WorkItem:
    item = ledger.claim("kouza", run=run, who="robot")
    assert item is not None
    return item


def in_doubt(ledger: Ledger) -> WorkItem:
    enter(ledger)
    committing = ledger.move(claim(ledger), State.COMMITTING, who="robot", why="commit")
    return ledger.move(committing, State.IN_DOUBT, who="robot", why="no answer")


def test_keeps_the_first_record_when_a_key_comes_again(ledger: Ledger) -> None:
    enter(ledger)
    again, created = ledger.put("kouza", "0001", {"口座番号": "9"}, who="reader", why="read")
    assert not created
    assert again.record["口座番号"] == "0123456"
    assert ledger.counts()[State.NEW] == 1


def test_the_same_key_in_another_process_is_another_item(ledger: Ledger) -> None:
    assert enter(ledger).id != enter(ledger, process="idou").id


def test_claims_the_oldest_first_and_each_item_once(ledger: Ledger) -> None:
    enter(ledger, "b")
    enter(ledger, "a")
    assert [claim(ledger).key, claim(ledger).key] == ["b", "a"]
    assert ledger.claim("kouza", run="run-1", who="robot") is None


def test_claims_only_the_keys_asked_for(ledger: Ledger) -> None:
    enter(ledger, "a")
    enter(ledger, "b")
    item = ledger.claim("kouza", run="r", who="robot", keys=["b"])
    assert item is not None and item.key == "b"


def test_does_not_claim_a_retry_before_its_time(engine: sa.Engine) -> None:
    moment = [NOW]
    ledger = Ledger(engine, lambda: moment[0])
    enter(ledger)
    later = NOW + timedelta(minutes=5)
    ledger.move(claim(ledger), State.RETRY, who="robot", why="busy", not_before=later)
    assert ledger.claim("kouza", run="r", who="robot") is None
    moment[0] = later
    assert claim(ledger).attempts == 2


def test_claims_a_retry_that_was_put_off_while_the_clock_was_wrong(engine: sa.Engine) -> None:
    moment = [NOW + timedelta(days=365)]
    ledger = Ledger(engine, lambda: moment[0])
    enter(ledger)
    later = moment[0] + timedelta(minutes=5)
    ledger.move(claim(ledger), State.RETRY, who="robot", why="busy", not_before=later)
    moment[0] = NOW
    assert claim(ledger).attempts == 2


def test_every_move_leaves_an_event_with_who_and_why(ledger: Ledger) -> None:
    enter(ledger)
    item = ledger.move(claim(ledger), State.COMMITTING, who="robot", why="pressing 登録")
    ledger.move(item, State.DONE, who="robot", why="confirmed", result={"受付番号": "7"})
    told = [(e.from_state, e.to_state, e.who, e.why, e.run) for e in ledger.events(item.id)]
    assert told == [
        (None, State.NEW, "reader", "read", None),
        (State.NEW, State.IN_PROGRESS, "robot", "処理を始める", "run-1"),
        (State.IN_PROGRESS, State.COMMITTING, "robot", "pressing 登録", "run-1"),
        (State.COMMITTING, State.DONE, "robot", "confirmed", "run-1"),
    ]
    assert ledger.get(item.id).result == {"受付番号": "7"}


def test_refuses_a_move_of_an_item_that_was_moved_meanwhile(ledger: Ledger) -> None:
    enter(ledger)
    seen = claim(ledger)
    ledger.move(seen, State.RETRY, who="robot", why="busy")
    with pytest.raises(LedgerConflict):
        ledger.move(seen, State.COMMITTING, who="robot", why="late")
    assert ledger.get(seen.id).state is State.RETRY


@pytest.mark.parametrize("start", list(State))
@pytest.mark.parametrize("to", list(State))
def test_allows_only_the_moves_of_the_table(
    engine: sa.Engine, ledger: Ledger, start: State, to: State
) -> None:
    item = enter(ledger)
    force(engine, start)
    item = ledger.get(item.id)
    allowed = to in MOVES[start] and start is not State.IN_DOUBT
    expect(lambda: ledger.move(item, to, who="t", why="t"), allowed)
    assert ledger.get(item.id).state is (to if allowed else start)


def force(engine: sa.Engine, state: State) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE work_items SET state = :state"), {"state": state.value})


def expect(act: Callable[[], object], allowed: bool) -> None:
    if allowed:
        act()
    else:
        with pytest.raises(MoveNotAllowed):
            act()


def test_only_settling_takes_an_item_out_of_doubt(ledger: Ledger) -> None:
    item = in_doubt(ledger)
    with pytest.raises(MoveNotAllowed):
        ledger.move(item, State.DONE, who="robot", why="I think so")
    settled = ledger.settle(item, State.DONE, who="sato", why="looked it up", result={"受付番号": "3"})
    assert (settled.state, settled.result["受付番号"]) == (State.DONE, "3")


def test_settling_is_for_items_in_doubt_only(ledger: Ledger) -> None:
    with pytest.raises(MoveNotAllowed):
        ledger.settle(enter(ledger), State.DONE, who="sato", why="because")


def test_a_dead_runs_items_go_to_retry_before_the_commit_step_and_in_doubt_after(ledger: Ledger) -> None:
    for key in ("before", "after", "other"):
        enter(ledger, key)
    claim(ledger)
    ledger.move(claim(ledger), State.COMMITTING, who="robot", why="commit")
    claim(ledger, run="run-2")
    moved = {item.key: item.state for item in ledger.recover("run-1", who="service")}
    assert moved == {"before": State.RETRY, "after": State.IN_DOUBT}
    assert ledger.find("kouza", "other").state is State.IN_PROGRESS  # type: ignore[union-attr]


def test_an_item_over_which_run_after_run_dies_is_given_up(ledger: Ledger) -> None:
    enter(ledger)
    for number in range(RECOVER_TRIES):
        claim(ledger, run=f"run-{number}")
        [item] = ledger.recover(f"run-{number}", who="service")
    assert (item.state, item.attempts) == (State.SYSTEM_FAILURE, RECOVER_TRIES)


def test_many_robots_at_once_never_claim_the_same_item(ledger: Ledger) -> None:
    for number in range(40):
        enter(ledger, f"{number:04}")
    claimed: list[int] = []

    def lane(name: str) -> None:
        while (item := ledger.claim("kouza", run=name, who=name)) is not None:
            claimed.append(item.id)

    lanes = [threading.Thread(target=lane, args=(f"lane-{n}",)) for n in range(4)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    assert len(claimed) == 40
    assert len(set(claimed)) == 40


def test_an_unknown_number_is_said_in_words(ledger: Ledger) -> None:
    with pytest.raises(ItemMissing, match="案件 99 はありません"):
        ledger.get(99)


def test_a_run_that_was_closed_takes_nothing_up_any_more(
    ledger: Ledger, engine: sa.Engine, tmp_path: Path
) -> None:
    """It was thought dead, as a PC that slept is; whatever it took now, nobody would look after."""
    enter(ledger)
    book = RunBook(engine, tmp_path, lambda: NOW)
    run = book.enter("touroku", "run", "s", "schedule")
    book.finish(run.id, RunState.DIED, counts={})
    assert ledger.claim("kouza", run=run.id, who="robot") is None
    assert claim(ledger, book.enter("touroku", "run", "t", "schedule").id).attempts == 1


def test_a_claim_waits_while_the_database_is_away(engine: sa.Engine) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            sa.event.remove(engine, "before_cursor_execute", away)

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the database system is starting up"))

    ledger = Ledger(engine, lambda: NOW, sleep=sleep)
    enter(ledger)
    sa.event.listen(engine, "before_cursor_execute", away)
    assert claim(ledger).key == "0001"
    assert waits == list(PATIENCE_SECONDS[:3])


def test_a_claim_gives_up_when_the_database_stays_away(engine: sa.Engine) -> None:
    waits: list[float] = []
    ledger = Ledger(engine, sleep=waits.append)
    sa.event.listen(engine, "before_cursor_execute", _away)
    with pytest.raises(OperationalError, match="disk is full"):
        ledger.claim("kouza", run="r", who="robot")
    assert waits == list(PATIENCE_SECONDS)


def _away(*_: object) -> None:
    raise OperationalError("SELECT", {}, Exception("database or disk is full"))
