"""What a file in cp932 (or another old encoding) would lose, told before anything is written.

Town-hall systems still exchange CSV in cp932. Some characters cannot be written in it (𠮷), some come back as
another character (〜 as ～), and some are private to one town (gaiji, U+E000–F8FF). All are reported with row
and column; none is ever dropped or replaced here. 髙 and 﨑 are fine in cp932 but not in shift_jis or
iso2022_jp, so name the encoding.
"""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backoffice.japanese.errors import EncodingError
from backoffice.messages import text as message

# Characters of JIS that Microsoft's table maps elsewhere. Programs disagree about them: some refuse, some write the
# right-hand one without a word. Source: Unicode's JIS0208.TXT against CP932.TXT.
_CHANGED = {
    "〜": "～", "−": "－", "‖": "∥", "—": "―", "¢": "￠", "£": "￡", "¬": "￢", "¦": "￤", "¥": "\\", "‾": "~",
}  # fmt: skip


class Loss(StrEnum):
    """What would happen to a character."""

    GAIJI = "gaiji"  # private use: only the town's own font knows it, whatever the encoding
    CHANGES = "changes"  # written, but read back as another character
    VARIATION = "variation"  # a variation selector: the form of the kanji before it would be lost
    NOT_ENCODABLE = "not_encodable"  # not in the encoding at all


@dataclass(frozen=True)
class EncodingFinding:
    """One character that the encoding would lose or change.

    Attributes:
        row: Row of the table or line of the text, from 1.
        column: Column of the table, from 1; always 1 for plain text.
        position: Character within the cell or line, from 1, counted in code points.
        character: The character itself.
        loss: What would happen to it.
        becomes: What would be read back, for CHANGES; else empty.
    """

    row: int
    column: int
    position: int
    character: str
    loss: Loss
    becomes: str = ""

    @property
    def code_point(self) -> str:
        """The code point as in U+20BB7."""
        return f"U+{ord(self.character):04X}"

    def explain(self, language: str | None = None) -> str:
        """Return the finding as a sentence with row, column, position, character and code point."""
        return message(
            f"japanese.loss_{self.loss}",
            language=language,
            row=self.row,
            column=self.column,
            position=self.position,
            character=self.character,
            code_point=self.code_point,
            becomes=self.becomes,
        )


def is_gaiji(character: str) -> bool:
    """Say whether a character is of private use: U+E000–F8FF or planes 15 and 16."""
    return "\ue000" <= character <= "\uf8ff" or character >= "\U000f0000"


def check_text(text: str, *, encoding: str = "cp932") -> tuple[EncodingFinding, ...]:
    """Return what the encoding would lose of a text; `row` is the line, `position` the character in it.

    Raises:
        LookupError: When Python does not know the encoding.
    """
    return check_table(([line] for line in text.split("\n")), encoding=encoding)


def check_table(rows: Iterable[Sequence[str]], *, encoding: str = "cp932") -> tuple[EncodingFinding, ...]:
    """Return what the encoding would lose of a table, in reading order.

    Args:
        rows: Rows of cells.
        encoding: Any encoding that Python knows.

    Raises:
        LookupError: When Python does not know the encoding.
    """
    "".encode(encoding)
    found = []
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            for position, character in enumerate(cell, start=1):
                verdict = _verdict(character, encoding)
                if verdict is not None:
                    found.append(EncodingFinding(row, column, position, character, *verdict))
    return tuple(found)


def encode(text: str, *, encoding: str = "cp932", allow_gaiji: bool = False) -> bytes:
    """Return the text in the encoding, or refuse it whole: what comes back by decoding is exactly the text.

    Args:
        text: Any text.
        encoding: Any encoding that Python knows.
        allow_gaiji: Write private-use characters that the encoding has room for (cp932: U+E000–E757).

    Raises:
        EncodingError: When any character would be lost or changed; names the first and how many.
        LookupError: When Python does not know the encoding.
    """
    findings = check_text(text, encoding=encoding)
    if allow_gaiji:
        findings = tuple(
            f for f in findings if f.loss is not Loss.GAIJI or not _round_trips(f.character, encoding)
        )
    if findings:
        first = findings[0]
        raise EncodingError(
            "japanese.not_encodable",
            encoding=encoding,
            count=len(findings),
            row=first.row,
            position=first.position,
            code_point=first.code_point,
        )
    return text.encode(encoding)


def _verdict(character: str, encoding: str) -> tuple[Loss, str] | None:
    if character.isascii() and _round_trips(character, encoding):
        return None
    if is_gaiji(character):
        return Loss.GAIJI, ""
    if codecs.lookup(encoding).name == "cp932" and character in _CHANGED:
        return Loss.CHANGES, _CHANGED[character]
    try:
        back = character.encode(encoding).decode(encoding)
    except UnicodeError:
        return (Loss.VARIATION if _is_variation_selector(character) else Loss.NOT_ENCODABLE), ""
    return None if back == character else (Loss.CHANGES, back)


def _round_trips(character: str, encoding: str) -> bool:
    try:
        return character.encode(encoding).decode(encoding) == character
    except UnicodeError:
        return False


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
