"""The daily upkeep takes what is past its days and no more, once a day, and says what it would take."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.disk import Level, is_full, look_at_disk
from backoffice.document import DocumentState, NewDocument
from backoffice.errors import SettingsError
from backoffice.locks import held
from backoffice.messages import use_language
from backoffice.settings_operations import DiskSettings, KeepingSettings
from console.cli import main
from console.daily import Daily, remembered
from console.notices import notice_book
from console.upkeep import LOCK, carry_out, in_ranges, legal_hold, plan_upkeep
from console.wiring import Office, open_office
from scheduler.notices import Channel, Target

NOON = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)  # 12:30 in Tokyo
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def japanese() -> Iterator[None]:
    use_language("ja")
    yield


@pytest.fixture
def configs(tmp_path: Path, migrated: Path) -> Path:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    shutil.copytree(Path("configs"), tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    return tmp_path / "configs"


def opened(configs: Path, now: datetime = NOON, **keeping: object) -> Office:
    office = open_office(configs)
    settings = office.settings.model_copy(update={"keeping": KeepingSettings(**keeping)})
    return replace(office, settings=settings, clock=lambda: now)


def old_file(path: Path, days: float, size: int = 1) -> Path:
    """Make a file that was last changed some days before NOON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    when = (NOON - timedelta(days=days)).timestamp()
    os.utime(path, (when, when))
    return path


def discard_a_document(office: Office) -> int:
    file = office.documents.claim_file("nouzei", "a.pdf", "0" * 64, 1, "originals/nouzei/a.pdf")
    new = NewDocument(file.id, 0, "nouzei", "kouza_furikae", 1, ({"picture": ""},), ())
    document = office.documents.get(office.documents.add_document(new))
    office.documents.close(document.id, document.revision, DocumentState.DISCARDED)
    return document.id


def test_nothing_personal_goes_while_the_town_has_named_no_days(configs: Path) -> None:
    discard_a_document(opened(configs))
    old_file(configs.parent / "var" / "outbox" / "list.xlsx", 3000)
    upkeep = plan_upkeep(opened(configs, NOON + 10 * YEAR), NOON + 10 * YEAR)
    assert {kind for kind, count in upkeep.counts().items() if count} == set()


def test_what_goes_is_noted_in_the_audit_trail_without_a_name(configs: Path) -> None:
    document = discard_a_document(opened(configs))
    office = opened(configs, NOON + YEAR, document_days=30)
    assert carry_out(office, plan_upkeep(office, office.clock()), who="sato")
    [done, erased] = office.audit.entries()[:2]
    assert (erased.who, erased.what, erased.details["documents"]) == ("sato", "records.erased", str(document))
    assert (done.what, done.details) == ("upkeep.done", {"documents": 1})


def test_logs_go_by_age_and_then_by_size_but_never_one_in_use(configs: Path) -> None:
    logs = configs.parent / "var" / "logs"
    ancient = old_file(logs / "run-ancient.log", 200)
    big = old_file(logs / "run-big.log", 20, 800_000)
    small = old_file(logs / "run-small.log", 10, 300_000)
    now = old_file(logs / "run-now.log", 0.1, 1_500_000)
    office = opened(configs, log_megabytes=1)
    assert plan_upkeep(office, NOON).paths["logs"] == (ancient, big, small)
    assert now.exists()


def test_a_lock_of_an_old_run_goes_unless_somebody_holds_it(configs: Path) -> None:
    locks = configs.parent / "var" / "locks"
    old, recent = old_file(locks / "run-a.lock", 40), old_file(locks / "run-b.lock", 2)
    held_one, service = old_file(locks / "run-c.lock", 40), old_file(locks / "service-hakadori.lock", 40)
    office = opened(configs)
    with held(held_one):
        os.utime(held_one, (1, 1))
        assert plan_upkeep(office, NOON).paths["locks"] == (old,)
    assert recent.exists() and service.exists()


def test_the_outbox_and_evidence_stay_while_anything_is_held(configs: Path) -> None:
    var = configs.parent / "var"
    listed = old_file(var / "outbox" / "list.xlsx", 100)
    old_file(var / "evidence" / "run1" / "1" / "steps.jsonl", 1000)
    os.utime(var / "evidence" / "run1", (1, 1))
    plan = plan_upkeep(opened(configs, outbox_days=30), NOON)
    assert plan.paths["outbox"] == (listed,)
    assert plan.paths["evidence"] == (var / "evidence" / "run1",)
    held_plan = plan_upkeep(opened(configs, outbox_days=30, hold=("nouzei",)), NOON)
    assert (held_plan.paths["outbox"], held_plan.paths["evidence"]) == ((), ())


def test_receipts_go_with_the_days_of_documents(configs: Path) -> None:
    receipt = old_file(configs.parent / "var" / "receipts" / "nouzei" / "a.pdf.receipt.txt", 100)
    assert plan_upkeep(opened(configs), NOON).paths["receipts"] == ()
    assert plan_upkeep(opened(configs, document_days=30), NOON).paths["receipts"] == (receipt,)
    held_plan = plan_upkeep(opened(configs, document_days=30, hold=("nouzei",)), NOON)
    assert held_plan.paths["receipts"] == ()


def test_a_reason_file_goes_only_when_its_scan_has_gone(configs: Path) -> None:
    failed = configs.parent / "var" / "failed" / "nouzei"
    lone = old_file(failed / "a.pdf.reason.txt", 100)
    old_file(failed / "b.pdf.reason.txt", 100)
    old_file(failed / "b.pdf", 100)
    assert plan_upkeep(opened(configs, failed_days=30), NOON).paths["reasons"] == (lone,)


