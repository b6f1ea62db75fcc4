"""A long run in a real Chromium: the target logs the robot out in the middle, and every record is registered once.

The target is the smallest there is, one input and one button, so that many rows take seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import State
from robots.model import load_robot
from robots.runner import run_robot

ITEMS, LOST_AT = 60, 57
ROBOT = """\
robot: nagai
title: 長い登録
items: {from: queue, process: nagai}
session_lost: {heading: ログイン}
setup:
  - open: ${target.town}/login
  - click: {button: 入る}
each:
  - open: ${target.town}/form
  - expect: {heading: 登録}
  - fill: {field: 番号, value: "${item.番号}"}
  - click: {button: 登録}
    commit: true
  - expect: {text: 登録しました}
    confirm: true
"""
LOGIN = '<h1>ログイン</h1><form method="post" action="/login"><button>入る</button></form>'
FORM = '<h1>登録</h1><form method="post" action="/form"><label>番号<input name="n"></label><button>登録</button></form>'


class Town(BaseHTTPRequestHandler):
    """Ends every session when a form is opened for the 57th time."""

    protocol_version = "HTTP/1.1"
    rows: list[str]
    sessions: set[str]
    opened: list[int]

    def do_GET(self) -> None:
        if self.path == "/form":
            self.opened.append(1)
            if len(self.opened) == LOST_AT:
                self.sessions.clear()
        inside = self.headers.get("Cookie", "") in self.sessions
        if self.path in ("/form", "/menu") and inside:
            self._answer(FORM if self.path == "/form" else "<h1>メニュー</h1>")
        else:
            self._answer(LOGIN)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/login":
            cookie = f"s={len(self.opened)}"
            self.sessions.add(cookie)
            self.send_response(303)
            self.send_header("Set-Cookie", cookie)
            self.send_header("Location", "/menu")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.rows.append(parse_qs(sent)["n"][0])
        self._answer("<p>登録しました</p>")

    def _answer(self, body: str) -> None:
        page = f"<!doctype html><meta charset=utf-8>{body}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def town() -> Iterator[tuple[str, list[str]]]:
    rows: list[str] = []
    handler = type("Here", (Town,), {"rows": rows, "sessions": set(), "opened": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", rows
    server.shutdown()
    server.server_close()


def test_a_session_that_dies_at_row_57_costs_no_row_and_repeats_none(
    tmp_path: Path, town: tuple[str, list[str]]
) -> None:
    url, rows = town
    defaults = builtin_settings(tmp_path / "var")
    patient = defaults.browser.model_copy(update={"timeout_seconds": 60.0})
    settings = defaults.model_copy(update={"targets": {"town": url}, "browser": patient})
    engine = open_database(settings.database_url)
    upgrade(engine)
    ledger = Ledger(engine)
    (tmp_path / "nagai.yaml").write_text(ROBOT, encoding="utf-8")
    numbers = [f"{n:04d}" for n in range(1, ITEMS + 1)]
    for number in numbers:
        ledger.put("nagai", number, {"番号": number}, who="test", why="test")
    counts = run_robot(
        load_robot(tmp_path / "nagai.yaml"),
        ledger=ledger,
        vault=Vault(tmp_path / "secrets.json", {}, use_keyring=False),
        settings=settings,
        run_id="run-1",
        keep_evidence=False,
    )
    assert (counts.done, counts.left, counts.in_doubt, counts.problems) == (ITEMS, 0, 0, ())
    assert rows == numbers
    events = {item.key: ledger.events(item.id) for item in ledger.items("nagai")}
    engine.dispose()
    again = {key: told for key, told in events.items() if State.RETRY in [one.to_state for one in told]}
    assert list(again) == [numbers[LOST_AT - 1]]
    assert "相手のシステムからログアウトされました" in next(
        one.why for one in again[numbers[LOST_AT - 1]] if one.to_state is State.RETRY
    )
