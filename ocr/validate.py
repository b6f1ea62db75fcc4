"""Check values against what they can be: types, lengths, check digits, dates, ranges, master data, and each other.

Used after reading and again by the review page, so a person's typing is held to the same rules. A finding never
changes a value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType

from backoffice.clock import TOKYO, utc_now
from backoffice.japanese.banks import find_bank, find_branch
from backoffice.japanese.check_digits import is_corporate_number, is_luhn, is_my_number
from backoffice.japanese.postal import Agreement, agreement, lookup
from ocr.alphabets import alphabet_of
from ocr.masters import field_lexicons, shared_masters
from ocr.reading import ILLEGIBLE, Finding
from ocr.template import AnyField, BoxField, ChoiceField, DateField, Form, MarkField, TimeField
from ocr.validate_rules import agreeing_rules, rule_findings
from ocr.validate_tables import needless_fields, table_findings

_DIGITS = re.compile(r"[0-9]+")
_LENGTHS = MappingProxyType({"bank": 4, "branch": 3})


def validate_values(form: Form, values: Mapping[str, str], today: date | None = None) -> list[Finding]:
    """Return everything that is wrong with the values of a form.

    Args:
        form: The form.
        values: Values in record form by field name; a missing one counts as empty.
        today: The day by which "not in the future" is judged; today in Tokyo by default.
    """
    day = today or utc_now().astimezone(TOKYO).date()
    needless = needless_fields(form, values)
    findings: list[Finding] = []
    for _, spec in form.fields():
        findings += _check_field(spec, values.get(spec.name, ""), day, spec.name in needless)
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
        checked = spec.kind in ("mynumber", "corporate_number")
        if (checked or getattr(spec, "check", None) == "luhn") and values.get(spec.name):
            chances[spec.name] = 0.15
        if isinstance(spec, BoxField) and spec.master:
            chances[spec.name] = 0.25
    chances |= agreeing_rules(form, values)
    for postal_name, postal, address_name, address in _postal_pairs(form, values):
        if postal and address and lookup(postal) and agreement(postal, address) is Agreement.TOWN:
            chances |= {postal_name: 0.1, address_name: 0.1}
    for columns in shared_masters(form).values():
        given = [name for name in columns if values.get(name)]
        chances |= dict.fromkeys(given, 0.05) if len(given) > 1 else {}
    return {name: chance for name, chance in chances.items() if name not in wrong}


def _check_field(spec: AnyField, value: str, today: date, needless: bool) -> Iterator[Finding]:
    if ILLEGIBLE in value:
        yield Finding(spec.name, "ocr.illegible")
    elif value == "" or (spec.kind in ("seal", "signature") and value == "empty"):
        if spec.required and spec.kind != "choices" and not needless:
            yield Finding(spec.name, "ocr.required_empty")
        elif isinstance(spec, ChoiceField) and not needless:
            yield from _check_choice(spec, value)
    elif isinstance(spec, ChoiceField):
        yield from _check_choice(spec, value)
    else:
        key = _CHECKS.get(spec.kind, _check_text)(spec, value)
        if key:
            yield Finding(spec.name, key, _shape_values(spec))
        else:
            yield from _check_range(spec, value, today)


def _check_choice(spec: ChoiceField, value: str) -> Iterator[Finding]:
    chosen = value.split("、") if value else []
    if any(part not in spec.options for part in chosen) or (spec.kind == "choice" and len(chosen) > 1):
        yield Finding(spec.name, "ocr.not_an_option", {"options": "、".join(spec.options)})
    elif spec.kind == "choices" and len(chosen) < spec.least:
        yield Finding(spec.name, "ocr.too_few_options", {"least": spec.least})
    elif spec.kind == "choices" and spec.most is not None and len(chosen) > spec.most:
        yield Finding(spec.name, "ocr.too_many_options", {"most": spec.most})


def _check_range(spec: AnyField, value: str, today: date) -> Iterator[Finding]:
    """Hold a well-formed value to the range, the pattern and the check digit that its field declares."""
    pattern = getattr(spec, "pattern", None)
    if pattern and not re.fullmatch(pattern, value):
        yield Finding(spec.name, "ocr.pattern_unmatched")
    if isinstance(spec, BoxField):
        if spec.check == "luhn" and not is_luhn(value):
            yield Finding(spec.name, "ocr.check_digit_wrong")
        number = Decimal(value) if spec.min is not None or spec.max is not None else Decimal(0)
        if spec.min is not None and number < Decimal(str(spec.min)):
            yield Finding(spec.name, "ocr.below_range", {"least": f"{spec.min:g}"})
        if spec.max is not None and number > Decimal(str(spec.max)):
            yield Finding(spec.name, "ocr.above_range", {"most": f"{spec.max:g}"})
    elif isinstance(spec, DateField):
        yield from _check_days(spec, date.fromisoformat(value), today)
    elif isinstance(spec, TimeField):
        at = time.fromisoformat(value)
        if spec.earliest and at < spec.earliest:
            yield Finding(spec.name, "ocr.below_range", {"least": f"{spec.earliest:%H:%M}"})
        if spec.latest and at > spec.latest:
            yield Finding(spec.name, "ocr.above_range", {"most": f"{spec.latest:%H:%M}"})


def _check_days(spec: DateField, day: date, today: date) -> Iterator[Finding]:
    if spec.past and day > today:
        yield Finding(spec.name, "ocr.in_the_future")
    if spec.earliest and day < spec.earliest:
        yield Finding(spec.name, "ocr.below_range", {"least": spec.earliest.isoformat()})
    if spec.latest and day > spec.latest:
        yield Finding(spec.name, "ocr.above_range", {"most": spec.latest.isoformat()})


def _shape_values(spec: AnyField) -> dict[str, object]:
    cells = _LENGTHS.get(spec.kind) or getattr(spec, "cell_count", 0)
    names = "、".join(spec.marks.values()) if isinstance(spec, MarkField) else ""
    return {"cells": cells, "decimals": getattr(spec, "decimals", 0), "options": names}


def _check_digits(spec: AnyField, value: str) -> str:
    if not _DIGITS.fullmatch(value):
        return "ocr.not_digits"
    cells = _LENGTHS.get(spec.kind) or getattr(spec, "cell_count", 0)
    return "ocr.wrong_length" if cells and len(value) != cells else ""


def _check_account(spec: AnyField, value: str) -> str:
    cells = getattr(spec, "cell_count", 0) or 7
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


def _check_time(spec: AnyField, value: str) -> str:
    return "" if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value) else "ocr.no_such_time"


def _check_mark(spec: AnyField, value: str) -> str:
    return "" if isinstance(spec, MarkField) and value in spec.marks.values() else "ocr.not_an_option"


def _check_text(spec: AnyField, value: str) -> str:
    allowed = getattr(spec, "alphabet", None)
    if allowed is None and spec.kind in ("katakana", "hiragana", "kana", "alnum"):
        allowed = alphabet_of(spec.kind)
    return "ocr.not_in_alphabet" if allowed and any(c not in allowed and c != "　" for c in value) else ""


_CHECKS: Mapping[str, Callable[[AnyField, str], str]] = MappingProxyType(
    {
        "digits": _check_digits,
        "bank": _check_digits,
        "branch": _check_digits,
        "account": _check_account,
        "mynumber": _check_my_number,
        "corporate_number": _check_corporate_number,
        "postal": _check_postal,
        "phone": _check_phone,
        "amount": _check_amount,
        "decimal": _check_decimal,
        "date": _check_date,
        "time": _check_time,
        "mark": _check_mark,
        **dict.fromkeys(("seal", "signature", "checkbox", "barcode"), lambda spec, value: ""),
    }
)


def _check_across(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    yield from table_findings(form, values)
    yield from _check_masters(form, values)
    yield from _check_lists(form, values)
    yield from rule_findings(form, values)
    for postal_name, postal, address_name, address in _postal_pairs(form, values):
        if postal and address and lookup(postal) and agreement(postal, address) is Agreement.NONE:
            yield Finding(address_name, "ocr.address_not_at_postal", {"postal": postal_name})
            yield Finding(postal_name, "ocr.address_not_at_postal", {"postal": postal_name})


def _check_masters(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    before = ""
    for _, spec in form.fields():
        if not isinstance(spec, BoxField) or not spec.master:
            continue
        value = values.get(spec.name, "")
        if spec.master == "bank":
            before = value
            if value and find_bank(value) is None:
                yield Finding(spec.name, "ocr.bank_unknown")
            continue
        bank = values.get(spec.bank, "") if spec.bank else before
        if value and find_bank(bank) is not None and find_branch(bank, value) is None:
            yield Finding(spec.name, "ocr.branch_unknown")


def _check_lists(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    """Find values that their list does not hold, and values of one master file that stand in no common row."""
    for name, lexicon in field_lexicons(form).items():
        if values.get(name) and lexicon.entry(values[name]) is None:
            yield Finding(name, "ocr.not_in_lexicon", {"list": lexicon.name})
    for master, columns in shared_masters(form).items():
        given = {name: column for name, column in columns.items() if values.get(name)}
        if not master.holds({column: values[name] for name, column in given.items()}):
            for name in given:
                others = "、".join(other for other in given if other != name)
                yield Finding(name, "ocr.not_one_row", {"others": others})


def _postal_pairs(form: Form, values: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name and value of the postal field and of the address field when the form has exactly one of each."""
    postal = [spec.name for _, spec in form.fields() if spec.kind == "postal"]
    address = [spec.name for _, spec in form.fields() if spec.kind == "address"]
    if len(postal) == 1 and len(address) == 1 and re.fullmatch(r"[0-9]{7}", values.get(postal[0], "")):
        yield postal[0], values[postal[0]], address[0], values.get(address[0], "")
