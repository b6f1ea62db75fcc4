"""What the child process of a run does: hold the run's lock, perform its task, close the run, end with the right code.

Exit codes (DESIGN section 9): 0 done; 2 the user's file or arguments; 3 some items failed; 4 some items in doubt; 5 no
permission; 10 our own fault.
"""

import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from loguru import logger

from backoffice.errors import HakadoriError
from backoffice.logs import without_words
from backoffice.messages import text
from backoffice.runs import Run, RunState
from scheduler.errors import JobMissing
from scheduler.job import Job
from scheduler.office import Office
from scheduler.person_stop import heard
from scheduler.recovery import items_done, recover_items
from scheduler.savings import ITEMS_DONE, book_run

FAULT = 10
_FAILURES = ("business_failure", "system_failure", "failed", "refused")


class Stop:
    """Tells a task that it shall stop after the item in hand."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def asked(self) -> bool:
        """Say whether to stop; tasks look here between items."""
        return self._event.is_set()

    def ask(self) -> None:
        """Ask the task to stop."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait some seconds, less when asked to stop; say whether it was asked."""
        return self._event.wait(seconds)


@dataclass(frozen=True)
class Outcome:
    """What a task did.

    Attributes:
        counts: Name → number, e.g. {"done": 12, "in_doubt": 1}. "business_failure", "system_failure", "failed" and
            "refused" make the exit code 3, "in_doubt" makes it 4.
        items_done: Items it finished, the base of the time saved; None counts the ledger's own events of this run.
        failed: The task as a whole could not do its work.
        reason: Why, for people; no personal data.
        cause: Catalogue key of the error that ended it.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    items_done: int | None = None
    failed: bool = False
    reason: str = ""
    cause: str = ""


class Task(Protocol):
    """The body of one kind of run."""

    def __call__(self, run: Run, job: Job, stop: Stop) -> Outcome:
        """Do the work until nothing is left or `stop` asks.

        Raises:
            HakadoriError: The run fails with this error's explanation and exit code.
        """
        ...


def perform(
    run_id: str,
    *,
    tasks: Mapping[str, Task],
    jobs: Mapping[str, Job],
    office: Office,
    stop: Stop | None = None,
) -> int:
    """Perform one run from its entry to its end and return the exit code.

    Args:
        run_id: A run that the engine has entered.
        tasks: Task by kind ("read", "run").
        jobs: All jobs by name.
        office: The books.
        stop: Asked from outside; without it, the signals of this process ask (SIGTERM, SIGINT, on Windows CTRL_BREAK).

    Raises:
        RunMissing: No such run.
        RunTaken: Another process performs it.
    """
    stop = stop or stop_by_signal()
    with office.runs.living(run_id) as run:
        outcome, code, job = Outcome(), FAULT, jobs.get(run.job)
        try:
            if job is None:
                raise JobMissing("scheduler.job_missing", where=run.job, name=run.job, hint="")
            with heard(office.stops, run_id, stop.ask):
                outcome = tasks[run.kind](run, job, stop)
            code = exit_code(outcome)
        except HakadoriError as error:
            logger.error("run {} failed: {}", run_id, error.key)
            outcome, code = Outcome(failed=True, reason=error.explain(), cause=error.key), error.exit_code
        except Exception as error:
            logger.error("run {} failed by our own fault: {}", run_id, without_words(error))
            reason = text("scheduler.own_fault", kind=type(error).__name__, log=f"run-{run_id}.log")
            outcome = Outcome(failed=True, reason=reason)
        recover_items(office, run_id)  # a closed run is never looked at again: it must hold nothing
        ended = _finish(office, run_id, outcome, code, stopped=stop.asked())
        if job is not None:
            book_run(office.savings, office.review_seconds, ended, job)
        return code


def exit_code(outcome: Outcome) -> int:
    """Return the exit code of an outcome: 10 failed, 4 items in doubt, 3 items failed, 0 all done."""
    if outcome.failed:
        return FAULT
    if outcome.counts.get("in_doubt", 0):
        return 4
    return 3 if any(outcome.counts.get(name, 0) for name in _FAILURES) else 0


def stop_by_signal() -> Stop:
    """Return a `Stop` that the signals of this process ask; call it in the main thread."""
    stop = Stop()
    names = ["SIGTERM", "SIGINT"] + (["SIGBREAK"] if sys.platform == "win32" else [])
    for name in names:
        signal.signal(getattr(signal, name), lambda *_: stop.ask())
    return stop


def _finish(office: Office, run_id: str, outcome: Outcome, code: int, *, stopped: bool) -> Run:
    before: Mapping[str, Any] = office.runs.get(run_id).counts
    done = items_done(office.database, run_id) if outcome.items_done is None else outcome.items_done
    counts = {**before, **outcome.counts, ITEMS_DONE: done, "exit_code": code}
    reason = outcome.reason or (_why_stopped(office, run_id) if stopped else "")
    state = RunState.STOPPED if stopped and outcome.counts.get("left", 1) else RunState.DONE
    if outcome.failed:
        state = RunState.FAILED
    return office.runs.finish(run_id, state, counts=counts, reason=reason, cause=outcome.cause)


def _why_stopped(office: Office, run_id: str) -> str:
    asked = office.stops.of(run_id)
    return (
        text("scheduler.stopped") if asked is None else text("work.stopped_by", who=asked.who, why=asked.why)
    )
