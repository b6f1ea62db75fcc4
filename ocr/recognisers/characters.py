"""Read cells (one character each) and free lines with the text reader.

Every filled cell is looked at by networks of different making: the text reader (`line.py`), and the cell reader
(`cell.py`) or the glyph reader (`glyph.py`) or both. Their probabilities are put together (`agreement.py`); where they
disagree the score is low and a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.alphabets import aliases, commonness
from ocr.cleanup import Mask
from ocr.reading import ILLEGIBLE, Gray
from ocr.recognisers.agreement import Voice, pool, unknown_places
from ocr.recognisers.cell import CellReader
from ocr.recognisers.decode import Weights, single_character
from ocr.recognisers.glyph import GlyphReader
from ocr.recognisers.line import LineReader, Matrix
from ocr.recognisers.network import CharacterNetwork
from ocr.recognisers.tiles import cell_tile, ink_box

ILLEGIBLE_BELOW = 0.15
"""When even the best character gets less of the product than this, the cell is illegible."""

TEXT_ON_CELLS = 0.3
"""What the text reader's word is worth where the cell reader has one: it reads 80 of 100 kana, the other 96."""

GLYPH_ON_KANA = 0.3
"""What the glyph reader's word is worth on kana beside the cell reader's: it reads 88 to 97 of 100."""

GLYPH_ON_KANJI = 0.5
"""What the glyph reader's word is worth on kanji beside the text reader's. These three were chosen on the development
sets of `ocr/training/dev_sets.py`; a tenth more or less changes hardly anything."""

EMPTY_CELL = "□"
"""Stands for an empty cell within a row."""

EMPTY_FROM = 0.9
"""When the cell reader is this sure that nothing is written, the ink is a neighbour's or dirt."""


@dataclass(frozen=True)
class Networks:
    """The networks that read characters.

    Attributes:
        line: The text reader, for lines, kanji and every cell.
        cell: The cell reader, for cells of digits, kana and Latin letters.
        glyph: The glyph reader, for kanji, and a third opinion on kana.
    """

    line: LineReader
    cell: CellReader
    glyph: GlyphReader


def load_networks(models: Path, threads: int = 0) -> Networks:
    """Return the networks; the text reader loads its weights on first use.

    Args:
        models: Folder for the text reader's prepared weights.
        threads: CPU threads; 0 for all.
    """
    return Networks(LineReader(models, threads), CellReader(threads), GlyphReader(threads))


@dataclass(frozen=True)
class Cell:
    """One filled character cell.

    Attributes:
        gray: The cell, uint8.
        ink: Its strokes, without printed lines.
        alphabet: What may stand in it.
        whole: The printed cell as far as its lines, or as scanned; the size within it tells small kana.
    """

    gray: Gray
    ink: Mask
    alphabet: str
    whole: Gray | None = None


@dataclass(frozen=True)
class CellReading:
    """What a cell may say.

    Attributes:
        candidates: (character, score), best first; scores sum to at most 1. None for an illegible cell.
    """

    candidates: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        """The best character, or `●`."""
        return self.candidates[0][0] if self.candidates else ILLEGIBLE

    @property
    def score(self) -> float:
        """Uncalibrated belief in the best character."""
        return self.candidates[0][1] if self.candidates else 0.0


def read_cells(networks: Networks, cells: Sequence[Cell]) -> list[CellReading]:
    """Read cells, all of them together."""
    if not cells:
        return []
    questions = {cell.alphabet: ask(networks.line, cell.alphabet) for cell in cells}
    tiles = [cell_tile(cell.gray, cell.ink) for cell in cells]
    matrices = networks.line.probabilities(tiles, [questions[cell.alphabet].characters for cell in cells])
    readings: list[CellReading] = [CellReading(())] * len(cells)
    for alphabet, question in questions.items():
        chosen = [i for i, cell in enumerate(cells) if cell.alphabet == alphabet]
        every, voices = _voices(networks, [cells[i] for i in chosen], question.alphabet)
        for i, heard in zip(chosen, voices, strict=True):
            first = single_character(question.merge(matrices[i])) * _shape_weights(
                cells[i], question.alphabet
            )
            readings[i] = _agree(first, every, heard)
    return readings


