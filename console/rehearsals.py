"""Rehearsals from the console: a robot goes through waiting items up to its commit step, and nothing stays behind.

A rehearsal is a run of its own kind in the book, so that the run page shows it like any other. It belongs to the robot
("robot NAME"), never to a job: what is due, what was saved and what counts as the job's last run are not touched. The
script that it rehearses is the one entered with the run. It waits its turn among the trials of the editor, under the
same rules (`console/trial_line.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from backoffice.locks import held
from backoffice.messages import text
from backoffice.runs import OPEN_STATES, Run, RunState
from backoffice.yaml_source import read_yaml
from console.trial_line import LIMITS, TrialLine, Turn, demand_harmless, end_with_the_server
from scheduler.job import Job

if TYPE_CHECKING:
    from console.wiring import Office
    from robots.model import Robot
    from scheduler.child import Outcome, Stop

KIND = "rehearsal"
ITEMS = 3
"""A rehearsal goes through so many of the waiting items: enough to see whether it works."""


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
        end_with_the_server(leash_of(office, run))
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
        line: In which they wait their turn.
    """

    def __init__(self, office: "Office", line: TrialLine) -> None:
        self._office = office
        self._line = line
        self._waiting: dict[str, Turn] = {}

    def begin(self, robot: "Robot", parameters: Mapping[str, str], who: str) -> Run:
        """Begin a rehearsal and return its run; the end is not waited for.

        Args:
            robot: The robot.
            parameters: For `${parameter.NAME}`.
            who: Who asks.

        Raises:
            AuthoringRefused: The person has a trial at work, or the robot starts something on this PC that its jobs may
                not start either before it is approved.
        """
        office, source = self._office, robot.source
        if not self._may_run(robot):
            demand_harmless(robot, robot.robot)
        turn = self._line.stand(who)
        try:
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
            self._waiting[run.id] = turn
            self._line.go(turn, leash_of(office, run), lambda turn: self._carry(turn, run))
        except BaseException:
            self._line.leave(turn)
            raise
        return run

    def skip(self, run_id: str) -> None:
        """Let a rehearsal that still waits never begin; one at work hears of it by itself."""
        turn = self._waiting.get(run_id)
        if turn is not None and turn.waits:
            turn.asked.set()

    def stop(self) -> None:
        """Ask the rehearsals begun here to end, and wait for them."""
        self._line.close()

    def _may_run(self, robot: "Robot") -> bool:
        """Say whether jobs would run exactly this content."""
        from robots.approval import ApprovalBook

        office = self._office
        demanded = office.settings.robots.require_approval
        return not demanded or ApprovalBook(office.engine, office.clock).of(robot) is not None

    def _carry(self, turn: Turn, run: Run) -> None:
        from console.wiring import child_command
        from scheduler.carrying import Carrier

        office = self._office
        try:
            with held(office.runs.lock_file(run.id), patience=1.0):  # who waits his turn is not dead
                come = turn.wait()
            if not come:
                self._finish(run, RunState.STOPPED, text("scheduler.stopped"))
                return
            carrier = Carrier(
                office.books, lambda one: child_command(office, one), grace_seconds=LIMITS.grace_seconds
            )
            with held(office.runs.job_lock(run.job), patience=1.0):
                carrier.carry_out(job_of(run), run, asked=turn.asked.is_set)
        except Exception as error:
            self._finish(run, RunState.FAILED, type(error).__name__)
            raise
        finally:
            self._waiting.pop(run.id, None)

    def _finish(self, run: Run, state: RunState, reason: str) -> None:
        if self._office.runs.get(run.id).state in OPEN_STATES:
            self._office.runs.finish(run.id, state, counts={}, reason=reason)


def leash_of(office: "Office", run: Run) -> Path:
    """Return the lock that the server holds while a rehearsal of its own waits or works."""
    return office.settings.folder("locks") / f"rehearsal-{run.id}.lock"


def job_name(robot: str) -> str:
    """Return the name under which a robot's own runs stand in the book."""
    return f"robot {robot}"


def job_of(run: Run) -> Job:
    """Return the job that a rehearsal stands for: it has no timetable and books nothing."""
    robot = run.job.removeprefix("robot ")
    limits = {"timeout": LIMITS.seconds / 60, "memory_mb": LIMITS.memory_bytes // 1024**2}
    return Job(job=run.job, title=robot, department="-", run=robot, **limits)


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
