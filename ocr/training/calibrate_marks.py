"""Judgements of made options for the calibration: rings, ticks, seals and signatures as they lie on registered forms.

Composed scans hold a few hundred of each, all marked with care; the made ones (`options_cuts.py`) are more, and worse.
"""

from collections.abc import Iterator

import numpy as np

from ocr.recognisers.marks import choose_many, choose_one, read_circles, read_presence, read_ticks
from ocr.training.calibrate_fit import Judgement
from ocr.training.options_cuts import draw_present, draw_ringed, draw_ticked

SEED = 20261122
EACH = 800
"""Made fields of each kind."""


def judge_options(each: int = EACH) -> Iterator[Judgement]:
    """Yield the judgement of every made option that gave no reason for doubt, `each` fields of each kind."""
    rng = np.random.default_rng(SEED)
    for _ in range(each):
        row = draw_ringed(rng, meant=1 if rng.random() < 0.9 else 2)
        raw = choose_one(read_circles(row.cut, row.boxes))
        if not raw.reason:
            yield Judgement("circle", raw.score, {raw.value} == row.meant, "made rings")
    for number in range(each):
        cuts = {name: draw_ticked(rng, name == "はい") for name in ("はい", "いいえ")}
        raw = choose_many(read_ticks(cuts))
        if not raw.reason:
            yield Judgement("tick", raw.score, raw.value == "はい", "made ticks")
        present = number % 2 == 0
        seen = read_presence(draw_present(rng, present))
        yield Judgement("presence", seen.score, (seen.value == "present") == present, "made seals")
