"""Calibration error, risk against coverage, and what is taken for what, on judgements worked out by hand."""

from xml.etree import ElementTree

import pytest

from ocr.reliability import (
    Judged,
    RiskPoint,
    aligned,
    area_under_risk,
    calibration_error,
    confusions,
    risk_coverage,
)
from ocr.risk_svg import picture_of, risk_picture


def judged(*pairs: tuple[float, bool]) -> list[Judged]:
    return [Judged("1", "1" if right else "7", told, told >= 0.999) for told, right in pairs]


def test_the_calibration_error_is_the_mean_gap_of_equally_filled_bins() -> None:
    sure = judged(*[(0.9, True)] * 5, *[(0.5, True), (0.5, False), (0.5, False), (0.5, False), (0.5, False)])
    assert calibration_error(sure, bins=2) == pytest.approx(0.5 * 0.1 + 0.5 * 0.3)
    assert calibration_error([]) == 0.0


def test_probabilities_that_come_true_have_no_calibration_error() -> None:
    assert calibration_error(judged(*[(0.8, True)] * 8, *[(0.8, False)] * 2), bins=1) == pytest.approx(0.0)


def test_risk_is_the_share_of_wrong_ones_among_the_surest() -> None:
    curve = risk_coverage(judged((0.99, True), (0.9, False), (0.8, True), (0.8, True)))
    assert curve == [RiskPoint(0.25, 0.0, 0.99), RiskPoint(0.5, 0.5, 0.9), RiskPoint(1.0, 0.25, 0.8)]


def test_a_long_curve_keeps_its_ends() -> None:
    curve = risk_coverage(judged(*[(n / 1000, n > 10) for n in range(1000)]), most=20)
    assert len(curve) == 22
    assert (curve[0].probability, curve[-1].coverage, curve[-1].risk) == (0.999, 1.0, 0.011)


def test_the_area_under_the_risk_is_smaller_when_errors_are_the_least_sure() -> None:
    good, bad = judged((0.9, True), (0.1, False)), judged((0.1, True), (0.9, False))
    assert (area_under_risk(good), area_under_risk(bad), area_under_risk([])) == (0.25, 0.75, 0.0)


@pytest.mark.parametrize(
    ("truth", "read", "pairs"),
    [
        ("北区", "北区", [("北", "北"), ("区", "区")]),
        ("北区", "区", [("北", ""), ("区", "区")]),
        ("12", "172", [("1", "1"), ("", "7"), ("2", "2")]),
        ("", "", []),
    ],
)
def test_texts_are_laid_side_by_side(truth: str, read: str, pairs: list[tuple[str, str]]) -> None:
    assert aligned(truth, read) == pairs


def test_confusions_tell_each_class_and_the_wrong_ones_that_were_accepted() -> None:
    seen = [
        Judged("check", "check", 1, True),
        Judged("check", "cross", 1, True),
        Judged("cross", "", 0, False),
    ]
    assert confusions(seen, whole=True) == {
        "check": {"n": 2, "right": 1, "read_as": {"cross": 1}, "accepted_wrong": 1},
        "cross": {"n": 1, "right": 0, "read_as": {"": 1}, "accepted_wrong": 0},
    }


def test_the_picture_is_well_formed_and_escapes_names() -> None:
    told = {"risk_coverage": [{"coverage": 1.0, "risk": 0.01, "probability": 0.5}], "kind": "digits"}
    drawn = picture_of("<a&b>.csv", told | {"limit": 0.001, "accepted": 0.9, "wrong_accepted": 0.0})
    tree = ElementTree.fromstring(drawn)
    assert tree.tag.endswith("svg")
    assert "<a&b>.csv" in "".join(tree.itertext())
    assert "polyline" in drawn


def test_the_picture_of_nothing_shows_the_axes() -> None:
    drawn = risk_picture([], title="x", limit=0.001, accepted=0.0, wrong=0.0)
    assert "polyline" not in drawn
    assert "100.00%" in drawn
