"""What can be wrong with a robot beyond its form: the commit rule, names that nobody knows, secrets in odd places.

All problems are told at once, each with its line, before anything is started.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from backoffice.errors import Problem
from backoffice.suggest import did_you_mean
from backoffice.yaml_source import Source
from robots.step import Step
from robots.steps.desktop import CONFIRMING, IMAGES
from robots.targets import Target
from robots.values import Reference, Template

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Knowledge:
    """What names exist in this installation. None: not known, so not checked.

    Attributes:
        fields: Names of the fields of the records.
        targets: Names of the target systems.
        secrets: Names of the stored secrets.
        folders: Names of the folders that robots may use.
    """

    fields: Collection[str] | None = None
    targets: Collection[str] | None = None
    secrets: Collection[str] | None = None
    folders: Collection[str] | None = None


@dataclass(frozen=True)
class Placed:
    """A step and where it stands in the file: ("each", 3)."""

    place: Place
    step: Step


def problems_of(
    steps: Sequence[Placed], source: Source, knowledge: Knowledge, unread: Collection[str] = ()
) -> list[Problem]:
    """Return everything wrong with the steps of a robot, in the order of the rules.

    Args:
        steps: The steps that could be read.
        source: Their file.
        knowledge: What names exist.
        unread: Keys of the steps that could not be read; what they may hold is not missed.
    """
    found: list[Problem] = []
    found += _commit_problems([p for p in steps if p.place[0] == "each"], source, unread)
    for placed in steps:
        if placed.place[0] != "each":
            found += _misplaced(placed, source)
        found += _secret_problems(placed, source, knowledge)
        found += _name_problems(placed, source, knowledge)
        found += _picture_problems(placed, source)
    return found


def _problem(source: Source, placed: Placed, key: str, part: str = "", **values: object) -> Problem:
    place = (*placed.place, part) if part else placed.place
    return Problem(source.locate(place, key=bool(part)), f"robots.{key}", values)


def _commit_problems(each: Sequence[Placed], source: Source, unread: Collection[str]) -> Iterator[Problem]:
    commits = [placed for placed in each if placed.step.commit]
    confirms = [placed for placed in each if placed.step.confirm]
    for second in commits[1:]:
        yield _problem(source, second, "commit_twice", "commit")
    for second in confirms[1:]:
        yield _problem(source, second, "confirm_twice", "confirm")
    if commits and not confirms and "confirm" not in unread:
        yield _problem(source, commits[0], "commit_without_confirm", "commit")
    if confirms and not commits and "commit" not in unread:
        yield _problem(source, confirms[0], "confirm_without_commit", "confirm")
    early = bool(commits and confirms) and each.index(confirms[0]) <= each.index(commits[0])
    if early and not _confirms_itself(confirms[0]):
        yield _problem(source, confirms[0], "confirm_before_commit", "confirm")
    for placed in confirms:
        if placed.step.action.name not in {"expect", *CONFIRMING} and not _confirms_itself(placed):
            yield _problem(source, placed, "confirm_not_expect", "confirm", action=placed.step.action.name)
    for placed in (*commits, *confirms):
        yield from _conditional(placed, source)


def _confirms_itself(placed: Placed) -> bool:
    """Say whether a commit step is its own confirmation: a mail is sent when the server has taken it."""
    return placed.step.commit and placed.step.action.once


def _conditional(placed: Placed, source: Source) -> Iterator[Problem]:
    """A commit or confirm step is done exactly once: no condition, no loop, no second try."""
    step = placed.step
    for modifier, used in (
        ("retry", step.retry),
        ("for_each", step.for_each),
        ("for_each_row", step.for_each_row),
        ("when", step.when),
    ):
        if used:
            yield _problem(source, placed, "commit_not_plain", modifier, modifier=modifier)


def _misplaced(placed: Placed, source: Source) -> Iterator[Problem]:
    for modifier in ("commit", "confirm"):
        if getattr(placed.step, modifier):
            yield _problem(source, placed, "commit_outside_each", modifier, modifier=modifier)


def _secret_problems(placed: Placed, source: Source, knowledge: Knowledge) -> Iterator[Problem]:
    step, name = placed.step, placed.step.secret
    if name is None:
        return
    if not step.action.takes_value:
        yield _problem(source, placed, "secret_needs_value", "secret", action=step.action.name)
    elif "value" in step.arguments.model_fields_set:
        yield _problem(source, placed, "secret_and_value", "secret")
    if knowledge.secrets is not None and name not in knowledge.secrets:
        yield _problem(source, placed, "secret_unknown", "secret", name=name)


def _picture_problems(placed: Placed, source: Source) -> Iterator[Problem]:
    """A picture that a desktop step looks for must lie beside the robot."""
    name = getattr(placed.step.arguments, "image", None)
    if isinstance(name, str) and not (source.path.parent / IMAGES / name).is_file():
        where = source.locate((*placed.place, placed.step.action.name, "image"))
        yield Problem(where, "robots.image_missing", {"name": name})


def _name_problems(placed: Placed, source: Source, knowledge: Knowledge) -> Iterator[Problem]:
    for path, reference in _references(placed.step):
        where = source.locate((*placed.place, *path))
        yield from (Problem(where, key, values) for key, values in _wrong_name(placed, reference, knowledge))


def _wrong_name(
    placed: Placed, reference: Reference, knowledge: Knowledge
) -> Iterator[tuple[str, dict[str, object]]]:
    known = {
        "item": knowledge.fields, "target": knowledge.targets, "folder": knowledge.folders
    }.get(reference.place)  # fmt: skip
    listing = placed.step.action.name in ("write_list", "write_csv")
    if known is not None and reference.name not in known:
        hint = did_you_mean(reference.name, known)
        yield f"robots.{reference.place}_unknown", {"name": reference.name, "hint": hint}
    if reference.place == "each" and not _goes_through(placed.step, reference):
        yield "robots.each_outside_for_each", {}
    if reference.place == "argument" and placed.place[0] != "steps":
        yield "robots.argument_outside_routine", {"name": reference.name}
    if reference.place == "done.at" and not listing:
        yield "robots.done_outside_list", {}
    if reference.place in ("item", "result") and placed.place[0] in ("setup", "teardown") and not listing:
        yield "robots.item_outside_each", {"place": reference.written}


def _goes_through(step: Step, reference: Reference) -> bool:
    """Say whether the step has the loop that a `${each}` or `${each.見出し}` belongs to."""
    if reference.name:
        return step.for_each_row is not None or "rows" in step.arguments.model_fields_set
    return step.for_each is not None


def _references(step: Step) -> Iterator[tuple[Place, Reference]]:
    """Yield every place to fill in, with the path of its text from the step."""
    arguments = step.arguments
    for name in arguments.model_fields_set:
        value = getattr(arguments, name)
        path: Place = (step.action.name, "or" if name == "alternatives" else name)
        for template in _templates(value):
            yield from ((path, reference) for reference in template.references)
    if step.when is not None:
        yield from (
            (("when", "value"), reference) for text in step.when.texts() for reference in text.references
        )
    if step.for_each is not None:
        yield from ((("for_each",), reference) for reference in step.for_each.references)


def _templates(value: object) -> Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _templates(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _templates(inner)
    elif isinstance(value, Target):
        yield from value.templates()
