"""Check a design while it is made: `hakadori form check`, with every message at the field and the key it is about.

The design is written as JSON, which is YAML too, with one value on each line; where a problem stands in that text says
which value it is about.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from backoffice.errors import DeclarationError, Problem
from backoffice.messages import error_text
from backoffice.yaml_source import Source, read_yaml
from console.design.yaml_text import plain_data
from ocr.form_check import Checked, check_template

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Remark:
    """One thing that is wrong with a design, or that should be looked at.

    Attributes:
        level: "error" or "advice".
        place: Keys and indexes from the root of the template to what it is about.
        what: What is wrong.
        do: What to do.
    """

    level: str
    place: Place
    what: str
    do: str

    def as_json(self) -> dict[str, Any]:
        """Return the remark for the page."""
        return {"level": self.level, "place": list(self.place), "what": self.what, "do": self.do}


def check_design(
    design: Mapping[str, Any],
    homes: Sequence[Path],
    path: Path,
    lexicons: Collection[str],
    *,
    blanks: bool = False,
) -> list[Remark]:
    """Check a design.

    Args:
        design: The template's content.
        homes: Folders that its blanks may be told from.
        path: Where to write it for checking; stays there.
        lexicons: Names of the lists that exist.
        blanks: Open the blanks too; takes a second.
    """
    checked = write_and_check(design, homes, path, lexicons, blanks=blanks)
    try:
        _, source = read_yaml(path)
    except DeclarationError as error:
        return [_remark("error", problem, None) for problem in error.problems]
    found = [_remark("error", problem, source) for problem in checked.errors]
    return found + [_remark("advice", problem, source) for problem in checked.advice]


def write_and_check(
    design: Mapping[str, Any], homes: Sequence[Path], path: Path, lexicons: Collection[str], *, blanks: bool
) -> Checked:
    """Write a design with its blanks told in full, and check it."""
    whole = plain_data(design)
    for page in whole.get("pages") or []:
        if isinstance(page, dict) and isinstance(page.get("blank"), str):
            places = [home / page["blank"] for home in homes]
            found = next((place for place in places if place.is_file()), places[-1])
            page["blank"] = found.resolve().as_posix()
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    return check_template(path, lexicons, blanks=blanks)


def _remark(level: str, problem: Problem, source: Source | None) -> Remark:
    parts = error_text(problem.key, language=None, **problem.values)
    place: Place = ()
    _, line, column = [*problem.where.rsplit(":", 2), "", ""][:3]
    if source is not None and source.root is not None and line.isdigit() and column.isdigit():
        place = place_of(source.root, (int(line) - 1, int(column) - 1))
    return Remark(level, place, parts.what, parts.do)


def place_of(root: Node, at: tuple[int, int]) -> Place:
    """Return the keys and indexes of what stands at a line and column (from 0) of a file."""
    place: list[str | int] = []
    node = root
    while (node.start_mark.line, node.start_mark.column) != at or place == []:
        step = _child_at(node, at)
        if step is None:
            break
        place.append(step[0])
        node = step[1]
    return tuple(place)


def _child_at(node: Node, at: tuple[int, int]) -> tuple[str | int, Node] | None:
    children: Sequence[tuple[str | int, Node, Node]] = []
    if isinstance(node, MappingNode):
        children = [(str(key.value), key, value) for key, value in node.value]
    elif isinstance(node, SequenceNode):
        children = [(index, child, child) for index, child in enumerate(node.value)]
    before = [
        (name, value)
        for name, first, value in children
        if (first.start_mark.line, first.start_mark.column) <= at
    ]
    return before[-1] if before else None
