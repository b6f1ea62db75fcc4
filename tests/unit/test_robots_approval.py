"""An approval is of one exact content: any change needs a new one, and jobs demand it when the setting says so."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.messages import use_language
from console.cli import main
from console.tasks import RobotTask
from console.wiring import open_office
from robots.approval import ApprovalBook, RobotNotApproved, changes_since, content_hash, parts_changed_since
from robots.errors import TargetUnreachable
from robots.model import Robot, load_robot
from scheduler.child import Stop

ROBOT = """\
robot: mihon
title: 見本
version: 2
items: {from: queue, process: p}
each:
  - click_image: {image: ok.png}
"""


@pytest.fixture
def book(tmp_path: Path) -> ApprovalBook:
    engine = open_database(f"sqlite:///{(tmp_path / 'test.db').as_posix()}")
    upgrade(engine)
    return ApprovalBook(engine)


def robot_in(folder: Path, written: str = ROBOT, image: bytes = b"picture") -> Robot:
    (folder / "images").mkdir(exist_ok=True)
    (folder / "images" / "ok.png").write_bytes(image)
    (folder / "mihon.yaml").write_text(written, encoding="utf-8")
    return load_robot(folder / "mihon.yaml")


def test_an_approved_robot_may_run_until_anything_in_it_changes(book: ApprovalBook, tmp_path: Path) -> None:
    approval = book.approve(robot_in(tmp_path), "承認 花子")
    assert book.demand(robot_in(tmp_path)) == approval
    for changed in (robot_in(tmp_path, ROBOT + "# 注\n"), robot_in(tmp_path, image=b"another")):
        assert book.of(changed) is None
        with pytest.raises(RobotNotApproved) as refused:
            book.demand(changed)
        assert refused.value.key == "robots.changed_since_approval"


def test_says_who_is_to_approve_what_nobody_approved(book: ApprovalBook, tmp_path: Path) -> None:
    with pytest.raises(RobotNotApproved) as refused:
        book.demand(robot_in(tmp_path))
    told = str(refused.value).splitlines()
    assert told[0].endswith("mihon.yaml:1:8: ロボット「mihon」第 2 版は承認されていません")
    assert told[2].endswith("hakadori robot approve mihon で承認してください。")


def test_shows_what_changed_since_the_last_approval(book: ApprovalBook, tmp_path: Path) -> None:
    book.approve(robot_in(tmp_path), "hanako")
    changed = robot_in(tmp_path, ROBOT.replace("version: 2", "version: 3"))
    differs = changes_since(changed, book.last("mihon")).splitlines()
    assert ("-version: 2" in differs, "+version: 3" in differs) == (True, True)


def test_shows_that_what_it_takes_in_has_changed(book: ApprovalBook, tmp_path: Path) -> None:
    book.approve(robot_in(tmp_path), "hanako")
    longer = ROBOT.replace("version: 2", "version: 3")
    parts = [
        parts_changed_since(robot_in(tmp_path, written, image), book.last("mihon"))
        for written in (ROBOT, longer)
        for image in (b"picture", b"another")
    ]
    assert parts == [[], ["image ok.png"], [], ["image ok.png"]]
    assert parts_changed_since(robot_in(tmp_path), None) == []


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    use_language("ja")
    shutil.copytree("configs", tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    settings = tmp_path / "configs" / "hakadori.yaml"
    written = settings.read_text(encoding="utf-8").replace("127.0.0.1:8750", "127.0.0.1:9")
    settings.write_text(written + "\nrobots: {require_approval: true}\n", "utf-8")
    return tmp_path / "configs"


def call(configs: Path, monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    return main(["--configs", str(configs), "--var", str(configs.parent / "var"), *words])


def test_only_an_approver_approves_and_both_tries_stand_in_the_audit_trail(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, role in (("hanako", "approver"), ("taro", "author")):
        assert (
            call(configs, monkeypatch, "user", "add", name, "--role", role, typed="machi-no-aikotoba-1\n")
            == 0
        )
    approve = ("robot", "approve", "kouza_touroku", "--json", "--user")
    assert call(configs, monkeypatch, *approve, "taro", typed="machi-no-aikotoba-1\n") == 5
    assert "taro は承認者ではありません" in capsys.readouterr().err
    assert call(configs, monkeypatch, *approve, "hanako", typed="chigau\n") == 5
    capsys.readouterr()
    assert call(configs, monkeypatch, *approve, "hanako", typed="machi-no-aikotoba-1\n") == 0
    facts = json.loads(capsys.readouterr().out)
    robot = load_robot(configs / "robots" / "kouza_touroku.yaml")
    assert (facts["sha256"], facts["by"]) == (content_hash(robot), "hanako")
    office = open_office(configs, var=configs.parent / "var")
    assert [entry.what for entry in office.audit.entries() if entry.what.startswith("robot.")] == [
        "robot.approve", "robot.approve_refused",
    ]  # fmt: skip


def test_an_approver_is_told_that_a_routine_has_changed_although_the_robot_has_not(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    robots = configs / "robots"
    (robots / "routines").mkdir(exist_ok=True)
    routine = robots / "routines" / "hairu.yaml"
    routine.write_text("routine: hairu\ntitle: 入る\nsteps: [{go_back: }]\n", encoding="utf-8")
    written = "robot: mihon\ntitle: 見本\nitems: {process: p}\neach: [{call: {routine: hairu}}]\n"
    (robots / "mihon.yaml").write_text(written, encoding="utf-8")
    office = open_office(configs, var=configs.parent / "var")
    ApprovalBook(office.engine).approve(office.robots["mihon"], "hanako")
    told = []
    for _ in range(2):
        assert call(configs, monkeypatch, "robot", "approve", "mihon", "--changes") == 0
        told.append(capsys.readouterr().out)
        routine.write_text(
            "routine: hairu\ntitle: 入る\nsteps: [{go_back: }, {go_back: }]\n", encoding="utf-8"
        )
    assert "routine hairu" not in told[0] and "承認したときと違います: routine hairu" in told[1]


def test_explain_says_whether_this_content_is_approved(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> str:
        assert call(configs, monkeypatch, "robot", "explain", "kouza_touroku") == 0
        return capsys.readouterr().out.partition("\n承認\n")[2]

    assert told().startswith("  - まだ誰も承認していない\n")
    office = open_office(configs, var=configs.parent / "var")
    ApprovalBook(office.engine).approve(office.robots["kouza_touroku"], "hanako")
    assert "hanako が承認した\n" in told()
    path = configs / "robots" / "kouza_touroku.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# 直した\n", encoding="utf-8")
    assert "に hanako が第 1 版を承認した後、内容が変わっている\n" in told()


def test_a_job_does_not_run_an_unapproved_robot(configs: Path) -> None:
    office = open_office(configs, var=configs.parent / "var")
    job = next(job for job in office.jobs.values() if job.run == "kouza_touroku")
    run = office.runs.enter(job.job, "run", "slot", "test")
    with pytest.raises(RobotNotApproved):
        RobotTask(office)(run, job, Stop())
    ApprovalBook(office.engine).approve(office.robots["kouza_touroku"], "hanako")
    office.vault.put("townoffice_password", "x")
    with pytest.raises(TargetUnreachable):  # past the gate: nothing listens at the target of this test
        RobotTask(office)(run, job, Stop())
