"""Proposed templates against what a person would write: our own three blanks, two of other styles, and a scan.

A field is found when it is on the same page and each of its boxes overlaps a box of the proposal by half or more
(intersection over union); the options of a choice count as boxes. Kind and number of cells are counted apart.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from propose_blanks import Drawing, Wanted, family, grant

from backoffice.declarations import load
from ocr.intake import SourcePage, read_pages
from ocr.propose.finding import Found
from ocr.propose.paper import lay_out
from ocr.propose.proposal import propose_form, see_page
from ocr.propose.rect import Rect
from ocr.reading import Gray
from ocr.template import Form
from ocr.textpage.lines import LineFinder

pytestmark = pytest.mark.timeout(900)  # eight pages through two networks, also on a busy machine
ROOT = Path(__file__).parents[2]
FORMS = ("kouza_furikae", "idou_todoke", "yobou_yoshin")


@dataclass
class Score:
    """How many fields were wanted, found, of the right kind, and with the right number of cells."""

    wanted: int = 0
    found: int = 0
    kinds: int = 0
    rows: int = 0
    cells: int = 0
    missed: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> LineFinder:
    return LineFinder(tmp_path_factory.mktemp("models"), threads=min(2, os.cpu_count() or 1))


def wanted_of(form: Form, page: int) -> list[Wanted]:
    fields = [field for number, field in form.fields() if number == page]
    return [Wanted(f.name, f.kind, tuple(f.boxes()), _cells(getattr(f, "cells", None))) for f in fields]


def _cells(cells: Any) -> tuple[int, ...]:
    return () if cells is None else (cells,) if isinstance(cells, int) else tuple(cells)


def seen_of(fields: Iterable[Found]) -> list[Wanted]:
    return [Wanted(f.label.text, f.kind, tuple(_boxes(f.keys)), _cells(f.keys.get("cells"))) for f in fields]


def _boxes(keys: Any) -> list[Any]:
    if "box" in keys:
        return [keys["box"]]
    if "options" in keys:
        return list(keys["options"].values())
    eras = keys["era"]["options"].values() if isinstance(keys["era"], dict) else []
    return [*(keys[part]["box"] for part in ("year", "month", "day")), *eras]


def compare(wanted: list[Wanted], proposed: list[Wanted]) -> Score:
    score = Score(wanted=len(wanted), rows=sum(bool(field.cells) for field in wanted))
    for field in wanted:
        same = next((other for other in proposed if _same_place(field, other)), None)
        if same is None:
            score.missed += (field.name,)
            continue
        score.found += 1
        score.kinds += same.kind == field.kind
        score.cells += bool(field.cells) and same.cells == field.cells
    return score


def _same_place(one: Wanted, other: Wanted) -> bool:
    mine, theirs = [[Rect(x, y, x + w, y + h) for x, y, w, h in f.boxes] for f in (one, other)]
    return len(mine) == len(theirs) and all(any(a.overlap(b) >= 0.5 for b in theirs) for a in mine)


@pytest.mark.parametrize("name", FORMS)
def test_finds_nine_fields_of_ten_of_a_shipped_blank_and_writes_what_form_check_accepts(
    name: str, finder: LineFinder, tmp_path: Path
) -> None:
    form = load(ROOT / f"configs/forms/{name}.yaml", Form)
    out = tmp_path / f"{name}.yaml"
    proposal = propose_form(ROOT / f"samples/forms/{name}.pdf", out, name=name, finder=finder)
    written = load(out, Form)
    for page in range(1, len(form.pages) + 1):
        score = compare(wanted_of(form, page), wanted_of(written, page))
        assert score.found >= 0.9 * score.wanted, score
        assert score.kinds >= 0.9 * score.found, score
        assert score.cells == score.rows, score
    assert proposal.title == form.title
    assert written.key[0] == form.key[0]
    assert [p.corner_marks for p in written.pages] == [p.corner_marks for p in form.pages]
    assert all(f.personal for _, f in written.fields() if f.kind in ("kanji", "address", "phone", "mynumber"))


@pytest.mark.parametrize("make", [grant, family])
def test_finds_the_fields_of_blanks_in_other_styles(
    make: Callable[[], tuple[Drawing, list[Wanted]]], finder: LineFinder
) -> None:
    drawing, wanted = make()
    page = see_page(lay_out(drawing.page()), finder)
    score = compare(wanted, seen_of(page.fields))
    assert score.found >= 0.9 * score.wanted, score
    assert score.kinds >= 0.85 * score.found, score
    assert score.cells == score.rows, score
    assert len(page.fields) <= 1.2 * score.wanted


def test_finds_the_fields_of_a_crooked_noisy_scan_and_writes_the_page_straight(
    finder: LineFinder, tmp_path: Path
) -> None:
    page = next(read_pages(ROOT / "samples/forms/idou_todoke.pdf"))
    blank, out = tmp_path / "blank.png", tmp_path / "forms" / "idou.yaml"
    cv2.imwrite(str(blank), scanned(page, dpi=200, degrees=0.9))
    proposal = propose_form(blank, out, name="idou", finder=finder)
    written = load(out, Form)
    score = compare(wanted_of(load(ROOT / "configs/forms/idou_todoke.yaml", Form), 1), wanted_of(written, 1))
    assert score.found >= 0.9 * score.wanted, score
    assert score.cells >= 0.9 * score.rows, score
    assert proposal.straightened == (out.parent / "idou_1.png",)
    assert written.blank_path(1) == (out.parent / "idou_1.png").resolve()


def scanned(page: SourcePage, *, dpi: float, degrees: float) -> Gray:
    """Return a page as an office scanner gives it: coarser, turned, soft, gray and grainy."""
    small = cv2.resize(page.gray, None, fx=dpi / page.dpi, fy=dpi / page.dpi, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    turned = cv2.warpAffine(small, turn, (width, height), borderValue=(255.0,))
    soft = cv2.GaussianBlur(turned, (0, 0), 0.6).astype(np.float32) * 0.9 + 14
    grain = np.random.default_rng(7).normal(0, 5, soft.shape)
    return np.clip(soft + grain, 0, 255).astype(np.uint8)
