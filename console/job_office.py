"""Jobs as the console's pages and programs use them: whose they are, what is due, run now, pause and resume."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from queue import Empty, Queue
from typing import TYPE_CHECKING

from loguru import logger

from backoffice.department_work import Owners, Scope
from backoffice.errors import HakadoriError
from backoffice.runs import OPEN_STATES, Run
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong
from console.faults import describe
from console.job_desk import Booked, JobFacts, JobStory, RunOver
from console.rehearsals import job_name
from console.trial_line import TrialLine

if TYPE_CHECKING:
    from console.rehearsals import Rehearsals
    from console.wiring import Office
    from robots.model import Robot
    from scheduler.agenda import Day
    from scheduler.job import Job
    from scheduler.local import LocalEngine
    from scheduler.pauses import Pause

DAYS = 7
"""The days that pages foretell."""
BEGIN_SECONDS = 120.0
"""So long somebody who starts a run waits until it stands in the books."""


class JobOffice:
    """The jobs of one installation.

    Args:
        office: The installation.
        line: In which rehearsals wait their turn; trials from the editor stand in it too.
    """

    def __init__(self, office: "Office", line: TrialLine | None = None) -> None:
        self._office = office
        self._line = line or TrialLine()
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

    def story(self, name: str) -> JobStory:
        """Return everything about one job.

        Raises:
            JobMissing: No such job.
        """
        from console.job_words import rules_in_words

        job = self._job(name)
        return JobStory(
            facts=self._facts(job, self._office.books.pauses.of(name)),
            file=job.source.path.name,
            text=job.source.text,
            rules=rules_in_words(job, self._titles),
            coming=self._agenda([job], DAYS),
            booked=self._booked(name),
        )

    def coming(self, scope: Scope, days: int) -> "Sequence[Day]":
        """Return what is due on the next days, today first, without what is past."""
        jobs = self._office.jobs.values()
        return self._agenda([job for job in jobs if scope is None or job.department in scope], days)

    def rehearse(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        """Begin a rehearsal of a job's robot and return it; its end is not waited for.

        Raises:
            JobMissing: No such job.
            ArgumentWrong: The job runs no robot.
            AuthoringRefused: The person has a trial at work, or the robot may not be tried from here.
            ParameterUnknown: The job declares no such parameter.
        """
        from scheduler.parameters import given_parameters

        robot = self.robot_of(name)
        if robot is None:
            raise ArgumentWrong("work.no_robot", where=name, name=name)
        return self._rehearsals.begin(robot, given_parameters(self._job(name), parameters), who)

    def robot_of(self, name: str) -> "Robot | None":
        """Return the very robot that `rehearse` would begin, as it was read at the start; None for a job that reads.

        Raises:
            JobMissing: No such job.
        """
        job = self._job(name)
        return self._office.robots[job.run] if job.run is not None else None

    def end(self, run_id: str, who: str, why: str) -> None:
        """Ask a run, with all lanes of its firing, to end after the item in hand; the audit trail says who did it.

        Raises:
            RunMissing: No such run.
            RunOver: It has ended.
            ArgumentWrong: No reason was given.
        """
        if not why.strip():
            raise ArgumentWrong("scheduler.pause_why_missing", where=run_id)
        lanes = self._office.runs.lanes_of(self._office.runs.get(run_id))
        open_lanes = [lane for lane in lanes if lane.state in OPEN_STATES]
        if not open_lanes:
            raise RunOver("work.run_over", where=run_id)
        for lane in open_lanes:
            self._office.books.stops.ask(lane.id, who, why.strip())
            self._rehearsals.skip(lane.id)
        self._office.audit.note(who, "run.stop", f"run/{run_id}", why=why.strip())

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
        self._rehearsals.stop()
        if self._threads:
            self._engine.stop()
            for thread in self._threads:
                thread.join()

    @property
    def _titles(self) -> dict[str, str]:
        return {job.job: job.title for job in self._office.jobs.values()}

    @cached_property
    def _rehearsals(self) -> "Rehearsals":
        from console.rehearsals import Rehearsals

        return Rehearsals(self._office, self._line)

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
        from console.job_words import when_in_words
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
            when=when_in_words(job, self._titles),
            robot=job.run,
            parameters=dict(job.parameters),
        )

    def _agenda(self, jobs: "Sequence[Job]", days: int) -> "Sequence[Day]":
        from scheduler.agenda import agenda

        books, now = self._office.books, self._office.clock()
        found = agenda(jobs, books.calendar, books.zone, now.astimezone(books.zone).date(), days)
        return [replace(day, entries=tuple(one for one in day.entries if one.at > now)) for day in found]

    def _booked(self, name: str) -> Booked:
        entries = [one for one in self._office.books.savings.entries() if one.job == name]
        return Booked(
            runs=len(entries),
            items=sum(one.items_done for one in entries),
            saved_minutes=sum(one.saved_minutes for one in entries),
            machine_seconds=sum(one.machine_seconds for one in entries),
            assumed=any(one.basis.get("assumption") for one in entries),
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
    robots: dict[str, frozenset[str]] = {}
    for job in office.jobs.values():
        if job.run:
            name = job_name(job.run)
            robots[name] = robots.get(name, frozenset()) | {job.department}
    return Owners({job.job: job.department for job in office.jobs.values()}, processes, robots)
