"""The review page in a real Chromium: the keyboard, the Japanese IME, drafts, and no request to anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from console_browser import needs_chromium
from console_desk import PASSWORD, Office, make_office
from playwright.sync_api import Browser, Page, Route, expect
from review_browser import (
    DOUBTFUL,
    FIRST,
    SECOND,
    THIRD,
    in_hand,
    signed_in,
    state,
    value,
)
from review_browser import review as open_review

from backoffice.documents import DocumentState
from samples.showcase.serving import serving

pytestmark = needs_chromium


@dataclass
class Server:
    office: Office
    url: str
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    office = make_office(tmp_path)
    office.desk.users.add("sato", PASSWORD, roles=["verifier"], departments=["nouzei"])
    with serving(office.desk) as url:
        yield Server(office, url)


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    opened = signed_in(browser, server.url, "sato")
    opened.context.on("request", lambda request: server.requests.append(request.url))
    yield opened
    opened.context.close()


def review(page: Page, server: Server, document: int) -> None:
    open_review(page, server.url, document)


def test_enter_walks_through_the_doubtful_fields_and_shift_enter_back(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    assert in_hand(page) == FIRST
    page.keyboard.press("Enter")
    assert (in_hand(page), state(page, FIRST)) == (SECOND, "確認済")
    page.keyboard.press("Shift+Enter")
    assert (in_hand(page), state(page, SECOND)) == (FIRST, "要確認")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.act") == "record"


def test_the_frame_follows_the_field_in_hand(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    frame = page.locator("[data-frame]:visible")
    before = frame.bounding_box()
    page.keyboard.press("Enter")
    after = frame.bounding_box()
    assert before and after
    assert after["y"] != before["y"]


def test_a_document_is_done_by_keyboard_alone(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    following = server.office.add_document(DOUBTFUL, number=1)
    review(page, server, document)
    page.keyboard.type("ﾔﾏﾀﾞ ﾊﾅｺ")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+Digit2")
    page.keyboard.press("Enter")
    page.keyboard.type("１２３４５６７")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/documents/{following}")
    item = server.office.desk.ledger.find("kouza_furikae", "0012345678")
    assert item is not None
    assert [item.record[name] for name in DOUBTFUL] == ["ヤマダ　ハナコ", "山田花子", "1234567"]
    assert server.office.desk.documents.get(document).state is DocumentState.RECORDED


def test_a_document_is_sent_back_by_keyboard_alone(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    following = server.office.add_document(DOUBTFUL, number=1)
    review(page, server, document)
    page.keyboard.press("Alt+r")
    expect(page.locator("dialog[data-dialog=return]")).to_be_visible()
    page.keyboard.type("印がありません")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/documents/{following}")
    assert server.office.desk.documents.get(document).state is DocumentState.RETURNED


def test_what_is_asked_for_while_a_save_is_on_its_way_is_done_after_it(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    following = server.office.add_document(DOUBTFUL, number=1)
    review(page, server, document)
    held: list[Route] = []
    page.route("**/save*", lambda route: held.append(route))
    page.keyboard.type("ヤマダ　ハナコ")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("1234567")
    with page.expect_request("**/save*"):
        page.keyboard.press("Control+s")
    page.keyboard.press("Control+Enter")
    assert server.office.desk.documents.get(document).state is DocumentState.WAITING
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_url(f"**/documents/{following}")
    page.unroute("**/save*")
    assert server.office.desk.documents.get(document).state is DocumentState.RECORDED


def test_the_enter_that_confirms_a_conversion_does_not_jump(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.keyboard.press("Enter")
    ime = page.context.new_cdp_session(page)
    page.keyboard.press("Control+A")
    ime.send("Input.imeSetComposition", {"text": "やまだ", "selectionStart": 3, "selectionEnd": 3})
    composing = {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    ime.send("Input.dispatchKeyEvent", composing)
    assert in_hand(page) == SECOND
    ime.send("Input.imeSetComposition", {"text": "山田", "selectionStart": 2, "selectionEnd": 2})
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    ime.send("Input.dispatchKeyEvent", enter)
    assert in_hand(page) == SECOND
    ime.send("Input.insertText", {"text": "山田花子"})
    assert (in_hand(page), value(page, SECOND)) == (SECOND, "山田花子")
    page.keyboard.press("Enter")
    assert in_hand(page) == THIRD


@pytest.mark.parametrize(
    "how", [{"isComposing": True}, {"keyCode": 229}, {"isComposing": True, "keyCode": 229}]
)
def test_all_encodings_of_a_composing_enter_are_ignored(
    page: Page, server: Server, how: dict[str, object]
) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.evaluate(
        "how => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', bubbles: true, cancelable: true, ...how}))",
        how,
    )
    assert in_hand(page) == FIRST
    assert state(page, FIRST) == "要確認"


def test_a_draft_is_not_written_in_the_middle_of_a_conversion(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "や", "selectionStart": 1, "selectionEnd": 1})
    assert page.locator("[data-saved]").inner_text() == "● 未保存"
    assert page.evaluate("sessionStorage.length") == 0
    ime.send("Input.insertText", {"text": "ヤ"})
    assert page.evaluate("sessionStorage.length") == 1


def test_f2_marks_a_field_illegible_in_words(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    review(page, server, document)
    page.keyboard.press("F2")
    assert state(page, FIRST) == "判読不能"
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=保存しました。")
    kept = {field.name: field for field in server.office.desk.documents.get(document).fields}[FIRST]
    assert (kept.accepted, kept.reason) == (False, "console.field_illegible")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=まだ確定できません")


def test_enter_confirms_no_value_in_which_an_unread_character_stands(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.keyboard.type("ヤマ●ト")
    page.keyboard.press("Enter")
    assert state(page, FIRST) == "要確認"
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("ヤマモト")
    assert state(page, FIRST) == "確認済"


def test_what_was_typed_survives_a_reload(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.keyboard.type("ヤマモト")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert value(page, FIRST) == "ヤマモト"
    assert page.locator("[data-saved]").inner_text() == "● 未保存"


def test_signing_out_forgets_what_was_typed(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.keyboard.type("ヤマモト")
    page.click("form.leave button")
    page.wait_for_url("**/login")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_change_by_somebody_else_stops_and_asks(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    review(page, server, document)
    page.keyboard.type("ヤマモト")
    store = server.office.desk.documents
    store.correct(document, 0, {FIRST: "ヤマシタ"}, who="kato", reasons={})
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=他の人が先に変更しました")
    assert store.get(document).values[FIRST] == "ヤマシタ"
    page.click("[data-reload]")
    page.wait_for_selector("[data-draft]:visible")
    assert value(page, FIRST) == "ヤマシタ"
    page.click("text=取り入れる")
    assert value(page, FIRST) == "ヤマモト"
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=保存しました。")
    assert store.get(document).values[FIRST] == "ヤマモト"


def test_an_ended_session_is_taken_up_again_in_place(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    review(page, server, document)
    page.keyboard.type("ヤマモト")
    server.office.desk.users.end_sessions("sato")
    page.keyboard.press("Control+s")
    page.wait_for_selector("dialog[open] >> text=もう一度ログインしてください")
    page.fill("dialog[open] [name=password]", "wrong password")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=利用者名またはパスワードが正しくありません。")
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=保存しました。")
    assert server.office.desk.documents.get(document).values[FIRST] == "ヤマモト"


def test_a_dead_server_loses_nothing(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.keyboard.type("ヤマモト")
    page.context.set_offline(True)
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=サーバーにつながりません")
    assert value(page, FIRST) == "ヤマモト"
    page.context.set_offline(False)
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=保存しました。")


def test_fast_typing_loses_no_character(page: Page, server: Server) -> None:
    review(page, server, server.office.add_document(DOUBTFUL))
    page.keyboard.press("Enter")
    page.keyboard.type("0123456789" * 10, delay=5)
    assert value(page, SECOND) == "0123456789" * 10


def test_seconds_of_work_are_measured_and_booked(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    review(page, server, document)
    page.wait_for_timeout(1500)
    page.keyboard.type("ヤマモト")
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=保存しました。")
    booked = server.office.desk.documents.take_review_seconds("kouza_furikae", "a run")
    assert booked >= 1.4


def test_nothing_is_asked_of_another_machine(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL)
    review(page, server, document)
    for path in ("/", "/documents", "/savings"):
        page.goto(server.url + path)
    assert len(server.requests) > 20
    assert [url for url in server.requests if not url.startswith(f"{server.url}/")] == []


def test_the_page_breaks_no_rule_of_its_own_policy(page: Page, server: Server) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    review(page, server, server.office.add_document(DOUBTFUL))
    page.click("[data-zoom=in]")
    page.keyboard.press("Enter")
    assert [words for words in told if "Content Security Policy" in words or "Error" in words] == []


def test_a_document_without_pictures_can_still_be_typed(page: Page, server: Server) -> None:
    document = server.office.add_document(DOUBTFUL, crop_of=dict.fromkeys(DOUBTFUL, ""))
    review(page, server, document)
    assert page.locator("text=画像なし").count() == 3
    page.keyboard.type("ヤマモト")
    assert value(page, FIRST) == "ヤマモト"
