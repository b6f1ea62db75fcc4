"""Fit the temperatures that make the cell reader's probabilities honest, and describe the weights.

A temperature divides all scores before probabilities are formed; one number per script is fitted on sheets, fonts and
seeds that are not trained on (Guo et al., On Calibration of Modern Neural Networks, 2017).
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ocr.recognisers.cell import CellReader, mask_of
from ocr.recognisers.cell_alphabets import CAPITALS, CLASSES, DIGITS, EMPTY, HIRAGANA, KATAKANA, OTHER, STRUCK
from ocr.training import cells_fonts, cells_sources
from ocr.training.cells_sets import TestSet, fax_set, synthetic_set


def fit_temperatures(reader: CellReader, data: Path) -> dict[str, float]:
    """Return the temperature of each script that makes the truth likeliest on the sets kept for fitting."""
    font, skeletons = cells_sources.load_unseen()
    seed = 815
    kata = synthetic_set("", font, KATAKANA, 15, seed), synthetic_set("", skeletons, KATAKANA, 15, seed)
    hira = (synthetic_set("", font, HIRAGANA, 20, seed),)
    alnum = (synthetic_set("", font, DIGITS + CAPITALS, 20, seed),)
    return {
        "digits": _temperature(reader, (fax_set(data, fit=True), *_mnist_half(data))),
        "katakana": _temperature(reader, kata),
        "hiragana": _temperature(reader, hira),
        "mixed": _temperature(reader, alnum),
    }


def _mnist_half(data: Path) -> tuple[TestSet]:
    """Return some held-out MNIST digits, as many as fax digits."""
    rows = cells_fonts.mnist_rows(data / "mnist_t10k", held_out=True)[:300]
    return (TestSet("", DIGITS, [crop for crop, _ in rows], [text for _, text in rows]),)


def _temperature(reader: CellReader, sets: Iterable[TestSet]) -> float:
    """Search the temperature with the least mean negative log probability of the truth."""
    losses = []
    grid = np.exp(np.linspace(np.log(0.4), np.log(4.0), 60))
    for test in sets:
        mask = mask_of(test.alphabet)
        scores = reader.scores(test.crops)
        extras = [CLASSES.index(name) for name in (EMPTY, STRUCK, OTHER)]
        inside = scores[:, np.concatenate([mask.classes, extras])].astype(np.float64)
        truth = [mask.characters.index(text) for text in test.texts]
        for scaled in (inside / t for t in grid):
            top = scaled.max(axis=1)
            norm = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
            losses.append(norm - scaled[np.arange(len(truth)), truth])
    per_set = [np.array([row.mean() for row in losses[i : i + 60]]) for i in range(0, len(losses), 60)]
    return round(float(grid[int(np.argmin(np.sum(per_set, axis=0)))]), 3)


def describe(path: Path, data: Path) -> dict[str, float]:
    """Write the description file beside the weights: classes and fitted temperatures.

    Returns:
        The temperatures.
    """
    description = path.with_suffix(".json")
    ones = dict.fromkeys(("digits", "katakana", "hiragana", "mixed"), 1.0)
    _write(description, ones)
    temperatures = fit_temperatures(CellReader(weights=path), data)
    _write(description, temperatures)
    return temperatures


def _write(path: Path, temperatures: dict[str, float]) -> None:
    """Write classes and temperatures as JSON."""
    content = {"classes": list(CLASSES), "temperatures": temperatures}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
