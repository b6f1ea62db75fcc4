"""Time saved, baselines and the survey of working hours as pages, in a real Chromium over a real installation."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from axe_rules import breaches
from console_browser import fresh_page, needs_chromium
from fastapi.testclient import TestClient
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page
from reports_office import cookie_of, make_town

from backoffice.messages import use_language
from console.web.app import create_app
from console.web.desk import Desk
from console.web.sessions import COOKIE
from console.wiring import Office
from samples.showcase.serving import serving
from scheduler.workload import source
from scheduler.workload.survey import SurveyWrong

pytestmark = needs_chromium
SURVEY = Path("samples/workload/survey.csv")


class Town:
    """A served installation with one browser."""

    def __init__(self, office: Office, desk: Desk, url: str, browser: Browser) -> None:
        self.office, self.desk, self.url, self.browser = office, desk, url, browser
        self.app = create_app(desk)

    def page(self, who: str, path: str = "/", scheme: str = "light") -> Page:
        opened = fresh_page(self.browser, color_scheme=scheme)
        opened.context.add_cookies([{"name": COOKIE, "value": cookie_of(self.desk, who), "url": self.url}])
        opened.goto(f"{self.url}{path}")
        return opened

    def client(self, who: str) -> TestClient:
        client = TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False)
        client.cookies.set(COOKIE, cookie_of(self.desk, who))
        return client


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Town]:
    use_language("ja")
    office, desk = make_town(tmp_path_factory.mktemp("reports"))
    with serving(desk) as url:
        yield Town(office, desk, url, browser)


def saved(text: str) -> str:
    """Return the hours saved in all, as the page shows them."""
    found = re.search(r'<div class="first"><dt>[^<]*</dt><dd>([^<]*)</dd>', text)
    assert found, text[:2000]
    return found[1]


def test_who_has_every_department_sees_the_town_and_others_their_own(town: Town) -> None:
    mayor, head = town.client("mayor"), town.client("head")
    assert saved(mayor.get("/savings").text) == "9.00"
    assert saved(mayor.get("/savings?first=2026-11&last=2026-11").text) == "5.60"
    assert saved(mayor.get("/savings?first=2025-04&last=2026-03").text) == "1.50"
    assert saved(mayor.get("/savings?department=kenkou").text) == "▲0.53"
    own = head.get("/savings").text
    assert saved(own) == "7.40"
    assert "市税等口座振替依頼書の入力" in own
    assert "予防接種予診票" not in own
    assert head.get("/savings?department=kenkou").status_code == 404
    assert head.get("/savings?department=nouzei").status_code == 200


def test_the_workbook_holds_what_the_page_shows_and_no_other_department(town: Town) -> None:
    answer = town.client("head").get("/savings.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "納税課" in " ".join(cells)
    assert not [cell for cell in cells if "予防接種" in cell or "kenkou" in cell or "異動" in cell]
    [line] = [row for row in book.worksheets[0].iter_rows(values_only=True) if row[1] == "納税課"]
    assert line[2:6] == (180, 12.0, pytest.approx(4.6), pytest.approx(7.4))
    with ZipFile(io.BytesIO(answer.content)) as parts:
        assert len([name for name in parts.namelist() if name.startswith("xl/charts/chart")]) >= 6


def test_programs_get_the_hours_of_their_departments(town: Town) -> None:
    told = {who: town.client(who).get("/api/v1/reports/time-saved").json() for who in ("head", "mayor")}
    assert told["head"]["total"]["saved_hours"] == 7.4
    assert told["mayor"]["total"]["saved_hours"] == 9.0


def test_the_pages_break_no_rule_of_accessibility(town: Town) -> None:
    page = town.page("mayor", "/savings?first=2025-04&last=2027-03", "dark")
    assert breaches(page) == []
    page.emulate_media(color_scheme="light")
    for path in ("/savings", "/baselines", "/baselines/kouza_touroku"):
        page.goto(f"{town.url}{path}")
        assert breaches(page) == [], path
    page.context.close()


def test_every_chart_has_a_name_and_its_figures_in_a_table(town: Town) -> None:
    page = town.page("mayor", "/savings")
    charts = page.locator(".chart svg[role=img]")
    assert charts.count() == 4
    for chart in charts.all():
        assert chart.locator("title").text_content()
        assert chart.locator("xpath=ancestor::section//table").count() == 1
    loss = page.locator("#by-job + .chart svg text", has_text="−0.53")
    zero = page.locator("#by-job + .chart svg line[stroke-opacity='0.9']").get_attribute("x1")
    assert float(loss.get_attribute("x") or 0) < float(zero or 0)
    assert "80 % の範囲" in page.locator("main").inner_text()
    assert "計算方法" in page.locator("main").inner_text()
    page.context.close()


def test_paper_shows_the_figures_and_the_charts_without_the_menu(town: Town) -> None:
    page = town.page("mayor", "/savings")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert not page.locator("form.filters").is_visible()
    assert page.locator(".chart svg").first.is_visible()
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 6
    page.context.close()


def test_a_baseline_is_entered_by_keyboard_and_changes_no_booking(town: Town) -> None:
    before = saved(town.client("head").get("/savings").text)
    page = town.page("author", "/baselines/kouza_touroku")
    page.locator("[name=minutes]").first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("3.5")
    for value in (None, "measured", "納税課", None, "20", "20 件を測定", "様式が<b>新しく</b>なった"):
        page.keyboard.press("Tab")
        if value == "measured":
            page.locator("[value=measured]").check()
        elif value:
            page.keyboard.type(value)
        elif page.evaluate("document.activeElement.name") == "measured_on":
            page.locator("[name=measured_on]").fill("2026-11-12")
            page.locator("[name=sample_size]").focus()
            page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.name") == "why"
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    page.wait_for_load_state()
    row = page.locator("#history + div tbody tr").first
    assert row.inner_text().split("\t")[0].strip() == "2026-11-20"
    assert "1 件 3.5 分(納税課、2026-11-12 測定、20 件)" in row.inner_text()
    assert "様式が<b>新しく</b>なった" in row.inner_text()
    assert saved(town.client("head").get("/savings").text) == before
    noted = [entry for entry in town.office.audit.entries() if entry.what == "baseline.enter"]
    assert (noted[-1].who, noted[-1].subject) == ("author", "job/kouza_touroku")
    job = town.office.jobs["kouza_touroku"]
    now = town.office.books.savings.baselines.in_force(job, date(2026, 11, 20))
    assert now is not None
    assert (now.manual_minutes_per_item, now.preparation_minutes_per_run) == (3.5, 2)
    page.context.close()


def enter(client: TestClient, job: str, **values: str) -> tuple[int, str]:
    page = client.get(f"/baselines/{job}").text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    good = {
        "csrf": csrf, "valid_from": "2026-11-20", "minutes": "4", "known": "measured", "measured_by": "納税課",
        "measured_on": "2026-11-01", "sample_size": "20", "why": "測り直し",
    }  # fmt: skip
    answer = client.post(f"/baselines/{job}", data=good | values)
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_from": "2026-11-19"}, "valid_from"),
        ({"valid_from": "明日"}, "valid_from"),
        ({"minutes": "-1"}, "minutes"),
        ({"minutes": "nan"}, "minutes"),
        ({"minutes": "<script>"}, "minutes"),
        ({"preparation": "10001"}, "preparation"),
        ({"measured_by": " "}, "measured_by"),
        ({"measured_on": "2026-11-21"}, "measured_on"),
        ({"sample_size": "0"}, "sample_size"),
        ({"why": ""}, "why"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_entered(
    town: Town, values: dict[str, str], field: str
) -> None:
    book = town.office.books.savings.baselines
    before = book.history()
    status, text = enter(town.client("author"), "kouza_touroku", **values)
    assert status == 400
    assert f'id="wrong-{field}"' in text
    assert 'value="測り直し"' in text or field == "why"
    assert "<script>" not in text.replace('<script type="module"', "")
    assert book.history() == before


def test_an_entry_of_somebody_else_is_shown_before_another_is_made(town: Town) -> None:
    client = town.client("author")
    seen = client.get("/baselines/kouza_touroku").text.split('name="seen" value="')[1].split('"')[0]
    assert enter(client, "kouza_touroku", seen=seen, why="一人目")[0] == 303
    status, text = enter(client, "kouza_touroku", seen=seen, why="二人目")
    assert status == 409
    assert "author さんが基準を入力しました" in text
    assert [one.why for one in town.office.books.savings.baselines.history()][-1] == "一人目"


def test_who_may_only_look_gets_no_form_and_no_other_department(town: Town) -> None:
    verifier = town.client("verifier")
    assert 'name="minutes"' not in verifier.get("/baselines/kouza_touroku").text
    listed = verifier.get("/baselines").text
    assert "市税等口座振替依頼書の登録" in listed
    assert "予防接種予診票の登録" not in listed
    assert verifier.get("/baselines/yobou_touroku").status_code == 404


def test_a_survey_is_taken_in_after_all_its_mistakes_were_told(town: Town, tmp_path: Path) -> None:
    page = town.page("mayor", "/workload")
    assert "調査はまだ取り込まれていません" in page.locator("main").inner_text()
    wrong = tmp_path / "誤り.csv"
    head = "所属,分類,業務名,作業の種類,年間時間,年間件数,媒体\n"
    wrong.write_text(
        head + "納税課,税,口座<img src=x>,入力,たくさん,10,紙\n納税課,税,,入力,5,10,石\n", encoding="utf-8"
    )
    page.set_input_files("[name=file]", wrong)
    page.click("main form[method=post] button")
    page.wait_for_selector("[role=alert]")
    page.wait_for_load_state()
    assert page.locator("[role=alert] li").count() == 3
    assert page.locator("img").count() == 0
    assert town.desk.workload is not None
    assert town.desk.workload.book.versions() == []
    page.set_input_files("[name=file]", SURVEY)
    page.click("main form[method=post] button")
    page.wait_for_selector("[role=status]")
    page.wait_for_load_state()
    assert "1,503,000.0" in page.locator("#categories ~ div tfoot").inner_text()
    first = page.locator("#ranking ~ div tbody tr").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert "時間 132,051.9 h/年: 調査の値" in first.inner_text()
    assert breaches(page) == []
    page.goto(f"{town.url}/workload?department=納税課&top=1")
    assert page.locator("#ranking ~ div tbody tr").count() == 1
    page.goto(f"{town.url}/workload?department=<b>課</b>")
    assert page.locator("main b").count() == 0
    assert town.client("mayor").get("/workload.xlsx").content[:2] == b"PK"
    assert 'type="file"' not in town.client("verifier").get("/workload").text
    page.context.close()


def test_a_workbook_that_grows_when_unpacked_or_spans_a_whole_sheet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Workbook()
    far.active["XFD1048576"] = "x"
    far.save(tmp_path / "far.xlsx")
    with pytest.raises(SurveyWrong, match="シート「Sheet」が大きすぎます"):
        source.read_grid(tmp_path / "far.xlsx")
    monkeypatch.setattr(source, "LARGEST_UNPACKED", 3 * 1024**2)
    with ZipFile(tmp_path / "bomb.xlsx", "w", ZIP_DEFLATED) as packed:
        packed.writestr("x", bytes(3 * 1024**2 + 1))
    with pytest.raises(SurveyWrong, match="最大 3 MB"):
        source.read_grid(tmp_path / "bomb.xlsx")
