"""What goes wrong around a robot is told before any item is touched, with what to do about it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from robots_office import PASSWORD, RobotOffice

from backoffice.errors import SecretMissing
from backoffice.work_items import State
from robots.drivers.browser import Cover, Expectation
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import BrowserMissing, LoginRefused, TargetUnknown, TargetUnreachable
from robots.model import load_robot
from robots.targets import Spot
from samples.townoffice.testing import set_faults

PATIENT = 60
"""Seconds: every wait ends as soon as it can."""


@pytest.fixture
def office(tmp_path: Path, standin: tuple[str, Path]) -> RobotOffice:
    return RobotOffice(tmp_path, standin[0], standin=standin[1])


def test_tells_a_wrong_password_by_the_words_of_the_target(office: RobotOffice) -> None:
    item = office.put_kouza("0000000001")
    office.use_password("違う")
    with pytest.raises(LoginRefused) as caught:
        office.run()
    assert caught.value.explain("ja").splitlines()[0] == (
        "kouza_touroku: 相手のシステムにログインできませんでした"
        "(相手の表示: 職員番号またはパスワードが正しくありません。)"
    )
    assert (caught.value.exit_code, office.trail(item)) == (2, [State.NEW])


def test_knows_a_refused_login_without_a_rule_by_the_password_field_that_stays(office: RobotOffice) -> None:
    written = office.robot.source.text
    start, end = written.index("fails_when:"), written.index("# はじめに")
    (office.folder / "plain.yaml").write_text(written[:start] + written[end:], encoding="utf-8")
    office.robot = load_robot(office.folder / "plain.yaml")
    office.use_patience(10)
    office.put_kouza("0000000001")
    set_faults(office.url, login="refuse")
    with pytest.raises(LoginRefused):
        office.run()


def test_keeps_no_picture_while_the_password_stands_on_the_screen(office: RobotOffice) -> None:
    browser = PlaywrightBrowser(office.settings)
    browser.start()
    try:
        browser.open(f"{office.url}/login", PATIENT)
        browser.fill(Spot("field", "パスワード"), PASSWORD, PATIENT, secret=True)
        assert browser.screenshot(Cover()) is None
        browser.fill(Spot("field", "職員番号"), "robot01", PATIENT)
        browser.click(Spot("button", "ログイン"), PATIENT)
        browser.wait_for(Expectation(Spot("heading", "業務メニュー"), url="/menu"), (), PATIENT)
        browser.wait_for(Expectation(None, url="/menu"), (), PATIENT)
        shot = browser.screenshot(Cover())
    finally:
        browser.close()
    assert shot is not None and shot.covered()[:2] == b"\xff\xd8"


def test_leaves_no_personal_value_and_no_secret_in_evidence(office: RobotOffice) -> None:
    item = office.put_kouza("0000000001")
    office.run()
    written = "".join(path.read_text(encoding="utf-8") for path in office.evidence("").rglob("*.jsonl"))
    private = [value for name, value in item.record.items() if name in office.robot.items.personal]
    assert [value for value in (*private, PASSWORD) if value in written] == []
    assert office.steps("setup")[2]["value"] == "(秘密)"
    assert {path.name for path in office.evidence(item).iterdir()} == {
        "steps.jsonl", "before-commit.jpg", "after-confirm.jpg",
    }  # fmt: skip


def test_starts_nothing_when_a_secret_is_missing(office: RobotOffice) -> None:
    item = office.put_kouza("0000000001")
    office.use_password("")
    with pytest.raises(SecretMissing):
        office.run()
    assert office.trail(item) == [State.NEW]


def test_starts_nothing_when_the_target_is_not_in_the_settings(office: RobotOffice) -> None:
    office.settings = office.settings.model_copy(update={"targets": {"townofice": office.url}})
    with pytest.raises(TargetUnknown) as caught:
        office.run()
    assert "もしかして: townofice" in caught.value.explain("ja")


def test_tells_an_unreachable_target_and_touches_no_item(tmp_path: Path) -> None:
    office = RobotOffice(tmp_path, "http://127.0.0.1:9")
    item = office.put_kouza("0000000001")
    with pytest.raises(TargetUnreachable) as caught:
        office.run()
    first = caught.value.explain("en").splitlines()[0]
    assert first == "127.0.0.1:9: The target 127.0.0.1:9 cannot be reached (Connection refused)"
    assert (caught.value.exit_code, office.trail(item)) == (3, [State.NEW])


def test_tells_a_missing_browser_and_where_to_name_one(tmp_path: Path) -> None:
    office = RobotOffice(tmp_path, "http://127.0.0.1:9")
    browser = office.settings.browser.model_copy(update={"executable": tmp_path / "no-such-edge.exe"})
    office.settings = office.settings.model_copy(update={"browser": browser})
    office.put_kouza("0000000001")
    with pytest.raises(BrowserMissing) as caught:
        office.run()
    assert "no-such-edge.exe" in caught.value.explain("ja")
    assert "configs/hakadori.yaml" in caught.value.explain(
        "en"
    ) or "HAKADORI_BROWSER" in caught.value.explain("en")


class _Counting(BaseHTTPRequestHandler):
    """Serves one page that asks another host for a picture, and counts what it is asked."""

    page = b""
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_: object) -> None:
        pass


def test_lets_no_request_out_to_a_host_that_is_no_target(tmp_path: Path) -> None:
    foreign = type("Foreign", (_Counting,), {"asked": []})
    own = type("Own", (_Counting,), {"asked": []})
    with _serving("127.0.0.2", foreign) as outside, _serving("127.0.0.1", own) as inside:
        own.page = f"<h1>見本</h1><img src='{outside}/a.png'><script>fetch('{outside}/b')</script>".encode()
        office = RobotOffice(tmp_path, inside)
        browser = PlaywrightBrowser(office.settings)
        browser.start()
        try:
            browser.open(inside, PATIENT)
            browser.wait_for(Expectation(Spot("heading", "見本")), (), PATIENT)
            with pytest.raises(TargetUnreachable):
                browser.open(outside, PATIENT)
            notices = browser.take_notices()
        finally:
            browser.close()
    assert (own.asked[0], foreign.asked) == ("/", [])
    assert {(notice.key, notice.values["host"]) for notice in notices} == {
        ("robots.request_blocked", "127.0.0.2")
    }


class _serving:  # noqa: N801 - reads as a word in `with`
    def __init__(self, host: str, handler: type[BaseHTTPRequestHandler]) -> None:
        self.server = ThreadingHTTPServer((host, 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://{self.server.server_address[0]}:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
