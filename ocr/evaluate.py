"""Measure how well reading goes, on labelled crops and on whole scans with known truth.

All shares are of all fields (0 to 1). `wrong_accepted` is what matters most: values that were wrong and would have
gone into the books without anyone looking.
"""

import csv
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from backoffice.suggest import did_you_mean
from ocr.alphabets import alphabet_of, kanji
from ocr.calibration import Calibration, load_calibration
from ocr.crops import cells_of_row, line_of_crop
from ocr.errors import LabelsWrong
from ocr.language import AnyText
from ocr.languages import language_of, line_group
from ocr.reading import ILLEGIBLE, Gray, RawReading
from ocr.recognisers.characters import Networks, load_networks, read_cells
from ocr.recognisers.checkbox import read_checkbox_crop
from ocr.recognisers.lines import read_lines
from ocr.recognisers.shapes import read_marks
from ocr.reliability import Judged, aligned, figures
from ocr.values import join_row, row_group

TEXT_KINDS = ("digits", "alnum", "katakana", "hiragana", "kana", "kanji", "text", "address")
WORDS = {"checkbox": ("checked", "empty"), "mark": ("circle", "cross", "triangle", "check", "blank")}
"""Kinds whose truth is one of these words."""

KINDS = (*TEXT_KINDS, *WORDS)
DOUBTED = 0.5
"""A reading with a reason for doubt is given no more than this, as `decide` does with a finding."""

SQUARE = 1.6
"""A crop that is less than this many times as wide as high holds one character, unless --cells says otherwise."""


@dataclass(frozen=True)
class Labelled:
    """One crop with its truth.

    Attributes:
        file: File name as in the labels.
        gray: The crop, uint8.
        text: The truth.
    """

    file: str
    gray: Gray
    text: str


def evaluate_labels(
    path: Path,
    kind: str,
    *,
    models: Path,
    cells: int | None = None,
    alphabet: str | None = None,
    limit: float = 0.001,
    threads: int = 0,
    calibration: Calibration | None = None,
) -> dict[str, Any]:
    """Read every crop of a labels file and compare.

    Args:
        path: CSV in UTF-8 with the columns file (relative to the CSV) and text.
        kind: One of KINDS.
        models: Folder for the prepared weights.
        cells: Character cells per crop; by default one for a squarish crop, else the crop is a free line.
        alphabet: Characters that may appear; the kind's own by default.
        limit: Largest expected error of an accepted value.
        threads: CPU threads, 0 for all.
        calibration: Curves from score to probability.

    Returns:
        n, exact, cer (character error rate), accepted, wrong_accepted (shares of n), ms_per_field, errors (one entry
        per wrong value: file, text, read, probability, accepted); ece, aurc, risk_coverage and classes
        (`reliability.figures`); kind and limit.

    Raises:
        LabelsWrong: The labels or a picture cannot be read, or the kind or a word of it is unknown.
    """
    if kind not in KINDS:
        raise LabelsWrong("ocr.labels_kind", where="--kind", name=kind, hint=did_you_mean(kind, KINDS))
    rows = load_labels(path)
    _check_words(path, rows, kind)
    networks = load_networks(models, threads)
    if rows and kind in TEXT_KINDS:
        networks.line.knows("0")  # load the network before the clock starts
    start = time.perf_counter()
    raws = read_crops(networks, [row.gray for row in rows], kind, cells, alphabet)
    seconds = time.perf_counter() - start
    curves = calibration or load_calibration().for_crops()
    judged = [_judged(row, raw, curves, limit) for row, raw in zip(rows, raws, strict=True)]
    told = _summary(rows, judged, seconds) | figures(judged, whole=kind in WORDS)
    return told | {"kind": kind, "limit": limit}


def _judged(row: Labelled, raw: RawReading, curves: Calibration, limit: float) -> Judged:
    """Compare one reading with its truth; what has a reason to be looked at is never sure."""
    probability = 0.0 if ILLEGIBLE in raw.value else curves.joint(raw.parts)
    if raw.reason:
        probability = min(probability, DOUBTED)
    return Judged(row.text, raw.value, probability, not raw.reason and 1 - probability <= limit)


