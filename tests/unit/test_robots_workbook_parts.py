"""Writing into a town's workbook: the cells that were named change, and not one byte of anything else."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Protection
from openpyxl.worksheet.table import Table

from backoffice.errors import HakadoriError
from robots.workbooks.book import Book
from robots.workbooks.cells import Kind
from robots.workbooks.change import Change
from robots.workbooks.errors import (
    TableFileWrong,
    ValueNotWritable,
    WorkbookChanged,
    WorkbookInUse,
    WorkbookNotWritable,
)
from robots.workbooks.places import Block, cell_name, read_block
from robots.workbooks.saving import changing
from robots.workbooks.sheet_copy import copy_sheet
from robots.workbooks.writes import As, Write
from samples.workbooks.make_workbooks import FILE, content

ROOT = Path(__file__).parents[2]
DAY = date(2026, 4, 1)


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    """The sample workbook: furigana, a shape, a chart, an x14 drop-down list, a pivot table, a formula."""
    return Path(shutil.copy(ROOT / FILE, tmp_path / "名簿.xlsx"))


@contextmanager
def change_of(path: Path, day: date = DAY) -> Iterator[Change]:
    with changing(path, locks=path.parent / "locks", today=day) as change:
        yield change


def write(path: Path, *writes: Write, sheet: str = "", day: date = DAY, **options: Any) -> None:
    with change_of(path, day) as change:
        change.write(change.book.sheet(sheet), writes, **options)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def changed_parts(path: Path, before: dict[str, bytes]) -> set[str]:
    after = parts(path)
    assert list(after)[: len(before)] == list(before)
    return {name for name in after if after[name] != before.get(name)}


def made(path: Path, rows: list[list[Any]], **attributes: Any) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for name, value in attributes.items():
        setattr(book.active, name, value)
    book.save(path)
    return path


def refusal(path: Path, *writes: Write, **options: Any) -> str:
    before = path.read_bytes()
    with pytest.raises(WorkbookNotWritable) as refused:
        write(path, *writes, **options)
    assert path.read_bytes() == before
    return str(refused.value.values.get("reasons", refused.value.key))


def values(path: Path, sheet: str) -> list[list[Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says that it would lose the x14 list
        return [[cell.value for cell in row] for row in load_workbook(path)[sheet].iter_rows()]


def test_the_sample_is_what_its_program_makes_and_holds_what_others_lose() -> None:
    stored = parts(ROOT / FILE)
    assert (ROOT / FILE).read_bytes() == content()
    for part, sign in {
        "xl/sharedStrings.xml": b"<rPh ",
        "xl/worksheets/sheet1.xml": b"x14:dataValidation ",
        "xl/drawings/drawing1.xml": b"<xdr:sp ",
        "xl/charts/chart1.xml": b"<c:barChart>",
        "xl/pivotTables/pivotTable1.xml": b"pivotTableDefinition",
    }.items():
        assert sign in stored[part], part


def test_changes_the_sheet_alone_and_asks_excel_to_calculate(roll: Path) -> None:
    before = parts(roll)
    write(roll, Write(3, 5, "処理済"), Write(3, 6, "2026-04-02", As.DATE), Write(4, 4, "40200", As.NUMBER))
    assert changed_parts(roll, before) == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    flag = parts(roll)["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    assert flag == before["xl/workbook.xml"]
    assert [row[3:] for row in values(roll, "名簿")][2:4] == [
        [8300, "処理済", datetime(2026, 4, 2)],
        [40200, "未処理", None],
    ]


def test_inside_the_sheet_only_the_named_cells_differ(roll: Path) -> None:
    before = parts(roll)["xl/worksheets/sheet1.xml"].decode()
    write(roll, Write(4, 5, "保留"))
    after = parts(roll)["xl/worksheets/sheet1.xml"].decode()
    cell = '<c r="E4" t="inlineStr"><is><t xml:space="preserve">保留</t></is></c>'
    assert after.replace(cell, "") == re.sub(r'<c r="E4".*?</c>', "", before)


def test_a_workbook_without_formulas_keeps_every_other_part(tmp_path: Path) -> None:
    path = made(tmp_path / "a.xlsx", [["番号"], ["0012"]])
    before = parts(path)
    write(path, Write(2, 1, "0013"))
    assert changed_parts(path, before) == {"xl/worksheets/sheet1.xml"}


def test_furigana_of_a_name_that_stays_the_same_stays(roll: Path) -> None:
    before = roll.read_bytes()
    write(roll, Write(2, 2, "見本　太郎"), Write(2, 1, "0012301"))
    assert roll.read_bytes() == before


@pytest.mark.parametrize(
    "text", ["=1+1", "0012", " 空 白 ", "一行目\n二行目", "<&>\"'", "_x0041_", "𠮷野　﨑", ""]
)
def test_text_comes_back_as_it_was_written(roll: Path, text: str) -> None:
    write(roll, Write(9, 3, text))
    book = Book(roll)
    cell = book.cells(book.sheet("名簿")).at(9, 3)
    assert (cell.value, cell.formula) == (text, False)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        (As.NUMBER, "1,234.50", "1234.50"),
        (As.NUMBER, "-0.001", "-0.001"),
        (As.DATE, "2026-04-01", "46113"),
        (As.DATE, "令和8年4月1日", "46113"),
        (As.DATE, "S64.1.7", "32515"),
    ],
)
def test_numbers_and_dates_are_stored_as_excel_stores_them(
    roll: Path, kind: As, value: str, stored: str
) -> None:
    write(roll, Write(9, 3, value, kind))
    book = Book(roll)
    cell = book.cells(book.sheet("名簿")).at(9, 3)
    assert (cell.kind, cell.value) == (Kind.NUMBER, stored)
    assert book.styles.look(cell.style).is_date is (kind is As.DATE)


@pytest.mark.parametrize(
    ("write_", "key"),
    [
        (Write(2, 1, "一二三", As.NUMBER), "workbooks.value_no_number"),
        (Write(2, 1, "1234567890123456", As.NUMBER), "workbooks.value_too_many_digits"),
        (Write(2, 1, "2026-02-30", As.DATE), "workbooks.value_no_date"),
        (Write(2, 1, "あ" * 32_768), "workbooks.value_too_long"),
        (Write(2, 1, "甲\x01乙"), "robots.list_character_illegal"),
    ],
)
def test_refuses_what_a_cell_cannot_hold(roll: Path, write_: Write, key: str) -> None:
    before = roll.read_bytes()
    with pytest.raises(ValueNotWritable) as refused:
        write(roll, write_)
    assert (refused.value.key, refused.value.where) == (key, "A2")
    assert roll.read_bytes() == before


def test_a_number_format_that_is_missing_is_added_behind_the_others(roll: Path) -> None:
    before = parts(roll)
    write(roll, Write(9, 4, "1200", As.NUMBER, "#,##0円"), Write(10, 4, "2026-04-01", As.DATE, "和暦"))
    assert changed_parts(roll, before) == {"xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = load_workbook(roll)["名簿"]
    assert sheet["D9"].number_format == "#,##0円"
    assert sheet["D10"].number_format == '[$-411]ggge"年"m"月"d"日"'
    assert sheet["D2"].number_format == "#,##0"


def test_an_appended_row_looks_like_the_one_above(roll: Path) -> None:
    with change_of(roll) as change:
        sheet = change.book.sheet("名簿")
        change.write(sheet, [Write(7, 4, "5", As.NUMBER), Write(7, 1, "x")], like_row=5)
    book = Book(roll)
    cells = book.cells(book.sheet("名簿"))
    assert [cells.at(7, column).style for column in (1, 4)] == [
        cells.at(5, column).style for column in (1, 4)
    ]


def test_refuses_to_overwrite_a_formula_unless_told(roll: Path) -> None:
    assert refusal(roll, Write(6, 4, "1", As.NUMBER)) == "D6 には数式があり、上書きすると失われます"
    before = parts(roll)
    write(roll, Write(6, 4, "1", As.NUMBER), over_formulas=True)
    assert "xl/calcChain.xml" in before and "xl/calcChain.xml" not in parts(roll)
    assert values(roll, "名簿")[5][3] == 1


def test_a_formula_can_be_written_and_has_no_result_until_excel_gives_one(roll: Path) -> None:
    write(roll, Write(9, 4, "=SUM(D2:D3)", As.FORMULA))
    book = Book(roll)
    cell = book.cells(book.sheet("名簿")).at(9, 4)
    assert cell.formula and cell.has_no_result and book.is_stale
    assert values(roll, "名簿")[8][3] == "=SUM(D2:D3)"


def test_refuses_the_inside_of_a_merged_block(roll: Path) -> None:
    told = refusal(roll, Write(1, 2, "x"), sheet="様式")
    assert told == "B1 は結合セル A1:D1 の中です(書けるのは左上のセルだけ)"


def test_refuses_locked_cells_of_a_protected_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.active["A1"], book.active.protection.sheet = "x", True
    book.active["B1"].protection = Protection(locked=False)
    book.save(path)
    assert refusal(path, Write(1, 1, "y")) == "A1 はシートの保護でロックされています"
    write(path, Write(1, 2, "y"))
    assert values(path, "Sheet") == [["x", "y"]]


def with_table(path: Path, totals: int = 0) -> Path:
    book = Workbook()
    for row in (["番号", "金額"], ["1", 10], ["2", 20]):
        book.active.append(row)
    book.active.add_table(Table(displayName="表1", ref="A1:B3", totalsRowCount=totals or None))
    book.save(path)
    return path


def test_a_table_takes_in_the_row_below_it(tmp_path: Path) -> None:
    path = with_table(tmp_path / "a.xlsx")
    with change_of(path) as change:
        sheet = change.book.sheet()
        change.grow_tables(sheet, 4)
        change.write(sheet, [Write(4, 1, "3")])
    assert load_workbook(path).active.tables["表1"].ref == "A1:B4"
    assert load_workbook(path).active.tables["表1"].autoFilter.ref == "A1:B4"


def test_refuses_a_tables_headings_and_a_row_below_its_totals(tmp_path: Path) -> None:
    path = with_table(tmp_path / "a.xlsx", totals=1)
    assert refusal(path, Write(1, 1, "名")) == "A1 はテーブルの見出しです"
    with (
        pytest.raises(WorkbookNotWritable, match="4 行目はテーブルの集計行の下です"),
        change_of(path) as change,
    ):
        change.grow_tables(change.book.sheet(), 4)


def test_refuses_a_signed_workbook(roll: Path) -> None:
    with zipfile.ZipFile(roll, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<x/>")
    assert refusal(roll, Write(2, 1, "x")) == "workbooks.signed"


def test_refuses_every_cell_of_an_array_formula(tmp_path: Path, roll: Path) -> None:
    with zipfile.ZipFile(roll) as package:
        stored = {name: package.read(name) for name in package.namelist()}
    sheet = stored["xl/worksheets/sheet3.xml"].replace(
        b"</sheetData>",
        b'<row r="5"><c r="B5"><f t="array" ref="B5:B6">A1:A2</f><v>1</v></c></row></sheetData>',
    )
    path = tmp_path / "array.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        for name, part in {**stored, "xl/worksheets/sheet3.xml": sheet}.items():
            package.writestr(name, part)
    told = refusal(path, Write(6, 2, "x"), sheet="選択肢")
    assert told == "B6 の数式は他のセルにも使われています(共有数式・配列数式)"


@pytest.mark.parametrize("sign", ["~$名簿.xlsx", ".~lock.名簿.xlsx#"])
def test_says_that_somebody_has_it_open(roll: Path, sign: str) -> None:
    roll.with_name(sign).touch()
    with pytest.raises(WorkbookInUse, match=r"「名簿\.xlsx」は開かれています"):
        write(roll, Write(2, 1, "x"))
    assert roll.read_bytes() == content()


def test_never_overwrites_what_somebody_saved_meanwhile(roll: Path) -> None:
    with pytest.raises(WorkbookChanged), change_of(roll) as change:
        change.write(change.book.sheet(), [Write(2, 1, "x")])
        made(roll, [["新しい"]])
    assert values(roll, "Sheet") == [["新しい"]]


def test_keeps_the_state_before_the_first_change_of_each_day_for_seven_days(roll: Path) -> None:
    for day in range(1, 10):
        write(roll, Write(9, 1, f"{day} 回目"), day=date(2026, 4, day))
        write(roll, Write(9, 2, "同じ日"), day=date(2026, 4, day))
    kept = sorted(path.name for path in roll.parent.glob("*.bak"))
    assert kept == [f"名簿.xlsx.2026040{day}.bak" for day in range(3, 10)]
    book = Book(roll.with_name("名簿.xlsx.20260409.bak"))
    assert book.cells(book.sheet()).at(9, 1).value == "8 回目"


def test_a_copied_sheet_brings_looks_merged_cells_shape_and_print_area(roll: Path) -> None:
    before = parts(roll)
    with change_of(roll) as change:
        sheet = copy_sheet(change, change.book.sheet("様式"), "4月 様式")
        change.write(sheet, [Write(2, 2, "2026-04-01", As.DATE)])
    touched = {name for name in changed_parts(roll, before) if name in before}
    assert touched == {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(roll)
    copy = book["4月 様式"]
    assert (book.sheetnames[-1], str(copy.merged_cells), copy.print_area) == (
        "4月 様式", "A1:D1", "'4月 様式'!$A$1:$D$5",
    )  # fmt: skip
    assert copy["A4"].value == "='4月 様式'!B3&\"件\"" and book["様式"]["A4"].value == '=様式!B3&"件"'
    after = parts(roll)
    assert after["xl/drawings/drawing3.xml"] == before["xl/drawings/drawing2.xml"]


def test_refuses_a_copy_that_would_lose_a_chart_or_a_pivot_table(roll: Path) -> None:
    for sheet, lost in (("名簿", "グラフ(シート「名簿」)"), ("集計", "ピボットテーブル(シート「集計」)")):
        with pytest.raises(WorkbookNotWritable) as refused, change_of(roll) as change:
            copy_sheet(change, change.book.sheet(sheet), "写し")
        assert refused.value.values["reasons"] == lost
    assert roll.read_bytes() == content()


@pytest.mark.parametrize("name", ["", "あ" * 32, "a/b", "名簿", "'a"])
def test_refuses_names_that_no_sheet_may_have(roll: Path, name: str) -> None:
    with pytest.raises(TableFileWrong, match="名前のシートは作れません"), change_of(roll) as change:
        copy_sheet(change, change.book.sheet("様式"), name)


@pytest.mark.parametrize(
    ("file", "data", "key"),
    [
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "workbooks.old_or_locked"),
        ("a.xlsx", b"no zip", "workbooks.broken"),
        ("a.xlsx", None, "workbooks.missing"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, file: str, data: bytes | None, key: str) -> None:
    if data is not None:
        (tmp_path / file).write_bytes(data)
    with pytest.raises(TableFileWrong) as refused:
        Book(tmp_path / file)
    assert refused.value.key == key


def test_refuses_a_document_type_declaration(tmp_path: Path, roll: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet xmlns="m"><sheetData/></worksheet>'
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        for name, part in parts(roll).items():
            package.writestr(name, bomb if name == "xl/worksheets/sheet1.xml" else part)
    book = Book(path)
    with pytest.raises(HakadoriError, match="DOCTYPE"):
        book.cells(book.sheet("名簿"))


def test_cells_are_named_as_excel_names_them() -> None:
    assert [cell_name(1, column) for column in (1, 26, 27, 702, 703, 16_384)] == [
        "A1", "Z1", "AA1", "ZZ1", "AAA1", "XFD1",
    ]  # fmt: skip
    assert read_block("$D$9:b2") == Block(2, 2, 9, 4)
    for wrong in ("", "1A", "A0", "XFE1", "A1048577", "A1:B2:C3", "B2-D9"):
        with pytest.raises(TableFileWrong, match="セルの名前ではありません"):
            read_block(wrong)


def test_libreoffice_opens_what_was_written(roll: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
    write(roll, Write(3, 5, "処理済"), Write(9, 1, "=1+1"))
    with change_of(roll) as change:
        copy_sheet(change, change.book.sheet("様式"), "4月")
    sheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [
        office,
        f"-env:UserInstallation=file://{roll.parent}/office",
        "--headless",
        "--convert-to",
        sheets,
    ]
    subprocess.run([*command, roll.name], cwd=roll.parent, check=True, capture_output=True, timeout=120)
    lines = (roll.parent / "名簿-名簿.csv").read_text(encoding="utf-8").splitlines()
    assert lines[2].split(",")[4] == "処理済" and lines[8].startswith("=1+1,")
    assert (roll.parent / "名簿-4月.csv").exists()
