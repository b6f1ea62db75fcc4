"""A robot explained beside its text: each sentence with the line that it stands for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from robots.explain import explain, explain_step
from robots.model import Robot

_LISTS = ("setup", "each", "on_error", "resolve", "teardown")
"""The lists of steps in the order in which `explain` tells them."""


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Attributes:
        text: The sentence.
        line: Line of the text that it stands for; 0 for one that is about no single line.
        number: Its number among the steps of its section; 0 for one that is no step.
    """

    text: str
    line: int = 0
    number: int = 0


@dataclass(frozen=True)
class Section:
    """Sentences under a heading."""

    title: str
    sentences: tuple[Sentence, ...]


def sections_of(robot: Robot, language: str | None = None) -> list[Section]:
    """Return a robot's explanation, section by section; the first one holds its title alone."""
    blocks = explain(robot, language).strip("\n").split("\n\n")
    places = _places(robot)
    return [_section(robot, block.splitlines(), places) for block in blocks]


def step_sentences(robot: Robot, language: str | None = None) -> dict[str, str]:
    """Return each step of a robot as a sentence, by what the evidence calls it: its own name, else its place."""
    lists = {section: getattr(robot, section) for section in _LISTS if section != "resolve"}
    lists["resolve"] = robot.resolve.steps if robot.resolve is not None else ()
    return {
        step.name or f"{section} {number}": explain_step(step, language)
        for section, steps in lists.items()
        for number, step in enumerate(steps, start=1)
    }


def _places(robot: Robot) -> Iterator[Sequence[tuple[str | int, ...]]]:
    """Yield the places of the steps, list by list."""
    lists = {"resolve": ()} | {section: getattr(robot, section) for section in _LISTS if section != "resolve"}
    if robot.resolve is not None:
        lists["resolve"] = robot.resolve.steps
    for section in _LISTS:
        head = ("resolve", "steps") if section == "resolve" else (section,)
        if lists[section]:
            yield [(*head, at) for at in range(len(lists[section]))]


def _section(robot: Robot, lines: list[str], places: Iterator[Sequence[tuple[str | int, ...]]]) -> Section:
    title, *told = lines
    numbered = bool(told) and told[0].lstrip().startswith("1. ")
    steps = next(places, ()) if numbered else ()
    sentences = []
    for line in told:
        mark, _, words = line.strip().partition(" ")
        number = int(mark[:-1]) if mark.endswith(".") and mark[:-1].isdigit() else 0
        if not number:
            sentences.append(Sentence(words if mark == "-" else line.strip()))
            continue
        where = robot.source.locate(steps[number - 1]) if number <= len(steps) else ""
        sentences.append(Sentence(words, int(where.rsplit(":", 2)[1]) if where else 0, number))
    return Section(title, tuple(sentences))
