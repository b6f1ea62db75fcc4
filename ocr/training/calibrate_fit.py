"""From judgements to curves, on the careful side: what a score of one writer is worth is promised for other writers.

Three steps for every group of judgements:

1. P(right) = ceiling · σ(offset + slope · logit(score)), the likeliest curve under a weak prior. The logistic part
   (Platt 1999) tells how errors die out as scores rise; what the ceiling leaves over are errors that no score foresees:
   a wrong label, a 5 that somebody drew like a 6. Both are fitted together by expectation maximisation.
2. The curve is lowered to the one-sided 75 % confidence limit of the fit at the score that decides (Wald), and further
   until no single source (one kind of sheet, one font, one set of scans) has so many errors among its surest values
   that they would be a surprise of less than 10 % (Poisson): the promise must hold for the worst source, not for the
   mean.
   Single crops (`anchored`): the promise is on the share of all values. By conformal risk control (Angelopoulos et al.
   2022) acceptance may begin at the score from which k of all n values are wrong with (k + 1) / (n + 1) ≤ 0.1 %, if the
   likeliest curve finds no accepted value more than MARGINAL times as risky as the limit; the curve is made steeper to
   meet that score, and the check by source follows.
3. The ceiling is never higher than counting allows: among n values that would be accepted k were wrong; the upper 95 %
   limit of their error (Clopper and Pearson 1934) divided by EXTRAPOLATED is the least error ever told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

from ocr.calibration import Curve, logit

MARGIN = 0.6745
"""Standard deviations that the fit is lowered by: one-sided 75 % of the normal distribution."""

EXTRAPOLATED = 10.0
"""The log-linear fall of errors with the score is trusted for one decade beyond what counting alone can bear out."""

DECIDING = 0.999
"""The default limit: values from this probability on are accepted."""

SURPRISE = 0.1
"""Errors of one source that come by chance less often than this lower the curve."""

MARGINAL = 3.0
"""The least sure of the accepted values may be so many times as risky as the limit; all of them together keep it."""

FEWEST = 40
"""Sources with fewer judgements are too few to speak for themselves."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """One judgement whose truth is known.

    Attributes:
        group: Calibration group.
        score: What the recogniser gave, 0 to 1.
        right: Whether it was right.
        source: Where it comes from: a kind of sheet, a font, a set of scans.
    """

    group: str
    score: float
    right: bool
    source: str


def fit_groups(judged: Sequence[Judgement], margin: float = MARGIN, single: bool = False) -> dict[str, Curve]:
    """Return a curve for every group, by name; `margin` and `single` as in `fit_curve`."""
    groups: dict[str, list[Judgement]] = defaultdict(list)
    for one in judged:
        groups[one.group].append(one)
    return {group: fit_curve(ones, margin, single) for group, ones in sorted(groups.items())}


def fit_curve(judged: Sequence[Judgement], margin: float = MARGIN, single: bool = False) -> Curve:
    """Return the careful curve of one group's judgements.

    Args:
        judged: All of them.
        margin: Standard deviations that the fit is lowered by at the score that decides.
        single: Whether each value rests on one judgement of this group alone, so that its share of errors counts.

    Raises:
        ValueError: There are no judgements.
    """
    if not judged:
        raise ValueError("a curve needs judgements")
    x = np.array([logit(one.score) for one in judged])
    right = np.array([one.right for one in judged], dtype=np.float64)
    fitted = likeliest(x, right)
    offset = fitted.offset - margin * fitted.spread(fitted.deciding_logit())
    curve = (anchored(fitted, x, right) if single else None) or replace(fitted, offset=offset)
    by_source: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(judged):
        by_source[one.source].append(number)
    for numbers in by_source.values():
        if len(numbers) >= FEWEST:
            curve = below_source(curve, x[numbers], right[numbers])
    sure = x >= curve.deciding_logit()
    counted, wrong = int(sure.sum()), int((1 - right[sure]).sum())
    rest = max(curve.rest, upper_limit(wrong, counted) / EXTRAPOLATED)
    return Curve(round(curve.offset, 4), round(curve.slope, 4), round(1 - rest, 7))


@dataclass(frozen=True)
class Fitted:
    """A curve while it is fitted.

    Attributes:
        offset: Of the logistic part.
        slope: Of the logistic part.
        rest: Share of errors that no score foresees: 1 - ceiling.
        curvature: Of the loss in offset and slope, shape (2, 2).
    """

    offset: float
    slope: float
    rest: float
    curvature: Values

    def right(self, x: Values) -> Values:
        """Return the probability of being right for logits."""
        return np.asarray((1 - self.rest) / (1 + np.exp(-np.clip(self.offset + self.slope * x, -40, 40))))

    def deciding_logit(self) -> float:
        """Return the logit of the score from which the logistic part alone would be accepted at the default limit."""
        return (log(DECIDING / (1 - DECIDING)) - self.offset) / self.slope

    def spread(self, x: float) -> float:
        """Return the standard deviation of the logistic part's value at a logit (delta method)."""
        look = np.array([1.0, x])
        return float(np.sqrt(look @ np.linalg.inv(self.curvature) @ look))


def likeliest(x: Values, right: Values) -> Fitted:
    """Return the likeliest curve (expectation maximisation over which wrong ones no score foresees)."""
    curve, curvature = _logistic(x, right, np.ones_like(x))
    rest = 0.0
    for _ in range(40):
        rest = max(rest, 0.2 / len(x)) if rest == 0.0 else rest
        foreseen = 1 / (1 + np.exp(np.clip(curve[0] + curve[1] * x, -40, 40)))
        unforeseen = np.where(right > 0, 0.0, rest / (rest + (1 - rest) * foreseen))
        rest = float(unforeseen.sum()) / len(x)
        curve, curvature = _logistic(x, right, 1 - unforeseen)
    return Fitted(float(curve[0]), float(curve[1]), rest, curvature)


