"""What the target confirmed is never forgotten, even when the database is away."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.spool import PATIENCE_SECONDS, finish_durably, replay
from backoffice.work_items import LedgerConflict, State, WorkItem


class AwayLedger(Ledger):
    """A ledger whose database does not answer the first `times` moves."""

    def __init__(self, engine: sa.Engine, times: int) -> None:
        super().__init__(engine)
        self.times = times

    def move(self, *args: Any, **named: Any) -> WorkItem:
        if self.times > 0:
            self.times -= 1
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return super().move(*args, **named)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'spool.db'}")
    upgrade(engine)
    return engine


def committing(engine: sa.Engine) -> WorkItem:
    ledger = Ledger(engine)
    ledger.put("kouza", "1", {}, who="t", why="t")
    item = ledger.claim("kouza", run="run-1", who="robot")
    assert item is not None
    return ledger.move(item, State.COMMITTING, who="robot", why="commit")


def finish(ledger: Ledger, spool: Path, item: WorkItem) -> tuple[WorkItem | None, list[float]]:
    waits: list[float] = []
    done = finish_durably(
        ledger, spool, item, result={"受付番号": "5"}, who="robot", why="seen", sleep=waits.append
    )
    return done, waits


def test_waits_and_tries_again(engine: sa.Engine, tmp_path: Path) -> None:
    done, waits = finish(AwayLedger(engine, 2), tmp_path / "spool", committing(engine))
    assert done is not None and done.state is State.DONE
    assert waits == list(PATIENCE_SECONDS[:2])


def test_keeps_the_news_on_disk_and_writes_it_at_the_next_start(engine: sa.Engine, tmp_path: Path) -> None:
    item = committing(engine)
    assert finish(AwayLedger(engine, 99), tmp_path / "spool", item)[0] is None
    assert Ledger(engine).get(item.id).state is State.COMMITTING
    [done] = replay(Ledger(engine), tmp_path / "spool")
    assert (done.state, done.result) == (State.DONE, {"受付番号": "5"})
    assert replay(Ledger(engine), tmp_path / "spool") == []


def test_the_news_settles_an_item_that_was_put_in_doubt_meanwhile(engine: sa.Engine, tmp_path: Path) -> None:
    item = committing(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)
    Ledger(engine).recover("run-1", who="service")
    assert replay(Ledger(engine), tmp_path / "spool")[0].state is State.DONE


class AwayAfterwards(Ledger):
    """A ledger that is away just when it is asked why a move was refused."""

    away = True

    def get(self, item_id: int) -> WorkItem:
        if self.away:
            self.away = False
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        return super().get(item_id)


def test_settles_the_doubt_although_the_database_went_away_in_between(
    engine: sa.Engine, tmp_path: Path
) -> None:
    item = committing(engine)
    Ledger(engine).recover("run-1", who="service")
    done, waits = finish(AwayAfterwards(engine), tmp_path / "spool", item)
    assert done is not None and (done.state, waits) == (State.DONE, [PATIENCE_SECONDS[0]])


def test_news_that_cannot_be_read_is_left_to_a_person_and_holds_up_nothing(
    engine: sa.Engine, tmp_path: Path
) -> None:
    item = committing(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)
    (tmp_path / "spool" / "done-0-0.json").write_text("{", encoding="utf-8")
    assert [done.id for done in replay(Ledger(engine), tmp_path / "spool")] == [item.id]
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["done-0-0.conflict"]


class LostAnswers(Ledger):
    """A ledger whose first move is written, but whose answer never arrives."""

    lost = False

    def move(self, *args: Any, **named: Any) -> WorkItem:
        moved = super().move(*args, **named)
        if not self.lost:
            self.lost = True
            raise OperationalError("COMMIT", {}, Exception("server closed the connection"))
        return moved


def test_a_done_that_was_written_although_its_answer_was_lost_is_done(
    engine: sa.Engine, tmp_path: Path
) -> None:
    item = committing(engine)
    done, _ = finish(LostAnswers(engine), tmp_path / "spool", item)
    assert done is not None and done.state is State.DONE
    assert not (tmp_path / "spool").exists()


def test_a_run_that_was_thought_dead_settles_the_doubt_by_what_it_saw(
    engine: sa.Engine, tmp_path: Path
) -> None:
    item = committing(engine)
    Ledger(engine).recover("run-1", who="service")
    done, _ = finish(Ledger(engine), tmp_path / "spool", item)
    assert done is not None and (done.state, done.result) == (State.DONE, {"受付番号": "5"})


def test_what_was_seen_is_kept_when_somebody_else_moved_the_item(engine: sa.Engine, tmp_path: Path) -> None:
    """It was sent back to be tried again; the confirmation keeps it from being registered twice."""
    item, ledger = committing(engine), Ledger(engine)
    [doubtful] = ledger.recover("run-1", who="service")
    ledger.settle(doubtful, State.RETRY, who="sato", why="not there")
    with pytest.raises(LedgerConflict):
        finish(ledger, tmp_path / "spool", item)
    assert replay(ledger, tmp_path / "spool") == []
    assert ledger.claim("kouza", run="run-2", who="robot") is None
    assert ledger.get(item.id).state is State.IN_DOUBT


def test_an_item_in_another_run_s_hands_is_taken_away_before_it_is_pressed_again(
    engine: sa.Engine, tmp_path: Path
) -> None:
    item, ledger = committing(engine), Ledger(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)
    [doubtful] = ledger.recover("run-1", who="service")
    ledger.settle(doubtful, State.RETRY, who="sato", why="not there")
    again = ledger.claim("kouza", run="run-2", who="robot")
    assert again is not None
    replay(ledger, tmp_path / "spool")
    with pytest.raises(LedgerConflict):
        ledger.move(again, State.COMMITTING, who="robot", why="commit")


def test_a_second_receipt_for_the_same_item_waits_for_a_person(engine: sa.Engine, tmp_path: Path) -> None:
    """Another run registered it too: the target has it twice, and only a person can take one back."""
    item, ledger = committing(engine), Ledger(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)
    ledger.move(item, State.DONE, who="robot", why="seen", result={"受付番号": "6"})
    assert replay(ledger, tmp_path / "spool") == []
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".conflict"]


def test_two_processes_may_replay_the_same_news(engine: sa.Engine, tmp_path: Path) -> None:
    item = committing(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)

    class Second(Ledger):
        def get(self, item_id: int) -> WorkItem:
            seen = super().get(item_id)
            replay(Ledger(engine), tmp_path / "spool")
            return seen

    assert replay(Second(engine), tmp_path / "spool") == []
    assert Ledger(engine).get(item.id).state is State.DONE
    assert list((tmp_path / "spool").iterdir()) == []


def test_news_of_an_item_that_the_ledger_does_not_know_waits_for_a_person(
    engine: sa.Engine, tmp_path: Path
) -> None:
    item = committing(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)
    restored = open_database(f"sqlite:///{tmp_path / 'restored.db'}")
    upgrade(restored)
    assert replay(Ledger(restored), tmp_path / "spool") == []
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".conflict"]


def test_news_that_does_not_fit_waits_for_a_person(engine: sa.Engine, tmp_path: Path) -> None:
    item = committing(engine)
    finish(AwayLedger(engine, 99), tmp_path / "spool", item)
    ledger = Ledger(engine)
    [doubtful] = ledger.recover("run-1", who="service")
    ledger.settle(doubtful, State.RETRY, who="sato", why="not there")
    assert replay(ledger, tmp_path / "spool") == []
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".conflict"]
    assert ledger.get(item.id).state is State.IN_DOUBT
