"""The kinds of fields that a form template may declare, and the keys that each of them takes.

`docs/reference/kinds.md` is written from these classes. What a kind reads and how its value is kept in a record is
said in the class, in the words of the reference.
"""

import re
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from backoffice.declarations import Part, refuse
from ocr.template_base import FieldBase, Name, ProperBox
from ocr.template_cells import Box, CellGrid, moved
from ocr.template_times import DateField, TimeField

DigitKind = Literal[
    "digits",
    "account",
    "bank",
    "branch",
    "mynumber",
    "corporate_number",
    "postal",
    "phone",
    "amount",
    "decimal",
]
TextKind = Literal["alnum", "katakana", "hiragana", "kana", "kanji", "text", "address"]
LookKind = Literal["seal", "signature", "checkbox"]
MarkName = Literal["circle", "cross", "triangle", "check"]
BarcodeFormat = Literal[
    "qr", "micro_qr", "data_matrix", "aztec", "pdf417", "code128", "code39", "code93", "codabar", "itf", "ean13",
    "ean8", "upc_a", "upc_e",
]  # fmt: skip

Options = Annotated[dict[str, ProperBox], Field(min_length=1)]


ONLY_FOR = MappingProxyType(
    {
        "decimals": frozenset({"decimal"}),
        "yen": frozenset({"amount"}),
        "min": frozenset({"digits", "amount", "decimal"}),
        "max": frozenset({"digits", "amount", "decimal"}),
        "bank": frozenset({"branch", "digits"}),
        "check": frozenset({"digits"}),
        "least": frozenset({"choices"}),
        "most": frozenset({"choices"}),
    }
)
"""Keys that go with some kinds only."""


def keys_not_for(kind: str) -> frozenset[str]:
    """Return the keys that a field of this kind does not take though its class has them."""
    return frozenset(key for key, kinds in ONLY_FOR.items() if kind not in kinds)


def _every_mark() -> dict[MarkName, str]:
    return {"circle": "circle", "cross": "cross", "triangle": "triangle", "check": "check"}


def _moved_options(options: dict[str, Box], dy: float) -> dict[str, Box]:
    return {name: moved(box, 0, dy) for name, box in options.items()}


