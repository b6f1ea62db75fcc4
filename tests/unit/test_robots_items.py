"""Items from sheets and CSV files: what was meant comes in, what is wrong is told, nothing comes in twice."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from backoffice.database import open_database, upgrade
from backoffice.errors import DeclarationError, HakadoriError
from backoffice.ledger import Ledger
from backoffice.tables import work_items
from backoffice.work_items import State
from robots.intake import Entry, take_in
from robots.items import Items, key_of
from robots.model import load_robot
from robots.workbooks.errors import TableFileWrong

COLUMNS = {
    "番号": {"type": "digits", "length": 7},
    "氏名": "text",
    "生年月日": "date",
    "金額": "number",
}
HEADINGS = ["番号", "氏名", "生年月日", "金額"]


def items(**more: Any) -> Items:
    return Items.model_validate(
        {"from": "excel", "process": "p", "file": "f", "key": "番号", "columns": COLUMNS} | more
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    engine = open_database(f"sqlite:///{tmp_path / 'l.db'}")
    upgrade(engine)
    return Ledger(engine)


def sheet(path: Path, *rows: list[Any], merge: str = "", formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    for row in [HEADINGS, *rows]:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    for cell, code in (formats or {}).items():
        book.active[cell].number_format = code
    book.save(path)
    return path


def taken(ledger: Ledger, path: Path, wanted: Items | None = None) -> Entry:
    return take_in(wanted or items(), path, ledger, who="test")


def records(ledger: Ledger) -> list[dict[str, str]]:
    return [dict(item.record) for item in ledger.items("p")]


ROWS: list[tuple[list[Any], list[str]]] = [
    (["0012301", "髙橋　﨑", "2026-04-01", "1,200"], ["0012301", "髙橋　﨑", "2026-04-01", "1200"]),
    ([12302, 77, date(1950, 1, 1), 0.1 + 0.2], ["0012302", "77", "1950-01-01", "0.3"]),
    (["１２-34567", " 空 白 ", "昭和64年1月7日", "△5"], ["1234567", " 空 白 ", "1989-01-07", "-5"]),
    (["0000001", True, "20260401", "￥1,000円"], ["0000001", "TRUE", "2026-04-01", "1000"]),
    (["0000002", None, None, None], ["0000002", "", "", ""]),
    (["0000003", date(2026, 4, 1), "R8.4.1", 1e20], ["0000003", "2026-04-01", "2026-04-01", "1" + "0" * 20]),
]


@pytest.mark.parametrize(("row", "wanted"), ROWS)
def test_values_come_in_as_they_were_meant(
    ledger: Ledger, tmp_path: Path, row: list[Any], wanted: list[str]
) -> None:
    assert taken(ledger, sheet(tmp_path / "a.xlsx", row)) == Entry(1, 0, ())
    assert list(records(ledger)[0].values()) == wanted
    assert ledger.items("p")[0].key == wanted[0]


def test_a_number_keeps_the_zeros_that_its_format_shows(ledger: Ledger, tmp_path: Path) -> None:
    wanted = items(columns={"番号": "digits", "氏名": "text"})
    path = sheet(tmp_path / "a.xlsx", [600042, 12], formats={"A2": "000-0000", "B2": "0000"})
    taken(ledger, path, wanted)
    assert records(ledger) == [{"番号": "0600042", "氏名": "0012"}]


BAD: list[tuple[list[Any], str]] = [
    (["12", "", "", ""], "A2: 2 行目 A 列「番号」が 7 桁ではありません(2 桁)"),
    (["abc", "", "", ""], "A2: 2 行目 A 列「番号」に数字以外が入っています"),
    (["0012301", "#N/A", "", ""], "B2: 2 行目 B 列「氏名」がエラー値 #N/A です"),
    (["0012301", "", "2026-02-30", ""], "C2: 2 行目 C 列「生年月日」を日付として読めません"),
    (["0012301", "", "26/4/1", ""], "C2: 2 行目 C 列「生年月日」を日付として読めません"),
    (["0012301", "", 46113, ""], "C2: 2 行目 C 列「生年月日」は日付ではなく数です"),
    (["0012301", "", "", "千円"], "D2: 2 行目 D 列「金額」を数として読めません"),
    (["0012301", "", "", "=1+1"], "D2: 2 行目 D 列「金額」の数式に計算結果がありません"),
    ([None, "見本", "", ""], "2 行目のキー(番号)が空です"),
]


@pytest.mark.parametrize(("row", "told"), BAD)
def test_a_bad_cell_is_told_with_its_place_and_the_other_rows_come_in(
    ledger: Ledger, tmp_path: Path, row: list[Any], told: str
) -> None:
    entry = taken(ledger, sheet(tmp_path / "a.xlsx", row, ["0000009", "良", None, None]))
    assert (entry.new, len(entry.problems)) == (1, 1)
    place, do = entry.problems[0].splitlines()
    assert place.startswith("a.xlsx!Sheet") and place.endswith(told)
    assert do.startswith("  対処: ")


def calculated(path: Path, cells: dict[str, str]) -> Path:
    """Put the XML of cells into a sheet, as Excel stores formulas with their results."""
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    part, whole = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
    held[whole] = held[whole].replace(b'fullCalcOnLoad="1"', b"")
    for cell, inside in cells.items():
        held[part] = re.sub(
            rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)'.encode(), f'<c r="{cell}"{inside}'.encode(), held[part]
        )
    with zipfile.ZipFile(path, "w") as package:
        for name, content in held.items():
            package.writestr(name, content)
    return path


NO_TEXT = ' t="str"><f>IF(Z1="","",Z1)</f><v></v></c>'
"""As Excel stores a formula whose result is no text at all."""


def test_a_formula_whose_result_is_no_text_is_an_empty_value(ledger: Ledger, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "=A1", None, None])
    assert taken(ledger, calculated(path, {"B2": NO_TEXT})) == Entry(1, 0, ())
    assert records(ledger)[0]["氏名"] == ""


def test_a_formula_of_text_that_was_never_calculated_is_told(ledger: Ledger, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "=A1", None, None])
    entry = taken(ledger, calculated(path, {"B2": ' t="str"><f>A1</f></c>'}))
    assert (entry.new, len(entry.problems)) == (0, 1)
    assert "計算" in entry.problems[0]


def test_a_row_of_formulas_without_any_text_is_no_row(ledger: Ledger, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "甲", None, None], ["=A1", "=A1", None, None])
    assert taken(ledger, calculated(path, {"A3": NO_TEXT, "B3": NO_TEXT})) == Entry(1, 0, ())


@pytest.mark.parametrize("inside", [' t="s"><v>999</v></c>', ' t="?"><v>1</v></c>', ' s="x"><v>1</v></c>'])
def test_a_sheet_that_breaks_excels_own_rules_is_told_as_a_broken_file(
    ledger: Ledger, tmp_path: Path, inside: str
) -> None:
    path = calculated(sheet(tmp_path / "a.xlsx", ["0000001", "甲", None, None]), {"B2": inside})
    with pytest.raises(TableFileWrong) as refused:
        taken(ledger, path)
    assert "ファイルが壊れています" in refused.value.explain()


def test_merged_rows_are_told_one_by_one(ledger: Ledger, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "甲"], ["0000002", "乙"], ["0000003", "丙"], merge="B2:B3")
    entry = taken(ledger, path)
    assert [line.partition(": ")[2].splitlines()[0] for line in entry.problems] == [
        "2 行目 B 列「氏名」は結合セル B2:B3 の一部です",
        "3 行目 B 列「氏名」は結合セル B2:B3 の一部です",
    ]
    assert [item.key for item in ledger.items("p")] == ["0000003"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"columns": {**COLUMNS, "住処": "text"}}, "見出し「住処」の列がありません(1 行目)"),
        ({"heading_row": 9}, "9 行目に見出しがありません"),
        ({"sheet": "名簿"}, "シート「名簿」がありません"),
    ],
)
def test_a_wrong_table_stops_everything_before_an_item_is_entered(
    ledger: Ledger, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "甲"])
    with pytest.raises(HakadoriError, match=r".*") as refused:
        taken(ledger, path, items(**change))
    assert told in refused.value.explain()
    assert records(ledger) == []


def test_the_same_rows_come_in_once_and_a_changed_one_is_told(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    first = ["0000001", "甲", None, 1]
    assert taken(ledger, sheet(path, first, ["0000002", "乙", None, 2])) == Entry(2, 0, ())
    entry = taken(ledger, sheet(path, first, ["0000002", "乙", None, 3], ["0000003", "丙", None, 4]))
    assert (entry.new, entry.known) == (1, 2)
    assert entry.problems[0].splitlines()[0] == (
        "a.xlsx: 3 行目(キー 0000002)は、取り込んだ後に変わっています(列 金額)"
    )
    assert [record["金額"] for record in records(ledger)] == ["1", "2", "4"]


def test_one_key_with_two_contents_in_a_sheet_is_told(ledger: Ledger, tmp_path: Path) -> None:
    same = ["0000001", "甲", None, 1]
    entry = taken(ledger, sheet(tmp_path / "a.xlsx", same, same, ["0000001", "乙", None, 1]))
    assert entry.new == 1
    assert "4 行目は 2 行目と同じキーで、内容が違います" in entry.problems[0]


def test_spaces_around_a_key_make_no_second_item_of_it(ledger: Ledger, tmp_path: Path) -> None:
    wanted = items(**{"from": "csv", "columns": {"番号": "text", "氏名": "text"}})
    for number, written in enumerate(("A001", "A001 ", "A001　")):
        (tmp_path / f"{number}.csv").write_text(f"番号,氏名\n{written},甲\n", encoding="utf-8")
        taken(ledger, tmp_path / f"{number}.csv", wanted)
    assert [item.key for item in ledger.items("p")] == ["A001"]


@pytest.mark.parametrize("key", [["番号"], ["番号", "氏名"]])
def test_an_item_that_was_entered_with_its_spaces_stays_the_item_of_its_row(
    ledger: Ledger, tmp_path: Path, key: list[str]
) -> None:
    """Spaces counted once; what was registered then must not be registered again."""
    old = "|".join(["A001 ", "　甲"][: len(key)])
    ledger.put("p", old, {"番号": "A001 ", "氏名": "　甲"}, who="test", why="test")
    wanted = items(**{"from": "csv", "key": key, "columns": {"番号": "text", "氏名": "text"}})
    (tmp_path / "a.csv").write_text("番号,氏名\nA001 ,　甲\nA002,乙\n", encoding="utf-8")
    entry = taken(ledger, tmp_path / "a.csv", wanted)
    assert (entry.new, entry.known) == (1, 1)
    assert [item.key for item in ledger.items("p")] == [old, "|".join(["A002", "乙"][: len(key)])]


def test_the_table_ends_above_its_totals(ledger: Ledger, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "甲", None, 1], ["合計", None, None, 1])
    assert taken(ledger, path, items(ends_at="合計")) == Entry(1, 0, ())


def test_ten_thousand_rows_come_in_with_one_transaction(ledger: Ledger, tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    grid = book.create_sheet()
    grid.append(HEADINGS)
    for number in range(10_000):
        grid.append([f"{number:07}", "見本　太郎", date(2026, 4, 1), number])
    book.save(tmp_path / "a.xlsx")
    assert taken(ledger, tmp_path / "a.xlsx") == Entry(10_000, 0, ())
    assert taken(ledger, tmp_path / "a.xlsx") == Entry(0, 10_000, ())
    last = ledger.items("p")[-1]
    assert (last.key, last.record["金額"], len(ledger.events(last.id))) == ("0009999", "9999", 1)


def test_reads_cp932_csv_and_tells_of_another_encoding(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('番号,氏名,生年月日,金額\r\n12-34567,"髙橋,﨑",R8.4.1,△5\r\n'.encode("cp932"))
    from_csv: dict[str, Any] = {"from": "csv", "encoding": "cp932"}
    assert taken(ledger, path, items(**from_csv)) == Entry(1, 0, ())
    assert records(ledger) == [{"番号": "1234567", "氏名": "髙橋,﨑", "生年月日": "2026-04-01", "金額": "-5"}]
    with pytest.raises(HakadoriError, match="1 行目に utf-8-sig でない文字があります。cp932 なら読めます"):
        taken(ledger, path, items(**{"from": "csv"}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("番号,氏名,生年月日,金額\n1,2\n", "2 件目の列の数が 2 です(見出しは 4 列)"),
        ('番号,氏名,生年月日,金額\n"1,2,3,4\n', "CSV として読めません"),
        ("番号,番号,生年月日,金額\n1,2,3,4\n", "見出し「番号」の列が二つ以上あります"),
    ],
)
def test_tells_what_is_wrong_with_a_csv_file(ledger: Ledger, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(HakadoriError) as refused:
        taken(ledger, tmp_path / "a.csv", items(**{"from": "csv"}))
    assert told in refused.value.explain()


def test_what_stands_above_the_headings_of_a_csv_file_may_have_its_own_width(
    ledger: Ledger, tmp_path: Path
) -> None:
    lines = ["異動者一覧", "作成日,2026-04-01", ",".join(HEADINGS), "0000001,甲,,", "0000002,乙,,"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    assert taken(ledger, tmp_path / "a.csv", items(**{"from": "csv", "heading_row": 3})) == Entry(2, 0, ())


def test_a_csv_row_that_is_too_short_is_told_with_its_number_below_the_headings(
    ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("一覧\n" + ",".join(HEADINGS) + "\n0000001,甲\n", encoding="utf-8")
    with pytest.raises(TableFileWrong) as refused:
        taken(ledger, tmp_path / "a.csv", items(**{"from": "csv", "heading_row": 2}))
    assert (refused.value.where, refused.value.values["wanted"]) == ("a.csv:3", 4)


def test_what_one_robot_has_done_another_takes_up(ledger: Ledger) -> None:
    item, _ = ledger.put("first", "0012", {"氏名": "甲"}, who="test", why="test")
    claimed = ledger.claim("first", run="r", who="test")
    assert claimed is not None and claimed.id == item.id
    ledger.move(claimed, State.DONE, who="test", why="test", result={"受付番号": "R1"})
    wanted = Items.model_validate({"from": "done", "of": "first", "process": "p"})
    assert take_in(wanted, None, ledger, who="test") == Entry(1, 0, ())
    assert records(ledger) == [{"氏名": "甲", "受付番号": "R1"}]


def done_and_erased(ledger: Ledger, process: str) -> None:
    """Bring the next item of a process to done and let its days go by, as the retention does."""
    item = ledger.claim(process, run="r", who="test")
    assert item is not None
    ledger.move(item, State.DONE, who="test", why="test", result={"受付番号": "R1"})
    with ledger.transaction() as connection:
        connection.execute(
            sa.update(work_items).where(work_items.c.id == item.id).values(record={}, result={})
        )


def test_what_was_erased_when_its_days_were_over_is_not_taken_up_empty(ledger: Ledger) -> None:
    ledger.put("first", "0012", {"氏名": "甲"}, who="test", why="test")
    done_and_erased(ledger, "first")
    wanted = Items.model_validate({"from": "done", "of": "first", "process": "p"})
    assert take_in(wanted, None, ledger, who="test") == Entry(0, 0, ())
    assert records(ledger) == []


def test_a_row_whose_item_was_erased_has_not_changed(ledger: Ledger, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["0000001", "甲", None, 1])
    taken(ledger, path)
    done_and_erased(ledger, "p")
    assert taken(ledger, path) == Entry(0, 1, ())


def test_a_key_of_several_columns_is_never_ambiguous() -> None:
    assert key_of({"a": "1|2", "b": "3"}, ("a", "b")) == r"1\|2|3"
    assert key_of({"a": "1", "b": "2|3"}, ("a", "b")) == r"1|2\|3"
    assert key_of({"a": "1|", "b": "3"}, ("a", "b")) != key_of({"a": "1", "b": "|3"}, ("a", "b"))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{from: excel, process: p}", "items(from: excel)に file, key がありません"),
        ("{from: queue, process: p, sheet: x}", "items(from: queue)に sheet は書けません"),
        (
            "{from: csv, process: p, file: f, key: a, columns: {b: text}}",
            "キーの列 a が columns にありません",
        ),
        ("{from: csv, process: p, file: f, key: a, personal: [a]}", "個人情報の項目 a はキーに使えません"),
        ("{from: done, process: p, of: p}", "業務 p の完了した案件を、同じ業務には入れられません"),
    ],
)
def test_tells_what_is_wrong_with_the_declaration(tmp_path: Path, written: str, told: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"robot: r\ntitle: t\nitems: {written}\neach: [{{press: Tab}}]\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as refused:
        load_robot(path)
    assert f"r.yaml:3:8: {told}" in refused.value.explain()


def test_a_form_names_the_process_of_its_records() -> None:
    wanted = Items.model_validate({"from": "form", "form": "kouza_furikae"})
    assert wanted.process == "kouza_furikae"
