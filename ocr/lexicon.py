"""Let what other fields say choose among the readings that the network itself proposes.

An address is chosen among its candidates by the postal code; numbers with a check digit and bank codes by their rule.
Nothing is ever made up: a value that is not among the candidates cannot be chosen, and one that was moved up keeps its
own low score, so that a person sees it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from backoffice.japanese.banks import find_bank
from backoffice.japanese.check_digits import is_corporate_number, is_my_number
from backoffice.japanese.postal import Agreement, agreement, lookup
from ocr.reading import RawReading
from ocr.template import AnyField, BoxField


def settle(specs: Sequence[AnyField], raws: Sequence[RawReading]) -> list[RawReading]:
    """Return the readings of one document with the first candidate that fits put first.

    Args:
        specs: The fields.
        raws: Their readings.
    """
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


def _first(raw: RawReading, fits: Callable[[str], bool]) -> RawReading:
    """Move the first candidate that fits to the front; the value's belief falls to that candidate's."""
    if not raw.value or fits(raw.value):
        return raw
    for value, score in raw.candidates:
        if fits(value):
            parts = (*raw.parts, ("line", min(0.5, score)))
            return replace(raw, value=value, score=score, parts=parts, reason="")
    return raw
