"""The way of a clerk through the stand-in: log in, register, confirm, look up. Outcomes are read in its database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from samples.townoffice.app import create_app
from samples.townoffice.businesses import Business
from samples.townoffice.catalogue import BUSINESSES, IDOU_TODOKE, KOUZA_FURIKAE
from samples.townoffice.examples import browser_form, example_record

PASSWORD = "himitsu-01"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "town.db"


@pytest.fixture
def visitor(database: Path, clock: Clock) -> Iterator[TestClient]:
    with TestClient(create_app(database, PASSWORD, clock=clock)) as client:
        yield client


@pytest.fixture
def clerk(visitor: TestClient) -> TestClient:
    page = visitor.post("/login", data={"shokuin_no": "robot01", "password": PASSWORD})
    assert "<h1>業務メニュー</h1>" in page.text
    return visitor


def _rows(database: Path) -> list[tuple[str, str, dict[str, str]]]:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT business, key, fields FROM registrations ORDER BY number"
        ).fetchall()
    return [(business, key, json.loads(fields)) for business, key, fields in found]


def _confirmation(clerk: TestClient, business: Business, number: int) -> tuple[str, str]:
    """Fill the form; return the confirmation page and its token."""
    page = clerk.post(
        f"/{business.code}/shinki", data=browser_form(business, example_record(business, number))
    )
    assert "<h1>登録内容の確認</h1>" in page.text
    return page.text, page.url.params["token"]


def _register(clerk: TestClient, business: Business, number: int) -> str:
    _, token = _confirmation(clerk, business, number)
    return clerk.post(f"/{business.code}/touroku", data={"token": token}).text


@pytest.mark.parametrize("number, password", [("robot01", "wrong"), ("robot02", PASSWORD), ("", "")])
def test_refuses_a_wrong_login(visitor: TestClient, number: str, password: str) -> None:
    page = visitor.post("/login", data={"shokuin_no": number, "password": password})
    assert "職員番号またはパスワードが正しくありません。" in page.text
    assert visitor.get("/menu").url.path == "/login"


@pytest.mark.parametrize(
    "path", ["/", "/menu", "/kouza_furikae/shinki", "/idou_todoke/ichiran", "/yobou_yoshin/kensaku"]
)
def test_leads_everybody_without_a_session_to_the_login(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).url.path == "/login"


def test_ends_a_session_after_thirty_minutes_without_a_request(clerk: TestClient, clock: Clock) -> None:
    clock.now += timedelta(minutes=29)
    assert clerk.get("/menu").url.path == "/menu"
    clock.now += timedelta(minutes=30)
    page = clerk.get("/menu")
    assert "30分間操作がなかったため、ログアウトしました。" in page.text


def test_logs_out(clerk: TestClient) -> None:
    clerk.post("/logout")
    assert clerk.get("/menu").url.path == "/login"


@pytest.mark.parametrize("business", BUSINESSES.values(), ids=BUSINESSES)
def test_registers_what_was_typed(clerk: TestClient, database: Path, business: Business) -> None:
    page = _register(clerk, business, 42)
    assert "<h1>登録完了</h1>" in page and "登録しました" in page and "00000001" in page
    [(code, key, fields)] = _rows(database)
    assert (code, fields) == (business.code, example_record(business, 42))
    assert key == "-".join(fields[label] for label in business.key)


def test_keeps_the_typed_values_and_shows_each_message_twice_when_something_is_wrong(
    clerk: TestClient, database: Path
) -> None:
    record = example_record(KOUZA_FURIKAE, 1, 郵便番号="12", 対象税目="")
    page = clerk.post("/kouza_furikae/shinki", data=browser_form(KOUZA_FURIKAE, record)).text
    assert "入力内容に誤りがあります（2件）。" in page
    for message in ("郵便番号は半角数字7桁で入力してください。", "対象税目を選択してください。"):
        assert page.count(message) == 2
    assert 'value="見本　太郎"' in page and "selected>普通</option>" in page
    assert _rows(database) == []


def test_escapes_what_was_typed(clerk: TestClient) -> None:
    record = example_record(KOUZA_FURIKAE, 1, 納税者氏名='<b>"見本"</b>')
    page = clerk.post("/kouza_furikae/shinki", data=browser_form(KOUZA_FURIKAE, record)).text
    assert "&lt;b&gt;" in page and "<b>&#34;" not in page and '<b>"見本"' not in page


def test_correction_brings_the_typed_values_back(clerk: TestClient, database: Path) -> None:
    _, token = _confirmation(clerk, IDOU_TODOKE, 5)
    page = clerk.get("/idou_todoke/shinki", params={"draft": token}).text
    assert 'value="0000000005"' in page and "selected>昭和</option>" in page and 'value="50"' in page
    assert _rows(database) == []


def test_sending_one_confirmation_page_twice_registers_once(clerk: TestClient, database: Path) -> None:
    _, token = _confirmation(clerk, KOUZA_FURIKAE, 1)
    clerk.post("/kouza_furikae/touroku", data={"token": token})
    again = clerk.post("/kouza_furikae/touroku", data={"token": token})
    assert again.status_code == 409
    assert "この確認画面の内容は既に登録されています。受付番号 00000001" in again.text
    assert len(_rows(database)) == 1


def test_registering_a_key_twice_warns_and_makes_two_rows(clerk: TestClient, database: Path) -> None:
    warning = "同じ通知書番号の登録が既にあります"
    first, token = _confirmation(clerk, KOUZA_FURIKAE, 1)
    clerk.post("/kouza_furikae/touroku", data={"token": token})
    second, token = _confirmation(clerk, KOUZA_FURIKAE, 1)
    clerk.post("/kouza_furikae/touroku", data={"token": token})
    assert (warning in first, warning in second) == (False, True)
    assert clerk.get("/__counts").json()["kouza_furikae"] == {"rows": 2, "distinct_keys": 1}
    assert len(_rows(database)) == 2


def test_an_unknown_token_registers_nothing(clerk: TestClient, database: Path) -> None:
    page = clerk.post("/kouza_furikae/touroku", data={"token": "guess"})
    assert page.status_code == 404 and "確認中の内容が見つかりません。" in page.text
    assert _rows(database) == []


def test_search_finds_by_either_key_field(clerk: TestClient) -> None:
    _register(clerk, IDOU_TODOKE, 1)
    _register(clerk, IDOU_TODOKE, 2)
    both = clerk.get("/idou_todoke/kensaku", params={"shitei_no": "12345678", "jukyuusha_no": ""}).text
    one = clerk.get(
        "/idou_todoke/kensaku", params={"shitei_no": "12345678", "jukyuusha_no": "0000000002"}
    ).text
    none = clerk.get("/idou_todoke/kensaku", params={"shitei_no": "", "jukyuusha_no": "0000000003"}).text
    assert "2 件見つかりました。" in both and "1 件見つかりました。" in one
    assert "該当する登録はありません。" in none


def test_an_empty_search_is_refused(clerk: TestClient) -> None:
    page = clerk.get("/kouza_furikae/kensaku", params={"tsuchisho_no": " "}).text
    assert "検索する番号を入力してください。" in page and "検索結果" not in page


def test_lists_twenty_to_a_page_newest_first(clerk: TestClient) -> None:
    for number in range(1, 22):
        _register(clerk, KOUZA_FURIKAE, number)
    first = clerk.get("/kouza_furikae/ichiran").text
    last = clerk.get("/kouza_furikae/ichiran", params={"page_number": "2"}).text
    assert "全 21 件中 1～20 件" in first and "00000021" in first and "<td>00000001</td>" not in first
    assert "全 21 件中 21～21 件" in last and "<td>00000001</td>" in last


@pytest.mark.parametrize("page_number", ["0", "99", "x", "²"])
def test_odd_page_numbers_show_a_page_all_the_same(clerk: TestClient, page_number: str) -> None:
    assert clerk.get("/kouza_furikae/ichiran", params={"page_number": page_number}).status_code == 200


def test_details_show_the_registration(clerk: TestClient) -> None:
    _register(clerk, IDOU_TODOKE, 9)
    page = clerk.get("/idou_todoke/shousai/00000001").text
    assert "<h1>登録内容の詳細</h1>" in page and "120,000 円" in page and "1975-01-31" in page
    assert clerk.get("/idou_todoke/shousai/00000002").status_code == 404


def test_pages_name_nothing_outside_the_machine(clerk: TestClient) -> None:
    for path in ("/menu", "/kouza_furikae/shinki", "/idou_todoke/kensaku", "/static/town.css"):
        answer = clerk.get(path)
        assert "//" not in answer.text.replace("<!DOCTYPE html>", "")
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/zei/shinki", "/kouza_furikae/nani"])
def test_unknown_pages_say_so(clerk: TestClient, path: str) -> None:
    answer = clerk.get(path)
    assert answer.status_code == 404 and "指定された画面はありません。" in answer.text
