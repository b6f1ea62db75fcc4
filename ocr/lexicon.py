"""Let what other fields say choose among the readings that the network itself proposes.

An address is chosen among its candidates by the postal code; numbers with a check digit and bank codes by their rule.
Nothing is ever made up: a value that is not among the candidates cannot be chosen, and one that was moved up keeps its
own low score, so that a person sees it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from backoffice.japanese.banks import find_bank
from backoffice.japanese.check_digits import is_corporate_number, is_my_number
from backoffice.japanese.postal import Agreement, agreement, lookup
from ocr.masters import shared_masters
from ocr.reading import RawReading
from ocr.template import AnyField, BoxField, Form

CANDIDATES = 5
"""Readings of a field that are combined with those of other fields."""


def settle(
    specs: Sequence[AnyField], raws: Sequence[RawReading], form: Form | None = None
) -> list[RawReading]:
    """Return the readings of one document with the first candidate that fits put first.

    Args:
        specs: The fields.
        raws: Their readings.
        form: Their form, for fields that share the rows of a master file.
    """
    if form is not None:
        raws = _settle_rows(specs, raws, form)
    postal = [raw.value for spec, raw in zip(specs, raws, strict=True) if spec.kind == "postal"]
    code = postal[0] if len(postal) == 1 else ""
    return [_settle_one(spec, raw, code) for spec, raw in zip(specs, raws, strict=True)]


def _settle_one(spec: AnyField, raw: RawReading, postal: str) -> RawReading:
    if spec.kind == "mynumber":
        return _first(raw, is_my_number)
    if spec.kind == "corporate_number":
        return _first(raw, is_corporate_number)
    if isinstance(spec, BoxField) and spec.check == "bank":
        return _first(raw, lambda value: find_bank(value) is not None)
    if spec.kind == "address" and len(postal) == 7 and postal.isdigit() and lookup(postal):
        return _first(raw, lambda value: agreement(postal, value) is Agreement.TOWN)
    return raw


def _settle_rows(specs: Sequence[AnyField], raws: Sequence[RawReading], form: Form) -> list[RawReading]:
    """Return the readings with the likeliest combination first that is one row of a master file (kana and name)."""
    settled = list(raws)
    place = {spec.name: number for number, spec in enumerate(specs)}
    for master, columns in shared_masters(form).items():
        fields = [name for name in columns if name in place and settled[place[name]].value]
        if len(fields) < 2:
            continue
        proposed = [settled[place[name]].candidates[:CANDIDATES] for name in fields]
        combined = sorted(product(*proposed), key=lambda texts: -prod(score for _, score in texts))
        for texts in combined:
            values = {columns[name]: text for name, (text, _) in zip(fields, texts, strict=True)}
            if master.holds(values):
                for name, (text, _) in zip(fields, texts, strict=True):
                    settled[place[name]] = _first(settled[place[name]], text.__eq__)
                break
    return settled


def _first(raw: RawReading, fits: Callable[[str], bool]) -> RawReading:
    """Move the first candidate that fits to the front; the value's belief falls to that candidate's."""
    if not raw.value or fits(raw.value):
        return raw
    for value, score in raw.candidates:
        if fits(value):
            parts = (*raw.parts, ("line", min(0.5, score)))
            return replace(raw, value=value, score=score, parts=parts, reason="")
    return raw
