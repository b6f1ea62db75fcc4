"""Robots as people write them: what is wrong is told by line, nothing is overwritten, nobody approves his own work."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.database import open_database, upgrade
from backoffice.errors import DeclarationError
from backoffice.messages import use_language
from backoffice.settings import builtin_settings
from backoffice.vault import Vault
from console.authoring.approvals import Approvals
from console.authoring.errors import AuthoringRefused, OwnWork, RobotChanged, RobotMissing
from console.authoring.hints import about_in, hints
from console.authoring.known import Known
from console.authoring.room import BEGINNINGS, beginnings
from console.authoring.shelf import RobotShelf, demand_fit
from console.authoring.telling import sections_of, step_sentences
from console.authoring.trials import RESULT, Bench, TrialRoom, sweep_trials
from console.authoring.versions import VersionBook
from console.design.drafts import write_json
from console.trial_line import demand_harmless
from ocr.template import load_forms
from robots.model import Robot, load_robot

GOOD = """\
robot: mihon
title: 見本
items: {from: queue, process: kouza_furikae}
each:
  - open: ${target.townoffice}/shinki
  - fill: {field: 氏名, value: "${item.納税者氏名}"}
  - click: {button: 登録}
    commit: true
  - expect: {text: 登録しました}
    confirm: true
