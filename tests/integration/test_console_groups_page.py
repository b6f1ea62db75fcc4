"""Group review and the queue in a real Chromium: the keyboard alone, the IME, sheets that come when they are seen."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from axe_rules import breaches
from console_browser import needs_chromium
from console_browser import signed_in as enter
from console_desk import PASSWORD, Office, make_office
from group_desk import ACCOUNT, add_cells
from playwright.sync_api import Browser, Page

from backoffice.document import DocumentState
from samples.showcase.serving import serving

pytestmark = needs_chromium


@dataclass
class Server:
    office: Office
    url: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, department: str, *values: str, doubtful: tuple[int, ...] = (0,)) -> list[int]:
        return [
            add_cells(self.office, next(self.numbers), value, doubtful=doubtful, department=department)
            for value in values
        ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    office = make_office(tmp_path_factory.mktemp("groups"))
    office.desk.users.add("sato", PASSWORD, roles=["verifier"], departments=["*"])
    with serving(office.desk) as url:
        yield Server(office, url)


@pytest.fixture(scope="module")
def signed_in(browser: Browser, server: Server) -> Iterator[Page]:
    opened = enter(browser, server.url, "sato")
    yield opened
    opened.context.close()


@pytest.fixture
def page(signed_in: Page) -> Iterator[Page]:
    yield signed_in
    signed_in.context.set_offline(False)
    signed_in.evaluate("sessionStorage.clear()")


def tiles(page: Page, server: Server, department: str, value: str) -> None:
    page.goto(f"{server.url}/groups/tiles?form=kouza_furikae&department={department}&value={value}")
    page.wait_for_selector("html[data-ready]")


def states(page: Page) -> list[str]:
    return page.eval_on_selector_all(".cell", "all => all.map(one => one.dataset.state)")


def until(page: Page, seen: Callable[[], bool]) -> None:
    """Wait for what the browser tells besides what stands on the page."""
    end = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < end, "waited in vain"
        page.wait_for_timeout(20)


def account(server: Server, document: int) -> str:
    return server.office.desk.documents.get(document).values[ACCOUNT]


def state(server: Server, document: int) -> DocumentState:
    return server.office.desk.documents.get(document).state


def test_a_batch_is_done_by_keyboard_alone(page: Page, server: Server) -> None:
    right, aside, typed = server.add("d1", "7000001", "7000002", "7000003")
    page.goto(f"{server.url}/groups?form=kouza_furikae&department=d1")
    page.focus("text=7 >> xpath=ancestor-or-self::a")
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    assert states(page) == ["right", "aside", "typed"]
    assert page.locator(".cell").nth(2).get_attribute("aria-label") == f"No.{typed} 口座番号 1 文字目 7 7 → 1"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=2 個を確認しました。")
    assert states(page) == ["aside"]
    assert [state(server, one) for one in (right, aside, typed)] == ["recorded", "waiting", "recorded"]
    assert [account(server, one) for one in (right, typed)] == ["7000001", "1000003"]


def test_the_focus_never_leaves_the_tile_in_hand(page: Page, server: Server) -> None:
    server.add("d2", *["3000001"] * 30)
    tiles(page, server, "d2", "3")
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "End", "Home", "Enter"):
        page.keyboard.press(key)
    held = "document.activeElement.getAttribute('aria-activedescendant')"
    assert page.evaluate(held) == page.locator(".cell.current").get_attribute("id") == "tile-1"
    page.keyboard.press("Shift+Enter")
    assert page.evaluate(held) == "tile-0"
    page.keyboard.press("Backspace")
    page.locator(".cell").nth(7).click()
    assert (page.evaluate(held), states(page)[7]) == ("tile-7", "aside")
    page.keyboard.press("Backspace")
    assert states(page)[7] == "right"


def test_kana_are_typed_through_the_ime_and_its_enter_does_not_move(page: Page, server: Server) -> None:
    server.add("d3", "ヤ000001")
    tiles(page, server, "d3", "ヤ")
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "や", "selectionStart": 1, "selectionEnd": 1})
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    ime.send("Input.dispatchKeyEvent", enter)
    assert states(page) == ["right"]
    ime.send("Input.insertText", {"text": "マ"})
    page.wait_for_selector('.cell[data-state="typed"]')
    assert page.locator(".cell .says").inner_text() == "ヤ → マ"


def test_a_tile_changed_by_somebody_else_is_told_in_place(page: Page, server: Server) -> None:
    changed, same = server.add("d4", "4000001", "4000002")
    tiles(page, server, "d4", "4")
    server.office.desk.documents.correct(changed, 0, {ACCOUNT: "9999999"}, who="kato", reasons={ACCOUNT: "x"})
    page.click("[data-confirm]")
    page.wait_for_selector("text=1 個は他の人が先に変更したため")
    assert states(page) == ["stale"]
    assert (account(server, changed), state(server, same)) == ("9999999", "recorded")


def test_what_was_marked_survives_a_reload_and_a_dead_server(page: Page, server: Server) -> None:
    (document,) = server.add("d5", "5000001")
    tiles(page, server, "d5", "5")
    page.keyboard.press("6")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=サーバーにつながりません")
    page.context.set_offline(False)
    page.reload()
    page.wait_for_selector("text=選びかけていた内容を戻しました。")
    assert states(page) == ["typed"]
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=1 個を確認しました。")
    assert account(server, document) == "6000001"


def test_an_ended_session_is_taken_up_again_in_place(page: Page, server: Server) -> None:
    (document,) = server.add("d6", "8000001")
    tiles(page, server, "d6", "8")
    server.office.desk.users.end_sessions("sato")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog[open]")
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 個を確認しました。")
    assert state(server, document) == "recorded"


def test_five_hundred_tiles_come_in_sheets_as_they_are_seen(page: Page, server: Server) -> None:
    (first,) = server.add("d7", "2222222", doubtful=())
    store = server.office.desk.documents
    one = store.get(first)
    from backoffice.document import NewDocument

    for number in range(74):
        file = store.claim_file("d7", f"m{number}.pdf", f"m{number}".rjust(64, "0"), 1, "o")
        store.add_document(NewDocument(file.id, 0, "d7", one.form, one.form_version, (), one.fields))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/groups/sheet" in request.url else None)
    tiles(page, server, "d7", "2")
    assert page.locator(".cell").count() == 500
    assert "525" in page.locator("#how").inner_text()
    page.wait_for_function("() => document.querySelector('.cell .picture').style.backgroundImage !== ''")
    early = len(asked)
    assert early < 10
    page.keyboard.press("End")
    last = page.wait_for_function(
        "() => [...document.querySelectorAll('.cell .picture')].at(-1).style.backgroundImage"
    ).json_value()
    until(page, lambda: any(url.removeprefix(server.url) in last for url in asked))
    assert len(asked) > early


def test_the_pages_break_no_rule_of_accessibility(page: Page, server: Server) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    server.add("d8", "1000001", "1000002")
    server.office.desk.documents.turns.take(server.add("d8", "1000003")[0], "kato")
    for path in ("/documents?department=d8", "/groups?form=kouza_furikae&department=d8"):
        page.goto(server.url + path)
        assert breaches(page) == []
    tiles(page, server, "d8", "1")
    page.keyboard.press("Space")
    assert breaches(page) == []
    assert [words for words in told if "Content Security Policy" in words or "Error" in words] == []
