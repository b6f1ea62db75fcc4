"""Ink that is not print: lines are taken away, strokes that cross them stay, marks are seen."""

import cv2
import numpy as np
import pytest

from ocr.cells import written_amount
from ocr.printed import remove_print
from ocr.recognisers.checkbox import read_checkbox_crop
from ocr.recognisers.marks import OptionMark, choose_many, choose_one, read_circles, read_presence, read_ticks
from ocr.recognisers.shapes import CLASSES, OTHER, read_mark, read_marks
from ocr.training.marks_crops import MarkMaker
from ocr.training.options_cuts import draw_present, draw_ringed, draw_ticked
from ocr.training.ticks_crops import draw_box


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


def test_marks_of_other_hands_on_bad_paper_are_named_or_left_to_a_person() -> None:
    rng = np.random.default_rng(77)
    maker = MarkMaker({}, rng)
    names = [name for name in CLASSES if name != OTHER for _ in range(40)]
    raws = read_marks([maker.crop(name) for name in names])
    read = [(raw, name) for raw, name in zip(raws, names, strict=True) if not raw.reason]
    assert len(read) >= 0.9 * len(names)
    assert np.mean([raw.value == name for raw, name in read]) >= 0.95


def test_what_is_no_mark_is_left_to_a_person() -> None:
    maker = MarkMaker({}, np.random.default_rng(78))
    raws = read_marks([maker.crop(OTHER) for _ in range(60)])
    doubted = [raw for raw in raws if raw.reason == "ocr.mark_unclear"]
    assert len(doubted) >= 45
    assert "●" in {raw.value for raw in doubted}


def test_a_felt_pens_blot_with_a_small_hole_is_no_blank() -> None:
    paper = _paper()
    cv2.circle(paper, (50, 50), 34, 0, -1)
    cv2.circle(paper, (48, 52), 6, 255, -1)
    assert read_mark(paper).value == "circle"


@pytest.mark.parametrize(("meant", "taken_back", "reasons"), [
    (1, 0, {""}), (0, 0, {"ocr.no_mark"}), (2, 0, {"ocr.two_marks", "ocr.mark_unclear"}),
    (0, 1, {"ocr.mark_unclear"}), (1, 1, {"ocr.mark_unclear", "ocr.two_marks"}),
])  # fmt: skip
def test_rings_are_counted_and_struck_ones_doubted(meant: int, taken_back: int, reasons: set[str]) -> None:
    rng = np.random.default_rng(5)
    rows = [draw_ringed(rng, meant, taken_back) for _ in range(40)]
    raws = [choose_one(read_circles(row.cut, row.boxes)) for row in rows]
    as_wanted = sum(raw.reason in reasons for raw in raws)
    assert as_wanted >= 36
    sure = [(row, raw) for row, raw in zip(rows, raws, strict=True) if not raw.reason and meant == 1]
    assert all(raw.value in row.meant for row, raw in sure)


def test_ticks_are_seen_and_most_struck_ones_doubted() -> None:
    rng = np.random.default_rng(6)
    ticked, empty, struck = (
        [choose_many(read_ticks({"はい": draw_ticked(rng, *how)})) for _ in range(40)]
        for how in ((True,), (False,), (True, True))
    )
    assert sum(raw.value == "はい" and not raw.reason for raw in ticked) >= 34
    assert [raw.value for raw in empty] == [""] * 40
    assert sum(raw.reason == "ocr.mark_unclear" for raw in struck) >= 20


def test_a_seal_or_signature_is_there_or_not() -> None:
    rng = np.random.default_rng(7)
    for present, value in ((True, "present"), (False, "empty")):
        read = [read_presence(draw_present(rng, present)).value for _ in range(40)]
        assert read == [value] * 40


def test_check_boxes_on_bad_paper_are_read_or_left_to_a_person() -> None:
    rng = np.random.default_rng(9)
    read = {
        ticked: [read_checkbox_crop(draw_box(ticked, rng)) for _ in range(80)] for ticked in (False, True)
    }
    for ticked, word, least in ((False, "empty", 0.93), (True, "checked", 0.85)):
        assert np.mean([raw.value == word for raw in read[ticked]]) >= least
        surely_wrong = [
            raw for raw in read[ticked] if raw.value != word and not raw.reason and raw.score > 0.999
        ]
        assert len(surely_wrong) <= 4


def test_a_tick_much_fainter_than_the_square_is_left_to_a_person() -> None:
    paper = _paper()
    cv2.rectangle(paper, (25, 25), (75, 75), 0, 3)
    cv2.polylines(paper, [np.array([[34, 50], [47, 64], [70, 32]])], False, 190, 3)
    raw = read_checkbox_crop(paper)
    assert (raw.value, raw.reason) == ("checked", "ocr.faint")


def test_a_tick_that_lies_outside_of_the_square_is_left_to_a_person() -> None:
    paper = _paper()
    cv2.rectangle(paper, (25, 25), (75, 75), 0, 3)
    cv2.polylines(paper, [np.array([[70, 80], [76, 76], [92, 40]])], False, 0, 3)
    assert read_checkbox_crop(paper).reason == "ocr.faint"
