"""The review page in a real Chromium: skip, comment, send back, compare, suggest, fetch ahead, focus, IME."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_rules import breaches
from console_browser import needs_chromium
from console_desk import PASSWORD, VALUES, Office, make_office
from playwright.sync_api import Browser, CDPSession, Page
from review_browser import (
    DOUBTFUL,
    FIRST,
    SECOND,
    THIRD,
    in_hand,
    review,
    said,
    signed_in,
    state,
    value,
)

from backoffice.document import DocumentState
from ocr.template import FormPage
from samples.showcase.serving import serving

pytestmark = needs_chromium
ADDRESS, BANK = "住所", "金融機関コード"
DOUBLE = "電話番号"
"""Field of the form that two people must type in these tests."""


@dataclass
class Room:
    office: Office
    url: str
    page: Page

    def add(self, doubtful: dict[str, str] | None = None) -> int:
        number = len(self.office.desk.documents.files())
        return self.office.add_document(DOUBTFUL if doubtful is None else doubtful, number=number)

    def trail(self, document: int) -> list[tuple[str, str]]:
        """Who did what to a document, in order, without the pages' other business."""
        entries = reversed(self.office.desk.audit.entries(400))
        return [(entry.who, entry.what) for entry in entries if entry.subject == f"document/{document}"]

    def close_all(self) -> None:
        """Leave nothing that waits, so that every test has its own queue."""
        store = self.office.desk.documents
        for one in store.documents([DocumentState.WAITING]):
            store.close(one.id, one.revision, DocumentState.DISCARDED, reason="t", who="t")


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    office = make_office(tmp_path_factory.mktemp("acts"))
    form = office.desk.forms["kouza_furikae"]
    fields = tuple(
        field.model_copy(update={"verify": "double"}) if field.name == DOUBLE else field
        for field in form.pages[0].declared
    )
    page = FormPage.model_construct(**{**dict(form.pages[0]), "declared": fields})
    office.desk.forms["kouza_furikae"] = form.model_copy(update={"pages": (page,)})  # type: ignore[index]
    for name in ("sato", "suzuki", "tanaka"):
        office.desk.users.add(name, PASSWORD, roles=["verifier"], departments=["nouzei"])
    with serving(office.desk) as url:
        yield Room(office, url, signed_in(browser, url, "sato"))


@pytest.fixture
def room(opened: Room) -> Iterator[Room]:
    yield opened
    opened.close_all()


def test_a_skipped_document_goes_behind_the_others_and_keeps_what_was_typed(room: Room) -> None:
    first, second = room.add(), room.add()
    review(room.page, room.url, first)
    room.page.keyboard.type("ヤマモト")
    room.page.keyboard.press("Alt+n")
    room.page.wait_for_url(f"**/documents/{second}*")
    assert room.office.desk.documents.get(first).values[FIRST] == "ヤマモト"
    room.page.wait_for_selector("html[data-ready]")
    room.page.keyboard.press("Alt+n")
    room.page.wait_for_url(f"**/documents/{first}*")
    assert ("sato", "document.skip") in room.trail(first)


def test_a_comment_is_seen_by_the_next_person_and_not_in_the_trail(room: Room, browser: Browser) -> None:
    document = room.add()
    review(room.page, room.url, document)
    room.page.keyboard.press("Alt+m")
    room.page.keyboard.type("<b>本人に電話で確認中</b>")
    room.page.click("dialog[open] button.main")
    said(room.page, "コメントを残しました。")
    assert room.page.locator("[data-comments] b").count() == 0
    other = signed_in(browser, room.url, "suzuki")
    review(other, room.url, document)
    assert "sato さん" in other.locator("[data-comments]").inner_text()
    assert "<b>本人に電話で確認中</b>" in other.locator("[data-comments]").inner_text()
    assert "sato さんもこの書類を開いています" in other.content()
    other.context.close()
    assert "電話" not in str(room.office.desk.audit.entries(50))
    assert ("sato", "document.comment") in room.trail(document)


def test_a_document_is_sent_back_with_a_reason_and_taken_up_again(room: Room) -> None:
    document = room.add()
    review(room.page, room.url, document)
    room.page.click('[data-act="return"]')
    room.page.click("dialog[open] >> text=印または署名がありません")
    room.page.click("dialog[open] button.danger")
    room.page.wait_for_url(f"{room.url}/documents")
    store = room.office.desk.documents
    returned = store.get(document)
    assert (returned.state, returned.reason) == (DocumentState.RETURNED, "印または署名がありません")
    assert store.receipts.standing(returned.file_id).documents[0].reason == returned.reason
    review(room.page, room.url, document)
    assert "差し戻しました。理由: 印または署名がありません" in room.page.content()
    assert room.page.locator('[data-act="record"]').count() == 0
    room.page.click('[data-act="take-up"]')
    room.page.wait_for_selector('[data-act="record"]')
    assert store.get(document).state is DocumentState.WAITING
    assert [what for _, what in room.trail(document) if "return" in what or "take" in what] == [
        "document.return",
        "document.take_up",
    ]


