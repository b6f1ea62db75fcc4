"""Read free lines: the text reader says what the ink may be, a language says what people write.

A line is cut into slots where nothing is written. Each slot has a few texts with probabilities from the network;
walking from left to right the likeliest combinations are kept, ink and language together. The language may choose
among what the ink allows; it may never put anything where the ink clearly says otherwise (`decode.FARTHEST`). A text
that leaves ink unread (`coverage.py`) costs. Where a line is in doubt, the network looks again at a wider and a
narrower picture, and what all three looks bear out is taken; a text that they disagree about gets a low score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr.language import AnyText, Language
from ocr.reading import ILLEGIBLE, RawReading
from ocr.recognisers.characters import Cell, Networks, Question, ask
from ocr.recognisers.coverage import Place, unread
from ocr.recognisers.decode import Slot, log_likelihoods, split_slots
from ocr.recognisers.line import Matrix
from ocr.recognisers.second_look import Shift, opinions, shifted
from ocr.recognisers.tiles import line_tile

KEPT = 12
"""Beginnings of a line that are followed from slot to slot."""

BEST = 8
"""Texts of a line that are told, best first."""

LEAST = 1e-5
"""Characters that get less than this at every step of a line are not looked at."""

UNREAD_COST = 4.0
"""Cost (nats) of one character's ink that was not read; 2 to 8 are about equally good on the composed lines, part A."""

STRETCHES = (1.15, 0.87)
"""How much wider the line is shown at the second and third look."""

INK_TRUST = 0.25
"""Power of the ink's own probability in the score of a text."""

SURE = 0.98
"""A line whose best text has this share, and next to no unread ink, is looked at once only."""

UNREAD = 0.25
"""This much unread ink (in characters) makes a line be looked at again."""


@dataclass(frozen=True)
class Spelling:
    """A text that a line may hold.

    Attributes:
        text: The text.
        ink: Log probability of the text in the network's eyes, nats.
        total: `ink` and the language's log probability, less the cost of unread ink.
        places: The slots that hold something, and what.
        unread: Ink that the text leaves unread, in characters.
        opinion: What our own networks say for it, or against it, nats; part of `ink`.
    """

    text: str
    ink: float
    total: float
    places: tuple[Place, ...] = ()
    unread: float = 0.0
    opinion: float = 0.0


@dataclass(frozen=True)
class Look:
    """What one look at a line shows.

    Attributes:
        matrix: The network's probabilities, shape (steps, 1 + len(alphabet)).
        alphabet: Characters of its columns.
        spellings: The likeliest texts, best first.
    """

    matrix: Matrix
    alphabet: str
    spellings: tuple[Spelling, ...]


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
    spoken = languages or [AnyText()] * len(lines)
    looks = [[look] for look in _look(networks, lines, spoken, longest, 1.0)]
    doubtful = [i for i, [look] in enumerate(looks) if _in_doubt(look)]
    for stretch in STRETCHES:
        again = _look(networks, [lines[i] for i in doubtful], [spoken[i] for i in doubtful], longest, stretch)
        for i, look in zip(doubtful, again, strict=True):
            looks[i].append(look)
    return [_reading(_joined(seen, language)) for seen, language in zip(looks, spoken, strict=True)]


def _look(
    networks: Networks, lines: Sequence[Cell], languages: Sequence[Language], longest: int, stretch: float
) -> list[Look]:
    """Look once at lines, all of them together."""
    questions = {line.alphabet: ask(networks.line, line.alphabet) for line in lines}
    tiles = [line_tile(line.gray, line.ink, stretch=stretch) for line in lines]
    matrices = networks.line.probabilities(tiles, [questions[line.alphabet].characters for line in lines])
    narrow = [_narrowed(questions[line.alphabet], full) for line, full in zip(lines, matrices, strict=True)]
    slots = [split_slots(matrix, alphabet) for matrix, alphabet in narrow]
    shifts = opinions(networks.cell, tiles, slots)
    looks = []
    for at, (matrix, alphabet) in enumerate(narrow):
        costly = [
            _with_opinion(_with_unread(spelling, unread(tiles[at], slots[at], spelling.places)), shifts[at])
            for spelling in walk(shifted(slots[at], shifts[at]), languages[at], longest)
        ]
        looks.append(Look(matrix, alphabet, tuple(sorted(costly, key=lambda spelling: -spelling.total))))
    return looks


