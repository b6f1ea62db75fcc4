"""The book of runs: which job ran when, from which version of its script, and how it ended.

A run is alive as long as its process holds the run's lock file. `dead_runs` finds those that say "running" but
whose lock nobody holds: their process was killed, or the power went. Where several PCs share the work, a run first
waits in a queue and belongs to no PC; whoever takes it beats its row, so that a silent one is found (`silent_runs`).

One firing of a job with `workers: 3` is entered as three runs, its lanes, which share the slot.
"""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from loguru import logger
from sqlalchemy.exc import DBAPIError, IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.errors import Conflict, UserError
from backoffice.files import safe_name
from backoffice.locks import held, is_held
from backoffice.tables import firings, runs

START_GRACE = timedelta(seconds=60)
"""A run that was entered this recently may not have taken its lock yet."""
LOCK_PATIENCE = 5.0
"""Seconds that a run waits for its own lock while somebody merely looks at it."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    """Waits for a worker of its queue; no PC has it yet."""
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Ended between two items because it was asked to, with work left; nothing failed."""
    FAILED = "failed"
    DIED = "died"


OPEN_STATES = frozenset({RunState.QUEUED, RunState.STARTING, RunState.RUNNING})
"""A run in one of these is not closed yet."""


class RunMissing(UserError):
    """No run has this number."""


class RunTaken(Conflict):
    """Another process already performs this run."""


