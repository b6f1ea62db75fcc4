"""Which characters of which documents are shown as tiles in group review, one character class at a time.

What is shown is what needs a person: of a doubtful field the characters that were read less surely than the field's
limit allows, all of them where none stands out. Fields that two people must type (`verify: double`) are never shown:
nobody may see what the machine or another person read.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from backoffice.cell_book import WHOLE, OpenField
from backoffice.turns import Line
from console.web.desk import Desk
from ocr.reading import ILLEGIBLE
from ocr.template import AnyField, form_of
from ocr.template_fields import ChoiceField

MARKS = frozenset({"choice", "choices", "checkbox", "seal", "signature", "mark"})
CHARACTERS = frozenset(
    {"digits", "account", "bank", "branch", "mynumber", "corporate_number", "postal", "phone", "amount"}
    | {"alnum", "katakana", "hiragana", "kana", "kanji", "text", "address"}
)
MOST_FIELDS = 6000
"""Doubtful fields that are looked through for tiles, of the oldest documents."""
MOST_TILES = 500
KANA = range(0x3041, 0x30FF)
SORTS = ("digit", "kana", "other", "unread", "mark")


@dataclass(frozen=True)
class Kind:
    """A character class.

    Attributes:
        of: Name of the field for a mark; empty for a character, which may stand in any field.
        value: The character, or the mark's value.
    """

    of: str
    value: str

    @property
    def sort(self) -> str:
        """Which heading it stands under, one of `SORTS`."""
        if self.of:
            return "mark"
        if self.value == ILLEGIBLE:
            return "unread"
        if self.value.isdecimal():
            return "digit"
        return "kana" if len(self.value) == 1 and ord(self.value) in KANA else "other"


@dataclass(frozen=True)
class Tile:
    """One character, or one mark, of one document.

    Attributes:
        revision: Of the document, as it is shown.
        position: Which field of the document, from 0.
        place: Which character of its value, from 0; `WHOLE` for a mark.
        read: The character or value as it was read.
    """

    document: int
    revision: int
    position: int
    name: str
    place: int
    read: str = field(repr=False)


class TileFinder:
    """Finds the tiles of one request; it remembers what the forms declare."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._forms: dict[tuple[str, int], Mapping[str, AnyField]] = {}

    def kinds(self, line: Line) -> dict[Kind, int]:
        """Return the character classes that have tiles, and how many each."""
        return Counter(kind for kind, _ in self._all(line))

    def tiles(self, line: Line, kind: Kind) -> list[Tile]:
        """Return the tiles of one class, oldest document first."""
        return [tile for found, tile in self._all(line) if found == kind]

    def missing(self, one: OpenField) -> list[int]:
        """Return the places of a field that still need a person; none where it is not shown as tiles at all."""
        return [place for place in self.needed(one) if place not in one.chosen]

    def declared(self, one: OpenField) -> AnyField | None:
        """Return the field as its form declares it; None when the form is gone."""
        key = (one.form, one.version)
        if key not in self._forms:
            form = form_of(self._desk.forms, *key)
            self._forms[key] = {known.name: known for _, known in form.fields()} if form is not None else {}
        return self._forms[key].get(one.name)

    def may_show(self, one: OpenField) -> bool:
        """Say whether a field may be seen by a person who has not typed it."""
        declared = self.declared(one)
        return declared is not None and declared.verify != "double"

    def _all(self, line: Line) -> Iterator[tuple[Kind, Tile]]:
        for one in self._desk.documents.cells.open_fields(line, MARKS | CHARACTERS, MOST_FIELDS):
            if not self.may_show(one):
                continue
            for place in self.missing(one):
                read = one.value if place == WHOLE else one.value[place]
                kind = Kind(one.name if place == WHOLE else "", read)
                yield kind, Tile(one.document, one.revision, one.position, one.name, place, read)

    def _is_one_mark(self, one: OpenField) -> bool:
        """Whether a mark can be right as it was read: two options where one is to be chosen cannot."""
        declared = self.declared(one)
        if isinstance(declared, ChoiceField) and one.kind == "choice":
            return one.value in declared.options
        return bool(one.value) and ILLEGIBLE not in one.value

    def needed(self, one: OpenField) -> Collection[int]:
        """Return the places of a field that a person must look at; none where it is not shown as tiles at all."""
        if one.kind in MARKS:
            return [WHOLE] if self._is_one_mark(one) else []
        if not one.value or one.value != one.read_value or len(one.cells) != len(one.value):
            return []
        declared = self.declared(one)
        limit = (declared.limit if declared is not None else None) or self._desk.settings.ocr.limit
        doubtful = [
            place
            for place, (_, probability) in enumerate(one.cells)
            if 1 - probability > limit / len(one.value) or one.value[place] == ILLEGIBLE
        ]
        return doubtful or range(len(one.value))
