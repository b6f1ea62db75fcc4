"""Check values against what they can be: types, lengths, check digits, dates, master data, and each other.

Used after reading and again by the review page, so a person's typing is held to the same rules. A finding never
changes a value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from backoffice.japanese.banks import find_bank, find_branch
from backoffice.japanese.check_digits import is_corporate_number, is_my_number
from backoffice.japanese.postal import Agreement, agreement, lookup
from ocr.alphabets import alphabet_of
from ocr.reading import ILLEGIBLE, Finding
from ocr.template import AnyField, BoxField, ChoiceField, Form

_DIGITS = re.compile(r"[0-9]+")


def validate_values(form: Form, values: Mapping[str, str]) -> list[Finding]:
    """Return everything that is wrong with the values of a form.

    Args:
        form: The form.
        values: Values in record form by field name; a missing one counts as empty.
    """
    findings: list[Finding] = []
    for _, spec in form.fields():
        value = values.get(spec.name, "")
        findings += _check_field(spec, value)
    wrong = {finding.field for finding in findings}
    findings += [finding for finding in _check_across(form, values) if finding.field not in wrong]
    return findings


def agreeing_fields(form: Form, values: Mapping[str, str]) -> dict[str, float]:
    """Return the fields whose value is borne out by others, with how often chance would do the same.

    A right check digit is passed by a wrong number in about one of ten misreadings (one digit off, mod 11: none; two
    off: 1 in 11), known master data and a right sum far more rarely. The chances are taken on the safe side.
    """
    chances: dict[str, float] = {}
    wrong = {finding.field for finding in validate_values(form, values)}
    for _, spec in form.fields():
        if spec.kind in ("mynumber", "corporate_number") and values.get(spec.name):
            chances[spec.name] = 0.15
        if isinstance(spec, BoxField) and spec.check:
            chances[spec.name] = 0.25
    for rule in form.rules:
        if all(values.get(name, "").isdigit() for name in rule.names()):
            chances |= dict.fromkeys(rule.names(), 0.05)
    for _, postal, _, address in _postal_pairs(form, values):
        if postal and address and lookup(postal) and agreement(postal, address) is Agreement.TOWN:
            names = [name for name, *_ in _postal_names(form)] + [name for _, name in _postal_names(form)]
            chances |= dict.fromkeys(names, 0.1)
    return {name: chance for name, chance in chances.items() if name not in wrong}


def _check_field(spec: AnyField, value: str) -> Iterator[Finding]:
    if ILLEGIBLE in value:
        yield Finding(spec.name, "ocr.illegible")
    elif value == "" or (spec.kind in ("seal", "signature") and value == "empty"):
        if spec.required and spec.kind != "choices":
            yield Finding(spec.name, "ocr.required_empty")
    elif isinstance(spec, ChoiceField):
        unknown = [part for part in value.split("、") if part not in spec.options]
        if unknown or (spec.kind == "choice" and "、" in value):
            yield Finding(spec.name, "ocr.not_an_option", {"options": "、".join(spec.options)})
    else:
        check = _CHECKS.get(spec.kind, _check_text)
        key = check(spec, value)
        if key:
            yield Finding(spec.name, key, _shape_values(spec))


def _shape_values(spec: AnyField) -> dict[str, object]:
    return {"cells": getattr(spec, "cells", None) or 0, "decimals": getattr(spec, "decimals", 0)}


def _check_digits(spec: AnyField, value: str) -> str:
    if not _DIGITS.fullmatch(value):
        return "ocr.not_digits"
    cells = getattr(spec, "cells", None)
    return "ocr.wrong_length" if cells and len(value) != cells else ""


def _check_account(spec: AnyField, value: str) -> str:
    cells = getattr(spec, "cells", None) or 7
    return "" if _DIGITS.fullmatch(value) and len(value) <= cells else "ocr.not_digits"


def _check_my_number(spec: AnyField, value: str) -> str:
    return "" if is_my_number(value) else "ocr.check_digit_wrong"


def _check_corporate_number(spec: AnyField, value: str) -> str:
    return "" if is_corporate_number(value) else "ocr.check_digit_wrong"


def _check_postal(spec: AnyField, value: str) -> str:
    if not re.fullmatch(r"[0-9]{7}", value):
        return "ocr.postal_wrong"
    return "" if lookup(value) else "ocr.postal_unknown"


def _check_phone(spec: AnyField, value: str) -> str:
    return "" if re.fullmatch(r"0[1-9][0-9]{8,9}", value) else "ocr.phone_wrong"


def _check_amount(spec: AnyField, value: str) -> str:
    return "" if re.fullmatch(r"0|[1-9][0-9]*", value) else "ocr.amount_wrong"


def _check_decimal(spec: AnyField, value: str) -> str:
    decimals = getattr(spec, "decimals", 1)
    return "" if re.fullmatch(rf"[0-9]+\.[0-9]{{{decimals}}}", value) else "ocr.decimal_wrong"


def _check_date(spec: AnyField, value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "ocr.no_such_day"
    return "" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else "ocr.no_such_day"


def _check_text(spec: AnyField, value: str) -> str:
    allowed = getattr(spec, "alphabet", None)
    if allowed is None and spec.kind in ("katakana", "hiragana", "alnum"):
        allowed = alphabet_of(spec.kind)
    return "ocr.not_in_alphabet" if allowed and any(c not in allowed and c != "　" for c in value) else ""


_CHECKS: Mapping[str, Callable[[AnyField, str], str]] = {
    "digits": _check_digits,
    "account": _check_account,
    "mynumber": _check_my_number,
    "corporate_number": _check_corporate_number,
    "postal": _check_postal,
    "phone": _check_phone,
    "amount": _check_amount,
    "decimal": _check_decimal,
    "date": _check_date,
    "seal": lambda spec, value: "",
    "signature": lambda spec, value: "",
    "checkbox": lambda spec, value: "",
    "mark": lambda spec, value: "",
}


def _check_across(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    yield from _check_masters(form, values)
    for rule in form.rules:
        amounts = [values.get(name, "") for name in rule.names()]
        if all(_DIGITS.fullmatch(amount) for amount in amounts):
            *parts, total = map(int, amounts)
            if sum(parts) != total:
                for name in rule.names():
                    yield Finding(name, "ocr.sum_wrong", {"parts": "+".join(rule.sum), "total": rule.equals})
    for postal_name, postal, address_name, address in _postal_pairs(form, values):
        if postal and address and lookup(postal) and agreement(postal, address) is Agreement.NONE:
            yield Finding(address_name, "ocr.address_not_at_postal", {"postal": postal_name})
            yield Finding(postal_name, "ocr.address_not_at_postal", {"postal": postal_name})


def _check_masters(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    bank = ""
    for _, spec in form.fields():
        if not isinstance(spec, BoxField) or not spec.check or not values.get(spec.name):
            continue
        value = values[spec.name]
        if spec.check == "bank":
            bank = value
            if find_bank(value) is None:
                yield Finding(spec.name, "ocr.bank_unknown")
        elif find_bank(bank) is not None and find_branch(bank, value) is None:
            yield Finding(spec.name, "ocr.branch_unknown")


def _postal_names(form: Form) -> list[tuple[str, str]]:
    """Return the pair (postal field, address field) when the form has exactly one of each."""
    postal = [spec.name for _, spec in form.fields() if spec.kind == "postal"]
    address = [spec.name for _, spec in form.fields() if spec.kind == "address"]
    return [(postal[0], address[0])] if len(postal) == 1 and len(address) == 1 else []


def _postal_pairs(form: Form, values: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    for postal, address in _postal_names(form):
        code = values.get(postal, "")
        if re.fullmatch(r"[0-9]{7}", code):
            yield postal, code, address, values.get(address, "")
