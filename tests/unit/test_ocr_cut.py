"""Cutting keeps what the writer wrote and nothing else: composed ink on a printed row of cells."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.blank import Blank
from ocr.cells import PX_PER_MM, CellCut, PageInk, cut, split_cells, split_spans, written_amount
from ocr.cleanup import flatten, ink_mask
from ocr.template import BoxField, FormPage

Gray = NDArray[np.uint8]
BOX = (20.0, 20.0, 32.0, 8.0)
"""Four cells of 8 mm."""


def px(mm: float) -> int:
    return round(mm * PX_PER_MM)


def printed_page(cells: int = 4) -> Gray:
    page = np.full((px(50), px(80)), 255, np.uint8)
    x, y, w, h = BOX
    for left in np.linspace(x, x + w, cells + 1):
        cv2.line(page, (px(left), px(y)), (px(left), px(y + h)), (0,), 3)
    for top in (y, y + h):
        cv2.line(page, (px(x), px(top)), (px(x + w), px(top)), (0,), 3)
    cv2.putText(page, "NUMBER", (px(4), px(26)), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0,), 2)
    return page


def stroke(page: Gray, *points: tuple[float, float], pen_mm: float = 0.5) -> None:
    way = [(px(x), px(y)) for x, y in points]
    for start, end in pairwise(way):
        cv2.line(page, start, end, (30,), px(pen_mm))


def page_ink(page: Gray, blank: Gray | None = None) -> PageInk:
    empty = printed_page() if blank is None else blank
    size = (page.shape[1] / PX_PER_MM, page.shape[0] / PX_PER_MM)
    template = FormPage(blank=Path("blank.png"), size_mm=size, fields=())
    flat = flatten(page, 300)
    return PageInk(Blank("card", 1, template, empty), flat, ink_mask(flat))


def cells_of(page: Gray) -> list[CellCut]:
    return split_cells(cut(page_ink(page), BOX), 4)


def parts(mask: Gray) -> int:
    return cv2.connectedComponents(mask)[0] - 1


def test_an_empty_row_has_no_ink_though_it_is_printed_wider_and_off_by_half_a_millimetre() -> None:
    page = cv2.erode(np.roll(printed_page(), (px(0.5), px(0.4)), axis=(0, 1)), np.ones((3, 3), np.uint8))
    assert [cell.filled for cell in cells_of(page)] == [False] * 4


@pytest.mark.parametrize("lean", [0.0, 1.5, -1.5, 3.0])
def test_a_stroke_that_crosses_a_printed_line_is_not_broken(lean: float) -> None:
    page = printed_page()
    stroke(page, (24 - lean, 24), (24 + lean, 29.5))
    cell = cells_of(page)[0]
    assert cell.filled
    assert parts(cell.strokes) == 1
    tall = cv2.boundingRect(cv2.findNonZero(cell.strokes))[3]
    assert tall >= px(5.5)


def test_the_foot_of_a_character_on_the_line_is_kept_where_it_leaves_the_line() -> None:
    page = printed_page()
    stroke(page, (22.5, 22), (26, 22), (23, 27.6), (26, 28.6))
    cell = cells_of(page)[0]
    assert parts(cell.strokes) == 1
    assert cv2.boundingRect(cv2.findNonZero(cell.strokes))[2] >= px(3.3)


def test_a_neighbours_overshoot_is_not_own_ink() -> None:
    page = printed_page()
    stroke(page, (22, 22), (26, 27), (30.5, 26))
    first, second, *_ = cells_of(page)
    assert (first.filled, second.filled) == (True, False)
    assert parts(first.strokes) == 1


def test_what_hangs_over_from_the_row_above_is_not_own_ink() -> None:
    page = printed_page()
    stroke(page, (24, 14), (24, 18), (25, 21.5))
    assert not cells_of(page)[0].filled


def test_a_character_a_third_outside_of_its_cell_is_kept_whole() -> None:
    page = printed_page()
    stroke(page, (22, 23), (26, 23), (23.5, 30.5))
    cell = cells_of(page)[0]
    assert cell.filled
    assert cv2.boundingRect(cv2.findNonZero(cell.strokes))[3] >= px(7)


def test_touching_characters_are_cut_at_the_line_between_them() -> None:
    page = printed_page()
    stroke(page, (22, 22), (22, 27), (27.9, 24.5), (33, 24.5), (33, 27), (34, 22))
    first, second, *_ = cells_of(page)
    assert first.filled
    assert second.filled


@pytest.mark.parametrize("shade", [110, 140, 170])
def test_a_blank_is_blank_under_a_stain(shade: int) -> None:
    page = printed_page().astype(np.float32)
    stain = np.ones_like(page)
    cv2.circle(stain, (px(36), px(24)), px(12), (shade / 255,), px(3))
    cv2.circle(stain, (px(36), px(24)), px(11), (0.5 + shade / 510,), -1)
    dirty = page * cv2.GaussianBlur(stain, (0, 0), px(0.8))
    noise = np.random.default_rng(1).normal(0, 4, page.shape)
    page8 = np.clip(dirty + noise, 0, 255).astype(np.uint8)
    assert [cell.filled for cell in cells_of(page8)] == [False] * 4


def test_dust_is_nothing_and_a_trace_is_called_faint() -> None:
    page = printed_page()
    cv2.circle(page, (px(24), px(24)), px(0.1), (0,), -1)
    stroke(page, (32, 24), (32.9, 24), pen_mm=0.3)
    first, second, *_ = cells_of(page)
    assert not first.filled
    assert (second.filled, second.faint) == (True, True)
    assert written_amount(second.strokes) == 1


def test_separate_cells_share_the_gap_between_them() -> None:
    spec = BoxField(name="番号", kind="digits", box=BOX, cells=3, pitch=12)
    assert spec.cell_width == 8
    blank = np.full((px(50), px(80)), 255, np.uint8)
    for left, right in spec.spans():
        cv2.rectangle(blank, (px(20 + left), px(20)), (px(20 + right), px(28)), (0,), 3)
    page = blank.copy()
    stroke(page, (22, 22), (26, 26), (29.8, 26))
    stroke(page, (46, 21), (46, 27))
    found = split_spans(cut(page_ink(page, blank), BOX), spec.spans())
    assert [cell.filled for cell in found] == [True, False, True]
    assert parts(found[0].strokes) == 1


def test_keeps_the_lower_ring_of_an_8_that_hangs_below_its_frame_behind_a_white_streak() -> None:
    page = printed_page()
    x, bottom = 24.0, BOX[1] + BOX[3]
    for middle in (bottom - 1.6, bottom + 1.0):
        cv2.circle(page, (px(x), px(middle)), px(1.25), (30,), px(0.5))
    page[px(bottom - 0.35) : px(bottom - 0.35) + 3] = 255
    ink = cells_of(page)[0].strokes
    rows = np.flatnonzero(ink.any(axis=1))
    assert (rows[-1] - rows[0]) / PX_PER_MM > 4.5
