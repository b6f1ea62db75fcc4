"""A review page in a real Chromium: a server over an office, people signed in, and what a page shows."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from console_desk import PASSWORD, Office
from playwright.sync_api import Browser, Page, sync_playwright

from backoffice.bootstrap.browsers import find_browser
from console.web.app import create_app

CHROMIUM = find_browser(os.environ)
DOUBTFUL = {"納税者氏名カナ": "ヤマダ　ハナユ", "納税者氏名": "山田花了", "口座番号": "123456●"}
FIRST, SECOND, THIRD = DOUBTFUL
PATIENCE = 60_000
"""ms that a page may take on a busy machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield launched
        launched.close()


@contextmanager
def serving(office: Office) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = uvicorn.Server(uvicorn.Config(create_app(office.desk), log_level="error", lifespan="off"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(30)


def signed_in(browser: Browser, url: str, name: str, **look: object) -> Page:
    """Return a page of a fresh browser profile in which a person is signed in."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "ja-JP", **look})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{url}/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{url}/")
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
