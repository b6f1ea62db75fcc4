"""How likely a text is as Japanese, before any ink is seen.

The network knows shapes; it does not know that 屋根の修理 is said and 根の修理い is not. A morphological dictionary
knows: Sudachi (WorksApplications, Apache-2.0) finds the cheapest way to cut a text into words, and the cost of that
way, with the costs of its words and of their neighbourhood, is a language model that was trained on large corpora by
others. Nothing is downloaded; the dictionary is a package beside the others.
"""

import warnings
from collections.abc import Sequence
from typing import Any, Protocol

NATS_PER_COST = 1 / 2000
"""Weight of Sudachi's cost beside the network's log probabilities.

Found on part A of the composed lines (`ocr/training/lines_compose.py`): 1/1500 to 1/3000 are about equally good.
"""

PER_CHARACTER = 1.8
"""Added for every character: every word costs, and without this the text with the fewest words would win. Same
source.
"""

UNKNOWN_WORD = 3000
UNKNOWN_CHARACTER = 1000
"""Cost of a word that the dictionary lacks, and of each of its characters; Sudachi itself counts such words too
cheap.
"""

BEFORE = "。"
"""Put before every text: Sudachi counts from the end of the first word, so the first word must not be the text's."""


class Language(Protocol):
    """Says how likely texts are."""

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return log probabilities (nats), up to a constant, of texts or of beginnings of texts."""


class AnyText:
    """The language of a field about which nothing is known: every text is as likely as any other."""

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return 0 for every text."""
        return [0.0] * len(texts)


class Sentences:
    """Ordinary Japanese: sentences, names of people, places and businesses, judged by Sudachi's small dictionary."""

    def __init__(self) -> None:
        self._tokenizer: Any = None

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return log probabilities (nats), up to a constant."""
        return [-self._cost(text) * NATS_PER_COST + PER_CHARACTER * len(text) for text in texts]

    def sorts(self, text: str) -> list[str]:
        """Return the sort of each word: 姓 and 名 for names of people, 一般 for most others, "" for unknown ones."""
        words = self._words(text) if text else []
        return ["" if word.is_oov() else str(word.part_of_speech()[3]) for word in words]

    def _words(self, text: str) -> Any:
        if self._tokenizer is None:
            self._tokenizer = _load_tokenizer()
        return self._tokenizer.tokenize(text)

    def _cost(self, text: str) -> float:
        if not text:
            return 0.0
        words = self._words(BEFORE + text)
        unknown = [word.surface() for word in words if word.is_oov()]
        extra = sum(
            UNKNOWN_WORD + UNKNOWN_CHARACTER * len(word)
            for word in unknown
            if not (word.isascii() and word.isdigit())
        )
        return float(words.get_internal_cost() + extra)


def _load_tokenizer() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from sudachipy import Dictionary, SplitMode
    return Dictionary(dict="small").tokenizer(mode=SplitMode.C)
