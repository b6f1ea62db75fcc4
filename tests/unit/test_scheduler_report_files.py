"""The report as a workbook with Excel's own charts, and the chart for the console."""

from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from scheduler.chart_line import Ahead, line_chart
from scheduler.chart_rows import rows_chart
from scheduler.chart_svg import Series, bar_chart
from scheduler.report_workbook import ReportWorkbook
from scheduler.reports import report
from scheduler.savings import TimeEntry

SVG = "{http://www.w3.org/2000/svg}"


def entry(run: str, day: date, business: str, manual: float, people: float) -> TimeEntry:
    now = datetime(2026, 10, 1, tzinfo=UTC)
    basis = {"assumption": True}
    return TimeEntry(
        run,
        "job",
        "nouzei",
        business,
        day,
        10,
        manual / 10,
        manual,
        people,
        0,
        0,
        manual - people,
        60,
        basis,
        now,
    )


ENTRIES = [
    entry("1", date(2026, 4, 1), "=口座", 120, 30),
    entry("2", date(2026, 5, 1), "=口座", 60, 30),
    entry("3", date(2026, 5, 2), "収納", 96, 972),
]


def write(path: Path, entries: list[TimeEntry], language: str = "ja") -> Path:
    found = report(entries, date(2026, 4, 1), date(2026, 9, 30), language=language)
    book = ReportWorkbook(
        found,
        town="はかどり市",
        departments={"nouzei": "納税課"},
        language=language,
        made_on=date(2026, 10, 1),
    )
    book.save(path)
    return path


def test_the_workbook_holds_the_columns_that_towns_publish(tmp_path: Path) -> None:
    sheet = load_workbook(write(tmp_path / "r.xlsx", ENTRIES))["概要"]
    rows = list(sheet.iter_rows(min_row=5, max_row=8, values_only=True))
    assert rows[0] == (
        "業務名", "所属", "件数", "導入前(h)", "導入後(h)", "削減(h)", "削減率", "機械(h)", "基準(根拠・測定日・件数)",
        "基準の測定日",
    )  # fmt: skip
    assert rows[1][:3] == ("=口座", "納税課", 20)
    assert rows[1][3:7] == pytest.approx((3.0, 1.0, 2.0, 2 / 3))
    assert rows[2][3:7] == pytest.approx((1.6, 16.2, -14.6, -9.125))
    assert rows[3][0] == "合計"
    assert rows[3][3:6] == pytest.approx((4.6, 17.2, -12.6))
    assert sheet["A1"].value == "はかどり市 業務時間の削減効果"
    assert sheet["I6"].value == "1 件 12 分(仮定・未測定)\n1 件 6 分(仮定・未測定)"


def test_the_months_add_up_and_run_on(tmp_path: Path) -> None:
    sheet = load_workbook(write(tmp_path / "r.xlsx", ENTRIES))["月別"]
    rows = list(sheet.iter_rows(min_row=6, max_row=8, values_only=True))
    assert [row[0] for row in rows] == ["2026-04", "2026-05", "合計"]
    assert [row[4] for row in rows] == pytest.approx([1.5, -14.1, -12.6])
    assert [row[7] for row in rows[:2]] == pytest.approx([1.5, -12.6])


def test_the_entries_are_all_there(tmp_path: Path) -> None:
    sheet = load_workbook(write(tmp_path / "r.xlsx", ENTRIES))["明細"]
    assert [row[-1] for row in sheet.iter_rows(min_row=6, values_only=True)] == ["1", "2", "3"]
    assert sum(row[10] for row in sheet.iter_rows(min_row=6, values_only=True)) == pytest.approx(-756)


def test_the_charts_are_excels_own(tmp_path: Path) -> None:
    with ZipFile(write(tmp_path / "r.xlsx", ENTRIES)) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 7  # businesses, months, cumulative, jobs, departments, forms, fiscal years
        for part in parts.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(part))
        drawn = parts.read("xl/charts/chart1.xml").decode()
    assert "'概要'!$D$6:$D$7" in drawn
    assert "'概要'!$E$6:$E$7" in drawn


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path: Path) -> None:
    sheet = load_workbook(write(tmp_path / "r.xlsx", ENTRIES))["概要"]
    assert (sheet["A6"].value, sheet["A6"].data_type) == ("=口座", "s")


def test_an_empty_period_says_so_and_draws_no_chart(tmp_path: Path) -> None:
    path = write(tmp_path / "r.xlsx", [])
    book = load_workbook(path)
    told = {sheet.title: sheet["A6"].value for sheet in book}
    assert told.pop("基準の履歴") == "基準を変えても、それより前の実行の削減時間は計算し直しません。"
    assert set(told.values()) == {"この期間の記録はありません。"}
    with ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "chart" in name]


