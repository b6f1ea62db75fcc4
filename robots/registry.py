"""The registry of actions: what a step may do. An action is a typed function with a docstring, nothing more.

From its signature comes the model that checks a step's arguments, from its docstring the descriptions, and from
both the JSON Schema, the messages and the reference. The first argument is always the bench the step works at.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NewType, cast

from pydantic import Field, create_model, model_validator

from backoffice.declarations import Part
from robots.targets import Spot, Target
from robots.values import Scope, Template

Name = NewType("Name", str)
"""An argument that is a name and has no places to fill in."""
NO_NAME = Name("")

Columns = Mapping[str, Template]
"""An argument that the action fills in itself, once for each row."""

Values = NewType("Values", dict[str, str])
"""An argument of names and texts, all filled in before the action begins."""

Texts = NewType("Texts", list[str])
"""An argument of several texts, all filled in before the action begins."""

Function = Callable[..., None]


class Arguments(Part):
    """The arguments of one action as a step writes them; one subclass for each action is made from its signature."""

    main: ClassVar[str | None] = None
    parameters: ClassVar[tuple[str, ...]] = ()
    mappings: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _take_short_form(cls, written: Any) -> Any:
        """Read `open: URL` as `open: {url: URL}`, and an action without arguments as an empty mapping."""
        if written is None:
            return {}
        return {cls.main: written} if cls.main and not isinstance(written, dict) else written

    def texts(self) -> Iterator[Template]:
        """Yield every text of the step that has places to fill in."""
        yield from self.typed()
        for name in self.parameters:
            value = getattr(self, name)
            if isinstance(value, dict | tuple):
                inner = value.values() if isinstance(value, dict) else value
                yield from (one for one in inner if isinstance(one, Template))

    def typed(self) -> Iterator[Template]:
        """Yield the texts that are filled in before the action begins, the target's apart."""
        for name in self.parameters:
            value = getattr(self, name)
            if isinstance(value, Template):
                yield value

    def bind(self, scope: Scope) -> dict[str, Any]:
        """Return the keyword arguments for the action's function, with all values filled in.

        Raises:
            ValueUnfit: A value is missing or a filter cannot take it.
        """
        values = {name: getattr(self, name) for name in self.parameters}
        filled = {name: _filled(value, scope) for name, value in values.items()}
        for name in self.mappings:
            filled[name] = {inner: template.fill(scope) for inner, template in values[name].items()}
        return filled


def _filled(value: Any, scope: Scope) -> Any:
    """Return a text with its places filled in; of several texts each; anything else as it is."""
    if isinstance(value, tuple) and value and all(isinstance(one, Template) for one in value):
        return [one.fill(scope) for one in value]
    return value.fill(scope) if isinstance(value, Template) else value


class PointingArguments(Target, Arguments):
    """The arguments of an action that points at something on the page."""

    def texts(self) -> Iterator[Template]:
        """Yield the target's texts, then the others."""
        yield from self.templates()
        yield from super().texts()

    def bind(self, scope: Scope) -> dict[str, Any]:
        """Return the arguments, the target among them."""
        target = self.fill(scope)
        if target is not None and any(template.is_private(scope) for template in self.typed()):
            target = target.hiding_options()
        return {"target": target, **super().bind(scope)}


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes:
        name: As written in a step.
        summary: First line of the docstring.
        function: Does it.
        arguments: Model of its arguments.
        on_page: Whether it needs a browser page.
        lasting: Whether it leaves something behind by itself (a file, a mail), so that a rehearsal passes it over.
        once: Whether doing it twice would do harm that nobody can take back, so that no try may repeat it.
    """

    name: str
    summary: str
    function: Function
    arguments: type[Arguments]
    on_page: bool
    lasting: bool = False
    once: bool = False

    @property
    def takes_value(self) -> bool:
        """Whether it types a value, so that `secret:` may give it."""
        return "value" in self.arguments.parameters


def make_action(function: Function, *, on_page: bool = True) -> Action:
    """Make an action of a function; its name is the function's, without a trailing underscore.

    Raises:
        TypeError: The function has no docstring, an undocumented argument, or a type that no step can write.
    """
    name = function.__name__.removesuffix("_")
    summary, told = read_docstring(function)
    arguments = _arguments_model(function, name, told)
    marks = (getattr(function, "lasting", False), getattr(function, "once", False))
    return Action(name, summary, function, arguments, on_page, *marks)


def lasting(function: Function) -> Function:
    """Mark an action that leaves something behind by itself: it writes a file, or sends a mail."""
    function.lasting = True  # type: ignore[attr-defined]
    return function


def once(function: Function) -> Function:
    """Mark an action that must not be repeated, such as a mail: it is its item's commit step, or comes after it."""
    function.once = True  # type: ignore[attr-defined]
    return function


def _arguments_model(function: Function, name: str, told: Mapping[str, str]) -> type[Arguments]:
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    own = [parameter for parameter in parameters if parameter.name != "target"]
    fields = {p.name: _field(function, p, hints[p.name], told) for p in own}
    base = PointingArguments if "target" in hints else Arguments
    title = f"{name.title().replace('_', '')}Arguments"
    model = cast(type[Arguments], create_model(title, __base__=base, **fields))
    needs_target = hints.get("target") is Spot
    asked = bool(own) and own[0].default is inspect.Parameter.empty
    model.main = own[0].name if asked and not needs_target else None
    model.parameters = tuple(fields)
    model.mappings = frozenset(p.name for p in own if hints[p.name] is Values)
    if issubclass(model, PointingArguments):
        model.required = needs_target
    return model


class Registry:
    """Actions by name.

    Args:
        on_page: The functions that need a browser page; the first argument of each is a Bench.
        elsewhere: The functions that need none.
    """

    def __init__(self, on_page: Iterable[Function], elsewhere: Iterable[Function] = ()) -> None:
        made = [make_action(function) for function in on_page]
        made += [make_action(function, on_page=False) for function in elsewhere]
        self.actions: Mapping[str, Action] = MappingProxyType({action.name: action for action in made})

    def __getitem__(self, name: str) -> Action:
        return self.actions[name]

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions.values())


def read_docstring(function: Function) -> tuple[str, dict[str, str]]:
    """Return the first line of a Google docstring and its arguments' descriptions."""
    written = inspect.getdoc(function) or ""
    _, _, arguments = written.partition("Args:\n")
    found = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", arguments, re.MULTILINE)
    return written.partition("\n")[0], {name: " ".join(told.split()) for name, told in found}


def _field(function: Function, parameter: inspect.Parameter, hint: Any, told: Mapping[str, str]) -> Any:
    if parameter.name not in told:
        raise TypeError(f"{function.__name__}: argument {parameter.name} is not described")
    table = dict[str, Template]
    kinds = {str: Template, Name: str, Columns: table, Values: table, Texts: tuple[Template, ...]}
    kind = kinds.get(hint, hint)
    empty = parameter.default is inspect.Parameter.empty
    if kind is table and not empty:
        return kind, Field(default_factory=dict, description=told[parameter.name])
    default: Any = ... if empty else parameter.default
    if hint is Texts and not empty:
        default = ()
    if kind is Template and not empty:
        default = Template(parameter.default, (parameter.default,) if parameter.default else ())
    return kind, Field(default, description=told[parameter.name])
