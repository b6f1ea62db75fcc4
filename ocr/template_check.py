"""What can be wrong with a form template beyond its single keys: names, places on the paper, rules.

The check works on what can be understood of a file, field by field, so that one wrong field does not hide what is wrong
with the others. Every problem has `file:line:column`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from backoffice.errors import Problem
from backoffice.suggest import did_you_mean
from backoffice.yaml_source import Source
from ocr.template_cells import Box
from ocr.template_fields import AnyField, BoxField, ChoiceField, DeclaredField, TableField
from ocr.template_rules import Condition, OrderRule, ProductRule, Rule, SumRule
from ocr.template_times import DateField, TimeField

Place = tuple[str | int, ...]
"""Keys and indexes from the root of the file."""

NUMBERS = ("digits", "amount", "decimal")
_FIELD: TypeAdapter[Any] = TypeAdapter(DeclaredField)
_RULE: TypeAdapter[Any] = TypeAdapter(Rule)


@dataclass(frozen=True)
class DraftPage:
    """What can be understood of a page.

    Attributes:
        number: From 0.
        blank: File of the blank, None when it is not said.
        blank_page: Page of that file, from 1.
        size: Width and height in mm, None when that is wrong.
        fields: The fields and tables with their places.
    """

    number: int
    blank: Path | None
    blank_page: int
    size: tuple[float, float] | None
    fields: tuple[tuple[Place, AnyField | TableField], ...]


@dataclass(frozen=True)
class Draft:
    """What can be understood of a template.

    Attributes:
        source: The file.
        pages: Its pages.
        rules: Its rules with their places.
        key: Names of the key fields.
        whole: Every field could be understood, so that an unknown name is surely wrong.
    """

    source: Source
    pages: tuple[DraftPage, ...]
    rules: tuple[tuple[Place, Any], ...]
    key: tuple[str, ...]
    whole: bool

    def declared(self) -> Iterator[tuple[Place, AnyField | TableField]]:
        """Yield every field and table of every page with its place."""
        for page in self.pages:
            yield from page.fields

    def names(self) -> dict[str, AnyField]:
        """Return every field by the names that rules may use, table columns (TABLE.COLUMN) included."""
        found: dict[str, AnyField] = {}
        for _, field in self.declared():
            if isinstance(field, TableField):
                found |= {f"{field.name}.{column.name}": column for column in field.columns}
                found |= {flat.name: flat for flat in field.flat()}
            else:
                found.setdefault(field.name, field)
        return found

    def problem(self, place: Place, key: str, **values: object) -> Problem:
        """Return a problem at a place of the file."""
        return Problem(self.source.locate(place), key, values)


def draft_of(data: Any, source: Source) -> Draft:
    """Return what can be understood of the data of a YAML file."""
    root: Mapping[str, Any] = data if isinstance(data, dict) else {}
    pages, whole = [], True
    for number, page in enumerate(_mappings(root.get("pages"))):
        fields: list[tuple[Place, AnyField | TableField]] = []
        for index, field in enumerate(_list(page.get("fields"))):
            try:
                fields.append((("pages", number, "fields", index), _FIELD.validate_python(field)))
            except ValidationError:
                whole = False
        pages.append(_page(number, page, source, tuple(fields)))
    rules = []
    for index, rule in enumerate(_list(root.get("rules"))):
        try:
            rules.append((("rules", index), _RULE.validate_python(rule)))
        except ValidationError:
            continue
    key = tuple(name for name in _list(root.get("key")) if isinstance(name, str))
    return Draft(source, tuple(pages), tuple(rules), key, whole)


def draft_problems(data: Any, source: Source, lexicons: Collection[str] | None = None) -> list[Problem]:
    """Return what is wrong with the names, places and rules of a template.

    Args:
        data: What `read_yaml` returned.
        source: The file.
        lexicons: Names of the lists that exist; None leaves `lexicon:` unchecked.
    """
    draft = draft_of(data, source)
    return [
        *_doubled(draft),
        *_off_paper(draft),
        *_masters(draft, lexicons),
        *_keys(draft),
        *_blanks(draft),
        *(problem for place, rule in draft.rules for problem in _rule_problems(draft, place, rule)),
    ]


def in_file_order(problems: Collection[Problem]) -> list[Problem]:
    """Return the problems by file, line and column, each one once."""
    unique = {(problem.where, problem.key): problem for problem in problems}
    return sorted(unique.values(), key=lambda problem: _position(problem.where))


def boxes_with_places(place: Place, field: AnyField | TableField) -> list[tuple[Place, Box]]:
    """Return every box of a field with the place in the file where it is written."""
    if isinstance(field, TableField):
        return [
            ((*place, "columns", index, *inner[len(place) :]), box)
            for index, column in enumerate(field.columns)
            for inner, box in boxes_with_places(place, column)
        ]
    if isinstance(field, ChoiceField):
        return [((*place, "options", name), box) for name, box in field.options.items()]
    if isinstance(field, DateField | TimeField):
        found: list[tuple[Place, Box]] = [
            ((*place, part, "box"), row.box) for part, row in field.parts().items()
        ]
        chosen = field.era if isinstance(field, DateField) else field.half
        word = "era" if isinstance(field, DateField) else "half"
        if chosen is not None and not isinstance(chosen, str):
            found += [((*place, word, "options", str(n)), box) for n, box in chosen.options.items()]
        return found + ([((*place, "box"), field.box)] if field.box else [])
    return [((*place, "box"), field.box)]


def _blanks(draft: Draft) -> Iterator[Problem]:
    for page in draft.pages:
        if page.blank is not None and not page.blank.is_file():
            yield draft.problem(("pages", page.number, "blank"), "ocr.blank_missing", name=page.blank.name)


def _doubled(draft: Draft) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, field in draft.declared():
        flat = [one.name for one in field.flat()] if isinstance(field, TableField) else []
        names = [field.name, *dict.fromkeys(flat)]
        if seen & set(names):
            name = next(name for name in names if name in seen)
            yield draft.problem((*place, "name"), "ocr.field_twice", name=name)
        elif len(set(flat)) < len(flat):
            yield draft.problem((*place, "columns"), "ocr.field_twice", name=field.name)
        seen |= set(names)


def _off_paper(draft: Draft) -> Iterator[Problem]:
    for page in draft.pages:
        if page.size is None:
            continue
        width, height = page.size
        for place, field in page.fields:
            lower = field.pitch * (field.rows - 1) if isinstance(field, TableField) else 0.0
            for inner, box in boxes_with_places(place, field):
                x, y, w, h = box
                if x + w > width + 0.01 or y + h + lower > height + 0.01:
                    yield draft.problem(inner, "ocr.box_off_paper", name=field.name, box=[x, y, w, h])


def _masters(draft: Draft, lexicons: Collection[str] | None) -> Iterator[Problem]:
    bank = False
    known = draft.names()
    for place, field in draft.declared():
        columns = field.columns if isinstance(field, TableField) else (field,)
        for index, one in enumerate(columns):
            if not isinstance(one, BoxField):
                continue
            inner = (*place, "columns", index) if isinstance(field, TableField) else place
            if one.master == "branch" and not bank and one.bank is None and draft.whole:
                yield draft.problem((*inner, "kind"), "ocr.branch_without_bank", name=one.name)
            if one.bank is not None and one.bank not in known and draft.whole:
                hint = did_you_mean(one.bank, known)
                yield draft.problem((*inner, "bank"), "ocr.field_unknown", name=one.bank, hint=hint)
            if one.lexicon is not None and lexicons is not None and one.lexicon not in lexicons:
                hint = did_you_mean(one.lexicon, lexicons)
                yield draft.problem((*inner, "lexicon"), "ocr.lexicon_unknown", name=one.lexicon, hint=hint)
            bank = bank or one.master == "bank"


def _keys(draft: Draft) -> Iterator[Problem]:
    known = draft.names()
    for index, name in enumerate(draft.key):
        if name in known and known[name].personal:
            yield draft.problem(("key", index), "ocr.key_personal", name=name)
        elif name not in known and draft.whole:
            hint = did_you_mean(name, known)
            yield draft.problem(("key", index), "ocr.field_unknown", name=name, hint=hint)


def _rule_problems(draft: Draft, place: Place, rule: Any) -> Iterator[Problem]:
    known = draft.names()
    for name in rule.names():
        if name not in known:
            if draft.whole:
                yield draft.problem(place, "ocr.field_unknown", name=name, hint=did_you_mean(name, known))
        elif isinstance(rule, SumRule | ProductRule) and known[name].kind not in NUMBERS:
            kinds = ", ".join(NUMBERS)
            yield draft.problem(place, "ocr.rule_kind_wrong", name=name, kind=known[name].kind, kinds=kinds)
        elif isinstance(rule, OrderRule) and known[name].kind not in (*NUMBERS, "date", "time"):
            kinds = ", ".join((*NUMBERS, "date", "time"))
            yield draft.problem(place, "ocr.rule_kind_wrong", name=name, kind=known[name].kind, kinds=kinds)
    if rule.when is not None:
        yield from _condition_problems(draft, (*place, "when"), rule.when, known)


def _condition_problems(
    draft: Draft, place: Place, when: Condition, known: Mapping[str, AnyField]
) -> Iterator[Problem]:
    if when.field not in known:
        if draft.whole:
            hint = did_you_mean(when.field, known)
            yield draft.problem((*place, "field"), "ocr.field_unknown", name=when.field, hint=hint)
        return
    field = known[when.field]
    options = list(field.options) if isinstance(field, ChoiceField) else _looks(field)
    for value in when.values if options else ():
        if value not in options:
            hint = did_you_mean(value, options)
            yield draft.problem(
                (*place, "is"), "ocr.condition_value", name=when.field, value=value, hint=hint
            )


def _looks(field: AnyField) -> list[str]:
    if field.kind == "checkbox":
        return ["checked", "empty"]
    if field.kind in ("seal", "signature"):
        return ["present", "empty"]
    return list(field.marks.values()) if field.kind == "mark" else []


def _page(
    number: int,
    page: Mapping[str, Any],
    source: Source,
    fields: tuple[tuple[Place, AnyField | TableField], ...],
) -> DraftPage:
    blank, blank_page = page.get("blank"), page.get("blank_page", 1)
    path = (source.path.parent / blank).resolve() if isinstance(blank, str) else None
    return DraftPage(number, path, blank_page if isinstance(blank_page, int) else 1, _size(page), fields)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one if isinstance(one, dict) else {} for one in _list(value)]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _size(page: Mapping[str, Any]) -> tuple[float, float] | None:
    size = page.get("size_mm")
    if isinstance(size, list) and len(size) == 2 and all(isinstance(side, int | float) for side in size):
        return float(size[0]), float(size[1])
    return None


def _position(where: str) -> tuple[str, int, int]:
    path, _, column = where.rpartition(":")
    path, _, line = path.rpartition(":")
    return (path, int(line), int(column)) if line.isdigit() and column.isdigit() else (where, 0, 0)
