"""A run is carried out in a child process; however that ends, the books tell the truth."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from scheduler_parts import CHILD, declare, pass_time_when, put, states, wait_for

from backoffice.database import open_database, upgrade
from backoffice.files import write_atomically
from backoffice.messages import text
from backoffice.runs import Run, RunState
from backoffice.settings import builtin_settings
from backoffice.work_items import State
from scheduler.carrying import Carrier
from scheduler.child import Outcome, Stop, perform
from scheduler.due import due_continue, due_retry
from scheduler.errors import JobBusy, JobMissing
from scheduler.job import Job
from scheduler.job_check import load_jobs
from scheduler.local import LocalEngine
from scheduler.office import Office
from scheduler.past import last_firing
from scheduler.savings import ITEMS_DONE

TIME_SAVED = """
time_saved: {{business: 登録, process: {name}, manual_minutes_per_item: 5, assumption: true}}
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    settings = builtin_settings(tmp_path / "var")
    database = open_database(settings.database_url)
    upgrade(database)
    return Office.of(settings, database)


@pytest.fixture
def jobs_folder(tmp_path: Path) -> Path:
    (tmp_path / "jobs").mkdir()
    return tmp_path / "jobs"


@pytest.fixture
def engine(office: Office, tmp_path: Path, jobs_folder: Path) -> Callable[..., LocalEngine]:
    def command(run: Run) -> Sequence[str]:
        return [sys.executable, str(CHILD), str(tmp_path / "var"), str(jobs_folder), run.id]

    def make(grace_seconds: float = 10.0) -> LocalEngine:
        return LocalEngine(
            load_jobs(jobs_folder), office, command, poll_seconds=0.2, grace_seconds=grace_seconds
        )

    return make