def read_crops(
    networks: Networks, crops: Sequence[Gray], kind: str, cells: int | None, alphabet: str | None
) -> list[RawReading]:
    """Read raw crops of one kind, all together."""
    if kind == "checkbox":
        return [read_checkbox_crop(gray) for gray in crops]
    if kind == "mark":
        return read_marks(crops)
    single = kanji() if kind == "kanji" else alphabet_of(kind)
    counts = [cells or (1 if gray.shape[1] < SQUARE * gray.shape[0] else 0) for gray in crops]
    rows = [cells_of_row(g, n, alphabet or single) for g, n in zip(crops, counts, strict=True) if n]
    flat = read_cells(networks, [cell for row in rows for cell in row])
    lines = [
        line_of_crop(g, alphabet or alphabet_of(kind)) for g, n in zip(crops, counts, strict=True) if not n
    ]
    spoken = [AnyText() if alphabet else language_of(kind)] * len(lines)
    texts = iter(read_lines(networks, lines, languages=spoken))
    group, position, readings = row_group(kind, alphabet or single), 0, []
    row_of = iter(rows)
    for count in counts:
        if not count:
            text = next(texts)
            readings.append(
                RawReading(
                    text.value, text.score, text.candidates, text.reason, ((line_group(kind), text.score),)
                )
            )
            continue
        row = next(row_of)
        seen = [flat[position + i] if row[i].ink.any() else None for i in range(count)]
        position += count
        readings.append(join_row(seen, [False] * count, group, [cell.ink for cell in row]).plain(kind))
    return readings


def load_labels(path: Path) -> list[Labelled]:
    """Load a labels file with its pictures.

    Raises:
        LabelsWrong: A column, the file or a picture is missing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        detail = type(error).__name__
        raise LabelsWrong("ocr.labels_missing", where=path.name, name=path.name, detail=detail) from error
    reader = csv.DictReader(text.splitlines())
    lacking = {"file", "text"} - set(reader.fieldnames or ())
    if lacking:
        detail = ", ".join(sorted(lacking))
        raise LabelsWrong("ocr.labels_missing", where=path.name, name=path.name, detail=detail)
    return [_labelled(path, line, row) for line, row in enumerate(reader, start=2)]


def _labelled(path: Path, line: int, row: Mapping[str, str]) -> Labelled:
    picture = path.parent / row["file"]
    try:
        gray = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    except (OSError, cv2.error):
        gray = None
    if gray is None:
        raise LabelsWrong("ocr.labels_picture", where=f"{path.name}:{line}", name=row["file"], line=line)
    return Labelled(row["file"], np.asarray(gray, dtype=np.uint8), row["text"])


def _check_words(path: Path, rows: Sequence[Labelled], kind: str) -> None:
    """Refuse a truth that is no word of its kind: a misspelt label would be counted as a misreading."""
    words = WORDS.get(kind)
    for row in rows if words else ():
        if words and row.text not in words:
            hint = did_you_mean(row.text, words)
            where = f"{path.name}: {row.file}"
            raise LabelsWrong("ocr.labels_word", where=where, word=row.text, kind=kind, hint=hint)


def edit_distance(read: str, truth: str) -> int:
    """Return the fewest insertions, deletions and replacements between two texts."""
    return sum(a != b for a, b in aligned(truth, read))


def _summary(rows: Sequence[Labelled], judged: Sequence[Judged], seconds: float) -> dict[str, Any]:
    count = max(1, len(rows))
    distance = sum(edit_distance(one.read, one.text) for one in judged)
    errors = [
        {
            "file": row.file,
            "text": one.text,
            "read": one.read,
            "probability": round(one.probability, 5),
            "accepted": one.sure,
        }
        for row, one in zip(rows, judged, strict=True)
        if not one.right
    ]
    return {
        "n": len(rows),
        "exact": round(sum(one.right for one in judged) / count, 5),
        "cer": round(distance / max(1, sum(len(row.text) for row in rows)), 5),
        "accepted": round(sum(one.sure for one in judged) / count, 5),
        "wrong_accepted": round(sum(one.sure and not one.right for one in judged) / count, 5),
        "ms_per_field": round(1000 * seconds / count, 2),
        "errors": errors,
    }


def load_truth(folder: Path, name: str) -> dict[str, Any]:
    """Return the truth of a sample scan.

    Raises:
        LabelsWrong: It has none.
    """
    path = folder / "truth" / f"{Path(name).stem}.json"
    if not path.is_file():
        raise LabelsWrong("ocr.truth_missing", where=name, name=path.name)
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return truth