def _logistic(x: Values, right: Values, weights: Values) -> tuple[Values, Values]:
    """Return offset and slope, and the curvature (2 × 2) of the loss there.

    The prior: slope 0.9 ± 0.3, offset 0 ± 1.5, and one imaginary error at a score of 0.9, so that a group without
    errors is not trusted without end. Newton's method with halved steps; the slope stays at least 0.2.
    """
    x, right, weights = np.append(x, logit(0.9)), np.append(right, 0.0), np.append(weights, 1.0)
    curve = np.array([0.0, 0.9])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(curve[0] + curve[1] * x, -40, 40)))
        gap, w = weights * (p - right), weights * p * (1 - p)
        gradient = np.array([gap.sum() + curve[0] / 2.25, (gap * x).sum() + (curve[1] - 0.9) / 0.09])
        mixed = float((w * x).sum())
        curvature = np.array([[w.sum() + 1 / 2.25, mixed], [mixed, (w * x * x).sum() + 1 / 0.09]])
        step = np.linalg.solve(curvature, gradient)
        loss = _loss(curve, x, right, weights)
        while _loss(curve - step, x, right, weights) > loss and np.abs(step).max() > 1e-9:
            step = step / 2
        curve = curve - step
        if np.abs(step).max() < 1e-8:
            break
    return np.array([curve[0], max(curve[1], 0.2)]), curvature


def anchored(fitted: Fitted, x: Values, right: Values) -> Fitted | None:
    """Return the curve made steeper to accept from the score that conformal risk control allows; None if no gain.

    The curve keeps the score at which the likeliest one says 0.9.
    """
    order = np.argsort(-x, kind="stable")
    wrong = np.cumsum(1 - right[order])
    allowed = (wrong + 1) / (len(x) + 1) <= 1 - DECIDING
    if not allowed[0] or fitted.rest >= 1 - DECIDING:
        return None
    last = len(x) if allowed.all() else int(np.argmin(allowed))
    risky = (logit(1 - MARGINAL * (1 - DECIDING)) - fitted.offset) / fitted.slope
    begin = max(float(x[order[last - 1]]), risky)
    nine = (logit(0.9) - fitted.offset) / fitted.slope
    counted = int((x >= begin).sum())
    rest = max(fitted.rest, upper_limit(int((1 - right[x >= begin]).sum()), counted) / EXTRAPOLATED)
    if begin <= nine or rest >= 1 - DECIDING:
        return None
    slope = (logit(DECIDING / (1 - rest)) - logit(0.9)) / (begin - nine)
    if slope <= fitted.slope:
        return None
    return replace(fitted, offset=logit(0.9) - slope * nine, slope=slope, rest=rest)


def below_source(curve: Fitted, x: Values, right: Values) -> Fitted:
    """Return the curve, lowered until a source's errors among its surest values are no surprise to it.

    A surprise: so many errors or more come by chance in less than 10 % of cases (Poisson). Looked at are the surest
    10 %, 25 %, 50 %, 75 %, 90 % and all values, and those that would be accepted.
    """
    marks = [*np.quantile(x, (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)).tolist(), curve.deciding_logit()]
    for mark in marks:
        chosen = x >= mark
        wrong = int((1 - right[chosen]).sum())
        while wrong and _surprise(wrong, float((1 - curve.right(x[chosen])).sum())) < SURPRISE:
            curve = replace(curve, offset=curve.offset - 0.05)
    return curve


def _surprise(wrong: int, expected: float) -> float:
    """Return the probability of at least this many errors where so many are expected (Poisson)."""
    logs = [k * log(max(expected, 1e-300)) - expected - lgamma(k + 1) for k in range(wrong)]
    return 1 - float(np.exp(np.logaddexp.reduce(logs)))


def upper_limit(wrong: int, counted: int, confidence: float = 0.95) -> float:
    """Return the upper one-sided limit of an error rate (Clopper and Pearson 1934); 1 when nothing was counted."""
    if wrong >= counted:
        return 1.0
    low, high = wrong / counted, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(wrong, counted, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, counted: int, rate: float) -> float:
    """Return the binomial probability of at most this many errors."""
    logs = [
        lgamma(counted + 1)
        - lgamma(k + 1)
        - lgamma(counted - k + 1)
        + k * log(rate)
        + (counted - k) * log(1 - rate)
        for k in range(wrong + 1)
    ]
    return float(np.exp(np.logaddexp.reduce(logs)))


def counts(judged: Sequence[Judgement]) -> dict[str, Mapping[str, int]]:
    """Return n and wrong of each group and of each of its sources ("group: source")."""
    table: dict[str, dict[str, int]] = {}
    for one in judged:
        for name in (one.group, f"{one.group}: {one.source}"):
            row = table.setdefault(name, {"n": 0, "wrong": 0})
            row["n"] += 1
            row["wrong"] += not one.right
    return dict(sorted(table.items()))


def _loss(curve: Values, x: Values, right: Values, weights: Values) -> float:
    value = curve[0] + curve[1] * x
    fit = float((weights * (np.logaddexp(0, -value) * right + np.logaddexp(0, value) * (1 - right))).sum())
    return fit + float(curve[0] ** 2 / 4.5 + (curve[1] - 0.9) ** 2 / 0.18)
