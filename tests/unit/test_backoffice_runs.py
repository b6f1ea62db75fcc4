"""A run is alive as long as the operating system says so."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice import runs
from backoffice.database import open_database, upgrade
from backoffice.locks import held, is_held
from backoffice.runs import START_GRACE, RunBook, RunMissing, RunState

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
HOLD = "import sys,time;from pathlib import Path;from backoffice.locks import held\n"
HOLD += "with held(Path(sys.argv[1])) as ours: print(ours, flush=True); time.sleep(60)"


@pytest.fixture
def moment() -> list[datetime]:
    return [NOW]


@pytest.fixture
def book(tmp_path: Path, moment: list[datetime]) -> RunBook:
    engine = open_database(f"sqlite:///{tmp_path / 'runs.db'}")
    upgrade(engine)
    return RunBook(engine, tmp_path / "locks", lambda: moment[0])


def test_a_lock_is_let_go_when_its_holder_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"True"
    assert is_held(path)
    child.kill()
    child.wait()
    child.stdout.close()
    assert not is_held(path)


def test_a_lock_is_never_held_twice(tmp_path: Path) -> None:
    with held(tmp_path / "x.lock") as first, held(tmp_path / "x.lock") as second:
        assert (first, second) == (True, False)


def test_a_run_keeps_the_script_that_ran_and_what_it_did(book: RunBook, moment: list[datetime]) -> None:
    run = book.enter(
        "kouza", "run", "2026-04-01T18:00", "schedule", script_sha256="f" * 64, script="robot: k"
    )
    with book.living(run.id) as living:
        assert living.state is RunState.RUNNING
        moment[0] += timedelta(seconds=30)
        done = book.finish(run.id, RunState.DONE, counts={"done": 3})
    assert (done.state, done.counts, done.seconds, done.script) == (
        RunState.DONE,
        {"done": 3},
        30.0,
        "robot: k",
    )


def test_a_running_run_whose_process_is_gone_is_dead(book: RunBook) -> None:
    run = book.enter("kouza", "run", "s", "schedule")
    with book.living(run.id):
        assert book.dead_runs() == []
    assert [dead.id for dead in book.dead_runs()] == [run.id]


def test_a_run_that_ends_while_it_is_looked_at_is_not_dead(
    book: RunBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = book.enter("kouza", "run", "s", "schedule")
    with book.living(run.id):
        pass

    def ends_now(path: Path) -> bool:
        book.finish(run.id, RunState.DONE, counts={})
        return False

    monkeypatch.setattr(runs, "is_held", ends_now)
    assert book.dead_runs() == []


def test_a_run_that_never_took_its_lock_is_dead_after_a_grace(book: RunBook, moment: list[datetime]) -> None:
    run = book.enter("kouza", "run", "s", "schedule")
    assert book.dead_runs() == []
    moment[0] += START_GRACE
    assert [dead.id for dead in book.dead_runs()] == [run.id]


def test_a_slot_fires_once(book: RunBook) -> None:
    assert book.fire("kouza", "2026-04-01T18:00", "run")
    assert not book.fire("kouza", "2026-04-01T18:00", "run")
    assert book.fired("kouza", "2026-04-01T18:00")
    assert book.last_slot("kouza") == "2026-04-01T18:00"


def test_history_is_newest_first(book: RunBook, moment: list[datetime]) -> None:
    first = book.enter("kouza", "run", "1", "schedule")
    moment[0] += timedelta(hours=1)
    second = book.enter("kouza", "run", "2", "schedule")
    assert [run.id for run in book.history("kouza")] == [second.id, first.id]


def test_an_unknown_run_is_said_in_words(book: RunBook) -> None:
    with pytest.raises(RunMissing, match="実行 zzz はありません"):
        book.get("zzz")
