"""A routine: steps with a name, written once and called by several robots, such as "log in" or "open the search page".

    # configs/robots/routines/login.yaml
    routine: login
    title: 総合行政システムへのログイン
    arguments: {職員番号: ログインする職員番号}
    steps:
      - open: ${target.townoffice}/login
      - fill: {field: 職員番号, value: "${argument.職員番号}"}

A robot says `- call: {routine: login, arguments: {職員番号: robot01}}`. What the routine remembers (`set`, `read`) is
there afterwards. It knows the record only through its arguments, it cannot register anything (commit belongs into the
robot, where an approver sees it), and no routine may call itself, not even through others.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, create_model

from backoffice.declarations import Declaration, load
from backoffice.errors import DeclarationError, Problem
from backoffice.suggest import did_you_mean
from backoffice.yaml_source import Source
from robots.registry import Registry
from robots.step import Step, step_model
from robots.validate import Knowledge, Placed, problems_of

FOLDER = "routines"
"""Beside the robots, in a folder of this name."""

Id = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$", max_length=100)]


class Routine(Declaration):
    """Steps that robots call by a name."""

    routine: Id = Field(description="名前(ファイル名と同じにするとよい)。Its name.")
    title: str = Field(description="何をする手順か。What it does, for people.")
    arguments: dict[str, str] = Field(
        default_factory=dict,
        description="受け取る値の名前と説明。手順では ${argument.名前}。What it is given.",
    )
    steps: tuple[Step, ...] = Field(min_length=1, description="手順。Its steps.")

    def placed(self) -> list[Placed]:
        """Return every step with its place in the file."""
        return [Placed(("steps", at), step) for at, step in enumerate(self.steps)]


@cache
def routine_model(registry: Registry) -> type[Routine]:
    """Return the model of routines whose steps have the actions of the registry."""
    steps: Any = (tuple[step_model(registry), ...], Routine.model_fields["steps"])  # type: ignore[misc]
    model: type[Routine] = create_model("Routine", __base__=Routine, steps=steps)
    return model


def load_routines(robots: Path, registry: Registry, knowledge: Knowledge) -> dict[str, Routine]:
    """Load the routines that stand beside the robots.

    Args:
        robots: The folder of the robots.
        registry: The actions.
        knowledge: What names exist.

    Raises:
        DeclarationError: With the problems of all routines, a circle of calls included.
    """
    folder = robots / FOLDER
    found: dict[str, Routine] = {}
    problems: list[Problem] = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            routine = load(path, routine_model(registry))
        except DeclarationError as error:
            problems.extend(error.problems)
            continue
        if routine.routine in found:
            values = {"name": routine.routine, "other": found[routine.routine].source.path.name}
            problems.append(Problem(routine.source.locate(("routine",)), "backoffice.name_twice", values))
        found.setdefault(routine.routine, routine)
    for routine in found.values():
        problems += problems_of(routine.placed(), routine.source, knowledge)
        problems += call_problems(routine.placed(), routine.source, found)
        problems += _own_problems(routine, found)
    if problems:
        raise DeclarationError(problems)
    return found


def call_problems(
    steps: Sequence[Placed], source: Source, routines: Mapping[str, Routine]
) -> Iterator[Problem]:
    """Yield what is wrong with the `call` steps among these: an unknown routine, arguments missing or too many."""
    for placed in steps:
        if placed.step.action.name != "call":
            continue
        arguments: Any = placed.step.arguments
        place = (*placed.place, "call")
        routine = routines.get(arguments.routine)
        if routine is None:
            hint = did_you_mean(arguments.routine, routines)
            values = {"name": arguments.routine, "hint": hint}
            yield Problem(source.locate(place), "robots.routine_unknown", values)
            continue
        given, wanted = set(arguments.arguments), set(routine.arguments)
        for name in sorted(wanted - given):
            values = {"name": name, "routine": routine.routine}
            yield Problem(source.locate(place), "robots.argument_missing", values)
        for name in sorted(given - wanted):
            values = {"name": name, "routine": routine.routine, "hint": did_you_mean(name, wanted)}
            yield Problem(source.locate(place), "robots.argument_unknown", values)


def calls_of(steps: Sequence[Placed]) -> Iterator[str]:
    """Yield the names of the routines that steps call."""
    for placed in steps:
        if placed.step.action.name == "call":
            arguments: Any = placed.step.arguments
            yield arguments.routine


def reached(steps: Sequence[Placed], routines: Mapping[str, Routine]) -> list[Routine]:
    """Return every routine that steps call, directly or through others, each once."""
    found: dict[str, Routine] = {}
    waiting = list(calls_of(steps))
    while waiting:
        name = waiting.pop(0)
        if name in routines and name not in found:
            found[name] = routines[name]
            waiting += calls_of(routines[name].placed())
    return list(found.values())


def _own_problems(routine: Routine, routines: Mapping[str, Routine]) -> Iterator[Problem]:
    circle = _circle(routine, routines)
    if circle:
        where = routine.source.locate(("routine",))
        yield Problem(where, "robots.routine_circle", {"circle": " → ".join(circle)})
    for placed in routine.placed():
        for template in placed.step.texts():
            for reference in template.references:
                where = routine.source.locate((*placed.place, placed.step.action.name))
                if reference.place == "item":
                    yield Problem(where, "robots.item_in_routine", {"name": reference.name})
                if reference.place == "argument" and reference.name not in routine.arguments:
                    hint = did_you_mean(reference.name, routine.arguments)
                    values = {"name": reference.name, "routine": routine.routine, "hint": hint}
                    yield Problem(where, "robots.argument_unknown", values)


def _circle(routine: Routine, routines: Mapping[str, Routine]) -> list[str]:
    """Return the way from a routine back to itself; empty when there is none."""
    trails = [[routine.routine]]
    seen: set[str] = set()
    while trails:
        trail = trails.pop()
        last = routines.get(trail[-1])
        for name in calls_of(last.placed()) if last is not None else ():
            if name == routine.routine:
                return [*trail, name]
            if name not in seen:
                seen.add(name)
                trails.append([*trail, name])
    return []
