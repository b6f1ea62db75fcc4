"""The first page: each person sees what is theirs and is led to what helps, and it keeps itself up to date quietly."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from axe_rules import breaches
from console_browser import fresh_page, needs_chromium
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect
from reports_office import NOW, cookie_of, make_town

from backoffice.clock import TOKYO
from backoffice.document import Field, FileState, NewDocument
from backoffice.messages import use_language
from backoffice.runs import RunState
from backoffice.work_items import State
from console.doctor.finding import Finding, Level
from console.health_watch import HealthWatch
from console.web.app import create_app
from console.web.desk import Desk
from console.web.sessions import COOKIE
from console.wiring import Office
from samples.showcase.serving import serving

pytestmark = needs_chromium
SECOND, DIFFER = "backoffice.second_entry_waits", "backoffice.entries_differ"
EVIL = "届<b>出</b><script>alert(1)</script>.pdf"


class Town:
    """An office on a Friday afternoon with work for everybody."""

    def __init__(self, office: Office, desk: Desk) -> None:
        self.office, self.desk, self.app = office, desk, create_app(desk)
        self.number = 0

    def at(self, moment: datetime) -> None:
        self.office.clock.now = moment  # type: ignore[attr-defined]

    def document(self, department: str, form: str, hours: int = 1, reason: str = "") -> int:
        self.number += 1
        self.at(NOW - timedelta(hours=hours))
        store, name = self.office.documents, f"{self.number}.pdf"
        file = store.claim_file(department, name, f"{self.number:064}", 10, f"originals/{name}")
        store.finish_file(file.id, FileState.READ)
        value = Field("口座番号", "digits", 1, "1", "1", 0.5, False, reason, (), "", (0, 0, 9, 9), True)
        found = store.add_document(NewDocument(file.id, 0, department, form, 1, (), (value,)))
        self.at(NOW)
        return found

    def item(self, process: str, state: State | None = None) -> None:
        self.number += 1
        ledger, key = self.office.ledger, f"{self.number:010}"
        ledger.put(process, key, {"氏名": "見本　太郎"}, who="t", why="t")
        if state is not None:
            claimed = ledger.claim(process, run="r", who="robot", keys=[key])
            assert claimed is not None
            if state is State.IN_DOUBT:
                claimed = ledger.move(claimed, State.COMMITTING, who="robot", why="t")
            ledger.move(claimed, state, who="robot", why="接続が切れました")

    def run(self, job: str, hours: float, state: RunState) -> str:
        self.number += 1
        self.at(NOW - timedelta(hours=hours))
        run = self.office.runs.enter(job, "read", f"s{self.number}", "schedule")
        self.at(NOW - timedelta(hours=hours) + timedelta(minutes=3))
        self.office.runs.finish(run.id, state, counts={})
        self.at(NOW)
        return run.id

    def client(self, who: str) -> TestClient:
        client = TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False)
        client.cookies.set(COOKIE, cookie_of(self.desk, who))
        return client

    def see(self, who: str) -> str:
        answer = self.client(who).get("/overview/now")
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    use_language("ja")
    office, desk = make_town(tmp_path_factory.mktemp("first"))
    made = Town(office, desk)
    for hours in (30, 5):
        made.document("nouzei", "kouza_furikae", hours)
    made.document("nouzei", "kouza_furikae", 3, SECOND)
    made.document("nouzei", "kouza_furikae", 2, DIFFER)
    made.document("kenkou", "yobou_yoshin", 1)
    made.item("kouza_furikae")
    made.item("kouza_furikae", State.IN_DOUBT)
    made.item("yobou_yoshin", State.BUSINESS_FAILURE)
    made.run("nouzei_yomitori", 40, RunState.DONE)  # before last night
    made.run("nouzei_yomitori", 20, RunState.FAILED)
    made.run("kouza_touroku", 19, RunState.DONE)
    made.run("kenkou_yomitori", 20, RunState.DONE)
    file = office.documents.claim_file("nouzei", EVIL, "e" * 64, 1, "failed/nouzei/x.pdf")
    office.documents.finish_file(file.id, FileState.FAILED, reason=f"{EVIL}: パスワードがかかっています")
    office.books.pauses.pause("kouza_touroku", "佐藤", "相手システムの保守")
    return made


def tasks(text: str) -> list[str]:
    """Return the tasks of a page, in order."""
    return re.findall(r'<li data-key="([a-z_]+)"', text)


def test_each_role_finds_what_is_theirs_to_do_what_stops_work_first(town: Town) -> None:
    assert {role: tasks(town.see(role)) for role in ("operator", "verifier", "approver", "auditor")} == {
        "operator": ["runs", "aside", "in_doubt_others", "paused"],
        "verifier": ["third", "second", "waiting", "aside", "in_doubt_others"],
        "approver": ["in_doubt", "approve", "third", "second", "waiting", "aside"],
        "auditor": ["audit"],
    }
    assert {"aside", "baselines"} <= set(tasks(town.see("author")))
    assert {"baselines", "audit"} <= set(tasks(town.see("admin")))


def test_who_may_not_see_documents_or_records_hears_nothing_of_them(town: Town) -> None:
    for role, hidden in {
        "operator": ["確認待ちの書類"],
        "auditor": ["確認待ちの書類", "登録の有無が不明", "読み取り", "待っている仕事", "パスワード"],
        "admin": ["確認待ちの書類", "登録の有無が不明", "待っている仕事", "パスワードがかかって"],
    }.items():
        text = town.see(role)
        assert [word for word in hidden if word in text] == []
        assert "時間の削減(今年度)" in text


def test_another_departments_work_is_not_there(town: Town) -> None:
    for role in ("operator", "verifier", "approver", "author"):
        text = town.see(role)
        assert "健康課" not in text
        assert "予防接種予診票" not in text
    assert "予防接種予診票" in town.see("mayor")


def test_each_link_leads_to_a_page_that_the_person_may_open(town: Town) -> None:
    for role in ("operator", "verifier", "approver", "author", "auditor", "admin"):
        client = town.client(role)
        for href in sorted(set(re.findall(r'href="(/[^"]*)"', town.see(role)))):
            assert client.get(href.replace("&amp;", "&")).status_code == 200, (role, href)


def test_second_and_third_are_asked_for_by_what_the_person_typed_already(town: Town) -> None:
    from backoffice.tables import field_entries

    documents = town.office.documents.documents(departments=["nouzei"])
    waiting = next(one for one in documents if one.fields[0].reason == SECOND)
    with town.office.engine.begin() as connection:
        row = {
            "document_id": waiting.id,
            "name": "口座番号",
            "value": "1",
            "who": "verifier",
            "at": NOW,
            "round": 0,
        }
        entry = connection.execute(field_entries.insert().values(row)).inserted_primary_key
    assert "second" not in tasks(town.see("verifier"))
    assert "second" in tasks(town.see("approver"))
    with town.office.engine.begin() as connection:
        connection.execute(field_entries.delete().where(field_entries.c.id == entry[0]))


def test_what_waits_is_counted_by_department_and_form_with_the_oldest(town: Town) -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", town.see("mayor") + town.see("verifier"))
    assert re.search(r"納税課\s+市税等口座振替依頼書\s+人の確認\s+4\s+2026-11-19 10:00", text)
    assert re.search(r"納税課\s+市税等口座振替依頼書\s+ロボットの登録\s+1\s+2026-11-20 16:00", text)


def test_tonight_is_until_nine_tomorrow_and_last_night_since_five_yesterday(town: Town) -> None:
    text = town.see("operator")
    tonight = text.split('id="tonight"')[1].split("</section>")[0]
    assert re.findall(r">(\d\d:\d\d)</time>.*?href=\"/jobs/(\w+)\"", tonight) == [
        ("17:30", "kouza_touroku"),
        ("18:00", "nouzei_yomitori"),
    ]
    assert tonight.count("休止中") == 1
    night = text.split('id="night"')[1].split("</section>")[0]
    assert "失敗 1" in night
    assert "完了 1" in night
    assert night.count("<tr data-key=") == 2


def test_what_went_wrong_says_what_to_do_and_leads_there(town: Town) -> None:
    text = town.see("approver").split('id="wrong"')[1].split("</section>")[0]
    rows = text.split("<tr data-key=")[1:]
    doubt = next(row for row in rows if "登録の有無が不明" in row)
    assert rows.index(doubt) == 0
    assert re.search(r'href="/items/\d+"', doubt)
    assert "接続が切れました" in doubt
    assert "決着させてください" in doubt
    assert any("佐藤 さんが休止しました: 相手システムの保守" in row for row in rows)
    file = next(row for row in rows if "パスワードがかかっています" in row)
    assert "届&lt;b&gt;出" in file
    assert re.search(r'href="/submit/\d+"', file)
    assert "承認者が相手のシステムを見て" in town.see("operator")


def test_how_the_installation_stands_is_told_to_who_looks_after_it(town: Town) -> None:
    assert "はかどりのサービスが動いていません" in town.see("operator")
    assert "はかどりのサービスが動いていません" in town.see("admin")
    assert "はかどりのサービスが動いていません" not in town.see("verifier")


def test_findings_are_kept_for_five_minutes() -> None:
    looks: list[int] = []
    now = [NOW]

    def look() -> list[Finding]:
        looks.append(1)
        return [Finding("disk", Level.WARNING, "少ない", "空ける"), Finding("spool", Level.OK, "なし")]

    watch = HealthWatch(look, lambda: now[0])
    assert [one.check for one in watch.findings()] == ["disk"]
    now[0] += timedelta(minutes=4, seconds=59)
    watch.findings()
    assert len(looks) == 1
    now[0] += timedelta(seconds=1)
    watch.findings()
    assert len(looks) == 2


def test_a_look_that_hangs_holds_up_nobody_else() -> None:
    looking, go_on = threading.Event(), threading.Event()

    def look() -> list[Finding]:
        looking.set()
        assert go_on.wait(60)
        return [Finding("disk", Level.WARNING, "少ない", "空ける")]

    watch = HealthWatch(look, lambda: NOW)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(watch.findings)
        assert looking.wait(60)
        try:
            assert pool.submit(watch.findings).result(60) == ()
        finally:
            go_on.set()
        assert [one.check for one in first.result(60)] == ["disk"]


def test_asking_how_things_stand_does_not_keep_the_session_alive(town: Town) -> None:
    client = town.client("verifier")
    assert "set-cookie" not in client.get("/overview/now").headers
    assert "set-cookie" in client.get("/").headers


@pytest.fixture(scope="module")
def url(town: Town) -> Iterator[str]:
    with serving(town.desk) as place:
        yield place


@pytest.fixture
def page(town: Town, url: str, browser: Browser) -> Iterator[Page]:
    opened = fresh_page(browser)
    opened.context.add_cookies([{"name": COOKIE, "value": cookie_of(town.desk, "approver"), "url": url}])
    opened.clock.install()
    opened.goto(url)
    yield opened
    opened.context.close()


def test_an_open_page_keeps_itself_up_to_date_and_the_focus_where_it_is(
    town: Town, page: Page, url: str
) -> None:
    assert breaches(page) == []
    assert page.locator("main b, main script").count() == 0
    page.emulate_media(color_scheme="dark")
    assert breaches(page) == []
    held = page.locator('[data-key="waiting"] a').last
    held.focus()
    page.evaluate("window.held = document.activeElement")
    doubts = page.locator('.tasks [data-key="in_doubt"]')
    expect(doubts).to_contain_text("1 件")
    town.item("kouza_furikae", State.IN_DOUBT)
    town.at(NOW + timedelta(minutes=2))
    page.clock.fast_forward(20_000)
    expect(doubts).to_contain_text("2 件", timeout=60_000)
    assert page.evaluate("document.activeElement === window.held")
    expect(page.locator("#live-news")).to_contain_text("2 件")
    expect(page.locator(".as-of")).to_contain_text("16:02")
    page.route("**/overview/now", lambda route: route.abort())
    page.clock.fast_forward(20_000)
    expect(page.locator("#live-trouble")).to_contain_text("つながりません", timeout=60_000)
    page.unroute("**/overview/now")
    page.clock.fast_forward(20_000)
    expect(page.locator("#live-trouble")).to_be_hidden(timeout=60_000)
    town.desk.users.set_active("approver", False)
    page.clock.fast_forward(20_000)
    expect(page.locator("#live-trouble a")).to_have_attribute("href", "/login", timeout=60_000)
    town.desk.users.set_active("approver", True)
    town.at(datetime(2026, 11, 20, 16, 0, tzinfo=TOKYO))


MORPH = """async ([before, after, focus]) => {
    const { morph } = await import("/static/morph.js");
    const old = document.createElement("section"), fresh = document.createElement("section");
    document.body.append(old);
    old.innerHTML = before; fresh.innerHTML = after;
    const held = focus ? old.querySelector(focus) : null;
    held?.focus();
    morph(old, fresh);
    const told = [old.innerHTML, document.activeElement === held && held !== null, document.activeElement.id];
    old.remove();
    return told;
}"""
ROWS = '<h2 id="head" tabindex="-1">h</h2><ul>{}</ul>'


def row(key: str, words: str = "x") -> str:
    return f'<li data-key="{key}"><a href="#{key}" id="{key}">{words}</a></li>'


@pytest.mark.parametrize(
    ("before", "after", "focus", "kept", "on"),
    [
        ("ab", "ab", "#b", True, "b"),
        ("ab", "ba", "#a", True, "a"),
        ("abc", "cab", "#c", True, "c"),
        ("abc", "bdca", "#a", True, "a"),
        ("ab", "b", "#a", False, "head"),
        ("", "ab", "", False, ""),
    ],
)
def test_rows_come_go_and_move_around_the_one_in_focus(
    page_of_scripts: Page, before: str, after: str, focus: str, kept: bool, on: str
) -> None:
    first, second = (
        ROWS.format("".join(row(key, words) for key in keys)) for keys, words in ((before, "x"), (after, "y"))
    )
    second = second.replace("</h2>", "</h2>\n")
    html, same, active = page_of_scripts.evaluate(MORPH, [first, second, focus])
    assert html == second
    assert (same, active) == (kept, on)


@pytest.fixture(scope="module")
def page_of_scripts(url: str, browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(f"{url}/login")
    yield opened
    opened.close()
