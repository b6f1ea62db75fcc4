"""Robots at a town's workbooks and CSV files: what a clerk asked for is there, and nothing else has changed."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from robot_town import RobotTown

from backoffice.work_items import State
from samples.workbooks.make_workbooks import FILE

SAMPLE = Path(__file__).parents[2] / FILE


@pytest.fixture
def town(tmp_path: Path) -> RobotTown:
    made = RobotTown(tmp_path)
    shutil.copy(SAMPLE, made.share / "名簿.xlsx")
    return made


def sheet(town: RobotTown, name: str = "名簿") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says that it would lose the x14 list
        return load_workbook(town.share / "名簿.xlsx")[name]


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.action("write_cells")
def test_furigana_shape_list_pivot_and_chart_survive_write_cells(town: RobotTown) -> None:
    done = town.do("""
        - write_cells:
            file: ${folder.zeimu}/名簿.xlsx
            sheet: 名簿
            cells: {E3: 処理済, F3: 令和8年4月2日, D4: "40200"}
            types: {F3: date, D4: number}
    """)
    assert (done.done, done.problems) == (1, ())
    before, after = parts(SAMPLE), parts(town.share / "名簿.xlsx")
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert after["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"") == before["xl/workbook.xml"]
    assert [sheet(town)[cell].value for cell in ("E3", "F3", "D4")] == ["処理済", datetime(2026, 4, 2), 40200]


@pytest.mark.action("read_cells", "write_cells")
def test_reads_cells_and_blocks_as_they_are_shown(town: RobotTown) -> None:
    town.do("""
        - read_cells:
            file: ${folder.zeimu}/名簿.xlsx
            cells: {番号: A2:A5, 誕生日: C2, 合計: D6}
            types: {誕生日: date}
        - write_cells:
            file: ${folder.zeimu}/名簿.xlsx
            sheet: 様式
            cells: {B3: "${set.番号}", B2: "${set.誕生日 | wareki}", C3: "${set.合計}"}
    """)
    assert [sheet(town, "様式")[cell].value for cell in ("B3", "B2", "C3")] == [
        "0012301、0012302、0012303、0012304", "昭和44年4月1日", "60900",
    ]  # fmt: skip


def test_never_believes_a_formula_whose_result_is_old(town: RobotTown) -> None:
    counts = town.do("""
        - write_cells: {file: "${folder.zeimu}/名簿.xlsx", cells: {D2: "1"}, types: {D2: number}}
        - read_cells: {file: "${folder.zeimu}/名簿.xlsx", cells: {合計: D6}}
    """)
    assert counts.system_failures == 1
    assert "6 行目 D 列「合計」の数式の結果は古いかもしれません" in town.why()


@pytest.mark.action("read_rows", "append_row", "find_row", "update_row")
def test_goes_through_rows_and_writes_beside_them(town: RobotTown) -> None:
    shutil.copy(town.share / "名簿.xlsx", town.share / "写し.xlsx")
    counts = town.do("""
        - write_cells: {file: "${folder.zeimu}/写し.xlsx", cells: {A6: "", D6: ""}, replace_formulas: true}
        - read_rows: {file: "${folder.zeimu}/写し.xlsx", into: 納税者, columns: {通知書番号: digits, 税額: integer}}
        - find_row:
            file: ${folder.zeimu}/名簿.xlsx
            where: {通知書番号: "${each.通知書番号}"}
            into: 行
          for_each_row: 納税者
        - update_row:
            file: ${folder.zeimu}/名簿.xlsx
            where: {通知書番号: "${each.通知書番号}"}
            cells: {状況: "${each.税額} 円", 処理日: "${today}"}
            types: {処理日: date}
          for_each_row: 納税者
        - append_row:
            file: ${folder.zeimu}/写し.xlsx
            cells: {通知書番号: "0012399", 氏名: "${set.行.氏名}", 税額: "5"}
            types: {税額: number}
            unless: [通知書番号]
          retry: 1
        - append_row:
            file: ${folder.zeimu}/写し.xlsx
            cells: {通知書番号: "0012399", 氏名: 二度目}
            unless: [通知書番号]
    """)
    assert (counts.done, counts.problems) == (1, ())
    assert [row[4].value for row in sheet(town).iter_rows(min_row=2, max_row=5)] == [
        "12500 円", "8300 円", "40100 円", "0 円",
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        added = load_workbook(town.share / "写し.xlsx")["名簿"]
    assert [[cell.value for cell in row[:4]] for row in added.iter_rows(min_row=6)] == [
        ["0012399", "例示　みどり", None, 5]
    ]
    assert added["D6"].number_format == "#,##0"


def test_writes_into_no_row_when_the_right_one_is_not_certain(town: RobotTown) -> None:
    before = (town.share / "名簿.xlsx").read_bytes()
    counts = town.do("""
        - update_row: {file: "${folder.zeimu}/名簿.xlsx", where: {状況: 未処理}, cells: {状況: 処理済}}
    """)
    assert counts.business_failures == 1
    assert "該当する行が二つ以上あります(見出し 状況、2, 4 行目)" in town.why()
    assert (town.share / "名簿.xlsx").read_bytes() == before


@pytest.mark.action("copy_sheet")
def test_makes_a_new_month_from_a_template(town: RobotTown) -> None:
    town.do("""
        - copy_sheet: {file: "${folder.zeimu}/名簿.xlsx", sheet: 様式, name: "${item.月}"}
        - write_cells: {file: "${folder.zeimu}/名簿.xlsx", sheet: 様式, cells: {B3: x}}
    """, 月="令和8年4月")  # fmt: skip
    assert sheet(town, "令和8年4月").merged_cells.ranges == sheet(town, "様式").merged_cells.ranges


@pytest.mark.action("read_csv", "write_csv")
def test_turns_a_cp932_file_into_one_that_excel_opens(town: RobotTown) -> None:
    (town.share / "入.csv").write_bytes('番号,氏名\r\n0012,髙橋　﨑\r\n0013,"a,b"\r\n'.encode("cp932"))
    town.do("""
        - read_csv: {file: "${folder.zeimu}/入.csv", into: 表, encoding: cp932}
        - write_csv: {file: outbox/出.csv, rows: 表, columns: {No: "${each.番号}", 名: "${each.氏名}"}}
    """)
    assert (town.outbox / "出.csv").read_bytes() == (
        '\ufeffNo,名\r\n0012,髙橋　﨑\r\n0013,"a,b"\r\n'.encode()
    )


@pytest.mark.parametrize(("name", "letter"), [("𠮷野", "U+20BB7"), ("甲〜乙", "U+301C")])
def test_tells_what_cp932_cannot_hold_and_writes_nothing(town: RobotTown, name: str, letter: str) -> None:
    script = """
        robot: mihon
        title: 見本
        items: {process: p}
        each: [{set: {name: a, to: b}}]
        teardown:
          - write_csv: {file: outbox/出.csv, encoding: cp932, columns: {番号: "1", 氏名: "${item.氏名}"}}
    """
    town.ledger.put("p", "k", {"氏名": name}, who="test", why="test")
    counts = town.run(script)
    assert (counts.done, counts.exit_code) == (1, 3)
    assert "cp932 に書けない文字が 1 個あるため、何も書きませんでした" in counts.problems[0]
    assert letter in counts.problems[0]
    assert not (town.outbox / "出.csv").exists()


@pytest.mark.action("write_list")
def test_lists_what_was_done(town: RobotTown) -> None:
    town.ledger.put("p", "k", {"番号": "0012"}, who="test", why="test")
    town.run("""
        robot: mihon
        title: 見本
        items: {process: p}
        each: [{set: {name: a, to: b}}]
        teardown: [{write_list: {file: 一覧.xlsx, columns: {番号: "${item.番号}"}}}]
    """)
    assert load_workbook(town.outbox / "一覧.xlsx").active["A2"].value == "0012"
    assert town.ledger.counts("p")[State.DONE] == 1
