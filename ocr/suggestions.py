"""What master data offer while a person types a value: the address of a postal code, a bank by its name, a list.

Nothing is put in by itself: a suggestion is a value that the person may take. An address keeps the number that was read
or typed behind its place. The reading of a name is offered only where a town's own list has both in one row; no
dictionary knows how a citizen reads their name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from backoffice.japanese.banks import find_bank, find_branch, search_banks, search_branches
from backoffice.japanese.postal import lookup
from ocr.masters import field_lexicons, shared_masters, without_spaces
from ocr.template import AnyField, BoxField, Form

MOST = 8
"""So many suggestions are offered: more are not read any more."""
_NUMBER = re.compile(r"[0-9０-９].*$")


@dataclass(frozen=True)
class Suggestion:
    """One value that may be taken.

    Attributes:
        value: As the record keeps it.
        label: As it is shown; the value with what it stands for.
    """

    value: str
    label: str


def has_master(spec: AnyField) -> bool:
    """Say whether there are master data for a field."""
    return spec.kind == "address" or (isinstance(spec, BoxField) and bool(spec.master or spec.lexicon))


def suggestions(form: Form, name: str, values: Mapping[str, str]) -> list[Suggestion]:
    """Return what may be taken for a field.

    Args:
        form: The form.
        name: The field.
        values: Every value as it stands now, the one being typed included.

    Raises:
        KeyError: The form has no such field.
        MasterWrong: A list in configs/masters cannot be understood.
    """
    spec = form.field(name)
    typed = values.get(name, "").strip()
    found = _of(form, spec, typed, values)
    told = dict.fromkeys(one for one in found if one.value != typed)
    return list(told)[:MOST]


def _of(form: Form, spec: AnyField, typed: str, values: Mapping[str, str]) -> Iterable[Suggestion]:
    if spec.kind == "address":
        return _addresses(form, spec, typed, values)
    if isinstance(spec, BoxField) and spec.master == "bank":
        return _banks(typed)
    if isinstance(spec, BoxField) and spec.master == "branch":
        return _branches(_bank_of(form, spec, values), typed)
    if isinstance(spec, BoxField) and spec.lexicon:
        return _listed(form, spec, typed, values)
    return ()


def _addresses(form: Form, spec: AnyField, typed: str, values: Mapping[str, str]) -> Iterator[Suggestion]:
    """Offer the places of the form's one postal code, with the number that stands behind the place already."""
    codes = [one.name for _, one in form.fields() if one.kind == "postal"]
    several = [one.name for _, one in form.fields() if one.kind == "address"] != [spec.name]
    code = re.sub(r"[^0-9]", "", values.get(codes[0], "")) if len(codes) == 1 and not several else ""
    places = lookup(code) if len(code) == 7 else []
    number = _NUMBER.search(typed)
    for place in places:
        if not without_spaces(typed).startswith(place.address):
            value = place.address + (number[0] if number else "")
            yield Suggestion(value, f"{value} {place.office or place.note}".strip())


def _banks(typed: str) -> list[Suggestion]:
    known = find_bank(typed)
    found = [known] if known else search_banks(typed) if not typed.isdigit() else []
    return [Suggestion(bank.code, f"{bank.code} {bank.name}") for bank in found]


def _branches(bank: str, typed: str) -> list[Suggestion]:
    known = find_branch(bank, typed)
    found = [known] if known else search_branches(bank, typed) if not typed.isdigit() else []
    return [Suggestion(branch.code, f"{branch.code} {branch.name}") for branch in found]


def _bank_of(form: Form, branch: BoxField, values: Mapping[str, str]) -> str:
    """Return the code of the branch's bank: of the field that it names, else of the bank before it."""
    if branch.bank:
        return values.get(branch.bank, "")
    before = ""
    for _, spec in form.fields():
        if spec.name == branch.name:
            break
        if isinstance(spec, BoxField) and spec.master == "bank":
            before = values.get(spec.name, "")
    return before


def _listed(form: Form, spec: BoxField, typed: str, values: Mapping[str, str]) -> Iterator[Suggestion]:
    """Offer first what stands in one row with the other fields of the same list, then what begins as typed."""
    for master, columns in shared_masters(form).items():
        others = {
            column: values[one] for one, column in columns.items() if one != spec.name and values.get(one)
        }
        if spec.name in columns and others:
            for row in master.rows:
                if all(without_spaces(row[c]) == without_spaces(v) for c, v in others.items()):
                    yield _spelt(row[columns[spec.name]])
    begun = without_spaces(typed)
    if begun:
        lexicon = field_lexicons(form)[spec.name]
        for entry in lexicon.entries:
            if without_spaces(entry).startswith(begun):
                yield _spelt(entry)


def _spelt(entry: str) -> Suggestion:
    value = "　".join(entry.split())
    return Suggestion(value, value)
