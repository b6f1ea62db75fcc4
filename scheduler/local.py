"""The local engine: APScheduler as the alarm clock of one PC, a child process for every run.

APScheduler only wakes us; which slot is due is read from the books each time (`scheduler/due.py`), so that a PC that
slept, a service that crashed or two services started by mistake neither lose nor double a slot. Its job store is in
memory: the schedule comes from the YAML at every start.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.clock import Clock
from backoffice.errors import HakadoriError
from backoffice.runs import Run, RunState
from scheduler.due import Due, declare, due_now, may_begin, passed_slots
from scheduler.engine import Command, Started
from scheduler.job import Job
from scheduler.office import Office
from scheduler.pulse import Pulse
from scheduler.recovery import replay_spool
from scheduler.runner import JobRunner, LocalRunner
from scheduler.triggers import Timetable, timetable

LANES = 4
"""Runs that this PC carries out at the same time; further ones wait."""
MISFIRE_HOURS = 12
_TRIFLE = timedelta(milliseconds=20)


class LocalEngine:
    """Fires jobs and carries out their runs on this PC.

    Args:
        jobs: All jobs, checked, by name.
        office: The books and folders.
        command: Makes the command line of a run's child process.
        script: Gives (sha256, text) of the script that a job runs; the job's own file by default.
        has_files: Says whether stable files wait in an inbox; without it no job is due by arriving files.
        poll_seconds: How often arriving files, follow-up jobs and dead runs are looked for.
        grace_seconds: Time a child has to finish the item in hand when it is asked to stop.
        runner: Runs the jobs in place of this PC (`scheduler/dispatcher.py`).
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        office: Office,
        command: Command,
        *,
        script: Callable[[Job], tuple[str, str]] | None = None,
        has_files: Callable[[str], bool] | None = None,
        poll_seconds: float = 5.0,
        grace_seconds: float = 60.0,
        runner: JobRunner | None = None,
    ) -> None:
        self._jobs = dict(jobs)
        self._office = office
        self._has_files = has_files
        self._runner = runner or LocalRunner(
            self._jobs, office, command, script=script, grace_seconds=grace_seconds
        )
        self._queued: dict[str, str] = {}  # job → the slot it is being served for
        self._guard = threading.Lock()
        self._one_round = threading.Lock()
        self._round = Pulse("round", poll_seconds, self.look_round)
        self._clockwork = BackgroundScheduler(
            timezone=office.zone,
            executors={"default": ThreadPoolExecutor(LANES), "round": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_HOURS * 3600},
        )

    def start(self) -> None:
        """Recover what an earlier crash left, serve missed slots, and begin to fire."""
        replay_spool(self._office)
        self._runner.recover()
        for job in self._jobs.values():
            declare(job, self._office)
            table = timetable(job, self._office.calendar, self._office.zone)
            if table.rules:
                self._clockwork.add_job(
                    self._on_time,
                    _TimetableTrigger(table, self._office.clock),
                    args=[job.job],
                    executor="round",
                    id=f"time {job.job}",
                )
                self._on_time(job.job)
        self._clockwork.start()
        self._round.start()

    def stop(self) -> None:
        """Fire nothing more, ask running children to stop after the item in hand, and wait for them."""
        self._runner.stop()
        self._round.stop()
        if self._clockwork.running:
            self._clockwork.shutdown(wait=True)

    def run_now(
        self,
        name: str,
        *,
        follow: bool = True,
        on_start: Started | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> list[Run]:
        """Run a job at once and wait for its end; see `Engine.run_now`."""
        replay_spool(self._office)
        self._runner.recover()
        return self._runner.run_now(name, follow=follow, on_start=on_start, parameters=parameters)

    def next_slot(self, name: str) -> datetime | None:
        """Return when a job is due next by its timed triggers; see `Engine.next_slot`."""
        job = self._runner.job(name)
        return timetable(job, self._office.calendar, self._office.zone).next_slot(self._office.clock())

    def look_round(self) -> None:
        """Close dead runs, and begin what follows other runs, waits for another try or for arriving files.

        Slots of the timetable are looked at here too: one may have passed while the database was away.
        """
        with self._one_round, _trouble_logged("the round"):
            replay_spool(self._office)
            self._runner.recover()
            for job in self._jobs.values():
                self._serve_timetable(job.job)
                due = self._due_now(job)
                if due is not None:
                    self._begin(due)

    def _due_now(self, job: Job) -> Due | None:
        now = self._office.clock()
        with self._guard:
            if job.job in self._queued:
                return None
        if self._runner.is_busy(job.job) or not may_begin(job, self._jobs, self._office, now):
            return None
        return due_now(job, self._office, now, self._has_files)

    def _on_time(self, name: str) -> None:
        with self._one_round, _trouble_logged(f"job {name}"):
            self._serve_timetable(name)

    def _serve_timetable(self, name: str) -> None:
        """Serve the latest slot of a job's timetable that nobody has served; book the others as missed."""
        job, now = self._jobs[name], self._office.clock()
        declare(job, self._office)
        free = may_begin(job, self._jobs, self._office, now)
        passed = passed_slots(job, self._office, now, free=free)
        for slot in passed.gone:
            if self._office.runs.fire(name, slot, "missed"):
                logger.warning("job {} missed its slot {}", name, slot)
        if passed.due is None:
            return
        with self._guard:
            if self._queued.get(name) == passed.due.slot:
                return
        if self._runner.is_busy(name):
            if job.overlap == "queue":
                return  # the slot stays due; a later round serves it
            self._office.runs.fire(name, passed.due.slot, "skipped")
            logger.warning("job {} still runs; its slot {} is skipped", name, passed.due.slot)
            return
        self._begin(passed.due)

    def _begin(self, due: Due) -> None:
        with self._guard:
            if due.job in self._queued:
                return
            self._queued[due.job] = due.slot
        self._clockwork.add_job(self._serve, args=[due], misfire_grace_time=None)

    def _serve(self, due: Due) -> None:
        try:
            with _trouble_logged(f"job {due.job}"):
                for ended in self._runner.serve(due):
                    if ended.state in (RunState.FAILED, RunState.DIED):
                        logger.error("run {} of job {} ended {}", ended.id, ended.job, ended.state)
        finally:
            with self._guard:
                self._queued.pop(due.job, None)


@contextmanager
def _trouble_logged(what: str) -> Iterator[None]:
    """Log what stands in the way now; the next round meets the same books again, so nothing is lost."""
    try:
        yield
    except HakadoriError as error:
        logger.error("{} failed: {}", what, error.key)
    except (DBAPIError, OSError) as error:
        logger.error("{} failed: {}", what, type(error).__name__)


class _TimetableTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Lets APScheduler wake us at the moments of a timetable, by the office's clock."""

    def __init__(self, table: Timetable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the next slot after this moment, a trifle late so that it has come; APScheduler's protocol."""
        present = self._clock()
        slot = self._table.next_slot(present)
        return None if slot is None else now + (slot - present) + _TRIFLE
