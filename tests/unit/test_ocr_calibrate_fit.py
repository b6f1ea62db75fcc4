"""From judgements to curves: honest about what was seen, careful about what was not."""

import math

import numpy as np
import pytest

from ocr.calibration import Calibration, Curve, load_calibration, logit
from ocr.reading import RawReading
from ocr.training.calibrate import judge_field
from ocr.training.calibrate_fit import Judgement, counts, fit_curve, fit_groups, upper_limit


def scores(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits)))


def invented(rng: np.random.Generator, count: int, source: str, harder: float = 0.0) -> list[Judgement]:
    """Return judgements of a recogniser that is right with σ(0.5 + 0.8 · logit − harder)."""
    x = rng.normal(7, 4, count)
    right = rng.random(count) < scores(0.5 + 0.8 * x - harder)
    return [Judgement("digit", float(s), bool(r), source) for s, r in zip(scores(x), right, strict=True)]


def test_the_curve_lies_on_the_careful_side_of_the_truth_and_near_it() -> None:
    curve = fit_curve(invented(np.random.default_rng(1), 6000, "fax"))
    for x in (2.0, 5.0, 8.0):
        truth = float(scores(np.array(0.5 + 0.8 * x)))
        assert truth * 0.9 < curve.probability(float(scores(np.array(x)))) < truth


def test_accepted_values_of_other_writers_keep_the_promise() -> None:
    """Fitted on 40 samples of 1,500 judgements, tried on 4,000 others each: at most 1 in 1,000 accepted and wrong."""
    accepted = wrong = 0
    for seed in range(40):
        curve = fit_curve(invented(np.random.default_rng(seed), 1500, "fax"))
        others = invented(np.random.default_rng(1000 + seed), 4000, "fax")
        sure = [one for one in others if 1 - curve.probability(one.score) <= 0.001]
        accepted += len(sure)
        wrong += sum(not one.right for one in sure)
    assert accepted > 0.1 * 40 * 4000
    assert wrong / (40 * 4000) <= 0.001


def test_single_values_are_accepted_as_long_as_their_share_of_errors_keeps_the_promise() -> None:
    accepted, careful, wrong = 0, 0, 0
    for seed in range(30):
        seen = invented(np.random.default_rng(seed), 2500, "fax")
        curve, lowered = fit_curve(seen, single=True), fit_curve(seen)
        others = invented(np.random.default_rng(1000 + seed), 4000, "fax")
        sure = [one for one in others if 1 - curve.probability(one.score) <= 0.001]
        accepted += len(sure)
        careful += sum(1 - lowered.probability(one.score) <= 0.001 for one in others)
        wrong += sum(not one.right for one in sure)
    assert accepted > 1.1 * careful
    assert wrong / (30 * 4000) <= 0.001


def test_the_worst_source_decides() -> None:
    rng = np.random.default_rng(3)
    easy = invented(rng, 3000, "fax")
    both = fit_curve(easy + invented(rng, 600, "pencil", harder=3.0))
    pooled = fit_curve([Judgement("digit", one.score, one.right, "all") for one in easy])
    assert both.offset < pooled.offset


def test_an_error_that_no_score_foresees_lowers_the_ceiling_not_the_slope() -> None:
    easy = invented(np.random.default_rng(4), 2000, "fax")
    with_one = fit_curve([*easy, Judgement("digit", 1 - 1e-8, False, "fax")])
    without = fit_curve(easy)
    assert with_one.ceiling < 0.9999 < 1 - (1 - without.ceiling) / 10
    assert with_one.slope == pytest.approx(without.slope, rel=0.1)


def test_few_judgements_never_give_certainty() -> None:
    curve = fit_curve([Judgement("circle", 1 - 1e-12, True, "scans")] * 60)
    assert 1 - curve.probability(1 - 1e-12) > 0.001


def test_a_curve_needs_judgements() -> None:
    with pytest.raises(ValueError, match="needs judgements"):
        fit_curve([])
    assert fit_groups([]) == {}


@pytest.mark.parametrize(
    ("wrong", "counted", "limit"),
    [(0, 100, 0.02951), (1, 100, 0.04656), (0, 3000, 0.000998), (5, 5, 1.0), (0, 0, 1.0)],
)
def test_the_upper_limit_is_that_of_clopper_and_pearson(wrong: int, counted: int, limit: float) -> None:
    assert upper_limit(wrong, counted) == pytest.approx(limit, abs=2e-5)


def test_counts_tell_groups_and_their_sources() -> None:
    told = counts([Judgement("tick", 0.9, True, "a"), Judgement("tick", 0.9, False, "b")])
    assert told == {
        "tick": {"n": 2, "wrong": 1},
        "tick: a": {"n": 1, "wrong": 0},
        "tick: b": {"n": 1, "wrong": 1},
    }


def test_each_character_of_a_row_is_judged_by_its_own_truth() -> None:
    raw = RawReading("124", 0.9, parts=(("empty", 1.0), ("digit", 0.9), ("digit", 0.8), ("digit", 0.7)))
    judged = list(judge_field("digits", raw, "123", "scans"))
    assert [(one.score, one.right) for one in judged] == [(0.9, True), (0.8, True), (0.7, False)]
    assert list(judge_field("digits", raw, "12345", "scans")) == []


def test_crops_have_their_own_curve_where_there_is_one() -> None:
    calibration = Calibration(
        {"digit": Curve(0, 1, 0.99), "line": Curve(0, 1, 0.5)}, {"digit": Curve(0, 1, 0.8)}
    )
    crops = calibration.for_crops()
    assert crops.probability("digit", 1.0) == pytest.approx(0.8)
    assert crops.probability("line", 1.0) == pytest.approx(0.5)


def test_the_logit_is_bounded_so_that_nothing_is_certain() -> None:
    assert logit(1.0) == pytest.approx(-math.log(1e-9), rel=1e-6)
    assert logit(0.5) == 0.0


def test_the_shipped_curves_rise_and_stay_below_one() -> None:
    shipped = load_calibration()
    groups = {
        "digit",
        "katakana",
        "hiragana",
        "alnum",
        "kanji",
        "line",
        "tick",
        "circle",
        "presence",
        "mark",
        "empty",
    }
    assert groups <= set(shipped.curves)
    for curve in [*shipped.curves.values(), *shipped.crops.values()]:
        told = [curve.probability(score) for score in (0.1, 0.5, 0.9, 0.999, 1.0)]
        assert told == sorted(told)
        assert told[-1] < 1
