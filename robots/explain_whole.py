"""What an approver must know of a robot beside its steps: its records, what it needs, how it goes on after trouble."""

from collections.abc import Callable, Iterator

from backoffice.messages import text
from robots.model import Robot
from robots.preflight import names_used
from robots.steps import desktop
from robots.values import Template

Say = Callable[[Template], str]
"""Tells a text with places to fill in as a person reads it."""


def items_in_words(robot: Robot, say: Say, language: str | None) -> Iterator[str]:
    """Yield which records the robot works on, what keeps them apart, and which of their values are personal."""
    items, comma = robot.items, text("explain.comma", language=language)
    told = {
        "process": items.process,
        "form": items.form,
        "of": items.of,
        "file": say(items.file) if items.file is not None else "",
        "encoding": items.encoding,
    }
    yield text(f"explain.items_{items.from_}", language=language, **told)
    if items.key:
        yield text("explain.key", language=language, keys=comma.join(items.key))
    if items.personal:
        yield text("explain.personal", language=language, names=comma.join(items.personal))


def needs_in_words(robot: Robot, language: str | None) -> Iterator[str]:
    """Yield what is checked before the first record is touched."""
    steps = robot.all_steps()
    on_screen = any(step.action.function in desktop.ACTIONS for step in steps)
    on_page = any(step.action.on_page and step.action.function not in desktop.ACTIONS for step in steps)
    if on_page:
        yield text("explain.needs_browser", language=language)
    if on_screen:
        yield text("explain.needs_screen", language=language)
    if robot.screen is not None:
        size = {"width": robot.screen.width, "height": robot.screen.height}
        yield text("explain.needs_size", language=language, **size)
    for place in ("target", "folder"):
        for name in names_used(robot, place):
            yield text(f"explain.needs_{place}", language=language, name=name)
    for name in robot.secrets():
        yield text("explain.needs_secret", language=language, name=name)


def course_in_words(robot: Robot, lost: str, language: str | None) -> Iterator[str]:
    """Yield how the robot goes on: lanes, tries, a lost session, records in doubt.

    Args:
        robot: The robot.
        lost: Its sign of a lost session in words; empty when it has none.
        language: "ja" or "en".
    """
    if robot.lanes > 1:
        yield text("explain.lanes", language=language, lanes=robot.lanes)
    if lost:
        yield text("explain.session_lost", language=language, target=lost)
    key = "explain.tries" if robot.tries.times > 1 else "explain.tries_once"
    yield text(key, language=language, times=robot.tries.times)
    if not any(step.commit for step in robot.each):
        yield text("explain.no_commit", language=language)
    else:
        key = "explain.doubt_person" if robot.resolve is None else "explain.doubt_resolved"
        yield text(key, language=language)
