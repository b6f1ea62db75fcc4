"""The page for handing in scans in a real Chromium: dropped, chosen, pasted; and what a clerk does meanwhile."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import uvicorn
from axe_rules import breaches
from console_browser import needs_chromium, signed_in
from console_desk import PASSWORD, Office, make_office, small_scan
from playwright.sync_api import Browser, Page, expect

from console.web.app import create_app

pytestmark = needs_chromium
NUMBERS = count(1)

DROP = """([files, where]) => {
    const carried = new DataTransfer();
    for (const [name, type, base64] of files) {
        const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
        carried.items.add(new File([bytes], name, { type }));
    }
    const place = document.querySelector(where);
    for (const kind of ["dragenter", "dragover", "drop"])
        place.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""
PASTE = """([name, type, base64]) => {
    const carried = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    carried.items.add(new File([bytes], name, { type }));
    const how = { bubbles: true, cancelable: true, clipboardData: carried };
    document.body.dispatchEvent(new ClipboardEvent("paste", how));
}"""


@dataclass
class Server:
    """A server that can be stopped and started again at the same address."""

    office: Office
    port: int = 0
    running: uvicorn.Server | None = None
    thread: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(create_app(self.office.desk), log_level="critical", lifespan="off")
        self.running = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.running.run, kwargs={"sockets": [listening]})
        self.thread.start()

    def stop(self) -> None:
        assert self.running is not None
        self.running.should_exit = self.running.force_exit = True
        self.thread.join(60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    office = make_office(tmp_path_factory.mktemp("submit"))
    office.desk.users.add("sato", PASSWORD, roles=["operator"], departments=["nouzei"])
    office.desk.users.add("both", PASSWORD, roles=["operator"], departments=["nouzei", "kenkou"])
    one = Server(office)
    one.start()
    yield one
    one.stop()


def entered(browser: Browser, server: Server, name: str, scheme: str = "light") -> Page:
    page = signed_in(browser, server.url, name, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{server.url}/submit")
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Iterator[Page]:
    opened = entered(browser, server, "sato")
    yield opened
    opened.context.close()


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> None:
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.reload()
        page.wait_for_selector("html[data-ready]")


def scan(name: str) -> list[str]:
    return [name, "image/png", base64.b64encode(small_scan(next(NUMBERS))).decode()]


def drop(page: Page, *files: list[str], where: str = "[data-drop]") -> None:
    page.evaluate(DROP, [files, where])


def sent(page: Page):
    return page.locator("[data-sent] li")


def test_dropped_files_are_each_answered_with_a_receipt_or_a_reason(page: Page) -> None:
    wrong = ["表.png", "image/png", base64.b64encode(b"PK\x03\x04 a workbook").decode()]
    drop(page, scan("一枚目.png"), scan("二枚目.png"), wrong)
    expect(page.locator("[data-summary]")).to_have_text("2 件受け付け、1 件受け付けず、残り 0 件")
    expect(sent(page).filter(has_text="一枚目.png").get_by_role("link")).to_have_text(
        re.compile(r"受付番号 \d+ の受付票")
    )
    refused = sent(page).filter(has_text="表.png")
    expect(refused).to_contain_text("画像でも PDF でもないファイルです: 表.png")
    expect(refused).to_contain_text("スキャンしたファイルかどうか確かめてください。")
    expect(refused.locator(".why > *")).to_have_text(
        [re.compile("^画像でも"), re.compile("^理由"), re.compile("^対処")]
    )
    tops = refused.locator(".why > *").evaluate_all(
        "(parts) => parts.map((one) => one.getBoundingClientRect().top)"
    )
    assert tops == sorted(set(tops))  # what, why and what to do stand under each other
    expect(page.locator("[data-listed]")).to_contain_text("二枚目.png")


def test_a_near_miss_of_the_drop_is_taken_too_and_the_page_stays(page: Page) -> None:
    drop(page, scan("外れ.png"), where="h1")
    expect(sent(page)).to_contain_text("受け付けました")
    assert page.url.endswith("/submit")


def test_the_same_file_again_is_told_with_the_number_of_its_receipt(page: Page) -> None:
    one = scan("同じ.png")
    drop(page, one)
    link = sent(page).get_by_role("link")
    expect(link).to_be_visible()
    number = link.get_attribute("href").rpartition("/")[2]
    drop(page, one)
    expect(sent(page).first).to_contain_text(f"受付番号 {number} で受け取り済みです: 同じ.png")


def test_files_are_chosen_with_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "届.png"
    path.write_bytes(small_scan(next(NUMBERS)))
    page.locator("[name=form]").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "file"
    with page.expect_file_chooser() as chooser:
        page.evaluate("0")  # an answer shows that the browser has heard by now who is to be shown the choice
        page.keyboard.press("Enter")
    chooser.value.set_files(path)
    expect(sent(page)).to_contain_text("受け付けました")


def test_a_pasted_picture_is_handed_in_under_a_name_of_its_own(page: Page) -> None:
    page.evaluate(PASTE, scan("image.png"))
    expect(sent(page)).to_contain_text("受け付けました")
    expect(sent(page).locator(".name")).to_contain_text("貼り付け-")


def test_html_in_a_files_name_is_shown_as_text(page: Page, server: Server) -> None:
    drop(page, scan("<img src=x onerror=alert(1)>.png"))
    link = sent(page).get_by_role("link")
    expect(link).to_be_visible()
    assert page.locator("main img").count() == 0
    link.click()
    page.wait_for_url("**/submit/*")
    assert page.locator("main img").count() == 0
    page.goto(f"{server.url}/submit")


def test_a_file_that_is_too_large_is_refused_without_being_sent(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    page.evaluate(
        """() => {
            const carried = new DataTransfer();
            const file = new File(["x"], "大.pdf");
            Object.defineProperty(file, "size", { value: 10 ** 12 });
            carried.items.add(file);
            const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: carried });
            const item = { kind: "file", getAsFile: () => file, webkitGetAsEntry: () => null };
            Object.defineProperty(event.dataTransfer, "items", { value: [item] });
            document.querySelector("[data-drop]").dispatchEvent(event);
        }"""
    )
    expect(sent(page)).to_contain_text("ファイルが大きすぎます")
    assert "POST" not in asked


def test_when_the_session_has_ended_the_files_stay_and_go_on_after_signing_in(
    page: Page, server: Server
) -> None:
    server.office.clock.ahead += timedelta(minutes=61)
    drop(page, scan("期限.png"), scan("期限2.png"))
    box = page.locator("[data-dialog=login]")
    expect(box).to_be_visible()
    expect(sent(page).filter(has_text="ログインし直すと続きを送ります")).to_have_count(2)
    box.locator("[name=password]").fill("wrong password")
    page.keyboard.press("Enter")
    expect(box.locator("[data-login-message]")).to_be_visible()
    box.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-summary]")).to_have_text("2 件受け付け、0 件受け付けず、残り 0 件")


def test_when_the_server_is_restarted_the_files_are_sent_by_themselves(page: Page, server: Server) -> None:
    server.stop()
    drop(page, scan("再起動.png"))
    expect(sent(page)).to_contain_text("サーバーに届きません")
    server.start()
    expect(sent(page)).to_contain_text("受け付けました")


def test_nothing_is_sent_before_the_department_is_chosen(browser: Browser, server: Server) -> None:
    page = entered(browser, server, "both")
    drop(page, scan("どちら.png"))
    expect(page.locator("[data-summary]")).to_contain_text("部署を選ぶと送ります。")
    assert page.evaluate("document.activeElement.name") == "department"
    page.select_option("[name=department]", "kenkou")
    expect(sent(page)).to_contain_text("受け付けました")
    assert "kenkou" in {one.department for one in server.office.desk.documents.files()}
    page.context.close()


def test_the_list_renews_itself_but_not_under_somebodys_hands(page: Page, server: Server) -> None:
    page.evaluate("document.querySelector('[data-listed] a').focus()")
    held = page.locator("[data-listed]").inner_text()
    claim = server.office.desk.documents.claim_file
    claim("nouzei", "届いた.pdf", "f" * 64, 1, "originals/f")
    with page.expect_response("**/submit/list*"):  # a receipt makes the page look at once
        drop(page, scan("催促.png"))
    expect(sent(page)).to_contain_text("受け付けました")
    assert page.locator("[data-listed]").inner_text() == held
    page.locator("[name=file]").focus()
    expect(page.locator("[data-listed]")).to_contain_text("届いた.pdf")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_and_on_a_receipt(
    browser: Browser, server: Server, scheme: str
) -> None:
    page = entered(browser, server, "both", scheme)
    page.select_option("[name=department]", "nouzei")
    wrong = ["表.png", "image/png", base64.b64encode(b"PK\x03\x04 a workbook").decode()]
    drop(page, scan("見る.png"), wrong)
    expect(page.locator("[data-summary]")).to_have_text("1 件受け付け、1 件受け付けず、残り 0 件")
    assert breaches(page) == []
    page.goto(f"{server.url}/submit/1")
    assert breaches(page) == []
    page.context.close()


def test_the_form_works_without_script(browser: Browser, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "素.png"
    path.write_bytes(small_scan(next(NUMBERS)))
    with_script = entered(browser, server, "sato")
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    context.add_cookies(with_script.context.cookies())
    plain = context.new_page()
    plain.set_default_timeout(60_000)
    plain.goto(f"{server.url}/submit")
    plain.set_input_files("[name=file]", path)
    plain.click("[data-send]")
    expect(plain.locator("[data-sent]")).to_contain_text("受け付けました")
    context.close()
    with_script.context.close()