class BoxField(CellGrid, FieldBase):
    """Characters in a row of cells, in several rows of cells, or on a free line."""

    kind: DigitKind | TextKind = Field(description="What is written in the box.")
    decimals: int = Field(0, ge=0, le=6, description="Digits after a printed decimal point (kind decimal).")
    yen: bool = Field(
        False, description="¥ or 金 may stand in the cell before the first digit (kind amount)."
    )
    alphabet: str | None = Field(
        None, min_length=1, description="The only characters that may appear, instead of the kind's."
    )
    lexicon: str | None = Field(
        None,
        description="List of allowed values: FILE.COLUMN of a CSV in masters/ beside the folder of the forms "
        "(FILE alone: its first column), or prefectures, or cities.",
    )
    check: Literal["bank", "branch", "luhn"] | None = Field(
        None,
        description="bank, branch: master data the value must be found in; luhn: its last digit is a check digit "
        "(保険者番号).",
    )
    bank: str | None = Field(
        None, description="Field with the bank of this branch; by default the bank before it."
    )
    pattern: str | None = Field(None, description="Regular expression that the whole value must fit.")
    min: float | None = Field(None, description="Smallest number allowed (digits, amount, decimal).")
    max: float | None = Field(None, description="Largest number allowed (digits, amount, decimal).")

    @field_validator("pattern")
    @classmethod
    def _pattern_is_one(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise refuse("ocr.pattern_wrong", pattern=pattern, detail=str(error)) from error
        return pattern

    @model_validator(mode="after")
    def _keys_go_with_the_kind(self) -> Self:
        if self.kind == "decimal" and not self.decimals:
            raise refuse("ocr.decimal_without_decimals", name=self.name)
        for key in sorted(key for key in keys_not_for(self.kind) if getattr(self, key, None)):
            kinds = ", ".join(sorted(ONLY_FOR[key]))
            raise refuse("ocr.key_not_for_kind", word=key, kind=self.kind, kinds=kinds)
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refuse("ocr.range_empty", least=self.min, most=self.max)
        return self

    @property
    def master(self) -> Literal["bank", "branch", ""]:
        """Master data that the value must be found in: by `check`, or by the kind itself."""
        if self.kind in ("bank", "branch"):
            return "bank" if self.kind == "bank" else "branch"
        return self.check if self.check in ("bank", "branch") else ""

    def boxes(self) -> list[Box]:
        """Return the one box."""
        return [self.box]

    def placed(self, name: str, dy: float) -> Self:
        """Return the same field under another name, `dy` mm lower."""
        return self.model_copy(update={"name": name, "box": moved(self.box, 0, dy)})


class ChoiceField(FieldBase):
    """One (`choice`) or several (`choices`) of printed options, circled or ticked."""

    kind: Literal["choice", "choices"] = Field(description="choice: exactly one; choices: any number.")
    style: Literal["circle", "tick"] = Field(
        description="circle: around the printed word; tick: in a check box."
    )
    options: Options = Field(description="Option name and its box in mm.")
    least: int = Field(0, ge=0, description="How many options must be marked at least (kind choices).")
    most: int | None = Field(None, ge=1, description="How many may be marked at most (kind choices).")

    @field_validator("options")
    @classmethod
    def _names_can_be_told_apart(cls, options: dict[str, Box]) -> dict[str, Box]:
        for name in options:
            if not name.strip() or "、" in name:
                raise refuse("ocr.option_name_wrong", name=name)
        return options

    @model_validator(mode="after")
    def _keys_go_with_the_kind(self) -> Self:
        for key in sorted(key for key in keys_not_for(self.kind) if getattr(self, key, None)):
            raise refuse("ocr.key_not_for_kind", word=key, kind=self.kind, kinds="choices")
        if self.most is not None and self.most < self.least:
            raise refuse("ocr.range_empty", least=self.least, most=self.most)
        return self

    def boxes(self) -> list[Box]:
        """Return the box of every option."""
        return list(self.options.values())

    def placed(self, name: str, dy: float) -> Self:
        """Return the same field under another name, `dy` mm lower."""
        return self.model_copy(update={"name": name, "options": _moved_options(self.options, dy)})


class OneBoxField(FieldBase):
    """A field of one box that is looked at, not read as characters."""

    box: ProperBox = Field(description="x, y, width, height in mm.")

    def boxes(self) -> list[Box]:
        """Return the one box."""
        return [self.box]

    def placed(self, name: str, dy: float) -> Self:
        """Return the same field under another name, `dy` mm lower."""
        return self.model_copy(update={"name": name, "box": moved(self.box, 0, dy)})


class LookField(OneBoxField):
    """A seal, a signature or a single check box: is something there?"""

    kind: LookKind = Field(description="seal or signature: present or empty; checkbox: checked or empty.")


class MarkField(OneBoxField):
    """A mark drawn by hand: ○ × △ ✓."""

    kind: Literal["mark"] = Field(description="A mark drawn by hand.")
    marks: dict[MarkName, str] = Field(
        default_factory=_every_mark,
        min_length=1,
        description="The marks that may stand here, and what the record says for each: {circle: はい, cross: いいえ}.",
    )


class BarcodeField(OneBoxField):
    """A printed or stuck-on barcode or QR code; its box with the white margin around it."""

    kind: Literal["barcode"] = Field(description="A barcode or QR code.")
    formats: tuple[BarcodeFormat, ...] = Field(
        (), description="The only formats to look for; any by default."
    )
    pattern: str | None = Field(None, description="Regular expression that the whole value must fit.")

    _pattern = field_validator("pattern")(BoxField._pattern_is_one.__func__)  # type: ignore[attr-defined]


AnyField = Annotated[
    BoxField | DateField | TimeField | ChoiceField | LookField | MarkField | BarcodeField,
    Field(discriminator="kind"),
]
"""A field that has a value of its own."""


class TableField(Part):
    """Detail rows that repeat: the columns are declared for the first row, the others follow at the pitch.

    The fields of a table are called `TABLE1.COLUMN`, `TABLE2.COLUMN` … in records, on the review page and in robots
    (`${item.明細1.金額}`); in rules `TABLE.COLUMN` stands for the column as a whole.
    """

    name: Name = Field(description="Name of the table.")
    kind: Literal["table"] = Field(description="Detail rows.")
    rows: int = Field(ge=1, le=100, description="Number of printed rows.")
    pitch: float = Field(gt=0, description="Distance in mm from the top of a row to the top of the next.")
    columns: tuple[AnyField, ...] = Field(
        min_length=1, description="The fields of the first row; any kind but table."
    )
    min_rows: int = Field(
        0, ge=0, description="How many rows must be filled at least; the others may be empty."
    )

    def boxes(self) -> list[Box]:
        """Return every box of every row."""
        return [box for field in self.flat() for box in field.boxes()]

    def flat(self) -> "list[AnyField]":
        """Return the fields of all rows, row by row."""
        return [
            column.placed(self.field_name(row, column.name), self.pitch * (row - 1))
            for row in range(1, self.rows + 1)
            for column in self.columns
        ]

    def field_name(self, row: int, column: str) -> str:
        """Return the name of a field of the table, e.g. 明細1.金額 (rows count from 1)."""
        return f"{self.name}{row}.{column}"


DeclaredField = Annotated[
    BoxField | DateField | TimeField | ChoiceField | LookField | MarkField | BarcodeField | TableField,
    Field(discriminator="kind"),
]
"""What may stand in the list of a page's fields."""
