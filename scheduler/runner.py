"""The runner of the local engine: fires a job, carries out its runs on this PC, and then the jobs that follow."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from loguru import logger

from backoffice.locks import held, is_held
from backoffice.runs import Run
from scheduler.carrying import Carrier
from scheduler.due import Due, after_slot, followers, may_begin
from scheduler.engine import Command, Started
from scheduler.errors import JobBusy
from scheduler.firing import FiringBook, Script, own_script
from scheduler.job import Job
from scheduler.office import Office
from scheduler.parameters import given_parameters
from scheduler.past import Firing
from scheduler.recovery import recover_dead_runs


class Runner:
    """Carries out jobs on this PC, each in one child process per lane.

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
        script: Script | None = None,
        grace_seconds: float = 60.0,
    ) -> None:
        self._jobs = jobs
        self._office = office
        self._book = FiringBook(jobs, office, script or own_script)
        self._carrier = Carrier(office, command, grace_seconds=grace_seconds)

    def job(self, name: str) -> Job:
        """Return a job by its name; see `FiringBook.job`."""
        return self._book.job(name)

    def recover(self) -> None:
        """Close the runs of this PC whose process is gone, and put their items in order."""
        recover_dead_runs(self._office, self._jobs)

    def stop(self) -> None:
        """Ask all running children to stop after the item in hand, and begin no run any more."""
        self._carrier.stop()

    def is_busy(self, name: str) -> bool:
        """Say whether a job runs at this moment, here or in another process of this PC."""
        return is_held(self._job_lock(name)) or self._orphan(name) is not None

    def serve(self, due: Due) -> list[Run]:
        """Carry out a due job unless its slot was served before.

        Returns:
            The runs as they ended; none when somebody else serves the slot, the job still runs, or we are stopping.
        """
        job = self.job(due.job)
        with self._alone(due.job) as free:
            if not free or self._carrier.stopping:
                return []
            run = self._book.fire(job, due.slot, due.trigger)
            return [] if run is None else _flat(self._carry_on(job, run))

    def run_now(
        self,
        name: str,
        *,
        follow: bool = True,
        on_start: Started | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> list[Run]:
        """Run a job at once, then those that follow it; see `Engine.run_now`."""
        job = self.job(name)
        given = given_parameters(job, parameters or {})
        self._office.pauses.demand_free(name)
        with self._alone(name) as free:
            if not free:
                raise JobBusy("scheduler.job_busy", where=name, name=name)
            ended = self._carry_on(job, self._book.by_hand(job, given), on_start)
        return _flat(ended) + (self._follow(job, ended[-1], on_start) if follow else [])

    def _follow(self, job: Job, ended: Firing, on_start: Started | None) -> list[Run]:
        """Run the jobs that are due after a job, when its firing succeeded, and those after them."""
        if not ended.succeeded:
            return []
        return [
            run
            for follower in followers(self._jobs, job.job)
            for run in self._next(follower, ended, on_start)
        ]

    def _next(self, job: Job, before: Firing, on_start: Started | None) -> list[Run]:
        with self._alone(job.job) as alone:
            free = alone and may_begin(job, self._jobs, self._office, self._office.clock())
            run = self._book.fire(job, after_slot(before.first), "after") if free else None
            if run is None:
                logger.info("job {} does not follow run {} now", job.job, before.first.id)
                return []
            ended = self._carry_on(job, run, on_start)
        return _flat(ended) + self._follow(job, ended[-1], on_start)

    def _carry_on(self, job: Job, run: Run, on_start: Started | None = None) -> list[Firing]:
        """Carry out a firing, and a fresh one after it while it says that it left work behind to give memory back."""
        ended = [self._carry_lanes(job, run, on_start)]
        while ended[-1].goes_on and not self._carrier.stopping:
            following = self._book.fire(job, after_slot(ended[-1].first), "after", parameters=run.parameters)
            if following is None:
                break
            ended.append(self._carry_lanes(job, following, on_start))
        return ended

    def _carry_lanes(self, job: Job, run: Run, on_start: Started | None) -> Firing:
        """Carry out all lanes of a firing side by side."""
        lanes = self._office.runs.lanes_of(run) if job.workers > 1 else [run]
        for lane in lanes:
            if on_start is not None:
                on_start(lane)
        if len(lanes) == 1:
            return Firing((self._carrier.carry_out(job, lanes[0]),))
        with ThreadPoolExecutor(len(lanes), f"lanes of {job.job}") as threads:
            beside = [threads.submit(self._carrier.carry_out, job, lane) for lane in lanes]
        return Firing(tuple(lane.result() for lane in beside))

    @contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        """Hold the job's lock; False when the job runs already."""
        with held(self._job_lock(name), patience=1.0) as free:
            yield free and self._orphan(name) is None

    def _orphan(self, name: str) -> Run | None:
        """Return a run that lives on although the engine that started it is gone."""
        lock_file = self._office.runs.lock_file
        return next((run for run in self._office.runs.open_runs(name) if is_held(lock_file(run.id))), None)

    def _job_lock(self, name: str) -> Path:
        return self._office.runs.job_lock(name)


def _flat(firings: Sequence[Firing]) -> list[Run]:
    return [run for firing in firings for run in firing.runs]
