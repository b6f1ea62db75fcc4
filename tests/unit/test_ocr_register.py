"""A page is found and laid on its blank from any side, and the residual that is told is the one there is."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.blank import Blank, load_blanks
from ocr.identify import Match, identify
from ocr.intake import SourcePage
from ocr.reading import Gray, PageRefusal
from ocr.register import Registered, register
from ocr.template import load_forms

Turn = np.ndarray


@pytest.fixture(scope="module")
def blanks() -> list[Blank]:
    return load_blanks(load_forms(Path("configs/forms")).values())


def _scanned(blank: Blank, seed: int, turn: int, dpi: int, one_bit: bool) -> tuple[Gray, Turn]:
    """Return the blank as a scanner would give it, and the true map from blank px at 300 dpi to scan px."""
    rng = np.random.default_rng(seed)
    scale = dpi / 300
    margin = dpi * 0.25
    height, width = (round(side * scale + 2 * margin) for side in blank.gray.shape)
    skew = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-3, 3), rng.uniform(0.98, 1.02))
    moved = np.vstack([skew, [0, 0, 1]]) @ np.array([[scale, 0, margin], [0, scale, margin], [0, 0, 1]])
    moved[:2, 2] += rng.uniform(-margin / 2, margin / 2, 2)
    soft = cv2.GaussianBlur(blank.gray, (0, 0), 0.4 / scale)
    scan = cv2.warpPerspective(soft, moved, (width, height), flags=cv2.INTER_AREA, borderValue=255)
    scan = np.clip(scan * rng.uniform(0.85, 1.0) + rng.normal(0, 8, scan.shape), 0, 255).astype(np.uint8)
    if one_bit:
        scan = np.where(scan < rng.uniform(130, 180), 0, 255).astype(np.uint8)
    for _ in range(turn // 90):  # each turn to the left must be undone by one to the right
        moved = np.array([[0, 1, 0], [-1, 0, scan.shape[1] - 1], [0, 0, 1]]) @ moved
        scan = np.rot90(scan).copy()
    return scan, moved


CASES = [
    (0, 0, 300, False),
    (1, 90, 200, False),
    (2, 180, 200, True),
    (3, 270, 150, False),
    (0, 180, 100, False),
]


@pytest.mark.parametrize(("number", "turn", "dpi", "one_bit"), CASES)
def test_registration_is_true_to_a_fifth_of_a_millimetre(
    blanks: list[Blank], number: int, turn: int, dpi: int, one_bit: bool
) -> None:
    blank = blanks[number]
    scan, truth = _scanned(blank, seed=number + turn, turn=turn, dpi=dpi, one_bit=one_bit)
    page = SourcePage(1, scan, dpi)
    match = identify(page, blanks)
    assert isinstance(match, Match)
    assert (match.blank.form, match.blank.page, match.rotation) == (blank.form, blank.page, turn)
    laid = register(page, match)
    assert isinstance(laid, Registered)
    assert laid.inliers >= 40
    assert _true_residual_mm(scan, truth, laid, blank) < 0.2
    assert laid.residual_mm < 0.2


def _true_residual_mm(scan: Gray, truth: Turn, laid: Registered, blank: Blank) -> float:
    """Compare what was laid on the blank with what the known map would have laid there, by their shift."""
    wanted = cv2.warpPerspective(
        scan, np.linalg.inv(truth), (blank.gray.shape[1], blank.gray.shape[0]), borderValue=255
    )
    shifts = []
    for top in range(300, blank.gray.shape[0] - 600, 500):
        for left in range(300, blank.gray.shape[1] - 600, 500):
            window = (slice(top, top + 300), slice(left, left + 300))
            if blank.gray[window].std() < 20:
                continue
            a, b = (cv2.GaussianBlur(i[window], (0, 0), 2).astype(np.float32) for i in (wanted, laid.work))
            (x, y), _ = cv2.phaseCorrelate(a, b)
            shifts.append(np.hypot(x, y) * 25.4 / 300)
    return float(np.sqrt(np.mean(np.square(shifts))))


def test_another_paper_is_not_one_of_our_forms(blanks: list[Blank]) -> None:
    letter = np.full((2339, 1654), 255, np.uint8)
    rng = np.random.default_rng(5)
    for y in range(200, 2100, 45):
        for x in range(150, 1500, 30):
            if rng.random() < 0.8:
                cv2.putText(letter, chr(rng.integers(65, 91)), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    refusal = identify(SourcePage(3, letter, 200), blanks)
    assert isinstance(refusal, PageRefusal)
    assert refusal.reason == "ocr.page_unknown_form"
    assert "3 ページ目" in refusal.explain("ja")


def test_two_equal_blanks_are_not_guessed_between(blanks: list[Blank]) -> None:
    twin = Blank("twin", 1, blanks[0].template, blanks[0].gray)
    refusal = identify(SourcePage(1, blanks[0].gray, 300), [blanks[0], twin])
    assert isinstance(refusal, PageRefusal)
    assert refusal.reason == "ocr.page_ambiguous"


@pytest.mark.parametrize(("ink", "reason"), [(0, "ocr.page_blank"), (28, "ocr.page_unreadable")])
def test_a_blank_page_and_a_faded_one_are_told_apart(blanks: list[Blank], ink: int, reason: str) -> None:
    rng = np.random.default_rng(2)
    faded = 240 - (255 - blanks[0].gray.astype(float)) / 255 * ink + rng.normal(0, 8, blanks[0].gray.shape)
    page = SourcePage(1, cv2.GaussianBlur(np.clip(faded, 0, 255).astype(np.uint8), (0, 0), 2), 300)
    refusal = identify(page, blanks)
    assert isinstance(refusal, PageRefusal)
    assert refusal.reason == reason


def test_a_page_bent_out_of_shape_is_refused_or_told_by_its_residual(blanks: list[Blank]) -> None:
    blank = blanks[0]
    rows, columns = np.indices(blank.gray.shape, dtype=np.float32)
    bent = cv2.remap(
        blank.gray,
        columns + 45 * np.sin(rows / 260),
        rows + 45 * np.sin(columns / 260),
        cv2.INTER_LINEAR,
        borderValue=255,
    )
    page = SourcePage(1, bent, 300)
    match = identify(page, blanks)
    if isinstance(match, Match):
        assert isinstance(register(page, match), PageRefusal)
