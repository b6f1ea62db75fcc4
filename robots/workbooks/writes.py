"""What shall be written into a cell, checked, and as the XML of that one cell."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from xml.sax.saxutils import escape

from backoffice.errors import HakadoriError
from backoffice.japanese.wareki import parse_date
from robots.workbooks.errors import ValueNotWritable
from robots.workbooks.places import cell_name

LONGEST_TEXT = 32_767
LONGEST_FORMULA = 8_192
MOST_DIGITS = 15
"""Limits of Excel: characters of a cell, characters of a formula, significant digits of a number."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_HIDDEN = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


class As(StrEnum):
    """As what a value stands in a cell."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class Write:
    """One value for one cell.

    Attributes:
        row: From 1.
        column: From 1.
        value: Text as a robot has it; an empty one empties the cell and keeps its look.
        kind: As what it shall stand there.
        format: A number format for the cell, or the name of one; empty keeps the cell's own.
    """

    row: int
    column: int
    value: str
    kind: As = As.TEXT
    format: str = ""

    @property
    def name(self) -> str:
        """The cell's name."""
        return cell_name(self.row, self.column)

    def plain(self) -> str:
        """Return the value as a record holds it: a date as 2026-04-01, a number without commas."""
        if not self.value or self.kind in (As.TEXT, As.FORMULA):
            return self.value
        if self.kind is As.DATE:
            return self.day().isoformat()
        number = f"{Decimal(self.number()):f}"
        return (number.rstrip("0").rstrip(".") if "." in number else number) or "0"

    def day(self) -> date:
        """Return the value as a day, whether written 2026-04-01 or 令和8年4月1日.

        Raises:
            ValueNotWritable: It is no date.
        """
        try:
            return parse_date(self.value)
        except HakadoriError as error:
            raise ValueNotWritable("workbooks.value_no_date", where=self.name) from error

    def number(self) -> str:
        """Return the value as Excel stores a number.

        Raises:
            ValueNotWritable: It is no number, or has more digits than Excel can keep.
        """
        try:
            number = Decimal(self.value.replace(",", ""))
        except InvalidOperation as error:
            raise ValueNotWritable("workbooks.value_no_number", where=self.name) from error
        if not number.is_finite():
            raise ValueNotWritable("workbooks.value_no_number", where=self.name)
        if len(number.normalize().as_tuple().digits) > MOST_DIGITS:
            raise ValueNotWritable("workbooks.value_too_many_digits", where=self.name, limit=MOST_DIGITS)
        return str(number)


def cell_xml(write: Write, style: int, serial: int | None, prefix: str) -> bytes:
    """Return the XML of a cell.

    Args:
        write: What shall stand in it.
        style: Its style number.
        serial: The number of its day, for dates.
        prefix: Of the sheet's elements, colon included.

    Raises:
        ValueNotWritable: The value cannot stand in a cell.
    """
    look = f' s="{style}"' if style else ""
    c, place = f"{prefix}c", f' r="{write.name}"'
    if not write.value:
        return f"<{c}{place}{look}/>".encode()
    match write.kind:
        case As.NUMBER:
            inside = f"<{prefix}v>{write.number()}</{prefix}v>"
        case As.DATE:
            inside = f"<{prefix}v>{serial}</{prefix}v>"
        case As.FORMULA:
            inside = f"<{prefix}f>{_formula(write)}</{prefix}f>"
        case As.TEXT:
            t = f"{prefix}t"
            text = f'<{t} xml:space="preserve">{_text(write)}</{t}>'
            return f'<{c}{place}{look} t="inlineStr"><{prefix}is>{text}</{prefix}is></{c}>'.encode()
    return f"<{c}{place}{look}>{inside}</{c}>".encode()


def midnight(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime(day.year, day.month, day.day)


def _text(write: Write) -> str:
    if len(write.value) > LONGEST_TEXT:
        raise ValueNotWritable("workbooks.value_too_long", where=write.name, limit=LONGEST_TEXT)
    _refuse_hidden(write)
    shown = _LOOKS_HIDDEN.sub("_x005F_", write.value)
    return escape(shown).replace("\r", "_x000D_")


def _formula(write: Write) -> str:
    if len(write.value) > LONGEST_FORMULA:
        raise ValueNotWritable("workbooks.value_too_long", where=write.name, limit=LONGEST_FORMULA)
    _refuse_hidden(write)
    return escape(write.value.removeprefix("="))


def _refuse_hidden(write: Write) -> None:
    if _NOT_XML.search(write.value):
        raise ValueNotWritable("robots.list_character_illegal", where=write.name, place=write.name)
