"""The service at work: slots fire once, follow-ups come by themselves, and only one service holds a database."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from scheduler_parts import CHILD, declare, put, states, wait_for
from sqlalchemy.exc import OperationalError

from backoffice.database import open_database, upgrade
from backoffice.runs import Run, RunBook, RunState
from backoffice.settings import builtin_settings
from backoffice.tables import firings, service_heartbeats
from backoffice.work_items import State
from scheduler.due import Due
from scheduler.errors import ServiceRunning
from scheduler.job_check import load_jobs
from scheduler.local import LocalEngine
from scheduler.office import Office
from scheduler.service import Service

SLOT = "2026-04-01T09:00:00+00:00"
HOLD = """
import sys, time; from pathlib import Path
sys.path.insert(0, sys.argv[3]); from scheduler_child import office_of
from scheduler.local import LocalEngine; from scheduler.service import Service
office = office_of(Path(sys.argv[1]))
with Service(LocalEngine({}, office, lambda run: []), office): print("up", flush=True); time.sleep(60)
"""


class Town:
    """One installation: its books, its jobs, its clock (moved by the test), its engines."""

    def __init__(self, folder: Path) -> None:
        self.var, self.jobs = folder / "var", folder / "jobs"
        self.jobs.mkdir()
        self.shift = timedelta()
        settings = builtin_settings(self.var)
        database = open_database(settings.database_url)
        upgrade(database)
        self.office = Office.of(settings, database, self.now)
        self.files: set[str] = set()
        self.engines: list[LocalEngine] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def engine(self) -> LocalEngine:
        made = LocalEngine(
            load_jobs(self.jobs),
            self.office,
            self._command,
            has_files=lambda inbox: inbox in self.files,
            poll_seconds=0.1,
            grace_seconds=10,
        )
        self.engines.append(made)
        return made

    def at(self, moment: str) -> None:
        """Move the clock to a local moment."""
        self.shift = datetime.fromisoformat(f"{moment}+09:00") - datetime.now(UTC)

    def outcomes(self, job: str) -> list[tuple[str, str]]:
        with self.office.database.connect() as connection:
            rows = connection.execute(sa.select(firings).where(firings.c.job == job).order_by(firings.c.id))
            return [(row.slot, row.outcome) for row in rows]

    def ended(self, job: str) -> list[Run]:
        return [run for run in self.office.runs.history(job) if run.finished_at is not None]

    def _command(self, run: Run) -> Sequence[str]:
        return [sys.executable, str(CHILD), str(self.var), str(self.jobs), run.id]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    for engine in made.engines:
        engine.stop()


def test_two_engines_on_one_database_fire_a_slot_once(town: Town, tmp_path: Path) -> None:
    """Each has its own folder of locks, as on two PCs: the book of firings alone decides."""
    declare(town.jobs, "touroku", "run: touroku")
    put(town.office, "touroku", *["slow"] * 3)
    due, ended = Due("touroku", SLOT, "schedule"), list[list[Run]]()
    here, there = town.office, tmp_path / "locks of the other PC"
    engines = [town.engine()]
    town.office = replace(here, locks=there, runs=RunBook(here.database, there))
    engines.append(town.engine())
    threads = [threading.Thread(target=lambda e=e: ended.append(e._runner.serve(due))) for e in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(len(runs) for runs in ended) == [0, 1]
    assert len(town.office.runs.history("touroku")) == 1
    assert states(town.office, "touroku") == [State.DONE] * 3


def test_missed_slots_are_run_once_at_the_start_and_booked(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", 'when: {at: "18:00", days: 開庁日}')
    declare(town.jobs, "tobasu", "read: nouzei", 'when: {at: "18:00", days: 開庁日}\nmissed: skip')
    town.at("2026-04-01T09:00")
    first = town.engine()
    first.start()
    first.stop()
    town.at("2026-04-06T08:00")  # the PC was off over three evenings
    town.engine().start()
    wait_for(lambda: town.ended("yomitori"))
    [run] = town.ended("yomitori")
    assert (run.slot, run.trigger, run.state) == ("2026-04-03T09:00:00+00:00", "missed", RunState.DONE)
    evenings = [f"2026-04-0{day}T09:00:00+00:00" for day in (1, 2, 3)]
    assert sorted(town.outcomes("yomitori")[1:]) == [
        *[(slot, "missed") for slot in evenings[:2]],
        (evenings[2], "run"),
    ]
    assert town.outcomes("tobasu")[1:] == [(slot, "missed") for slot in evenings]


def test_a_slot_fires_when_its_minute_comes(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", 'when: {at: "18:00", days: 毎日}')
    town.at("2026-04-01T17:00")
    engine = town.engine()
    engine.start()
    assert engine.next_slot("yomitori") == datetime.fromisoformat("2026-04-01T18:00:00+09:00")
    town.at("2026-04-01T17:59:59")
    wait_for(lambda: town.ended("yomitori"))
    assert town.ended("yomitori")[0].slot == SLOT
    assert town.ended("yomitori")[0].trigger == "schedule"


def test_a_slot_that_passed_while_the_database_was_away_is_served_when_it_is_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", 'when: {at: "18:00", days: 毎日}')
    town.at("2026-04-01T17:00")
    engine, away = town.engine(), threading.Event()
    engine.start()
    real, asked = RunBook.last_slot, threading.Event()

    def last_slot(book: RunBook, job: str, until: datetime | None = None) -> str | None:
        if away.is_set():
            if town.now() >= datetime.fromisoformat("2026-04-01T18:00:01+09:00"):
                asked.set()
            raise OperationalError("SELECT", {}, Exception("disk I/O error"))
        return real(book, job, until)

    monkeypatch.setattr(RunBook, "last_slot", last_slot)
    away.set()
    town.at("2026-04-01T17:59:59")
    assert asked.wait(60)
    assert town.office.runs.history("yomitori") == []
    away.clear()
    wait_for(lambda: town.ended("yomitori"))
    assert [run.slot for run in town.ended("yomitori")] == [SLOT]


def test_a_job_follows_arriving_files_and_another_follows_it(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", "when: {on_file: true}")
    declare(town.jobs, "touroku", "run: touroku", "when: {after: yomitori}")
    put(town.office, "touroku", "")
    town.engine().start()
    assert not town.office.runs.history()
    town.files.add("nouzei")
    wait_for(lambda: town.ended("yomitori"))
    town.files.clear()
    wait_for(lambda: states(town.office, "touroku") == [State.DONE])
    assert {run.trigger for run in town.office.runs.history("yomitori")} == {"file"}
    assert {run.trigger for run in town.office.runs.history("touroku")} == {"after"}


def test_a_job_that_follows_is_not_forgotten_when_the_service_was_down(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei")
    declare(town.jobs, "touroku", "run: touroku", "when: {after: yomitori}")
    before = town.engine()
    before.start()
    before.stop()
    [run] = town.engine().run_now("yomitori", follow=False)
    town.engine().start()
    wait_for(lambda: town.ended("touroku"))
    assert town.ended("touroku")[0].slot == f"after-{run.id}"


def test_a_killed_run_is_tried_again_by_itself(town: Town) -> None:
    declare(
        town.jobs,
        "touroku",
        "run: touroku",
        "retries: 1\nretry_minutes: 0.001\nwhen: {every: 24h, days: 毎日}",
    )
    put(town.office, "touroku", "die once")
    town.at("2026-04-01T23:00")
    town.engine().start()
    town.at("2026-04-01T23:59:59")
    wait_for(lambda: len(town.ended("touroku")) == 2)
    second, first = town.ended("touroku")
    assert (first.state, second.state) == (RunState.DIED, RunState.DONE)
    assert (second.trigger, second.slot) == ("retry", f"retry-{first.id}")
    assert states(town.office, "touroku") == [State.DONE]


def test_a_window_that_closes_stops_the_run_between_items(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku", 'window: "22:00-06:00"\nwhen: {cron: "59 5 * * *"}')
    put(town.office, "touroku", *["slow"] * 100)
    town.at("2026-04-02T05:00")
    town.engine().start()
    town.at("2026-04-02T05:58:59")
    wait_for(lambda: State.DONE in states(town.office, "touroku"))
    town.at("2026-04-02T06:00:00")
    wait_for(lambda: town.ended("touroku"))
    [stopped] = town.ended("touroku")
    assert (stopped.state, stopped.trigger) == (RunState.STOPPED, "schedule")
    assert State.NEW in states(town.office, "touroku")
    town.at("2026-04-02T22:00:00")  # the next night it goes on
    wait_for(lambda: len(town.office.runs.history("touroku")) == 2)
    assert town.office.runs.history("touroku")[0].slot == f"continue-{stopped.id}"


def test_only_one_service_works_on_a_database(town: Town) -> None:
    with Service(town.engine(), town.office) as service:
        beat = service.heartbeat()
        assert beat is not None
        with pytest.raises(ServiceRunning, match="別の hakadori serve が動いています"):
            Service(town.engine(), town.office).start()
    assert service.heartbeat() is None
    with Service(town.engine(), town.office):
        pass


def test_a_service_on_another_pc_is_believed_until_its_heartbeat_is_old(town: Town) -> None:
    now = town.now()
    row = {"service": "hakadori", "host": "other-pc", "pid": 1, "started_at": now, "beat_at": now}
    with town.office.database.begin() as connection:
        connection.execute(sa.insert(service_heartbeats).values(row))
    with pytest.raises(ServiceRunning, match="other-pc"):
        Service(town.engine(), town.office).start()
    town.shift += timedelta(minutes=2)
    with Service(town.engine(), town.office):
        pass


def test_a_killed_service_is_followed_by_the_next_at_once(town: Town) -> None:
    here = str(CHILD.parent)
    command = [sys.executable, "-c", HOLD, str(town.var), str(town.jobs), here]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"up"
        with pytest.raises(ServiceRunning):
            Service(town.engine(), town.office).start()
        holder.kill()
        holder.wait()
    with Service(town.engine(), town.office):
        pass


def test_the_heart_beats_while_the_service_runs(town: Town) -> None:
    with Service(town.engine(), town.office, beat_seconds=0.05) as service:
        first = service.heartbeat()
        assert first is not None
        wait_for(lambda: (beat := service.heartbeat()) is not None and beat.beat_at > first.beat_at)
