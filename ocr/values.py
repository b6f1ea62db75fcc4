"""From characters in cells to values in record form: digits, amounts, dates, names in kana.

An empty cell is a result: it is nothing at the ends of a row, a space between two names, and illegible (`●`) in the
middle of a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from backoffice.japanese.errors import JapaneseTextError
from backoffice.japanese.wareki import from_parts
from ocr.alphabets import NUMBER_KINDS
from ocr.cleanup import Mask
from ocr.kana_size import size_kana
from ocr.reading import ILLEGIBLE, RawReading
from ocr.recognisers.characters import EMPTY_CELL, CellReading
from ocr.template import BoxField, DateField

KANA_KINDS = frozenset({"katakana", "hiragana", "kanji", "text", "address"})
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
        return RawReading(value, score, tuple((t, s) for t, s in texts if t), reason, self.parts)

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


def date_value(spec: DateField, rows: Mapping[str, Row], era: RawReading | None) -> RawReading:
    """Return a date in ISO form; what never was a day is left as written (令和8年13月1日) for the checks to find."""
    printed = spec.era if isinstance(spec.era, str) else None
    name = printed or (era.value if era else "")
    numbers = {part: row.texts[0][0].strip("□").replace("□", ILLEGIBLE) for part, row in rows.items()}
    if not any(numbers.values()) and (printed or not name):
        return RawReading("", 1.0, parts=tuple(part for row in rows.values() for part in row.parts))
    parts = tuple(part for row in rows.values() for part in row.parts)
    if era is not None:
        parts += (("circle", era.score),)
    score = min((s for _, s in parts), default=0.0)
    value = _iso(name, numbers)
    reason = next((row.reason for row in rows.values() if row.reason), "") or (era.reason if era else "")
    if ILLEGIBLE in value:
        reason = reason or "ocr.illegible"
    return RawReading(value, score, _date_candidates(name, rows), reason, parts)


def _date_candidates(name: str, rows: Mapping[str, Row]) -> tuple[Text, ...]:
    found: list[Text] = [("", 1.0)]
    combined: list[tuple[dict[str, str], float]] = [({}, 1.0)]
    for part, row in rows.items():
        combined = [
            ({**numbers, part: text.strip("□").replace("□", ILLEGIBLE)}, p * score)
            for numbers, p in combined
            for text, score in row.texts[:2]
        ]
    found = [(_iso(name, numbers), p) for numbers, p in sorted(combined, key=lambda item: -item[1])[:5]]
    return tuple(dict.fromkeys(found))


def _iso(era: str, numbers: Mapping[str, str]) -> str:
    shown = [numbers[part] or ILLEGIBLE for part in ("year", "month", "day")]
    written = f"{era or ILLEGIBLE}{shown[0]}年{shown[1]}月{shown[2]}日"
    if ILLEGIBLE in written:
        return written
    year, month, day = (int(numbers[part]) for part in ("year", "month", "day"))
    if era == "西暦":
        return f"{year:04}-{month:02}-{day:02}"
    try:
        return from_parts(era, year, month, day, allow_old_era=False).to_date().isoformat()
    except JapaneseTextError:
        return written


def _shape(text: str, spec: BoxField) -> str:
    """Return the text of a row in the record form of its kind."""
    if spec.kind in KANA_KINDS:
        return text.strip("□").replace("□", "　")
    bare = text.strip("□").replace("□", ILLEGIBLE)
    if not bare:
        return ""
    if spec.kind == "decimal":
        bare = bare if len(bare) > spec.decimals else ILLEGIBLE + bare
        return f"{bare[: -spec.decimals]}.{bare[-spec.decimals :]}"
    if spec.kind == "amount" and ILLEGIBLE not in bare:
        return str(int(bare))
    return bare
