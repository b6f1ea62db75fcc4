"""What the designer's child does: look at a blank, propose a template for it, and try a template on a scan.

Heavy: imports the reading room. Lengths are millimetres from the top left corner of the page.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from backoffice.messages import has_text, text
from console.errors import DesignRefused
from ocr.cleanup import Mask
from ocr.intake import Limits, read_pages
from ocr.pipeline import Reader
from ocr.propose.frames import find_rulings
from ocr.propose.paper import Paper, lay_out
from ocr.propose.proposal import propose_form
from ocr.reading import DocumentReading, FieldReading, Gray
from ocr.template import load_form
from ocr.textpage.lines import LineFinder

PICTURE_DPI = 150
"""Resolution of the pictures that people design on."""

SHORTEST_SNAP_MM = 3.4
"""Shorter pieces of rulings are nothing to snap to."""

Progress = Callable[[int], None]


def perform(folder: Path, task: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Do one task.

    Args:
        folder: The draft's folder.
        task: `do` ("propose", "look" or "try") and what it needs.
        progress: Told each page that is begun.

    Returns:
        What came of it, ready for JSON.

    Raises:
        FileRefused: A file cannot be read.
        NothingToFill: The blank shows no place to write.
        DesignRefused: The scan is none of this form.
    """
    doing = {"propose": _propose, "look": _look, "try": _try}
    return doing[task["do"]](folder, task, progress)


def _propose(folder: Path, task: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    limits = Limits(**task["limits"])
    next(
        read_pages(folder / task["blank"], limits)
    )  # what is no blank is refused before the networks are loaded
    finder = LineFinder(Path(task["models"]), task["threads"])
    proposal = propose_form(
        folder / task["blank"],
        folder / "form.yaml",
        name=task["form"],
        finder=finder,
        limits=limits,
        progress=progress,
    )
    form = load_form(proposal.path)
    blanks = [(form.blank_path(number), page.blank_page) for number, page in enumerate(form.pages, start=1)]
    return {"office": list(proposal.office), "unsure": proposal.unsure, **_pictures(folder, blanks, limits)}


def _look(folder: Path, task: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    blanks = [(Path(path), page) for path, page in task["blanks"]]
    progress(1)
    return _pictures(folder, blanks, Limits(**task["limits"]))


def _pictures(folder: Path, blanks: list[tuple[Path, int]], limits: Limits) -> dict[str, Any]:
    """Draw the page of every blank and find the rulings to snap to."""
    pages = []
    for number, (blank, wanted) in enumerate(blanks, start=1):
        source = next((page for page in read_pages(blank, limits) if page.number == wanted), None)
        if source is None:
            raise DesignRefused("designer.page_missing", where=blank.name, name=blank.name, page=wanted)
        paper = lay_out(source)
        _save(folder / f"page-{number}.png", paper.gray, paper.size_mm)
        pages.append({"size_mm": list(paper.size_mm), **_rulings(paper)})
    return {"pages": pages}


def _save(path: Path, gray: Gray, size_mm: tuple[float, float]) -> None:
    width, height = (round(side / 25.4 * PICTURE_DPI) for side in size_mm)
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    Image.fromarray(np.asarray(small, dtype=np.uint8)).save(path, optimize=True)


def _rulings(paper: Paper) -> dict[str, Any]:
    """Return the middles of the rulings: across as [y, from x, to x], down as [x, from y, to y], mm."""
    found = find_rulings(paper.ink)
    right, down = paper.scale
    return {
        "across": _segments(found.across, down, right),
        "down": _segments(np.ascontiguousarray(found.down.T), right, down),
    }


def _segments(mask: Mask, thick: float, long: float) -> list[list[float]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    segments = []
    for number in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[number])
        if w * long >= SHORTEST_SNAP_MM:
            segments.append([round((y + h / 2) * thick, 2), round(x * long, 2), round((x + w) * long, 2)])
    return sorted(segments)


def _try(folder: Path, task: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    progress(1)
    reader = _reader(task)
    outcome = reader.read_file(folder / task["scan"])
    if not outcome.documents:
        why = " ".join(page.explain() for page in outcome.refused)
        raise DesignRefused("designer.scan_refused", where=task["scan_name"], why=why)
    document = outcome.documents[0]
    for page in document.pages:
        Image.fromarray(page.image).save(folder / f"trial-{page.form_page}.png", optimize=True)
    return {
        "documents": len(outcome.documents),
        "pages": [page.form_page for page in document.pages],
        "missing": list(document.missing_pages),
        "residual_mm": round(max(page.residual_mm for page in document.pages), 2),
        "fields": {field.name: _told(field, document) for field in document.fields},
    }


def _reader(task: Mapping[str, Any]) -> Reader:
    """Return a reader of the design alone.

    The lists in `masters/` are looked for beside the folder of the forms, so the design lies there for a moment, under
    a name that no reader of the folder looks at.
    """
    own = Path(task["forms"], f".trial-{os.getpid()}.new")
    try:
        shutil.copyfile(task["template"], own)
        form = load_form(own)
        return Reader(
            {form.form: form},
            Path(task["models"]),
            limit=task["limit"],
            threads=task["threads"],
            limits=Limits(**task["limits"]),
        )
    finally:
        own.unlink(missing_ok=True)


def _told(field: FieldReading, document: DocumentReading) -> dict[str, Any]:
    reason = ""
    if field.reason:
        reason = (
            text(field.reason, language=None, **field.reason_values)
            if has_text(field.reason)
            else field.reason
        )
    return {
        "value": field.value,
        "probability": round(field.probability, 4),
        "accepted": field.accepted,
        "reason": reason,
        "page": field.page,
    }
