"""Approval of robots: a person with the right to do so confirms one exact content, and any change needs a new approval.

What counts is the content: the robot's file and everything it takes in (routines it calls, pictures it looks for, the
town's own Python functions). Its hash is approved, not its name or version number.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from pathlib import Path

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.errors import UserError
from backoffice.tables import robot_approvals
from robots.model import Robot
from robots.routine import reached
from robots.steps.desktop import IMAGES

OWN_FUNCTIONS = "python"
"""Folder of the town's own Python functions, beside the folder of the robots."""


class RobotNotApproved(UserError):
    """This content of the robot was approved by nobody."""


@dataclass(frozen=True)
class Approval:
    """One approval.

    Attributes:
        robot: The robot's name.
        version: The version number that stood in it.
        sha256: Hash of the approved content.
        script: Text of the approved robot, to show what changed since.
        who: The approver.
        at: When.
    """

    robot: str
    version: int
    sha256: str
    script: str
    who: str
    at: datetime


class ApprovalBook:
    """The approvals in the database; they are only ever added.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def approve(self, robot: Robot, who: str) -> Approval:
        """Enter an approval of a robot as it is now."""
        approval = Approval(
            robot.robot, robot.version, content_hash(robot), robot.source.text, who, self._clock()
        )
        with self._engine.begin() as connection:
            connection.execute(robot_approvals.insert().values(**approval.__dict__))
        return approval

    def of(self, robot: Robot) -> Approval | None:
        """Return the newest approval of exactly this content, None when there is none."""
        return self._newest(robot.robot, robot_approvals.c.sha256 == content_hash(robot))

    def last(self, name: str) -> Approval | None:
        """Return the newest approval of a robot, whatever its content was."""
        return self._newest(name, sa.true())

    def demand(self, robot: Robot) -> Approval:
        """Return the approval of this content.

        Raises:
            RobotNotApproved: There is none; the last approval of the robot is told, when there is one.
        """
        found = self.of(robot)
        if found is not None:
            return found
        last = self.last(robot.robot)
        key = "robots.not_approved" if last is None else "robots.changed_since_approval"
        told = {} if last is None else {"who": last.who, "at": f"{last.at:%Y-%m-%d}", "old": last.version}
        where = robot.source.locate(("robot",))
        raise RobotNotApproved(key, where=where, name=robot.robot, version=robot.version, **told)

    def _newest(self, name: str, wanted: sa.ColumnElement[bool]) -> Approval | None:
        asked = (
            sa.select(robot_approvals)
            .where(robot_approvals.c.robot == name, wanted)
            .order_by(robot_approvals.c.id.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(asked).first()
        return (
            None if row is None else Approval(row.robot, row.version, row.sha256, row.script, row.who, row.at)
        )


def content_hash(robot: Robot) -> str:
    """Return the hash of a robot's content, 64 hex digits: its text and all that it takes in."""
    return _hash(robot.source.sha256, robot)


def changes_since(robot: Robot, approval: Approval | None) -> str:
    """Return what changed in the robot's text since an approval, line by line; empty when nothing did."""
    before = [] if approval is None else approval.script.splitlines()
    return "\n".join(unified_diff(before, robot.source.text.splitlines(), lineterm="", n=2))


def parts_changed_since(robot: Robot, approval: Approval | None) -> list[str]:
    """Return what the robot takes in, when any of it differs from what was approved; empty when nothing does.

    An approval keeps one hash of all; which of the parts has changed cannot be told from it.
    """
    if approval is None:
        return []
    script = hashlib.sha256(approval.script.encode()).hexdigest()
    same = _hash(script, robot) == approval.sha256
    return [] if same else sorted({name for name, _ in _taken_in(robot)})


def _hash(script: str, robot: Robot) -> str:
    digest = hashlib.sha256(script.encode())
    for name, held in sorted(_taken_in(robot)):
        digest.update(f"\n{name} {held}".encode())
    return digest.hexdigest()


def _taken_in(robot: Robot) -> Iterator[tuple[str, str]]:
    """Yield name and hash of everything beside the robot's own file."""
    for routine in reached(robot.placed(), robot.routines):
        yield f"routine {routine.routine}", routine.source.sha256
    folder = robot.source.path.parent
    for step in robot.all_steps():
        image = getattr(step.arguments, "image", None)
        if isinstance(image, str):
            yield f"image {image}", _file_hash(folder / IMAGES / image)
        if step.action.name == "run_python":
            for path in sorted((folder.parent / OWN_FUNCTIONS).rglob("*.py")):
                yield f"python {path.relative_to(folder.parent).as_posix()}", _file_hash(path)


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
