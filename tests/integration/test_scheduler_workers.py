"""Several PCs: the service fires, workers in processes and folders of their own carry out, PostgreSQL is real."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from scheduler_child import DATABASE
from scheduler_parts import CHILD, declare, put, states, wait_for

from backoffice.database import open_database, upgrade
from backoffice.run_queue import RunQueue
from backoffice.runs import RunState
from backoffice.settings import builtin_settings
from backoffice.work_items import State
from scheduler.dispatcher import Dispatcher, queue_of
from scheduler.due import Due
from scheduler.errors import JobBusy
from scheduler.firing import FiringBook
from scheduler.job_check import load_jobs
from scheduler.local import LocalEngine
from scheduler.office import Office
from scheduler.postbox import Postbox

SLOT = "2026-04-01T09:00:00+00:00"
PATIENT = 600.0
"""Seconds of silence that no test reaches by itself; `pass_an_hour` does."""


class Town:
    """An office of several PCs over one database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.jobs = folder, url, folder / "jobs"
        self.jobs.mkdir()
        self.database = open_database(url)
        with self.database.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        upgrade(self.database)
        self.postbox = Postbox(self.database)
        self.postbox.prepare()
        self.office = self.pc("service")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.engines: list[LocalEngine] = []

    def pc(self, name: str) -> Office:
        return Office.of(builtin_settings(self.folder / name), self.database)

    def dispatcher(self) -> Dispatcher:
        book = FiringBook(load_jobs(self.jobs), self.office, queue=queue_of("hakadori"))
        queue = RunQueue(self.database, self.office.runs)
        return Dispatcher(book, queue, self.postbox, silent_seconds=PATIENT)

    def engine(self) -> LocalEngine:
        made = LocalEngine(
            load_jobs(self.jobs),
            self.office,
            lambda run: [],
            poll_seconds=0.2,
            runner=self.dispatcher(),
        )
        self.engines.append(made)
        return made

    def worker(self, pc: str, *queues: str) -> "subprocess.Popen[bytes]":
        script = str(CHILD.with_name("scheduler_worker.py"))
        words = [str(self.folder / pc), str(self.jobs), str(PATIENT), *(queues or ["hakadori"])]
        made = subprocess.Popen(
            [sys.executable, script, *words],
            stdout=subprocess.PIPE,
            env={**os.environ, DATABASE: self.url},
            start_new_session=True,
        )
        self.workers.append(made)
        assert made.stdout is not None and made.stdout.readline() == b"up\n"
        return made

    def pass_an_hour(self) -> None:
        """Let everybody's last sign of life be an hour old."""
        hour = "now() - interval '1 hour'"
        with self.database.begin() as connection:
            connection.execute(sa.text(f"UPDATE runs SET beat_at = {hour} WHERE finished_at IS NULL"))
            connection.execute(sa.text(f"UPDATE procrastinate_workers SET last_heartbeat = {hour}"))

    def close(self) -> None:
        for engine in self.engines:
            engine.stop()
        for worker in self.workers:
            worker.kill()
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
        for run in self.office.runs.open_runs():
            if run.pid is not None:
                os.kill(run.pid, signal.SIGKILL)
        self.database.dispose()


