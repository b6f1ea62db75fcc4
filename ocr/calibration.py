"""From a recogniser's score to the probability that it is right.

For every group of judgements (one digit, one katakana, one line, one tick …) a logistic curve over the logit of the
score was fitted on development data (Platt 1999). `ocr/calibration.json` holds the curves, made by
`python -m ocr.training.calibrate`; the file says on what data, how many, and when.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("calibration.json")
EDGE = 1e-9
"""Scores nearer to 0 or 1 than this are all alike."""


def logit(score: float) -> float:
    """Return the logarithm of the odds of a score of 0 to 1, within ±20.7."""
    clipped = min(max(score, EDGE), 1 - EDGE)
    return math.log(clipped / (1 - clipped))


@dataclass(frozen=True)
class Curve:
    """One fitted curve: P(right) = ceiling · σ(offset + slope · logit(score)).

    Attributes:
        offset: Of the logistic curve.
        slope: Of the logistic curve, positive.
        ceiling: The largest probability ever given; never 1, because the data are finite.
    """

    offset: float
    slope: float
    ceiling: float

    def probability(self, score: float) -> float:
        """Return the probability for a score of 0 to 1."""
        value = self.offset + self.slope * logit(score)
        return self.ceiling / (1 + math.exp(-value))


@dataclass(frozen=True)
class Calibration:
    """All curves by group.

    Attributes:
        curves: For fields of registered forms: cut by our own pipeline, print taken away.
        crops: Where raw crops that somebody else cut read differently, their own curves.
    """

    curves: Mapping[str, Curve]
    crops: Mapping[str, Curve] = field(default_factory=dict)

    def for_crops(self) -> "Calibration":
        """Return the calibration for raw crops: their own curve where there is one, else that of forms."""
        return Calibration({**self.curves, **self.crops})

    def probability(self, group: str, score: float) -> float:
        """Return the probability that a judgement of this group with this score is right.

        Raises:
            KeyError: The group was never fitted.
        """
        return self.curves[group].probability(score)

    def joint(self, parts: tuple[tuple[str, float], ...]) -> float:
        """Return the probability that all judgements are right, taken as independent."""
        return math.prod(self.probability(group, score) for group, score in parts)


@cache
def load_calibration(path: Path = FILE) -> Calibration:
    """Return the calibration that is shipped."""
    data = json.loads(path.read_text(encoding="utf-8"))
    curves, crops = (
        {group: Curve(**curve) for group, curve in data.get(part, {}).items()} for part in ("curves", "crops")
    )
    return Calibration(curves, crops)
