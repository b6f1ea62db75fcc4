"""Measure reading on whole scans with known truth: per field kind, per form, and the planted faults.

A planted fault has one right answer: a page too faint is refused as unreadable, a letter as an unknown form, and a
second scan of the same slip gives the same dedupe key, so that the ledger takes it once. A key in doubt enters nothing
either: a person settles it, and the ledger then finds the number taken. Only another key would be entered twice.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.errors import FileRefused
from ocr.evaluate import load_truth
from ocr.pipeline import Reader
from ocr.reading import DocumentReading, FieldReading, FileReading
from ocr.reliability import Judged, figures

FAULTS = {
    "unreadable": "ocr.page_unreadable",
    "blank": "ocr.page_blank",
    "not_a_form": "ocr.page_unknown_form",
    "duplicate": "same_key",
}
"""The right answer to each planted fault."""


@dataclass
class Tally:
    """Counts over fields."""

    n: int = 0
    right: int = 0
    accepted: int = 0
    wrong_accepted: int = 0

    def add(self, reading: FieldReading, truth: str) -> None:
        """Count one field."""
        right = reading.value == truth
        self.n += 1
        self.right += right
        self.accepted += reading.accepted
        self.wrong_accepted += reading.accepted and not right

    def as_json(self) -> dict[str, Any]:
        """Return n and the shares exact, accepted, wrong_accepted."""
        count = max(1, self.n)
        return {
            "n": self.n,
            "exact": round(self.right / count, 4),
            "accepted": round(self.accepted / count, 4),
            "wrong_accepted": round(self.wrong_accepted / count, 5),
        }


@dataclass
class Counts:
    """Everything that is counted over a folder of samples."""

    fields: Tally = field(default_factory=Tally)
    by_kind: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_form: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    documents: int = 0
    documents_found: int = 0
    documents_accepted: int = 0
    rotations_right: int = 0
    pages: int = 0
    residuals: list[float] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


def evaluate_samples(
    folder: Path, reader: Reader, progress: Callable[[str], None] = lambda name: None
) -> dict[str, Any]:
    """Read every scan of a folder (truth in its sub-folder truth/) and compare.

    Args:
        folder: The scans; files with a dot, not folders.
        reader: Reads them.
        progress: Told each file name before it is read.

    Returns:
        files, pages, documents, documents_found, documents_accepted, rotations_right, largest_residual_mm; n, exact,
        accepted, wrong_accepted over all fields; the same by kind and by form; ms_per_page; faults (each planted
        fault with what the reader answered and what is right), by_fault (n and right); ece, aurc, risk_coverage over
        all fields (`reliability.figures`); limit; errors (each wrong field).

    Raises:
        LabelsWrong: A scan has no truth.
    """
    counts = Counts()
    files = sorted(path for path in folder.glob("*.*") if path.is_file())
    start = time.perf_counter()
    for path in files:
        progress(path.name)
        truth = load_truth(folder, path.name)
        _compare_file(path, truth, reader, counts)
    seconds = time.perf_counter() - start
    faults = [answered(fault, counts.keys) for fault in counts.faults]
    measured = figures(counts.judged, whole=True)
    del measured["classes"]  # values of fields are no classes
    return {
        "files": len(files),
        "pages": counts.pages,
        "documents": counts.documents,
        "documents_found": counts.documents_found,
        "documents_accepted": counts.documents_accepted,
        "rotations_right": counts.rotations_right,
        "largest_residual_mm": round(max(counts.residuals, default=0.0), 3),
        **counts.fields.as_json(),
        "by_kind": {kind: tally.as_json() for kind, tally in sorted(counts.by_kind.items())},
        "by_form": {form: tally.as_json() for form, tally in sorted(counts.by_form.items())},
        "ms_per_page": round(1000 * seconds / max(1, counts.pages), 1),
        "faults": faults,
        "by_fault": _by_fault(faults),
        "limit": reader.limit,
        **measured,
        "errors": counts.errors,
    }


def _compare_file(path: Path, truth: dict[str, Any], reader: Reader, counts: Counts) -> None:
    try:
        reading = reader.read_file(path)
    except FileRefused as error:
        reading = FileReading(path.name, (), ())
        answer = error.key
    else:
        answer = _answer(reading)
    if truth["fault"]:
        told = {"file": path.name, "fault": truth["fault"], "answer": answer}
        counts.faults.append(told | {"of": truth.get("duplicate_of")})
    counts.keys[path.name] = reading.documents[0].key if reading.documents else ""
    counts.pages += sum(len(document.pages) for document in reading.documents) + len(reading.refused)
    for wanted in truth["documents"]:
        counts.documents += 1
        found = _find(reading.documents, wanted)
        if found is not None:
            _compare_document(path.name, found, wanted, counts)


def _answer(reading: FileReading) -> str:
    if reading.refused and not reading.documents:
        return ", ".join(page.reason for page in reading.refused)
    return "read"


def answered(fault: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """Say whether a fault was answered as it should be; a duplicate by comparing its key with its original's.

    Args:
        fault: file, fault, answer, and for a duplicate "of", its original.
        keys: Dedupe key of each file's first document, "" when it is not certain.

    Returns:
        file, fault, answer, expected, right.
    """
    told = {name: fault[name] for name in ("file", "fault", "answer")}
    told["expected"] = FAULTS.get(fault["fault"], "")
    if fault["fault"] == "duplicate" and fault["answer"] == "read":
        own, first = keys[fault["file"]], keys.get(str(fault["of"]), "")
        told["answer"] = (
            "same_key" if own and own == first else "other_key" if own and first else "key_in_doubt"
        )
    in_doubt = fault["fault"] == "duplicate" and told["answer"] == "key_in_doubt"
    return told | {"right": told["answer"] == told["expected"] or in_doubt}


def _by_fault(faults: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return how many of each planted fault there are and how many were answered as they should be."""
    table: dict[str, dict[str, int]] = {}
    for fault in faults:
        row = table.setdefault(fault["fault"], {"n": 0, "right": 0})
        row["n"] += 1
        row["right"] += fault["right"]
    return dict(sorted(table.items()))


def _find(documents: Sequence[DocumentReading], wanted: dict[str, Any]) -> DocumentReading | None:
    for document in documents:
        pages = sorted(page.source_page for page in document.pages)
        if document.form == wanted["form"] and pages == sorted(wanted["pages"]):
            return document
    return None


def _compare_document(file: str, found: DocumentReading, wanted: dict[str, Any], counts: Counts) -> None:
    counts.documents_found += 1
    counts.documents_accepted += found.accepted
    counts.rotations_right += found.pages[0].rotation == wanted["rotation"]
    counts.residuals += [page.residual_mm for page in found.pages]
    for reading in found.fields:
        if reading.name not in wanted["fields"]:
            continue
        truth = wanted["fields"][reading.name]
        for tally in (counts.fields, counts.by_kind[reading.kind], counts.by_form[found.form]):
            tally.add(reading, truth)
        counts.judged.append(Judged(truth, reading.value, reading.probability, reading.accepted))
        if reading.value != truth:
            counts.errors.append(
                {
                    "file": file,
                    "field": reading.name,
                    "kind": reading.kind,
                    "text": truth,
                    "read": reading.value,
                    "probability": round(reading.probability, 5),
                    "accepted": reading.accepted,
                    "reason": reading.reason,
                }
            )
