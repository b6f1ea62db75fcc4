"""A small installation for the pages of jobs, runs and items: a robot that stops at a gate until the test opens it.

Everything is real: the configuration is read, a run is a child process, the pages are those of `make_desk`.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from console_desk import PASSWORD
from PIL import Image

from backoffice.locks import is_held
from backoffice.runs import OPEN_STATES, Run, RunState
from backoffice.work_items import State, WorkItem
from console.web.app import create_app
from console.web.desk import Desk
from console.web.streams import Streams
from console.wiring import Office, make_desk, open_office

SECRET = "見本　太郎"
"""A value of every record; it must never be seen where nobody asked for it."""
SETTINGS = """
town: はかどり市
departments: {nouzei: 納税課, kenkou: 健康課}
inbox: {poll_seconds: 1}
web: {requests_per_minute: 6000}
"""
ROBOT = """
robot: mihon
title: 見本の登録
items: {process: mihon, personal: [氏名]}
tries: {times: 1, wait_seconds: 0}
each:
  - run_python:
      function: mon.tooru
      arguments:
        bangou: ${item.番号}
        mon: ${parameter.mon}
        nendo: ${parameter.年度}
        hi: ${parameter.基準日}
"""
GATE = """
import time
from pathlib import Path


def tooru(bangou, mon, nendo, hi):
    if bangou.startswith("9"):
        raise ValueError("refused")
    if bangou.startswith("8"):
        raise RuntimeError("broken")
    end = time.monotonic() + 900
    while not (Path(mon) / bangou).exists() and not (Path(mon) / "open").exists():
        if time.monotonic() > end:
            raise RuntimeError("nobody opened the gate")
        time.sleep(0.02)
    return ""
"""
JOB = """
job: {job}
title: {title}
department: {department}
run: mihon
when: {{at: ["12:30", "17:30"], days: 開庁日}}
parameters: {{mon: {mon}, 年度: "2026", 基準日: 2026-04-01}}
time_saved:
  business: 見本の入力
  process: mihon
  manual_minutes_per_item: 4
  assumption: true
"""
END_SECONDS = 120


@dataclass
class WorkDesk:
    """The installation, its pages, and the gate.

    Attributes:
        gate: Folder of the gate: a file named after an item lets it pass, `open` lets all pass.
    """

    office: Office
    desk: Desk
    gate: Path

    def put(self, *numbers: str, process: str = "mihon") -> list[WorkItem]:
        """Enter items."""
        ledger = self.office.ledger
        return [
            ledger.put(process, n, {"番号": n, "氏名": SECRET, "メモ": "=1+1"}, who="t", why="届いた")[0]
            for n in numbers
        ]

    def doubtful(self, number: str, process: str = "mihon") -> WorkItem:
        """Enter an item that is in doubt."""
        ledger, [item] = self.office.ledger, self.put(number, process=process)
        item = self._claimed(item)
        item = ledger.move(item, State.COMMITTING, who="robot", why="登録を押す")
        return ledger.move(item, State.IN_DOUBT, who="robot", why="登録の途中で切れた")

    def failed(self, number: str, state: State = State.SYSTEM_FAILURE) -> WorkItem:
        """Enter an item that failed."""
        item = self._claimed(self.put(number)[0])
        return self.office.ledger.move(item, state, who="robot", why="相手が答えない")

    def past_run(self, job: str = "mihon_touroku", **counts: int) -> Run:
        """Enter a run that is over, with evidence of one item: steps, a warning, a picture, the words of a page."""
        runs = self.office.runs
        entered = runs.enter(
            job, "run", f"now-{time.monotonic_ns()}", "person", script=ROBOT, script_sha256="a" * 64
        )
        folder = self.desk.settings.folder("evidence") / entered.id / "7"
        folder.mkdir(parents=True)
        step = '{"at": "2026-04-01T00:00:00.000+00:00", "step": "each 1", "action": "click", "target": "ボタン「登録」"'
        lines = [
            step + ', "value": "", "seconds": 0.25, "outcome": "done"}',
            step + ', "value": "●● (4)", "seconds": 5.0, "outcome": "robots.not_found"}',
            '{"warning": "robots.label_changed", "message": "ラベルが「登録」から「登録する」に変わっています"}',
        ]
        (folder / "steps.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "failure.txt").write_text("入力内容に<b>誤り</b>があります\n", encoding="utf-8")
        Image.new("RGB", (640, 400), "#dde7f0").save(folder / "failure.jpg")
        (folder.parent / "script.yaml").write_text(ROBOT, encoding="utf-8")
        log = self.desk.settings.folder("logs") / f"run-{entered.id}.log"
        log.write_text("2026-04-01 09:00:00.000 WARNING robots.lane: item 7 → retry\n", encoding="utf-8")
        return runs.finish(entered.id, RunState.FAILED, counts=counts, reason="each 1: 見つかりません")

    def wait(self, seen: Callable[[], bool]) -> None:
        """Wait until something has come about."""
        end = time.monotonic() + END_SECONDS
        while not seen():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)

    def over(self) -> bool:
        """Whether no run is at work, and the engine has let the jobs go."""
        runs = self.office.runs
        return not runs.open_runs() and not any(is_held(runs.job_lock(job)) for job in self.office.jobs)

    def audited(self) -> list[tuple[str, str, str]]:
        """The audit trail, oldest first: who, what, on which subject."""
        return [(one.who, one.what, one.subject) for one in reversed(self.office.audit.entries())]

    def _claimed(self, item: WorkItem) -> WorkItem:
        claimed = self.office.ledger.claim(item.process, run="earlier", who="robot", keys=[item.key])
        assert claimed is not None
        return claimed


def make_work_desk(folder: Path) -> WorkDesk:
    """Write the configuration into an empty folder and open it."""
    gate = folder / "gate"
    for name in ("configs/robots", "configs/jobs", "configs/forms", "configs/python", "gate"):
        (folder / name).mkdir(parents=True)
    configs = folder / "configs"
    written = {
        "hakadori.yaml": SETTINGS,
        "robots/mihon.yaml": ROBOT,
        "python/mon.py": GATE,
        "jobs/a.yaml": JOB.format(
            job="mihon_touroku", title="見本の<b>登録</b>", department="nouzei", mon=gate
        ),
        "jobs/b.yaml": JOB.format(job="kenkou_touroku", title="健康の登録", department="kenkou", mon=gate),
    }
    for name, content in written.items():
        (configs / name).write_text(content, encoding="utf-8")
    office = open_office(configs, var=folder / "var")
    desk = make_desk(office)
    people = {
        "tanto": ("operator", "verifier", "approver"),
        "unyo": ("operator",),
        "shonin": ("approver",),
    }
    for name, roles in people.items():
        desk.users.add(name, PASSWORD, roles=roles, departments=["nouzei"])
    return WorkDesk(office, desk, gate)


@contextmanager
def serving(desk: Desk, port: int = 0, streams: Streams | None = None) -> Iterator[str]:
    """Serve the pages on this machine; open streams end with it, as those of `hakadori serve` do."""
    desk = replace(desk, streams=streams or Streams())
    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(
            create_app(desk), log_level="error", lifespan="off", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            desk.streams.end()
            server.should_exit = True
            thread.join(30)


def is_open(run: Run) -> bool:
    """Whether a run is not over yet."""
    return run.state in OPEN_STATES
