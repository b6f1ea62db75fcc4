"""Carry out one run after the other: enter it in the book, start its child, wait, and look at how it ended."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from loguru import logger

from backoffice.errors import HakadoriError
from backoffice.files import safe_name
from backoffice.locks import held, is_held
from backoffice.messages import text
from backoffice.runs import Run, RunState
from backoffice.suggest import did_you_mean
from scheduler.due import Due, after_slot, followers
from scheduler.engine import Command, Started
from scheduler.errors import JobBusy, JobMissing
from scheduler.job import Job
from scheduler.office import Office
from scheduler.process import Cause, ChildEnd, watch_child
from scheduler.recovery import OPEN_STATES, close_dead
from scheduler.savings import book_run
from scheduler.triggers import slot_name, window_end


class Runner:
    """Carries out runs of jobs in child processes.

    Args:
        jobs: All jobs by name.
        office: The books and folders.
        command: Makes the command line of a run's child process.
        script: Gives (sha256, text) of the script that a job runs; the job's own file by default.
        grace_seconds: Time a child has to finish the item in hand when it is asked to stop.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        office: Office,
        command: Command,
        *,
        script: Callable[[Job], tuple[str, str]] | None = None,
        grace_seconds: float = 60.0,
    ) -> None:
        self._jobs = jobs
        self._office = office
        self._command = command
        self._script = script or _own_script
        self._grace = grace_seconds
        self._stopping = threading.Event()

    def job(self, name: str) -> Job:
        """Return a job by its name.

        Raises:
            JobMissing: No such job; the nearest names are told.
        """
        if name not in self._jobs:
            hint = did_you_mean(name, self._jobs)
            raise JobMissing("scheduler.job_missing", where=name, name=name, hint=hint)
        return self._jobs[name]

    def stop(self) -> None:
        """Ask all running children to stop after the item in hand, and begin no run any more."""
        self._stopping.set()

    def is_busy(self, name: str) -> bool:
        """Say whether a job runs at this moment, here or in another process of this PC."""
        return is_held(self._job_lock(name)) or self._orphan(name) is not None

    def serve(self, due: Due) -> Run | None:
        """Carry out a due job unless its slot was served before.

        Returns:
            The run as it ended; None when somebody else serves the slot, the job still runs, or we are stopping.
        """
        job = self.job(due.job)
        with self._alone(due.job) as free:
            if not free or self._stopping.is_set():
                return None
            sha256, text_ = self._script(job)
            run = self._office.runs.enter_fired(
                job.job, job.kind, due.slot, due.trigger, script_sha256=sha256, script=text_
            )
            return None if run is None else self._carry_on(job, run)[-1]

    def run_now(self, name: str, *, follow: bool = True, on_start: Started | None = None) -> list[Run]:
        """Run a job at once, then those that follow it; see `Engine.run_now`."""
        job = self.job(name)
        with self._alone(name) as free:
            if not free:
                raise JobBusy("scheduler.job_busy", where=name, name=name)
            sha256, text_ = self._script(job)
            slot = f"now-{slot_name(self._office.clock())}"
            run = self._office.runs.enter(name, job.kind, slot, "person", script_sha256=sha256, script=text_)
            ended = self._carry_on(job, run, on_start)
        last = ended[-1]
        if follow and last.state is RunState.DONE:
            for follower in followers(self._jobs, name):
                ended += self._follow(follower, last, on_start)
        return ended

    def _follow(self, job: Job, before: Run, on_start: Started | None) -> list[Run]:
        sha256, text_ = self._script(job)
        with self._alone(job.job) as free:
            run = (
                self._office.runs.enter_fired(
                    job.job, job.kind, after_slot(before), "after", script_sha256=sha256, script=text_
                )
                if free
                else None
            )
            if run is None:
                logger.info("job {} is already served after run {}", job.job, before.id)
                return []
            ended = self._carry_on(job, run, on_start)
        last = ended[-1]
        if last.state is RunState.DONE:
            for follower in followers(self._jobs, job.job):
                ended += self._follow(follower, last, on_start)
        return ended

    def _carry_on(self, job: Job, run: Run, on_start: Started | None = None) -> list[Run]:
        """Carry out a run, and a fresh one after it while it says that it left work behind to give memory back."""
        ended = [self._carry_out(job, run, on_start)]
        while _left_work(ended[-1]) and not self._stopping.is_set():
            before, (sha256, text_) = ended[-1], self._script(job)
            following = self._office.runs.enter_fired(
                job.job, job.kind, after_slot(before), "after", script_sha256=sha256, script=text_
            )
            if following is None:
                break
            ended.append(self._carry_out(job, following, on_start))
        return ended

    def _carry_out(self, job: Job, run: Run, on_start: Started | None = None) -> Run:
        if on_start is not None:
            on_start(run)
        closes = window_end(job, self._office.clock(), self._office.zone) if run.trigger != "person" else None
        try:
            end = watch_child(
                self._command(run),
                self._office.logs / f"run-{run.id}.log",
                limit_seconds=job.timeout * 60,
                grace_seconds=self._grace,
                asked=lambda: self._stopping.is_set() or self._is_past(closes),
            )
        except HakadoriError as error:
            logger.error("run {} of job {} could not start: {}", run.id, job.job, error.key)
            return self._office.runs.finish(run.id, RunState.FAILED, counts={}, reason=error.explain())
        return self._close(job, run, end)

    def _close(self, job: Job, run: Run, end: ChildEnd) -> Run:
        now = self._office.runs.get(run.id)
        if now.state not in OPEN_STATES:
            book_run(self._office.savings, self._office.review_seconds, now, job)
            return now
        return close_dead(self._office, now, job, _reason(job, end))

    def _is_past(self, moment: datetime | None) -> bool:
        return moment is not None and self._office.clock() >= moment

    @contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        """Hold the job's lock; False when the job runs already."""
        with held(self._job_lock(name), patience=1.0) as free:
            yield free and self._orphan(name) is None

    def _orphan(self, name: str) -> Run | None:
        """Return a run that lives on although the engine that started it is gone."""
        recent = self._office.runs.history(name, limit=5)
        lock_file = self._office.runs.lock_file
        return next((run for run in recent if run.state in OPEN_STATES and is_held(lock_file(run.id))), None)

    def _job_lock(self, name: str) -> Path:
        return self._office.locks / f"job-{safe_name(name)}.lock"


def _left_work(run: Run) -> bool:
    return run.kind == "read" and run.state is RunState.DONE and bool(run.counts.get("left"))


def _own_script(job: Job) -> tuple[str, str]:
    return job.source.sha256, job.source.text


def _reason(job: Job, end: ChildEnd) -> str:
    if end.cause is Cause.TIME_OUT:
        return text("scheduler.died_time_out", minutes=f"{job.timeout:g}")
    if end.cause is Cause.KILLED_AFTER_ASKING:
        return text("scheduler.died_not_stopping")
    return text("scheduler.died", code=end.exit_code)
