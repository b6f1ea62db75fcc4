"""How far probabilities can be trusted: calibration error, risk against coverage, and what is taken for what.

Everything here is arithmetic on judgements that were already made; nothing is read from a file.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

BINS = 10
"""Bins of the calibration error; each holds the same number of judgements."""

MOST_POINTS = 60
"""Points told of a risk–coverage curve; enough to draw it."""


@dataclass(frozen=True)
class Judged:
    """One value that was read and compared with the truth.

    Attributes:
        text: The truth.
        read: What was read.
        probability: Calibrated probability that it is right, 0 to 1.
        sure: Whether it would be accepted without anyone looking.
    """

    text: str
    read: str
    probability: float
    sure: bool

    @property
    def right(self) -> bool:
        """Whether the value is the truth."""
        return self.text == self.read


@dataclass(frozen=True)
class RiskPoint:
    """One point of the risk–coverage curve (El-Yaniv and Wiener 2010).

    Attributes:
        coverage: Share of all values that would be accepted from this probability on.
        risk: Share of these that are wrong.
        probability: The probability of the least sure of them.
    """

    coverage: float
    risk: float
    probability: float


def calibration_error(judged: Sequence[Judged], bins: int = BINS) -> float:
    """Return the expected calibration error over equally filled bins (Naeini, Cooper and Hauskrecht 2015).

    The mean distance between the probability told and the share that was right, 0 to 1; 0 for no judgements.
    """
    if not judged:
        return 0.0
    told = np.array([one.probability for one in judged])
    right = np.array([one.right for one in judged], dtype=np.float64)
    parts = np.array_split(np.argsort(told, kind="stable"), min(bins, len(judged)))
    gaps = [abs(float(told[part].mean() - right[part].mean())) * len(part) for part in parts]
    return sum(gaps) / len(judged)


def risk_coverage(judged: Sequence[Judged], most: int = MOST_POINTS) -> list[RiskPoint]:
    """Return the risk of accepting the surest 1, 2, … of all values, values of one probability together.

    What has a reason to be looked at (it can never be accepted) comes last whatever its probability. Of a long curve
    the first and last point and at most `most` between them are told.
    """
    ranked = sorted(judged, key=lambda one: -one.probability)
    points: list[RiskPoint] = []
    wrong = 0
    for number, one in enumerate(ranked, start=1):
        wrong += not one.right
        if number == len(ranked) or ranked[number].probability < one.probability:
            points.append(RiskPoint(number / len(ranked), wrong / number, one.probability))
    if len(points) <= most + 2:
        return points
    chosen = np.unique(np.rint(np.linspace(0, len(points) - 1, most + 2)).astype(int))
    return [points[int(index)] for index in chosen]


def area_under_risk(judged: Sequence[Judged]) -> float:
    """Return the mean risk over all coverages (AURC, Geifman and El-Yaniv 2017); smaller is better, 0 for none."""
    ranked = sorted(judged, key=lambda one: -one.probability)
    wrong = np.cumsum([not one.right for one in ranked])
    return float((wrong / np.arange(1, len(ranked) + 1)).mean()) if ranked else 0.0


def confusions(judged: Sequence[Judged], whole: bool) -> dict[str, dict[str, Any]]:
    """Return for every character (or whole word) of the truth how often it came, was right, and what it was taken for.

    Args:
        judged: The values.
        whole: True for words that are one class (checked, circle); False to compare character by character.

    Returns:
        By class, in order of the truth's code points: n, right, read_as (what it was taken for → how often; "" for
        nothing), accepted_wrong. A character read where none stands counts for the class "".
    """
    pairs: Counter[tuple[str, str]] = Counter()
    sure_wrong: Counter[str] = Counter()
    for one in judged:
        for truth, read in [(one.text, one.read)] if whole else aligned(one.text, one.read):
            pairs[truth, read] += 1
            sure_wrong[truth] += one.sure and truth != read
    table: dict[str, dict[str, Any]] = {}
    for (truth, read), count in sorted(pairs.items()):
        row = table.setdefault(
            truth, {"n": 0, "right": 0, "read_as": {}, "accepted_wrong": sure_wrong[truth]}
        )
        row["n"] += count
        if truth == read:
            row["right"] += count
        else:
            row["read_as"][read] = count
    return table


def aligned(truth: str, read: str) -> list[tuple[str, str]]:
    """Return pairs of characters of two texts, "" for a missing one, with the fewest differences (Levenshtein 1966)."""
    costs = np.zeros((len(truth) + 1, len(read) + 1), dtype=np.int64)
    costs[:, 0], costs[0] = np.arange(len(truth) + 1), np.arange(len(read) + 1)
    for i, a in enumerate(truth, start=1):
        for j, b in enumerate(read, start=1):
            costs[i, j] = min(costs[i - 1, j] + 1, costs[i, j - 1] + 1, costs[i - 1, j - 1] + (a != b))
    pairs = []
    i, j = len(truth), len(read)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + (truth[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], read[j]))
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        else:
            j -= 1
            pairs.append(("", read[j]))
    return pairs[::-1]


def figures(judged: Sequence[Judged], whole: bool) -> dict[str, Any]:
    """Return ece, aurc, risk_coverage and classes as `ocr eval --json` tells them."""
    return {
        "ece": round(calibration_error(judged), 5),
        "aurc": round(area_under_risk(judged), 6),
        "risk_coverage": [
            {
                "coverage": round(point.coverage, 5),
                "risk": round(point.risk, 6),
                "probability": round(point.probability, 6),
            }
            for point in risk_coverage(judged)
        ],
        "classes": confusions(judged, whole),
    }
