"""Decide for each field whether its value may stand or a person must look.

The calibrated probability of a value is the product over its characters. What other fields bear out (a check digit, a
sum, a postal code that fits the address) raises it by Bayes' rule. A value is accepted when its expected error is at
most the field's limit and nothing speaks against it.

What a field's `verify:` says comes on top: `none` takes the best reading however unsure it is, unless it is illegible
or breaks a rule; `check` asks when the expected error is above the limit; `double` waits for two people who type the
same; `manual` always asks.
"""

from collections.abc import Mapping, Sequence

from ocr.calibration import Calibration
from ocr.fields import FieldInk
from ocr.lexicon import settle
from ocr.reading import ILLEGIBLE, FieldReading, Finding, RawReading
from ocr.template import AnyField, Form
from ocr.validate import agreeing_fields, validate_values
from ocr.validate_tables import needless_fields

ONLY_DOUBTS = frozenset({"ocr.faint", "ocr.mark_unclear"})
"""Reasons of a recogniser that are doubts about a value, not the lack of one: `verify: none` passes over them."""


def decide(
    form: Form, fields: Sequence[FieldInk], raws: Sequence[RawReading], calibration: Calibration, limit: float
) -> list[FieldReading]:
    """Decide the fields of one document.

    Args:
        form: The form.
        fields: What was cut.
        raws: What was read, one for each.
        calibration: Curves from score to probability.
        limit: Largest expected error for fields that do not name their own.
    """
    raws = settle([ink.spec for ink in fields], raws, form)
    values = {ink.spec.name: raw.value for ink, raw in zip(fields, raws, strict=True)}
    findings: dict[str, Finding] = {}
    for finding in validate_values(form, values):
        if finding.field in values:
            findings.setdefault(finding.field, finding)
    borne_out = agreeing_fields(form, values)
    needless = needless_fields(form, values)
    may_be_empty = {ink.spec.name for ink in fields if not ink.spec.required} | needless
    return [
        _decide_field(
            ink,
            raw,
            findings.get(ink.spec.name),
            borne_out,
            calibration,
            limit,
            ink.spec.name in may_be_empty,
        )
        for ink, raw in zip(fields, raws, strict=True)
    ]


def bayes(probability: float, chance: float) -> float:
    """Return P(right | evidence) where a right value always gives the evidence and a wrong one with `chance`."""
    return probability / (probability + (1 - probability) * chance)


def _decide_field(
    ink: FieldInk,
    raw: RawReading,
    finding: Finding | None,
    borne_out: Mapping[str, float],
    calibration: Calibration,
    limit: float,
    may_be_empty: bool,
) -> FieldReading:
    spec = ink.spec
    probability = 0.0 if ILLEGIBLE in raw.value else _probability(raw, calibration)
    if spec.name in borne_out:
        probability = bayes(probability, borne_out[spec.name])
    reason, values = _reason(spec, raw, finding, probability, spec.limit or limit, may_be_empty)
    if finding is not None:
        probability = min(probability, 0.5)
    return FieldReading(
        name=spec.name,
        kind=spec.kind,
        page=ink.page,
        value=raw.value,
        probability=probability,
        accepted=reason == "",
        reason=reason,
        reason_values=values,
        candidates=_candidates(raw, probability),
        box_px=ink.box_px,
        crop=ink.crop,
        personal=spec.personal,
        cells=_cells(raw, calibration),
    )


def _cells(raw: RawReading, calibration: Calibration) -> tuple[tuple[int, float], ...]:
    """Return how surely each character was read in its cell; nothing when a list or another field changed the value."""
    if "".join(character for _, character in raw.cells) != raw.value:
        return ()
    sure = [(cell, calibration.probability(*raw.parts[cell])) for cell, _ in raw.cells]
    return tuple((cell, round(probability, 5)) for cell, probability in sure)


def _probability(raw: RawReading, calibration: Calibration) -> float:
    """Return the calibrated probability; a reading that rests on no fitted judgement (a barcode) brings its own."""
    return calibration.joint(raw.parts) if raw.parts else raw.score


def _reason(
    spec: AnyField,
    raw: RawReading,
    finding: Finding | None,
    probability: float,
    limit: float,
    may_be_empty: bool,
) -> tuple[str, Mapping[str, object]]:
    """Return why a person must look, or an empty key."""
    unasked = (raw.reason == "ocr.no_mark" and may_be_empty) or (
        spec.verify == "none" and raw.reason in ONLY_DOUBTS
    )
    if raw.reason and not unasked:
        return raw.reason, {}
    if finding is not None:
        return finding.key, finding.values
    if spec.verify == "manual":
        return "ocr.verify_manual", {}
    if spec.verify == "double":
        return "ocr.verify_double", {}
    if spec.verify == "none":
        return "", {}
    if 1 - probability > limit:
        return "ocr.not_sure", {"percent": f"{probability * 100:.1f}"}
    return "", {}


def _candidates(raw: RawReading, probability: float) -> tuple[tuple[str, float], ...]:
    """Return the candidates; the best with its calibrated probability, the others sharing the rest."""
    if not raw.candidates:
        return ((raw.value, probability),) if raw.value else ()
    others = [(value, score) for value, score in raw.candidates if value != raw.value]
    total = sum(score for _, score in others)
    rest = [(value, (1 - probability) * score / total) for value, score in others] if total > 0 else []
    return ((raw.value, probability), *rest) if raw.value else tuple(rest)
