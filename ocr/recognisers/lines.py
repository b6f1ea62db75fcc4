"""Read free lines: the text reader says what the ink may be, a language says what people write.

A line is cut into slots where nothing is written. Each slot has a few texts with probabilities from the network;
walking from left to right the likeliest combinations are kept, ink and language together. The language may choose
among what the ink allows; it may never put anything where the ink clearly says otherwise (`decode.FARTHEST`), and a
text chosen against the ink's best one gets a low score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr.language import AnyText, Language
from ocr.reading import ILLEGIBLE, RawReading
from ocr.recognisers.characters import Cell, Networks, Question, ask
from ocr.recognisers.decode import Slot, split_slots
from ocr.recognisers.line import Matrix
from ocr.recognisers.tiles import line_tile

KEPT = 12
"""Beginnings of a line that are followed from slot to slot."""

BEST = 8
"""Texts of a line that are told, best first."""

LEAST = 1e-5
"""Characters that get less than this at every step of a line are not looked at."""


@dataclass(frozen=True)
class Spelling:
    """A text that a line may hold.

    Attributes:
        text: The text.
        ink: Log probability of the text in the network's eyes, nats.
        total: `ink` and the language's log probability.
    """

    text: str
    ink: float
    total: float


def read_lines(
    networks: Networks,
    lines: Sequence[Cell],
    longest: int = 60,
    *,
    languages: Sequence[Language] | None = None,
) -> list[RawReading]:
    """Read free lines, all of them together.

    Args:
        networks: The networks.
        lines: The lines; each is one "cell".
        longest: Texts of more characters are not followed.
        languages: The language of each line; any text is as likely as any other by default.

    Returns:
        For each line its likeliest texts with their scores, best first; the scores sum to at most 1.
    """
    if not lines:
        return []
    questions = {line.alphabet: ask(networks.line, line.alphabet) for line in lines}
    tiles = [line_tile(line.gray, line.ink) for line in lines]
    matrices = networks.line.probabilities(tiles, [questions[line.alphabet].characters for line in lines])
    spoken = languages or [AnyText()] * len(lines)
    return [
        _reading(spell(*_narrowed(questions[line.alphabet], matrix), language, longest))
        for line, matrix, language in zip(lines, matrices, spoken, strict=True)
    ]


def spell(matrix: Matrix, alphabet: str, language: Language, longest: int = 60) -> list[Spelling]:
    """Return the likeliest texts of a line, best first.

    Args:
        matrix: Shape (steps, 1 + len(alphabet)).
        alphabet: The characters of columns 1 and on.
        language: What is likely to be written.
        longest: Texts of more characters are not followed.
    """
    return walk(split_slots(matrix, alphabet), language, longest)


def walk(slots: Sequence[Slot], language: Language, longest: int = 60) -> list[Spelling]:
    """Return the likeliest combinations of the slots' texts, best first."""
    kept = {"": 0.0}
    for slot in slots:
        grown: dict[str, float] = {}
        for before, ink in kept.items():
            for text, log in slot.texts:
                whole = before + text
                if len(whole) <= longest:
                    grown[whole] = max(grown.get(whole, -np.inf), ink + log)
        kept = grown
        if len(kept) > KEPT:
            kept = {spelling.text: spelling.ink for spelling in _ranked(kept, language)[:KEPT]}
    return _ranked(kept, language)


def _ranked(inks: dict[str, float], language: Language) -> list[Spelling]:
    scores = language.scores(list(inks))
    found = [Spelling(t, ink, ink + score) for (t, ink), score in zip(inks.items(), scores, strict=True)]
    return sorted(found, key=lambda spelling: -spelling.total)


def _narrowed(question: Question, matrix: Matrix) -> tuple[Matrix, str]:
    """Return the matrix, look-alikes merged, and its alphabet without characters that appear nowhere on the line."""
    merged = question.merge(matrix)
    columns = np.flatnonzero(merged[:, 1:].max(axis=0, initial=0.0) > LEAST)
    alphabet = "".join(question.alphabet[column] for column in columns)
    return np.concatenate([merged[:, :1], merged[:, columns + 1]], axis=1), alphabet


def _reading(found: Sequence[Spelling]) -> RawReading:
    """Return the texts with their shares of the total; the best one's share is weighed with what the ink alone says."""
    texts = [spelling for spelling in found[:BEST] if spelling.text]
    if not texts:
        return RawReading(ILLEGIBLE, 0.0, (), "ocr.illegible")
    totals = np.array([spelling.total for spelling in found])
    shares = np.exp(totals - totals.max())
    shares = shares / shares.sum()
    scored = [
        (spelling.text, float(share) * min(1.0, float(np.exp(spelling.ink)) ** 0.5))
        for spelling, share in zip(found, shares, strict=True)
        if spelling in texts
    ]
    return RawReading(texts[0].text, scored[0][1], tuple(scored))
