"""What a submitted registration page says: the value of each field, or why it cannot be registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from samples.townoffice.businesses import Business, Field, Kind, Widget
from samples.townoffice.checks import WrongEntry, check_value

Submitted = Mapping[str, tuple[str, ...]]
"""What the browser sent, by HTML name; several values for check boxes."""


@dataclass(frozen=True)
class Entry:
    """A read page.

    Attributes:
        submitted: As sent, to fill the page again.
        values: Stored values by label; only those that passed.
        errors: Messages by label, in the order of the page.
    """

    submitted: Submitted
    values: Mapping[str, str]
    errors: Mapping[str, str]


def read_entry(business: Business, submitted: Submitted, today: date) -> Entry:
    """Check all fields of a submitted page, then the rules across fields."""
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for field in business.fields:
        try:
            values[field.label] = check_value(field, typed_value(field, submitted), today)
        except WrongEntry as wrong:
            errors[field.label] = str(wrong)
    errors.update(_broken_sums(business, values))
    return Entry(submitted, values, errors)


def typed_value(field: Field, submitted: Submitted) -> str:
    """One field as one text: option names for choices, ``昭和50年1月31日`` for era boxes."""
    if field.widget is Widget.ERA_BOXES:
        return _from_era_boxes(field, submitted)
    sent = submitted.get(field.name, ())
    if field.kind is Kind.PRESENCE:
        return "present" if sent else "empty"
    if field.options:
        return "、".join(_option_name(field, code) for code in sorted(sent) if code)
    return sent[0] if sent else ""


def _option_name(field: Field, code: str) -> str:
    known = code.isascii() and code.isdigit() and 1 <= int(code) <= len(field.options)
    return field.options[int(code) - 1] if known else code


def _from_era_boxes(field: Field, submitted: Submitted) -> str:
    names = (f"{field.name}_{part}" for part in ("era", "year", "month", "day"))
    era, year, month, day = (next(iter(submitted.get(name, ())), "").strip() for name in names)
    if not (era or year or month or day):
        return ""
    name = field.options[int(era) - 1] if era in map(str, range(1, len(field.options) + 1)) else era
    return f"{name}{year}年{month}月{day}日"


def _broken_sums(business: Business, values: Mapping[str, str]) -> dict[str, str]:
    broken: dict[str, str] = {}
    for rule in business.sums:
        if all(label in values for label in (*rule.parts, rule.total)):
            found = sum(int(values[label]) for label in rule.parts)
            if found != int(values[rule.total]):
                broken[rule.total] = f"{rule.total}が{'と'.join(rule.parts)}の合計と一致しません。"
    return broken
