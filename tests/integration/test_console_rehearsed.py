"""Rehearsals and trials under one set of rules, with real child processes, and what is left of a server killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from console_desk import PASSWORD, sign_in
from fastapi.testclient import TestClient
from work_desk import WorkDesk, make_work_desk

from backoffice.document import NewDocument
from backoffice.locks import is_held
from backoffice.runs import Run, RunState
from backoffice.work_items import State
from console.authoring.errors import AuthoringRefused
from console.rehearsals import leash_of
from console.web.app import create_app
from console.wiring import make_desk, open_office
from scheduler.recovery import recover_dead_runs

PATIENCE = 120
JOB = "mihon_touroku"
SERVER = """
import sys, time
from pathlib import Path
from console.wiring import make_desk, open_office
desk = make_desk(open_office(Path(sys.argv[1]), var=Path(sys.argv[2])))
print(desk.job_desk.rehearse("mihon_touroku", {}, "tanto").id, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkDesk]:
    town = make_work_desk(tmp_path_factory.mktemp("town"))
    town.put("1", "2")
    yield town
    town.desk.job_desk.stop()


@pytest.fixture
def tanto(town: WorkDesk) -> TestClient:
    client = TestClient(create_app(town.desk), base_url="http://127.0.0.1", follow_redirects=False)
    assert sign_in(client, "tanto", PASSWORD).status_code == 303
    return client


def wait(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def rehearse(client: TestClient):
    csrf = client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(f"/jobs/{JOB}/rehearse", data={"csrf": csrf})


def test_a_rehearsal_that_waits_its_turn_is_not_dead_and_may_be_stopped(
    town: WorkDesk, tanto: TestClient
) -> None:
    runs, jobs = town.office.runs, town.desk.job_desk
    first = runs.get(rehearse(tanto).headers["location"].rpartition("/")[2])
    refused = rehearse(tanto)
    assert refused.status_code == 409
    assert "前の試し実行がまだ終わっていません" in refused.text
    second = jobs.rehearse(JOB, {}, "unyo")
    wait(lambda: state_of(town, first) is RunState.RUNNING)
    wait(
        lambda: is_held(runs.lock_file(second.id))
    )  # so that nobody takes it for dead, however long it waits
    assert state_of(town, second) is RunState.STARTING
    assert recover_dead_runs(town.office.books, town.office.jobs) == []
    jobs.end(second.id, "unyo", "間違えた")
    wait(lambda: state_of(town, second) is RunState.STOPPED)
    assert state_of(town, first) is RunState.RUNNING
    (town.gate / "open").touch()
    wait(lambda: state_of(town, first) is RunState.DONE)
    (town.gate / "open").unlink()
    wait(lambda: not leash_of(town.office, first).exists())


def test_no_rehearsal_outlives_a_server_that_was_killed(town: WorkDesk, tanto: TestClient) -> None:
    office, configs = town.office, town.office.configs
    command = [sys.executable, "-c", SERVER, str(configs), str(office.settings.var)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    run = office.runs.get(server.stdout.readline().strip())
    wait(lambda: state_of(town, run) is RunState.RUNNING)
    child = psutil.Process(office.runs.get(run.id).pid or 0)
    assert is_at_work(child)
    server.kill()
    server.wait(PATIENCE)
    server.stdout.close()
    wait(lambda: not is_at_work(child))
    wait(
        lambda: bool(recover_dead_runs(office.books, office.jobs))
    )  # its last thread may hold the lock for an instant
    assert state_of(town, run) is RunState.DIED
    page = tanto.get(f"/runs/{run.id}").text
    assert "処理のプロセスがいなくなっていました" in page
    assert {item.state for item in office.ledger.items("mihon")} == {State.NEW}


def test_unapproved_content_starts_nothing_on_the_pc_by_way_of_a_rehearsal(
    town: WorkDesk, tmp_path: Path
) -> None:
    settings = town.office.configs / "hakadori.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(before + "robots: {require_approval: true}\n", "utf-8")
    try:
        desk = make_desk(open_office(town.office.configs, var=tmp_path))
        with pytest.raises(AuthoringRefused, match="run_python"):
            desk.job_desk.rehearse(JOB, {}, "tanto")
    finally:
        settings.write_text(before, "utf-8")


def test_what_is_asked_before_a_rehearsal_is_the_text_that_runs_and_not_the_one_on_the_disk(
    town: WorkDesk, tanto: TestClient
) -> None:
    """The robot was read at the start; what was written into its file since then is not what is rehearsed."""
    script = town.office.configs / "robots" / "mihon.yaml"
    before, runs = script.read_text("utf-8"), len(town.office.runs.history())
    put_of_another_department(town)
    script.write_text(before.replace("process: mihon", "process: betsu"), "utf-8")
    try:
        refused = rehearse(tanto)
    finally:
        script.write_text(before, "utf-8")
    assert refused.status_code == 409
    assert "ほかの部署" in refused.text
    assert len(town.office.runs.history()) == runs


def put_of_another_department(town: WorkDesk) -> None:
    store = town.office.documents
    file = store.claim_file("kenkou", "betsu.pdf", "0" * 64, 1, "originals/betsu")
    document = store.add_document(NewDocument(file.id, 0, "kenkou", "mihon", 1, (), ()))
    town.office.ledger.put("mihon", "of-another", {}, who="t", why="t", document=document)


def is_at_work(process: psutil.Process) -> bool:
    """Say whether a process works on; one that nobody has taken notice of since it ended does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def state_of(town: WorkDesk, run: Run) -> RunState:
    return town.office.runs.get(run.id).state
