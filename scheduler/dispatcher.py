"""Where several PCs share the work: fire a job here, leave its runs to the workers, and look after what they leave.

The service fires as on one PC; only instead of starting a child it enters the run as waiting and sends its letter. A
worker that is silent for too long is taken for dead: its runs are closed and their items put in order. Should it live
after all, as a PC that slept does, the books refuse whatever it still wants to write.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from loguru import logger

from backoffice.messages import text
from backoffice.outages import through_outages
from backoffice.run_queue import RunQueue
from backoffice.runs import OPEN_STATES, Run, RunMissing, RunState
from scheduler.due import Due
from scheduler.engine import Started
from scheduler.firing import FiringBook
from scheduler.job import Job
from scheduler.past import Firing
from scheduler.postbox import Postbox
from scheduler.recovery import close_dead, recover_abandoned, recover_dead_runs
from scheduler.runner import JobRunner

LOOK_SECONDS = 0.5
"""How often a person who waits for a run looks whether it is over."""
ROUND_SECONDS = 5.0


class Dispatcher(JobRunner):
    """Leaves the runs of jobs to workers.

    Args:
        book: Enters the firings, with the queue of each job.
        queue: Runs that wait for workers.
        postbox: Tells the workers.
        silent_seconds: A run whose worker is silent for so long counts as dead.
        sleep: Waits.
    """

    def __init__(
        self,
        book: FiringBook,
        queue: RunQueue,
        postbox: Postbox,
        *,
        silent_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(book)
        self._queue = queue
        self._postbox = postbox
        self._silent_seconds = silent_seconds
        self._sleep = sleep

    def is_busy(self, name: str) -> bool:
        """Say whether a job has a run that waits or works, on any PC."""
        return bool(self._office.runs.open_runs(name))

    def serve(self, due: Due) -> list[Run]:
        """Fire a due job and tell the workers; nothing has ended yet, so nothing is returned."""
        job = self.job(due.job)
        if self._stopping.is_set():
            return []
        run = self._queue.enter_alone(job.job, lambda: self._book.fire(job, due.slot, due.trigger))
        if run is not None:
            self._postbox.send(self._office.runs.lanes_of(run))
        return []

    def recover(self) -> None:
        """Close the runs of dead and silent workers, put their items in order, and send lost letters again."""
        recover_dead_runs(self._office, self._jobs)
        for run in self._queue.silent(self._silent_seconds):
            reason = text("engine.died_silent", host=run.host, seconds=f"{self._silent_seconds:g}")
            close_dead(self._office, run, self._jobs.get(run.job), reason)
        recover_abandoned(self._office)
        stranded = self._postbox.stranded(self._silent_seconds) if self._letters_lie() else []
        self._postbox.discard([one.letter for one in stranded if not self._is_worked_on(one.run)])
        lost = self._postbox.without_letter(self._queue.waiting())
        if lost:
            logger.warning("{} runs wait without a letter; sent again", len(lost))
            self._postbox.send(lost)

    @contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        yield not self.is_busy(name)

    def _enter(self, job: Job, enter: Callable[[], Run | None]) -> Run | None:
        return self._queue.enter_alone(job.job, enter)

    def _carry_lanes(self, job: Job, run: Run, on_start: Started | None) -> Firing:
        """Tell the workers of all lanes and wait until they have ended them."""
        lanes = self._office.runs.lanes_of(run)
        for lane in lanes:
            if on_start is not None:
                on_start(lane)
        self._postbox.send(lanes)
        try:
            return self._wait(run)
        except KeyboardInterrupt:
            for lane in lanes:
                self._queue.withdraw(lane.id, text("engine.withdrawn"))
            raise

    def _wait(self, run: Run) -> Firing:
        waited = 0.0
        while True:
            lanes = through_outages(lambda: self._office.runs.lanes_of(run), sleep=self._sleep)
            if not any(lane.state in OPEN_STATES for lane in lanes):
                return Firing(tuple(lanes))
            self._sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
            if waited % ROUND_SECONDS == 0:
                through_outages(self.recover, sleep=self._sleep)

    def _letters_lie(self) -> bool:
        """Say whether a letter may be in hands that are gone; Procrastinate is asked over a connection of its own."""
        return self._postbox.in_hand() > 0

    def _is_worked_on(self, run_id: str) -> bool:
        """Say whether the run of a letter is taken and open: then its own beats tell whether its worker lives."""
        try:
            state = self._office.runs.get(run_id).state
        except RunMissing:
            return False
        return state in (RunState.STARTING, RunState.RUNNING)


def queue_of(default: str) -> Callable[[Job], str]:
    """Return what names the queue of a job: its own, or the default."""
    return lambda job: job.queue or default


def jobs_by_queue(jobs: Mapping[str, Job], default: str) -> Mapping[str, list[str]]:
    """Return the names of the jobs that each queue carries out."""
    found: dict[str, list[str]] = {}
    for job in jobs.values():
        found.setdefault(queue_of(default)(job), []).append(job.job)
    return found
