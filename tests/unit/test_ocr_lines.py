"""A free line: ink and language together choose the text, and the language never overrules clear ink."""

from collections.abc import Sequence

import numpy as np
import pytest

from ocr.language import AnyText
from ocr.recognisers.coverage import unread
from ocr.recognisers.decode import LOWEST, Slot, beam_search, log_likelihoods, split_slots
from ocr.recognisers.line import TILE_HEIGHT, Matrix
from ocr.recognisers.lines import spell

ALPHABET = "大犬天"


class Fond:
    """A language that likes one text by so many nats."""

    def __init__(self, text: str, nats: float) -> None:
        self._text, self._nats = text, nats

    def scores(self, texts: Sequence[str]) -> list[float]:
        return [self._nats if text == self._text else 0.0 for text in texts]


def _matrix(*steps: dict[str, float]) -> Matrix:
    rows = np.zeros((len(steps), 1 + len(ALPHABET)), np.float32)
    for row, step in zip(rows, steps, strict=True):
        for character, probability in step.items():
            row[1 + ALPHABET.index(character)] = probability
        row[0] = 1 - row[1:].sum()
    return rows


LINE = _matrix({}, {"大": 0.7, "犬": 0.25}, {}, {"天": 0.99}, {})


def test_slots_lie_between_the_places_where_nothing_is_written() -> None:
    slots = split_slots(LINE, ALPHABET)
    assert [(slot.first, slot.end) for slot in slots] == [(1, 2), (3, 4)]
    assert [text for text, _ in slots[0].texts] == ["大", "犬", ""]


def test_slots_hold_the_probabilities_of_whole_texts() -> None:
    for text, probability in beam_search(LINE, ALPHABET, width=100, best=3):
        found = {spelling.text: spelling.ink for spelling in spell(LINE, ALPHABET, AnyText())}
        assert np.exp(found[text]) == pytest.approx(probability, rel=1e-5)


def test_without_a_language_the_ink_decides() -> None:
    assert spell(LINE, ALPHABET, AnyText())[0].text == "大天"


def test_the_language_chooses_among_what_the_ink_allows() -> None:
    best = spell(LINE, ALPHABET, Fond("犬天", 3.0))[0]
    assert best.text == "犬天"
    assert best.ink == pytest.approx(np.log(0.25 * 0.99), abs=1e-3)


def test_no_language_overrules_clear_ink() -> None:
    clear = _matrix({"大": 0.9999, "犬": 0.00009})
    assert spell(clear, ALPHABET, Fond("犬", 50.0))[0].text == "大"


def test_a_text_is_never_longer_than_asked() -> None:
    assert all(len(spelling.text) <= 1 for spelling in spell(LINE, ALPHABET, AnyText(), longest=1))


def test_a_line_without_ink_spells_nothing() -> None:
    assert [spelling.text for spelling in spell(_matrix({}, {}), ALPHABET, AnyText())] == [""]


def test_a_text_judged_alone_has_the_probability_of_all_its_paths() -> None:
    likely = dict(beam_search(LINE, ALPHABET, width=100, best=3))
    logs = log_likelihoods(LINE, ALPHABET, list(likely))
    assert np.exp(logs) == pytest.approx(list(likely.values()), rel=1e-3)


def test_a_text_with_a_strange_character_is_next_to_impossible_but_not_forbidden() -> None:
    [strange, nothing] = log_likelihoods(LINE, ALPHABET, ["猫天", ""])
    assert LOWEST < strange < np.log(1e-4)
    assert nothing < np.log(0.01)


def test_ink_between_two_characters_that_were_read_is_noticed() -> None:
    tile = np.full((TILE_HEIGHT, 120), 255, np.float32)
    for left in (10, 45, 80):
        tile[10:38, left : left + 25] = 0
    slots = [Slot(first, first + 1, (("字", 0.0),)) for first in (2, 7, 11)]
    assert unread(tile, slots, [(0, "字"), (1, "字"), (2, "字")]) < 0.05
    assert unread(tile, slots, [(0, "字"), (2, "字")]) > 0.3
    assert unread(tile, slots, []) == 1.0
