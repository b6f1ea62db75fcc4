"""What `ocr eval` makes of readings: labels that cannot be right, faults answered as they should be, careful curves."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.calibration import Calibration, Curve
from ocr.errors import LabelsWrong
from ocr.evaluate import KINDS, edit_distance, evaluate_labels
from ocr.evaluate_samples import answered

SURE = Calibration({"mark": Curve(0.0, 1.0, 1.0), "tick": Curve(0.0, 1.0, 1.0)})


def labels(folder: Path, *rows: tuple[str, np.ndarray]) -> Path:
    lines = ["file,text"]
    for number, (text, picture) in enumerate(rows):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
        lines.append(f"{number}.png,{text}")
    path = folder / "labels.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def box(ticked: bool) -> np.ndarray:
    paper = np.full((76, 76), 255, np.uint8)
    cv2.rectangle(paper, (18, 18), (58, 58), 0, 3)
    if ticked:
        cv2.polylines(paper, [np.array([[26, 36], [36, 50], [60, 12]])], False, 0, 4)
    return paper


def test_the_kinds_are_those_that_the_reference_names() -> None:
    assert set(KINDS) == {
        "digits", "alnum", "katakana", "hiragana", "kana", "kanji", "text", "address", "checkbox", "mark",
    }  # fmt: skip


def test_refuses_a_truth_that_is_no_word_of_its_kind(tmp_path: Path) -> None:
    path = labels(tmp_path, ("checked", box(True)), ("ticked", box(True)))
    with pytest.raises(LabelsWrong) as caught:
        evaluate_labels(path, "checkbox", models=tmp_path, calibration=SURE)
    assert caught.value.key == "ocr.labels_word"
    assert "checked" in caught.value.explain("en")


def test_check_boxes_are_counted_with_their_classes(tmp_path: Path) -> None:
    path = labels(tmp_path, ("checked", box(True)), ("empty", box(False)), ("empty", box(True)))
    told = evaluate_labels(path, "checkbox", models=tmp_path, calibration=SURE)
    assert (told["n"], told["exact"], told["kind"], told["limit"]) == (3, 0.66667, "checkbox", 0.001)
    assert told["classes"]["empty"]["read_as"] == {"checked": 1}
    assert told["wrong_accepted"] == pytest.approx(0.33333)
    assert told["risk_coverage"][-1] == {
        "coverage": 1.0,
        "risk": 0.333333,
        "probability": pytest.approx(1.0, abs=1e-4),
    }


@pytest.mark.parametrize(
    ("read", "truth", "apart"), [("123", "123", 0), ("12", "123", 1), ("kitten", "sitting", 3)]
)
def test_texts_differ_by_so_many_characters(read: str, truth: str, apart: int) -> None:
    assert edit_distance(read, truth) == apart


@pytest.mark.parametrize(
    ("fault", "answer", "keys", "right"),
    [
        ("unreadable", "ocr.page_unreadable", {}, True),
        ("unreadable", "read", {}, False),
        ("not_a_form", "ocr.page_unknown_form", {}, True),
        ("duplicate", "read", {"b": "77", "a": "77"}, True),
        ("duplicate", "read", {"b": "78", "a": "77"}, False),
        ("duplicate", "read", {"b": "", "a": "77"}, True),
        ("never heard of", "read", {}, False),
    ],
)
def test_a_planted_fault_has_one_right_answer(
    fault: str, answer: str, keys: dict[str, str], right: bool
) -> None:
    told = answered({"file": "b", "fault": fault, "answer": answer, "of": "a"}, {"b": "", "a": "", **keys})
    assert told["right"] is right
