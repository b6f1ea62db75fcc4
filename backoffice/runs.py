"""The book of runs: which job ran when, from which version of its script, and how it ended.

A run is alive as long as its process holds the run's lock file. `dead_runs` finds those that say "running" but
whose lock nobody holds: their process was killed, or the power went.
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
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.errors import Conflict, UserError
from backoffice.locks import held, is_held
from backoffice.tables import firings, runs

START_GRACE = timedelta(seconds=60)
"""A run that was entered this recently may not have taken its lock yet."""
LOCK_PATIENCE = 5.0
"""Seconds that a run waits for its own lock while somebody merely looks at it."""


class RunState(StrEnum):
    """Where a run stands."""

    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Ended between two items because it was asked to, with work left; nothing failed."""
    FAILED = "failed"
    DIED = "died"


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
    ) -> Run:
        """Enter a run that is about to start; its state is `starting`."""
        values = self._new(job, kind, slot, trigger, script_sha256, script, parameters)
        with self._engine.begin() as connection:
            return _run(connection.execute(sa.insert(runs).values(values).returning(runs)).one())

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
    ) -> Run | None:
        """Enter the firing of a slot and its run in one transaction, so that neither exists without the other.

        Returns:
            The run; None when the job has fired for this slot before.
        """
        values = self._new(job, kind, slot, trigger, script_sha256, script, parameters)
        fired = {"job": job, "slot": slot, "run": values["id"], "at": values["started_at"], "outcome": "run"}
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(firings).values(fired))
                return _run(connection.execute(sa.insert(runs).values(values).returning(runs)).one())
        except IntegrityError:
            return None

    @contextmanager
    def living(self, run_id: str) -> Iterator[Run]:
        """Hold the run's lock and mark it running; the child process wraps its whole work in this.

        The block must end with `finish`; a block that raises leaves the run to `dead_runs`.

        Raises:
            RunMissing: No such run.
            RunTaken: Another process performs it.
        """
        with held(self.lock_file(run_id), patience=LOCK_PATIENCE) as ours:
            if not ours:
                raise RunTaken("backoffice.run_taken", where=run_id, run=run_id)
            self._change(run_id, {"state": RunState.RUNNING, "pid": os.getpid()})
            yield self.get(run_id)

    def finish(
        self, run_id: str, state: RunState, *, counts: Mapping[str, Any], reason: str = "", cause: str = ""
    ) -> Run:
        """Close a run; `cause` is the catalogue key of the error that ended it, if one did."""
        changes = {"state": state, "counts": dict(counts), "reason": reason, "cause": cause}
        changes["finished_at"] = self._clock()
        self._change(run_id, changes)
        return self.get(run_id)

    def progress(self, run_id: str, counts: Mapping[str, Any]) -> None:
        """Note how far a running run has come."""
        self._change(run_id, {"counts": dict(counts)})

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

    def history(self, job: str | None = None, limit: int = 50) -> list[Run]:
        """Return runs, newest first."""
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id).limit(limit)
        if job is not None:
            query = query.where(runs.c.job == job)
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query)]

    def dead_runs(self) -> list[Run]:
        """Return the runs of this PC that say they run, but whose process is gone.

        A run that ends while it is looked at lets its lock go after it was closed; so each row is read again once
        its lock was seen free.
        """
        open_states = [RunState.STARTING.value, RunState.RUNNING.value]
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

    def lock_file(self, run_id: str) -> Path:
        """Return the path of a run's lock file."""
        return self._locks / f"run-{run_id}.lock"

    def _new(
        self,
        job: str,
        kind: str,
        slot: str,
        trigger: str,
        script_sha256: str,
        script: str,
        parameters: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        return {
            "id": uuid4().hex,
            "job": job,
            "kind": kind,
            "slot": slot,
            "trigger": trigger,
            "state": RunState.STARTING,
            "reason": "",
            "counts": {},
            "host": socket.gethostname(),
            "script_sha256": script_sha256,
            "script": script,
            "parameters": dict(parameters or {}),
            "started_at": self._clock(),
        }

    def _may_live(self, run: Run) -> bool:
        fresh = self._clock() - run.started_at < START_GRACE
        return is_held(self.lock_file(run.id)) or (run.state is RunState.STARTING and fresh)

    def _change(self, run_id: str, changes: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            changed = connection.execute(sa.update(runs).where(runs.c.id == run_id).values(**changes))
            if changed.rowcount != 1:
                raise RunMissing("backoffice.run_missing", where=run_id, run=run_id)

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _run(row: sa.Row[Any]) -> Run:
    values = dict(row._mapping)
    values["state"] = RunState(values["state"])
    return Run(**values)
