"""Rules across the fields of a form: sums, order, who must be filled when.

Each rule is one line of `rules:`, known by its first word: `{sum: [a, b], equals: c}`. A name may be that of a field,
or `TABLE.COLUMN` for a column of a table: in a sum that equals a plain field all its rows count; any other rule with
columns holds in each filled row.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from backoffice.declarations import Part, refuse
from backoffice.suggest import did_you_mean


class Condition(Part):
    """When a rule holds: a field has one of some values, or is filled, or is empty."""

    field: str = Field(description="The field looked at.")
    is_: str | tuple[str, ...] | None = Field(None, alias="is", description="Its value, or one of a list.")
    filled: bool | None = Field(None, description="true: it is filled; false: it is empty.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Condition":
        if (self.is_ is None) == (self.filled is None):
            raise refuse("ocr.condition_wrong", name=self.field)
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The values at which the rule holds; empty for `filled`."""
        return (self.is_,) if isinstance(self.is_, str) else (self.is_ or ())

    def holds(self, value: str) -> bool:
        """Say whether the rule is to be looked at, given the field's value ("、" joins several options)."""
        if self.filled is not None:
            return (value not in ("", "empty")) == self.filled
        return any(one in self.values for one in (value, *value.split("、")))


class RuleBase(Part):
    """What every rule may say."""

    when: Condition | None = Field(None, description="The rule holds only then.")
    message: str | None = Field(
        None, max_length=200, description="What a person is told instead of the usual words."
    )

    def names(self) -> list[str]:
        """Return the names that the rule itself speaks of, its condition left out."""
        raise NotImplementedError


class SumRule(RuleBase):
    """Amounts of several fields must add up to another field."""

    sum: tuple[str, ...] = Field(
        min_length=1, description="Fields or table columns to add; an empty one is 0."
    )
    equals: str = Field(description="The field that holds their sum.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return [*self.sum, self.equals]


class ProductRule(RuleBase):
    """Numbers must multiply to another field: quantity and unit price to an amount."""

    product: tuple[str, ...] = Field(min_length=2, description="Fields to multiply.")
    equals: str = Field(description="The field that holds the product.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return [*self.product, self.equals]


class OrderRule(RuleBase):
    """Dates, times or numbers must not go back."""

    order: tuple[str, ...] = Field(
        min_length=2, description="Fields from the earliest (least) to the latest."
    )
    strict: bool = Field(False, description="Equal values are wrong too.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.order)


class SameRule(RuleBase):
    """Several fields must say the same."""

    same: tuple[str, ...] = Field(min_length=2, description="Fields with the same value.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.same)


class DifferRule(RuleBase):
    """No two of several fields may say the same."""

    differ: tuple[str, ...] = Field(min_length=2, description="Fields with different values.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.differ)


class RequiredWhenRule(RuleBase):
    """Fields that must be filled when another field says so."""

    required: tuple[str, ...] = Field(min_length=1, description="Fields that must be filled (with `when`).")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.required)


class EmptyWhenRule(RuleBase):
    """Fields that must stay empty when another field says so."""

    empty: tuple[str, ...] = Field(min_length=1, description="Fields that must be empty (with `when`).")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.empty)


class OneOfRule(RuleBase):
    """Exactly one of several fields must be filled."""

    one_of: tuple[str, ...] = Field(min_length=2, description="Fields of which exactly one is filled.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.one_of)


class AnyOfRule(RuleBase):
    """At least one of several fields must be filled."""

    any_of: tuple[str, ...] = Field(min_length=2, description="Fields of which at least one is filled.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return list(self.any_of)


RULE_WORDS = ("sum", "product", "order", "same", "differ", "required", "empty", "one_of", "any_of")


def _word(rule: Any) -> str | None:
    """Return the word that a rule is known by."""
    if isinstance(rule, RuleBase):
        said: Sequence[str] = list(type(rule).model_fields)
    else:
        said = list(rule) if isinstance(rule, dict) else []
    return next((word for word in RULE_WORDS if word in said), None)


def _known_word(rule: Any) -> Any:
    """Refuse a rule without any known word, with the nearest ones."""
    if _word(rule) is None:
        said = [str(key) for key in rule if key not in ("when", "message", "equals", "strict")]
        hint = did_you_mean(said[0] if said else "", RULE_WORDS)
        raise refuse("ocr.rule_unknown", word=said[0] if said else "-", hint=hint)
    return rule


Rule = Annotated[
    Annotated[SumRule, Tag("sum")]
    | Annotated[ProductRule, Tag("product")]
    | Annotated[OrderRule, Tag("order")]
    | Annotated[SameRule, Tag("same")]
    | Annotated[DifferRule, Tag("differ")]
    | Annotated[RequiredWhenRule, Tag("required")]
    | Annotated[EmptyWhenRule, Tag("empty")]
    | Annotated[OneOfRule, Tag("one_of")]
    | Annotated[AnyOfRule, Tag("any_of")],
    Discriminator(_word),
    BeforeValidator(_known_word),
]