def test_a_third_person_compares_two_entries_beside_the_crop(room: Room, browser: Browser) -> None:
    document = room.add({DOUBLE: "09011112222"})
    for name, typed in (("suzuki", "09012345678"), ("tanaka", "09012345679")):
        page = signed_in(browser, room.url, name)
        review(page, room.url, document)
        assert value(page, DOUBLE) == ""
        page.keyboard.type(typed)
        page.keyboard.press("Control+Enter")
        page.wait_for_url(f"{room.url}/documents")
        review(page, room.url, document)
        assert (state(page, DOUBLE), value(page, DOUBLE)) == ("入力済", typed)
        assert page.locator(f'[data-field="{DOUBLE}"] [data-input]').get_attribute("readonly") == (
            "" if name == "tanaka" else None
        )
        page.context.close()
    page = room.page
    review(page, room.url, document)
    assert page.locator(f'[data-field="{DOUBLE}"] [data-candidate]').all_inner_texts() == [
        "Alt+109012345678",
        "Alt+209012345679",
    ]
    assert page.locator(f'[data-field="{DOUBLE}"] img').evaluate(
        "picture => picture.decode().then(() => true)"
    )
    page.keyboard.press("Enter")
    assert state(page, DOUBLE) == "要確認"
    page.locator(f'[data-field="{DOUBLE}"] [data-input]').focus()
    page.keyboard.press("Alt+Digit2")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{room.url}/documents")
    closed = room.office.desk.documents.get(document)
    assert (closed.state, closed.values[DOUBLE]) == (DocumentState.RECORDED, "09012345679")


def test_an_address_is_suggested_by_its_postal_code_without_stealing_enter(room: Room) -> None:
    page = room.page
    review(page, room.url, room.add({ADDRESS: "兵庫県姫路市林田町ロ佐見5-10-1", "郵便番号": "6794222"}))
    box = page.locator(f'[data-field="{ADDRESS}"]')
    box.locator("[data-input]").focus()
    option = box.locator("[role=option]")
    option.first.wait_for()
    assert option.all_inner_texts() == ["兵庫県姫路市林田町口佐見5-10-1"]
    page.keyboard.press("Enter")
    assert (value(page, ADDRESS), in_hand(page)) == ("兵庫県姫路市林田町ロ佐見5-10-1", "")
    box.locator("[data-input]").focus()
    option.first.wait_for()
    page.keyboard.press("ArrowDown")
    active = box.locator("[data-input]").get_attribute("aria-activedescendant")
    assert active == option.first.get_attribute("id")
    page.keyboard.press("Enter")
    assert (value(page, ADDRESS), in_hand(page)) == ("兵庫県姫路市林田町口佐見5-10-1", ADDRESS)
    assert not option.first.is_visible()
    assert breaches(page) == []


def test_a_list_of_suggestions_is_silent_while_an_ime_composes(room: Room) -> None:
    page = room.page
    with page.expect_response(lambda answer: "/suggest" in answer.url):  # what the focus asks for
        review(page, room.url, room.add({BANK: ""}))
    ime = page.context.new_cdp_session(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest" in request.url else None)
    ime.send("Input.imeSetComposition", {"text": "みず", "selectionStart": 2, "selectionEnd": 2})
    page.wait_for_timeout(400)
    assert asked == []
    ime.send("Input.insertText", {"text": "みずほ"})
    page.locator(f'[data-field="{BANK}"] [role=option]').first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert value(page, BANK) == "0001"
    page.keyboard.press("Escape")


HELD = """window.heldAhead = () => performance.getEntriesByType("resource")
    .filter((one) => one.name.includes("/documents/SECOND/") && one.responseEnd > 0).length"""
SIZES = """performance.getEntriesByType("resource")
    .filter((one) => one.name.includes("/pages/")).map((one) => one.transferSize)"""


def test_the_next_documents_pictures_are_fetched_ahead_and_the_trail_says_so(room: Room) -> None:
    page = room.page
    first, second = room.add(), room.add()
    review(page, room.url, first)
    assert room.trail(second) == []
    page.evaluate(HELD.replace("SECOND", str(second)))
    page.keyboard.press("Enter")
    page.wait_for_selector(f'html[data-ahead="{second}"]')
    page.wait_for_function("count => heldAhead() >= count", arg=4)
    assert room.trail(second) == [("sato", "document.prepare")]
    page.keyboard.press("Alt+n")
    page.wait_for_url(f"**/documents/{second}")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_load_state()
    page.wait_for_function("document.querySelector('[data-leaf] img').complete")
    sizes = page.evaluate(SIZES)
    assert sizes == [0]
    assert ("sato", "document.view") in room.trail(second)


def test_a_token_of_pictures_opens_only_the_own_document(room: Room) -> None:
    document, other = room.add(), room.add()
    desk = room.office.desk
    for who, number in (("suzuki", document), ("sato", other)):
        token = desk.signer.view(number, who, desk.clock())
        review(room.page, room.url, document, f"?ready={token}")
        assert token not in room.page.content()


def compose(ime: CDPSession, words: str) -> None:
    ime.send(
        "Input.imeSetComposition", {"text": words, "selectionStart": len(words), "selectionEnd": len(words)}
    )


def enter(ime: CDPSession, code: int, key: str = "Enter") -> None:
    ime.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": key, "code": "Enter", "windowsVirtualKeyCode": code},
    )


