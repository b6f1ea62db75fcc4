"""Carry out one run on this PC: start its child process, watch it, and look at how it ended.

The local engine and a worker of several PCs do this in the same way; only who tells them which run is next differs.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from loguru import logger

from backoffice.errors import HakadoriError
from backoffice.messages import text
from backoffice.runs import OPEN_STATES, Run, RunState
from scheduler.engine import Command
from scheduler.errors import MemoryTooSmall
from scheduler.job import Job
from scheduler.office import Office
from scheduler.process import Cause, ChildEnd, Limits, watch_child
from scheduler.recovery import close_dead, correct_end, did_nothing
from scheduler.savings import book_run
from scheduler.triggers import window_end


class Carrier:
    """Carries out runs in child processes.

    Args:
        office: The books and folders.
        command: Makes the command line of a run's child process.
        grace_seconds: Time a child has to finish the item in hand when it is asked to stop.
    """

    def __init__(self, office: Office, command: Command, *, grace_seconds: float = 60.0) -> None:
        self._office = office
        self._command = command
        self._grace = grace_seconds
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ask all running children to stop after the item in hand."""
        self._stopping.set()

    def carry_out(self, job: Job, run: Run, *, asked: Callable[[], bool] = lambda: False) -> Run:
        """Carry out a run that is entered, to its end.

        Args:
            job: Its job.
            run: The run.
            asked: Looked at ten times a second; True asks the child to stop after the item in hand.

        Returns:
            The run as it ended.

        Raises:
            DBAPIError: The child ended, but the database is away; the run is closed when somebody looks again.
        """
        closes = window_end(job, self._office.clock(), self._office.zone) if run.trigger != "person" else None
        try:
            end = watch_child(
                self._command(run),
                self._office.logs / f"run-{run.id}.log",
                limits=Limits(job.timeout * 60, self._grace, job.memory_mb * 1024 * 1024),
                asked=lambda: self.stopping or self._is_past(closes) or asked(),
            )
        except HakadoriError as error:
            logger.error("run {} of job {} could not start: {}", run.id, job.job, error.key)
            return self._office.runs.finish(
                run.id, RunState.FAILED, counts={}, reason=error.explain(), cause=error.key
            )
        if end.over_memory:
            logger.warning("run {} of job {} used more than {} MB", run.id, job.job, job.memory_mb)
        return self._close(job, run, end)

    def _close(self, job: Job, run: Run, end: ChildEnd) -> Run:
        now = self._office.runs.get(run.id)
        if end.cause is Cause.ASKED and now.state is RunState.STARTING:  # it was asked before it could listen
            reason = text("scheduler.stopped")
            now = self._office.runs.finish(run.id, RunState.STOPPED, counts={}, reason=reason)
        if end.over_memory and now.state is RunState.STOPPED and did_nothing(now):
            megabytes = round(end.most_bytes / 1024 / 1024)
            error = MemoryTooSmall(
                "engine.memory_too_small", where=job.job, used=megabytes, limit=job.memory_mb
            )
            logger.error("run {} of job {}: {}", run.id, job.job, error.key)
            now = correct_end(self._office, now, error)
        if now.state not in OPEN_STATES:
            book_run(self._office.savings, self._office.review_seconds, now, job)
            return now
        return close_dead(self._office, now, job, _reason(job, end))

    def _is_past(self, moment: datetime | None) -> bool:
        return moment is not None and self._office.clock() >= moment


def _reason(job: Job, end: ChildEnd) -> str:
    if end.cause is Cause.TIME_OUT:
        return text("scheduler.died_time_out", minutes=f"{job.timeout:g}")
    if end.over_memory:
        return text("engine.died_memory", megabytes=job.memory_mb)
    if end.cause is Cause.KILLED_AFTER_ASKING:
        return text("scheduler.died_not_stopping")
    return text("scheduler.died", code=end.exit_code)
