"""From probabilities to text: sums over all paths, nothing outside of the alphabet."""

from itertools import groupby, product

import numpy as np
import pytest

from ocr.alphabets import aliases, alphabet_of, commonness, kanji
from ocr.documents import group_pages
from ocr.recognisers.decode import beam_search, single_character


def _brute_force(matrix: np.ndarray, alphabet: str) -> dict[str, float]:
    """Return the probability of every text by walking all paths."""
    found: dict[str, float] = {}
    for path in product(range(matrix.shape[1]), repeat=len(matrix)):
        merged = [column for column, _ in groupby(path) if column]
        text = "".join(alphabet[column - 1] for column in merged)
        found[text] = found.get(text, 0.0) + float(np.prod([matrix[i, c] for i, c in enumerate(path)]))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_decoders_agree_with_walking_every_path(seed: int) -> None:
    matrix = np.random.default_rng(seed).dirichlet([0.4, 0.4, 0.4], size=6).astype(np.float32)
    truth = _brute_force(matrix, "ab")
    assert single_character(matrix) == pytest.approx([truth["a"], truth["b"]], rel=1e-4)
    best = max(truth, key=lambda text: truth[text])
    text, probability = beam_search(matrix, "ab", width=200)[0]
    assert text == best
    assert probability == pytest.approx(truth[best], rel=1e-3)


def test_beam_search_follows_no_text_beyond_its_length() -> None:
    matrix = np.tile(np.array([[0.1, 0.45, 0.45]], np.float32), (8, 1))
    assert all(len(text) <= 2 for text, _ in beam_search(matrix, "ab", longest=2))


def test_alphabets_hold_what_a_field_may_hold() -> None:
    assert alphabet_of("mynumber") == "0123456789"
    assert "ッ" in alphabet_of("katakana")
    assert "っ" not in alphabet_of("katakana")
    assert {"髙", "徴"} <= set(kanji())
    assert "徵" not in kanji()
    with pytest.raises(KeyError):
        alphabet_of("seal")


def test_look_alikes_count_for_the_character_of_the_field() -> None:
    katakana = alphabet_of("katakana")
    assert "二" in aliases(katakana)[katakana.index("ニ")]
    assert "徵" in aliases(kanji())[kanji().index("徴")]
    assert commonness("恵惠ア") == (1.0, 0.1, 1.0)


def test_no_page_is_no_document() -> None:
    assert group_pages([]) == []
