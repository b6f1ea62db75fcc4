"""Many people who press "run now" while the books are held up keep nobody else's page from being answered."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import uvicorn
from console_desk import BookedJobs, make_office

from backoffice.runs import Run
from console.web.app import create_app
from console.web.starting import AT_ONCE

CROWD = 60
"""More than the threads that answer requests (40)."""


class HeldUp(BookedJobs):
    """Jobs whose runs are not entered before somebody lets them."""

    gate = threading.Event()

    def run(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        assert self.gate.wait(120)
        return super().run(name, parameters, who)


def test_pages_are_answered_while_a_crowd_waits_for_its_runs(tmp_path: Path) -> None:
    office = make_office(tmp_path)
    jobs = HeldUp(office.desk.runs)
    app = create_app(replace(office.desk, job_desk=jobs))
    _, token = office.desk.tokens.add("soumu", roles=["operator"], departments=["nouzei"], days=1, who="t")
    opener = build_opener(ProxyHandler({}))

    def ask(path: str, data: bytes | None = None) -> tuple[int, object]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with opener.open(Request(f"{url}/api/v1{path}", data, headers), timeout=120) as answer:
            return answer.status, json.load(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(CROWD) as crowd:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            begun = [crowd.submit(ask, "/jobs/nouzei_yomitori/run", b"{}") for _ in range(CROWD)]
            until = time.monotonic() + 60
            while app.state.starts.statistics().tasks_waiting < CROWD - AT_ONCE:
                assert time.monotonic() < until, "the crowd has not arrived"
                time.sleep(0.02)
            assert ask("/jobs")[0] == 200  # nobody has been let through yet
            assert not any(one.done() for one in begun)
            jobs.gate.set()
            assert [one.result()[0] for one in begun] == [202] * CROWD
        finally:
            jobs.gate.set()
            server.should_exit = True
            thread.join(30)
    assert len({run.id for run in office.desk.runs.history("nouzei_yomitori", limit=100)}) == CROWD
