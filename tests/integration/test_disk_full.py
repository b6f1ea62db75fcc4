"""On a disk that is as good as full nothing new is begun, nothing is lost, and people are told why."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from backoffice.messages import use_language
from backoffice.settings_operations import DiskSettings
from backoffice.work_items import State
from console.tasks import AskedToStop, ReadTask
from console.wiring import Office, open_office
from scheduler.child import Stop
from scheduler.due import may_begin

FULL = DiskSettings(warn_gb=10**9, stop_gb=10**9)


@pytest.fixture
def full(tmp_path: Path, migrated: Path) -> Office:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    use_language("ja")
    shutil.copytree(Path("configs"), tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    office = open_office(tmp_path / "configs")
    return replace(office, settings=office.settings.model_copy(update={"disk": FULL}))


def test_a_reading_run_leaves_every_scan_in_the_inbox_and_says_why(full: Office) -> None:
    inbox = full.settings.folder("inbox") / "nouzei"
    inbox.mkdir()
    shutil.copy(Path("samples/forms/kouza_furikae.pdf"), inbox / "a.pdf")
    job = full.jobs["nouzei_yomitori"]
    run = full.runs.enter(job.job, job.kind, "now-1", "person")
    outcome = ReadTask(full)(run, job, Stop())
    assert [path.name for path in inbox.glob("*.pdf")] == ["a.pdf"]
    assert full.documents.files() == []
    assert outcome.reason.startswith("ディスクの空きが")
    assert not outcome.failed


def test_a_robot_stops_between_items_and_goes_on_when_there_is_room() -> None:
    disk = SimpleNamespace(full=True)
    stop = AskedToStop(Stop(), lambda: disk.full)
    assert stop.is_set()
    disk.full = False
    assert not stop.is_set()


def test_an_item_that_waits_is_not_claimed_on_a_full_disk(full: Office) -> None:
    from console.tasks import RobotTask

    full.vault.put("townoffice_password", "x")
    item, _ = full.ledger.put("kouza_furikae", "1", {}, who="t", why="t")
    job = full.jobs["kouza_touroku"]
    run = full.runs.enter(job.job, job.kind, "now-1", "person")
    outcome = RobotTask(full)(run, job, Stop())
    assert full.ledger.get(item.id).state is State.NEW
    assert "ディスクの空きが" in outcome.reason


def test_a_job_that_is_due_waits_until_there_is_room(full: Office) -> None:
    job, now = full.jobs["kouza_touroku"], full.clock()
    assert full.books.full()
    assert not may_begin(job, full.jobs, full.books, now)
    assert may_begin(job, full.jobs, replace(full.books, full=lambda: False), now)
