"""Hold values to the rules across fields that a form declares."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from math import prod
from typing import Any

from ocr.reading import ILLEGIBLE, Finding
from ocr.template import Form
from ocr.template_rules import (
    AnyOfRule,
    DifferRule,
    EmptyWhenRule,
    OneOfRule,
    OrderRule,
    ProductRule,
    RequiredWhenRule,
    RuleBase,
    SameRule,
    SumRule,
)
from ocr.validate_tables import NO_VALUE, is_filled

BORNE_OUT = 0.05
"""How often a wrong reading would still add up, on the safe side."""


@dataclass(frozen=True)
class Bound:
    """A rule with the names that it speaks of at one place: once in the form, or once in each row of a table.

    Attributes:
        rule: The rule.
        fields: The fields in record form behind every name of the rule.
        values: Every value of the form.
        optional: Fields that may be empty, so that an empty one counts as nought.
    """

    rule: Any
    fields: Mapping[str, Sequence[str]]
    values: Mapping[str, str]
    optional: frozenset[str]

    def names(self, written: Sequence[str]) -> list[str]:
        """Return the fields behind some of the rule's names."""
        return [name for word in written for name in self.fields[word]]

    def value(self, name: str) -> str:
        """Return a value, "" for nothing."""
        found = self.values.get(name, "")
        return "" if found in NO_VALUE else found

    def filled(self, written: Sequence[str]) -> list[str]:
        """Return those of some fields that are filled."""
        return [name for name in self.names(written) if self.value(name)]

    def number(self, name: str) -> Decimal | None:
        """Return a value as a number, nought for an empty field that may be empty, None for anything else."""
        value = self.value(name)
        if not value and name in self.optional:
            return Decimal(0)
        try:
            return Decimal(value)
        except InvalidOperation:
            return None

    def holds(self) -> bool:
        """Say whether the rule's condition is met; an illegible condition meets nothing."""
        when = self.rule.when
        if when is None:
            return True
        value = self.values.get(self.fields[when.field][0], "")
        return ILLEGIBLE not in value and bool(when.holds(value))


