"""Time saved as people see it: figures in words, charts for the page, files that lose no character."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backoffice.messages import use_language
from backoffice.runs import Run, RunState
from console import cli
from console.savings import SavingsOffice, hours_text, plain_figure, signed
from console.wiring import open_office
from robots.workbooks.errors import ValueNotWritable
from scheduler.job import Job

SETTINGS = "town: はかどり市\ndepartments: {nouzei: 納税課}\n"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _japanese() -> None:
    use_language("ja")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A town whose one job has booked 2.5 hours in April and lost one in May."""
    configs = tmp_path / "configs"
    (configs / "jobs").mkdir(parents=True)
    (configs / "hakadori.yaml").write_text(SETTINGS, encoding="utf-8")
    text = (
        "job: kouza\ntitle: 口座の読み取り\ndepartment: nouzei\nread: nouzei\n"
        "time_saved: {business: 𠮷田の口座, process: kouza, manual_minutes_per_item: 5, assumption: true}\n"
    )
    (configs / "jobs" / "kouza.yaml").write_text(text, encoding="utf-8")
    office = open_office(configs, var=tmp_path / "var")
    for number, (month, items, people) in enumerate(((4, 30, 0), (5, 0, 3600))):
        at = datetime(2026, month, 8, 3, tzinfo=UTC)
        run = Run(
            str(number), "kouza", "read", "s", "schedule", RunState.DONE, "", {}, "pc", 1, "", "", at, at
        )
        office.books.savings.book(
            run, job(office.jobs), items_done=items, people_seconds=people, machine_seconds=60
        )
    return tmp_path


def job(jobs: Any) -> Job:
    found: Job = jobs["kouza"]
    return found


def office_of(town: Path) -> SavingsOffice:
    return SavingsOffice(open_office(town / "configs", var=town / "var"))


def test_figures_are_written_as_an_office_writes_them() -> None:
    assert [hours_text(value) for value in (1234.5, -14.6, -0.001, 2.275)] == [
        "1,234.50", "▲14.60", "0.00", "2.28"
    ]  # fmt: skip
    assert [plain_figure(value) for value in (1234.5, -14.6, -0.00001, 2.275)] == [
        "1234.5",
        "-14.6",
        "0",
        "2.275",
    ]
    use_language("en")
    assert signed("-912.5%") == "−912.5%"


def test_the_page_has_charts_with_titles_and_a_table_beside_each(town: Path) -> None:
    view = office_of(town).view("2026-04", "2027-03")
    assert view.total_hours == pytest.approx(1.5)
    assert [part.by for part in view.parts] == ["month", "job", "department", "form", "year"]
    month = view.parts[0]
    assert [(row[0], row[4], row[-1]) for row in month.rows] == [
        ("2026-04", "2.50", "2.50"), ("2026-05", "▲1.00", "1.50"), ("合計", "1.50", "")
    ]  # fmt: skip
    assert [part.rows[0][0] for part in view.parts[1:]] == [
        "口座の読み取り", "納税課", "様式なし(一覧・システムから)", "2026"
    ]  # fmt: skip
    for chart in (view.chart, month.chart):
        root = ElementTree.fromstring(chart)
        assert root.findtext(f"{SVG}title") and "削減 1.5 時間" in str(root.findtext(f"{SVG}desc"))


def test_a_month_alone_is_drawn_by_business_and_an_empty_span_not_at_all(town: Path) -> None:
    shown = office_of(town).view("2026-04", "2026-04")
    texts = [text.text for text in ElementTree.fromstring(shown.chart).findall(f"{SVG}text")]
    assert "𠮷田の口座" in texts and "150" in texts  # minutes, since it is little
    assert (office_of(town).view("2025-04", "2025-05").chart, office_of(town).view("2025-04", "2025-05").parts) == (
        "", ()
    )  # fmt: skip


def test_a_character_outside_of_cp932_is_told_with_row_and_column_and_nothing_is_written(town: Path) -> None:
    savings, path = office_of(town), town / "t.csv"
    found = savings.report("2026-04", "2027-03")
    with pytest.raises(ValueNotWritable) as caught:
        savings.csv(found, "business", path, "cp932")
    assert "2行1列" in caught.value.explain() and "U+20BB7" in caught.value.explain()
    assert not path.exists()
    savings.csv(found, "business", path, "utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert (
        path.read_text(encoding="utf-8-sig").splitlines()[1].startswith("𠮷田の口座,納税課,30,2.5,1,1.5,0.6,")
    )


def command(town: Path, *words: str) -> int:
    folders = ["--configs", str(town / "configs"), "--var", str(town / "var"), "--language", "ja"]
    return cli.main([*folders, "report", *words])


def test_rework_noted_by_hand_lowers_the_saving_and_stays_in_the_audit_trail(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("rework", "kouza", "--minutes", "30", "--why", "訂正", "--who", "佐藤", "--day", "2026-04-09")
    assert command(town, *told) == 0
    assert capsys.readouterr().out == "kouza: 30 分を手直しの時間として記入しました。\n"
    assert office_of(town).report("2026-04", "2026-04").total.saved == pytest.approx(2.0)
    assert open_office(town / "configs", var=town / "var").audit.entries()[0].what == "time.rework"
    assert command(town, "rework", "kouzaa", *told[2:]) == 2
    assert command(town, *told[:-1], "4月9日") == 2
    assert "2026-04-01 のように" in capsys.readouterr().err


def test_the_baselines_are_shown_with_their_runs(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(town, "baselines", "--json") == 0
    assert '"runs": 2, "items": 30, "in_force": true' in capsys.readouterr().out
    assert command(town, "baselines") == 0
    assert "2026-04-08 –" in capsys.readouterr().out


def test_months_that_are_not_named_are_those_of_the_fiscal_year(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(town, "time-saved", "--from", "2026-04") == 0
    shown = capsys.readouterr().out
    assert (
        "時間削減 2026-04 – 2027-03" in shown and "基準 𠮷田の口座(納税課): 1 件 5 分(仮定・未測定)" in shown
    )
    assert command(town, "time-saved", "--department", "市民課") == 2
