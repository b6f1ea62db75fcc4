"""The glyph reader: our network for kanji, and for every character that a free line may hold.

A second opinion beside the text reader on kanji, a third one on kana. How the network came about and how well it reads
stands in `ocr/models/glyphs.md`.
"""

from pathlib import Path

from ocr.recognisers.cell_alphabets import DIGITS, HIRAGANA, KATAKANA, RARE, RARITY, SAME_SHAPE
from ocr.recognisers.glyph_alphabets import BEYOND_LEVEL_ONE, GLYPH_CLASSES, GLYPHS, KANJI
from ocr.recognisers.network import CharacterNetwork, ClassList

GLYPH_SIDE = 48
"""Edge of the glyph network's two pictures in pixels."""

BEYOND = -1.6
"""Added to the scores of kanji beyond JIS level 1: one fifth as likely before looking. A rough prior, not a count."""

GLYPH_LIST = ClassList(
    name="glyphs",
    classes=GLYPH_CLASSES,
    characters=GLYPHS,
    side=GLYPH_SIDE,
    prior=dict.fromkeys(RARE, RARITY) | dict.fromkeys(BEYOND_LEVEL_ONE, BEYOND),
    same_shape=SAME_SHAPE | {"~": "〜", "(": "（", ")": "）", ".": "。", ",": "、"},
    scripts={"digits": DIGITS, "katakana": KATAKANA, "hiragana": HIRAGANA, "kanji": KANJI},
)


class GlyphReader(CharacterNetwork):
    """Reads single characters of any script with the glyph network of the package.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.
        weights: Another model file, for measuring one before it is taken into the package.

    Raises:
        FileNotFoundError: The weights are not there.
        ValueError: The weights were trained for other classes than this code knows.
    """

    def __init__(self, threads: int = 0, weights: Path | None = None) -> None:
        super().__init__(GLYPH_LIST, threads, weights)
