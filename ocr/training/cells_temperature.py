"""Fit the temperatures that make our networks' probabilities honest: `python -m ocr.training.cells_temperature`.

A temperature divides all scores before probabilities are formed; one number per script is fitted on sheets, fonts and
seeds that are not trained on (Guo et al., On Calibration of Modern Neural Networks, 2017).
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ocr.recognisers.cell import CELLS
from ocr.recognisers.cell_alphabets import CAPITALS, DIGITS, HIRAGANA, KATAKANA
from ocr.recognisers.glyph import GLYPH_LIST
from ocr.recognisers.glyph_alphabets import KANJI
from ocr.recognisers.network import MODELS, CharacterNetwork, ClassList
from ocr.training import cells_fonts, cells_sources
from ocr.training.cells_sets import TestSet, fax_set, synthetic_set

LEAST = 0.9
"""No network is made more certain than this; where it reads a whole fitting set right, likelihood alone would do it."""


def fit_temperatures(reader: CharacterNetwork, data: Path) -> dict[str, float]:
    """Return the temperature of each script that makes the truth likeliest on the sets kept for fitting."""
    characters = reader.known.characters
    font, skeletons = cells_sources.load_unseen(characters)
    held = {name: [skeleton] for name, skeleton in cells_sources.held_strokes(data).items()}
    strokes = replace(skeletons, skeletons=held)
    seed = 815

    def made(sources: cells_sources.Sources, alphabet: str, times: int) -> TestSet:
        return synthetic_set("", sources, alphabet, times, seed)

    sets = {
        "digits": (fax_set(data, fit=True), *_mnist_half(data)),
        "katakana": (made(font, KATAKANA, 15), made(skeletons, KATAKANA, 15)),
        "hiragana": (made(font, HIRAGANA, 20),),
        "mixed": (made(font, DIGITS + CAPITALS, 20),),
    }
    if "kanji" in reader.known.scripts:
        line = KANJI[::40] + HIRAGANA + KATAKANA + DIGITS
        sets["kanji"] = (made(font, KANJI[::4], 1), made(strokes, "".join(held), 6))
        sets["mixed"] = (made(font, line, 4),)
    return {name: _temperature(reader, of_script) for name, of_script in sets.items()}


def _mnist_half(data: Path) -> tuple[TestSet]:
    """Return some held-out MNIST digits, as many as fax digits."""
    rows = cells_fonts.mnist_rows(data / "mnist_t10k", held_out=True)[:300]
    return (TestSet("", DIGITS, [crop for crop, _ in rows], [text for _, text in rows]),)


def _temperature(reader: CharacterNetwork, sets: Iterable[TestSet]) -> float:
    """Search the temperature with the least mean negative log probability of the truth."""
    losses = []
    grid = np.exp(np.linspace(np.log(LEAST), np.log(4.0), 60))
    first_extra = len(reader.known.characters)
    for test in sets:
        mask = reader.known.mask_of(test.alphabet)
        extras = np.arange(first_extra, len(reader.known.classes))
        inside = reader.scores(test.crops)[:, np.concatenate([mask.classes, extras])].astype(np.float64)
        truth = [mask.characters.index(text) for text in test.texts]
        for scaled in (inside / t for t in grid):
            top = scaled.max(axis=1)
            norm = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
            losses.append(norm - scaled[np.arange(len(truth)), truth])
    per_set = [np.array([row.mean() for row in losses[i : i + 60]]) for i in range(0, len(losses), 60)]
    return round(float(grid[int(np.argmin(np.sum(per_set, axis=0)))]), 3)


def describe(known: ClassList, path: Path, data: Path) -> dict[str, float]:
    """Write the description file beside the weights: classes and fitted temperatures.

    Returns:
        The temperatures.
    """
    description = path.with_suffix(".json")
    _write(description, known, {})
    temperatures = fit_temperatures(CharacterNetwork(known, weights=path), data)
    _write(description, known, temperatures)
    return temperatures


def _write(path: Path, known: ClassList, temperatures: dict[str, float]) -> None:
    """Write classes and temperatures as JSON."""
    content = {"classes": list(known.classes), "temperatures": temperatures}
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Fit the temperatures of both networks of the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, default=MODELS)
    given = parser.parse_args()
    for known in (CELLS, GLYPH_LIST):
        print(known.name, describe(known, given.models / f"{known.name}.onnx", given.data))


if __name__ == "__main__":
    main()
