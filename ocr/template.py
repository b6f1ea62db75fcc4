"""A form template: what one paper form looks like and what stands where on it.

Templates are YAML files in configs/forms/. All lengths are millimetres from the top left corner of the page; a box is
`[x, y, width, height]`. The kinds of fields are in `template_fields.py` and `template_times.py`, rules across fields in
`template_rules.py`, and what can be wrong with a template in `template_check.py`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import Field, model_validator

from backoffice.declarations import Declaration, Part, parse, refuse
from backoffice.errors import DeclarationError, Problem
from backoffice.yaml_source import read_yaml
from ocr.template_cells import Box
from ocr.template_check import draft_problems, in_file_order
from ocr.template_fields import (
    AnyField,
    BarcodeField,
    BoxField,
    ChoiceField,
    DeclaredField,
    LookField,
    MarkField,
    TableField,
)
from ocr.template_rules import Rule, SumRule
from ocr.template_times import CellRow, DateField, EraChoice, TimeField

__all__ = [
    "AnyField", "BarcodeField", "Box", "BoxField", "CellRow", "ChoiceField", "DateField", "EraChoice", "Form",
    "FormPage", "LookField", "MarkField", "Rule", "SumRule", "TableField", "TableRow", "TimeField", "form_of",
    "load_form", "load_forms",
]  # fmt: skip


@dataclass(frozen=True)
class TableRow:
    """One row of a table.

    Attributes:
        table: The table.
        number: The row, from 1.
        fields: Name of the row's field in the record, by column.
    """

    table: TableField
    number: int
    fields: Mapping[str, str]


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
    declared: tuple[DeclaredField, ...] = Field(
        alias="fields", description="The fields and tables on this page."
    )

    @model_validator(mode="after")
    def _marks_are_four(self) -> "FormPage":
        if self.corner_marks and len(self.marks_mm or ()) != 4:
            raise refuse("ocr.marks_not_four", count=len(self.marks_mm or ()))
        return self

    @cached_property
    def fields(self) -> tuple[AnyField, ...]:
        """Every field that has a value, in printed order; the fields of tables row by row."""
        return tuple(
            field
            for declared in self.declared
            for field in (declared.flat() if isinstance(declared, TableField) else [declared])
        )


class Form(Declaration):
    """A paper form of one or more pages."""

    form: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Short name of the form.")
    title: str = Field(description="Title as printed, shown to people.")
    version: int = Field(
        1, ge=1, description="Raise when the paper changes; the old template stays beside the new one."
    )
    process: str = Field(description="Ledger process that its records belong to.")
    key: tuple[str, ...] = Field(
        min_length=1, description="Fields that together identify a record; never personal."
    )
    pages: tuple[FormPage, ...] = Field(min_length=1, description="The pages in order.")
    rules: tuple[Rule, ...] = Field((), description="Rules across fields.")

    def fields(self) -> Iterator[tuple[int, AnyField]]:
        """Yield (page number from 1, field) in printed order."""
        for number, page in enumerate(self.pages, start=1):
            for field in page.fields:
                yield number, field

    def field(self, name: str) -> AnyField:
        """Return the field called `name`.

        Raises:
            KeyError: When the form has no such field.
        """
        for _, field in self.fields():
            if field.name == name:
                return field
        raise KeyError(name)

    def table_rows(self) -> list[TableRow]:
        """Return the rows of every table in printed order."""
        return [
            TableRow(table, row, {c.name: table.field_name(row, c.name) for c in table.columns})
            for page in self.pages
            for table in page.declared
            if isinstance(table, TableField)
            for row in range(1, table.rows + 1)
        ]

    def blank_path(self, page: int) -> Path:
        """Return the file of the blank of page `page` (from 1)."""
        return (self.source.path.parent / self.pages[page - 1].blank).resolve()


def load_form(path: Path) -> Form:
    """Load one template.

    Raises:
        DeclarationError: With all problems of the file, blanks that do not exist included.
    """
    form, problems = examine(path)
    if form is None or problems:
        raise DeclarationError(problems)
    return form


def examine(path: Path, lexicons: Collection[str] | None = None) -> tuple[Form | None, list[Problem]]:
    """Load one template as far as it goes.

    Args:
        path: The YAML file.
        lexicons: Names of the lists that exist; None leaves `lexicon:` unchecked.

    Returns:
        The form, or None when its file cannot be understood, and every problem in the order of the file.
    """
    try:
        data, source = read_yaml(path)
    except DeclarationError as error:
        return None, list(error.problems)
    problems = draft_problems(data, source, lexicons)
    try:
        form = parse(data, source, Form)
    except DeclarationError as error:
        form = None
        problems += error.problems
    return form, in_file_order(problems)


def load_forms(folder: Path) -> dict[str, Form]:
    """Load every form template of a folder.

    Two files may describe two versions of one form. The newest is known by the form's name, an older one as
    `name@version`; the reader knows them all and says which it saw.

    Raises:
        DeclarationError: With all problems of all files, blanks that do not exist included.
    """
    problems: list[Problem] = []
    found: dict[tuple[str, int], Form] = {}
    for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else []:
        form, wrong = examine(path)
        problems += wrong
        if form is None:
            continue
        other = found.setdefault((form.form, form.version), form)
        if other is not form:
            values = {"name": form.form, "version": form.version, "other": other.source.path.name}
            problems.append(Problem(form.source.locate(("form",)), "ocr.form_twice", values))
    if problems:
        raise DeclarationError(problems)
    newest = {name: max(v for n, v in found if n == name) for name, _ in found}
    return {
        name if newest[name] == version else f"{name}@{version}": form
        for (name, version), form in sorted(found.items())
    }


def form_of(forms: Mapping[str, Form], name: str, version: int) -> Form | None:
    """Return the template of a version of a form, or None when it is not (no longer) there."""
    for key in (f"{name}@{version}", name):
        if key in forms and forms[key].version == version:
            return forms[key]
    return None
