"""Fit every curve from score to probability anew, in one command, after new weights or other changes to reading.

From the project's root, in the project's own environment (torch is not needed), about eight minutes on two cores:

    python -m samples.scans.make_scans --out var/calibrate/scans --count 100 --seed 515 &&
    python -m ocr.training.lines_compose var/calibrate/lines --part B --count 60 --data ../shared/data &&
    python -m ocr.training.calibrate --data ../shared/data --scans var/calibrate/scans --lines var/calibrate/lines/B

The first two make composed scans and lines with truth and need not be repeated for new weights. Fields of registered
forms (curves) and single crops that somebody else cut (crops) read differently and get curves of their own;
`calibrate_fit.py` says how they are fitted and how careful they are. No judgement is left out by hand.
`ocr/calibration.json` tells on what data, how many, how many wrong, and when.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import cv2

from ocr.calibration import FILE, Calibration, Curve
from ocr.errors import FileRefused
from ocr.evaluate import load_truth
from ocr.fields import cut_fields, read_fields
from ocr.identify import identify
from ocr.intake import read_pages
from ocr.lexicon import settle
from ocr.pipeline import Reader, prepare_ink
from ocr.reading import PageRefusal, RawReading
from ocr.register import register
from ocr.template import load_forms
from ocr.training.calibrate_crops import MOST, judge_crops
from ocr.training.calibrate_fit import MARGIN, Judgement, counts, fit_groups
from ocr.training.calibrate_marks import judge_options

EMPTY = Curve(0.0, 1.0, 0.99999)
"""An empty cell is a matter of ink, not of reading: `cells.written_amount` calls doubtful what is nearly empty."""

LENT = {"kanji": "crops", "mark": "crops", "tick": "curves"}
"""Groups that one side lacks are lent by the other: no composed form has kanji in cells or named marks."""

POOLED = ("alnum", "hiragana", "katakana")
"""Groups with few cells on composed forms: their crops, which read worse, count as further sources."""

LINES = ("name", "address")
"""Free lines read with a lexicon; where they have no judgements of their own, the curve of plain lines serves."""


def main() -> None:
    """Collect judgements, fit, write `ocr/calibration.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the shared data folder")
    parser.add_argument(
        "--scans", type=Path, nargs="+", required=True, help="folders of composed scans with truth"
    )
    parser.add_argument("--lines", type=Path, help="folder of composed lines, one folder per kind")
    parser.add_argument(
        "--models", type=Path, default=Path("var/models"), help="the text reader's prepared weights"
    )
    parser.add_argument("--forms", type=Path, default=Path("configs/forms"))
    parser.add_argument(
        "--keep", type=Path, default=Path("var/calibrate/judged.json"), help="judgements are kept here"
    )
    parser.add_argument("--kept", action="store_true", help="fit again on the judgements kept, read nothing")
    parser.add_argument(
        "--most", type=int, default=MOST, help="crops of each made set; fewer for a rehearsal"
    )
    parser.add_argument(
        "--margin", type=float, default=MARGIN, help="standard deviations that curves are lowered by"
    )
    chosen = parser.parse_args()
    if not chosen.kept:
        cv2.setNumThreads(1)
        reader = Reader(load_forms(chosen.forms), chosen.models, calibration=Calibration({}))
        crops = list(judge_crops(chosen.data, reader.networks, chosen.lines, chosen.most))
        forms = [one for folder in chosen.scans for one in _from_scans(folder, reader)]
        forms += judge_options(2 * chosen.most)
        chosen.keep.parent.mkdir(parents=True, exist_ok=True)
        chosen.keep.write_text(json.dumps({"forms": _rows(forms), "crops": _rows(crops)}), encoding="utf-8")
    kept = json.loads(chosen.keep.read_text(encoding="utf-8"))
    forms, crops = ([Judgement(**row) for row in kept[side]] for side in ("forms", "crops"))
    write(forms, crops, chosen.margin)


def write(forms: list[Judgement], crops: list[Judgement], margin: float) -> None:
    """Fit both sides and write the calibration; `margin` as in `fit_curve`."""
    forms = forms + [one for one in crops if one.group in POOLED]
    curves, own = fit_groups(forms, margin), fit_groups(crops, margin, single=True)
    for group, lender in LENT.items():
        side, other = (curves, own) if lender == "crops" else (own, curves)
        if group in other:
            side.setdefault(group, other[group])
    for side in (curves, own):
        for group in LINES:
            if "line" in side:
                side.setdefault(group, side["line"])
    curves["empty"] = EMPTY
    data = {
        "about": "Fitted by ocr/training/calibrate.py; see there. curves: fields of forms; crops: single crops.",
        "fitted": datetime.now(UTC).date().isoformat(),
        "data": {"curves": counts(forms), "crops": counts(crops)},
        "curves": {group: asdict(curve) for group, curve in sorted(curves.items())},
        "crops": {group: asdict(curve) for group, curve in sorted(own.items())},
    }
    FILE.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    for title, table, judged in (("forms", curves, forms), ("crops", own, crops)):
        print(f"{title}: group, n, wrong, accepted alone at 0.1 %, of these wrong, curve")
        for group, curve in sorted(table.items()):
            ones = [one for one in judged if one.group == group]
            sure = [one for one in ones if 1 - curve.probability(one.score) <= 0.001]
            wrong = sum(not one.right for one in ones), sum(not one.right for one in sure)
            shares = f"{len(ones):6d} {wrong[0]:5d} {len(sure) / max(1, len(ones)):7.3f} {wrong[1]:3d}"
            print(f"  {group:10s} {shares}  {curve}")


def _rows(judged: list[Judgement]) -> list[dict[str, object]]:
    return [asdict(one) for one in judged]


def _from_scans(folder: Path, reader: Reader) -> Iterator[Judgement]:
    """Read the pages of composed scans as the pipeline does and compare every judgement with the truth."""
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
                    if ink.spec.name in wanted[page.number]:
                        text = wanted[page.number][ink.spec.name]
                        yield from judge_field(ink.spec.kind, raw, text, f"scans {folder.name}")
        except FileRefused as error:
            print(path.name, error.key)
        print(path.name, flush=True)


def judge_field(kind: str, raw: RawReading, truth: str, source: str) -> Iterator[Judgement]:
    """Compare each judgement of a value with its share of the truth, where the shares can be told."""
    filled = [(group, score) for group, score in raw.parts if group != "empty"]
    if len(filled) == 1:
        if truth and raw.value and not raw.reason:
            yield Judgement(*filled[0], raw.value == truth, source)
        return
    if kind == "date":
        return
    if kind == "kanji":
        pairs = list(zip(raw.value.split("　"), truth.split("　"), strict=False))
    else:
        read, meant = (text.replace("　", "").replace(".", "") for text in (raw.value, truth))
        pairs = list(zip(read, meant, strict=True)) if len(read) == len(meant) == len(filled) else []
    for (group, score), (read_part, meant_part) in zip(filled, pairs, strict=False):
        yield Judgement(group, score, read_part == meant_part, source)


if __name__ == "__main__":
    main()
