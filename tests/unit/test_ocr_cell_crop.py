"""A cell becomes two small pictures: the ink alone, and the whole cell."""

import cv2
import numpy as np
import pytest

from ocr.reading import Gray
from ocr.recognisers.cell_crop import SIDE, ink_of, normalise, only_strokes, without_frame


def paper(height: int = 72, width: int = 72, shade: int = 255) -> Gray:
    return np.full((height, width), shade, np.uint8)


def seven(cell: Gray, shade: int = 0, pen: int = 3) -> Gray:
    cv2.polylines(cell, [np.array([[24, 20], [50, 20], [36, 56]])], False, (shade,), pen)
    return cell


def same(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())


def test_gives_two_pictures_between_0_and_1() -> None:
    pictures = normalise(seven(paper()))
    assert pictures.shape == (2, SIDE, SIDE) and pictures.dtype == np.float32
    assert pictures.min() >= 0 and pictures.max() == pytest.approx(1.0)


@pytest.mark.parametrize("shape", [(72, 72), (1, 1), (3, 200), (200, 3), (9, 9), (400, 300)])
def test_takes_a_crop_of_any_size(shape: tuple[int, int]) -> None:
    assert normalise(paper(*shape)).shape == (2, SIDE, SIDE)


def test_refuses_a_crop_without_pixels() -> None:
    with pytest.raises(ValueError, match="non-empty gray image"):
        normalise(np.zeros((0, 5), np.uint8))


def test_sees_no_ink_on_clean_paper_of_any_shade() -> None:
    shade = np.linspace(150, 230, 72).astype(np.uint8)
    assert not normalise(paper(shade=190)).any()
    assert not normalise(np.tile(shade, (72, 1))).any()


def test_faint_pencil_becomes_full_ink() -> None:
    faint, black = normalise(seven(paper(shade=210), shade=165)), normalise(seven(paper()))
    assert same(faint, black) < 0.01


def test_the_ink_picture_does_not_depend_on_where_it_stands() -> None:
    moved = np.roll(seven(paper()), (9, -14), (0, 1))
    assert same(normalise(moved)[0], normalise(seven(paper()))[0]) < 1e-6


def test_the_cell_picture_tells_a_small_character_from_a_large_one() -> None:
    large = seven(paper())
    small = paper()
    small[36:, :36] = cv2.resize(large, (36, 36), interpolation=cv2.INTER_AREA)
    assert same(normalise(large)[1], normalise(small)[1]) > 0.02


@pytest.mark.parametrize("edge", range(4))
@pytest.mark.parametrize("style", ["solid", "dotted", "double"])
def test_removes_a_frame_along_any_edge(edge: int, style: str) -> None:
    bare = seven(paper())
    framed = np.ascontiguousarray(np.rot90(bare, edge)).copy()
    framed[1:4, :: 1 if style != "dotted" else 3] = 0
    if style == "double":
        framed[6:8, :] = 0
    framed = np.ascontiguousarray(np.rot90(framed, -edge))
    clean = without_frame(ink_of(framed))
    assert same(clean, ink_of(bare)) < 0.004


def test_keeps_a_stroke_where_it_goes_through_the_frame() -> None:
    cell = paper()
    cv2.line(cell, (36, 0), (36, 60), (0,), 4)
    cell[2:4, :] = 0
    clean = without_frame(ink_of(cell))
    assert clean[2:4, 35:38].min() > 0.5 and clean[2:4, :30].max() < 0.1


def test_keeps_a_one_that_stands_near_the_edge() -> None:
    cell = paper()
    cv2.line(cell, (5, 12), (5, 60), (0,), 3)
    assert without_frame(ink_of(cell)).sum() == pytest.approx(ink_of(cell).sum())


def test_drops_specks_and_slivers_of_the_neighbour() -> None:
    cell = seven(paper())
    cell[10, 60] = 0
    cell[30:40, 70:] = 0
    assert same(without_frame(ink_of(cell)), ink_of(seven(paper()))) < 0.002


def test_a_dot_is_not_blown_up_to_a_blot() -> None:
    cell = paper()
    cv2.circle(cell, (36, 36), 3, (0,), -1)
    assert normalise(cell)[0].mean() < 0.2


def test_cuts_the_margin_and_whitens_what_is_not_a_stroke() -> None:
    cell = seven(paper(100, 100))
    mask = np.where(cell < 128, 255, 0).astype(np.uint8)
    cell[95:, :] = 0
    view = only_strokes(cell, mask, rim=0.1)
    assert view.shape == (80, 80) and (view < 128).sum() == (mask > 0).sum()


def test_keeps_a_stroke_whole_that_reaches_into_the_margin() -> None:
    cell = paper(100, 100)
    cv2.line(cell, (50, 4), (50, 60), (0,), 3)
    view = only_strokes(cell, np.where(cell < 128, 255, 0).astype(np.uint8))
    assert (view < 128).sum() == (cell < 128).sum()