"""


@dataclass
class Town:
    shelf: RobotShelf
    approvals: Approvals
    engine: sa.Engine
    unfit: list[str] = field(default_factory=list)

    def robot(self) -> Robot:
        return load_robot(self.shelf.folder / "mihon.yaml")

    def save(self, text: str, who: str, why: str = "") -> None:
        name = "mihon"
        self.shelf.save(name, text, self.shelf.revision(name), who, why)


@pytest.fixture(scope="module")
def forms() -> dict[str, object]:
    return dict(load_forms(Path("configs") / "forms"))


@pytest.fixture
def town(tmp_path: Path, forms: dict) -> Iterator[Town]:
    use_language("ja")
    engine = open_database(f"sqlite:///{(tmp_path / 'test.db').as_posix()}")
    upgrade(engine)
    folder = tmp_path / "robots"
    folder.mkdir()
    settings = builtin_settings(tmp_path / "var").model_copy(
        update={"targets": {"townoffice": "http://127.0.0.1:9"}}
    )
    made: list[Town] = []

    def prove(robot: Robot, path: Path) -> None:
        if robot.robot in made[0].unfit:
            raise DeclarationError.single("scheduler.robot_unknown", "jobs/a.yaml:3:6", name="mihon", hint="")

    known = Known(settings, Vault(tmp_path / "secrets.json", {}, use_keyring=False), forms)
    shelf = RobotShelf(folder, engine, known, VersionBook(engine), prove=prove, saved=lambda: None)
    made.append(Town(shelf, Approvals(engine, demanded=True), engine))
    yield made[0]
    engine.dispose()


def test_tells_every_error_at_once_with_line_and_the_nearest_name(town: Town) -> None:
    broken = GOOD.replace("納税者氏名", "納税者指名").replace("button:", "buton:").replace("title:", "titel:")
    told = [(one.line, one.what, one.do) for one in town.shelf.check("mihon", broken).remarks]
    assert {line for line, _, _ in told} >= {2, 6, 7}
    assert any("納税者氏名" in do for line, _, do in told if line == 6)
    assert any("button" in do for line, _, do in told if line == 7)


def test_a_text_that_is_no_yaml_is_told_and_harms_nobody(town: Town) -> None:
    for text in ("", "a: [", "a: \x00", "\t- a", "[" * 20_000, "- 1", "é" * 10):
        found = town.shelf.check("mihon", text)
        assert found.robot is None
        assert found.remarks[0].line >= 1, text[:10]


def test_a_secret_that_is_not_stored_is_a_note_and_no_error(town: Town) -> None:
    text = GOOD.replace("each:\n", "setup:\n  - fill: {field: パスワード}\n    secret: kagi\neach:\n")
    found = town.shelf.check("mihon", text)
    assert [(one.level, one.line) for one in found.remarks] == [("warning", 6)]
    assert "kagi" in found.remarks[0].what


def test_a_name_that_differs_from_the_files_is_noted(town: Town) -> None:
    (remark,) = town.shelf.check("betsu", GOOD).remarks
    assert (remark.level, remark.line) == ("warning", 1)


def test_saves_and_keeps_what_was_there_before_by_whoever(town: Town) -> None:
    path = town.shelf.folder / "mihon.yaml"
    path.write_text(GOOD, encoding="utf-8")
    town.save(GOOD + "# 一\n", "sato", "一を足した")
    town.save(GOOD + "# 二\n", "suzuki")
    versions = town.shelf.versions.of("mihon.yaml")
    assert [(one.who, one.why) for one in versions] == [("suzuki", ""), ("sato", "一を足した"), ("", "")]
    oldest = town.shelf.versions.get("mihon.yaml", versions[-1].id)
    assert oldest is not None
    assert oldest.script == GOOD
    assert path.read_text(encoding="utf-8") == GOOD + "# 二\n"


def test_never_overwrites_what_somebody_else_saved(town: Town) -> None:
    town.save(GOOD, "sato")
    began = town.shelf.revision("mihon")
    town.save(GOOD + "# 佐藤\n", "sato")
    with pytest.raises(RobotChanged) as refused:
        town.shelf.save("mihon", GOOD + "# 鈴木\n", began, "suzuki", "")
    assert "sato さんが保存しています" in refused.value.parts().what
    assert town.shelf.read("mihon").text == GOOD + "# 佐藤\n"
    (town.shelf.folder / "mihon.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(RobotChanged) as refused:
        town.shelf.save(
            "mihon", GOOD + "# 鈴木\n", town.shelf.versions.of("mihon.yaml")[0].sha256, "suzuki", ""
        )
    assert refused.value.key == "authoring.changed_outside"


def test_a_new_robot_does_not_take_the_place_of_one_that_is_there(town: Town) -> None:
    town.save(GOOD, "sato")
    with pytest.raises(RobotChanged):
        town.shelf.save("mihon", GOOD, "", "suzuki", "")


def test_a_robot_with_errors_is_never_written(town: Town) -> None:
    town.save(GOOD, "sato")
    with pytest.raises(AuthoringRefused) as refused:
        town.save(GOOD.replace("open:", "opne:"), "sato")
    assert refused.value.key == "authoring.has_errors"
    assert town.shelf.read("mihon").text == GOOD
    assert len(town.shelf.versions.of("mihon.yaml")) == 1


def test_a_robot_that_a_job_would_miss_is_not_saved(town: Town) -> None:
    town.unfit.append("mihon")
    (remark,) = town.shelf.check_whole("mihon", GOOD).remarks
    assert (remark.line, remark.where) == (0, "jobs/a.yaml:3:6")
    with pytest.raises(AuthoringRefused):
        town.save(GOOD, "sato")


def test_nothing_is_half_saved_when_the_disk_is_full(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.save(GOOD, "sato")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.authoring.shelf.write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        town.save(GOOD + "# 二\n", "suzuki")
    assert town.shelf.read("mihon").text == GOOD
    assert [one.who for one in town.shelf.versions.of("mihon.yaml")] == ["sato"]


@pytest.mark.parametrize(
    "name",
    [
        "../hakadori",
        "a/b",
        "..",
        "",
        "con",
        "A",
        "ロボ",
        "a" * 61,
        "a.yaml",
        "new",
        "x\x00",
        "/etc/passwd",
        "a\\b",
    ],
)
def test_no_name_leads_out_of_the_folder(town: Town, name: str) -> None:
    with pytest.raises(AuthoringRefused):
        town.shelf.save(name, GOOD, "", "sato", "")
    with pytest.raises(RobotMissing):
        town.shelf.read(name)
    assert list(town.shelf.folder.parent.glob("*.yaml")) == []


def test_windows_line_ends_stay_as_they_were(town: Town) -> None:
    (town.shelf.folder / "mihon.yaml").write_bytes(GOOD.replace("\n", "\r\n").encode())
    town.save(GOOD + "# 二\n", "sato")
    written = (town.shelf.folder / "mihon.yaml").read_bytes()
    assert written == (GOOD + "# 二\n").replace("\n", "\r\n").encode()


def test_a_file_that_is_no_utf8_is_shown_and_not_changed(town: Town) -> None:
    (town.shelf.folder / "mihon.yaml").write_bytes(GOOD.encode("cp932"))
    script = town.shelf.read("mihon")
    assert not script.readable
    assert "UTF-8" in town.shelf.check_file(script).remarks[0].what


def test_two_robots_of_one_name_do_not_fit(tmp_path: Path) -> None:
    for name in ("ichi", "ni"):
        (tmp_path / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    one, two = (load_robot(tmp_path / f"{name}.yaml") for name in ("ichi", "ni"))
    assert demand_fit(one, tmp_path / "ichi.yaml", {"mihon": one}) == {"mihon": one}
    with pytest.raises(DeclarationError, match="mihon"):
        demand_fit(two, tmp_path / "ni.yaml", {"mihon": one})


def test_nobody_approves_a_change_of_his_own(town: Town) -> None:
    town.save(GOOD, "sato")
    with pytest.raises(OwnWork):
        town.approvals.approve(town.robot(), "sato")
    assert town.approvals.standing(town.robot()).word == "unapproved"
    town.approvals.approve(town.robot(), "suzuki")
    assert town.approvals.standing(town.robot()).word == "approved"


def test_who_changed_anything_since_the_last_approval_counts_as_author(town: Town) -> None:
    town.save(GOOD, "sato")
    town.approvals.approve(town.robot(), "suzuki")
    town.save(GOOD + "# 一\n", "suzuki")
    town.save(GOOD + "# 二\n", "tanaka")
    standing = town.approvals.standing(town.robot())
    assert (standing.word, standing.authors.names, standing.authors.outside) == (
        "changed", ("tanaka", "suzuki"), False,
    )  # fmt: skip
    for who in ("tanaka", "suzuki"):
        with pytest.raises(OwnWork):
            town.approvals.approve(town.robot(), who)
    town.approvals.approve(town.robot(), "sato")  # what he wrote was approved before


def test_a_change_outside_the_console_has_no_author_and_is_told(town: Town) -> None:
    town.save(GOOD, "sato")
    (town.shelf.folder / "mihon.yaml").write_text(GOOD + "# 外\n", encoding="utf-8")
    authors = town.approvals.standing(town.robot()).authors
    assert (authors.names, authors.outside) == (("sato",), True)


def test_approves_only_the_content_that_was_shown(town: Town) -> None:
    town.save(GOOD, "sato")
    shown = town.approvals.standing(town.robot()).sha256
    town.save(GOOD + "# 二\n", "sato")
    with pytest.raises(RobotChanged):
        town.approvals.approve(town.robot(), "suzuki", shown)
    with pytest.raises(RobotChanged):
        town.approvals.refuse(town.robot(), "suzuki", shown, "古い")


def test_a_refusal_needs_a_reason_and_ends_with_the_next_change(town: Town) -> None:
    town.save(GOOD, "sato")
    sha256 = town.approvals.standing(town.robot()).sha256
    with pytest.raises(AuthoringRefused):
        town.approvals.refuse(town.robot(), "suzuki", sha256, "  ")
    town.approvals.refuse(town.robot(), "suzuki", sha256, "確認が足りない")
    standing = town.approvals.standing(town.robot())
    assert standing.refusal is not None
    assert (standing.word, standing.refusal.why) == ("refused", "確認が足りない")
    town.save(GOOD + "# 二\n", "sato")
    assert town.approvals.standing(town.robot()).word == "unapproved"


def test_each_sentence_names_the_line_of_its_step(tmp_path: Path) -> None:
    (tmp_path / "mihon.yaml").write_text(GOOD, encoding="utf-8")
    each = next(
        one
        for one in sections_of(load_robot(tmp_path / "mihon.yaml"))
        if one.sentences[:1] and one.sentences[0].number
    )
    assert [(one.number, one.line) for one in each.sentences] == [(1, 5), (2, 6), (3, 7), (4, 9)]


def test_each_step_is_a_sentence_under_the_name_that_the_evidence_gives_it(tmp_path: Path) -> None:
    text = GOOD.replace("    commit: true", "    name: 登録ボタン\n    commit: true")
    (tmp_path / "mihon.yaml").write_text(text, "utf-8")
    told = step_sentences(load_robot(tmp_path / "mihon.yaml"), "ja")
    assert told["each 1"] == "「〈townoffice〉/shinki」 を開く"
    assert "登録ボタン" in told and "each 3" not in told


def test_shipped_robots_are_told_with_a_line_for_every_step() -> None:
    for path in sorted(Path("configs/robots").glob("*.yaml")):
        robot = load_robot(path)
        told = [one for section in sections_of(robot) for one in section.sentences if one.number]
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(told) == len(robot.placed()) - len(robot.resolve.result if robot.resolve else ())
        assert all(lines[one.line - 1].lstrip().startswith("- ") for one in told)


def test_every_beginning_is_a_robot_without_errors(town: Town) -> None:
    assert len(beginnings()) == 3
    for name in beginnings():
        text = (BEGINNINGS / f"{name}.yaml").read_text(encoding="utf-8")
        found = town.shelf.check("mihon", text.replace("NAME", "mihon").replace("TITLE", '"見本"'))
        assert [one.what for one in found.remarks if one.level == "error"] == []


def test_the_hints_know_every_key_of_the_schema_and_its_words() -> None:
    types = hints()
    assert types["Robot"]["each"] | {"about": ""} == {"about": "", "list": True, "of": "Step"}
    assert types["Step"]["fill"]["action"]
    assert types["Items"]["from"]["words"] == ["queue", "form", "done", "excel", "csv"]
    assert types["Items"]["columns"]["map"] == "Column"
    assert "ja" not in types
    assert about_in("名前。Its name.", "ja") == "名前。"
    assert about_in("名前。Its name.", "en") == "Its name."


class HeldBench(Bench):
    """Works until it is told to go on."""

    def __init__(self) -> None:
        self.go, self.begun = threading.Event(), threading.Event()

    def work(self, folder: Path, asked: threading.Event) -> bool:
        self.begun.set()
        assert self.go.wait(60)
        return not asked.is_set()


def test_a_person_tries_one_robot_at_a_time_and_may_stop_it(town: Town, tmp_path: Path) -> None:
    town.save(GOOD, "sato")
    bench = HeldBench()
    room = TrialRoom(tmp_path / "trials", bench)
    begun = room.begin("mihon", town.robot(), "sato", way="sample", limit=1, saved=True)
    assert bench.begun.wait(60)
    with pytest.raises(AuthoringRefused, match="まだ終わっていません"):
        room.begin("mihon", town.robot(), "sato", way="sample", limit=1, saved=True)
    waiting = room.begin("mihon", town.robot(), "suzuki", way="sample", limit=1, saved=True)
    assert (waiting.state, room.find(begun.id, "betsu"), room.find("../..", "mihon")) == (
        "waiting",
        None,
        None,
    )
    room.stop(begun)
    bench.go.set()
    room.close()
    ended = room.find(begun.id, "mihon")
    assert ended is not None
    assert (ended.state, ended.open) == ("stopped", False)


class BrokenOnce(Bench):
    """Breaks at the first trial, by a fault that nobody thought of."""

    def __init__(self) -> None:
        self.turns, self.second = 0, threading.Event()

    def work(self, folder: Path, asked: threading.Event) -> bool:
        self.turns += 1
        if self.turns == 1:
            raise RuntimeError
        write_json(folder / RESULT, {"state": "done"})
        self.second.set()
        return True


def test_a_trial_that_breaks_takes_no_other_ones_turn(town: Town, tmp_path: Path) -> None:
    town.save(GOOD, "sato")
    bench = BrokenOnce()
    room = TrialRoom(tmp_path / "trials", bench)
    begun = [
        room.begin("mihon", town.robot(), who, way="sample", limit=1, saved=True)
        for who in ("sato", "suzuki")
    ]
    assert bench.second.wait(60)
    room.close()
    ended = [room.find(one.id, "mihon") for one in begun]
    assert [one.state for one in ended if one is not None] == ["lost", "done"]


def test_trials_go_away_after_a_week(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    now = datetime.now(UTC)
    before = (now - timedelta(days=8)).timestamp()
    os.utime(tmp_path / "old", (before, before))
    assert sweep_trials(tmp_path, now) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert sweep_trials(tmp_path / "missing", now) == 0


def test_a_page_starts_nothing_on_the_pc_but_a_browser(town: Town) -> None:
    for step in ("start_program: {program: notepad}", "click_words: {words: 登録}"):
        text = GOOD.replace("  - open: ${target.townoffice}/shinki\n", f"  - {step}\n")
        robot = town.shelf.check("mihon", text).robot
        assert robot is not None, town.shelf.check("mihon", text).remarks
        with pytest.raises(AuthoringRefused, match="hakadori robot test mihon"):
            demand_harmless(robot, "mihon")
