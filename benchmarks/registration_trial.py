"""Measures registration on distorted pages whose truth is known: who was found, how far off, who was wrongly found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.distortions import Distorted, Gray, distort
from ocr.blank import Blank
from ocr.identify import identify
from ocr.intake import read_pages
from ocr.reading import PageRefusal
from ocr.register import register
from samples.scans.compose.page import compose_page
from samples.scans.compose.writer import missing_fonts
from samples.scans.make_scans.filling import hands_of
from samples.scans.make_scans.plan import Filled, received_on, values_of

LARGEST_MM = 0.5
"""A page counts as registered when no corner of a field is farther off than this (root mean square)."""

PERSON = 4242


@dataclass(frozen=True)
class Outcome:
    """What became of one distorted page.

    Attributes:
        seed: Of the distortion.
        form: The page it was made from, e.g. "yobou_yoshin p.2".
        filled: Whether it was filled in by hand.
        machine: scanner, fax or photo.
        damage: What happened to the paper.
        answer: "registered", "wrong form", or the reason of the refusal.
        told_mm: The residual that the reader told.
        true_mm: Root mean square distance of the fields' corners from the truth.
        worst_mm: The farthest corner.
    """

    seed: int
    form: str
    filled: bool
    machine: str
    damage: str
    answer: str
    told_mm: float = 0.0
    true_mm: float = 0.0
    worst_mm: float = 0.0

    @property
    def good(self) -> bool:
        """Say whether the page was registered within LARGEST_MM of the truth."""
        return self.answer == "registered" and self.true_mm <= LARGEST_MM


def filled_pages(blanks: Sequence[Blank]) -> list[Gray]:
    """Return each blank filled in by hand, uint8 at 300 dpi; the blanks themselves where the fonts are missing."""
    if missing_fonts():
        return [blank.gray for blank in blanks]
    return [_fill(blank, PERSON + number) for number, blank in enumerate(blanks)]


def run_trial(
    blanks: Sequence[Blank], seeds: Sequence[int], folder: Path, *, known: bool = True
) -> Iterator[Outcome]:
    """Distort, find and register one page per seed.

    Args:
        blanks: The blanks to distort, in turn; every second time filled in.
        seeds: Of the distortions.
        folder: For the scans; each is deleted after use.
        known: False takes the page's own form out of those that are looked for: every page must then be refused.
    """
    filled = filled_pages(blanks)
    for seed in seeds:
        number = seed % len(blanks)
        by_hand = (seed // len(blanks)) % 2 == 1
        scan = distort(filled[number] if by_hand else blanks[number].gray, seed, folder)
        sought = [blank for blank in blanks if known or blank.form != blanks[number].form]
        yield _look(scan, seed, blanks[number], by_hand, sought)
        scan.path.unlink()


def summarise(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return n, registered (share within LARGEST_MM), wrong_forms, the median and largest true residual, and misses."""
    found = [outcome for outcome in outcomes if outcome.answer == "registered"]
    true = [outcome.true_mm for outcome in found]
    return {
        "n": len(outcomes),
        "registered": round(sum(outcome.good for outcome in outcomes) / max(1, len(outcomes)), 4),
        "wrong_forms": sum(outcome.answer == "wrong form" for outcome in outcomes),
        "median_mm": round(float(np.median(true)), 3) if true else None,
        "p95_mm": round(float(np.percentile(true, 95)), 3) if true else None,
        "largest_mm": round(max(true), 3) if true else None,
        "worst_corner_mm": round(max(outcome.worst_mm for outcome in found), 3) if found else None,
        "misses": [asdict(outcome) for outcome in outcomes if not outcome.good],
    }


def _fill(blank: Blank, person: int) -> Gray:
    filled = Filled(blank.form, person)
    values, _ = values_of(filled, 1)
    sheet = compose_page(
        blank.form, blank.page, values, hands_of(filled), person, received=received_on(filled, values)
    )
    gray = cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY)
    size = (blank.gray.shape[1], blank.gray.shape[0])
    return np.asarray(np.clip(cv2.resize(gray, size) * 255, 0, 255), dtype=np.uint8)


def _look(scan: Distorted, seed: int, blank: Blank, by_hand: bool, sought: Sequence[Blank]) -> Outcome:
    about = (seed, f"{blank.form} p.{blank.page}", by_hand, scan.machine, scan.damage)
    page = next(iter(read_pages(scan.path)))
    match = identify(page, sought)
    if isinstance(match, PageRefusal):
        return Outcome(*about, match.reason)
    if match.blank is not blank or match.rotation != scan.turn:
        return Outcome(*about, "wrong form")
    laid = register(page, match)
    if isinstance(laid, PageRefusal):
        return Outcome(*about, laid.reason)
    corners = _field_corners(blank)
    away = np.linalg.norm(laid.placement.on_page(corners) - scan.to_pixels(corners), axis=1) / scan.px_per_mm
    true = float(np.sqrt(np.mean(away**2)))
    return Outcome(
        *about, "registered", round(laid.residual_mm, 3), round(true, 3), round(float(away.max()), 3)
    )


def _field_corners(blank: Blank) -> np.ndarray:
    boxes = [box for field in blank.template.fields for box in field.boxes()]
    return np.array(
        [(x + i * w, y + j * h) for x, y, w, h in boxes for i in (0, 1) for j in (0, 1)], np.float64
    )


def progress_line(outcome: Outcome) -> str:
    """Return one line about an outcome, for a person who watches."""
    told = f"{outcome.true_mm:.2f} mm (told {outcome.told_mm:.2f}, worst {outcome.worst_mm:.2f})"
    return (
        f"{outcome.seed:4} {outcome.form:18} {outcome.machine:8} {outcome.damage:7} {outcome.answer} {told}"
    )
