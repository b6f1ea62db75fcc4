"""Jobs that a person has paused, for instance while a target system is being mended.

A pause lies in the database: it outlives a restart and holds on every PC. It stops what begins by itself and what a
person would begin; a run that works already goes on to its end. Slots that pass meanwhile count as missed: on resuming,
`missed:` of the job decides about them. Both moves stand in the audit trail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.audit import AuditTrail
from backoffice.clock import Clock, local_time, utc_now
from backoffice.tables import job_pauses
from scheduler.errors import JobPaused, NotPaused


@dataclass(frozen=True)
class Pause:
    """One paused job.

    Attributes:
        job: Its name.
        who: Who paused it.
        why: For what reason, as that person wrote it.
        at: Since when.
    """

    job: str
    who: str
    why: str
    at: datetime


class PauseBook:
    """The paused jobs of one database.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock
        self._audit = AuditTrail(engine, clock)

    def pause(self, job: str, who: str, why: str) -> Pause:
        """Pause a job.

        Raises:
            JobPaused: It is paused already; who did it, and why, is told.
        """
        pause = Pause(job, who, why, self._clock())
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(job_pauses).values(pause.__dict__))
        except IntegrityError as error:
            raise _paused(self.of(job) or pause) from error
        self._audit.note(who, "job.pause", f"job/{job}", why=why)
        return pause

    def resume(self, job: str, who: str, why: str = "") -> Pause:
        """Let a paused job run again and return the pause that ended.

        Raises:
            NotPaused: It is not paused.
        """
        pause = self.of(job)
        with self._engine.begin() as connection:
            ended = connection.execute(sa.delete(job_pauses).where(job_pauses.c.job == job)).rowcount
        if pause is None or not ended:
            raise NotPaused("scheduler.not_paused", where=job, name=job)
        self._audit.note(who, "job.resume", f"job/{job}", why=why)
        return pause

    def of(self, job: str) -> Pause | None:
        """Return the pause of a job; None when it is free."""
        return self.all().get(job)

    def all(self) -> Mapping[str, Pause]:
        """Return all pauses by the name of their job."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            rows = connection.execute(sa.select(job_pauses).order_by(job_pauses.c.job))
            return {row.job: Pause(**row._mapping) for row in rows}

    def demand_free(self, job: str) -> None:
        """Do nothing for a job that may run.

        Raises:
            JobPaused: It is paused.
        """
        pause = self.of(job)
        if pause is not None:
            raise _paused(pause)


def _paused(pause: Pause) -> JobPaused:
    told = {"name": pause.job, "who": pause.who, "why": pause.why, "at": local_time(pause.at)}
    return JobPaused("scheduler.job_paused", where=pause.job, **told)
