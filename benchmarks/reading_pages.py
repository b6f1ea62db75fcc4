"""The pages of a comparison: decoded, upright, with the true place and text of every field."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ocr.blank import load_blanks
from ocr.identify import Match, identify
from ocr.intake import SourcePage, read_pages
from ocr.register import Registered, register
from ocr.template import load_forms

FORMS = Path("configs") / "forms"
NO_TEXT = ("date", "choice", "choices", "seal", "signature", "checkbox", "mark")


def prepare_pages(scans: Path, count: int, folder: Path) -> int:
    """Write page images and what stands on them into `folder`; return the number of pages.

    Files are taken in turn from every department, those with planted faults left out.
    """
    blanks = load_blanks(load_forms(FORMS).values())
    pages, files = [], []
    for path, truth in _chosen(scans):
        if len(pages) >= count:
            break
        files.append(str(path.resolve()))
        for page in read_pages(path):
            document = next(one for one in truth["documents"] if page.number in one["pages"])
            match = identify(page, blanks)
            laid = register(page, match) if isinstance(match, Match) else match
            if not isinstance(laid, Registered):
                raise SystemExit(f"{path.name} p.{page.number} cannot be laid: choose other scans")
            pages.append(_describe(page, laid, document, folder / f"{len(pages):04}.npy"))
    told = {"files": files, "pages": pages}
    (folder / "pages.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return len(pages)


def _chosen(scans: Path) -> list[tuple[Path, dict]]:
    by_department: dict[str, list[tuple[Path, dict]]] = {}
    for path in sorted(path for path in scans.glob("*.*") if path.is_file()):
        truth = json.loads((scans / "truth" / f"{path.stem}.json").read_text(encoding="utf-8"))
        if truth["fault"] is None and len(truth["documents"]) == 1:
            by_department.setdefault(truth["department"], []).append((path, truth))
    longest = max(map(len, by_department.values()))
    return [files[turn] for turn in range(longest) for files in by_department.values() if turn < len(files)]


def _describe(page: SourcePage, laid: Registered, document: dict, image: Path) -> dict:
    turns = laid.match.rotation // 90
    np.save(image, np.ascontiguousarray(np.rot90(page.gray, -turns)))
    fields = []
    for spec in laid.match.blank.template.fields:
        if spec.kind in NO_TEXT or spec.name not in document["fields"]:
            continue
        x, y, width, height = spec.box
        corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
        placed = _turned(laid.placement.on_page(corners), page.gray.shape, turns)
        box = [*placed.min(axis=0).tolist(), *placed.max(axis=0).tolist()]
        fields.append(
            {"name": spec.name, "kind": spec.kind, "box": box, "text": document["fields"][spec.name]}
        )
    return {"image": str(image), "form": document["form"], "fields": fields}


def _turned(points: np.ndarray, shape: tuple[int, ...], turns: int) -> np.ndarray:
    """Return points on the page after it was turned clockwise by quarter turns."""
    height, width = shape
    for _ in range(turns):
        points = np.stack([height - 1 - points[:, 1], points[:, 0]], axis=1)
        height, width = width, height
    return points
