"""From characters in cells to values in record form: digits, amounts, dates, names in kana.

An empty cell is a result: it is nothing at the ends of a row, a space between two names, and illegible (`●`) in the
middle of a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from ocr.alphabets import NUMBER_KINDS
from ocr.cleanup import Mask
from ocr.kana_size import size_kana
from ocr.reading import ILLEGIBLE, RawReading
from ocr.recognisers.characters import EMPTY_CELL, CellReading
from ocr.template_fields import BoxField

KANA_KINDS = frozenset({"katakana", "hiragana", "kana", "kanji", "text", "address"})
YEN = "¥￥金"
"""What may stand before an amount."""

FAINT_SCORE = 0.5
"""An almost empty cell is taken for empty, with this belief."""

Text = tuple[str, float]


@dataclass(frozen=True)
class Row:
    """A row of cells, read.

    Attributes:
        texts: The likeliest texts with their scores, best first; "" inside stands for an empty cell as "□".
        parts: (calibration group, score) of each cell.
        reason: Catalogue key of a doubt, else "".
    """

    texts: tuple[Text, ...]
    parts: tuple[tuple[str, float], ...]
    reason: str = ""

    def as_kind(self, spec: BoxField) -> RawReading:
        """Return the row as a value of the field's kind."""
        texts = tuple((_shape(text, spec), score) for text, score in self.texts)
        value, score = texts[0]
        reason = self.reason or ("ocr.illegible" if ILLEGIBLE in value else "")
        cells = _standing(self.texts[0][0], value, spec)
        return RawReading(value, score, tuple((t, s) for t, s in texts if t), reason, self.parts, cells)

    def plain(self, kind: str) -> RawReading:
        """Return the row as text of a kind, for crops that no form declares."""
        joint = "　" if kind in KANA_KINDS else ILLEGIBLE
        texts = tuple((text.strip("□").replace("□", joint), score) for text, score in self.texts)
        reason = self.reason or ("ocr.illegible" if ILLEGIBLE in texts[0][0] else "")
        return RawReading(texts[0][0], texts[0][1], texts, reason, self.parts)


def row_group(kind: str, alphabet: str) -> str:
    """Return the calibration group of a cell."""
    if kind in NUMBER_KINDS or alphabet.isdigit():
        return "digit"
    if kind == "kana":
        return "hiragana"
    return kind if kind in ("alnum", "katakana", "hiragana") else "kanji"


def join_row(
    cells: Sequence[CellReading | None], faint: Sequence[bool], group: str, inks: Sequence[Mask]
) -> Row:
    """Put cell readings (None for an empty cell) together, the five best combinations first.

    Args:
        cells: What each cell may say.
        faint: Which empty cells hold a trace of ink.
        group: Calibration group.
        inks: Strokes of each cell, at one scale, to tell small kana by their size.
    """
    if group in ("katakana", "hiragana"):
        cells = size_kana(cells, inks)
    texts: list[Text] = [("", 1.0)]
    parts: list[tuple[str, float]] = []
    reason = ""
    for cell, is_faint in zip(cells, faint, strict=True):
        if cell is None:
            score = FAINT_SCORE if is_faint else 1.0
            reason = "ocr.faint" if is_faint else reason
            parts.append(("empty", score))
            texts = [(text + "□", p * score) for text, p in texts]
            continue
        choices = cell.candidates[:3] or ((ILLEGIBLE, 0.0),)
        parts.append(("empty" if cell.best == EMPTY_CELL else group, cell.score))
        grown = [(text + c, p * max(s, 1e-9)) for text, p in texts for c, s in choices]
        texts = nlargest(5, grown, key=lambda item: item[1])
    return Row(tuple(texts), tuple(parts), reason)


def _shape(text: str, spec: BoxField) -> str:
    """Return the text of a row in the record form of its kind."""
    if spec.kind in KANA_KINDS:
        return _words(text, spec)
    if spec.kind == "decimal":
        return _decimal(text, spec.decimals)
    bare = text.strip("□").replace("□", ILLEGIBLE)
    if spec.kind == "amount":
        bare = bare.lstrip(YEN)
        return str(int(bare)) if bare.isdecimal() else bare
    return bare


def _standing(text: str, value: str, spec: BoxField) -> tuple[tuple[int, str], ...]:
    """Return in which cell each character of a value stands; nothing where its record form moved them about."""
    bare = text.strip("□")
    if spec.rows > 1 or spec.kind == "decimal" or len(text) != spec.cell_count or len(value) > len(bare):
        return ()
    end = len(text.rstrip("□"))
    return tuple(zip(range(end - len(value), end), value, strict=True))


def _words(text: str, spec: BoxField) -> str:
    """An empty cell between two words is a space; cells left empty at the end of a row of several are none."""
    width = sum(spec.groups) or len(text)
    rows = [text[start : start + width] for start in range(0, len(text), width)]
    joined = "".join(row.rstrip("□") for row in rows[:-1]) + rows[-1] if len(rows) > 1 else text
    words = joined.strip("□").replace("□", "　")
    return one_script(words) if spec.kind == "kana" else words


def _decimal(text: str, decimals: int) -> str:
    """Each cell has its place beside the printed point, so a cell left empty behind it is not read as nought."""
    if not text.strip("□"):
        return ""
    whole, fraction = text[:-decimals].lstrip("□"), text[-decimals:]
    return f"{whole or ILLEGIBLE}.{fraction}".replace("□", ILLEGIBLE)


def one_script(text: str) -> str:
    """Return kana with へ べ ぺ り in the script of the other characters: they look the same in both."""
    katakana = sum("ァ" <= c <= "ヶ" and c not in "ヘベペリ" for c in text)
    hiragana = sum("ぁ" <= c <= "ん" and c not in "へべぺり" for c in text)
    if katakana > hiragana:
        return text.translate(str.maketrans("へべぺり", "ヘベペリ"))
    return text.translate(str.maketrans("ヘベペリ", "へべぺり")) if hiragana > katakana else text