HEARD = """() => { window.heard = []; document.addEventListener("keydown", (event) =>
    event.code === "Enter" && window.heard.push([event.isComposing, event.keyCode]), true); }"""


def test_an_enter_that_belongs_to_the_ime_never_jumps_in_any_of_its_encodings(room: Room) -> None:
    page = room.page
    review(page, room.url, room.add())
    page.keyboard.press("Enter")
    ime = page.context.new_cdp_session(page)
    page.evaluate(HEARD)
    page.keyboard.press("Control+A")
    compose(ime, "やまだ")
    enter(ime, 13)  # Firefox, and Chromium on macOS: the key itself, isComposing
    enter(ime, 229, "Process")  # Chromium and Edge on Windows: keyCode 229
    assert in_hand(page) == SECOND
    ime.send("Input.insertText", {"text": "山田花子"})
    enter(ime, 229)  # Safari: after compositionend, not composing, keyCode 229
    assert (in_hand(page), value(page, SECOND)) == (SECOND, "山田花子")
    assert page.evaluate("heard") == [[True, 13], [True, 229], [False, 229]]
    enter(ime, 13)  # the next Enter is a person's own
    assert in_hand(page) == THIRD


def test_tab_goes_through_the_page_in_reading_order(room: Room) -> None:
    page = room.page
    review(page, room.url, room.add())
    page.evaluate("document.querySelector('[data-sheet]').focus()")
    order = []
    for _ in range(12):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate(
                "(() => { const one = document.activeElement; return one.dataset.act"
                " ?? one.closest('[data-field]')?.dataset.field ?? one.tagName; })()"
            )
        )
    assert order[:3] == [FIRST, SECOND, THIRD]
    assert order[3] == "SUMMARY"
    acts = ["discard", "return", "comment", "skip", "illegible", "save", "record"]
    assert order[4:11] == acts


def test_zoom_and_frame_follow_the_field_in_hand(room: Room) -> None:
    page = room.page
    review(page, room.url, room.add())
    page.wait_for_selector("[data-frame]:visible")
    page.click("[data-zoom=in]")
    page.click("[data-zoom=in]")
    assert page.locator("[data-zoom-shown]").inner_text() == "200%"
    for name in (FIRST, THIRD):
        page.locator(f'[data-field="{name}"] [data-input]').focus()
        sheet, frame = (page.locator(one).bounding_box() for one in ("[data-sheet]", "[data-frame]:visible"))
        assert sheet and frame
        assert sheet["x"] <= frame["x"] + frame["width"] / 2 <= sheet["x"] + sheet["width"]
        assert sheet["y"] <= frame["y"] + frame["height"] / 2 <= sheet["y"] + sheet["height"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_breaks_no_rule_for_screen_readers(room: Room, scheme: str) -> None:
    page = room.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    document = room.add({**DOUBTFUL, DOUBLE: "1", ADDRESS: VALUES[ADDRESS]})
    room.office.desk.documents.comments.add(document, "suzuki", "電話済み")
    room.office.desk.documents.turns.take(document, "suzuki")
    review(page, room.url, document)
    assert breaches(page) == []
    page.click('[data-act="return"]')
    assert breaches(page) == []
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="light")


def test_a_hidden_or_idle_page_counts_no_seconds(room: Room) -> None:
    review(room.page, room.url, room.add())
    counted = room.page.evaluate("""async () => {
        const { Stopwatch } = await import("/static/stopwatch.js");
        let now = 0;
        let hidden = false;
        Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
        const watch = new Stopwatch(60, () => now);
        const pass = (seconds) => (now += seconds * 1000);
        const show = (yes) => { hidden = !yes; document.dispatchEvent(new Event("visibilitychange")); };
        const told = [];
        pass(10); watch.mark(); pass(20); told.push(watch.take());
        pass(600); told.push(watch.take());
        pass(5); show(false); pass(600); show(true); pass(7); told.push(watch.take());
        show(false); pass(600); told.push(watch.take());
        delete document.hidden;
        return told;
    }""")
    assert counted == [30, 60, 12, 0]