def test_a_hold_that_names_nothing_known_stops_the_upkeep(configs: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        plan_upkeep(opened(configs, hold=("nouzai",), document_days=1), NOON)
    assert (
        raised.value.parts().what == "保全の名前「nouzai」は、部署にも業務にもありません。もしかして: nouzei"
    )


def test_a_hold_on_a_process_keeps_its_forms_too(configs: Path) -> None:
    office = opened(configs, hold=("kouza_furikae",))
    assert legal_hold(office).forms == {"kouza_furikae"}


def test_the_dry_run_removes_nothing_and_the_real_one_does(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = configs.parent / "var" / "logs" / "run-old.log"
    log.parent.mkdir()
    log.write_text("x")
    os.utime(log, (1, 1))
    words = ["--configs", str(configs), "clean"]
    assert main([*words, "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["dry_run"], told["logs"], log.exists()) == (True, ["logs/run-old.log"], True)
    assert main([*words]) == 0
    assert not log.exists()
    assert "keeping: document_days が 0 なので" in capsys.readouterr().out


def test_a_second_upkeep_at_the_same_moment_does_nothing(configs: Path) -> None:
    office = opened(configs)
    with held(office.settings.folder("locks") / LOCK):
        assert not carry_out(office, plan_upkeep(office, NOON), who="sato")


def test_notices_go_when_they_are_old_and_closed(configs: Path) -> None:
    office = opened(configs)
    book = notice_book(office)
    for number, state in enumerate(("sent", "given_up", "waiting")):
        book.enter(f"failure/{number}", "job", "nouzei", "failure", Target(Channel.MAIL, "a@example.jp"), {})
        with office.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE notices SET state = '{state}' WHERE id = {number + 1}")
    later = opened(configs, NOON + YEAR, notice_days=364)
    upkeep = plan_upkeep(later, later.clock())
    assert (upkeep.counts()["notices"], upkeep.as_json(later.settings.var)["notices"]) == (2, [1, 2])
    assert carry_out(later, upkeep, who="sato")
    assert [one.key for one in book.list()] == ["failure/2"]
    recent = opened(configs, NOON + YEAR, notice_days=366)
    assert plan_upkeep(recent, recent.clock()).notices == ()


def test_a_scan_that_cannot_be_erased_does_not_cost_the_backup(
    configs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, backups = [NOON], list[datetime]()

    def backup(_office: Office) -> Path:
        backups.append(moment[0])
        return Path("x")

    def locked(*_: object, **__: object) -> bool:
        raise PermissionError(13, "open in a viewer")

    daily = Daily(replace(opened(configs), clock=lambda: moment[0]), backup=backup)
    with monkeypatch.context() as patched:
        patched.setattr("console.daily.carry_out", locked)
        daily.look()
    assert (backups, "day" in remembered(configs.parent / "var")) == ([NOON], False)
    moment[0] = NOON + timedelta(minutes=61)
    daily.look()
    assert (backups, remembered(configs.parent / "var")["day"]) == ([NOON], "2026-11-20")


def test_a_day_that_was_written_while_the_clock_was_wrong_holds_nothing_up(configs: Path) -> None:
    backups = list[datetime]()

    def backup(office: Office) -> Path:
        backups.append(office.clock())
        return Path("x")

    for now in (NOON + 10 * YEAR, NOON, NOON + timedelta(hours=1)):
        Daily(opened(configs, now), backup=backup).look()
    assert backups == [NOON + 10 * YEAR, NOON]


def test_the_day_s_work_is_done_once_also_when_the_service_starts_again(configs: Path) -> None:
    backups: list[str] = []

    def backup(office: Office) -> Path:
        backups.append(office.clock().isoformat())
        return Path("x")

    for hour in (-1, 0, 1, 5, 24, 25):  # hours after half past twelve; the first is for the day before
        Daily(opened(configs, NOON + timedelta(hours=hour)), backup=backup).look()
    assert backups == [(NOON + timedelta(hours=hour)).isoformat() for hour in (-1, 0, 24)]
    assert remembered(configs.parent / "var")["day"] == "2026-11-21"


def test_a_day_s_work_that_failed_is_tried_again_an_hour_later(configs: Path) -> None:
    moment = [NOON]
    tries: list[datetime] = []

    def backup(_office: Office) -> Path:
        tries.append(moment[0])
        raise OSError("no such share")

    daily = Daily(replace(opened(configs), clock=lambda: moment[0]), backup=backup)
    for minutes in (0, 30, 61):
        moment[0] = NOON + timedelta(minutes=minutes)
        daily.look()
    assert tries == [NOON, NOON + timedelta(minutes=61)]
    assert "day" not in remembered(configs.parent / "var")


@pytest.mark.parametrize(("free", "level"), [(6e9, Level.ENOUGH), (4e9, Level.LOW), (0.5e9, Level.FULL)])
def test_the_disk_is_enough_low_or_full_by_the_settings(configs: Path, free: float, level: Level) -> None:
    settings = open_office(configs).settings
    assert settings.disk == DiskSettings()
    assert look_at_disk(settings, lambda _: int(free)).level is level
    assert is_full(settings, lambda _: int(free)) is (level is Level.FULL)


def test_a_folder_that_cannot_be_looked_at_counts_as_full(configs: Path) -> None:
    def gone(_folder: Path) -> int:
        raise OSError

    assert is_full(open_office(configs).settings, gone)


def test_numbers_are_told_in_ranges() -> None:
    assert in_ranges([7, 1, 2, 3, 9]) == "1-3, 7, 9"
