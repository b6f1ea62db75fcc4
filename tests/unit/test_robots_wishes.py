"""A run as a person wishes it: some items, a rehearsal, one step after the other, again after a failure."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from backoffice.errors import HakadoriError
from backoffice.work_items import State
from console.robot_runs import Wish, check_keys, run_by_hand, send_back
from console.wiring import Office, open_office
from robots.drivers.fake_browser import FakeBrowser
from robots.errors import ActionsUnfit, StepFailed, StoppedByPerson
from robots.model import Robot, load_robot
from robots.runner import RunCounts, run_robot
from robots.steps.brought import brought_actions
from robots.steps.standard import standard_registry

SCRIPT = """
robot: mihon
title: 見本
items: {process: p}
tries: {times: 1}
each:
  - fill: {field: 番号, value: "${item.番号}"}
  - append_row: {file: outbox/無い.xlsx, cells: {a: b}}
    when: {value: "${item.番号}", is: 書く}
  - click: {button: 登録}
    commit: true
  - expect: {text: 登録しました}
    confirm: true
teardown:
  - write_list: {file: 一覧.xlsx, columns: {番号: "${item.番号}"}}
"""


class Town:
    """An installation with one robot and three items."""

    def __init__(self, home: Path) -> None:
        (home / "configs" / "robots").mkdir(parents=True)
        (home / "configs" / "hakadori.yaml").write_text("town: 試験市\n", encoding="utf-8")
        self.office: Office = open_office(home / "configs")
        self.script = home / "configs" / "robots" / "mihon.yaml"
        self.script.write_text(SCRIPT, encoding="utf-8")
        for number in ("1", "2", "3"):
            self.office.ledger.put("p", number, {"番号": number}, who="test", why="test")

    @property
    def robot(self) -> Robot:
        return load_robot(self.script)

    def run(self, browser: FakeBrowser, **wishes: Any) -> RunCounts:
        parts = {"ledger": self.office.ledger, "vault": self.office.vault, "settings": self.office.settings}
        return run_robot(self.robot, run_id="run", driver=browser, **parts, **wishes)  # type: ignore[arg-type]

    def states(self) -> list[str]:
        return [item.state.value for item in self.office.ledger.items("p")]


def good() -> FakeBrowser:
    return FakeBrowser(turns={"登録": ["登録しました"]})


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_works_on_so_many_items_and_no_more(town: Town) -> None:
    assert town.run(good(), limit=2).done == 2
    assert town.states() == ["done", "done", "new"]


def test_works_on_the_items_that_are_named(town: Town) -> None:
    assert town.run(good(), keys=["3", "2"], limit=1).done == 1
    assert town.states() == ["new", "done", "new"]


def test_a_rehearsal_presses_nothing_writes_nothing_and_moves_nothing(town: Town) -> None:
    town.office.ledger.put("p", "4", {"番号": "書く"}, who="test", why="test")
    browser = good()
    counts = town.run(browser, dry=True)
    assert (counts.rehearsed, counts.done, counts.problems, counts.exit_code) == (4, 0, (), 0)
    assert [what for what in browser.done if what[0] in ("fill", "click")] == [
        ("fill", "番号", number) for number in ("1", "2", "3", "書く")
    ]
    assert town.states() == ["new"] * 4
    assert [len(town.office.ledger.events(item.id)) for item in town.office.ledger.items("p")] == [1] * 4
    assert list(town.office.settings.folder("outbox").iterdir()) == []


def test_a_rehearsal_tells_which_item_would_fail(town: Town) -> None:
    town.office.ledger.put("p", "4", {}, who="test", why="test")
    counts = town.run(good(), dry=True)
    assert (counts.rehearsed, len(counts.problems), counts.exit_code) == (3, 1, 3)
    assert counts.problems[0].startswith("4: item.番号: 差し込む値がありません")


def test_a_rehearsal_tells_that_the_button_to_register_with_is_not_there(town: Town) -> None:
    gone = StepFailed("robots.target_ambiguous", where="登録")
    counts = town.run(FakeBrowser(fails={("find", "登録"): gone}), dry=True)
    assert (counts.rehearsed, len(counts.problems), counts.exit_code) == (0, 3, 3)
    assert counts.problems[0].startswith("1: 登録")


@pytest.mark.parametrize(
    "step", ["choose: {field: 状態, option: 済}", "check: {field: 状態, options: 可、済}"]
)
def test_a_rehearsal_looks_for_the_options_that_the_commit_step_ticks(town: Town, step: str) -> None:
    """The field itself means all its boxes, and would always be several."""
    town.script.write_text(SCRIPT.replace("click: {button: 登録}", step), encoding="utf-8")
    several = StepFailed("robots.target_ambiguous", where="状態")
    assert town.run(FakeBrowser(fails={("find", "状態"): several}), dry=True).problems == ()
    gone = StepFailed("robots.target_ambiguous", where="済")
    assert len(town.run(FakeBrowser(fails={("find", "済"): gone}), dry=True).problems) == 3


def test_a_rehearsal_tells_that_the_page_refuses_before_the_commit_step(town: Town) -> None:
    town.script.write_text(SCRIPT + "fails_when: [{text: 受付時間外です, as: business}]\n", encoding="utf-8")
    counts = town.run(FakeBrowser(shows=["受付時間外です"]), dry=True)
    assert (counts.rehearsed, len(counts.problems)) == (0, 3)
    assert "受付時間外です" in counts.problems[0]


def test_step_mode_asks_in_words_and_stops_before_the_commit_step(town: Town) -> None:
    asked: list[str] = []

    def ask(words: str) -> bool:
        asked.append(words)
        return "取り消せない" not in words

    browser = good()
    with pytest.raises(StoppedByPerson, match="人がここで止めました"):
        town.run(browser, ask=ask)
    assert [words.partition("]")[0] for words in asked] == ["[each 1", "[each 3"]
    assert "入力欄「番号」" in asked[0] and "【取り消せない手順】ボタン「登録」を押す" in asked[1]
    assert ("click", "登録") not in browser.done
    assert town.states() == ["retry", "new", "new"]


def test_resumes_what_was_given_up_and_tells_of_another_script(town: Town) -> None:
    office = town.office
    run = office.runs.enter("j", "run", "s", "person", script_sha256="0" * 64)
    for state in (State.SYSTEM_FAILURE, State.BUSINESS_FAILURE):
        item = office.ledger.claim("p", run=run.id, who="test")
        assert item is not None
        office.ledger.move(item, state, who="test", why="test")
    back = send_back(office, town.robot, from_start=False, keys=None, who="主任")
    assert (back.items, back.scripts) == (1, ("0" * 64,))
    assert town.states() == ["retry", "business_failure", "new"]
    assert send_back(office, town.robot, from_start=True, keys=None, who="主任").items == 1
    assert [event.who for event in office.ledger.events(2)][-1] == "主任"
    assert town.run(good()).done == 3
    assert send_back(office, town.robot, from_start=True, keys=None, who="主任").items == 0


def test_a_key_that_no_item_has_is_answered_with_the_nearest(town: Town) -> None:
    town.office.ledger.put("p", "0012345", {}, who="test", why="test")
    with pytest.raises(HakadoriError, match="もしかして: 0012345"):
        check_keys(town.office, town.robot, ["0012354"])


def test_a_key_that_no_row_of_the_file_has_is_refused_before_the_run(town: Town) -> None:
    (town.office.settings.folder("outbox") / "表.csv").write_text("番号\n0012345\n", encoding="utf-8")
    town.script.write_text(
        SCRIPT.replace("{process: p}", "{from: csv, file: outbox/表.csv, key: 番号, process: p}"), "utf-8"
    )
    check_keys(town.office, town.robot, ["0012345", "1"])
    with pytest.raises(HakadoriError, match="もしかして: 0012345"):
        check_keys(town.office, town.robot, ["0012354"])
    assert town.states() == ["new", "new", "new"]


def test_a_rehearsal_by_hand_is_no_run_of_the_book(town: Town) -> None:
    script = "robot: mihon\ntitle: 見本\nitems: {process: p}\neach: [{set: {name: a, to: b}}]\n"
    town.script.write_text(script, encoding="utf-8")
    told: list[tuple[int, int]] = []
    counts = run_by_hand(town.office, town.robot, lambda *now: told.append(now), Wish(limit=2, dry=True))
    assert (counts.rehearsed, told, town.office.runs.history()) == (2, [(1, 2), (2, 2)], [])
    assert run_by_hand(town.office, town.robot, lambda *_: None).done == 3
    assert [run.script for run in town.office.runs.history()] == [script]


PACKAGE = {
    "town_stamp.py": '''
        """Actions of a town."""

        def stamp(bench, times: int) -> None:
            """Stamp a paper.

            Args:
                times: How often.
            """
            bench.result["押印"] = str(times)

        ACTIONS = (stamp,)
    ''',
    "town_stamp-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: town-stamp\nVersion: 1.0\n",
    "town_stamp-1.0.dist-info/entry_points.txt": "[hakadori.actions]\nstamp = town_stamp:ACTIONS\n",
}
USES_IT = """
import sys
from pathlib import Path
from robots.explain import explain
from robots.model import load_robot
print(explain(load_robot(Path(sys.argv[1])), "ja"))
"""


def test_an_installed_package_brings_its_own_actions(tmp_path: Path) -> None:
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    robot = tmp_path / "r.yaml"
    robot.write_text("robot: r\ntitle: t\nitems: {process: p}\neach: [{stamp: 3}]\n", encoding="utf-8")
    environment = {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}", "PATH": ""}
    told = subprocess.run(
        [sys.executable, "-c", USES_IT, str(robot)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Stamp a paper." in told.stdout


def test_no_package_changes_what_an_action_of_ours_means() -> None:
    own = [action.function for action in standard_registry()]
    point = EntryPoint("x", "robots.steps.flow:ACTIONS", "hakadori.actions")
    with pytest.raises(ActionsUnfit, match="すでに同じ名前の動作「set」があります"):
        brought_actions(own, [point])
    with pytest.raises(ActionsUnfit, match="追加の動作 no_such_module:x を読み込めません"):
        brought_actions(own, [EntryPoint("x", "no_such_module:x", "hakadori.actions")])
