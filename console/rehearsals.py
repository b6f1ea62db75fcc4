"""Rehearsals from the console: a robot goes through waiting items up to its commit step, and nothing stays behind.

A rehearsal is a run of its own kind in the book, so that the run page shows it like any other. It belongs to the robot
("robot NAME"), never to a job: what is due, what was saved and what counts as the job's last run are not touched. The
script that it rehearses is the one entered with the run, so that one that is not saved yet can be tried as well.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from loguru import logger

from backoffice.runs import Run, RunState
from backoffice.yaml_source import read_yaml
from console.faults import describe
from scheduler.job import Job

if TYPE_CHECKING:
    from console.wiring import Office
    from robots.model import Robot
    from scheduler.carrying import Carrier
    from scheduler.child import Outcome, Stop

KIND = "rehearsal"
ITEMS = 3
"""A rehearsal goes through so many of the waiting items: enough to see whether it works."""
MINUTES = 30.0
"""After so long it is killed."""


@dataclass(frozen=True)
class RehearsalTask:
    """The body of a rehearsal, in its own child process."""

    office: "Office"

    def __call__(self, run: Run, job: Job, stop: "Stop") -> "Outcome":
        """Go through the first waiting items and count; whatever went wrong makes it a failure."""
        from console.tasks import AskedToStop
        from console.wiring import robot_screen
        from robots.runner import run_robot
        from scheduler.child import Outcome

        office, robot = self.office, robot_of_run(self.office, run)
        counts = run_robot(
            robot,
            ledger=office.ledger,
            vault=office.vault,
            settings=office.settings,
            run_id=run.id,
            stop=AskedToStop(stop),
            progress=lambda now: office.runs.progress(
                run.id, {"rehearsed": now.finished, "waiting": now.waiting}
            ),
            personal=office.personal_fields(robot.items.process),
            screen=robot_screen(office, robot),
            parameters=run.parameters,
            limit=ITEMS,
            clock=office.clock,
            dry=True,
        )
        told = {"rehearsed": counts.rehearsed, "failed": len(counts.problems), "left": 0}
        return Outcome(told, items_done=0, reason="\n".join(counts.problems), failed=bool(counts.problems))


class Rehearsals:
    """Begins rehearsals, each in a child process of its own.

    Args:
        office: The installation.
    """

    def __init__(self, office: "Office") -> None:
        self._office = office
        self._threads: list[threading.Thread] = []
        self._carriers: list[Carrier] = []

    def begin(self, robot: "Robot", parameters: Mapping[str, str], who: str) -> Run:
        """Begin a rehearsal and return its run; the end is not waited for.

        Args:
            robot: The robot; its source may be one that is not saved.
            parameters: For `${parameter.NAME}`.
            who: Who asks.
        """
        from console.wiring import child_command
        from scheduler.carrying import Carrier

        office, source = self._office, robot.source
        run = office.runs.enter(
            job_name(robot.robot),
            KIND,
            _slot(office.clock()),
            "person",
            script_sha256=source.sha256,
            script=source.text,
            parameters=parameters,
        )
        office.audit.note(who, "robot.rehearse", f"robot/{robot.robot}", run=run.id)
        carrier = Carrier(office.books, lambda one: child_command(office, one))
        job = job_of(run)
        thread = threading.Thread(
            target=self._carry, args=(carrier, job, run), name=f"rehearsal {robot.robot}", daemon=True
        )
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        self._carriers = [*self._carriers[-9:], carrier]
        thread.start()
        return run

    def stop(self) -> None:
        """Ask the rehearsals begun here to end, and wait for them."""
        for carrier in self._carriers:
            carrier.stop()
        for thread in self._threads:
            thread.join()

    def _carry(self, carrier: "Carrier", job: Job, run: Run) -> None:
        try:
            carrier.carry_out(job, run)
        except Exception as error:
            logger.error("rehearsal {} broke: {}", run.id, describe(error))
            self._office.runs.finish(run.id, RunState.FAILED, counts={}, reason=type(error).__name__)


def job_name(robot: str) -> str:
    """Return the name under which a robot's own runs stand in the book."""
    return f"robot {robot}"


def job_of(run: Run) -> Job:
    """Return the job that a rehearsal stands for: it has no timetable and books nothing."""
    robot = run.job.removeprefix("robot ")
    return Job(job=run.job, title=robot, department="-", run=robot, timeout=MINUTES)


def robot_of_run(office: "Office", run: Run) -> "Robot":
    """Return the robot that a run was entered with, from the script in its row.

    Raises:
        DeclarationError: The script is wrong.
    """
    from robots.model import robot_of

    path = office.configs / "robots" / f"{run.job.removeprefix('robot ')}.yaml"
    data, source = read_yaml(path, run.script)
    return robot_of(data, source)


def _slot(now: datetime) -> str:
    return f"now-{now:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