def _with_opinion(spelling: Spelling, shifts: Sequence[Shift]) -> Spelling:
    return replace(spelling, opinion=sum(shifts[slot].get(text, 0.0) for slot, text in spelling.places))


def _with_unread(spelling: Spelling, ink: float) -> Spelling:
    return replace(spelling, total=spelling.total - UNREAD_COST * ink, unread=ink)


def _in_doubt(look: Look) -> bool:
    best = look.spellings[0]
    return best.unread > UNREAD or float(_shares(look.spellings)[0]) < SURE


def _joined(looks: Sequence[Look], language: Language) -> list[Spelling]:
    """Return the texts of all looks, each judged by all of them, best first."""
    if len(looks) == 1:
        return list(looks[0].spellings)
    left: dict[str, float] = {}
    heard: dict[str, float] = {}
    for look in looks:
        for spelling in look.spellings:
            left[spelling.text] = min(left.get(spelling.text, np.inf), spelling.unread)
            heard[spelling.text] = max(heard.get(spelling.text, -np.inf), spelling.opinion)
    texts = list(left)
    inks = np.mean([log_likelihoods(look.matrix, look.alphabet, texts) for look in looks], axis=0)
    inks = inks + np.array(list(heard.values()))
    totals = inks + language.scores(texts) - UNREAD_COST * np.array(list(left.values()))
    found = [
        Spelling(text, float(ink), float(total), unread=left[text])
        for text, ink, total in zip(texts, inks, totals, strict=True)
    ]
    return sorted(found, key=lambda spelling: -spelling.total)


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
    kept: dict[str, tuple[float, tuple[Place, ...]]] = {"": (0.0, ())}
    for number, slot in enumerate(slots):
        grown: dict[str, tuple[float, tuple[Place, ...]]] = {}
        for before, (ink, places) in kept.items():
            for text, log in slot.texts:
                whole = before + text
                if len(whole) <= longest and (whole not in grown or ink + log > grown[whole][0]):
                    grown[whole] = (ink + log, (*places, (number, text)) if text else places)
        kept = grown
        if len(kept) > KEPT:
            kept = {spelling.text: kept[spelling.text] for spelling in _ranked(kept, language)[:KEPT]}
    return _ranked(kept, language)


def _ranked(found: Mapping[str, tuple[float, tuple[Place, ...]]], language: Language) -> list[Spelling]:
    scores = language.scores(list(found))
    spellings = [
        Spelling(text, ink, ink + score, places)
        for (text, (ink, places)), score in zip(found.items(), scores, strict=True)
    ]
    return sorted(spellings, key=lambda spelling: -spelling.total)


def _narrowed(question: Question, matrix: Matrix) -> tuple[Matrix, str]:
    """Return the matrix, look-alikes merged, and its alphabet without characters that appear nowhere on the line."""
    merged = question.merge(matrix)
    columns = np.flatnonzero(merged[:, 1:].max(axis=0, initial=0.0) > LEAST)
    alphabet = "".join(question.alphabet[column] for column in columns)
    return np.concatenate([merged[:, :1], merged[:, columns + 1]], axis=1), alphabet


def _shares(found: Sequence[Spelling]) -> NDArray[np.float64]:
    totals = np.array([spelling.total for spelling in found])
    shares = np.exp(totals - totals.max())
    return np.asarray(shares / shares.sum())


def _reading(found: Sequence[Spelling]) -> RawReading:
    """Return the texts with their shares, weighed with what the ink alone says of the best one and what it left out."""
    best = found[0]
    if not best.text:
        return RawReading(ILLEGIBLE, 0.0, (), "ocr.illegible")
    trust = float(np.exp(INK_TRUST * min(best.ink, 0.0) - best.unread))
    scored = [
        (spelling.text, float(share) * trust) for spelling, share in zip(found, _shares(found), strict=True)
    ]
    told = tuple((text, score) for text, score in scored[:BEST] if text)
    return RawReading(best.text, told[0][1], told)
