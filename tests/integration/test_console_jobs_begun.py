"""A job begun through the API runs for real: a child process works, and the books say how it ended."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from console.web.app import create_app
from console.wiring import Office, make_desk, open_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    shutil.copytree(Path("configs"), tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    return open_office(tmp_path / "configs")


def reader(office: Office) -> str:
    return next(job.job for job in office.jobs.values() if job.read)


def test_a_job_is_begun_paused_and_resumed_through_the_api(office: Office) -> None:
    desk, job = make_desk(office), reader(office)
    department = office.jobs[job].department
    _, secret = desk.tokens.add("soumu", roles=["operator"], departments=[department], days=1, who="t")
    client = TestClient(create_app(desk), base_url="http://127.0.0.1")
    client.headers["Authorization"] = f"Bearer {secret}"
    try:
        begun = client.post(f"/api/v1/jobs/{job}/run", json={})
        assert begun.status_code == 202, begun.text
        run = begun.json()["id"]
        end = time.monotonic() + 240
        while client.get(f"/api/v1/runs/{run}").json()["finished_at"] is None:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert client.get(f"/api/v1/runs/{run}").json()["state"] == "done"
    finally:
        desk.job_desk.stop()
    noted = next(entry for entry in office.audit.entries() if entry.what == "job.run")
    assert (noted.who, noted.subject, noted.details["run"]) == ("api:soumu", f"job/{job}", run)
    paused = client.post(f"/api/v1/jobs/{job}/pause", json={"why": "相手の保守"})
    assert paused.json() == {"status": "ok"}
    told = {one["job"]: one for one in client.get("/api/v1/jobs").json()}[job]
    assert (told["paused_by"], told["paused_why"]) == ("api:soumu", "相手の保守")
    assert client.post(f"/api/v1/jobs/{job}/run", json={}).status_code == 409
    assert client.post(f"/api/v1/jobs/{job}/resume", json={}).status_code == 200
    assert client.post(f"/api/v1/jobs/{job}/resume", json={}).status_code == 409
