"""`hakadori doctor` finds what would stop a night's work, says what to do, and never breaks itself."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backoffice.messages import use_language
from backoffice.settings import BrowserSettings
from backoffice.settings_operations import DiskSettings, KeepingSettings, MonitorSettings
from backoffice.work_items import State
from console.cli import main
from console.doctor import clocks, declared, examination, leftovers, machine, storage
from console.doctor.finding import Finding, Level, fine
from console.notices import notice_book
from console.wiring import Office, open_office
from scheduler.notices import Channel, NoticeBook, Target


@pytest.fixture(autouse=True)
def japanese() -> None:
    use_language("ja")


@pytest.fixture
def configs(tmp_path: Path, migrated: Path) -> Path:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    shutil.copytree(Path("configs"), tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    return tmp_path / "configs"


@pytest.fixture
def office(configs: Path) -> Office:
    return open_office(configs)


def with_settings(office: Office, **changed: object) -> Office:
    return replace(office, settings=office.settings.model_copy(update=changed))


def levels(found: Iterable[Finding]) -> list[tuple[Level, str]]:
    return [(finding.level, finding.told) for finding in found]


def only(found: Iterable[Finding]) -> Finding:
    [finding] = found
    return finding


def test_the_command_tells_everything_and_ends_with_2_while_a_secret_is_missing(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--configs", str(configs), "doctor", "--json"]) == 2
    found = {one["check"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(found) == {"settings"} | {
        name for name, _ in (*examination.OF_THE_MACHINE, *examination.OF_THE_OFFICE)
    }
    assert {name for name, one in found.items() if one["level"] == "error"} == {"secrets"}
    assert "townoffice_password" in found["secrets"]["told"]
    assert "hakadori secret set" in found["secrets"]["do"]


def test_a_secret_that_is_stored_is_named_and_never_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAKADORI_SECRET_TOWNOFFICE_PASSWORD", "geheim")
    assert only(declared.secrets(office)).in_words() == "[良] 秘密: townoffice_password"


def test_broken_settings_are_a_finding_and_the_machine_is_looked_at_all_the_same(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (configs / "hakadori.yaml").write_text("town: [", encoding="utf-8")
    assert main(["--configs", str(configs), "doctor", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert [one["check"] for one in found] == ["packages", "fonts", "settings"]
    assert "hakadori.yaml:" in found[-1]["told"]


@pytest.mark.parametrize("how", ["no server", "no database file"])
def test_a_database_that_cannot_be_opened_is_told_with_what_to_do(
    configs: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "no server":
        monkeypatch.setenv("HAKADORI_DATABASE", "postgresql+psycopg://hakadori@127.0.0.1:1/none")
    else:
        (configs.parent / "var" / "hakadori.db").write_bytes(b"no database at all" * 1000)
    found = examination.examine(configs, None)
    assert [(one.check, one.level) for one in found][-1] == ("database", Level.ERROR)
    assert found[-1].told.startswith("データベースを開けません: ")
    assert "hakadori restore" in found[-1].do


def test_a_check_that_breaks_is_a_finding_without_the_words_of_the_error() -> None:
    def breaks() -> Iterable[Finding]:
        yield fine("disk", "so far")
        raise RuntimeError("山田花子")

    found = examination.looked("disk", breaks)
    assert [one.level for one in found] == [Level.OK, Level.ERROR]
    assert "RuntimeError" in found[1].told
    assert "山田" not in found[1].in_words()


def test_every_finding_can_be_told_in_both_languages() -> None:
    from backoffice.messages import room_catalogue

    catalogue = room_catalogue("operations")
    checks = {"settings"} | {name for name, _ in (*examination.OF_THE_MACHINE, *examination.OF_THE_OFFICE)}
    assert {f"check_{name}" for name in checks} == {
        name for name in catalogue["texts"] if name.startswith("check_")
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path("console/doctor").glob("*.py"))
    for name in (name for name in catalogue["errors"] if name.startswith("doctor_")):
        assert f'"{name.removeprefix("doctor_")}"' in code, name


def test_packages_in_other_versions_are_told(tmp_path: Path) -> None:
    pins = tmp_path / "constraints.txt"
    pins.write_text("pydantic==0.0.1\nnot-there==1\nsqlalchemy==2.1.9 ; sys_platform == 'win32'\n")
    assert [name.partition(" ")[0] for name in machine._not_as_pinned(pins)] == ["pydantic"]
    assert list(machine._not_as_pinned(tmp_path / "none.txt")) == []
    assert list(machine._lacking("hakadori")) == []


def test_a_browser_that_is_no_browser_is_told_after_trying_it(office: Office, tmp_path: Path) -> None:
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    found = only(machine.browser(with_settings(office, browser=BrowserSettings(executable=fake))))
    assert (found.level, found.told.partition(":")[0]) == (Level.ERROR, "ブラウザーが始まりません")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a desktop or none")
def test_a_screen_is_asked_for_only_when_something_needs_it(office: Office) -> None:
    assert only(machine.screen(office, {})).level is Level.OK
    seen = with_settings(office, browser=BrowserSettings(headless=False))
    assert only(machine.screen(seen, {})).told.startswith("画面がありません(必要なもの: browser: headless)")
    assert only(machine.screen(seen, {"DISPLAY": ":987"})).told.startswith("画面 :987 につながりません")


def test_a_database_that_cannot_be_written_is_told_and_nothing_is_left_of_the_try(office: Office) -> None:
    assert [one.level for one in storage.database(office)] == [Level.OK]
    with office.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM firings").scalar() == 0
        connection.rollback()
        connection.exec_driver_sql(
            "CREATE TRIGGER closed BEFORE INSERT ON firings BEGIN SELECT RAISE(FAIL, 'no'); END"
        )
        connection.commit()
    assert only(storage.database(office)).told.startswith("データベースに書き込めません")


def test_a_database_on_a_share_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "file_system", lambda _path: "cifs")
    assert next(iter(storage.database(office))).told.startswith(
        "SQLite のデータベースが共有フォルダーにあります"
    )


def test_a_folder_that_takes_no_files_is_told(office: Office, tmp_path: Path) -> None:
    shutil.rmtree(office.settings.var / "outbox", ignore_errors=True)
    (office.settings.var / "outbox").write_text("a file in its place")
    away = with_settings(office, folders={"zeimu": tmp_path / "no share"})
    found = list(storage.folders(away))
    assert [one.level for one in found] == [Level.ERROR, Level.WARNING]
    assert str(office.settings.var / "outbox") in found[0].told
    assert "zeimu" in found[1].told
    assert not list(office.settings.var.rglob(".doctor-*"))


def test_the_disk_is_told_by_its_two_limits(office: Office) -> None:
    cases = [((1e-9, 1e-9), Level.OK), ((1e9, 1e-9), Level.WARNING), ((1e9, 1e9), Level.ERROR)]
    for (warn, stop), level in cases:
        disk = DiskSettings(warn_gb=warn, stop_gb=stop)
        assert only(storage.disk(with_settings(office, disk=disk))).level is level


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_key_that_others_can_read_is_told(office: Office) -> None:
    office.vault.put("a", "b")
    assert only(storage.keys(office)).level is Level.OK
    (office.settings.var / "secrets.key").chmod(0o644)
    assert only(storage.keys(office)).told.startswith("鍵をほかの人が読めます")


def test_a_clock_that_went_back_behind_the_last_event_is_told(office: Office) -> None:
    office.ledger.put("p", "1", {}, who="t", why="t")
    back = replace(office, clock=lambda: office.clock() - timedelta(hours=3))
    assert any(one.told.startswith("時計が戻っています") for one in clocks.clock(back))
    assert not any(one.told.startswith("時計が戻っています") for one in clocks.clock(office))


def test_an_unknown_time_zone_is_told(office: Office) -> None:
    assert only(clocks.clock(with_settings(office, timezone="Asia/Tokio"))).told.startswith(
        "時間帯「Asia/Tokio」"
    )


def test_a_file_system_with_another_clock_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.stat

    def late(path: Path, **more: object) -> os.stat_result:
        told = real(path, **more)
        if not path.name.startswith(".doctor-"):
            return told
        return os.stat_result([*told[:8], told.st_mtime - 90, *told[9:]])

    monkeypatch.setattr(Path, "stat", late)
    assert any("90 秒ずれています" in one.told or "89 秒" in one.told for one in clocks.clock(office))


def test_secrets_of_the_settings_count_too(office: Office) -> None:
    watched = with_settings(office, monitor=MonitorSettings(secret="metrics_token"))
    assert "metrics_token, townoffice_password" in only(declared.secrets(watched)).told


def test_a_damaged_network_is_found_by_its_checksum(tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(Path("ocr") / "models", models)
    assert declared.damaged_of_ours(models) == []
    (models / "marks.onnx").write_bytes((models / "marks.onnx").read_bytes()[:-1])
    (models / "cells.json").unlink()
    assert declared.damaged_of_ours(models) == ["cells.json", "marks.onnx"]


def test_another_network_in_the_working_folder_is_told(office: Office) -> None:
    assert [one.level for one in declared.weights(office)] == [Level.OK]
    prepared = office.settings.folder("models") / "PP-OCRv6_small_rec" / "inference.onnx"
    prepared.write_bytes(b"another")
    assert next(iter(declared.weights(office))).told.startswith("配られたものと違う学習済みデータ")


def test_what_waits_for_a_person_is_told(office: Office) -> None:
    spool = office.settings.folder("spool")
    (spool / "done-1-2.conflict").write_text("{}")
    (spool / "done-3-4.json").write_text("{}")
    assert [one.level for one in leftovers.spool(office)] == [Level.ERROR, Level.WARNING]
    item, _ = office.ledger.put("p", "1", {}, who="t", why="t")
    for state in (State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT):
        item = office.ledger.move(item, state, who="t", why="t")
    refused = office.settings.folder("failed") / "nouzei" / "a.pdf"
    refused.parent.mkdir()
    for path in (refused, refused.with_name("a.pdf.reason.txt")):
        path.write_text("x")
        os.utime(path, (1, 1))
    told = [one.told for one in leftovers.waiting(office)]
    assert [line.partition("。")[0] for line in told] == [
        "登録の有無が不明な案件が 1 件あります",
        "読み取れなかったファイルが 1 件、7 日より長く残っています",
    ]


def test_a_dead_run_and_its_stale_lock_are_told(office: Office) -> None:
    run = office.runs.enter("kouza_touroku", "run", "now-1", "person")
    office.runs.lock_file(run.id).parent.mkdir(exist_ok=True)
    later = replace(office, clock=lambda: office.clock() + timedelta(hours=1))
    assert "kouza_touroku" in only(leftovers.runs(later)).told


def test_notices_that_did_not_reach_anybody_are_told(office: Office) -> None:
    assert only(leftovers.notices(office)).level is Level.OK
    book, now = notice_book(office), office.clock()
    for number in range(2):
        target = Target(Channel.MAIL, "a@example.jp")
        book.enter(f"failure/{number}", "job", "nouzei", "failure", target, {})
    lost = book.take()
    assert lost is not None
    later = NoticeBook(office.engine, lambda: now + timedelta(days=4))
    later.not_sent(lost, "メールサーバーが応じません")
    told = [one.told for one in leftovers.notices(replace(office, clock=lambda: now + timedelta(days=4)))]
    assert [line.partition("。")[0] for line in told] == [
        "送れずにあきらめた通知が 1 件あります(この 7 日間)",
        "まだ送れていない通知が 1 件あります",
    ]
    assert "メールサーバーが応じません" in told[0]


def test_weights_of_the_workload_that_cannot_be_read_are_told(office: Office) -> None:
    assert [one.level for one in examination.looked("workload", lambda: declared.workload(office))] == [
        Level.OK
    ]
    (office.configs / "workload.yaml").write_text("routine: {入力: 3}\n", encoding="utf-8")
    finding = only(examination.looked("workload", lambda: declared.workload(office)))
    assert (finding.level, "workload.yaml:1:" in finding.told) == (Level.ERROR, True)


def test_a_backup_from_the_future_proves_nothing(office: Office, tmp_path: Path) -> None:
    decided = with_settings(office, keeping=KeepingSettings(backup_folder=tmp_path))
    memory = {"backup": (office.clock() + timedelta(days=400)).isoformat()}
    (office.settings.var / "upkeep.json").write_text(json.dumps(memory))
    assert only(leftovers.backup(decided)).level is Level.WARNING


def test_undecided_retention_and_missing_backups_are_told(office: Office, tmp_path: Path) -> None:
    assert only(leftovers.keeping(office)).level is Level.WARNING
    assert only(leftovers.backup(office)).told.startswith("毎日のバックアップが設定されていません")
    decided = with_settings(office, keeping=KeepingSettings(document_days=365, backup_folder=tmp_path))
    assert only(leftovers.keeping(decided)).level is Level.OK
    assert only(leftovers.backup(decided)).told.startswith("最後の毎日のバックアップが古いままです: なし")
    memory = {"backup": office.clock().isoformat()}
    (office.settings.var / "upkeep.json").write_text(json.dumps(memory))
    assert only(leftovers.backup(decided)).level is Level.OK


def test_a_changed_audit_trail_is_told(office: Office) -> None:
    office.audit.note("sato", "document.view", "document/1")
    office.audit.note("sato", "document.view", "document/2")
    assert only(leftovers.audit(office)).level is Level.OK
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET who = 'suzuki' WHERE id = 1")
    assert only(leftovers.audit(office)).told.startswith("監査記録のつながりが 1 番で切れています")
