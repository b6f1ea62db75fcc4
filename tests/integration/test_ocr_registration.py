"""Pages distorted in known ways are laid on their blanks to a fraction of a millimetre; foreign ones are refused.

A seeded share of `benchmarks/registration.py`, which does 200.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.registration_trial import Outcome, run_trial
from ocr.blank import Blank, load_blanks
from ocr.identify import Match, identify
from ocr.intake import SourcePage
from ocr.placement import NODE_MM, Placement, no_shifts, shift_at, smooth_shifts
from ocr.reading import PageRefusal
from ocr.template import load_forms

SEEDS = range(1000, 1040)


@pytest.fixture(scope="module")
def blanks() -> list[Blank]:
    return load_blanks(load_forms(Path("configs/forms")).values())


@pytest.fixture(scope="module")
def outcomes(blanks: list[Blank], tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return list(run_trial(blanks, SEEDS, tmp_path_factory.mktemp("scans")))


def test_forty_distorted_pages_are_registered_within_half_a_millimetre(outcomes: list[Outcome]) -> None:
    assert len(outcomes) == 40
    assert [outcome for outcome in outcomes if not outcome.good] == []
    assert max(outcome.worst_mm for outcome in outcomes) < 0.5


def test_the_residual_that_is_told_is_about_the_true_one(outcomes: list[Outcome]) -> None:
    assert all(outcome.true_mm < 2 * outcome.told_mm + 0.05 for outcome in outcomes)


def test_pages_of_forms_that_are_not_loaded_are_refused(blanks: list[Blank], tmp_path: Path) -> None:
    answers = {outcome.answer for outcome in run_trial(blanks, range(2000, 2008), tmp_path, known=False)}
    assert answers == {"ocr.page_unknown_form"}


@pytest.mark.parametrize(("left", "right"), [(1, 2), (1, 1)])
def test_two_forms_on_one_sheet_are_both_refused(blanks: list[Blank], left: int, right: int) -> None:
    sheet = np.hstack([blanks[left].gray, np.full_like(blanks[left].gray[:, :60], 255), blanks[right].gray])
    half = np.asarray(cv2.resize(sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    refusal = identify(SourcePage(1, half, 150), blanks)
    assert isinstance(refusal, PageRefusal)
    assert refusal.reason == "ocr.page_two_forms"


def test_corner_marks_find_a_page_whose_print_is_otherwise_gone(blanks: list[Blank]) -> None:
    from ocr.cleanup import ink_mask
    from ocr.corner_marks import marks_homographies
    from ocr.identify import overlap_score

    blank = next(blank for blank in blanks if blank.template.corner_marks)
    turned = np.ascontiguousarray(np.rot90(blank.small))
    scores = [
        overlap_score(ink_mask(turned), blank, found)
        for found in marks_homographies(ink_mask(turned), blank.template, 100)
    ]
    assert len(scores) == 4
    assert sorted(score > 0.8 for score in scores) == [False, False, False, True]


def test_paper_that_creeps_is_followed_between_the_points_seen() -> None:
    rng = np.random.default_rng(4)
    points = rng.uniform(0, 1, (200, 2)) * (210, 297)
    creep = np.stack([0.3 * np.sin(points[:, 1] / 50), 0.2 * np.cos(points[:, 0] / 60)], axis=1)
    shifts = smooth_shifts(points, creep + rng.normal(0, 0.02, creep.shape), (210.0, 297.0))
    inner = points[(points > 15).all(axis=1) & (points < (195, 282)).all(axis=1)]
    wanted = np.stack([0.3 * np.sin(inner[:, 1] / 50), 0.2 * np.cos(inner[:, 0] / 60)], axis=1)
    assert np.abs(shift_at(shifts, inner) - wanted).max() < 0.08


def test_a_page_laid_straight_keeps_every_pixel() -> None:
    page = np.random.default_rng(1).integers(0, 255, (700, 500)).astype(np.uint8)
    placement = Placement(np.eye(3), 300, no_shifts((500 / 300 * 25.4, 700 / 300 * 25.4)))
    assert np.abs(placement.lay(page, page.shape).astype(int) - page).max() <= 1
    assert placement.on_page(np.array([[NODE_MM, NODE_MM]])) == pytest.approx(NODE_MM * 300 / 25.4 - 0.5)


def test_a_match_survives_a_sheet_fed_sideways(blanks: list[Blank]) -> None:
    page = SourcePage(1, np.ascontiguousarray(np.rot90(blanks[1].small)), 100)
    match = identify(page, blanks)
    assert isinstance(match, Match)
    assert match.rotation == 90
