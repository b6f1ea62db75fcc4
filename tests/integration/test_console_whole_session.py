"""A whole working day in a real Chromium: every page that people open, and no request to anything but this machine.

All requests of the browser are listed, those of styles, scripts, pictures and fonts included; the console runs on
127.0.0.1 and every one of them goes there.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from console_browser import fresh_page, needs_chromium, sign_in
from console_desk import PASSWORD, make_office
from playwright.sync_api import Browser, Page

from console.web.access import ROWS
from console.web.static_files import mark
from samples.showcase.serving import serving

pytestmark = needs_chromium
DOUBTFUL = {"口座番号": "123456●"}


def pages_without_parameters() -> list[str]:
    """Every page that a person may open by its address alone; files to download are left out."""
    paths = [row.path for row in ROWS if row.method == "GET" and row.right and not row.is_api]
    return [
        path
        for path in paths
        if "{" not in path
        and not path.endswith((".xlsx", ".csv"))
        and path not in ("/forms/compare", "/groups/sheet")
    ]


def test_no_request_of_a_whole_session_leaves_this_machine(tmp_path: Path, browser: Browser) -> None:
    office = make_office(tmp_path)
    everything = ["verifier", "approver", "author", "operator", "auditor", "admin"]
    office.desk.users.add("sato", PASSWORD, roles=everything, departments=["*"])
    document = office.add_document(DOUBTFUL)
    with serving(office.desk) as url:
        requests, refused = work_a_day(browser, url, document)
    opened = {urlsplit(request).path for request in requests}
    assert {*pages_without_parameters(), f"/static/{mark()}/base.css", f"/documents/{document}"} <= opened
    assert {urlsplit(request).netloc for request in requests if not request.startswith("data:")} == {
        urlsplit(url).netloc
    }
    assert refused == []
    assert office.desk.ledger.find("kouza_furikae", "0012345678") is not None


def work_a_day(browser: Browser, url: str, document: int) -> tuple[list[str], list[str]]:
    """Sign in, open every page, make a record and sign out; returns all requests, and what the policy refused."""
    requests: list[str] = []
    refused: list[str] = []
    page = fresh_page(browser)
    page.context.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda line: refused.append(line.text) if "Content Security" in line.text else None)
    sign_in(page, url, "sato")
    for path in pages_without_parameters():
        page.goto(url + path)
    make_a_record(page, url, document)
    page.goto(f"{url}/")
    page.click("form.leave button")
    page.wait_for_url(f"{url}/login**")
    page.context.close()
    return requests, refused


def make_a_record(page: Page, url: str, document: int) -> None:
    page.goto(f"{url}/documents/{document}")
    page.wait_for_selector("html[data-ready]")
    page.fill('[data-field="口座番号"] [data-input]', "1234567")
    page.keyboard.press("Enter")
    with page.expect_response("**/record") as answered:
        page.keyboard.press("Control+Enter")
    assert answered.value.status == 200
    page.wait_for_url(f"{url}/documents")