@dataclass(frozen=True)
class Run:
    """One run of one job.

    Attributes:
        slot: The moment it was due (ISO 8601), or what made it due: "now-…", "after-…", "retry-…", "continue-…",
            "file-…", "queue-…".
        trigger: "schedule", "missed", "after", "retry", "continue", "file", "queue" or "person".
        counts: What it did, e.g. {"done": 12, "in_doubt": 0}.
        script_sha256: Hash of the script that ran; `script` is its text.
        parameters: Name → value that the job, or the person who started it, gave to the robot.
        cause: Catalogue key of the error that ended it, such as "robots.not_approved"; empty when there was none.
        lane: Which of the firing's runs side by side, from 1.
        queue: The queue it was deferred to; empty for a run of the local engine.
        beat_at: When the worker that has it was last heard of, by the database's clock.
    """

    id: str
    job: str
    kind: str
    slot: str
    trigger: str
    state: RunState
    reason: str
    counts: Mapping[str, Any]
    host: str
    pid: int | None
    script_sha256: str
    script: str
    started_at: datetime
    finished_at: datetime | None
    parameters: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""
    lane: int = 1
    queue: str = ""
    beat_at: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """Wall seconds from start to end; None while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class RunBook:
    """Runs and firings over one database.

    Args:
        engine: The migrated database.
        locks: Folder of the run locks (settings.folder("locks")).
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, locks: Path, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._locks = locks
        self._clock = clock

    def enter(
        self,
        job: str,
        kind: str,
        slot: str,
        trigger: str,
        *,
        script_sha256: str = "",
        script: str = "",
        parameters: Mapping[str, str] | None = None,
        lanes: int = 1,
        queue: str = "",
    ) -> Run:
        """Enter a run that is about to start (`starting`) or, with a queue, waits for a worker (`queued`).

        Returns:
            The run; with several lanes the first of them (see `lanes_of`).
        """
        values = self._new(job, kind, slot, trigger, script_sha256, script, parameters, queue)
        with self._engine.begin() as connection:
            return _insert(connection, values, lanes)

    def enter_fired(
        self,
        job: str,
        kind: str,
        slot: str,
        trigger: str,
        *,
        script_sha256: str = "",
        script: str = "",
        parameters: Mapping[str, str] | None = None,
        lanes: int = 1,
        queue: str = "",
    ) -> Run | None:
        """Enter the firing of a slot and its runs in one transaction, so that neither exists without the other.

        Returns:
            The run, with several lanes the first of them; None when the job has fired for this slot before.
        """
        values = self._new(job, kind, slot, trigger, script_sha256, script, parameters, queue)
        fired = {"job": job, "slot": slot, "run": values["id"], "at": values["started_at"], "outcome": "run"}
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(firings).values(fired))
                return _insert(connection, values, lanes)
        except IntegrityError:
            return None

    def lanes_of(self, run: Run) -> list[Run]:
        """Return all runs of the firing that this run belongs to, as they now stand, lane by lane."""
        query = sa.select(runs).where(runs.c.job == run.job, runs.c.slot == run.slot)
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query.order_by(runs.c.lane, runs.c.started_at))]

    def open_runs(self, job: str | None = None) -> list[Run]:
        """Return the runs that are not closed, of one job or all, oldest first."""
        query = sa.select(runs).where(runs.c.state.in_([state.value for state in OPEN_STATES]))
        if job is not None:
            query = query.where(runs.c.job == job)
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query.order_by(runs.c.started_at, runs.c.lane))]

    @contextmanager
    def living(self, run_id: str) -> Iterator[Run]:
        """Hold the run's lock and mark it running; the child process wraps its whole work in this.

        The block must end with `finish`; a block that raises leaves the run to `dead_runs`.

        Raises:
            RunMissing: No such run.
            RunTaken: Another process performs it, or it is closed: it was thought dead before it began.
        """
        with held(self.lock_file(run_id), patience=LOCK_PATIENCE) as ours:
            mine = {"state": RunState.RUNNING, "pid": os.getpid(), "host": socket.gethostname()}
            if not ours or not self._change_open(run_id, mine):
                raise RunTaken("backoffice.run_taken", where=run_id, run=run_id)
            yield self.get(run_id)

    def finish(
        self, run_id: str, state: RunState, *, counts: Mapping[str, Any], reason: str = "", cause: str = ""
    ) -> Run:
        """Close a run; `cause` is the catalogue key of the error that ended it, if one did.

        Whoever closes it first is believed: a run thought dead that comes back later changes nothing any more.

        Returns:
            The run as it now stands.

        Raises:
            RunMissing: No such run.
        """
        changes: dict[str, Any] = {"state": state, "counts": dict(counts), "reason": reason, "cause": cause}
        changes["finished_at"] = self._clock()
        self._change_open(run_id, changes)
        return self.get(run_id)

    def progress(self, run_id: str, counts: Mapping[str, Any]) -> None:
        """Note how far a running run has come; it is only for people to see, so a database that is away is no harm."""
        try:
            self._change_open(run_id, {"counts": dict(counts)})
        except DBAPIError as error:
            logger.warning("progress of run {} not written: {}", run_id, type(error).__name__)

    def get(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            RunMissing: No such run.
        """
        with self._reading() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).first()
        if row is None:
            raise RunMissing("backoffice.run_missing", where=run_id, run=run_id)
        return _run(row)

    def history(self, job: str | None = None, limit: int = 50, until: datetime | None = None) -> list[Run]:
        """Return runs, newest first; with `until`, only those that started up to then."""
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.lane, runs.c.id).limit(limit)
        if job is not None:
            query = query.where(runs.c.job == job)
        if until is not None:
            query = query.where(runs.c.started_at <= until)
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query)]

    def dead_runs(self) -> list[Run]:
        """Return the runs of this PC that say they run, but whose process is gone.

        A run that ends while it is looked at lets its lock go after it was closed; so each row is read again once
        its lock was seen free.
        """
        open_states = [RunState.STARTING.value, RunState.RUNNING.value]  # who waits in a queue cannot be dead
        query = sa.select(runs).where(runs.c.state.in_(open_states), runs.c.host == socket.gethostname())
        with self._reading() as connection:
            found = [_run(row) for row in connection.execute(query)]
        free = [run.id for run in found if not self._may_live(run)]
        with self._reading() as connection:
            still = query.where(runs.c.id.in_(free))
            return [_run(row) for row in connection.execute(still)]

    def fire(self, job: str, slot: str, outcome: str, run: str | None = None) -> bool:
        """Enter that a job fired for a slot; False when somebody already did.

        Args:
            job: The job.
            slot: The moment it was due, ISO 8601.
            outcome: "declared", "run", "skipped" or "missed".
            run: The run that serves it.
        """
        values = {"job": job, "slot": slot, "run": run, "at": self._clock(), "outcome": outcome}
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(firings).values(values))
        except IntegrityError:
            return False
        return True

    def fired(self, job: str, slot: str) -> bool:
        """Say whether a job has fired for a slot."""
        query = sa.select(firings.c.id).where(firings.c.job == job, firings.c.slot == slot)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def last_slot(self, job: str, until: datetime | None = None) -> str | None:
        """Return the latest moment (ISO 8601, in UTC) that a job has fired for, not later than `until`; or None.

        Later moments stand in the book when the clock was wrong and has been set back; they must not keep a job from
        running until that day comes. Slots that are no moment, such as "after-…", begin with a letter and do not count.
        """
        last = "a" if until is None else until.astimezone(UTC).isoformat(timespec="seconds")
        of_time = firings.c.slot <= last
        query = sa.select(sa.func.max(firings.c.slot)).where(firings.c.job == job, of_time)
        with self._reading() as connection:
            return connection.execute(query).scalar()

    def first_firing(self, job: str) -> datetime | None:
        """Return when a job first stood in the book of firings: since when it is known. None when it never did."""
        query = sa.select(firings.c.at).where(firings.c.job == job).order_by(firings.c.at).limit(1)
        with self._reading() as connection:
            return connection.execute(query).scalar()

    def now(self) -> datetime:
        """Return the present moment by the book's clock."""
        return self._clock()

    def lock_file(self, run_id: str) -> Path:
        """Return the path of a run's lock file."""
        return self._locks / f"run-{run_id}.lock"

    def job_lock(self, job: str) -> Path:
        """Return the path of the lock that whoever carries out a job on this PC holds from its entry to its end."""
        return self._locks / f"job-{safe_name(job)}.lock"

    def _new(
        self,
        job: str,
        kind: str,
        slot: str,
        trigger: str,
        script_sha256: str,
        script: str,
        parameters: Mapping[str, str] | None,
        queue: str,
    ) -> dict[str, Any]:
        return {
            "id": uuid4().hex,
            "job": job,
            "kind": kind,
            "slot": slot,
            "trigger": trigger,
            "state": RunState.QUEUED if queue else RunState.STARTING,
            "reason": "",
            "counts": {},
            "host": "" if queue else socket.gethostname(),
            "queue": queue,
            "script_sha256": script_sha256,
            "script": script,
            "parameters": dict(parameters or {}),
            "started_at": self._clock(),
        }

    def _may_live(self, run: Run) -> bool:
        """Say whether the run's process may be alive; locks are asked before clocks, which people set."""
        lock = self.lock_file(run.id)
        if run.queue and not lock.exists():
            return True  # taken by a worker with a folder of locks of its own; its beats tell (run_queue)
        if is_held(lock):
            return True
        if run.state is not RunState.STARTING:
            return False
        age = self._clock() - run.started_at  # negative when the clock was set back
        return is_held(self.job_lock(run.job)) or timedelta() <= age < START_GRACE

    def _change_open(self, run_id: str, changes: Mapping[str, Any]) -> bool:
        """Change a run that is not closed; False when it is closed."""
        is_open = runs.c.state.in_([state.value for state in OPEN_STATES])
        with self._engine.begin() as connection:
            changed = connection.execute(
                sa.update(runs).where(runs.c.id == run_id, is_open).values(**changes)
            )
            if changed.rowcount != 1 and not connection.scalar(
                sa.select(runs.c.id).where(runs.c.id == run_id)
            ):
                raise RunMissing("backoffice.run_missing", where=run_id, run=run_id)
            return changed.rowcount == 1

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _insert(connection: sa.Connection, values: dict[str, Any], lanes: int) -> Run:
    """Enter a run and its further lanes; returns the first."""
    more = [{**values, "id": uuid4().hex, "lane": lane} for lane in range(2, lanes + 1)]
    first = _run(connection.execute(sa.insert(runs).values(values).returning(runs)).one())
    if more:
        connection.execute(sa.insert(runs), more)
    return first


def _run(row: sa.Row[Any]) -> Run:
    values = dict(row._mapping)
    values["state"] = RunState(values["state"])
    return Run(**values)
