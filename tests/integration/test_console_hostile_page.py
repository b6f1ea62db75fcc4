"""In a real Chromium: what a person meets who has two tabs, large letters or a small window, or who goes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from console_browser import needs_chromium
from console_desk import PASSWORD, VALUES, Office, make_office
from playwright.sync_api import Browser, Page, expect
from pypdfium2 import PdfDocument
from review_browser import DOUBTFUL, FIRST, review, said, signed_in

from samples.showcase.serving import serving

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = make_office(tmp_path_factory.mktemp("hostile-page"))
    made.desk.users.add("sato", PASSWORD, roles=["verifier"], departments=["nouzei"])
    return made


@pytest.fixture(scope="module")
def url(office: Office) -> Iterator[str]:
    with serving(office.desk) as address:
        yield address


@pytest.fixture
def document(office: Office) -> int:
    return office.add_document(DOUBTFUL, number=len(office.desk.documents.files()))


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    opened = signed_in(browser, url, "sato")
    yield opened
    opened.context.close()


def kept(office: Office, document: int) -> str:
    return office.desk.documents.get(document).values[FIRST]


def test_when_one_tab_signed_in_again_the_other_one_goes_on(
    page: Page, url: str, office: Office, document: int
) -> None:
    other = page.context.new_page()
    other.set_default_timeout(60_000)
    second = office.add_document(DOUBTFUL, number=len(office.desk.documents.files()))
    review(page, url, document)
    review(other, url, second)
    other.keyboard.type("ヤマシタ")
    page.bring_to_front()
    page.keyboard.type("ヤマモト")
    office.clock.ahead += office.desk.signer.idle * 2
    page.keyboard.press("Control+s")
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    said(page, "保存しました。")
    other.bring_to_front()
    other.keyboard.press("Control+s")
    said(other, "保存しました。")
    assert (kept(office, document), kept(office, second)) == ("ヤマモト", "ヤマシタ")
    page.bring_to_front()
    page.keyboard.type("コ")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_have_text("保存済み")


def test_the_back_button_shows_nothing_after_signing_out(page: Page, url: str, document: int) -> None:
    review(page, url, document)
    page.click("form.leave button")
    page.wait_for_url("**/login*")
    page.go_back()
    page.wait_for_url("**/login*")
    expect(page.locator("[name=password]")).to_be_visible()


def test_a_printed_document_holds_all_its_fields_and_no_buttons(page: Page, url: str, office: Office) -> None:
    every = {name: value for name, value in VALUES.items() if name not in ("届出印", "対象税目")}
    document = office.add_document(every, number=len(office.desk.documents.files()))
    review(page, url, document)
    printed = PdfDocument(page.pdf(format="A4"))
    told = "".join(sheet.get_textpage().get_text_range() for sheet in printed)
    printed.close()
    assert [name for name in every if name not in told] == []
    assert "Ctrl+Enter" not in told
