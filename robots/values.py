"""Values in a robot: `${item.氏名}`, `${target.townoffice}`, `${today | wareki}`. Places to fill in, never code.

A text is taken apart once, when the robot is loaded; a wrong place or an unknown filter is told there, with its
line. At run time only the filling in is left.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from backoffice.clock import TOKYO
from backoffice.declarations import refuse
from backoffice.messages import text
from backoffice.suggest import did_you_mean
from robots.errors import ValueUnfit
from robots.filters import FILTERS

NAMED_PLACES = ("item", "target", "result", "set", "folder", "argument", "parameter", "each")
"""Places that go on with a name of the town's own: `${item.氏名}`."""
FIXED_PLACES = ("today", "each", "run.id", "done.at")
"""Places that are complete: `${today}`."""

_PLACE = re.compile(r"\$\{([^{}]*)\}")
_WIDE_PLACE = re.compile(r"[$＄]｛|＄\{")
"""How a place looks that was typed with the Japanese input method on; it would be taken for words of the page."""


@dataclass(frozen=True)
class Reference:
    """One `${…}`: where the value comes from and what is done to it.

    Attributes:
        place: One of NAMED_PLACES or of FIXED_PLACES; `each` may stand with and without a name.
        name: The name after the dot; empty for a fixed place.
        filters: Names and arguments, in order.
    """

    place: str
    name: str
    filters: tuple[tuple[str, str | None], ...] = ()

    @property
    def written(self) -> str:
        """The place as it stands in the robot, without filters."""
        return f"{self.place}.{self.name}" if self.name else self.place


@dataclass(frozen=True)
class Scope:
    """What the places stand for at one moment of a run.

    Attributes:
        item: The record of the item at hand; None outside of items.
        targets: Name → URL of the target systems.
        today: Today in Tokyo.
        run_id: The run.
        result: What was read from the target for this item.
        variables: What `set` steps remembered.
        each: The present value of `for_each`.
        row: The present row of `for_each_row`.
        folders: Name → path of the folders that robots may use.
        arguments: What a `call` step gave to the routine at hand.
        parameters: What the job gave to this run.
        done_at: When the item became done (only in lists).
        personal: Names of the record's fields that are personal.
    """

    item: Mapping[str, str] | None
    targets: Mapping[str, str]
    today: date
    run_id: str = ""
    result: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    each: str | None = None
    row: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    done_at: datetime | None = None
    personal: frozenset[str] = frozenset()

    def is_private(self, reference: Reference) -> bool:
        """Say whether a place may hold a personal value; what was read or remembered counts as personal."""
        if reference.place == "item":
            return reference.name in self.personal
        return reference.place in ("result", "set", "each", "argument")

    def with_each(self, value: str) -> "Scope":
        """Return the scope with a value of `for_each`."""
        return replace(self, each=value)

    def with_row(self, row: Mapping[str, str]) -> "Scope":
        """Return the scope with a row of `for_each_row`."""
        return replace(self, row=row)

    def look_up(self, reference: Reference) -> str | None:
        """Return the raw value of a place; None when there is none at this moment."""
        match reference.place:
            case "item":
                return None if self.item is None else self.item.get(reference.name)
            case "target":
                return self.targets.get(reference.name, "").rstrip("/") or None
            case "result":
                return self.result.get(reference.name)
            case "set":
                return self.variables.get(reference.name)
            case "today":
                return self.today.isoformat()
            case "folder":
                return self.folders.get(reference.name)
            case "argument":
                return self.arguments.get(reference.name)
            case "parameter":
                return self.parameters.get(reference.name)
            case "each":
                return self.row.get(reference.name) if reference.name else self.each
            case "run.id":
                return self.run_id
            case _:
                return f"{self.done_at.astimezone(TOKYO):%Y-%m-%d %H:%M}" if self.done_at else None

    def names(self, place: str) -> set[str]:
        """Return the names that a named place has now."""
        known = {
            "item": self.item or {},
            "target": self.targets,
            "result": self.result,
            "set": self.variables,
            "folder": self.folders,
            "argument": self.arguments,
            "parameter": self.parameters,
            "each": self.row,
        }
        return set(known.get(place, {}))


@dataclass(frozen=True)
class Template:
    """A text with places to fill in.

    Attributes:
        text: As written.
        parts: Fixed text and references in turn.
    """

    text: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The places in it."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    def fill(self, scope: Scope) -> str:
        """Return the text with every place filled in.

        Raises:
            ValueUnfit: A place has no value, or a filter cannot take its value. The value itself is not told.
        """
        return "".join(part if isinstance(part, str) else _value(part, scope) for part in self.parts)

    def is_private(self, scope: Scope) -> bool:
        """Say whether the filled text may hold a personal value."""
        return any(scope.is_private(reference) for reference in self.references)

    def show(self, scope: Scope) -> str:
        """Return the filled text as evidence may show it: of a personal one only its length."""
        filled = self.fill(scope)
        return masked(filled) if self.is_private(scope) else filled

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic read a template from text (and show it as text in the JSON Schema)."""
        return core_schema.no_info_after_validator_function(
            read_template, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )

    def __str__(self) -> str:
        return self.text


def masked(value: str) -> str:
    """Return what evidence tells of a value that must not be shown."""
    return text("robots.masked", length=len(value))


def read_template(written: str) -> Template:
    """Take a text apart.

    Raises:
        PydanticCustomError: An unclosed place, an unknown place or an unknown filter, with the nearest names.
    """
    parts: list[str | Reference] = []
    end = 0
    for found in _PLACE.finditer(written):
        parts.extend(_fixed(written[end : found.start()]))
        parts.append(_reference(found[1]))
        end = found.end()
    parts.extend(_fixed(written[end:]))
    return Template(written, tuple(parts))


def _fixed(written: str) -> list[str]:
    wide = _WIDE_PLACE.search(written)
    if wide is not None:
        raise refuse("robots.place_wide", text=wide[0])
    if "${" in written:
        raise refuse("robots.place_not_closed", text=written[written.index("${") :][:30])
    return [written] if written else []


def _reference(inner: str) -> Reference:
    head, *filters = (part.strip() for part in inner.split("|"))
    place, _, name = head.partition(".")
    steps = tuple(_filter(written) for written in filters)
    if head in FIXED_PLACES:
        return Reference(head, "", steps)
    if place in NAMED_PLACES and name:
        return Reference(place, name, steps)
    hint = did_you_mean(place, (*FIXED_PLACES, *NAMED_PLACES))
    raise refuse("robots.place_unknown", place=head, hint=hint)


def _filter(written: str) -> tuple[str, str | None]:
    name, colon, argument = (part.strip() for part in written.partition(":"))
    if name not in FILTERS:
        raise refuse("robots.filter_unknown", filter=name, hint=did_you_mean(name, FILTERS))
    if FILTERS[name].takes_argument and not colon:
        raise refuse("robots.filter_argument_missing", filter=name)
    if colon and not FILTERS[name].takes_argument:
        raise refuse("robots.filter_argument_needless", filter=name)
    return name, argument if colon else None


def _value(reference: Reference, scope: Scope) -> str:
    value = scope.look_up(reference)
    for name, argument in reference.filters:
        try:
            value = FILTERS[name].apply(value, argument)
        except ValueError as error:
            raise ValueUnfit("robots.value_unfit", where=reference.written, filter=name) from error
    if value is None:
        hint = did_you_mean(reference.name, scope.names(reference.place))
        raise ValueUnfit("robots.value_missing", where=reference.written, hint=hint)
    return value
