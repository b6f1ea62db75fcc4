"""The processes of the drill's PCs: a service that fires, a worker, and the child of one run.

python night_pc.py service|worker|child|load VAR [RUN]

What they share comes by the environment: NIGHT_DATABASE, NIGHT_TARGET, NIGHT_JOBS. The body of a run does what a robot
does: claim, type, `committing`, press, see the answer, `done`; and it looks up first what stands in doubt.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path[0] = str(ROOT)

# ruff: noqa: E402 - what follows needs the packages of the checkout
from backoffice.bulk_entry import Fresh, enter_all
from backoffice.database import open_database
from backoffice.runs import Run
from backoffice.settings import builtin_settings
from backoffice.settings_operations import DiskSettings
from backoffice.spool import finish_durably, replay
from backoffice.work_items import LedgerConflict, State, WorkItem
from scheduler.child import Outcome, Stop, Task, perform
from scheduler.job import Job
from scheduler.job_check import load_jobs
from scheduler.office import Office

PROCESS = "touroku"
SILENT_SECONDS = 5.0
NOT_BEFORE = timedelta(seconds=2)
"""The target registers at once: "not found" is believed after so long."""
TYPING_SECONDS = float(os.environ.get("NIGHT_TYPING", "0.08"))
LEASE_SECONDS = 1.0
"""Whoever was frozen for longer between `committing` and pressing does not press: others may have looked it up."""
WHO = "robot"


def office_of(var: Path) -> Office:
    """Open one PC's folder and the shared database; the small disk of the drill is large enough until it is full."""
    settings = builtin_settings(var).model_copy(update={"disk": DiskSettings(warn_gb=1e-4, stop_gb=1e-5)})
    return Office.of(settings, open_database(os.environ["NIGHT_DATABASE"]))


def registering(office: Office) -> Task:
    """Return the body of a run."""

    def work(run: Run, job: Job, stop: Stop) -> Outcome:
        replay(office.ledger, office.spool)
        while not stop.asked():
            look_up_doubts(office)
            item = office.ledger.claim(PROCESS, run=run.id, who=WHO)
            if item is None:
                break
            try:
                register(office, item)
            except LedgerConflict:
                continue  # taken away: this run was thought dead
        left = office.ledger.counts(PROCESS)
        return Outcome({"left": left[State.NEW] + left[State.RETRY]})

    return work


def register(office: Office, item: WorkItem) -> None:
    """Type one record in, press, and see the answer."""
    time.sleep(TYPING_SECONDS)
    begun = steady()
    item = office.ledger.move(item, State.COMMITTING, who=WHO, why="typed")
    if steady() - begun > LEASE_SECONDS:
        office.ledger.move(item, State.IN_DOUBT, who=WHO, why="frozen before pressing")
        return
    try:
        answer = ask("POST", f"/register?key={item.key}")
    except (URLError, OSError):
        office.ledger.move(item, State.IN_DOUBT, who=WHO, why="no answer")
        return
    finish_durably(
        office.ledger, office.spool, item, result={"receipt": str(answer["receipt"])}, who=WHO, why="seen"
    )


def look_up_doubts(office: Office) -> None:
    """Settle what stands in doubt by the target's own list."""
    for item in office.ledger.items(PROCESS, [State.IN_DOUBT]):
        found = ask("GET", f"/find?key={item.key}")["found"]
        begun = [event.at for event in office.ledger.events(item.id) if event.to_state is State.COMMITTING]
        try:
            if found:
                office.ledger.settle(item, State.DONE, who=WHO, why="found in the target")
            elif office.clock() - begun[-1] >= NOT_BEFORE:
                office.ledger.settle(item, State.RETRY, who=WHO, why="not in the target")
        except LedgerConflict:
            continue  # another lane settled it


def steady() -> float:
    """Return seconds of a clock that nobody sets and that also counts sleep where the system has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def ask(method: str, path: str) -> dict[str, object]:
    """Ask the target."""
    request = urllib.request.Request(os.environ["NIGHT_TARGET"] + path, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        told: dict[str, object] = json.loads(answer.read())
    return told


def serve(var: Path) -> None:
    """Fire jobs until killed or asked to stop; on PostgreSQL leave the runs to workers."""
    from console.engines import stop_on_signals
    from scheduler.local import LocalEngine

    office, jobs = office_of(var), load_jobs(Path(os.environ["NIGHT_JOBS"]))
    runner = None
    if office.database.dialect.name == "postgresql":
        from backoffice.run_queue import RunQueue
        from scheduler.dispatcher import Dispatcher, queue_of
        from scheduler.firing import FiringBook
        from scheduler.postbox import Postbox

        book = FiringBook(jobs, office, queue=queue_of("night"))
        queue = RunQueue(office.database, office.runs)
        runner = Dispatcher(book, queue, Postbox(office.database), silent_seconds=SILENT_SECONDS)
    engine = LocalEngine(jobs, office, lambda run: child_command(var, run), poll_seconds=0.5, runner=runner)
    asked = Stop()
    stop_on_signals(asked.ask)
    engine.start()
    while not asked.wait(0.2):
        pass
    engine.stop()


def work_queue(var: Path) -> None:
    """Carry out runs until killed or asked to stop."""
    from backoffice.run_queue import RunQueue
    from console.engines import stop_on_signals
    from scheduler.carrying import Carrier
    from scheduler.worker import Worker

    office = office_of(var)
    worker = Worker(
        office,
        RunQueue(office.database, office.runs),
        load_jobs(Path(os.environ["NIGHT_JOBS"])),
        Carrier(office, lambda run: child_command(var, run), grace_seconds=20),
        queues=["night"],
        lanes=3,
        silent_seconds=SILENT_SECONDS,
    )
    stop_on_signals(worker.stop)
    worker.run()


def load(var: Path, count: int) -> None:
    """Enter the whole list."""
    records = [Fresh(f"{number:06}", {"number": str(number)}) for number in range(count)]
    enter_all(office_of(var).ledger, PROCESS, records, who="reader", why="list")


def child_command(var: Path, run: Run) -> Sequence[str]:
    """Return the command line of a run's child."""
    return [sys.executable, __file__, "child", str(var), run.id]


def main() -> int:
    """Be the process that the arguments name."""
    what, var = sys.argv[1], Path(sys.argv[2])
    if what == "child":
        office = office_of(var)
        jobs = load_jobs(Path(os.environ["NIGHT_JOBS"]))
        return perform(sys.argv[3], tasks={"run": registering(office)}, jobs=jobs, office=office)
    if what == "load":
        load(var, int(sys.argv[3]))
    else:
        {"service": serve, "worker": work_queue}[what](var)
    return 0


if __name__ == "__main__":
    sys.exit(main())
