"""The child process of the scheduler's tests: real `perform`, with tasks that do what each test needs.

python scheduler_child.py VAR JOBS RUN_ID
"""

import os
import signal
import sys
import time
from pathlib import Path

from scheduler_parts import wait_for

from backoffice.database import open_database
from backoffice.errors import SecretMissing
from backoffice.runs import Run
from backoffice.settings import builtin_settings
from backoffice.work_items import State
from scheduler.child import Outcome, Stop, Task, perform
from scheduler.job import Job
from scheduler.job_check import load_jobs
from scheduler.office import Office

GATE = "gate is open"
"""A file of this name in the working folder lets go what waits at the gate."""
DATABASE = "SCHEDULER_CHILD_DATABASE"
"""Environment variable with the URL of another database than the folder's own."""


def office_of(var: Path) -> Office:
    settings = builtin_settings(var)
    return Office.of(settings, open_database(os.environ.get(DATABASE, settings.database_url)))


def registering(office: Office) -> Task:
    """A robot that brings every item to done, or misbehaves at the item that says so."""

    def work(run: Run, job: Job, stop: Stop) -> Outcome:
        done, left = 0, job.items_per_run or sys.maxsize
        if any(item.record.get("do") == "wait to be asked" for item in office.ledger.items(job.job)):
            wait_for(stop.asked)
        while not stop.asked() and done < left:
            item = office.ledger.claim(job.job, run=run.id, who="robot")
            if item is None:
                break
            do = item.record.get("do", "")
            if do == "die" or (do == "die once" and item.attempts == 1):
                os.kill(os.getpid(), signal.SIGKILL)
            if do == "meet":
                wait_for(lambda process=item.process: works_beside(office, process))
            if do == "wait at the gate":
                wait_for((office.locks.parent / GATE).exists)
            if do == "hang":
                time.sleep(3600)
            if do == "freeze once" and item.attempts == 1:
                wait_for(lambda run=run.id: office.runs.get(run).finished_at is not None)
            item = office.ledger.move(item, State.COMMITTING, who="robot", why="typed")
            if do == "hang after commit":
                time.sleep(3600)
            if do == "die after commit":
                os.kill(os.getpid(), signal.SIGKILL)
            office.ledger.move(item, State.DONE, who="robot", why="seen")
            done += 1
            office.runs.progress(run.id, {"done": done})
            if do == "slow":
                time.sleep(0.3)
        waiting = office.ledger.counts(job.job)[State.NEW]
        return Outcome({"done": done, **({"goes_on": 1} if done == left and waiting else {})})

    return work


def works_beside(office: Office, process: str) -> bool:
    """Say whether another process has taken up an item of this kind."""
    others = [other for other in office.ledger.items(process) if other.record.get("do") == "meet"]
    return len({other.run for other in others if other.run}) > 1


def reading(run: Run, job: Job, stop: Stop) -> Outcome:
    if job.read == "secretless":
        raise SecretMissing("backoffice.secret_missing", name="X", variable="HAKADORI_SECRET_X")
    if job.read == "broken":
        raise RuntimeError("山田太郎")
    if job.read == "much":  # reads one of three files and then leaves the rest to a fresh process
        before = sum(run.counts.get("read", 0) for run in office_of(var).runs.history(job.job, limit=9))
        return Outcome({"read": 1, "left": 2 - before}, items_done=1)
    return Outcome({"read": 2, "refused": 1 if job.read == "refusing" else 0}, items_done=2)


if __name__ == "__main__":
    var, jobs, run_id = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    office = office_of(var)
    tasks: dict[str, Task] = {"read": reading, "run": registering(office)}
    sys.exit(perform(run_id, tasks=tasks, jobs=load_jobs(jobs), office=office))
