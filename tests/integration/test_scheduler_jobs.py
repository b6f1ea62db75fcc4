"""What a job may say besides when: held back while paused, waiting for others, one run after another, parameters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from scheduler_child import GATE
from scheduler_parts import declare, put, states, wait_for
from test_scheduler_service import Town

from backoffice.runs import RunState
from backoffice.work_items import State
from scheduler.errors import JobPaused, ParameterUnknown

EVENING = 'when: {at: "18:00", days: 毎日}'


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    for engine in made.engines:
        engine.stop()


def test_a_paused_job_is_held_back_and_served_once_it_is_resumed(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", EVENING)
    declare(town.jobs, "other", "read: nouzei", f"overlap: queue\n{EVENING}")
    town.at("2026-04-01T17:00")
    town.office.pauses.pause("yomitori", "sato", "保守")
    town.engine().start()
    town.at("2026-04-01T18:00")
    wait_for(lambda: town.ended("other"))
    town.at("2026-04-02T18:00")
    wait_for(lambda: len(town.ended("other")) == 2)
    assert town.office.runs.history("yomitori") == []
    town.office.pauses.resume("yomitori", "sato")
    wait_for(lambda: town.ended("yomitori"))
    [run] = town.ended("yomitori")
    assert (run.slot, run.state) == ("2026-04-02T09:00:00+00:00", RunState.DONE)


def test_a_person_cannot_run_a_paused_job_and_is_told_why(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei")
    declare(town.jobs, "touroku", "run: touroku", "when: {after: yomitori}")
    town.office.pauses.pause("touroku", "sato", "保守")
    with pytest.raises(JobPaused, match="保守"):
        town.engine().run_now("touroku")
    assert [run.job for run in town.engine().run_now("yomitori")] == ["yomitori"]  # and nothing follows it


@pytest.mark.parametrize(("overlap", "runs", "second"), [("skip", 1, "skipped"), ("queue", 2, "run")])
def test_a_slot_that_comes_while_the_job_still_runs_is_skipped_or_waits(
    town: Town, overlap: str, runs: int, second: str
) -> None:
    more = f'overlap: {overlap}\nwhen: {{at: ["18:00", "18:30"], days: 毎日}}'
    declare(town.jobs, "touroku", "run: touroku", more)
    declare(town.jobs, "other", "read: nouzei", 'when: {at: "18:30", days: 毎日}')
    put(town.office, "touroku", "wait at the gate", "")
    town.at("2026-04-01T17:00")
    town.engine().start()
    town.at("2026-04-01T18:00")
    wait_for(lambda: State.IN_PROGRESS in states(town.office, "touroku"))
    town.at("2026-04-01T18:30")
    wait_for(lambda: town.ended("other"))  # the slot has come
    if overlap == "skip":
        wait_for(lambda: ("2026-04-01T09:30:00+00:00", second) in town.outcomes("touroku"))
    assert len(town.office.runs.history("touroku")) == 1
    (town.var / GATE).touch()
    wait_for(lambda: len(town.ended("touroku")) == runs)
    wait_for(lambda: ("2026-04-01T09:30:00+00:00", second) in town.outcomes("touroku"))
    assert states(town.office, "touroku") == [State.DONE] * 2
    assert [run.state for run in town.ended("touroku")] == [RunState.DONE] * runs


def test_a_job_waits_past_its_time_until_what_it_depends_on_has_succeeded(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", 'when: {at: "18:40", days: 毎日}')
    declare(town.jobs, "touroku", "run: touroku", f"depends_on: yomitori\n{EVENING}")
    declare(town.jobs, "other", "read: nouzei", EVENING)
    town.at("2026-04-01T17:00")
    town.engine().start()
    town.at("2026-04-01T18:00")
    wait_for(lambda: town.ended("other"))
    assert town.office.runs.history("touroku") == []
    town.at("2026-04-01T18:40")
    wait_for(lambda: town.ended("touroku"))
    [first], [after] = town.ended("yomitori"), town.ended("touroku")
    assert after.started_at > first.started_at
    assert after.slot == "2026-04-01T09:00:00+00:00"
    assert (first.state, after.state, after.trigger) == (RunState.DONE, RunState.DONE, "schedule")


def test_a_queue_that_is_long_enough_starts_the_robot(town: Town) -> None:
    declare(town.jobs, "touroku", "run: touroku", "when: {on_queue: {process: touroku, at_least: 2}}")
    declare(town.jobs, "other", "read: nouzei", "when: {on_file: true}")
    put(town.office, "touroku", "")
    town.files.add("nouzei")
    town.engine().start()
    wait_for(lambda: town.ended("other"))
    assert town.office.runs.history("touroku") == []
    put(town.office, "touroku", "", "")
    wait_for(lambda: states(town.office, "touroku") == [State.DONE] * 2)
    assert town.office.runs.history("touroku")[0].trigger == "queue"


def test_parameters_of_the_job_or_of_the_person_stand_in_the_run(town: Town) -> None:
    declare(
        town.jobs,
        "touroku",
        "run: touroku",
        "parameters: {年度: '2027', 区分: 新規}\nwhen: {after: yomitori}",
    )
    declare(town.jobs, "yomitori", "read: nouzei")
    engine = town.engine()
    [run] = engine.run_now("touroku", parameters={"年度": "2028"})
    assert dict(run.parameters) == {"年度": "2028", "区分": "新規"}
    _, follower = engine.run_now("yomitori")
    assert dict(follower.parameters) == {"年度": "2027", "区分": "新規"}
    with pytest.raises(ParameterUnknown, match="もしかして: 年度"):
        engine.run_now("touroku", parameters={"年": "2028"})


def test_a_service_that_was_started_with_a_clock_of_2099_works_once_it_is_set_right(town: Town) -> None:
    declare(town.jobs, "yomitori", "read: nouzei", EVENING)
    declare(town.jobs, "touroku", "run: touroku", "when: {after: yomitori}")
    declare(town.jobs, "other", "read: nouzei", "when: {on_file: true}")
    town.at("2099-01-01T12:00")
    town.engine().start()
    town.at("2026-04-01T17:59")
    town.files.add("nouzei")
    wait_for(lambda: town.ended("other"))  # a round was made since the clock was set
    town.at("2026-04-01T18:00")
    wait_for(lambda: town.ended("touroku"))
    assert [run.slot for run in town.ended("yomitori")] == ["2026-04-01T09:00:00+00:00"]
