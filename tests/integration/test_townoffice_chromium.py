"""The stand-in in a real Chromium: everything can be reached by what a person sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from robots_office import PASSWORD

from samples.townoffice.businesses import Business, Field, Kind, Widget
from samples.townoffice.catalogue import BUSINESSES, KOUZA_FURIKAE
from samples.townoffice.dates import in_japanese
from samples.townoffice.examples import example_record
from samples.townoffice.testing import counts, set_faults

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def url(standin: tuple[str, Path]) -> str:
    return standin[0]


@pytest.fixture
def clerk(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    page.goto(url)
    page.get_by_label("職員番号").fill("robot01")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    yield page
    page.close()


def _beside(page: Page, label: str) -> Locator:
    """The cell to the right of the header cell with this label."""
    return page.locator(f"xpath=//th[normalize-space()='{label}']/following-sibling::td[1]")


def _type(page: Page, field: Field, value: str) -> None:
    cell = _beside(page, field.label)
    if field.widget is Widget.ERA_BOXES:
        day = in_japanese(date.fromisoformat(value))
        page.get_by_label(f"{field.label} 元号").select_option(day.era)
        for word, number in (("年", day.year), ("月", day.month), ("日", day.day)):
            page.get_by_label(f"{field.label} {word}", exact=True).fill(str(number))
    elif field.kind is Kind.PRESENCE:
        page.get_by_label(field.label, exact=True).set_checked(value == "present")
    elif field.widget in (Widget.RADIO, Widget.CHECKBOXES):
        for option in value.split("、"):
            cell.get_by_label(option, exact=True).check()
    elif field.widget is Widget.SELECT:
        page.get_by_label(field.label, exact=True).select_option(value)
    else:
        target = page.get_by_label(field.label, exact=True) if field.labelled else cell.locator("input")
        birthday = field.kind is Kind.BIRTHDAY
        target.fill(in_japanese(date.fromisoformat(value)).text if birthday else value)


def _to_confirmation(page: Page, business: Business, number: int) -> None:
    page.get_by_role("link", name="業務メニュー").click()
    page.get_by_role("link", name=f"{business.title} 新規登録").click()
    record = example_record(business, number)
    for field in business.fields:
        _type(page, field, record[field.label])
    page.get_by_role("button", name="確認画面へ").click()
    expect(page.get_by_role("heading", name="登録内容の確認")).to_be_visible()


@pytest.mark.parametrize("business", BUSINESSES.values(), ids=BUSINESSES)
def test_a_clerk_registers_by_what_is_seen(clerk: Page, url: str, business: Business) -> None:
    _to_confirmation(clerk, business, 1)
    clerk.get_by_role("button", name="登録", exact=True).click()
    expect(clerk.get_by_text("登録しました", exact=True)).to_be_visible()
    expect(_beside(clerk, "受付番号")).to_have_text("00000001")
    clerk.reload()
    assert counts(url)[business.code] == {"rows": 1, "distinct_keys": 1}


def test_going_back_and_pressing_register_again_registers_once(clerk: Page, url: str) -> None:
    _to_confirmation(clerk, KOUZA_FURIKAE, 1)
    clerk.get_by_role("button", name="登録", exact=True).click()
    expect(clerk.get_by_text("登録しました", exact=True)).to_be_visible()
    clerk.go_back()
    clerk.get_by_role("button", name="登録", exact=True).click()
    expect(clerk.get_by_role("heading", name="二重送信")).to_be_visible()
    assert counts(url)["kouza_furikae"]["rows"] == 1


def test_search_is_reached_by_label_and_button(clerk: Page) -> None:
    _to_confirmation(clerk, KOUZA_FURIKAE, 1)
    clerk.get_by_role("button", name="登録", exact=True).click()
    expect(clerk.get_by_text("登録しました", exact=True)).to_be_visible()
    clerk.get_by_role("link", name="検索", exact=True).click()
    clerk.get_by_label("通知書番号").fill("0000000001")
    clerk.get_by_role("button", name="検索", exact=True).click()
    expect(clerk.get_by_text("1 件見つかりました。")).to_be_visible()


def test_a_dropped_connection_leaves_one_row_and_no_completion_page(clerk: Page, url: str) -> None:
    _to_confirmation(clerk, KOUZA_FURIKAE, 1)
    set_faults(url, commit="drop_after", seconds=0.2)
    with clerk.expect_event("requestfailed", lambda request: request.url.endswith("/touroku")):
        clerk.get_by_role("button", name="登録", exact=True).click()
    expect(clerk.get_by_text("登録しました")).to_have_count(0)
    assert counts(url)["kouza_furikae"]["rows"] == 1


def test_no_page_is_wider_than_the_screen_or_asks_another_machine(clerk: Page, url: str) -> None:
    asked: list[str] = []
    clerk.on("request", lambda request: asked.append(request.url))
    for business in BUSINESSES.values():
        for path in ("shinki", "kensaku", "ichiran"):
            clerk.goto(f"{url}/{business.code}/{path}")
            assert clerk.evaluate("document.documentElement.scrollWidth") <= 1280
    assert asked and all(address.startswith((url, "data:")) for address in asked)
