"""The sample survey from its file to the report: imported, kept by version, ranked, linked, compared."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from backoffice.database import open_database, upgrade
from backoffice.runs import Run, RunState
from console import cli
from samples.workload.make_survey import SURVEY, content, rows
from scheduler.job import Job
from scheduler.savings import TimeLedger
from scheduler.workload.book import SurveyBook
from scheduler.workload.effect import Tie, effect
from scheduler.workload.intake import read_survey
from scheduler.workload.source import read_grid
from scheduler.workload.survey import Survey, SurveyMissing

DEPARTMENTS = {"nouzei": "納税課", "shiminzei": "市民税課", "kenkou": "健康課"}
COMMON = {"窓口": "15.95", "文書": "8.15", "会議": "5.05", "問合せ": "4.44"}
"""Percent of all hours, as the survey that the sample takes its frame from was published."""
NIGHT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    database = open_database(f"sqlite:///{tmp_path / 'var' / 'hakadori.db'}")
    upgrade(database)
    return database


def enter(engine: sa.Engine, path: Path = SURVEY, name: str = "令和8年度") -> tuple[Survey, bool]:
    grid = read_grid(path)
    book = SurveyBook(engine, lambda: NIGHT)
    return book.enter(name, read_survey(grid).lines, file=grid.file, sha256=grid.sha256, who="test")


def save(engine: sa.Engine, job: str, business: str, department: str, minutes: float) -> None:
    """Book a run that saved some minutes (fewer than none when negative)."""
    basis = {"business": business, "process": job, "manual_minutes_per_item": 1, "assumption": True}
    declared = Job.model_validate(
        {"job": job, "title": job, "department": department, "run": "r", "time_saved": basis}
    )
    run = Run(job, job, "run", "s", "schedule", RunState.DONE, "", {}, "pc", 1, "", "", NIGHT, NIGHT)
    items, people = max(0, round(minutes)), max(0.0, -minutes)
    ledger = TimeLedger(engine)
    ledger.book(run, declared, items_done=items, people_seconds=people * 60, machine_seconds=1)


def test_the_sample_is_what_its_program_makes() -> None:
    assert SURVEY.read_bytes() == content()


def test_the_samples_shares_are_those_of_the_survey(engine: sa.Engine) -> None:
    survey, added = enter(engine)
    found = effect(survey, [], {}, DEPARTMENTS)
    assert (added, found.hours) == (True, Decimal(1_503_000))
    common = {part.name: str(part.share) for part in found.categories if part.name.startswith("共通業務/")}
    assert common == {f"共通業務/{name}": share for name, share in COMMON.items()}
    assert [(part.name, str(part.share)) for part in found.groups] == [
        ("共通業務", "33.59"),
        ("個別業務", "66.41"),
    ]


def test_the_reports_shares_and_hours_add_up_to_the_survey_without_drift(engine: sa.Engine) -> None:
    found = effect(enter(engine)[0], [], {}, DEPARTMENTS)
    for parts in (found.categories, found.groups, found.departments):
        assert sum(part.share for part in parts) == 100
        assert sum(part.hours for part in parts) == Decimal(1_503_000)
    assert (found.total.share, found.total.hours) == (100, Decimal(1_503_000))


def test_a_survey_in_cp932_or_excel_is_the_same_survey(engine: sa.Engine, tmp_path: Path) -> None:
    text = content().decode("utf-8-sig")
    (tmp_path / "s.csv").write_bytes(text.encode("cp932"))
    book = Workbook()
    for number, row in enumerate(rows()):
        book.active.append(
            [float(cell) if number and cell and at in (5, 6) else cell for at, cell in enumerate(row)]
        )
    book.save(tmp_path / "s.xlsx")
    known = read_survey(read_grid(SURVEY)).lines
    assert read_survey(read_grid(tmp_path / "s.csv")).lines == known
    assert read_survey(read_grid(tmp_path / "s.xlsx")).lines == known


def test_importing_again_adds_a_version_and_keeps_the_old_one(engine: sa.Engine, tmp_path: Path) -> None:
    enter(engine)
    assert enter(engine)[1] is False
    changed = tmp_path / "s.csv"
    changed.write_bytes(b"".join(SURVEY.read_bytes().splitlines(keepends=True)[:3]))
    newer, added = enter(engine, changed)
    assert (newer.version, added, len(newer.lines)) == (2, True, 2)
    book = SurveyBook(engine)
    assert (book.get().version, len(book.get(version=1).lines)) == (2, 249)
    assert [(one.name, one.version) for one in book.versions()] == [("令和8年度", 1), ("令和8年度", 2)]
    with pytest.raises(SurveyMissing) as caught:
        book.get("令和7年度")
    assert "令和8年度" in caught.value.explain("ja")


def test_saved_hours_stand_against_surveyed_ones_and_add_up_to_the_account(engine: sa.Engine) -> None:
    """60 + 90 minutes under 税・債権, −30 under 福祉・保健, 12 under nothing: 132 minutes in all."""
    save(engine, "kouza", "市税等口座振替依頼書の入力", "nouzei", 60)
    save(engine, "yobou", "予防接種予診票の入力", "kenkou", -30)
    save(engine, "shuunou", "消込のしごと", "nouzei", 90)
    save(engine, "hoka", "調査にない業務", "nouzei", 12)
    survey, book = enter(engine)[0], SurveyBook(engine)
    target = next(line for line in survey.lines if line.business == "収納消込")
    book.link(survey.name, "shuunou", target, who="test")
    entries = TimeLedger(engine).entries()
    found = effect(survey, entries, book.links(survey.name), DEPARTMENTS)
    assert {(job.job, job.tie) for job in found.jobs} == {
        ("kouza", Tie.BY_NAME), ("yobou", Tie.BY_NAME), ("shuunou", Tie.LINKED), ("hoka", Tie.NOT_FOUND)
    }  # fmt: skip
    saved = {part.name: round(part.saved, 9) for part in found.categories if part.saved}
    assert saved == {"個別業務/税・債権": 2.5, "個別業務/福祉・保健": -0.5}
    assert {part.name: round(part.saved, 9) for part in found.departments if part.saved} == {
        "納税課": 2.5, "健康課": -0.5
    }  # fmt: skip
    assert (found.unlinked, found.saved) == pytest.approx((0.2, 2.2))
    tax = next(part for part in found.categories if part.name == "個別業務/税・債権")
    linked = [line for line in survey.lines if line.business in ("市税等口座振替依頼書の入力", "収納消込")]
    assert tax.covered == sum(line.hours for line in linked)


def test_the_newest_link_counts_and_a_job_can_be_taken_off(engine: sa.Engine) -> None:
    save(engine, "kouza", "市税等口座振替依頼書の入力", "nouzei", 60)
    survey, book = enter(engine)[0], SurveyBook(engine)
    entries = TimeLedger(engine).entries()
    book.link(survey.name, "kouza", survey.lines[0], who="sato")
    book.link(survey.name, "kouza", None, who="sato")
    [job] = effect(survey, entries, book.links(survey.name), DEPARTMENTS).jobs
    assert (job.tie, job.target) == (Tie.TAKEN_OFF, None)
    gone = next(line for line in survey.lines if line.business == "収納消込")
    book.link(survey.name, "kouza", gone, who="sato")
    left = Survey(**{**vars(survey), "lines": tuple(line for line in survey.lines if line != gone)})
    [job] = effect(left, entries, book.links(survey.name), DEPARTMENTS).jobs
    assert job.tie is Tie.GONE


# ---- the command

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, engine: sa.Engine, capsys: pytest.CaptureFixture[str]) -> Command:
    configs = tmp_path / "configs"
    (configs / "jobs").mkdir(parents=True)
    names = ", ".join(f"{name}: {shown}" for name, shown in DEPARTMENTS.items())
    (configs / "hakadori.yaml").write_text(f"town: はかどり市\ndepartments: {{{names}}}\n", encoding="utf-8")
    (configs / "jobs" / "yomitori.yaml").write_text(
        "job: yomitori\ntitle: 読み取り\ndepartment: nouzei\nread: nouzei\n", encoding="utf-8"
    )

    def run(*words: str) -> tuple[int, str, str]:
        folders = ["--configs", str(configs), "--var", str(tmp_path / "var"), "--language", "ja"]
        code = cli.main([*folders, "workload", *words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_a_clerk_imports_ranks_links_and_reports(command: Command, tmp_path: Path, engine: sa.Engine) -> None:
    code, shown, _ = command("import", str(SURVEY), "--survey", "R8")
    assert (code, shown.splitlines()) == (0, [
        "R8 第1版として取り込みました: 249 行、合計 1,503,000 時間(ファイルの文字コード: utf-8-sig)。",
        "合計・小計の行 1 行は、足し算と合っていました。",
    ])  # fmt: skip
    assert "取り込み済み" in command("import", str(SURVEY), "--survey", "R8")[1]
    found = json.loads(command("rank", "--json", "--top", "3")[1])
    assert [one["business"] for one in found["candidates"]] == [
        "窓口の受付",
        "文書の収受・登録",
        "起案と決裁の書類",
    ]
    assert found["candidates"][0]["score"] == pytest.approx(132051.9 * 0.5 * 660257 / 660497, abs=0.001)
    explained = command("rank", "--top", "1", "--explain", "--department", "納税課")[1]
    assert "1. 収納消込(照合)  個別業務/税・債権" in explained and "もし件数が半分の" in explained
    code, shown, _ = command("link", "yomitori", "収納消込")
    assert (code, shown) == (
        0,
        "ジョブ yomitori を 納税課「収納消込」(個別業務/税・債権)に結び付けました。\n",
    )
    save(engine, "yomitori", "読み取り", "nouzei", 90)
    found = json.loads(
        command("report", "--from", "2026-04", "--xlsx", str(tmp_path / "w.xlsx"), "--json")[1]
    )
    assert sum(Decimal(str(part["share"])) for part in found["categories"]) == 100
    assert (found["saved_hours"], found["unlinked_hours"], found["jobs"][0]["tie"]) == (1.5, 0.0, "linked")
    assert "33.59%" in command("report", "--from", "2026-04")[1]
    assert json.loads(command("list", "--json")[1])["hours"] == 1503000.0


def test_the_workbook_opens_with_sound_parts_and_native_charts(command: Command, tmp_path: Path) -> None:
    command("import", str(SURVEY), "--survey", "R8")
    assert command("report", "--xlsx", str(tmp_path / "w.xlsx"))[0] == 0
    with ZipFile(tmp_path / "w.xlsx") as parts:
        for part in parts.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(part))
        assert len([name for name in parts.namelist() if name.startswith("xl/charts/chart")]) == 2
    book = load_workbook(tmp_path / "w.xlsx")
    assert book.sheetnames == ["分類別", "所属別", "自動化の候補", "順位のない作業", "ジョブとの結び付き"]
    sums = {row[0]: row[1:3] for row in book["分類別"].iter_rows(min_row=6, values_only=True) if row[0]}
    assert sums["共通業務/窓口"] == (239728.5, 15.95)
    assert sums["共通業務 計"] == (504857.7, 33.59)
    assert sums["合計"] == (1503000.0, 100.0)
    assert "作業の種類「受付」の見込み" in book["自動化の候補"]["K6"].value


def test_wrong_words_are_answered_with_the_nearest(command: Command) -> None:
    assert "hakadori workload import" in command("rank")[2]
    command("import", str(SURVEY))
    for words, told in (
        (("link", "yomitori", "収納消し込み"), "収納消込"),
        (("link", "yomitory", "収納消込"), "yomitori"),
        (("link", "yomitori"), "--remove"),
        (("rank", "--department", "納税科"), "納税課"),
        (("report", "--survey", "R9"), "令和"),
    ):
        code, _, error = command(*words)
        assert (code, told in error) == (2, True), (words, error)


def test_nothing_is_imported_from_a_file_with_a_mistake(command: Command, tmp_path: Path) -> None:
    text = content().decode("utf-8-sig").replace("33872", "多数", 1).replace("1503000.0", "1502999.0")
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    code, _, error = command("import", str(tmp_path / "s.csv"))
    assert (code, error.splitlines()[0]) == (2, "s.csv:2:年間件数: 「多数」は年間件数として読めません")
    assert command("list")[1].startswith("業務棚卸はまだ取り込まれていません")


def test_surveys_are_kept_on_postgresql_too(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    upgrade(engine)
    survey, _ = enter(engine)
    assert survey.hours == Decimal(1_503_000)
    assert survey.lines == read_survey(read_grid(SURVEY)).lines
    engine.dispose()


def test_a_day_belongs_to_the_months_asked_for(command: Command, engine: sa.Engine) -> None:
    save(engine, "yomitori", "収納消込", "nouzei", 60)
    command("import", str(SURVEY))
    assert (
        json.loads(command("report", "--from", "2026-04", "--to", "2026-04", "--json")[1])["saved_hours"]
        == 1.0
    )
    assert (
        json.loads(command("report", "--from", "2026-05", "--to", "2026-06", "--json")[1])["saved_hours"] == 0
    )
    assert TimeLedger(engine).entries()[0].worked_on == date(2026, 4, 1)