def test_the_workbook_speaks_english_too(tmp_path: Path) -> None:
    book = load_workbook(write(tmp_path / "r.xlsx", ENTRIES, "en"))
    views = ["Jobs", "Departments", "Forms", "Fiscal years"]
    assert book.sheetnames == ["Summary", "Months", *views, "Baselines", "Entries"]
    assert book["Summary"]["I7"].value == "9.6 min each (assumed, not measured)"


def draw(labels: list[str], *rows: tuple[float, ...]) -> ElementTree.Element:
    series = [Series(f"<行{n}>", row) for n, row in enumerate(rows)]
    svg = bar_chart(labels, series, identifier="saved", title="削減 & 効果", description="<4月>", unit="h")
    return ElementTree.fromstring(svg)


def test_the_chart_is_sound_xml_that_a_screen_reader_can_tell() -> None:
    root = draw(["<4月>", "5月"], (3.0, 1.0), (1.0, 16.2))
    assert root.get("role") == "img"
    assert [root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")] == ["削減 & 効果", "<4月>"]
    assert root.get("aria-labelledby") == "saved-title saved-desc"
    shown = [element.text for element in root.findall(f"{SVG}text")]
    assert {"<4月>", "5月", "16.2", "<行0>"} <= set(shown)


def test_negative_bars_hang_below_the_zero_line() -> None:
    root = draw(["a", "b"], (10.0, -5.0))
    up, down = [rect for rect in root.findall(f"{SVG}rect") if rect.get("height") != "12"]
    zero = float(up.get("y", "")) + float(up.get("height", ""))
    assert float(down.get("y", "")) == pytest.approx(zero, abs=0.2)
    assert float(up.get("height", "")) == pytest.approx(2 * float(down.get("height", "")), abs=0.2)
    assert "−5" in [element.text for element in root.findall(f"{SVG}text")]


def test_the_chart_takes_its_colour_from_the_page() -> None:
    root = draw(["a"], (1.0,))
    assert root.get("fill") == "currentColor"
    assert all(element.get("style") is None for element in root.iter())


@pytest.mark.parametrize("rows", [[], [(0.0,)]])
def test_a_chart_of_nothing_is_an_axis(rows: list[tuple[float, ...]]) -> None:
    assert draw(["a"], *rows).findall(f"{SVG}line")
    assert draw([]).findall(f"{SVG}line")


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="as long as the labels"):
        draw(["a", "b"], (1.0,))


def test_a_value_that_does_not_fit_its_bar_stands_upright_beside_its_neighbour() -> None:
    months = [f"2026-{month:02}" for month in range(1, 13)]
    root = draw(months, (1234.5,) * 12, (98.7,) * 12)
    upright = {text.text for text in root.findall(f"{SVG}text") if text.get("transform")}
    assert upright == {"1,234", "98.7"}


def test_lying_bars_carry_long_names_and_losses() -> None:
    words = {"identifier": "r", "title": "t", "description": "d", "unit": "h"}
    long = "特別徴収に係る給与所得者異動届出書の入力"
    svg = rows_chart([long, "収納"], [Series("削減", (4.5, -14.6))], **words)
    root = ElementTree.fromstring(svg)
    shown = [text.text for text in root.findall(f"{SVG}text")]
    assert {"特別徴収に係る給与所得者異動届…", "収納", "4.5", "−14.6"} <= set(shown)
    gain, loss = root.findall(f"{SVG}rect")[:2]
    assert float(loss.get("x", "")) + float(loss.get("width", "")) == pytest.approx(
        float(gain.get("x", "")), abs=0.2
    )


def test_the_line_goes_on_broken_to_what_is_expected() -> None:
    words = {"identifier": "l", "title": "t", "description": "d", "unit": "h"}
    ahead = Ahead(50.0, 60.0, 70.0, "見込み")
    root = ElementTree.fromstring(line_chart(["4月", "5月", "3月"], [10.0, 21.0], ahead=ahead, **words))
    solid, broken = root.findall(f"{SVG}polyline")
    assert (solid.get("stroke-dasharray"), broken.get("stroke-dasharray")) == (None, "6 4")
    assert broken.get("points", "").split()[0] == solid.get("points", "").split()[-1]
    assert "見込み 60" in [text.text for text in root.findall(f"{SVG}text")]
    over = ElementTree.fromstring(line_chart(["4月"], [10.0], ahead=ahead, **words))
    assert len(over.findall(f"{SVG}polyline")) == 1


def test_a_line_of_more_values_than_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="not more values"):
        line_chart(["a"], [1.0, 2.0], identifier="l", title="t", description="d", unit="h")
