"""Write found fields as a template that a person corrects: plain YAML, and beside it in words what is unsure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.messages import text
from ocr.propose.finding import Found
from ocr.propose.labels import Label
from ocr.propose.marks import CornerMarks

LONGEST_NAME = 24
_PLAIN = re.compile(r"[\w・ー々ヶ〒]+(?: [\w・ー々ヶ]+)*")
_WORD_VALUES = re.compile(r"(?i)(true|false|null|yes|no|on|off|y|n|~)|[-+.\d][-+.\d_eE:xo]*")


@dataclass(frozen=True)
class ProposedPage:
    """One page of the proposal.

    Attributes:
        blank: The blank's file as seen from the template.
        blank_page: Page of that file.
        size_mm: Paper size.
        corner_marks: Solid squares near the corners, None without.
        fields: Name and field, in printed order.
        office: Labels of places that the office fills in, which were left out.
    """

    blank: str
    blank_page: int
    size_mm: tuple[float, float]
    corner_marks: CornerMarks | None
    fields: tuple[tuple[str, Found], ...]
    office: tuple[str, ...]


def name_fields(pages: Sequence[Sequence[Found]]) -> list[list[tuple[str, Found]]]:
    """Give every field of a form a name of its own, after its label."""
    used: dict[str, int] = {}
    named = []
    for fields in pages:
        page = []
        for found in fields:
            name = field_name(found.label) or text("ocr.propose_field")
            used[name] = used.get(name, 0) + 1
            page.append((name if used[name] == 1 else f"{name}{used[name]}", found))
        named.append(page)
    return named


def field_name(label: Label) -> str:
    """Return a label as the name of a field: without number, brackets and what names may not hold."""
    name = re.sub(r"[\(\[【].*?([\)\]】]|$)", "", label.text)
    name = re.sub(r"^[※*・\d.]+(?=\D)|^[ア-オ](?=[一-鿿])", "", name)
    name = re.sub(r"[.|{}:#,\[\]\"'`&!%@?、。・□\s]+", "", name)
    return name[:LONGEST_NAME]


def choose_key(pages: Sequence[Sequence[tuple[str, Found]]]) -> tuple[str, bool]:
    """Return the field whose value makes a record unique, and whether its label says so.

    A printed number (通知書番号) if there is one, else any field that is not personal.
    """
    fields = [pair for page in pages for pair in page if not pair[1].personal]
    numbers = [name for name, found in fields if found.kind in ("digits", "alnum") and "番号" in name]
    if numbers:
        return numbers[0], True
    read = [
        name
        for name, found in fields
        if found.kind not in ("seal", "signature", "checkbox", "choice", "choices")
    ]
    rest = [name for name, _ in fields]
    every = [name for page in pages for name, _ in page]
    return next(iter([*read, *rest, *every])), False


def template_yaml(form: str, title: str, pages: Sequence[ProposedPage]) -> str:
    """Return the template as YAML."""
    key, sure = choose_key([page.fields for page in pages])
    lines = [f"# {line}".rstrip() for line in text("ocr.propose_head", title=title).splitlines()]
    lines += [
        "",
        f"form: {form}",
        f"title: {scalar(title)}",
        "version: 1",
        f"process: {form}",
        f"key: [{scalar(key)}]" + ("" if sure else note("propose_key")),
        "",
        "pages:",
    ]
    for number, page in enumerate(pages, start=1):
        lines += _page(number, page, key)
    return "\n".join(lines) + "\n"


def _page(number: int, page: ProposedPage, key: str) -> list[str]:
    width, height = page.size_mm
    lines = [
        f"  # ---- {text('ocr.propose_page', page=number)}",
        f"  - blank: {scalar(page.blank)}",
        f"    blank_page: {page.blank_page}",
        f"    size_mm: [{_number(width)}, {_number(height)}]",
        f"    corner_marks: {'true' if page.corner_marks else 'false'}",
    ]
    if page.corner_marks:
        centres = [[_number(x), _number(y)] for x, y in page.corner_marks.centres]
        lines += [f"    marks_mm: {flow(centres)}", f"    mark_size_mm: {_number(page.corner_marks.side)}"]
    lines += ["", "    fields:" if page.fields else "    fields: []"]
    for name, found in page.fields:
        lines += _field(name, found, is_key=name == key)
    if page.office:
        lines.append(f"      # {text('ocr.propose_office', names='、'.join(page.office))}")
    return [*lines, ""]


def _field(name: str, found: Found, *, is_key: bool) -> list[str]:
    keys: dict[str, Any] = {"name": name, "kind": found.kind, **found.keys}
    if found.personal and not is_key:
        keys["personal"] = True
    remarks = "".join(note(unsure) for unsure in found.unsure)
    line = f"      - {flow(keys)}"
    if len(line) <= 110:
        return [line + remarks]
    first, *rest = [f"{scalar(key)}: {flow(value)}" for key, value in keys.items()]
    block = [f"      - {first}{remarks}"]
    for part, value in zip(rest, list(keys.values())[1:], strict=True):
        block += _long(part, value)
    return block


def _long(part: str, value: Any) -> list[str]:
    """Write a mapping that is too long for one line below its key."""
    if not isinstance(value, Mapping) or len(part) < 100:
        return [f"        {part}"]
    return [
        f"        {part.split(':', 1)[0]}:",
        *(f"          {scalar(k)}: {flow(v)}" for k, v in value.items()),
    ]


def note(key: str) -> str:
    """Return a remark for the end of a line."""
    return f"   # {text(f'ocr.{key}')}"


def flow(value: Any) -> str:
    """Return a value on one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value) if isinstance(value, str) else str(_number(value))


def scalar(value: str) -> str:
    """Return a text as YAML, quoted where it would be taken for something else."""
    if _PLAIN.fullmatch(value) and not _WORD_VALUES.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(value, 2)
