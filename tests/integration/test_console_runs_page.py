"""Jobs and runs in a real Chromium: run now, watched live to the end, stopped; items settled and sent back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_rules import breaches
from console_browser import fresh_page, needs_chromium, session_of, signed_in
from console_desk import PASSWORD
from playwright.sync_api import Browser, Page, StorageState, expect
from work_desk import SECRET, WorkDesk, is_open, make_work_desk, serving

from backoffice.runs import Run, RunState
from backoffice.work_items import State
from console.web.streams import PER_PERSON

pytestmark = [
    needs_chromium,
    pytest.mark.timeout(600),  # runs are real child processes on a machine that is busy with other things
]
OVER = """() => {
    const over = document.querySelector("[data-over]");
    const tell = () => over.hidden || console.log("over is shown");
    new MutationObserver(tell).observe(over, { attributes: true });
    tell();
}"""
"""Tells when the page says that its run is over: three seconds later it opens the result by itself."""
LONG = 120_000
"""Milliseconds that a run may take to begin or to end on a busy machine."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkDesk]:
    town = make_work_desk(tmp_path_factory.mktemp("town"))
    yield town
    (town.gate / "open").touch()
    town.desk.job_desk.stop()


@pytest.fixture(scope="module")
def url(town: WorkDesk) -> Iterator[str]:
    with serving(town.desk) as url:
        yield url


@pytest.fixture(scope="module")
def session(browser: Browser, url: str) -> StorageState:
    return session_of(browser, url, "tanto")


@pytest.fixture
def page(browser: Browser, session: StorageState) -> Iterator[Page]:
    opened = fresh_page(browser, storage_state=session)
    opened.set_default_timeout(LONG)
    yield opened
    opened.context.close()


@pytest.fixture(scope="module")
def running(town: WorkDesk) -> Iterator[Run]:
    """A run that was begun elsewhere and stands at the gate with one item; several pages look at it."""
    let_all_through(town)
    town.put(f"6{len(town.office.ledger.items('mihon')):03d}")
    run = town.desk.job_desk.run("mihon_touroku", {}, "unyo")
    town.wait(lambda: in_hand(town, run))
    yield run
    let_all_through(town)


def let_all_through(town: WorkDesk) -> None:
    (town.gate / "open").touch()
    town.wait(town.over)
    (town.gate / "open").unlink()


def in_hand(town: WorkDesk, run: Run) -> bool:
    return bool(town.desk.work.watch.progress(run, town.office.clock()).in_hand)


def test_a_job_is_run_now_and_watched_live_to_its_end(town: WorkDesk, page: Page, url: str) -> None:
    town.put("0001", "0002", "0003")
    page.goto(f"{url}/jobs/mihon_touroku")
    page.get_by_role("button", name="いま動かす").click()
    page.wait_for_url("**/runs/*")
    expect(page.locator("[data-in-hand]")).to_contain_text("0001", timeout=LONG)
    assert SECRET not in page.content()
    assert breaches(page) == []
    (town.gate / "0001").touch()
    expect(page.locator('[data-count="done"]')).to_have_text("1", timeout=LONG)
    expect(page.locator("[data-recent]")).to_contain_text("0001 登録済み")
    expect(page.locator("[data-in-hand]")).to_contain_text("0002")
    assert page.evaluate("document.querySelector('[data-bar]').value") == 1
    said = "3 件のうち 1 件を終えました。うち 0 件は登録できていません。"
    expect(page.locator("[data-said]")).to_have_text(said)
    with page.expect_console_message(lambda told: told.text == "over is shown", timeout=LONG):
        page.evaluate(OVER)
        (town.gate / "open").touch()
    expect(page.locator("[data-over]")).to_have_count(0, timeout=LONG)  # the result was opened by itself
    expect(page.locator("[data-state]")).to_have_text("完了")
    assert page.locator("table").first.inner_text().count("登録済み") == 3
    (town.gate / "open").unlink()


def test_a_revoked_user_hears_nothing_more(town: WorkDesk, browser: Browser, url: str, running: Run) -> None:
    town.desk.users.add("yamada", PASSWORD, roles=["operator"], departments=["nouzei"])
    page = signed_in(browser, url, "yamada")
    page.goto(f"{url}/runs/{running.id}")
    expect(page.locator("[data-in-hand] li")).to_contain_text("処理中", timeout=LONG)
    town.desk.users.set_active("yamada", False)
    expect(page.locator("[data-gone]")).to_be_visible(timeout=LONG)
    expect(page.locator("[data-why]")).not_to_be_empty()
    page.context.close()


