"""A form template: what one paper form looks like and what stands where on it.

Templates are YAML files in configs/forms/. All lengths are millimetres from the top left corner of the page; a box is
`[x, y, width, height]`. A field with `cells: N` is a row of N equal character boxes; without cells it is a free line.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from backoffice.declarations import Declaration, Part, load_folder, refuse
from backoffice.errors import DeclarationError, Problem
from backoffice.suggest import did_you_mean

Box = tuple[float, float, float, float]
"""x, y, width, height in mm from the top left of the page."""

CELL_KINDS = (
    "digits", "account", "mynumber", "corporate_number", "postal", "phone", "amount", "decimal", "alnum",
    "katakana", "hiragana", "kanji", "text", "address",
)  # fmt: skip
"""Kinds that are read as characters."""

MARK_KINDS = ("seal", "signature", "checkbox", "mark")
"""Kinds that are looked at, not read."""


def _inside(box: Box) -> Box:
    x, y, width, height = box
    if x < 0 or y < 0 or width <= 0 or height <= 0:
        raise refuse("ocr.box_wrong", box=list(box))
    return box


class FieldBase(Part):
    """What every field may say."""

    name: str = Field(min_length=1, description="Name of the field; the name of the column in the record.")
    required: bool = Field(True, description="An empty required field goes to a person.")
    personal: bool = Field(False, description="Personal data: masked in logs, never part of a key.")
    verify: Literal["none", "check", "double", "manual"] = Field(
        "check",
        description="none: take the best reading; check: ask when in doubt; double: two people type it; "
        "manual: always ask.",
    )
    limit: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Largest expected error at which a reading is accepted without a person.",
    )

    def boxes(self) -> list[Box]:
        """Return every box of the field in mm."""
        raise NotImplementedError


class BoxField(FieldBase):
    """One box: a row of character cells, a free line, a seal or a signature."""

    kind: Literal[
        "digits", "account", "mynumber", "corporate_number", "postal", "phone", "amount", "decimal", "alnum",
        "katakana", "hiragana", "kanji", "text", "address", "seal", "signature", "checkbox", "mark",
    ] = Field(description="What is written in the box.")  # fmt: skip
    box: Box = Field(description="x, y, width, height in mm.")
    cells: int | None = Field(None, ge=1, le=64, description="Number of equal character cells in the box.")
    decimals: int = Field(0, ge=0, le=6, description="Digits after a printed decimal point (kind decimal).")
    alphabet: str | None = Field(
        None, description="The only characters that may appear, instead of the kind's."
    )
    lexicon: str | None = Field(None, description="Name of a list of allowed values.")
    check: Literal["bank", "branch"] | None = Field(
        None, description="Master data the value must be found in."
    )

    _box = field_validator("box")(_inside)

    @model_validator(mode="after")
    def _decimal_needs_cells(self) -> "BoxField":
        if self.kind == "decimal" and not self.decimals:
            raise refuse("ocr.decimal_without_decimals", name=self.name)
        return self

    def boxes(self) -> list[Box]:
        """Return the one box."""
        return [self.box]


class CellRow(Part):
    """A row of digit cells inside a date."""

    box: Box = Field(description="x, y, width, height in mm.")
    cells: int = Field(2, ge=1, le=4, description="Number of digit cells.")

    _box = field_validator("box")(_inside)


class EraChoice(Part):
    """An era that the writer chooses by a mark."""

    style: Literal["circle", "tick"] = Field("circle", description="How an era is chosen.")
    options: dict[Literal["明治", "大正", "昭和", "平成", "令和"], Box] = Field(
        min_length=1, description="Era name and the box of its printed name."
    )


class DateField(FieldBase):
    """A date in an era (or in the western calendar: era 西暦) with cells for year, month and day."""

    kind: Literal["date"] = Field(description="A date.")
    era: Literal["明治", "大正", "昭和", "平成", "令和", "西暦"] | EraChoice = Field(
        description="The printed era, or the boxes among which one is marked."
    )
    year: CellRow = Field(description="Cells of the year.")
    month: CellRow = Field(description="Cells of the month.")
    day: CellRow = Field(description="Cells of the day.")

    def boxes(self) -> list[Box]:
        """Return the boxes of year, month, day and of the eras to choose from."""
        rows = [self.year.box, self.month.box, self.day.box]
        return rows + (list(self.era.options.values()) if isinstance(self.era, EraChoice) else [])


class ChoiceField(FieldBase):
    """One (`choice`) or several (`choices`) of printed options, circled or ticked."""

    kind: Literal["choice", "choices"] = Field(description="choice: exactly one; choices: any number.")
    style: Literal["circle", "tick"] = Field(
        description="circle: around the printed word; tick: in a check box."
    )
    options: dict[str, Box] = Field(min_length=1, description="Option name and its box in mm.")

    @field_validator("options")
    @classmethod
    def _boxes_inside(cls, options: dict[str, Box]) -> dict[str, Box]:
        for box in options.values():
            _inside(box)
        return options

    def boxes(self) -> list[Box]:
        """Return the box of every option."""
        return list(self.options.values())


AnyField = Annotated[BoxField | DateField | ChoiceField, Field(discriminator="kind")]


class FormPage(Part):
    """One page of a form."""

    blank: Path = Field(description="The blank form (PDF or image), relative to this file.")
    blank_page: int = Field(1, ge=1, description="Page of that file, from 1.")
    size_mm: tuple[float, float] = Field(description="Paper width and height in mm.")
    corner_marks: bool = Field(False, description="Solid black squares are printed near the four corners.")
    marks_mm: tuple[tuple[float, float], ...] | None = Field(
        None, description="Centres of the four squares in mm: top left, top right, bottom right, bottom left."
    )
    mark_size_mm: float = Field(5.0, gt=0, description="Side of a square in mm.")
    fields: tuple[AnyField, ...] = Field(description="The fields on this page.")

    @model_validator(mode="after")
    def _marks_are_four(self) -> "FormPage":
        if self.corner_marks and len(self.marks_mm or ()) != 4:
            raise refuse("ocr.marks_not_four", count=len(self.marks_mm or ()))
        return self

    @model_validator(mode="after")
    def _fields_on_paper(self) -> "FormPage":
        for field in self.fields:
            for x, y, width, height in field.boxes():
                if x + width > self.size_mm[0] + 0.01 or y + height > self.size_mm[1] + 0.01:
                    raise refuse("ocr.box_off_paper", name=field.name, box=[x, y, width, height])
        return self


class SumRule(Part):
    """Amounts of several fields must add up to another field."""

    sum: tuple[str, ...] = Field(min_length=2, description="Fields to add.")
    equals: str = Field(description="The field that holds their sum.")

    def names(self) -> list[str]:
        """Return every field the rule speaks of."""
        return [*self.sum, self.equals]


class Form(Declaration):
    """A paper form of one or more pages."""

    form: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Short name of the form.")
    title: str = Field(description="Title as printed, shown to people.")
    version: int = Field(1, ge=1, description="Raise when the paper changes.")
    process: str = Field(description="Ledger process that its records belong to.")
    key: tuple[str, ...] = Field(
        min_length=1, description="Fields that together identify a record; never personal."
    )
    pages: tuple[FormPage, ...] = Field(min_length=1, description="The pages in order.")
    rules: tuple[SumRule, ...] = Field((), description="Rules across fields.")

    @model_validator(mode="after")
    def _names_fit(self) -> "Form":
        fields = {field.name: field for _, field in self.fields()}
        if len(fields) != sum(len(page.fields) for page in self.pages):
            names = [field.name for _, field in self.fields()]
            raise refuse("ocr.field_twice", name=next(n for n in names if names.count(n) > 1))
        for name in [*self.key, *(n for rule in self.rules for n in rule.names())]:
            if name not in fields:
                raise refuse("ocr.field_unknown", name=name, hint=did_you_mean(name, fields))
        for name in self.key:
            if fields[name].personal:
                raise refuse("ocr.key_personal", name=name)
        return self

    def fields(self) -> Iterator[tuple[int, "BoxField | DateField | ChoiceField"]]:
        """Yield (page number from 1, field) in printed order."""
        for number, page in enumerate(self.pages, start=1):
            for field in page.fields:
                yield number, field

    def field(self, name: str) -> "BoxField | DateField | ChoiceField":
        """Return the field called `name`.

        Raises:
            KeyError: When the form has no such field.
        """
        for _, field in self.fields():
            if field.name == name:
                return field
        raise KeyError(name)

    def blank_path(self, page: int) -> Path:
        """Return the file of the blank of page `page` (from 1)."""
        return (self.source.path.parent / self.pages[page - 1].blank).resolve()


def load_forms(folder: Path) -> dict[str, Form]:
    """Load every form template of a folder, by form name.

    Raises:
        DeclarationError: With all problems of all files, blanks that do not exist included.
    """
    forms = load_folder(folder, Form, "form")
    problems = [
        Problem(
            form.source.locate(("pages", index, "blank")),
            "ocr.blank_missing",
            {"name": page.blank.as_posix()},
        )
        for form in forms.values()
        for index, page in enumerate(form.pages)
        if not form.blank_path(index + 1).is_file()
    ]
    if problems:
        raise DeclarationError(problems)
    return forms
