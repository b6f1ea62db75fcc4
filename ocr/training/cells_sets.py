"""The sets that the cell reader is measured on: nothing in them was trained on."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocr.reading import Gray
from ocr.recognisers.cell_alphabets import CAPITALS, DIGITS, HIRAGANA, KATAKANA
from ocr.training import cells_data, cells_fonts, cells_sources

FIT_SHEETS = range(96, 118)
"""The held-out fax sheets on which the temperature of digits is fitted; the other held-out sheets only measure."""


@dataclass(frozen=True)
class TestSet:
    """Crops with their truth, read under one alphabet.

    Attributes:
        name: What it is.
        alphabet: The characters that compete.
        crops: Gray crops.
        texts: The right character of each; the class name "empty" for an empty cell.
    """

    name: str
    alphabet: str
    crops: Sequence[Gray]
    texts: Sequence[str]


def fax_set(data: Path, fit: bool) -> TestSet:
    """Return the real fax digits of the held-out sheets that fit, or that measure."""
    folder = data / "digits_fax"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _held_out(int(row["sheet"]), fit)]
    crops = [cells_fonts.gray_file(folder / row["file"]) for row in rows]
    name = "fax digits, sheets " + ("96-117" if fit else "40-56 140-156")
    return TestSet(name, DIGITS, crops, [row["text"] for row in rows])


def _held_out(sheet: int, fit: bool) -> bool:
    """Say whether a sheet belongs to the wanted half of the held-out ones."""
    return any(sheet in part for part in cells_fonts.FAX_HELD_OUT) and (sheet in FIT_SHEETS) is fit


def pen_sets(data: Path) -> list[TestSet]:
    """Return the drawn digits and hiragana of `pen_mit`; its two kinds of brackets are no class and are left out."""
    folder = data / "pen_mit"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sets = []
    for name, alphabet in (("pen digits", DIGITS), ("pen hiragana", HIRAGANA)):
        own = [row for row in rows if row["text"] in alphabet]
        crops = [cells_fonts.gray_file(folder / row["file"]) for row in own]
        sets.append(TestSet(name, alphabet, crops, [row["text"] for row in own]))
    return sets


def synthetic_set(
    name: str,
    sources: cells_sources.Sources,
    alphabet: str,
    per_character: int,
    seed: int,
    clean: bool = False,
) -> TestSet:
    """Return made crops of a source that is not trained on; characters that the source lacks are left out."""
    maker = cells_data.Synthesiser(sources, np.random.default_rng(seed))
    crops, texts = [], []
    for character in alphabet:
        for _ in range(per_character):
            try:
                crops.append(maker.crop(character, clean))
            except KeyError:
                break
            texts.append(character)
    return TestSet(name, alphabet, crops, texts)


def all_sets(data: Path, seed: int = 4711) -> list[TestSet]:
    """Return every set the model card reports."""
    font, skeletons = cells_sources.load_unseen()
    mnist = cells_fonts.mnist_rows(data / "mnist_t10k", held_out=True)
    sets = [
        fax_set(data, fit=True),
        fax_set(data, fit=False),
        TestSet("mnist, last 1000", DIGITS, [crop for crop, _ in mnist], [text for _, text in mnist]),
        *pen_sets(data),
    ]
    scripts = (
        ("digits", DIGITS),
        ("katakana", KATAKANA),
        ("hiragana", HIRAGANA),
        ("capitals", DIGITS + CAPITALS),
    )
    for clean, word in ((False, ""), (True, "clean ")):
        for script, alphabet in scripts:
            sets.append(synthetic_set(f"{word}unseen font, {script}", font, alphabet, 20, seed, clean))
        for script, alphabet in scripts[:2]:
            sets.append(
                synthetic_set(f"{word}unseen skeletons, {script}", skeletons, alphabet, 20, seed, clean)
            )
    return sets
