"""How a document looks on the review page and in the answers to its writes: plain values, ready for JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from backoffice.document import Document, Field
from backoffice.double_entry import NONE_YET, Entries
from backoffice.messages import has_text, text
from console.web.reviewing import SOFT, Outcome
from ocr.reading import ILLEGIBLE, Finding
from ocr.suggestions import has_master
from ocr.template import AnyField, ChoiceField, Form, MarkField

DIGITS = (
    "digits", "account", "bank", "branch", "mynumber", "corporate_number", "postal", "phone", "amount",
)  # fmt: skip
SEPARATOR = "、"
PRESENCE = ("present", "empty")
CHECKED = ("checked", "empty")
MOST_CANDIDATES = 9


def page_views(document: Document) -> list[dict[str, Any]]:
    """Return the pages that have a picture: `number` in the document from 1, `page` of the form from 1."""
    return [
        {"number": number, "page": int(page.get("form_page", number))}
        for number, page in enumerate(document.pages, start=1)
        if page.get("picture")
    ]


def field_views(outcome: Outcome, form: Form | None) -> list[dict[str, Any]]:
    """Return every field, doubtful ones first, each group in the form's order."""
    views = [
        _field_view(position, field, outcome, _declared(field, form))
        for position, field in enumerate(outcome.document.fields)
    ]
    return sorted(views, key=lambda view: view["accepted"])


def after_write(outcome: Outcome, form: Form | None) -> dict[str, Any]:
    """Return what the page needs to know after a write: revision, and each field as it stands."""
    keys = ("name", "value", "accepted", "message", "state", "soft", "locked")
    fields = [{key: view[key] for key in keys} for view in field_views(outcome, form)]
    left = sum(not field["accepted"] and field["state"] != "waits" for field in fields)
    return {"revision": outcome.document.revision, "fields": fields, "doubtful": left}


def is_blind(field: Field, declared: AnyField | None) -> bool:
    """Say whether two people must type a field who see neither the reading nor each other's entry."""
    return not field.accepted and declared is not None and declared.verify == "double"


def blinded(document: Document, form: Form | None) -> list[Field]:
    """Return the fields of a document without what the machine read where two people must still type it."""
    blind = [is_blind(field, _declared(field, form)) for field in document.fields]
    return [
        replace(field, value="", read_value="", candidates=()) if hidden else field
        for field, hidden in zip(document.fields, blind, strict=True)
    ]


def _field_view(position: int, field: Field, outcome: Outcome, declared: AnyField | None) -> dict[str, Any]:
    findings = outcome.findings.get(field.name, ())
    options = _options(field, declared)
    accepted = field.accepted and not findings
    blind = is_blind(field, declared)
    entries = _entries(outcome, field) if blind else NONE_YET
    own = entries.typed.get(outcome.who)
    state = _state(field, accepted)
    state = "waits" if own is not None and state == "doubtful" else state
    compared = list(entries.typed.values()) if entries.differ and own is None else []
    offered = compared or ([] if blind else _candidates(field, options))
    return {
        "position": position,
        "name": field.name,
        "kind": field.kind,
        "page": field.page,
        "value": (own or "") if blind else field.value,
        "accepted": accepted,
        "state": state,
        "locked": entries.bars(outcome.who),
        "message": "" if accepted else _asked(entries, own) or _message(field, findings),
        "soft": bool(findings) and all(finding.key in SOFT for finding in findings),
        "candidates": [{"value": value, "label": _label(value, options)} for value in offered],
        "compared": bool(compared),
        "options": options,
        "many": field.kind == "choices",
        "numeric": field.kind in DIGITS,
        "suggests": bool(declared is not None and not options and has_master(declared)),
        "box": list(field.box),
        "crop": bool(field.crop),
        "percent": round(field.probability * 100, 1),
    }


def _entries(outcome: Outcome, field: Field) -> Entries:
    """Return what was typed in the field's present round."""
    known = outcome.entries.get(field.name, NONE_YET)
    return NONE_YET if known.settled else known


def _asked(entries: Entries, own: str | None) -> str:
    """Say what a field that two must type waits for, as the person who looks at it must know it; or nothing."""
    if entries.differ:
        return text("review.compare" if own is None else "backoffice.entries_differ")
    return "" if own is None else text("review.entered")


def _state(field: Field, accepted: bool) -> str:
    if field.reason == "console.field_illegible":
        return "illegible"
    if not accepted:
        return "doubtful"
    return "corrected" if field.corrected_by else "accepted"


def _message(field: Field, findings: Sequence[Finding]) -> str:
    """Say why a person must look: what the checks find now, else the reason kept with the reading."""
    if findings:
        return " ".join(finding.explain() for finding in findings)
    if field.reason and has_text(field.reason):
        try:
            return text(field.reason)
        except KeyError:  # the reason has placeholders whose values were not kept
            return text("console.doubtful_reading")
    return field.reason if field.reason and "." not in field.reason else text("console.doubtful_reading")


def _declared(field: Field, form: Form | None) -> AnyField | None:
    """Return the field as its form declares it; None when the form is gone."""
    known = form.fields() if form is not None else ()
    return next((declared for _, declared in known if declared.name == field.name), None)


def _options(field: Field, declared: AnyField | None) -> list[dict[str, str]]:
    """Return what can be chosen, `value` and `label`; empty for a field that is typed."""
    if field.kind in ("seal", "signature"):
        return [{"value": value, "label": text(f"console.value_{value}")} for value in PRESENCE]
    if isinstance(declared, MarkField):
        return [{"value": name, "label": name} for name in declared.marks.values()]
    if field.kind == "checkbox":
        return [{"value": value, "label": text(f"console.check_{value}")} for value in CHECKED]
    names = declared.options if isinstance(declared, ChoiceField) else ()
    return [{"value": name, "label": name} for name in names]


def _label(value: str, options: Sequence[Mapping[str, str]]) -> str:
    """Return a value as people read it: the words of its option, and something for an empty one."""
    named = {option["value"]: option["label"] for option in options}
    return named.get(value, value) or text("review.empty_value")


def _candidates(field: Field, options: Sequence[Mapping[str, str]]) -> list[str]:
    if options:
        return []
    values = [value for value, _ in field.candidates if value and ILLEGIBLE not in value]
    return list(dict.fromkeys(values))[:MOST_CANDIDATES]
