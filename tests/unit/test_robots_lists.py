"""The Excel list of items done: text everywhere, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import State
from robots.drivers.fake_browser import FakeBrowser
from robots.model import load_robot
from robots.runner import RunCounts, run_robot
from samples.workbooks.make_workbooks import FILE

ROBOT = """
robot: mihon
title: 見本
items: {process: mihon}
each:
  - press: Tab
teardown:
  - write_list:
      file: 一覧/見本.xlsx
      title: 見本一覧
      columns:
        番号: ${item.番号}
        氏名: ${item.氏名}
        日付: ${item.日付 | wareki}
        受付: ${result.受付番号}
"""
CELLS = [
    ["番号", "氏名", "日付", "受付"],
    ["0012", "=1+1", "令和8年4月1日", None],
    ["0013", "𠮷野　﨑", None, None],
    ["@x", None, None, None],
]


class Lists:
    """A robot that only writes a list."""

    def __init__(self, folder: Path) -> None:
        self.settings = builtin_settings(folder / "var")
        engine = open_database(self.settings.database_url)
        upgrade(engine)
        self.ledger = Ledger(engine)
        self.vault = Vault(folder / "s.json", {}, use_keyring=False)
        (folder / "mihon.yaml").write_text(ROBOT, encoding="utf-8")
        self.robot = load_robot(folder / "mihon.yaml")
        self.file = self.settings.folder("outbox") / "一覧_見本.xlsx"

    def put(self, number: str, **record: str) -> None:
        self.ledger.put("mihon", number, {"番号": number, **record}, who="test", why="test")

    def run(self) -> RunCounts:
        parts = {"ledger": self.ledger, "vault": self.vault, "settings": self.settings}
        return run_robot(self.robot, run_id="run", driver=FakeBrowser(), **parts)  # type: ignore[arg-type]


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    made = Lists(tmp_path)
    made.put("0012", 氏名="=1+1", 日付="2026-04-01")
    made.put("0013", 氏名="𠮷野　﨑")
    made.put("@x")
    return made


def test_keeps_zeros_and_rare_characters_and_calculates_nothing(lists: Lists) -> None:
    assert lists.run().done == 3
    sheet = load_workbook(lists.file).active
    assert [[cell.value or None for cell in row] for row in sheet.iter_rows()] == CELLS
    assert sheet.title == "見本一覧"
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert [cell.quotePrefix for cell in (sheet["B2"], sheet["A4"], sheet["A2"])] == [True, True, False]


def test_writes_the_same_list_again(lists: Lists) -> None:
    lists.run()
    lists.run()
    assert [
        [cell.value or None for cell in row] for row in load_workbook(lists.file).active.iter_rows()
    ] == CELLS


def test_keeps_the_old_list_and_the_items_when_a_value_cannot_be_written(lists: Lists) -> None:
    lists.run()
    before = lists.file.read_bytes()
    lists.put("0014", 氏名="甲\x01乙")
    counts = lists.run()
    assert (counts.done, counts.exit_code, lists.file.read_bytes()) == (1, 3, before)
    assert counts.problems[0].splitlines() == [
        "B5: Excel に書けない文字があります(セル B5)",
        "  理由: 目に見えない制御文字が値に含まれています。",
        "  対処: その項目の値を直してください。",
    ]
    assert lists.ledger.counts("mihon")[State.DONE] == 4


def test_says_that_the_list_cannot_be_replaced_while_it_is_open(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", held)
    counts = lists.run()
    assert (counts.done, counts.exit_code) == (3, 3)
    assert counts.problems[0].startswith("一覧_見本.xlsx: 一覧「一覧_見本.xlsx」を書き換えられません")
    assert list(lists.settings.folder("outbox").iterdir()) == []


def test_leaves_a_file_alone_that_somebody_has_added_to(lists: Lists) -> None:
    lists.run()
    lists.file.write_bytes((Path(__file__).parents[2] / FILE).read_bytes())
    counts = lists.run()
    assert counts.problems[0].splitlines()[0] == (
        "一覧_見本.xlsx: 一覧「一覧_見本.xlsx」を書き換えませんでした。失われるもの: ほかのシート、"
        "ピボットテーブル、別シートを参照する入力規則など(x14)、数式、ふりがな、図形・画像、グラフ"
    )
    assert lists.file.read_bytes() == (Path(__file__).parents[2] / FILE).read_bytes()


def test_waits_with_a_list_that_somebody_has_open(lists: Lists) -> None:
    lists.file.with_name("~$一覧_見本.xlsx").touch()
    assert "「一覧_見本.xlsx」は開かれています" in lists.run().problems[0]
    assert not lists.file.exists()