def rule_findings(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what the rules of a form find."""
    for rule in form.rules:
        for bound in bindings(form, rule, values):
            if bound.holds():
                for finding in _CHECKS[type(rule)](bound):
                    yield _in_own_words(finding, rule)


def agreeing_rules(form: Form, values: Mapping[str, str]) -> dict[str, float]:
    """Return the fields that a sum or product bears out, with how often chance would do the same."""
    chances: dict[str, float] = {}
    for rule in form.rules:
        if not isinstance(rule, SumRule | ProductRule):
            continue
        for bound in bindings(form, rule, values):
            sides = _sides(bound)
            if bound.holds() and sides is not None and sides[0] == sides[1] and bound.filled([rule.equals]):
                chances |= dict.fromkeys(bound.filled(rule.names()), BORNE_OUT)
    return chances


def bindings(form: Form, rule: RuleBase, values: Mapping[str, str]) -> list[Bound]:
    """Return a rule once for the form, or once for each filled row of the table whose columns it names."""
    rows = form.table_rows()
    columns = {f"{row.table.name}.{column}" for row in rows for column in row.fields}
    every = {
        name: [row.fields[name.partition(".")[2]] for row in rows if name.startswith(f"{row.table.name}.")]
        for name in columns
    }
    words = [*rule.names(), *([rule.when.field] if rule.when else [])]
    named = [word for word in words if word in columns]
    optional = frozenset(name for names in every.values() for name in names) | frozenset(
        spec.name for _, spec in form.fields() if not spec.required
    )
    whole = {word: every.get(word, [word]) for word in words}
    if not named or (isinstance(rule, SumRule) and rule.equals not in columns):
        return [Bound(rule, whole, values, optional)]
    table = named[0].partition(".")[0]
    return [
        Bound(rule, {**whole, **{f"{table}.{c}": [name] for c, name in row.fields.items()}}, values, optional)
        for row in rows
        if row.table.name == table and is_filled(row, values)
    ]


def _in_own_words(finding: Finding, rule: RuleBase) -> Finding:
    return Finding(finding.field, "ocr.rule_message", {"message": rule.message}) if rule.message else finding


def _sides(bound: Bound) -> tuple[Decimal, Decimal] | None:
    """Return both sides of a sum or product; None when a number is missing or the result was left empty."""
    rule = bound.rule
    parts = rule.sum if isinstance(rule, SumRule) else rule.product
    numbers = [bound.number(name) for name in bound.names(parts)]
    total_name = bound.names([rule.equals])[0]
    total = bound.number(total_name) if bound.value(total_name) else None
    known = [number for number in numbers if number is not None]
    if total is None or len(known) < len(numbers):
        return None
    return (sum(known, Decimal(0)) if isinstance(rule, SumRule) else prod(known, start=Decimal(1))), total


def _check_total(bound: Bound) -> Iterator[Finding]:
    sides = _sides(bound)
    if sides is None or sides[0] == sides[1]:
        return
    rule = bound.rule
    is_sum = isinstance(rule, SumRule)
    joined = "+".join(rule.sum) if is_sum else "×".join(rule.product)
    key = "ocr.sum_wrong" if is_sum else "ocr.product_wrong"
    for name in [*bound.filled(rule.names())]:
        yield Finding(name, key, {"parts": joined, "total": rule.equals})


def _check_order(bound: Bound) -> Iterator[Finding]:
    names = bound.filled(bound.rule.order)
    for before, after in pairwise(names):
        first, second = _comparable(bound, before), _comparable(bound, after)
        if first is None or second is None or first[0] != second[0]:
            continue
        if first > second or (bound.rule.strict and first == second):
            for name in (before, after):
                yield Finding(name, "ocr.order_wrong", {"before": before, "after": after})


def _comparable(bound: Bound, name: str) -> tuple[str, Any] | None:
    """Return a value that can be put in order with others of its sort; None for an illegible one."""
    value = bound.value(name)
    if ILLEGIBLE in value:
        return None
    number = bound.number(name)
    return ("number", number) if number is not None else ("text", value)


def _check_same(bound: Bound) -> Iterator[Finding]:
    names = bound.filled(bound.rule.same)
    if len({bound.value(name) for name in names}) > 1:
        for name in names:
            yield Finding(name, "ocr.not_the_same", {"fields": "、".join(bound.rule.same)})


def _check_differ(bound: Bound) -> Iterator[Finding]:
    names = bound.filled(bound.rule.differ)
    seen = [bound.value(name) for name in names]
    for name in names:
        if seen.count(bound.value(name)) > 1:
            yield Finding(name, "ocr.not_different", {"fields": "、".join(bound.rule.differ)})


def _check_required(bound: Bound) -> Iterator[Finding]:
    for name in bound.names(bound.rule.required):
        if not bound.value(name):
            yield Finding(name, "ocr.required_when", {"condition": _condition(bound)})


def _check_empty(bound: Bound) -> Iterator[Finding]:
    for name in bound.filled(bound.rule.empty):
        yield Finding(name, "ocr.empty_when", {"condition": _condition(bound)})


def _check_one_of(bound: Bound) -> Iterator[Finding]:
    if len(bound.filled(bound.rule.one_of)) != 1:
        for name in bound.names(bound.rule.one_of):
            yield Finding(name, "ocr.not_one_of", {"fields": "、".join(bound.rule.one_of)})


def _check_any_of(bound: Bound) -> Iterator[Finding]:
    if not bound.filled(bound.rule.any_of):
        for name in bound.names(bound.rule.any_of):
            yield Finding(name, "ocr.none_of", {"fields": "、".join(bound.rule.any_of)})


def _condition(bound: Bound) -> str:
    """Return the condition as the form writes it: 支払方法=口座振替; the value itself is the form's own word."""
    when = bound.rule.when
    if when is None:
        return "-"
    return f"{when.field}={'/'.join(when.values)}" if when.values else when.field


_CHECKS: Mapping[type[RuleBase], Callable[[Bound], Iterator[Finding]]] = {
    SumRule: _check_total,
    ProductRule: _check_total,
    OrderRule: _check_order,
    SameRule: _check_same,
    DifferRule: _check_differ,
    RequiredWhenRule: _check_required,
    EmptyWhenRule: _check_empty,
    OneOfRule: _check_one_of,
    AnyOfRule: _check_any_of,
}
