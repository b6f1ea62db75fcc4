"""Ink that is not print: lines are taken away, strokes that cross them stay, marks are seen."""

import cv2
import numpy as np
import pytest

from ocr.cells import written_amount
from ocr.printed import remove_print
from ocr.recognisers.checkbox import read_checkbox_crop
from ocr.recognisers.marks import OptionMark, choose_many, choose_one
from ocr.recognisers.shapes import read_mark


def _paper(height: int = 100, width: int = 100) -> np.ndarray:
    return np.full((height, width), 255, np.uint8)


def test_a_stroke_across_a_printed_line_stays_whole() -> None:
    printed = np.zeros((120, 200), np.uint8)
    printed[58:62] = 255
    ink = printed.copy()
    ink[20:100, 95:101] = 255
    strokes = remove_print(ink, printed)
    count, _ = cv2.connectedComponents(strokes)
    assert count == 2  # ground and one stroke
    assert strokes[60, 97] == 255
    assert strokes[60, 20] == 0


def test_a_foot_drawn_along_a_printed_line_is_not_taken_for_the_line() -> None:
    printed = np.zeros((120, 400), np.uint8)
    printed[80:84] = 255
    ink = printed.copy()
    ink[30:84, 200:206] = 255
    ink[76:82, 180:230] = 255  # the foot, half on the line
    strokes = remove_print(ink, printed)
    x, _, width, _ = cv2.boundingRect(cv2.findNonZero(strokes))
    assert (x, width) == (180, 50)


def test_a_printed_line_that_came_out_wide_leaves_nothing() -> None:
    printed = np.zeros((120, 200), np.uint8)
    printed[58:62] = 255
    ink = np.zeros_like(printed)
    ink[55:65] = 255
    assert written_amount(remove_print(ink, printed)) == 0


@pytest.mark.parametrize(("side", "amount"), [(0, 0), (3, 0), (10, 1), (30, 2)])
def test_dust_is_nothing_a_trace_is_doubtful_a_stroke_is_written(side: int, amount: int) -> None:
    strokes = np.zeros((90, 90), np.uint8)
    strokes[40 : 40 + side, 40 : 40 + max(3, side // 4) if side else 40] = 255
    assert written_amount(strokes) == amount


def _marks(*beliefs: float) -> list[OptionMark]:
    return [OptionMark(name, belief, belief) for name, belief in zip("甲乙丙", beliefs, strict=False)]


def test_choices_tell_one_none_and_two() -> None:
    assert choose_one(_marks(0.001, 0.999)).value == "乙"
    assert (choose_one(_marks(0.001, 0.002)).value, choose_one(_marks(0.001, 0.002)).reason) == (
        "",
        "ocr.no_mark",
    )
    both = choose_one(_marks(0.99, 0.98))
    assert (both.value, both.reason, both.score) == ("甲、乙", "ocr.two_marks", 0.0)
    assert choose_many(_marks(0.99, 0.01, 0.98)).value == "甲、丙"


def test_a_check_box_is_empty_or_checked() -> None:
    empty = _paper()
    cv2.rectangle(empty, (25, 25), (75, 75), 0, 3)
    ticked = empty.copy()
    cv2.polylines(ticked, [np.array([[32, 50], [47, 66], [78, 22]])], False, 0, 4)
    assert read_checkbox_crop(empty).value == "empty"
    assert read_checkbox_crop(ticked).value == "checked"


def test_hand_drawn_marks_have_names() -> None:
    pictures = {name: _paper() for name in ("circle", "cross", "triangle", "check", "blank")}
    cv2.ellipse(pictures["circle"], (50, 50), (28, 24), 10, 0, 360, 0, 3)
    cv2.line(pictures["cross"], (25, 25), (75, 74), 0, 3)
    cv2.line(pictures["cross"], (74, 24), (26, 76), 0, 3)
    cv2.polylines(pictures["triangle"], [np.array([[50, 24], [24, 72], [77, 71]])], True, 0, 3)
    cv2.polylines(pictures["check"], [np.array([[28, 50], [43, 70], [76, 26]])], False, 0, 3)
    assert {name: read_mark(picture).value for name, picture in pictures.items()} == {n: n for n in pictures}
