"""What is due is read from the books: nothing fires twice, and nothing that a PC slept through is forgotten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.runs import Run, RunState
from backoffice.settings import builtin_settings
from scheduler.due import (
    Due,
    Passed,
    due_after,
    due_continue,
    due_now,
    due_on_file,
    due_on_queue,
    due_retry,
    may_begin,
    passed_slots,
    unmet,
)
from scheduler.due import (
    declare as declare_job,
)
from scheduler.job import Job
from scheduler.office import Office
from scheduler.triggers import slot_name

WEDNESDAY = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)  # 09:00 in Tokyo


@pytest.fixture
def moment() -> list[datetime]:
    return [WEDNESDAY]


@pytest.fixture
def office(tmp_path: Path, moment: list[datetime]) -> Office:
    settings = builtin_settings(tmp_path)
    database = open_database(settings.database_url)
    upgrade(database)
    return Office.of(settings, database, lambda: moment[0])


def job(name: str = "a", **more: object) -> Job:
    work = {} if "read" in more else {"run": "robot"}
    return Job.model_validate({"job": name, "title": name, "department": "nouzei", **work, **more})


def evening(**more: object) -> Job:
    return job(when={"at": "18:00", "days": "開庁日"}, **more)


@pytest.fixture
def declare(office: Office) -> Callable[[Job], None]:
    def note(job: Job) -> None:
        office.runs.fire(job.job, slot_name(office.clock()), "declared")

    return note


@pytest.fixture
def ended(office: Office, moment: list[datetime]) -> Callable[..., Run]:
    def make(name: str, state: RunState, slot: str = "s", trigger: str = "schedule", **counts: int) -> Run:
        run = office.runs.enter(name, "run", slot, trigger)
        moment[0] += timedelta(minutes=1)
        return office.runs.finish(run.id, state, counts=counts)

    return make


def test_a_job_that_was_never_declared_has_missed_nothing(office: Office) -> None:
    assert passed_slots(evening(), office, WEDNESDAY).due is None


def test_a_slot_is_due_when_its_time_has_come(office: Office, declare: Callable[[Job], None]) -> None:
    declare(evening())
    assert passed_slots(evening(), office, WEDNESDAY + timedelta(hours=8, minutes=59)).due is None
    due = passed_slots(evening(), office, WEDNESDAY + timedelta(hours=9)).due
    assert due is not None
    assert (due.slot, due.trigger) == ("2026-04-01T09:00:00+00:00", "schedule")


def test_a_slot_that_was_served_is_not_due_again(office: Office, declare: Callable[[Job], None]) -> None:
    declare(evening())
    assert office.runs.enter_fired("a", "run", "2026-04-01T09:00:00+00:00", "schedule")
    assert passed_slots(evening(), office, WEDNESDAY + timedelta(hours=9)).due is None
    assert office.runs.enter_fired("a", "run", "2026-04-01T09:00:00+00:00", "schedule") is None
    assert len(office.runs.history("a")) == 1


def test_slots_missed_over_a_weekend_are_served_by_one_run(
    office: Office, declare: Callable[[Job], None]
) -> None:
    declare(evening())
    passed = passed_slots(evening(), office, WEDNESDAY + timedelta(days=5))  # Monday morning
    assert passed.due is not None
    assert (passed.due.slot, passed.due.trigger) == ("2026-04-03T09:00:00+00:00", "missed")
    assert passed.gone == ("2026-04-01T09:00:00+00:00", "2026-04-02T09:00:00+00:00")


def test_missed_slots_are_only_booked_when_the_job_says_skip(
    office: Office, declare: Callable[[Job], None]
) -> None:
    declare(evening())
    passed = passed_slots(evening(missed="skip"), office, WEDNESDAY + timedelta(days=1))
    assert (passed.due, passed.gone) == (None, ("2026-04-01T09:00:00+00:00",))
    late = passed_slots(evening(missed="skip"), office, WEDNESDAY + timedelta(hours=9, minutes=40))
    assert late.due is not None  # forty minutes late is still on time


def test_slots_older_than_a_week_are_not_made_up_for(office: Office, declare: Callable[[Job], None]) -> None:
    declare(evening())
    passed = passed_slots(evening(), office, WEDNESDAY + timedelta(days=30))
    assert [slot[5:10] for slot in passed.gone] == ["04-24", "04-27", "04-28"]  # 29 April is a holiday
    assert passed.due is not None
    assert passed.due.slot[5:10] == "04-30"


def test_a_time_outside_the_window_is_no_slot(office: Office, declare: Callable[[Job], None]) -> None:
    declare(evening())
    passed = passed_slots(evening(window="22:00-06:00"), office, WEDNESDAY + timedelta(hours=9))
    assert (passed.due, passed.gone) == (None, ())


def test_a_slot_of_the_night_that_was_slept_through_waits_for_the_next_night(
    office: Office, moment: list[datetime], declare: Callable[[Job], None]
) -> None:
    night = job(when={"cron": "0 5 * * *"}, window="22:00-06:00")
    declare(night)
    moment[0] = datetime.fromisoformat("2026-04-02T08:00+09:00")  # the PC was off until the morning
    free = may_begin(night, {}, office, moment[0])
    assert (free, passed_slots(night, office, moment[0], free=free)) == (False, Passed(None, ()))
    moment[0] = datetime.fromisoformat("2026-04-02T22:00+09:00")
    passed = passed_slots(night, office, moment[0], free=may_begin(night, {}, office, moment[0]))
    assert passed.due == Due("a", "2026-04-01T20:00:00+00:00", "missed")


def test_a_job_that_skips_gives_a_slot_up_once_it_is_late(
    office: Office, declare: Callable[[Job], None]
) -> None:
    late = WEDNESDAY + timedelta(hours=10, seconds=1)
    declare(evening())
    assert passed_slots(evening(missed="skip"), office, late, free=False).gone == (
        "2026-04-01T09:00:00+00:00",
    )
    assert passed_slots(evening(), office, late, free=False) == Passed(None, ())


def test_a_job_is_due_once_after_each_success_of_the_one_it_follows(
    office: Office, declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    follower = job("b", when={"after": "a"})
    declare(follower)
    run = ended("a", RunState.DONE)
    due = due_after(follower, office, office.clock())
    assert due is not None
    assert (due.slot, due.trigger) == (f"after-{run.id}", "after")
    assert office.runs.enter_fired("b", "run", due.slot, due.trigger)
    assert due_after(follower, office, office.clock()) is None
    ended("a", RunState.FAILED)
    assert due_after(follower, office, office.clock()) is None


def test_success_before_a_job_was_declared_does_not_start_it(
    office: Office, moment: list[datetime], declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    ended("a", RunState.DONE)
    moment[0] += timedelta(minutes=1)
    declare(job("b", when={"after": "a"}))
    assert due_after(job("b", when={"after": "a"}), office, office.clock()) is None


def test_a_failed_run_is_tried_again_with_longer_and_longer_waits(
    office: Office, moment: list[datetime], ended: Callable[..., Run]
) -> None:
    patient = job(retries=2, retry_minutes=10)
    first = ended("a", RunState.DIED)
    assert due_retry(patient, office, office.clock() + timedelta(minutes=9)) is None
    due = due_retry(patient, office, office.clock() + timedelta(minutes=10))
    assert due is not None
    assert due.slot == f"retry-{first.id}"
    moment[0] += timedelta(minutes=10)
    second = ended("a", RunState.FAILED, due.slot, "retry")
    assert due_retry(patient, office, office.clock() + timedelta(minutes=19)) is None
    due = due_retry(patient, office, office.clock() + timedelta(minutes=20))
    assert due is not None
    assert due.slot == f"retry-{second.id}"
    moment[0] += timedelta(minutes=20)
    ended("a", RunState.FAILED, due.slot, "retry")
    assert due_retry(patient, office, office.clock() + timedelta(hours=5)) is None


@pytest.mark.parametrize("counts", [{"exit_code": 2}, {"exit_code": 5}])
def test_what_another_try_would_only_repeat_is_not_tried_again(
    office: Office, ended: Callable[..., Run], counts: dict[str, int]
) -> None:
    ended("a", RunState.FAILED, **counts)
    assert due_retry(job(retries=2), office, office.clock() + timedelta(hours=1)) is None


def test_a_run_that_a_person_started_is_left_to_the_person(office: Office, ended: Callable[..., Run]) -> None:
    ended("a", RunState.FAILED, "now-x", "person")
    assert due_retry(job(retries=2), office, office.clock() + timedelta(hours=1)) is None


def test_arriving_files_make_a_reading_job_due_within_its_window(office: Office) -> None:
    reader = job(read="nouzei", when={"on_file": True}, window="08:00-18:00")
    due = due_on_file(reader, office, WEDNESDAY, lambda inbox: inbox == "nouzei")
    assert due is not None
    assert (due.slot, due.trigger) == ("file-2026-04-01T00:00:00+00:00", "file")
    assert due_on_file(reader, office, WEDNESDAY, lambda inbox: False) is None
    assert due_on_file(reader, office, WEDNESDAY + timedelta(hours=12), lambda inbox: True) is None


@pytest.mark.parametrize(
    ("state", "counts", "pause"),
    [
        (RunState.FAILED, {}, True),
        (RunState.DONE, {"exit_code": 0}, True),
        (RunState.DONE, {"read": 1}, False),
    ],
)
def test_files_that_could_not_be_taken_do_not_start_run_after_run(
    office: Office, ended: Callable[..., Run], state: RunState, counts: dict[str, int], pause: bool
) -> None:
    reader = job(read="nouzei", when={"on_file": True}, retry_minutes=10)
    ended("a", state, "file-x", "file", **counts)
    soon, later = office.clock() + timedelta(minutes=9), office.clock() + timedelta(minutes=10)
    assert (due_on_file(reader, office, soon, lambda inbox: True) is None) is pause
    assert due_on_file(reader, office, later, lambda inbox: True) is not None


def test_a_success_is_followed_although_a_later_run_failed_or_works(
    office: Office, declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    follower = job("b", when={"after": "a"})
    declare(follower)
    good = ended("a", RunState.DONE, "s1")
    ended("a", RunState.FAILED, "s2")
    office.runs.enter("a", "run", "s3", "schedule")
    assert due_after(follower, office, office.clock()) == Due("b", f"after-{good.id}", "after")


def test_successes_of_several_nights_are_followed_by_one_run(
    office: Office, moment: list[datetime], declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    follower = job("b", when={"after": "a"}, window="08:00-18:00")
    declare(follower)
    moment[0] = datetime.fromisoformat("2026-04-01T23:00+09:00")
    for night in range(3):
        last = ended("a", RunState.DONE, f"s{night}")
        moment[0] += timedelta(days=1)
    assert due_after(follower, office, office.clock()) is None
    moment[0] += timedelta(hours=10)
    due = due_after(follower, office, office.clock())
    assert due == Due("b", f"after-{last.id}", "after")
    assert office.runs.enter_fired("b", "run", due.slot, due.trigger)
    assert due_after(follower, office, office.clock()) is None


def test_a_reading_that_goes_on_in_a_fresh_process_is_not_followed_yet(
    office: Office, declare: Callable[[Job], None], moment: list[datetime]
) -> None:
    follower = job("b", when={"after": "a"})
    declare(follower)
    half = office.runs.enter("a", "read", "s1", "schedule")
    moment[0] += timedelta(minutes=1)
    office.runs.finish(half.id, RunState.DONE, counts={"read": 5, "left": 3})
    assert due_after(follower, office, office.clock()) is None


def test_a_run_stopped_by_its_window_goes_on_the_next_night_and_only_once(
    office: Office, moment: list[datetime], ended: Callable[..., Run]
) -> None:
    night = job(window="22:00-06:00", when={"cron": "0 22 * * *"})
    moment[0] = datetime.fromisoformat("2026-04-02T05:59+09:00")
    stopped = ended("a", RunState.STOPPED)
    assert due_continue(night, office, office.clock()) is None  # it is 06:00
    moment[0] = datetime.fromisoformat("2026-04-02T22:00+09:00")
    due = due_continue(night, office, office.clock())
    assert due == Due("a", f"continue-{stopped.id}", "continue")
    assert office.runs.enter_fired("a", "run", due.slot, due.trigger)
    assert due_continue(night, office, office.clock()) is None


def test_a_stopped_run_is_no_success_and_no_failure(
    office: Office, declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    follower = job("b", when={"after": "a"})
    declare(follower)
    ended("a", RunState.STOPPED)
    assert due_after(follower, office, office.clock()) is None
    assert due_retry(job(retries=2), office, office.clock() + timedelta(hours=1)) is None


def test_a_run_that_a_person_stopped_is_not_taken_up_again(office: Office, ended: Callable[..., Run]) -> None:
    ended("a", RunState.STOPPED, "now-x", "person")
    assert due_continue(job(), office, office.clock()) is None


@pytest.mark.parametrize("state", [RunState.STOPPED, RunState.FAILED])
def test_a_run_that_a_person_asked_to_end_waits_until_it_is_due_again(
    office: Office, ended: Callable[..., Run], state: RunState
) -> None:
    run, later = ended("a", state), office.clock() + timedelta(hours=1)
    one = job(retries=2)
    assert due_continue(one, office, later) or due_retry(one, office, later)
    office.stops.ask(run.id, "sato", "保守")
    assert due_continue(one, office, later) is None
    assert due_retry(one, office, later) is None


def test_a_clock_that_was_wrong_by_years_silences_no_job(office: Office, moment: list[datetime]) -> None:
    """The service was started while the PC believed to be in 2099, then the clock was set right."""
    moment[0] = datetime(2099, 1, 1, tzinfo=UTC)
    declare_job(evening(), office)
    moment[0] = WEDNESDAY
    declare_job(evening(), office)
    moment[0] += timedelta(hours=9)
    assert passed_slots(evening(), office, moment[0]).due == Due("a", "2026-04-01T09:00:00+00:00", "schedule")


def test_a_clock_set_back_by_an_hour_serves_no_slot_twice(
    office: Office, moment: list[datetime], declare: Callable[[Job], None]
) -> None:
    declare(evening())
    moment[0] = WEDNESDAY + timedelta(hours=9)
    assert office.runs.enter_fired("a", "run", "2026-04-01T09:00:00+00:00", "schedule")
    for minutes in range(-60, 120, 10):
        moment[0] = WEDNESDAY + timedelta(hours=9, minutes=minutes)
        assert passed_slots(evening(), office, moment[0]) == Passed(None, ())


def test_a_paused_job_begins_nothing_and_is_served_once_when_it_is_resumed(
    office: Office, moment: list[datetime], declare: Callable[[Job], None]
) -> None:
    declare(evening())
    office.pauses.pause("a", "sato", "保守")
    moment[0] += timedelta(days=2, hours=9)
    free = may_begin(evening(), {}, office, moment[0])
    assert (free, passed_slots(evening(), office, moment[0], free=free)) == (False, Passed(None, ()))
    office.pauses.resume("a", "sato")
    passed = passed_slots(evening(), office, moment[0], free=may_begin(evening(), {}, office, moment[0]))
    assert passed.due == Due("a", "2026-04-03T09:00:00+00:00", "schedule")
    assert len(passed.gone) == 2


@pytest.mark.parametrize(
    ("state", "met"), [(RunState.DONE, True), (RunState.FAILED, False), (RunState.STOPPED, False)]
)
def test_a_job_waits_until_the_one_it_depends_on_has_succeeded(
    office: Office, ended: Callable[..., Run], state: RunState, met: bool
) -> None:
    jobs = {"a": job("a"), "b": job("b", depends_on="a")}
    assert unmet(jobs["b"], jobs, office, office.clock()) == ("a",)  # it never ran
    ended("a", state)
    assert (unmet(jobs["b"], jobs, office, office.clock()) == ()) is met


def test_yesterdays_success_is_not_enough_when_todays_run_is_due(
    office: Office, moment: list[datetime], declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    jobs = {"a": evening(), "b": job("b", depends_on="a")}
    declare(evening())
    moment[0] += timedelta(hours=9)
    ended("a", RunState.DONE, "2026-04-01T09:00:00+00:00")
    moment[0] += timedelta(hours=23)
    assert unmet(jobs["b"], jobs, office, office.clock()) == ()
    moment[0] += timedelta(hours=1)  # the next evening, and it has not run yet
    assert unmet(jobs["b"], jobs, office, office.clock()) == ("a",)
    ended("a", RunState.DONE, "2026-04-02T09:00:00+00:00")
    assert unmet(jobs["b"], jobs, office, office.clock()) == ()


def test_a_slot_that_waited_for_its_own_last_run_is_on_time_when_that_run_ends(
    office: Office, moment: list[datetime], declare: Callable[[Job], None]
) -> None:
    patient = evening(overlap="queue", missed="skip")
    declare(patient)
    long = office.runs.enter("a", "run", "now-x", "person")
    moment[0] = WEDNESDAY + timedelta(hours=12)
    office.runs.finish(long.id, RunState.DONE, counts={})
    due = passed_slots(patient, office, moment[0] + timedelta(minutes=1)).due
    assert due == Due("a", "2026-04-01T09:00:00+00:00", "schedule")
    assert passed_slots(evening(missed="skip"), office, moment[0]).due is None


def test_a_queue_makes_a_job_due_when_it_is_long_enough(office: Office, moment: list[datetime]) -> None:
    robot = job(when={"on_queue": {"process": "kouza", "at_least": 3}})
    for key in ("1", "2"):
        office.ledger.put("kouza", key, {}, who="test", why="test")
    assert due_on_queue(robot, office, office.clock()) is None
    office.ledger.put("other", "3", {}, who="test", why="test")
    assert due_now(robot, office, office.clock()) is None
    office.ledger.put("kouza", "3", {}, who="test", why="test")
    assert due_now(robot, office, office.clock()) == Due("a", f"queue-{slot_name(moment[0])}", "queue")
    office.ledger.claim("kouza", run="r", who="robot")
    assert due_on_queue(robot, office, office.clock()) is None


def test_a_queue_that_a_run_could_not_shorten_does_not_start_run_after_run(
    office: Office, ended: Callable[..., Run]
) -> None:
    robot = job(when={"on_queue": {"process": "kouza"}}, retry_minutes=10)
    office.ledger.put("kouza", "1", {}, who="test", why="test")
    ended("a", RunState.FAILED, "queue-x", "queue")
    assert due_on_queue(robot, office, office.clock() + timedelta(minutes=9)) is None
    assert due_on_queue(robot, office, office.clock() + timedelta(minutes=10)) is not None


def test_the_lanes_of_one_firing_count_as_one(
    office: Office, moment: list[datetime], declare: Callable[[Job], None]
) -> None:
    follower = job("b", when={"after": "a"})
    declare(follower)
    first = office.runs.enter("a", "run", "s", "schedule", lanes=2)
    [_, second] = office.runs.lanes_of(first)
    office.runs.finish(first.id, RunState.DONE, counts={})
    assert due_after(follower, office, office.clock()) is None  # the other lane still works
    office.runs.finish(second.id, RunState.FAILED, counts={})
    assert due_after(follower, office, office.clock()) is None
    moment[0] += timedelta(hours=1)
    assert due_retry(job(retries=1), office, office.clock()) == Due("a", f"retry-{first.id}", "retry")


def test_runs_from_a_wrong_future_neither_rest_nor_repeat_a_job(
    office: Office, moment: list[datetime], declare: Callable[[Job], None], ended: Callable[..., Run]
) -> None:
    reader = job(read="nouzei", when={"on_file": True}, retries=1)
    moment[0] = datetime(2099, 1, 1, tzinfo=UTC)
    ended("a", RunState.FAILED, "file-x", "file")
    moment[0] = WEDNESDAY
    due = due_now(reader, office, office.clock(), lambda inbox: True)
    assert due is not None
    assert due.trigger == "file"
    failed = ended("a", RunState.FAILED, due.slot, "file")
    moment[0] += timedelta(hours=1)
    assert due_now(reader, office, office.clock()) == Due("a", f"retry-{failed.id}", "retry")
