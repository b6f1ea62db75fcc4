"""Jobs as the console's pages and programs use them: whose they are, what is due, run now, pause and resume."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from queue import Empty, Queue
from typing import TYPE_CHECKING, Protocol

from loguru import logger

from backoffice.department_work import Owners
from backoffice.errors import HakadoriError
from backoffice.runs import Run
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong
from console.faults import describe

if TYPE_CHECKING:
    from console.wiring import Office
    from scheduler.job import Job
    from scheduler.local import LocalEngine
    from scheduler.pauses import Pause

BEGIN_SECONDS = 120.0
"""So long somebody who starts a run waits until it stands in the books."""


@dataclass(frozen=True)
class JobFacts:
    """A job as it stands.

    Attributes:
        kind: "read" or "run".
        next: When it is due next by its timetable.
        waits_for: Jobs that must be up to date before it begins.
        paused_by: Who paused it; None for a job that may run.
    """

    job: str
    title: str
    department: str
    kind: str
    next: datetime | None
    waits_for: tuple[str, ...]
    paused_by: str | None
    paused_why: str | None
    paused_at: datetime | None


class JobDesk(Protocol):
    """What pages do with jobs; `JobOffice` is the real one."""

    def jobs(self, scope: Collection[str] | None) -> list[JobFacts]:
        """Return the jobs of some departments, or all."""

    def run(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        """Begin a run and return it; its end is not waited for."""

    def pause(self, name: str, who: str, why: str) -> None:
        """Hold a job back until it is resumed."""

    def resume(self, name: str, who: str, why: str) -> None:
        """Let a paused job run again."""

    def stop(self) -> None:
        """Ask the runs begun here to end after the item in hand, and wait for them."""


class JobOffice:
    """The jobs of one installation."""

    def __init__(self, office: "Office") -> None:
        self._office = office
        self._threads: list[threading.Thread] = []

    def jobs(self, scope: Collection[str] | None) -> list[JobFacts]:
        """Return the jobs of some departments, or all, as they stand."""
        pauses = self._office.books.pauses.all()
        jobs = self._office.jobs.values()
        return [
            self._facts(job, pauses.get(job.job)) for job in jobs if scope is None or job.department in scope
        ]

    def run(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        """Begin a run and return it; its end, and the jobs that follow, are not waited for.

        Raises:
            JobMissing: No such job.
            JobBusy: It is running.
            JobPaused: A person paused it.
            ParameterUnknown: The job declares no such parameter.
        """
        begun: Queue[Run | HakadoriError] = Queue()
        arguments = (name, dict(parameters), begun)
        thread = threading.Thread(target=self._carry, args=arguments, name=f"run {name}", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()
        try:
            first = begun.get(timeout=BEGIN_SECONDS)
        except Empty as error:
            raise HakadoriError("people.run_not_begun", where=name, name=name) from error
        if isinstance(first, HakadoriError):
            raise first
        self._office.audit.note(who, "job.run", f"job/{name}", run=first.id)
        return first

    def pause(self, name: str, who: str, why: str) -> None:
        """Hold a job back until it is resumed; the audit trail says who did it.

        Raises:
            JobMissing: No such job.
            JobPaused: It is paused already.
            ArgumentWrong: No reason was given.
        """
        if not why.strip():
            raise ArgumentWrong("scheduler.pause_why_missing", where=name)
        self._office.books.pauses.pause(self._job(name).job, who, why.strip())

    def resume(self, name: str, who: str, why: str) -> None:
        """Let a paused job run again.

        Raises:
            JobMissing: No such job.
            NotPaused: It is not paused.
        """
        self._office.books.pauses.resume(self._job(name).job, who, why.strip())

    def stop(self) -> None:
        """Ask the runs begun here to end after the item in hand, and wait for them."""
        if self._threads:
            self._engine.stop()
            for thread in self._threads:
                thread.join()

    @cached_property
    def _engine(self) -> "LocalEngine":
        from console.wiring import make_engine

        return make_engine(self._office)

    def _carry(self, name: str, parameters: Mapping[str, str], begun: "Queue[Run | HakadoriError]") -> None:
        try:
            self._engine.run_now(name, on_start=begun.put, parameters=parameters)
        except HakadoriError as error:
            begun.put(error)
        except Exception as error:
            logger.error("job {} was begun by a person and broke: {}", name, describe(error))
            begun.put(HakadoriError("people.run_not_begun", where=name, name=name))

    def _facts(self, job: "Job", pause: "Pause | None") -> JobFacts:
        from scheduler.due import unmet

        return JobFacts(
            job=job.job,
            title=job.title,
            department=job.department,
            kind=job.kind,
            next=self._engine.next_slot(job.job),
            waits_for=tuple(unmet(job, self._office.jobs, self._office.books, self._office.clock())),
            paused_by=pause.who if pause else None,
            paused_why=pause.why if pause else None,
            paused_at=pause.at if pause else None,
        )

    def _job(self, name: str) -> "Job":
        from scheduler.errors import JobMissing

        if name not in self._office.jobs:
            hint = did_you_mean(name, self._office.jobs)
            raise JobMissing("scheduler.job_missing", where=name, name=name, hint=hint)
        return self._office.jobs[name]


def owners_of(office: "Office") -> Owners:
    """Return which departments the jobs, and the processes that they work on, belong to."""
    processes: dict[str, frozenset[str]] = {}
    for job in office.jobs.values():
        if job.run and job.run in office.robots:
            process = office.robots[job.run].items.process
            processes[process] = processes.get(process, frozenset()) | {job.department}
    return Owners({job.job: job.department for job in office.jobs.values()}, processes)
