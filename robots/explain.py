"""A robot in plain sentences, for the person who approves it: what it will do, in order, and what cannot be undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from backoffice.messages import has_text, text
from robots.explain_whole import course_in_words, items_in_words, needs_in_words
from robots.model import FailureRule, Resolve, Robot
from robots.registry import PointingArguments
from robots.routine import reached
from robots.step import Condition, Step
from robots.targets import Target
from robots.values import Reference, Template


def explain(robot: Robot, language: str | None = None) -> str:
    """Return the robot as numbered sentences under headings.

    Args:
        robot: The robot.
        language: "ja" or "en"; the one in force by default.
    """
    return "\n".join(_lines(robot, language)) + "\n"


def explain_step(step: Step, language: str | None = None) -> str:
    """Return one step as a sentence; its own name, when it has one, in brackets at the end."""
    sentence = "".join(_prefixes(step, language)) + " ".join(_sentence(step, language).split())
    return f"{sentence} ({step.name})" if step.name else sentence


def _lines(robot: Robot, language: str | None) -> Iterator[str]:
    title = {
        "title": robot.title,
        "robot": robot.robot,
        "version": robot.version,
        "process": robot.items.process,
    }
    yield text("robots.explain_title", language=language, **title)
    yield from _listed("items", items_in_words(robot, lambda one: _said(one, language), language), language)
    yield from _listed("needs", needs_in_words(robot, language), language)
    lost = _words(robot.session_lost, language) if robot.session_lost is not None else ""
    yield from _listed("how", course_in_words(robot, lost, language), language)
    yield from _numbered("setup", robot.setup, language)
    yield from _numbered("each", robot.each, language)
    yield from _numbered("on_error", robot.on_error, language)
    if robot.fails_when:
        yield from ("", text("robots.explain_fails_when", language=language))
        yield from (f"  - {_rule(rule, language)}" for rule in robot.fails_when)
    if robot.resolve is not None:
        yield from _resolve(robot.resolve, language)
    yield from _numbered("teardown", robot.teardown, language)
    for routine in reached(robot.placed(), robot.routines):
        yield ""
        yield text("explain.routine", language=language, name=routine.routine, title=routine.title)
        yield from _steps(routine.steps, language)


def _listed(section: str, sentences: Iterable[str], language: str | None) -> Iterator[str]:
    told = list(sentences)
    if told:
        yield from ("", text(f"explain.{section}", language=language))
    yield from (f"  - {one}" for one in told)


def _numbered(section: str, steps: Sequence[Step], language: str | None) -> Iterator[str]:
    if steps:
        yield from ("", text(f"robots.explain_{section}", language=language))
    yield from _steps(steps, language)


def _steps(steps: Sequence[Step], language: str | None) -> Iterator[str]:
    for number, step in enumerate(steps, start=1):
        yield f"  {number}. {explain_step(step, language)}"


def _resolve(resolve: Resolve, language: str | None) -> Iterator[str]:
    yield from _numbered("resolve", resolve.steps, language)
    found, missing = _words(resolve.found, language), _words(resolve.not_found, language)
    yield f"  - {text('robots.explain_found', language=language, target=found)}"
    yield from (f"      {explain_step(step, language)}" for step in resolve.result)
    yield f"  - {text('robots.explain_not_found', language=language, target=missing)}"


def _rule(rule: FailureRule, language: str | None) -> str:
    target = rule.name or _words(rule, language)
    return text(f"robots.explain_fails_{rule.as_}", language=language, target=target)


def _prefixes(step: Step, language: str | None) -> Iterator[str]:
    if step.when is not None:
        yield from _condition(step.when, language)
    if step.for_each is not None:
        yield text("robots.explain_for_each", language=language, values=_said(step.for_each, language))
    if step.for_each_row is not None:
        yield text("robots.explain_for_each_row", language=language, table=step.for_each_row)
    if step.commit:
        yield text("robots.explain_commit", language=language)
    if step.confirm:
        yield text("robots.explain_confirm", language=language)


def _condition(when: Condition, language: str | None) -> Iterator[str]:
    value = _said(when.value, language)
    if when.empty is not None:
        key = "robots.explain_when_empty" if when.empty else "robots.explain_when_filled"
        yield text(key, language=language, value=value)
    if when.is_ is not None:
        yield text(
            "robots.explain_when_is", language=language, value=value, wanted=_joined(when.is_, language)
        )
    if when.is_not is not None:
        yield text(
            "robots.explain_when_is_not",
            language=language,
            value=value,
            wanted=_joined(when.is_not, language),
        )


def _joined(written: Template | tuple[Template, ...], language: str | None) -> str:
    listed = (written,) if isinstance(written, Template) else written
    return ", ".join(_said(one, language) for one in listed)


def _sentence(step: Step, language: str | None) -> str:
    arguments = step.arguments
    shown = {name: getattr(arguments, name) for name in arguments.parameters}
    values = {name: _quoted(value, language) for name, value in shown.items()}
    target = _words(arguments, language) if isinstance(arguments, PointingArguments) else ""
    if step.secret is not None:
        values["value"] = text("robots.explain_secret", language=language, name=step.secret)
    key = f"robots.explain_{step.action.name}{_variant(shown)}"
    if not has_text(key):
        return step.action.summary  # an action that another package brings
    return text(key, language=language, target=target, **values)


def _variant(shown: Mapping[str, object]) -> str:
    """Return the end of the sentence's key: waiting until something is gone, clicking beside a target."""
    if shown.get("visible") is False:
        return "_gone"
    return "_beside" if shown.get("words") and (shown.get("right") or shown.get("down")) else ""


def _quoted(value: object, language: str | None) -> object:
    if isinstance(value, Template) and value.text:
        fixed = any(isinstance(part, str) and part for part in value.parts)
        told = _said(value, language)
        return text("robots.explain_quoted", language=language, value=told) if fixed else told
    return value


def _said(template: Template, language: str | None) -> str:
    """Return a text as a person reads it: a place to fill in becomes the name of what stands there."""
    return "".join(part if isinstance(part, str) else _place(part, language) for part in template.parts)


def _place(reference: Reference, language: str | None) -> str:
    """Return a place to fill in as words: 〈通知書番号〉, today's date, the result 〈受付番号〉."""
    key = f"robots.explain_place_{reference.place.replace('.', '_')}"
    named = text(key, language=language, name=reference.name)
    filters = ", ".join(
        name if argument is None else f"{name}: {argument}" for name, argument in reference.filters
    )
    return (
        text("robots.explain_filtered", language=language, place=named, filters=filters) if filters else named
    )


def _words(target: Target, language: str | None) -> str:
    kinds = target.kinds()
    if not kinds:
        return ""
    return text(f"robots.spot_{kinds[0]}", language=language, name=_said(getattr(target, kinds[0]), language))
