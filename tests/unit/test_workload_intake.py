"""A survey file becomes lines, or every mistake in it is told at once with its row and column."""

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from scheduler.workload.columns import parse_hours, parse_medium, parse_routine, parse_volume
from scheduler.workload.intake import Intake, read_survey
from scheduler.workload.source import read_grid
from scheduler.workload.survey import Medium, SurveyWrong

HEAD = "所属,分類,業務名,作業の種類,年間時間,年間件数,媒体"
LINE = "納税課,共通業務/窓口,口座振替,入力,120.5,600,両方"


def write(folder: Path, *lines: str, encoding: str = "utf-8", name: str = "s.csv") -> Path:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding) + b"\n")
    return path


def intake(folder: Path, *lines: str, encoding: str = "utf-8") -> Intake:
    return read_survey(read_grid(write(folder, *lines, encoding=encoding)))


def mistakes(folder: Path, *lines: str) -> list[tuple[str, str]]:
    with pytest.raises(SurveyWrong) as caught:
        intake(folder, *lines)
    return [(problem.where, problem.key.removeprefix("workload.")) for problem in caught.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    grid = read_grid(write(tmp_path, HEAD, LINE.replace("口座", "髙﨑"), encoding=encoding))
    assert grid.encoding == encoding
    [line] = read_survey(grid).lines
    assert (line.business, line.hours, line.volume) == ("髙﨑振替", Decimal("120.5"), 600)
    assert (line.medium, line.group, line.row) == (Medium.BOTH, "共通業務", 2)


def test_bytes_of_no_known_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(f"{HEAD}\n".encode() + b"\xff\xfe\xa0\n")
    with pytest.raises(SurveyWrong) as caught:
        read_grid(path)
    assert (caught.value.key, caught.value.where) == ("workload.encoding_unknown", "s.csv:2")


def test_headings_go_by_many_names_below_a_title_and_in_any_order(tmp_path: Path) -> None:
    found = intake(
        tmp_path,
        "令和8年度 業務棚卸,,,,,,,,",
        "",
        "備考,年間時間 (h),課名,大分類,区分,事務名,作業種別,件数,媒体,定型率",
        "注,1,納税課,共通業務,窓口,口座,入力,,紙,80%",
    )
    [line] = found.lines
    assert (line.row, line.category, line.routine, line.volume) == (4, "共通業務/窓口", 0.8, None)
    assert found.unused == ("備考",)


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("1,234.5", "1234.5"),
        ("120時間", "120"),
        ("12h", "12"),
        ("0", "0"),
        ("0.30000000000000004", "0.3"),
        ("33.3335", "33.334"),
    ],
)
def test_hours_are_read_as_offices_write_them(cell: str, hours: str) -> None:
    assert parse_hours(cell)[0] == Decimal(hours)


@pytest.mark.parametrize("cell", ["", "-1", "many", "1e999", "NaN", "1.2.3", "二十"])
def test_what_is_no_number_of_hours_is_refused(cell: str) -> None:
    with pytest.raises(ValueError):
        parse_hours(cell)


def test_volume_routine_and_medium_are_read_as_offices_write_them() -> None:
    assert [parse_volume(cell) for cell in ("1,200件", "1200.0", "500", "")] == [1200, 1200, 500, None]
    assert [parse_routine(cell) for cell in ("80%", "0.8", "1", "")] == [0.8, 0.8, 1.0, None]
    assert [parse_medium(cell) for cell in ("紙媒体", "併用", "System", "なし")] == [
        Medium.PAPER, Medium.BOTH, Medium.SYSTEM, Medium.NONE
    ]  # fmt: skip
    for parse, cell in ((parse_volume, "1.5"), (parse_routine, "80"), (parse_medium, "紙?")):
        with pytest.raises(ValueError):
            parse(cell)


def test_all_mistakes_are_told_at_once_with_row_and_column(tmp_path: Path) -> None:
    assert mistakes(
        tmp_path, HEAD, LINE,
        "納税課,窓口,滞納,入力,たくさん,1.5,布", ",窓口,督促,入力,,3,紙", LINE, "納税課,窓口,還付,入力,=A1,,紙",
    ) == [
        ("s.csv:3:年間時間", "hours_wrong"), ("s.csv:3:年間件数", "volume_wrong"), ("s.csv:3:媒体", "medium_wrong"),
        ("s.csv:4:所属", "cell_empty"), ("s.csv:4:年間時間", "cell_empty"),
        ("s.csv:5:業務名", "line_twice"), ("s.csv:6:年間時間", "formula"),
    ]  # fmt: skip


