"""What starts the service at boot is right for systemd and Windows, whatever the folders are called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from backoffice.messages import use_language
from backoffice.settings import load_settings
from backoffice.tables import service_heartbeats
from console.cli import main
from console.errors import ServiceWrong
from console.service_install import install, installed_of, plan_systemd, uninstall
from console.service_task import task_xml
from console.service_unit import Installed, quoted, unit_text
from console.wiring import open_office

AWKWARD = "税務課 の 50%z $HOME \"'\\ はかどり"
SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.fixture(autouse=True)
def japanese() -> None:
    use_language("ja")


@pytest.fixture
def configs(tmp_path: Path, migrated: Path) -> Path:
    home = tmp_path / AWKWARD
    (home / "var").mkdir(parents=True)
    shutil.copy(migrated, home / "var")
    shutil.copytree(Path("configs"), home / "configs")
    shutil.copytree(Path("samples") / "forms", home / "samples" / "forms")
    return home / "configs"


def verify(unit: Path) -> str:
    """Let systemd itself read a unit; returns its complaints, which are none when all is well."""
    asked = shutil.which("systemd-analyze")
    if asked is None:
        pytest.skip("no systemd-analyze here")
    done = subprocess.run([asked, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if unit.name in line)


def test_systemd_understands_the_unit_with_blanks_signs_and_japanese(configs: Path, tmp_path: Path) -> None:
    plan = plan_systemd(configs, load_settings(configs), "daemon", folder=tmp_path / "units")
    plan.path.parent.mkdir()
    plan.path.write_bytes(plan.content)
    assert verify(plan.path) == ""


def test_systemd_finds_fault_with_a_unit_whose_signs_are_not_doubled(configs: Path, tmp_path: Path) -> None:
    plan = plan_systemd(configs, load_settings(configs), "daemon", folder=tmp_path / "units")
    plan.path.parent.mkdir()
    plan.path.write_text(plan.text.replace("%%", "%"), encoding="utf-8")
    assert verify(plan.path) != ""


def test_the_command_of_the_unit_comes_out_word_for_word(configs: Path, tmp_path: Path) -> None:
    """Undo the quoting by systemd's rules, written down a second time and the other way round."""
    made = installed_of(configs, load_settings(configs), "daemon")
    line = next(one for one in unit_text(made).splitlines() if one.startswith("ExecStart="))
    words = [
        word.replace('\\"', '"').replace("\\\\", "\\").replace("$$", "$").replace("%%", "%")
        for word in line.removeprefix('ExecStart="').removesuffix('"').split('" "')
    ]
    assert words == [sys.executable, *made.arguments]


def test_the_unit_is_hardened_and_lets_an_item_end() -> None:
    text = unit_text(Installed(Path("/p"), Path("/h"), Path("/c"), Path("/v"), (Path("/s"),), "hakadori"))
    for line in (
        "User=hakadori",
        "Restart=on-failure",
        "RestartPreventExitStatus=2 5",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "KillMode=mixed",
        "TimeoutStopSec=180",
        'ReadWritePaths="/v" "-/s"',
        "WantedBy=multi-user.target",
    ):
        assert line in text.splitlines()


def test_a_unit_of_one_s_own_has_no_user_and_starts_with_the_session() -> None:
    lines = unit_text(Installed(Path("/p"), Path("/h"), Path("/c"), Path("/v"))).splitlines()
    assert not any(line.startswith(("User=", "ProtectSystem=")) for line in lines)
    assert "WantedBy=default.target" in lines


def test_shares_and_the_backup_folder_can_be_written(configs: Path) -> None:
    settings = load_settings(configs)
    keeping = settings.keeping.model_copy(update={"backup_folder": Path("/mnt/控え")})
    settings = settings.model_copy(update={"folders": {"zeimu": Path("/mnt/税務課")}, "keeping": keeping})
    assert installed_of(configs, settings).writable == (configs, Path("/mnt/税務課"), Path("/mnt/控え"))


def test_a_line_break_in_a_path_is_refused(configs: Path) -> None:
    settings = load_settings(configs, var=configs.parent / "a\nExecStartPre=evil")
    with pytest.raises(ServiceWrong, match="使えない文字"):
        plan_systemd(configs, settings, "daemon")


def test_the_service_never_runs_as_root(configs: Path) -> None:
    with pytest.raises(ServiceWrong, match="root では動かしません"):
        plan_systemd(configs, load_settings(configs), "root")


def test_windows_gets_a_task_in_the_user_s_session_with_its_words_quoted() -> None:
    made = Installed(
        Path(r"C:\はかどり\.venv\Scripts\python.exe"), Path(r"C:\はかどり"),
        Path(r"C:\税務課 共有\configs"), Path(r"D:\作業 フォルダー\var"),
    )  # fmt: skip
    told = task_xml(made, r"TOWN\tanaka & co")
    root = ElementTree.fromstring(told.encode("utf-16"))

    def at(path: str) -> str | None:
        return root.findtext("/".join(f"{SPACE}{part}" for part in path.split("/")))

    assert at("Actions/Exec/Command") == str(made.python)
    assert at("Actions/Exec/Arguments") == (
        r'-m console --configs "C:\税務課 共有\configs" --var "D:\作業 フォルダー\var" serve'
    )
    assert at("Principals/Principal/LogonType") == "InteractiveToken"
    assert at("Principals/Principal/UserId") == at("Triggers/LogonTrigger/UserId") == r"TOWN\tanaka & co"
    assert at("Settings/ExecutionTimeLimit") == "PT0S"
    assert at("Settings/MultipleInstancesPolicy") == "IgnoreNew"


def test_a_dollar_is_doubled_in_commands_alone() -> None:
    assert (quoted("a$b%", command=True), quoted("a$b%")) == ('"a$$b%%"', '"a$b%%"')


def test_printing_writes_nothing(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--configs", str(configs), "service", "install", "--print", "--user", "daemon", "--for"]
    assert main([*words, "systemd", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["path"] == "/etc/systemd/system/hakadori.service"
    assert told["commands"][-1] == ["systemctl", "enable", "--now", "hakadori.service"]
    assert main([*words, "windows"]) == 0
    assert "<LogonType>InteractiveToken</LogonType>" in capsys.readouterr().out
    assert not (configs.parent / "var" / "hakadori-task.xml").exists()
    assert main([*words, "upstart"]) == 2


def test_installing_and_removing_leaves_nothing_but_the_data(configs: Path, tmp_path: Path) -> None:
    settings = load_settings(configs)
    plan = replace(
        plan_systemd(configs, settings, "daemon", folder=tmp_path / "units"), commands=(("true",),) * 2
    )
    install(plan)
    assert plan.path.read_text(encoding="utf-8") == plan.text
    assert uninstall(replace(plan, kind="elsewhere"))
    assert not plan.path.exists()
    assert not uninstall(replace(plan, kind="elsewhere"))


def test_the_status_tells_a_service_at_work_from_one_that_died_and_from_none(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = open_office(configs)
    words = ["--configs", str(configs), "service", "status"]
    assert main(words) == 3
    assert capsys.readouterr().out == "止まっています。\n"
    now = office.clock()
    row = {"service": "hakadori", "host": "pc-1", "pid": os.getpid(), "started_at": now, "beat_at": now}
    with office.engine.begin() as connection:
        connection.execute(sa.insert(service_heartbeats).values(row))
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("動いています: pc-1")
    with office.engine.begin() as connection:
        connection.execute(sa.text("UPDATE service_heartbeats SET beat_at = '2026-01-01 00:00:00'"))
    assert main([*words, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["lives"] is False
