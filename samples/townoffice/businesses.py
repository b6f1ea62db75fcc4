"""The three businesses (業務) of the stand-in as data: sections, fields, widgets. No behaviour lives here.

Field labels are those of the form templates, letter for letter, so that a record read from paper can be typed
in by label. HTML names are short and Latin, as such systems have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value must be; each kind has its check in ``checks.py``."""

    DIGITS = "digits"
    DATE = "date"
    BIRTHDAY = "birthday"
    KATAKANA = "katakana"
    HIRAGANA = "hiragana"
    TEXT = "text"
    POSTAL = "postal"
    PHONE = "phone"
    AMOUNT = "amount"
    TEMPERATURE = "temperature"
    ALNUM = "alnum"
    CORPORATE_NUMBER = "corporate_number"
    MYNUMBER = "mynumber"
    CHOICE = "choice"
    CHOICES = "choices"
    PRESENCE = "presence"


class Widget(StrEnum):
    """How a field is drawn on the registration page."""

    TEXT = "text"
    DATE = "date"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOXES = "checkboxes"
    CHECKBOX = "checkbox"
    ERA_BOXES = "era_boxes"


@dataclass(frozen=True)
class Field:
    """One input of a business.

    Attributes:
        label: The visible label, equal to the field name on the paper form.
        name: The HTML name and id.
        length: Exact number of characters for digits, the largest number for text.
        options: Names to choose from, in order; the browser sends ``1``, ``2``, … as such systems do.
        labelled: True when the label is tied to the input (``<label for>`` or a named group); False for the
            old fashion, where only the header cell to the left says what the input is.
        wide: True when the field fills a row of its own.
        size: Width of a text input in characters.
        mark: Words beside a single check box.
    """

    label: str
    name: str
    kind: Kind
    widget: Widget = Widget.TEXT
    required: bool = True
    length: int = 0
    options: tuple[str, ...] = ()
    labelled: bool = True
    wide: bool = False
    size: int = 20
    hint: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Section:
    """A titled block of fields."""

    title: str
    fields: tuple[Field, ...]

    def rows(self) -> list[list[Field]]:
        """Lay the fields out two to a row; a wide field has a row of its own."""
        rows: list[list[Field]] = []
        for field in self.fields:
            beside = rows and len(rows[-1]) == 1 and not rows[-1][0].wide and not field.wide
            if beside:
                rows[-1].append(field)
            else:
                rows.append([field])
        return rows


@dataclass(frozen=True)
class SumRule:
    """Amounts that must add up: the labels in ``parts`` make the label ``total``."""

    parts: tuple[str, ...]
    total: str


@dataclass(frozen=True)
class Business:
    """One business: its screens follow from this description alone.

    Attributes:
        code: Name in URLs, in the database and in the ledger of our robots.
        screen: Prefix of the screen numbers shown in the header bar.
        key: Labels of the fields that identify a registration, for search and for the warning about doubles.
        person: Label of the column that names the person or business in result tables.
    """

    code: str
    title: str
    department: str
    screen: str
    key: tuple[str, ...]
    person: str
    sections: tuple[Section, ...]
    sums: tuple[SumRule, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the page."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def key_fields(self) -> tuple[Field, ...]:
        """The fields named in ``key``, in that order."""
        return tuple(next(field for field in self.fields if field.label == label) for label in self.key)