def test_open_pages_do_not_stall_the_console_and_those_without_a_stream_ask(
    town: WorkDesk, browser: Browser, session: StorageState, url: str, running: Run
) -> None:
    context = browser.new_context(locale="ja-JP", storage_state=session)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    pages = [context.new_page() for _ in range(PER_PERSON + 1)]
    context.set_default_timeout(60_000)
    for page in pages:
        page.goto(f"{url}/runs/{running.id}")
        expect(page.locator("[data-in-hand] li")).to_contain_text("処理中", timeout=LONG)
    town.wait(lambda: pages[-1].evaluate("1") == 1 and any(one.endswith("/progress") for one in asked))
    pages[0].close()
    pages[-1].goto(f"{url}/jobs")
    expect(pages[-1].locator("h1")).to_contain_text("ジョブ")
    context.close()


def test_a_page_goes_on_after_the_console_was_restarted(
    town: WorkDesk, browser: Browser, session: StorageState, running: Run
) -> None:
    page = fresh_page(browser, storage_state=session)
    with serving(town.desk) as first:
        port = int(first.rsplit(":", 1)[1])
        page.goto(f"{first}/runs/{running.id}")
        expect(page.locator("[data-in-hand] li")).to_contain_text("処理中", timeout=LONG)
    expect(page.locator("[data-away]")).to_be_visible(timeout=LONG)
    with serving(town.desk, port):
        expect(page.locator("[data-away]")).to_be_hidden(timeout=LONG)
        with page.expect_console_message(lambda told: told.text == "over is shown", timeout=LONG):
            page.evaluate(OVER)
            (town.gate / "open").touch()
        page.context.close()


def test_a_run_is_stopped_after_the_item_in_hand_and_its_job_held_back(
    town: WorkDesk, page: Page, url: str
) -> None:
    let_all_through(town)
    town.put("6901", "6902")
    running = town.desk.job_desk.run("mihon_touroku", {}, "unyo")
    town.wait(lambda: in_hand(town, running))
    page.goto(f"{url}/runs/{running.id}")
    page.click("summary:has-text('この実行を止める')")
    page.fill("[name=why]", "相手の保守")
    page.check("[name=hold]")
    page.click("text=案件の区切りで止める")
    town.wait(lambda: town.office.books.stops.of(running.id) is not None)
    log = town.desk.settings.folder("logs") / f"run-{running.id}.log"
    town.wait(lambda: "asked to end" in log.read_text(encoding="utf-8"))
    (town.gate / "6901").touch()
    town.wait(lambda: not is_open(town.office.runs.get(running.id)))
    ended = town.office.runs.get(running.id)
    assert (ended.state, ended.reason) == (RunState.STOPPED, "tanto が止めました: 相手の保守")
    assert [item.key for item in town.office.ledger.items("mihon", [State.NEW])] == ["6902"]
    expect(page.locator("[data-over]")).to_have_count(0, timeout=LONG)  # the result was opened by itself
    page.goto(f"{url}/jobs/mihon_touroku")
    assert "相手の保守" in page.locator(".note.warn").inner_text()
    page.get_by_role("button", name="再開する", exact=True).click()
    expect(page.get_by_role("button", name="いま動かす")).to_be_visible()


def test_an_item_in_doubt_is_settled_by_keyboard_alone(town: WorkDesk, page: Page, url: str) -> None:
    item = town.doubtful("7001")
    page.goto(f"{url}/items/{item.id}")
    assert breaches(page) == []
    page.locator("[name=to]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("相手に登録があった")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1 + .tag")).to_have_text("登録済み")
    assert town.office.ledger.events(item.id)[-1].why == "相手に登録があった"


def test_failed_items_are_chosen_and_sent_back_with_one_reason(town: WorkDesk, page: Page, url: str) -> None:
    items = [town.failed("7101"), town.failed("7102")]
    page.goto(f"{url}/items?state=system_failure")
    for item in items:
        page.check(f'[name=item][value="{item.id}"]')
    page.fill("[name=why]", "相手が直った")
    page.click("text=失敗した案件をもう一度登録する")
    expect(page.locator("[role=status]")).to_have_text("2 件を変えました。")
    assert {town.office.ledger.get(item.id).state for item in items} == {State.RETRY}


def test_no_page_breaks_a_rule_of_axe_by_day_or_by_night(town: WorkDesk, page: Page, url: str) -> None:
    run, item = town.past_run(done=1, system_failure=1), town.failed("7201")
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security" in line.text else None)
    paths = ["/jobs", "/jobs/mihon_touroku", "/runs", f"/runs/{run.id}", f"/runs/{run.id}/parts/7", "/items"]
    for path in [*paths, f"/items/{item.id}"]:
        page.goto(url + path)
        assert breaches(page) == [], path
    page.emulate_media(color_scheme="dark")
    for path in ("/jobs", f"/runs/{run.id}", "/items"):
        page.goto(url + path)
        assert breaches(page, "main") == [], path
    assert refused == []
