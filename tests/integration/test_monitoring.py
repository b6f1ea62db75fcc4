"""/health and /metrics: programs that watch learn the state, and nothing of anybody's record."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from backoffice.document import FileState
from backoffice.runs import RunState
from backoffice.settings_operations import MonitorSettings
from backoffice.tables import service_heartbeats
from backoffice.work_items import State
from console.monitor import Monitor
from console.web.app import create_app
from console.web.health import watch_over
from console.wiring import Office, make_desk, open_office

NAME = "山田花子"
HERE, ELSEWHERE = ("127.0.0.1", 50000), ("192.0.2.7", 50000)


@pytest.fixture
def office(tmp_path: Path, migrated: Path) -> Office:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    shutil.copytree(Path("configs"), tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    return open_office(tmp_path / "configs")


def client(office: Office, address: tuple[str, int] = HERE, free: int = 10**11) -> TestClient:
    app = create_app(make_desk(office))
    watch_over(app, Monitor(office, lambda _folder: free))
    return TestClient(app, base_url="http://127.0.0.1", client=address)


def beat(office: Office, seconds_ago: float = 0) -> None:
    now = office.clock()
    row = {
        "service": "hakadori",
        "host": "pc",
        "pid": 1,
        "started_at": now,
        "beat_at": now - timedelta(seconds=seconds_ago),
    }
    with office.engine.begin() as connection:
        connection.execute(sa.delete(service_heartbeats))
        connection.execute(sa.insert(service_heartbeats).values(row))


def numbers(page: str) -> dict[str, float]:
    """Return "name{label=value}" → number."""
    return {
        sample.name
        + ",".join(f"{{{key}={value}}}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_alive_is_answered_without_signing_in_and_without_the_database(office: Office) -> None:
    web = client(office, ELSEWHERE)
    shutil.rmtree(office.settings.var)
    answer = web.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_needs_database_service_and_disk(office: Office) -> None:
    web = client(office)
    assert web.get("/health/ready").json() == {
        "status": "bad",
        "database": "ok",
        "service": "bad",
        "disk": "ok",
    }
    beat(office)
    assert web.get("/health/ready").status_code == 200
    beat(office, seconds_ago=120)
    assert web.get("/health/ready").status_code == 503
    beat(office)
    full = client(office, free=1000).get("/health/ready")
    assert (full.status_code, full.json()["disk"]) == (503, "bad")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE service_heartbeats")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert web.get("/health/ready").json()["database"] == "bad"


def test_the_numbers_are_those_of_the_books(office: Office) -> None:
    for number in range(3):
        office.ledger.put("kouza_furikae", str(number), {"氏名": NAME}, who="t", why="t")
    item = office.ledger.claim("kouza_furikae", run="r", who="t")
    office.ledger.move(item, State.DONE, who="t", why="t")
    run = office.runs.enter("kouza_touroku", "run", "now-1", "person")
    ended = office.runs.finish(run.id, RunState.DONE, counts={})
    file = office.documents.claim_file("nouzei", f"{NAME}.pdf", "0" * 64, 1, "work/a.pdf")
    office.documents.finish_file(file.id, FileState.FAILED, reason=NAME, stored="failed/nouzei/a.pdf")
    (office.settings.folder("spool") / "done-1-1.conflict").write_text("{}")
    beat(office)
    page = client(office).get("/metrics").text
    found = numbers(page)
    assert found["hakadori_items{process=kouza_furikae},{state=done}"] == 1
    assert found["hakadori_items{process=kouza_furikae},{state=new}"] == 2
    assert found["hakadori_queue_items{process=kouza_furikae}"] == 2
    assert found["hakadori_runs{job=kouza_touroku},{state=done}"] == 1
    moment = ended.finished_at.timestamp()
    assert found["hakadori_job_last_success_timestamp_seconds{job=kouza_touroku}"] == pytest.approx(moment)
    assert found["hakadori_files_refused{department=nouzei}"] == 1
    assert found["hakadori_spool_files{kind=conflict}"] == 1
    assert found["hakadori_disk_free_bytes"] == 10**11
    assert found["hakadori_ready{part=service}"] == 1
    assert NAME not in page


def test_the_numbers_say_so_when_the_database_is_away(office: Office) -> None:
    gone = sa.create_engine("sqlite:////nowhere/at/all.db")
    found = numbers(client(replace(office, engine=gone)).get("/metrics").text)
    assert found["hakadori_ready{part=database}"] == 0
    assert "hakadori_disk_free_bytes" in found


def test_another_pc_needs_the_token_and_a_proxy_is_another_pc(office: Office) -> None:
    assert client(office, ELSEWHERE).get("/metrics").status_code == 403
    assert client(office).get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    office.vault.put("metrics", "abc")
    watched = replace(
        office, settings=office.settings.model_copy(update={"monitor": MonitorSettings(secret="metrics")})
    )
    far = client(watched, ELSEWHERE)
    assert far.get("/metrics", headers={"Authorization": "Bearer abc"}).status_code == 200
    for wrong in ("Bearer abd", "Basic abc", "Bearer ", "Bearer ああ".encode()):
        assert far.get("/metrics", headers={"Authorization": wrong}).status_code == 403


def test_the_numbers_can_be_switched_off(office: Office) -> None:
    off = office.settings.model_copy(update={"monitor": MonitorSettings(metrics=False)})
    assert client(replace(office, settings=off)).get("/metrics").status_code == 404
