"""Run a job and the jobs that follow it: fire it, see its runs to their end, and look at what follows.

`JobRunner` knows in which order; `LocalRunner` carries the runs out on this PC. Where several PCs share the work, the
runs are left to workers instead (`scheduler/dispatcher.py`).
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial

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


class JobRunner(ABC):
    """Runs jobs; who carries out their runs is told by a class below.

    Args:
        book: Enters the firings.
    """

    def __init__(self, book: FiringBook) -> None:
        self._jobs = book.jobs
        self._office = book.office
        self._book = book
        self._stopping = threading.Event()

    def job(self, name: str) -> Job:
        """Return a job by its name; see `FiringBook.job`."""
        return self._book.job(name)

    @abstractmethod
    def recover(self) -> None:
        """Close the runs whose process is gone, and put their items in order."""

    @abstractmethod
    def is_busy(self, name: str) -> bool:
        """Say whether a job runs at this moment."""

    @abstractmethod
    def _alone(self, name: str) -> AbstractContextManager[bool]:
        """Keep others from running the job meanwhile; False when it runs already."""

    @abstractmethod
    def _carry_lanes(self, job: Job, run: Run, on_start: Started | None) -> Firing:
        """See all lanes of an entered firing to their end."""

    def _enter(self, job: Job, enter: Callable[[], Run | None]) -> Run | None:
        """Enter a firing in the book; None when it was entered before, or the job runs on another PC."""
        return enter()

    def stop(self) -> None:
        """Begin no run any more."""
        self._stopping.set()

    def serve(self, due: Due) -> list[Run]:
        """Carry out a due job unless its slot was served before.

        Returns:
            The runs as they ended; none when somebody else serves the slot, the job still runs, or we are stopping.
        """
        job = self.job(due.job)
        with self._alone(due.job) as free:
            if not free or self._stopping.is_set():
                return []
            run = self._enter(job, lambda: self._book.fire(job, due.slot, due.trigger))
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
            run = self._enter(job, lambda: self._book.by_hand(job, given)) if free else None
            if run is None:
                raise JobBusy("scheduler.job_busy", where=name, name=name)
            ended = self._carry_on(job, run, on_start)
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
            fire = partial(self._book.fire, job, after_slot(before.first), "after")
            run = self._enter(job, fire) if free else None
            if run is None:
                logger.info("job {} does not follow run {} now", job.job, before.first.id)
                return []
            ended = self._carry_on(job, run, on_start)
        return _flat(ended) + self._follow(job, ended[-1], on_start)

    def _carry_on(self, job: Job, run: Run, on_start: Started | None = None) -> list[Firing]:
        """Carry out a firing, and a fresh one after it while it says that it left work behind to give memory back."""
        ended = [self._carry_lanes(job, run, on_start)]
        while ended[-1].goes_on and not self._stopping.is_set():
            slot = after_slot(ended[-1].first)
            following = self._enter(job, partial(self._book.fire, job, slot, "after", run.parameters))
            if following is None:
                break
            ended.append(self._carry_lanes(job, following, on_start))
        return ended


class LocalRunner(JobRunner):
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
        super().__init__(FiringBook(jobs, office, script or own_script))
        self._carrier = Carrier(office, command, grace_seconds=grace_seconds)

    def recover(self) -> None:
        """Close the runs of this PC whose process is gone, and put their items in order."""
        recover_dead_runs(self._office, self._jobs)

    def stop(self) -> None:
        """Ask all running children to stop after the item in hand, and begin no run any more."""
        super().stop()
        self._carrier.stop()

    def is_busy(self, name: str) -> bool:
        """Say whether a job runs at this moment, here or in another process of this PC."""
        return is_held(self._office.runs.job_lock(name)) or self._orphan(name) is not None

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
        with held(self._office.runs.job_lock(name), patience=1.0) as free:
            yield free and self._orphan(name) is None

    def _orphan(self, name: str) -> Run | None:
        """Return a run that lives on although the engine that started it is gone."""
        lock_file = self._office.runs.lock_file
        return next((run for run in self._office.runs.open_runs(name) if is_held(lock_file(run.id))), None)


def _flat(firings: Sequence[Firing]) -> list[Run]:
    return [run for firing in firings for run in firing.runs]
