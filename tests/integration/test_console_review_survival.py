"""Nothing typed is lost: the server is killed, the session ends, the person is shut out, two tabs are open."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from console_browser import needs_chromium
from console_desk import PASSWORD, Office, make_office
from playwright.sync_api import Browser, Page
from review_browser import (
    DOUBTFUL,
    FIRST,
    SECOND,
    THIRD,
    review,
    said,
    signed_in,
    value,
)

from backoffice.document import DocumentState
from samples.showcase.serving import serving

pytestmark = needs_chromium
ROOT = Path(__file__).parents[2]
KILLED = -9 if sys.platform != "win32" else 1


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = make_office(tmp_path_factory.mktemp("survival"))
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


def kept(office: Office, document: int, name: str = FIRST) -> str:
    return office.desk.documents.get(document).values[name]


@contextmanager
def service(configs: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the real `hakadori serve` for its pages."""
    command = [sys.executable, "-m", "console", "--configs", str(configs), "serve", "--json", "--pages-only"]
    environ = {**os.environ, "HAKADORI_WEB__PORT": str(port)}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_server_killed_in_mid_edit_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    shutil.copytree(ROOT / "samples" / "forms", tmp_path / "samples" / "forms")
    office = make_office(tmp_path)
    office.desk.users.add("sato", PASSWORD, roles=["verifier"], departments=["nouzei"])
    document = office.add_document(DOUBTFUL)
    with service(tmp_path / "configs") as (process, url):
        page = signed_in(browser, url, "sato")
        review(page, url, document)
        page.keyboard.type("ヤマモト　ハナコ")
        page.keyboard.press("Enter")
        page.keyboard.type("山本")
        process.kill()
        assert process.wait(60) == KILLED
    page.keyboard.press("Control+s")
    said(page, "サーバーにつながりません")
    page.keyboard.type("花子")
    page.keyboard.press("Enter")
    page.keyboard.type("7654321")
    assert (value(page, SECOND), value(page, THIRD)) == ("山本花子", "7654321")
    with service(tmp_path / "configs", int(url.rpartition(":")[2])):
        page.keyboard.press("Control+s")
        said(page, "保存しました。")
        assert [kept(office, document, name) for name in DOUBTFUL] == [
            "ヤマモト　ハナコ",
            "山本花子",
            "7654321",
        ]
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/documents")
    assert office.desk.documents.get(document).state is DocumentState.RECORDED
    page.context.close()


def test_a_session_that_ended_by_itself_asks_for_password_and_code_in_place(
    page: Page, url: str, office: Office, document: int
) -> None:
    review(page, url, document)
    page.keyboard.type("ヤマモト")
    factors = office.desk.sign_in.factors
    secret = factors.begin("sato", "").secret
    factors.confirm("sato", pyotp.TOTP(secret).at(office.clock()))
    office.clock.ahead += office.desk.signer.idle * 2
    page.keyboard.press("Control+s")
    page.wait_for_selector("dialog[open] >> text=もう一度ログインしてください")
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] [name=code]:focus")
    page.keyboard.type(pyotp.TOTP(secret).at(office.clock()))
    page.keyboard.press("Enter")
    said(page, "保存しました。")
    factors.drop("sato")
    assert kept(office, document) == "ヤマモト"
    page.click("form.leave button")
    page.wait_for_url("**/login")


def test_a_person_who_was_shut_out_keeps_the_draft_and_gets_no_further(
    page: Page, url: str, office: Office, document: int
) -> None:
    review(page, url, document)
    page.keyboard.type("ヤマモト")
    office.desk.users.set_active("sato", False)
    page.keyboard.press("Control+s")
    page.wait_for_selector("dialog[open] >> text=もう一度ログインしてください")
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] [data-login-message]:visible")
    assert (value(page, FIRST), kept(office, document)) == ("ヤマモト", DOUBTFUL[FIRST])
    office.desk.users.set_active("sato", True)
    page.fill("dialog[open] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    said(page, "保存しました。")
    assert kept(office, document) == "ヤマモト"


def test_of_two_tabs_of_one_person_the_later_one_is_asked(
    page: Page, url: str, office: Office, document: int
) -> None:
    other = page.context.new_page()
    other.set_default_timeout(60_000)
    for tab in (page, other):
        review(tab, url, document)
    page.bring_to_front()
    page.keyboard.type("ヤマモト")
    page.keyboard.press("Control+s")
    said(page, "保存しました。")
    other.bring_to_front()
    other.keyboard.type("ヤマシタ")
    other.keyboard.press("Control+s")
    other.wait_for_selector("dialog[open] >> text=先に変更しました")
    assert kept(office, document) == "ヤマモト"
    other.click("dialog[open] [data-close]")
    assert value(other, FIRST) == "ヤマシタ"
    other.close(run_before_unload=False)