def test_a_mistake_says_what_stands_there_and_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(SurveyWrong) as caught:
        intake(tmp_path, HEAD, "納税課,窓口,滞納,入力,12分,1,布")
    assert caught.value.explain("ja").splitlines() == [
        "s.csv:2:年間時間: 「12分」は年間の時間として読めません",
        "  理由: 0 以上の数が要ります(1,234.5、120時間 でもよい)。",
        "  対処: 数に直してください。分なら 60 で割ってください。",
        "s.csv:2:媒体: 「布」は媒体の言葉ではありません",
        "  理由: 使える言葉: 紙、システム、両方、なし",
        "  対処: このどれかに直してください。",
    ]


def test_missing_and_doubled_headings_are_told_together(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "所属,課名,業務名,作業の種類,年間時間,年間件数", "a,a,b,c,1,2")
    assert told == [
        ("s.csv:1", "heading_twice"), ("s.csv:1", "heading_missing"), ("s.csv:1", "heading_missing")
    ]  # fmt: skip


def test_an_empty_file_and_one_without_lines_are_refused(tmp_path: Path) -> None:
    assert {key for _, key in mistakes(tmp_path, "")} == {"heading_missing"}
    assert mistakes(tmp_path, HEAD) == [("s.csv", "no_lines")]


def test_totals_are_checked_and_are_no_lines(tmp_path: Path) -> None:
    more = [
        "市民課,窓口,異動,入力,79.5,,紙",
        "小計,,,,200,,",
        "市民課,窓口,印鑑,受付,10,,紙",
        "合計,,,,210,,",
    ]
    found = intake(tmp_path, HEAD, LINE, *more)
    assert (len(found.lines), found.checked) == (3, 2)
    assert mistakes(tmp_path, HEAD, LINE, "合 計,,,,121,,") == [("s.csv:3:年間時間", "total_wrong")]


def test_a_total_may_differ_by_what_was_rounded_and_no_more(tmp_path: Path) -> None:
    thirds = [f"課,窓口,業務{n},入力,33.33333333,,紙" for n in range(3)]
    found = intake(tmp_path, HEAD, *thirds, "合計,,,,100,,")
    assert (found.rounded, found.checked) == (3, 1)
    assert mistakes(tmp_path, HEAD, *thirds, "合計,,,,100.01,,") == [("s.csv:5:年間時間", "total_wrong")]


def test_a_flood_of_mistakes_is_told_up_to_a_hundred(tmp_path: Path) -> None:
    told = mistakes(tmp_path, HEAD, *(f"課,窓口,業務{n},入力,x,,紙" for n in range(150)))
    assert (len(told), told[-1]) == (101, ("s.csv", "more_problems"))


def test_a_workbook_is_read_with_its_numbers_and_chosen_sheet(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["これは表紙"])
    sheet = book.create_sheet("調査")
    sheet.append(HEAD.split(","))
    sheet.append(["納税課", "窓口", "口座", "入力", 120.5, 600, "紙"])
    sheet.append(["納税課", "窓口", "督促", "通知", "=10*2", 5, "紙"])
    book.save(tmp_path / "s.xlsx")
    with pytest.raises(SurveyWrong) as caught:
        read_survey(read_grid(tmp_path / "s.xlsx", "調査"))
    assert [(p.where, p.key) for p in caught.value.problems] == [("s.xlsx:3:年間時間", "workload.formula")]
    sheet["E3"] = 20
    book.save(tmp_path / "s.xlsx")
    lines = read_survey(read_grid(tmp_path / "s.xlsx", "調査")).lines
    assert [(line.hours, line.volume) for line in lines] == [(Decimal("120.5"), 600), (Decimal(20), 5)]


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("s.xls", b"x", "file_kind"),
        ("s.xlsx", b"no zip", "excel_broken"),
        ("s.csv", HEAD.encode() + b'\n"open', "csv_broken"),
    ],
)
def test_a_file_of_another_kind_or_a_broken_one_is_refused(
    tmp_path: Path, name: str, content: bytes, key: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SurveyWrong) as caught:
        read_grid(tmp_path / name)
    assert caught.value.key == f"workload.{key}"


def test_a_missing_file_and_a_missing_sheet_are_refused(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "s.xlsx")
    for path, sheet, key in (
        (tmp_path / "no.csv", None, "file_unreadable"),
        (tmp_path / "s.xlsx", "調査", "sheet_missing"),
    ):
        with pytest.raises(SurveyWrong) as caught:
            read_grid(path, sheet)
        assert caught.value.key == f"workload.{key}"
