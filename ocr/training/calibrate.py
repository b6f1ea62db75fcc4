"""Fit the curves from score to probability: python -m ocr.training.calibrate MODELS SCANS… --digits LABELS.csv.

SCANS are folders of composed scans with truth, made with other seeds than the shipped samples:

    python -m samples.scans.make_scans --out DIR --count 40 --seed 515

LABELS.csv are single digits with a column `sheet`; only sheets that the cell network was not trained on are used. Every
curve is fitted by logistic regression on the logit of the score. Its ceiling says how sure one may be after so many
samples: 1 − 1 / (20 · n + 1000), a choice, not a measurement.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.calibration import FILE, Calibration, Curve
from ocr.errors import FileRefused
from ocr.evaluate import load_labels, load_truth, read_crops
from ocr.fields import cut_fields, read_fields
from ocr.identify import identify
from ocr.intake import read_pages
from ocr.lexicon import settle
from ocr.pipeline import Reader, prepare_ink
from ocr.reading import PageRefusal, RawReading
from ocr.recognisers.characters import load_networks
from ocr.register import register
from ocr.template import load_forms

Judged = tuple[str, float, bool]
"""Calibration group, score, whether it was right."""

NEVER_FITTED = {
    "mark": Curve(0.0, 0.8, 0.9995),
    "kanji": Curve(-0.5, 0.8, 0.9995),
    "empty": Curve(0.0, 1.0, 0.99999),
}
"""Set by hand, carefully low: no composed form has kanji in cells, shapes are few, an empty cell is a matter of ink."""


def main() -> None:
    """Collect judgements, fit, write `ocr/calibration.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("scans", type=Path, nargs="*")
    parser.add_argument("--digits", type=Path)
    parser.add_argument("--forms", type=Path, default=Path("configs/forms"))
    parser.add_argument(
        "--keep", type=Path, help="write the collected judgements here, to fit again without reading"
    )
    parser.add_argument("--kept", type=Path, help="judgements kept earlier")
    chosen = parser.parse_args()
    judged: list[Judged] = json.loads(chosen.kept.read_text("utf-8")) if chosen.kept else []
    if chosen.digits:
        judged += _from_digits(chosen.digits, chosen.models)
    reader = Reader(load_forms(chosen.forms), chosen.models, calibration=Calibration({}))
    for folder in chosen.scans:
        judged += _from_scans(folder, reader)
    if chosen.keep:
        chosen.keep.write_text(json.dumps(judged), encoding="utf-8")
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for group, score, right in judged:
        groups[group].append((score, right))
    curves = {group: fit_curve(pairs) for group, pairs in sorted(groups.items())} | NEVER_FITTED
    told = {g: {"n": len(p), "wrong": sum(not r for _, r in p)} for g, p in sorted(groups.items())}
    about = "Fitted by ocr/training/calibrate.py on composed scans and real digits; see there."
    data = {
        "about": about,
        "fitted": datetime.now(UTC).date().isoformat(),
        "data": told,
        "curves": {group: vars(curve) for group, curve in curves.items()},
    }
    FILE.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))


def fit_curve(pairs: list[tuple[float, bool]]) -> Curve:
    """Return the logistic curve of (score, right) pairs, the likeliest under a prior.

    The prior: slope 1 ± 0.3, offset 0 ± 1.5, and one imaginary error at a score of 0.9, so that a group without errors
    is not trusted without end. Newton's method with halved steps.
    """
    scores = np.clip(np.array([score for score, _ in pairs] + [0.9]), 1e-6, 1 - 1e-6)
    right = np.array([float(r) for _, r in pairs] + [0.0])
    x = np.log(scores / (1 - scores))
    curve = np.array([0.0, 1.0])
    loss = _loss(curve, x, right)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(curve[0] + curve[1] * x, -40, 40)))
        w = p * (1 - p)
        gradient = np.array(
            [(p - right).sum() + curve[0] / 2.25, ((p - right) * x).sum() + (curve[1] - 1) / 0.09]
        )
        mixed = float((w * x).sum())
        curvature = np.array([[w.sum() + 1 / 2.25, mixed], [mixed, (w * x * x).sum() + 1 / 0.09]])
        step = np.linalg.solve(curvature, gradient)
        while (better := _loss(curve - step, x, right)) > loss and np.abs(step).max() > 1e-9:
            step = step / 2
        curve, loss = curve - step, better
    ceiling = 1 - 1 / (20 * len(pairs) + 1000)
    return Curve(round(float(curve[0]), 4), round(float(max(curve[1], 0.2)), 4), round(ceiling, 7))


def _loss(curve: NDArray[np.float64], x: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    value = curve[0] + curve[1] * x
    fit = float((np.logaddexp(0, -value) * right + np.logaddexp(0, value) * (1 - right)).sum())
    return fit + float(curve[0] ** 2 / 4.5 + (curve[1] - 1) ** 2 / 0.18)


def _from_digits(labels: Path, models: Path) -> Iterator[Judged]:
    with labels.open(encoding="utf-8") as file:
        sheets = [int(row["sheet"]) for row in csv.DictReader(file)]
    rows = [row for row, sheet in zip(load_labels(labels), sheets, strict=True) if _held_out(sheet)]
    raws = read_crops(load_networks(models), [row.gray for row in rows], "digits", 1, None)
    for row, raw in zip(rows, raws, strict=True):
        yield from _judge("digits", raw, row.text)


def _held_out(sheet: int) -> bool:
    """Say whether a sheet of the fax digits was kept from the cell network's training (ocr/models/cells.md)."""
    return 40 <= sheet <= 56 or 96 <= sheet <= 117 or 140 <= sheet <= 156


def _from_scans(folder: Path, reader: Reader) -> Iterator[Judged]:
    for path in sorted(folder.glob("*.*")):
        truth = load_truth(folder, path.name)
        wanted = {page: document["fields"] for document in truth["documents"] for page in document["pages"]}
        try:
            for page in read_pages(path):
                match = identify(page, reader.blanks)
                laid = match if isinstance(match, PageRefusal) else register(page, match)
                if isinstance(laid, PageRefusal) or page.number not in wanted:
                    continue
                fields = cut_fields(prepare_ink(laid))
                raws = settle([ink.spec for ink in fields], read_fields(reader.networks, fields))
                for ink, raw in zip(fields, raws, strict=True):
                    yield from _judge(ink.spec.kind, raw, wanted[page.number][ink.spec.name])
        except FileRefused as error:
            print(path.name, error.key)
        print(path.name, flush=True)


def _judge(kind: str, raw: RawReading, truth: str) -> Iterator[Judged]:
    """Compare each judgement of a value with its share of the truth, where the shares can be told."""
    filled = [(group, score) for group, score in raw.parts if group != "empty"]
    if len(filled) == 1:
        if truth and raw.value:
            yield (*filled[0], raw.value == truth)
    elif kind == "kanji":
        for (group, score), read, meant in zip(
            filled, raw.value.split("　"), truth.split("　"), strict=False
        ):
            yield group, score, read == meant
    elif kind != "date":
        read, meant = raw.value.replace("　", "").replace(".", ""), truth.replace("　", "").replace(".", "")
        if len(read) == len(meant) == len(filled):
            for (group, score), a, b in zip(filled, read, meant, strict=True):
                yield group, score, a == b


if __name__ == "__main__":
    main()
