"""What is due is read from the books: nothing fires twice, and nothing that a PC slept through is forgotten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.runs import Run, RunState
from backoffice.settings import builtin_settings
from scheduler.due import due_after, due_on_file, due_retry, passed_slots
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


def test_a_slot_outside_the_window_is_only_booked(office: Office, declare: Callable[[Job], None]) -> None:
    declare(evening())
    passed = passed_slots(evening(window="22:00-06:00"), office, WEDNESDAY + timedelta(hours=9))
    assert (passed.due, len(passed.gone)) == (None, 1)


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
