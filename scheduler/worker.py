"""A worker of several PCs: takes runs from its queues, carries them out here, and says that it is alive.

Procrastinate brings the letters; each tells of one run. The run is taken in the book of runs first: of two workers that
hold the same letter one gets it. While the child works the run's row is beaten, so that a PC that was switched off is
noticed. A database that is away ends no child: it goes on, its news are spooled, and the worker asks again until the
database is back.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from loguru import logger
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DBAPIError

from backoffice.errors import HakadoriError
from backoffice.outages import through_outages
from backoffice.run_queue import RunQueue
from backoffice.runs import Run, RunState
from scheduler.carrying import Carrier
from scheduler.errors import JobMissing, ScriptDiffers
from scheduler.firing import Script, own_script
from scheduler.job import Job
from scheduler.office import Office
from scheduler.postbox import TASK, async_app, event_loop
from scheduler.pulse import Pulse
from scheduler.recovery import recover_abandoned, recover_dead_runs, replay_spool

BEATS = 6
"""So often a worker is heard of within the time after which it would count as silent."""
TICK_SECONDS = 0.2
AGAIN_SECONDS = 2.0
"""Pause before the database is asked again after an outage."""
LETTERS_GRACE_SECONDS = 5.0
"""Procrastinate gives its letters up so long after it was stopped; the runs themselves go on to their end."""


class Worker:
    """Carries out the runs of some queues on this PC.

    Args:
        office: The books and this PC's folders.
        queue: Runs that wait for workers.
        jobs: All jobs by name, as declared on this PC.
        carrier: Starts and watches the children.
        queues: Which queues.
        script: Gives (sha256, text) of the script that a job runs here.
        lanes: How many runs at the same time.
        silent_seconds: After how long without news the service takes a run for dead.
    """

    def __init__(
        self,
        office: Office,
        queue: RunQueue,
        jobs: Mapping[str, Job],
        carrier: Carrier,
        *,
        queues: Sequence[str],
        script: Script = own_script,
        lanes: int = 1,
        silent_seconds: float = 60.0,
    ) -> None:
        self._office = office
        self._queue = queue
        self._jobs = jobs
        self._carrier = carrier
        self._queues = tuple(queues)
        self._script = script
        self._lanes = lanes
        self._silent_seconds = silent_seconds
        self._ending = threading.Event()

    def run(self) -> None:
        """Work until `stop` is called; children then finish the item in hand."""
        forwarder = _Forwarder()
        logging.getLogger("procrastinate").addHandler(forwarder)
        try:
            through_outages(self._tidy, sleep=self._pause)
            with (
                ThreadPoolExecutor(self._lanes, "run") as crew,
                asyncio.Runner(loop_factory=event_loop) as runner,
            ):
                runner.run(self._serve(crew))
        finally:
            logging.getLogger("procrastinate").removeHandler(forwarder)

    def stop(self) -> None:
        """Take no further run and let children stop after the item in hand; from any thread or signal handler."""
        self._ending.set()
        self._carrier.stop()

    def _tidy(self) -> None:
        replay_spool(self._office)
        recover_dead_runs(self._office, self._jobs)
        recover_abandoned(self._office)

    async def _serve(self, crew: ThreadPoolExecutor) -> None:
        """Listen for letters; after an outage of the database listen anew."""
        asyncio.get_running_loop().set_exception_handler(_log_trouble)
        while not self._ending.is_set():
            app = async_app(self._office.database, connections=self._lanes + 2)

            @app.task(name=TASK, queue=self._queues[0])
            async def carry_out(run: str) -> None:
                await asyncio.get_running_loop().run_in_executor(crew, self._carry_out, run)

            try:
                async with app.open_async():
                    await self._listen(app)
            except (ConnectorException, OSError) as error:
                away = type(error.__cause__ or error).__name__
                logger.warning("database away ({}), the worker asks again", away)
            if not self._ending.is_set():
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self, app: App) -> None:
        at_work = asyncio.create_task(
            app.run_worker_async(
                queues=list(self._queues),
                concurrency=self._lanes,
                install_signal_handlers=False,  # `stop` is called by the command, which knows Windows too
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=self._silent_seconds / BEATS,
                stalled_worker_timeout=self._silent_seconds,
                shutdown_graceful_timeout=LETTERS_GRACE_SECONDS,
                delete_jobs="always",
            )
        )
        while not at_work.done() and not self._ending.is_set():
            await asyncio.wait([at_work], timeout=TICK_SECONDS)
        if not at_work.done():
            at_work.cancel()
        with suppress(asyncio.CancelledError):
            await at_work

    def _carry_out(self, run_id: str) -> None:
        """Take a run and see it to its end; on a thread of the crew. Whatever fails here, the books stay true."""
        if self._ending.is_set():
            return  # it stays waiting; the service sends another letter
        try:
            run = through_outages(lambda: self._queue.take(run_id), sleep=self._pause)
            if run is not None:
                self._work(run)
        except (DBAPIError, OSError) as error:
            logger.error("run {} left to the service: {}", run_id, type(error).__name__)

    def _work(self, run: Run) -> None:
        closed = threading.Event()

        def beat() -> None:
            try:
                if not self._queue.beat(run.id):
                    closed.set()
            except DBAPIError as error:
                logger.warning("run {} not beaten: {}", run.id, type(error).__name__)

        pulse = Pulse(f"beat {run.id}", self._silent_seconds / BEATS, beat)
        pulse.start()
        try:
            job = self._job(run)
            logger.info("run {} of job {}, lane {}, begins", run.id, run.job, run.lane)
            ended = self._carrier.carry_out(job, run, asked=closed.is_set)
            logger.info("run {} of job {} ended {}", run.id, run.job, ended.state)
        except HakadoriError as error:
            logger.error("run {} refused: {}", run.id, error.key)
            self._office.runs.finish(
                run.id, RunState.FAILED, counts={}, reason=error.explain(), cause=error.key
            )
        finally:
            pulse.stop()

    def _job(self, run: Run) -> Job:
        """Return the run's job, if it is declared here just as where it was fired.

        Raises:
            JobMissing: This PC does not know it.
            ScriptDiffers: The declarations of this PC are older or newer.
        """
        job = self._jobs.get(run.job)
        if job is None:
            raise JobMissing("scheduler.job_missing", where=run.job, name=run.job, hint="")
        if self._script(job)[0] != run.script_sha256:
            raise ScriptDiffers("engine.script_differs", where=run.job, job=run.job)
        return job

    def _pause(self, seconds: float) -> None:
        self._ending.wait(seconds)


def _log_trouble(_loop: asyncio.AbstractEventLoop, trouble: dict[str, Any]) -> None:
    """Log what failed beside the work: a letter that is gone when its run is over, because others took it away."""
    error = trouble.get("exception")
    logger.warning("worker: {} ({})", trouble.get("message"), type(error).__name__)


class _Forwarder(logging.Handler):
    """Passes Procrastinate's warnings on to our log, without its tracebacks: they may quote addresses."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        logger.warning("procrastinate: {}", record.getMessage().partition("\n")[0])
