"""The fault switches: what is stored and what is answered under each."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from samples.townoffice.app import create_app
from samples.townoffice.catalogue import KOUZA_FURIKAE
from samples.townoffice.examples import browser_form, example_record

FAULT_500 = "登録処理中にエラーが発生しました。登録されたかどうかは検索画面で確認してください。"


@pytest.fixture
def clerk(tmp_path: Path) -> TestClient:
    client = TestClient(create_app(tmp_path / "town.db", "pw"))
    client.post("/login", data={"shokuin_no": "robot01", "password": "pw"})
    return client


def _register(clerk: TestClient) -> Response:
    form = browser_form(KOUZA_FURIKAE, example_record(KOUZA_FURIKAE, 1))
    token = clerk.post("/kouza_furikae/shinki", data=form).url.params["token"]
    return clerk.post("/kouza_furikae/touroku", data={"token": token})


def _stored(clerk: TestClient) -> int:
    return int(clerk.get("/__counts").json()["kouza_furikae"]["rows"])


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [("500_before", 500, 0), ("500_after", 500, 1), ("drop_after", 500, 1), ("slow", 200, 1), (None, 200, 1)],
)
def test_a_commit_fault_decides_what_is_stored_and_answered(
    clerk: TestClient, fault: str | None, status: int, stored: int
) -> None:
    clerk.post("/__faults", json={"commit": fault})
    answer = _register(clerk)
    assert (answer.status_code, _stored(clerk)) == (status, stored)
    assert (FAULT_500 in answer.text) == (status == 500)


def test_slow_waits_before_it_answers(clerk: TestClient) -> None:
    clerk.post("/__faults", json={"commit": "slow", "seconds": 0.4})
    started = time.monotonic()
    assert _register(clerk).status_code == 200
    assert time.monotonic() - started >= 0.4


def test_what_waits_goes_on_when_the_switches_are_set_anew(clerk: TestClient) -> None:
    clerk.post("/__faults", json={"commit": "slow", "seconds": 600, "times": 1})
    other = TestClient(clerk.app)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(_register, clerk)
        while other.get("/__faults").json()["commit"]:
            assert not slow.done()
        assert _stored(other) == 0
        other.post("/__faults", json={})
        assert (slow.result(60).status_code, _stored(other)) == (200, 1)


def test_a_counted_fault_heals_by_itself(clerk: TestClient) -> None:
    clerk.post("/__faults", json={"commit": "500_before", "times": 2})
    assert [_register(clerk).status_code for _ in range(3)] == [500, 500, 200]
    assert clerk.get("/__faults").json()["commit"] is None


def test_refuses_every_login(clerk: TestClient) -> None:
    clerk.post("/__faults", json={"login": "refuse"})
    page = clerk.post("/login", data={"shokuin_no": "robot01", "password": "pw"})
    assert "この職員番号は利用が停止されています。情報システム課へ連絡してください。" in page.text


def test_closes_all_pages_but_its_own_switches(clerk: TestClient) -> None:
    clerk.post("/__faults", json={"all": "503"})
    page = clerk.get("/menu")
    assert page.status_code == 503 and "ただいまシステムを停止しています。" in page.text
    assert clerk.get("/__health").json() == {"ok": True}
    clerk.post("/__faults", json={})
    assert clerk.get("/menu").status_code == 200


@pytest.mark.parametrize("wrong", [{"commit": "explode"}, {"comit": None}, {"seconds": -1}, {"times": 0}])
def test_refuses_unknown_faults(clerk: TestClient, wrong: dict[str, object]) -> None:
    assert clerk.post("/__faults", json=wrong).status_code == 422