@dataclass(frozen=True)
class Question:
    """What the network is asked for one alphabet.

    Attributes:
        alphabet: Characters of the field that the network knows.
        characters: These, and then their look-alikes.
        sums: (column, column of a look-alike that is added to it).
        weights: Weight of every character of the alphabet, shape (1 + n,), the first for "nothing".
    """

    alphabet: str
    characters: str
    sums: tuple[tuple[int, int], ...]
    weights: NDArray[np.float32]

    def merge(self, matrix: Matrix) -> Matrix:
        """Add the look-alikes to the characters they stand for, drop them, and weigh rare characters down."""
        merged = matrix[:, : 1 + len(self.alphabet)] * self.weights
        for target, source in self.sums:
            merged[:, target] += matrix[:, source]
        return np.asarray(merged, dtype=np.float32)


@lru_cache(maxsize=256)
def ask(reader: LineReader, alphabet: str) -> Question:
    """Return what the text reader is asked for an alphabet."""
    known = reader.known(alphabet)
    asked, sums = known, []
    for column, others in enumerate(aliases(known), start=1):
        for other in reader.known(others):
            asked += other
            sums.append((column, len(asked)))
    weights = np.array([1.0, *commonness(known)], dtype=np.float32)
    return Question(known, asked, tuple(sums), weights)


def _shape_weights(cell: Cell, alphabet: str) -> Weights:
    """Return how well each character goes with the outline of the ink: a long-vowel mark is much wider than high."""
    weights = np.ones(len(alphabet))
    found = ink_box(cell.ink)
    if found is not None and "ー" in alphabet and found[2] < 2.0 * found[3]:
        weights[alphabet.index("ー")] = 0.01
    return weights


def _voices(networks: Networks, cells: Sequence[Cell], known: str) -> tuple[str, list[list[Voice]]]:
    """Ask our own networks about cells of one alphabet.

    Args:
        networks: All networks.
        cells: Cells of one alphabet.
        known: What the text reader knows of that alphabet.

    Returns:
        `known` and then what only our networks know; what they say of every cell.
    """
    alphabet = cells[0].alphabet
    asked = [
        (network, power, network.known.mask_of(alphabet)) for network, power in _asked(networks, alphabet)
    ]
    heard_of = set(known)
    more = [c for c in alphabet if c not in heard_of and any(c in mask.characters for _, _, mask in asked)]
    every = known + "".join(more)
    voices: list[list[Voice]] = [[] for _ in cells]
    crops = [cell.gray if cell.whole is None else cell.whole for cell in cells]
    for at, (network, power, mask) in enumerate(asked):
        unknown = unknown_places(every, mask.unknown)
        for heard, opinion in zip(voices, network.read(crops, alphabet), strict=True):
            heard.append(Voice(opinion, power, unknown, doubts=at == 0 and _all_kanji(mask.unknown)))
    return every, voices


def _asked(networks: Networks, alphabet: str) -> list[tuple[CharacterNetwork, float]]:
    """Say which networks have a word in an alphabet, and what it is worth.

    The cell reader knows no kanji, digits need no third opinion.
    """
    if _has_kanji(alphabet):
        return [(networks.glyph, GLYPH_ON_KANJI)]
    known = set(networks.cell.known.characters)
    asked: list[tuple[CharacterNetwork, float]] = []
    if any(c in known for c in alphabet):
        asked.append((networks.cell, 1.0))
    if any("ぁ" <= c <= "ヶ" for c in alphabet):
        asked.append((networks.glyph, GLYPH_ON_KANA))
    return asked


def _has_kanji(alphabet: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in alphabet)


def _all_kanji(unknown: Sequence[str]) -> bool:
    """Say whether a network lacks only rare kanji of an alphabet; if it lacks a ¥, "not a character" may mean that."""
    return all("\u4e00" <= character <= "\u9fff" for character in unknown)


def _agree(first: Weights, alphabet: str, voices: Sequence[Voice]) -> CellReading:
    """Put the networks' probabilities together."""
    empty = max((voice.opinion.empty for voice in voices), default=0.0)
    if empty > EMPTY_FROM:
        return CellReading(((EMPTY_CELL, empty),))
    power = 1.0 if _has_kanji(alphabet) or not voices else TEXT_ON_CELLS
    joint = pool(first, power, alphabet, voices)
    order = np.argsort(-joint)[:5]
    if joint[order[0]] < ILLEGIBLE_BELOW and voices:
        return CellReading(())
    return CellReading(tuple((alphabet[i], float(joint[i])) for i in order))
