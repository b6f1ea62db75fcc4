"""A paused job stays paused, everybody sees by whom and why, and both moves stand in the audit trail."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.audit import AuditTrail
from backoffice.database import open_database, upgrade
from backoffice.runs import RunBook, RunState
from scheduler.errors import JobPaused, NotPaused
from scheduler.past import last_firings, unserved
from scheduler.pauses import PauseBook

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'pauses.db'}"
    upgrade(open_database(url))
    return url


def book(home: str) -> PauseBook:
    """Open the book anew, as after a restart."""
    return PauseBook(open_database(home), lambda: NOW)


def test_a_pause_outlives_a_restart(home: str) -> None:
    book(home).pause("touroku", "sato", "システム保守")
    pause = book(home).of("touroku")
    assert pause is not None
    assert (pause.who, pause.why, pause.at) == ("sato", "システム保守", NOW)
    assert book(home).of("yomitori") is None


def test_pausing_twice_tells_who_did_it_first(home: str) -> None:
    book(home).pause("touroku", "sato", "システム保守")
    with pytest.raises(JobPaused) as caught:
        book(home).pause("touroku", "suzuki", "念のため")
    assert caught.value.explain("ja") == (
        "touroku: ジョブ「touroku」は休止中です(2026-04-01 18:00 から、sato)\n"
        "  理由: 休止の理由: システム保守\n"
        "  対処: 理由がなくなったら hakadori job resume touroku で再開してください。"
    )
    with pytest.raises(JobPaused):
        book(home).demand_free("touroku")


def test_only_a_paused_job_can_be_resumed(home: str) -> None:
    with pytest.raises(NotPaused, match="休止していません"):
        book(home).resume("touroku", "sato")
    book(home).pause("touroku", "sato", "保守")
    assert book(home).resume("touroku", "suzuki").who == "sato"
    assert book(home).all() == {}
    book(home).demand_free("touroku")


def test_both_moves_stand_in_the_audit_trail(home: str) -> None:
    book(home).pause("touroku", "sato", "保守")
    book(home).resume("touroku", "suzuki", "保守が済んだ")
    trail = AuditTrail(open_database(home))
    assert [(one.who, one.what, one.subject, one.details) for one in reversed(trail.entries())] == [
        ("sato", "job.pause", "job/touroku", {"why": "保守"}),
        ("suzuki", "job.resume", "job/touroku", {"why": "保守が済んだ"}),
    ]
    assert trail.verify() is None


def test_slots_that_nobody_served_are_remembered(home: str, tmp_path: Path) -> None:
    database = open_database(home)
    runs = RunBook(database, tmp_path, lambda: NOW)
    for slot, outcome in (("2026-04-01T09:00:00+00:00", "missed"), ("2026-04-02T09:00:00+00:00", "skipped")):
        runs.fire("a", slot, outcome)
    runs.fire("a", "2026-04-03T09:00:00+00:00", "declared")
    runs.fire("b", "2026-04-04T09:00:00+00:00", "missed")
    assert [(one.slot[:10], one.outcome) for one in unserved(database, "a")] == [
        ("2026-04-02", "skipped"),
        ("2026-04-01", "missed"),
    ]
    assert len(unserved(database)) == 3


def test_the_lanes_of_a_firing_are_taken_together(home: str, tmp_path: Path) -> None:
    moment = [NOW]
    runs = RunBook(open_database(home), tmp_path, lambda: moment[0])
    first = runs.enter("a", "run", "s1", "schedule", lanes=3)
    moment[0] += timedelta(minutes=1)
    runs.enter("a", "run", "s2", "schedule")
    newest, before = last_firings(runs, "a")
    assert (len(newest.runs), len(before.runs), before.first.id) == (1, 3, first.id)
    for lane, state in zip(before.runs, (RunState.DONE, RunState.STOPPED, RunState.DONE), strict=True):
        assert last_firings(runs, "a")[1].ended_at is None
        runs.finish(lane.id, state, counts={})
    ended = last_firings(runs, "a")[1]
    assert (ended.ended_at, ended.stopped, ended.succeeded, ended.broken) == (moment[0], True, False, ())
