"""A review page in a real Chromium: a server over an office, people signed in, and what a page shows."""

from __future__ import annotations

import console_browser
from playwright.sync_api import Browser, Page

DOUBTFUL = {"納税者氏名カナ": "ヤマダ　ハナユ", "納税者氏名": "山田花了", "口座番号": "123456●"}
FIRST, SECOND, THIRD = DOUBTFUL


def signed_in(browser: Browser, url: str, name: str, **look: object) -> Page:
    """Return a page of a fresh browser profile in which a person is signed in who leaves pages without being asked."""
    page = console_browser.signed_in(browser, url, name, **look)
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def review(page: Page, url: str, document: int, query: str = "") -> None:
    page.goto(f"{url}/documents/{document}{query}")
    page.wait_for_selector("html[data-ready]")


def in_hand(page: Page) -> str:
    """Return the name of the field that has the focus."""
    return str(page.evaluate("document.activeElement.closest('[data-field]')?.dataset.field ?? ''"))


def state(page: Page, name: str) -> str:
    return page.locator(f'[data-field="{name}"] [data-tag]').inner_text()


def value(page: Page, name: str) -> str:
    return page.locator(f'[data-field="{name}"] [data-input]').input_value()


def said(page: Page, words: str) -> None:
    """Wait until the page's message says something."""
    page.locator("[data-message]", has_text=words).wait_for()