@pytest.fixture
def town(tmp_path: Path, postgresql_url: str) -> Iterator[Town]:
    made = Town(tmp_path, postgresql_url)
    yield made
    made.close()


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_three_lanes_on_two_pcs_share_the_items(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku", "workers: 3")
    declare(town.jobs, "tsuchi", "run: tsuchi", "when: {after: touroku}")
    put(town.office, "touroku", *["meet"] * 2, *[""] * 20)
    put(town.office, "tsuchi", "")
    for pc in ("desk-01", "desk-02"):
        town.worker(pc)
    ended = town.dispatcher().run_now("touroku")
    assert [(run.job, run.lane) for run in ended] == [
        ("touroku", 1),
        ("touroku", 2),
        ("touroku", 3),
        ("tsuchi", 1),
    ]
    assert {run.state for run in ended} == {RunState.DONE}
    assert set(states(town.office, "touroku") + states(town.office, "tsuchi")) == {State.DONE}
    assert sum(run.counts["items_done"] for run in ended) == 23
    wait_for(lambda: town.postbox.in_hand() == 0)


def test_a_run_waits_for_a_worker_of_its_queue(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku", "queue: desk-02")
    put(town.office, "touroku", "")
    dispatcher = town.dispatcher()
    assert dispatcher.serve(Due("touroku", SLOT, "schedule")) == []
    [run] = town.office.runs.open_runs()
    assert (run.state, run.host, run.queue) == (RunState.QUEUED, "", "desk-02")
    assert dispatcher.is_busy("touroku")
    town.worker("desk-02", "desk-02")
    wait_for(lambda: states(town.office, "touroku") == [State.DONE])


def test_two_services_fire_a_slot_once_and_a_person_is_told_that_it_runs(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku")
    due = Due("touroku", SLOT, "schedule")
    threads = [
        in_thread(partial(dispatcher.serve, due)) for dispatcher in [town.dispatcher() for _ in range(4)]
    ]
    for thread in threads:
        thread.join()
    assert len(town.office.runs.history()) == 1
    with pytest.raises(JobBusy):
        town.dispatcher().run_now("touroku")


def test_the_run_of_a_killed_worker_is_found_by_its_silence(town: Town) -> None:
    """Worker and child are killed as by a power cut; one item was typed in and one not."""
    declare(town.jobs, "touroku", "run: touroku", "workers: 2")
    put(town.office, "touroku", "hang", "hang after commit", "")
    dying = town.worker("desk-01")
    town.dispatcher().serve(Due("touroku", SLOT, "schedule"))
    wait_for(lambda: states(town.office, "touroku")[:2] == [State.IN_PROGRESS, State.COMMITTING])
    town.dispatcher().recover()
    assert len(town.office.runs.open_runs()) == 2
    cut_power(town, dying)
    town.pass_an_hour()
    town.dispatcher().recover()
    assert {run.state for run in town.office.runs.history("touroku")} == {RunState.DIED}
    assert states(town.office, "touroku")[:2] == [State.RETRY, State.IN_DOUBT]
    assert "便りがない" in town.office.runs.history("touroku")[0].reason
    assert town.postbox.in_hand() == 0


def test_a_worker_that_was_frozen_and_comes_back_changes_nothing_any_more(town: Town) -> None:
    """As a PC that slept: its run was closed and its item given to another; its child stops."""
    declare(town.jobs, "touroku", "run: touroku", "retries: 1\nretry_minutes: 0.001")
    put(town.office, "touroku", "freeze once", "", "")
    frozen = town.worker("desk-01")
    town.engine().start()
    town.dispatcher().serve(Due("touroku", SLOT, "schedule"))
    wait_for(lambda: states(town.office, "touroku")[0] is State.IN_PROGRESS)
    [run] = town.office.runs.open_runs()
    assert run.pid is not None
    freeze = [frozen.pid, run.pid]
    for pid in freeze:
        os.kill(pid, signal.SIGSTOP)
    town.pass_an_hour()
    wait_for(lambda: town.office.runs.get(run.id).state is RunState.DIED)
    town.worker("desk-02")
    wait_for(lambda: set(states(town.office, "touroku")) == {State.DONE})
    for pid in freeze:
        os.kill(pid, signal.SIGCONT)
    child = run.pid
    wait_for(lambda: not is_alive(child))
    events = town.office.ledger.events(town.office.ledger.items("touroku")[0].id)
    assert [event.to_state for event in events].count(State.DONE) == 1
    assert town.office.runs.get(run.id).state is RunState.DIED


def test_a_restart_of_the_database_ends_no_run(town: Town) -> None:
    """Every connection is cut, as a restart does; the worker listens anew and its child goes on."""
    declare(town.jobs, "touroku", "run: touroku")
    put(town.office, "touroku", *["slow"] * 12)
    town.worker("desk-01")
    person = in_thread(lambda: town.dispatcher().run_now("touroku"))
    for _ in range(3):
        done = states(town.office, "touroku").count(State.DONE)
        wait_for(lambda before=done: states(town.office, "touroku").count(State.DONE) > before)
        cut_connections(town)
    person.join(120)
    assert [run.state for run in town.office.runs.history()] == [RunState.DONE]
    assert set(states(town.office, "touroku")) == {State.DONE}


def test_a_worker_that_is_asked_to_stop_finishes_the_item_in_hand(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku")
    put(town.office, "touroku", *["slow"] * 100)
    worker = town.worker("desk-01")
    town.dispatcher().serve(Due("touroku", SLOT, "schedule"))
    wait_for(lambda: State.DONE in states(town.office, "touroku"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(120) == 0
    [run] = town.office.runs.history()
    assert run.state is RunState.STOPPED
    assert set(states(town.office, "touroku")) == {State.DONE, State.NEW}


def test_a_pc_with_other_declarations_refuses_the_run(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku")
    put(town.office, "touroku", "")
    town.worker("desk-01")
    declare(town.jobs, "touroku", "run: touroku", "retries: 1")
    [run] = town.dispatcher().run_now("touroku")
    assert (run.state, run.cause) == (RunState.FAILED, "engine.script_differs")
    assert states(town.office, "touroku") == [State.NEW]


def test_a_letter_that_was_lost_is_sent_again(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku")
    put(town.office, "touroku", "")
    town.dispatcher().serve(Due("touroku", SLOT, "schedule"))
    with town.database.begin() as connection:
        connection.execute(sa.text("DELETE FROM procrastinate_jobs"))
    town.dispatcher().recover()
    town.dispatcher().recover()
    with town.database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 1


def cut_power(town: Town, worker: "subprocess.Popen[bytes]") -> None:
    worker.kill()
    for run in town.office.runs.open_runs():
        assert run.pid is not None
        os.kill(run.pid, signal.SIGKILL)


def cut_connections(town: Town) -> None:
    with town.database.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(sa.text(f"{others} AND datname = current_database()"))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
