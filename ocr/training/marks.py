"""Fit the weights that name hand-drawn marks: python -m ocr.training.marks ../shared/data/marks/labels.csv.

Every mark is also shown turned, slanted, thinned and thickened, so that other pens and hands are met. Prints the share
of right answers in five-fold cross-validation before it writes `ocr/models/marks.json`.
"""

import csv
import json
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.recognisers.shapes import FILE, ShapeClassifier, mark_ink, shape_features

CLASSES = ("circle", "cross", "triangle", "check")
COPIES = 12
SEED = 20261121

Ink = NDArray[np.float32]


def varied(ink: Ink, rng: np.random.Generator) -> Ink:
    """Return the mark turned by up to 12°, slanted, stretched, thinner or thicker."""
    pad = max(ink.shape) // 3
    image = np.pad(ink, pad)
    centre = (image.shape[1] / 2, image.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(centre, rng.uniform(-12, 12), rng.uniform(0.85, 1.1))
    turn[0, 1] += rng.uniform(-0.2, 0.2)
    turn[0] *= rng.uniform(0.85, 1.15)
    image = np.asarray(cv2.warpAffine(image, turn, (image.shape[1], image.shape[0])), dtype=np.float32)
    size = int(rng.integers(1, 4))
    change = cv2.dilate if rng.random() < 0.6 else cv2.erode
    changed = np.asarray(change(image, np.ones((size, size), np.uint8)), dtype=np.float32)
    image = changed if (changed > 0.4).sum() > 30 else image
    rows, columns = np.nonzero(image > 0.3)
    if len(rows) < 10:
        return ink
    return np.asarray(image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], dtype=np.float32)


def fit(features: NDArray[np.float64], labels: NDArray[np.int64], steps: int = 400) -> NDArray[np.float64]:
    """Return softmax weights, shape (classes, features + 1), by gradient descent with momentum and L2 of 1e-3."""
    x = np.hstack([features, np.ones((len(features), 1))])
    weights = np.zeros((len(CLASSES), x.shape[1]))
    pace = np.zeros_like(weights)
    counts = np.bincount(labels, minlength=len(CLASSES))
    balance = (len(labels) / len(CLASSES) / counts)[labels]
    wanted = np.eye(len(CLASSES))[labels]
    for _ in range(steps):
        scores = x @ weights.T
        beliefs = np.exp(scores - scores.max(axis=1, keepdims=True))
        beliefs /= beliefs.sum(axis=1, keepdims=True)
        slope = ((beliefs - wanted) * balance[:, None]).T @ x / len(x) + 1e-3 * weights
        pace = 0.9 * pace - 0.3 * slope
        weights += pace
    return weights


def main(labels_file: Path) -> None:
    """Cross-validate, fit on everything, write the weights."""
    rng = np.random.default_rng(SEED)
    with labels_file.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["text"] in CLASSES]
    inks = [mark_ink(_picture(labels_file.parent / row["file"])) for row in rows]
    pairs = [
        (ink, CLASSES.index(row["text"])) for ink, row in zip(inks, rows, strict=True) if ink is not None
    ]
    order = rng.permutation(len(pairs))
    right = 0
    for fold in range(5):
        test = {int(i) for i in order[fold::5]}
        weights = _fit_on([pair for i, pair in enumerate(pairs) if i not in test], rng)
        classifier = ShapeClassifier(CLASSES, weights)
        right += sum(
            int(classifier.beliefs(shape_features(pairs[i][0])).argmax()) == pairs[i][1] for i in test
        )
    print(f"{len(pairs)} marks, cross-validated: {right / len(pairs):.4f}")
    weights = _fit_on(pairs, rng)
    data = {"classes": CLASSES, "weights": np.round(weights, 4).tolist()}
    FILE.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")


def _fit_on(pairs: list[tuple[Ink, int]], rng: np.random.Generator) -> NDArray[np.float64]:
    shown = [(ink, label) for ink, label in pairs]
    shown += [(varied(ink, rng), label) for ink, label in pairs for _ in range(COPIES)]
    return fit(np.array([shape_features(ink) for ink, _ in shown]), np.array([label for _, label in shown]))


def _picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
