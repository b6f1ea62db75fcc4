"""What is wrong with a robot's text, line by line, as the editor and the pages show it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backoffice.errors import Problem
from backoffice.messages import error_text
from backoffice.yaml_source import Source, place
from robots.model import Robot


@dataclass(frozen=True)
class Remark:
    """One thing to mend, or to know.

    Attributes:
        level: "error": the robot cannot be saved. "warning": it can, but will not run as it is.
        line: Line of the text, from 1; 0 when it is not about a line of it.
        column: Column, from 1.
        where: Another file that it is about, with line and column; else empty.
        what: What is wrong.
        why: Why.
        do: What to do.
    """

    level: str
    line: int
    column: int
    where: str
    what: str
    why: str
    do: str

    def as_json(self) -> dict[str, Any]:
        """Return it for the page's script."""
        return asdict(self)


def errors_of(problems: Iterable[Problem], path: Path) -> list[Remark]:
    """Return problems as remarks, in the order of the lines.

    Args:
        problems: What the validator found.
        path: The robot's file.
    """
    own = {path.as_posix(), split_place(place(path, 1, 1))[0]}
    remarks = []
    for problem in problems:
        parts = error_text(problem.key, language=None, **problem.values)
        file, line, column = split_place(problem.where)
        here = file in own
        remarks.append(
            Remark(
                "error",
                line if here else 0,
                column if here else 0,
                "" if here else problem.where,
                parts.what,
                parts.why,
                parts.do,
            )
        )
    return sorted(remarks, key=lambda one: (one.line == 0, one.line, one.column))


def warnings_of(robot: Robot, stem: str, missing: Iterable[str]) -> list[Remark]:
    """Return what is no error, but should be known before a robot runs.

    Args:
        robot: A robot without errors.
        stem: Its file's name without ending.
        missing: Names of the secrets that it types and that are not stored.
    """
    source = robot.source
    found = [_warning(source, _secret_place(robot, name), "secret_missing", name=name) for name in missing]
    if robot.robot != stem:
        found.append(_warning(source, ("robot",), "name_differs", name=robot.robot, file=stem))
    return found


def split_place(where: str) -> tuple[str, int, int]:
    """Return file, line and column of `file:line:column`; 1 and 1 where they are not told."""
    file, _, rest = where.rpartition(":")
    head, _, line = file.rpartition(":")
    if head and line.isdigit() and rest.isdigit():
        return head, int(line), int(rest)
    return where, 1, 1


def _secret_place(robot: Robot, name: str) -> tuple[str | int, ...]:
    return next(((*one.place, "secret") for one in robot.placed() if one.step.secret == name), ())


def _warning(source: Source, place: tuple[str | int, ...], key: str, **values: object) -> Remark:
    _, line, column = split_place(source.locate(place))
    told = error_text(f"authoring.{key}", language=None, **values)
    return Remark("warning", line, column, "", told.what, told.why, told.do)
