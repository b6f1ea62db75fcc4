"""A real Chromium for the tests of the console's pages, and the people who have signed in there.

The fixture `browser` (conftest.py) is one browser for all tests of a file; each person has a profile of their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from console_desk import PASSWORD
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from backoffice.bootstrap.browsers import find_browser

CHROMIUM = find_browser(os.environ)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Edge, Chrome or Chromium on this machine")
DESK = {"width": 1280, "height": 800}
PATIENCE = 60_000
"""ms that a page may take on a busy machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield launched
        launched.close()


def fresh_page(browser: Browser, **look: object) -> Page:
    """Return a page of a fresh browser profile."""
    context = browser.new_context(**{"viewport": DESK, "locale": "ja-JP", **look})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in as a person does."""
    page.goto(f"{url}/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{url}/")


def signed_in(browser: Browser, url: str, name: str, **look: object) -> Page:
    """Return a page of a fresh browser profile in which a person is signed in."""
    page = fresh_page(browser, **look)
    sign_in(page, url, name)
    return page


def session_of(browser: Browser, url: str, name: str) -> StorageState:
    """Sign in once, for many profiles (`storage_state`): a password takes a second of work each time."""
    page = signed_in(browser, url, name)
    state = page.context.storage_state()
    page.context.close()
    return state
