"""How a document looks on the review page and in the answers to its writes: plain values, ready for JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.document import Document, Field
from backoffice.messages import has_text, text
from console.web.reviewing import SOFT, Outcome
from ocr.reading import ILLEGIBLE, Finding
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
        _field_view(position, field, outcome.findings.get(field.name, ()), form)
        for position, field in enumerate(outcome.document.fields)
    ]
    return sorted(views, key=lambda view: view["accepted"])


def after_write(outcome: Outcome, form: Form | None) -> dict[str, Any]:
    """Return what the page needs to know after a write: revision, and each field as it stands."""
    keys = ("name", "value", "accepted", "message", "state", "soft")
    fields = [{key: view[key] for key in keys} for view in field_views(outcome, form)]
    left = sum(not field["accepted"] for field in fields)
    return {"revision": outcome.document.revision, "fields": fields, "doubtful": left}


def _field_view(
    position: int, field: Field, findings: Sequence[Finding], form: Form | None
) -> dict[str, Any]:
    declared = _declared(field, form)
    options = _options(field, declared)
    accepted = field.accepted and not findings
    blind = not field.accepted and declared is not None and declared.verify == "double"
    return {
        "position": position,
        "name": field.name,
        "kind": field.kind,
        "page": field.page,
        "value": "" if blind else field.value,
        "read": "" if blind else field.read_value,
        "accepted": accepted,
        "state": _state(field, accepted),
        "message": "" if accepted else _message(field, findings),
        "soft": bool(findings) and all(finding.key in SOFT for finding in findings),
        "candidates": [] if blind else _candidates(field, options),
        "options": options,
        "many": field.kind == "choices",
        "numeric": field.kind in DIGITS,
        "box": list(field.box),
        "crop": bool(field.crop),
        "percent": round(field.probability * 100, 1),
        "corrected_by": field.corrected_by or "",
    }


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


def _candidates(field: Field, options: Sequence[Mapping[str, str]]) -> list[str]:
    if options:
        return []
    values = [value for value, _ in field.candidates if value and ILLEGIBLE not in value]
    return list(dict.fromkeys(values))[:MOST_CANDIDATES]