def test_a_run_works_off_the_queue_and_books_the_time_saved(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku", TIME_SAVED.format(name="touroku"))
    put(office, "touroku", "", "", "")
    [run] = engine().run_now("touroku")
    assert (run.state, run.trigger) == (RunState.DONE, "person")
    assert run.counts == {"done": 3, "items_done": 3, "exit_code": 0}
    assert run.script == (jobs_folder / "touroku.yaml").read_text(encoding="utf-8")
    [entry] = office.savings.entries()
    assert (entry.run, entry.items_done, entry.saved_minutes) == (run.id, 3, 15.0)
    assert entry.machine_seconds == pytest.approx(run.seconds)


def test_reading_goes_on_in_a_fresh_process_while_files_are_left(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "yomitori", "read: much")
    declare(jobs_folder, "houkoku", "run: houkoku", "when: {after: yomitori}")
    ended = engine().run_now("yomitori")
    assert [(run.job, run.counts.get("left")) for run in ended] == [
        ("yomitori", 2), ("yomitori", 1), ("yomitori", 0), ("houkoku", None),
    ]  # fmt: skip
    assert [run.trigger for run in ended] == ["person", "after", "after", "after"]


def test_jobs_after_a_job_run_when_it_succeeded(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "yomitori", "read: refusing")
    declare(jobs_folder, "touroku", "run: touroku", "when: {after: yomitori}")
    declare(jobs_folder, "houkoku", "run: houkoku", "when: {after: touroku}")
    begun: list[str] = []
    ended = engine().run_now("yomitori", on_start=lambda run: begun.append(run.job))
    assert begun == [run.job for run in ended] == ["yomitori", "touroku", "houkoku"]
    assert [run.counts["exit_code"] for run in ended] == [3, 0, 0]  # one refused file stops nobody
    assert [run.job for run in engine().run_now("yomitori", follow=False)] == ["yomitori"]


def test_jobs_after_a_job_do_not_run_when_it_failed(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "yomitori", "read: secretless")
    declare(jobs_folder, "touroku", "run: touroku", "when: {after: yomitori}")
    [run] = engine().run_now("yomitori")
    assert (run.state, run.counts["exit_code"]) == (RunState.FAILED, 2)
    assert "秘密「X」が登録されていません" in run.reason


def test_our_own_fault_is_told_without_the_words_of_the_exception(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    """A message may quote a record; neither the books nor the log may keep it."""
    declare(jobs_folder, "yomitori", "read: broken")
    [run] = engine().run_now("yomitori")
    assert (run.state, run.counts["exit_code"]) == (RunState.FAILED, 10)
    assert "RuntimeError" in run.reason
    assert "山田" not in run.reason
    log = (office.logs / f"run-{run.id}.log").read_text(encoding="utf-8")
    assert "scheduler_child.py" in log
    assert "山田" not in log


def test_a_killed_child_leaves_a_dead_run_and_its_item_for_another_try(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku", TIME_SAVED.format(name="touroku"))
    put(office, "touroku", "", "die", "")
    [run] = engine().run_now("touroku")
    assert run.state is RunState.DIED
    assert run.reason == "処理のプロセスが途中で終わりました(終了コード -9)。"
    assert states(office, "touroku") == [State.DONE, State.RETRY, State.NEW]
    assert run.counts == {"done": 1, "retry": 1, "items_done": 1}
    assert [entry.items_done for entry in office.savings.entries()] == [1]


def test_a_child_killed_after_the_commit_step_leaves_its_item_in_doubt(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku")
    put(office, "touroku", "die after commit", "")
    engine().run_now("touroku")
    engine().run_now("touroku")
    assert states(office, "touroku") == [State.IN_DOUBT, State.DONE]


@pytest.mark.parametrize(
    ("pressed", "spooled", "ends"),
    [
        (False, False, State.RETRY),
        (True, False, State.IN_DOUBT),
        (True, True, State.DONE),
        (False, True, State.DONE),
    ],
)
def test_a_run_that_ends_by_an_error_holds_nothing(
    office: Office, jobs_folder: Path, pressed: bool, spooled: bool, ends: State
) -> None:
    """A closed run is never looked at again; what it still held is put in order before, confirmations first."""
    declare(jobs_folder, "touroku", "run: touroku")
    put(office, "touroku", "")

    def breaks(run: Run, job: Job, stop: Stop) -> Outcome:
        item = office.ledger.claim("touroku", run=run.id, who="robot")
        assert item is not None
        if pressed:
            item = office.ledger.move(item, State.COMMITTING, who="robot", why="typed")
        if spooled:
            news = {"item": item.id, "revision": item.revision, "result": {}, "who": "robot", "why": "seen"}
            write_atomically(office.spool / "done-1.json", json.dumps(news).encode())
        raise RuntimeError

    run = office.runs.enter("touroku", "run", "now-1", "person")
    perform(run.id, tasks={"run": breaks}, jobs=load_jobs(jobs_folder), office=office, stop=Stop())
    assert office.runs.get(run.id).state is RunState.FAILED
    assert states(office, "touroku") == [ends]
    assert list(office.spool.iterdir()) == []


def test_the_time_out_kills_the_child(
    office: Office,
    jobs_folder: Path,
    engine: Callable[..., LocalEngine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declare(jobs_folder, "touroku", "run: touroku", "timeout: 30")
    put(office, "touroku", "hang")
    pass_time_when(monkeypatch, lambda: State.IN_PROGRESS in states(office, "touroku"))
    [run] = engine().run_now("touroku")  # the child would sleep for an hour
    assert (run.state, run.reason) == (RunState.DIED, "30 分の制限時間を超えたため強制終了しました。")
    assert states(office, "touroku") == [State.RETRY]


def test_three_workers_share_the_items_of_one_firing(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    """One of them dies; what it held goes to retry (another may still take it), and the firing counts as broken."""
    declare(jobs_folder, "touroku", "run: touroku", "workers: 3" + TIME_SAVED.format(name="touroku"))
    put(office, "touroku", "die once", *["meet"] * 2, *[""] * 20)
    ended = engine().run_now("touroku")
    assert [run.lane for run in ended] == [1, 2, 3]
    assert len({run.id for run in ended}) == 3 and len({run.slot for run in ended}) == 1
    assert sorted(run.state for run in ended) == [RunState.DIED, RunState.DONE, RunState.DONE]
    done = [run.counts.get(ITEMS_DONE, 0) for run in ended]
    assert sorted(done)[1] > 0
    assert states(office, "touroku")[1:] == [State.DONE] * 22
    assert sum(done) == states(office, "touroku").count(State.DONE)
    assert sum(entry.items_done for entry in office.savings.entries()) == sum(done)
    firing = last_firing(office.runs, "touroku")
    assert firing is not None and len(firing.runs) == 3 and len(firing.broken) == 1


def test_a_robot_s_process_is_renewed_after_so_many_items(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku", "items_per_run: 4")
    put(office, "touroku", *[""] * 10)
    ended = engine().run_now("touroku")
    assert [run.counts[ITEMS_DONE] for run in ended] == [4, 4, 2]
    assert states(office, "touroku") == [State.DONE] * 10


def test_a_run_that_is_over_its_memory_before_it_has_done_anything_fails_and_is_not_begun_again(
    office: Office, engine: Callable[..., LocalEngine], jobs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.memory.LOOK_SECONDS", 0.0)
    monkeypatch.setattr("scheduler.memory.resident_bytes", lambda pid: 50 * 1024 * 1024)
    declare(jobs_folder, "moushikomi", "run: moushikomi\nretries: 3\nmemory_mb: 40", "when: [{at: '03:00'}]")
    put(office, "moushikomi", *["wait to be asked"] * 3)
    [run] = engine().run_now("moushikomi")
    assert (run.state, run.cause, run.counts["exit_code"]) == (
        RunState.FAILED, "engine.memory_too_small", 2,
    )  # fmt: skip
    assert "memory_mb" in run.reason
    assert states(office, "moushikomi") == [State.NEW] * 3
    later = office.clock() + timedelta(hours=6)
    job = load_jobs(jobs_folder)["moushikomi"]
    assert due_continue(job, office, later) is None and due_retry(job, office, later) is None


def test_a_child_that_is_asked_to_stop_before_it_can_listen_was_stopped_and_did_not_die(
    office: Office, jobs_folder: Path
) -> None:
    declare(jobs_folder, "moushikomi", "run: moushikomi", "when: [{at: '03:00'}]")
    jobs = load_jobs(jobs_folder)
    run = office.runs.enter("moushikomi", "run", "2026-04-01T03:00:00+00:00", "schedule")
    carrier = Carrier(office, lambda _: [sys.executable, "-c", "import time; time.sleep(3600)"])
    ended = carrier.carry_out(jobs["moushikomi"], run, asked=lambda: True)
    assert (ended.state, ended.reason) == (RunState.STOPPED, text("scheduler.stopped"))


def test_stopping_lets_the_child_finish_the_item_in_hand(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku")
    put(office, "touroku", *["slow"] * 50)
    local, ended = engine(), list[Run]()
    worker = threading.Thread(target=lambda: ended.extend(local.run_now("touroku")))
    worker.start()
    wait_for(lambda: State.DONE in states(office, "touroku"))
    local.stop()
    worker.join(120)
    [run] = ended
    assert (run.state, run.reason) == (
        RunState.STOPPED,
        "求めに応じて件の間で止まりました。残りは次の回に続けます。",
    )
    assert set(states(office, "touroku")) == {State.DONE, State.NEW}


def test_a_job_never_runs_twice_at_a_time(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku")
    put(office, "touroku", *["slow"] * 50)
    local = engine()
    worker = threading.Thread(target=local.run_now, args=["touroku"])
    worker.start()
    wait_for(lambda: State.DONE in states(office, "touroku"))
    with pytest.raises(JobBusy, match="ジョブ「touroku」は今動いています"):
        engine().run_now("touroku")
    local.stop()
    worker.join(120)


def test_a_job_of_another_name_is_answered_with_the_nearest(
    jobs_folder: Path, engine: Callable[..., LocalEngine]
) -> None:
    declare(jobs_folder, "touroku", "run: touroku")
    with pytest.raises(JobMissing, match="もしかして: touroku"):
        engine().run_now("torouku")


def test_a_run_that_outlives_its_killed_engine_is_left_alone_and_recovered_when_it_dies(
    office: Office, jobs_folder: Path, engine: Callable[..., LocalEngine], tmp_path: Path
) -> None:
    declare(jobs_folder, "touroku", "run: touroku")
    put(office, "touroku", "hang")
    run = office.runs.enter("touroku", "run", "now-test", "person")
    orphan = subprocess.Popen([sys.executable, str(CHILD), str(tmp_path / "var"), str(jobs_folder), run.id])
    wait_for(lambda: State.IN_PROGRESS in states(office, "touroku"))
    local = engine()
    with pytest.raises(JobBusy):
        local.run_now("touroku")
    os.kill(orphan.pid, signal.SIGKILL)
    orphan.wait()
    local.look_round()
    assert office.runs.get(run.id).state is RunState.DIED
    assert states(office, "touroku") == [State.RETRY]
