"""Measure the cell reader on what it was never trained on: `python -m ocr.training.cells_measure`."""

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocr.recognisers.cell import CellReader
from ocr.recognisers.cell_alphabets import CHARACTERS
from ocr.recognisers.network import CellReading
from ocr.training.cells_sets import TestSet, all_sets

CERTAIN = 0.999
"""A reading of at least this probability would be accepted."""


@dataclass(frozen=True)
class Measured:
    """Figures of one set.

    Attributes:
        count: Crops.
        exact: Share read right.
        certain: Share with probability of at least 0.999.
        wrong: Number of wrong ones among the certain.
        calibration_error: Expected calibration error, ten equally filled bins.
        confused: Most frequent mistakes, (right, read) with their number.
    """

    count: int
    exact: float
    certain: float
    wrong: int
    calibration_error: float
    confused: tuple[tuple[tuple[str, str], int], ...]


def probability(reading: CellReading) -> float:
    """Return the probability that the best candidate is what the cell holds."""
    return _best(reading)[1] * max(0.0, 1.0 - reading.empty - reading.other)


def _best(reading: CellReading) -> tuple[str, float]:
    """Return the best character and its probability; nothing for a cell without ink."""
    return reading.candidates[0] if reading.candidates else ("", 0.0)


def measure(reader: CellReader, test: TestSet) -> Measured:
    """Read a set and count."""
    readings = reader.read(test.crops, test.alphabet)
    beliefs = np.array([probability(reading) for reading in readings])
    right = np.array([_best(r)[0] == text for r, text in zip(readings, test.texts, strict=True)])
    certain = beliefs >= CERTAIN
    pairs = Counter(
        (text, _best(r)[0]) for r, text, good in zip(readings, test.texts, right, strict=True) if not good
    )
    parts = np.array_split(np.argsort(beliefs), 10)
    gaps = [abs(beliefs[part].mean() - right[part].mean()) * len(part) for part in parts if len(part)]
    return Measured(
        count=len(right),
        exact=float(right.mean()),
        certain=float(certain.mean()),
        wrong=int((certain & ~right).sum()),
        calibration_error=float(sum(gaps) / len(right)),
        confused=tuple(pairs.most_common(8)),
    )


def main() -> None:
    """Print the figures of the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--confused", action="store_true", help="print the most frequent mistakes")
    given = parser.parse_args()
    reader = CellReader(weights=given.weights)
    print(f"{len(CHARACTERS)} characters; certain: probability >= {CERTAIN}")
    print(f"{'set':36s} {'n':>5s} {'exact':>7s} {'certain':>8s} {'wrong':>6s} {'ECE':>6s}")
    for test in all_sets(given.data):
        m = measure(reader, test)
        print(
            f"{test.name:36s} {m.count:5d} {m.exact:7.4f} {m.certain:8.3f} {m.wrong:6d} {m.calibration_error:6.4f}"
        )
        if given.confused:
            print("    " + " ".join(f"{right}→{read}:{number}" for (right, read), number in m.confused))


if __name__ == "__main__":
    main()
