"""What can be wrong with a robot as a whole, the routines it calls included.

A second try at an item must not do again what can be done once only, and a screen serves one lane at a time.
"""

from collections.abc import Iterator, Mapping, Sequence

from backoffice.errors import Problem
from backoffice.yaml_source import Source
from robots.routine import Routine, reached
from robots.step import Step
from robots.steps import desktop
from robots.validate import Placed

_ONCE_PER_RUN = frozenset({"teardown", "on_error"})
"""Sections that no second try at an item repeats; `on_error` tells of a failure, each time there is one."""


def whole_problems(
    lanes: int, steps: Sequence[Placed], source: Source, routines: Mapping[str, Routine]
) -> Iterator[Problem]:
    """Yield what is wrong with a robot as a whole.

    Args:
        lanes: How many browsers it asks for.
        steps: All its own steps.
        source: Its file.
        routines: The routines it may call.
    """
    yield from _repeated(steps, source, routines)
    inner = [step for routine in reached(steps, routines) for step in routine.steps]
    on_screen = any(
        step.action.function in desktop.ACTIONS for step in (*(placed.step for placed in steps), *inner)
    )
    if lanes > 1 and on_screen:
        yield Problem(source.locate(("lanes",)), "robots.lanes_on_screen", {"lanes": lanes})


def _repeated(steps: Sequence[Placed], source: Source, routines: Mapping[str, Routine]) -> Iterator[Problem]:
    """Yield the steps that would do again what must be done once, when their item or session is tried again."""
    each = [placed for placed in steps if placed.place[0] == "each"]
    confirmed = next((at for at, placed in enumerate(each) if placed.step.confirm), len(each))
    safe = {id(placed) for placed in each[confirmed + 1 :]}
    for placed in steps:
        name = _once_in(placed, routines)
        if not name or (placed.step.commit and placed.step.confirm):
            continue
        if placed.step.retry or not (placed.place[0] in _ONCE_PER_RUN or id(placed) in safe):
            where = source.locate((*placed.place, placed.step.action.name), key=True)
            yield Problem(where, "robots.may_repeat", {"action": name})


def _once_in(placed: Placed, routines: Mapping[str, Routine]) -> str:
    """Return the name of an action in a step, or in a routine it calls, that must not be repeated; else empty."""
    steps: list[Step] = [placed.step]
    for routine in reached([placed], routines):
        steps += routine.steps
    return next((step.action.name for step in steps if step.action.once), "")
