"""The language of people's names: family names and given names as the dictionary knows them.

Of two readings that the ink allows, 小野寺 is likelier than 小野守. A name that no dictionary has is read as the ink
says; it has a low probability only when the ink, too, is unclear.
"""

from collections.abc import Sequence

from ocr.language import Sentences

KNOWN_NAME = 3.0
"""Added (nats) when the text is a known family name, a known given name, or one of each."""

NAMES = frozenset({"姓", "名"})
"""Sorts of words that are names of people."""


class People:
    """Names of people: a family name, a given name, or both.

    Args:
        dictionary: Where words are looked up.
    """

    def __init__(self, dictionary: Sentences) -> None:
        self._dictionary = dictionary

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return log probabilities (nats), up to a constant."""
        bare = [text.replace("　", "") for text in texts]
        plain = self._dictionary.scores(bare)
        return [score + KNOWN_NAME * self._known(text) for text, score in zip(bare, plain, strict=True)]

    def _known(self, text: str) -> bool:
        sorts = self._dictionary.sorts(text)
        return 0 < len(sorts) <= 2 and NAMES.issuperset(sorts)
