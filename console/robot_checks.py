"""Checking all robots of a folder: one file's problems never hide another's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backoffice.errors import DeclarationError, Problem
from backoffice.messages import text
from robots.model import Robot


@dataclass(frozen=True)
class Checked:
    """One file that was checked.

    Attributes:
        path: The file.
        robot: The robot, when nothing is wrong with it.
        problems: What is wrong.
    """

    path: Path
    robot: Robot | None
    problems: tuple[Problem, ...] = ()

    def told(self) -> str:
        """Return the result for people."""
        if self.robot is not None:
            steps = len(self.robot.placed())
            return text("console.robot_good", title=self.robot.title, steps=steps)
        return "\n".join(problem.explain() for problem in self.problems)

    def facts(self) -> dict[str, Any]:
        """Return the result for programs."""
        told = [{"where": one.where, "key": one.key, "message": one.explain()} for one in self.problems]
        return {"file": self.path.as_posix(), "good": self.robot is not None, "problems": told}


def check_all(folder: Path, load: Callable[[Path], Robot]) -> Sequence[Checked]:
    """Check every robot of a folder, two of one name included.

    Args:
        folder: The folder.
        load: Loads one file with everything that is known about the installation.
    """
    checked: list[Checked] = []
    names: dict[str, str] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            robot = load(path)
        except DeclarationError as error:
            checked.append(Checked(path, None, error.problems))
            continue
        if robot.robot in names:
            values = {"name": robot.robot, "other": names[robot.robot]}
            twice = Problem(robot.source.locate(("robot",)), "backoffice.name_twice", values)
            checked.append(Checked(path, None, (twice,)))
            continue
        names[robot.robot] = path.name
        checked.append(Checked(path, robot))
    return checked
