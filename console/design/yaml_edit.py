"""Change a YAML file only where its content changes: comments, order and spelling of everything else stay.

A town's templates are full of remarks for the next clerk, so a template is not written anew when one box moves. The
file is read as a tree whose nodes know where they stand (`backoffice.yaml_source`), compared with what is wanted, and
only the stretches of text that differ are replaced. The result is read again; when it does not say exactly what was
wanted, nothing is returned.

Entries of a list are the same entry when they carry the same mark ORIGIN (their place in the file as it was read).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from backoffice.yaml_source import Source, read_yaml
from console.design.yaml_text import block_entry, flow, key_lines, plain_data
from console.errors import TemplateNotEditable

ORIGIN = "@"
"""Key by which an entry of a list says where it stood in the file: its index."""

OPTIONS = "options"
"""The one mapping whose order says something: values of several options are joined in it."""

_DASH = re.compile(r"\s*-\s+")


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def edited(source: Source, data: Any, wanted: Mapping[str, Any]) -> str:
    """Return the text of a YAML file with its content changed to what is wanted.

    Args:
        source: The file as it was read.
        data: Its content.
        wanted: The content it shall have; entries of lists may carry ORIGIN.

    Raises:
        TemplateNotEditable: The file is written in a way that cannot be changed piece by piece.
    """
    try:
        text = _apply(source.text, 0, _changes(source.text, source.root, data, wanted))
        done = _content(text) == plain_data(wanted)
    except _Unusual:
        done = False
    if not done:
        raise TemplateNotEditable("designer.not_editable", where=source.path.name, name=source.path.name)
    return text


class _Unusual(Exception):
    """The text is laid out in a way that this module does not know."""


def _content(text: str) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder, "form.yaml")
        path.write_text(text, encoding="utf-8", newline="")
        return read_yaml(path)[0]


def _apply(text: str, offset: int, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: -edit.start):
        text = text[: edit.start - offset] + edit.text + text[edit.end - offset :]
    return text


def _changes(text: str, node: Node | None, data: Any, wanted: Any) -> list[_Edit]:
    """Return what must be replaced so that a node says what is wanted."""
    if node is None:
        raise _Unusual
    if data == plain_data(wanted) and not _reordered(wanted):
        return []
    block = not getattr(node, "flow_style", True)
    if isinstance(node, MappingNode) and isinstance(wanted, Mapping) and block:
        return _mapping(text, node, data, wanted)
    if isinstance(node, SequenceNode) and isinstance(wanted, list) and wanted and block:
        return _sequence(text, node, data, wanted)
    if block:
        raise _Unusual
    start, end = node.start_mark.index, node.end_mark.index
    return [_Edit(start, end, flow(_in_order(data, plain_data(wanted))))]


def _reordered(wanted: Any) -> bool:
    if not isinstance(wanted, list):
        return False
    places = [one.get(ORIGIN) for one in wanted if isinstance(one, Mapping)]
    return any(place is not None and place != at for at, place in enumerate(places))


def _in_order(data: Any, wanted: Any, name: str = "") -> Any:
    """Return a mapping with its keys in the order of the file, new ones behind; options in the order wanted."""
    if isinstance(data, Mapping) and isinstance(wanted, Mapping) and name != OPTIONS:
        order = [key for key in data if key in wanted] + [key for key in wanted if key not in data]
        return {key: _in_order(data.get(key), wanted[key], key) for key in order}
    return wanted


def _mapping(text: str, node: MappingNode, data: Any, wanted: Mapping[str, Any]) -> list[_Edit]:
    edits = []
    indent = node.start_mark.column
    end = 0
    for key_node, value_node in node.value:
        key = str(key_node.value)
        start, end = key_node.start_mark.index, _line_end(text, _last(value_node))
        if key not in wanted:
            if start == node.start_mark.index and not _alone(text, start):
                raise _Unusual  # the first key of an entry stands behind the dash
            edits.append(_Edit(_line_start(text, start), end, ""))
        elif key == OPTIONS and _in_block(value_node) and not _same_order(data[key], wanted[key]):
            edits.append(_options(text, value_node, data[key], wanted[key]))
        elif _becomes_block(value_node, wanted[key]):
            edits.append(_Edit(_line_start(text, start), end, key_lines(key, wanted[key], indent)))
        elif plain_data(wanted[key]) != data[key] and _becomes_flow(value_node, wanted[key]):
            line = (
                f"{text[_line_start(text, start) : start]}{key_node.value}: {flow(plain_data(wanted[key]))}\n"
            )
            edits.append(_Edit(_line_start(text, start), end, line))
        else:
            edits += _changes(text, value_node, data[key], wanted[key])
    new = [key for key in wanted if key not in data and key != ORIGIN]
    if new:
        gap = "" if text[end - 1 : end] == "\n" else "\n"
        edits.append(_Edit(end, end, gap + "".join(key_lines(key, wanted[key], indent) for key in new)))
    return edits


def _in_block(node: Node) -> bool:
    return isinstance(node, MappingNode) and not node.flow_style


def _same_order(data: Any, wanted: Any) -> bool:
    """Say whether options that stay keep their order and new ones only come behind."""
    names = list(wanted) if isinstance(wanted, Mapping) else []
    return [name for name in data if name in names] == names[: len([n for n in data if n in names])]


def _options(text: str, node: Node, data: Mapping[str, Any], wanted: Mapping[str, Any]) -> _Edit:
    """Put options together anew in the order wanted; a line that says the same stays as it is written."""
    own = {}
    for name_node, value_node in node.value:
        start, end = name_node.start_mark.index, _line_end(text, _last(value_node))
        own[str(name_node.value)] = text[_line_start(text, start) : end]
    indent = node.start_mark.column
    told = [
        own[name] if name in own and data[name] == box else key_lines(name, box, indent)
        for name, box in plain_data(wanted).items()
    ]
    first, last = node.value[0][0], node.value[-1][1]
    return _Edit(_line_start(text, first.start_mark.index), _line_end(text, _last(last)), "".join(told))


def _becomes_block(node: Node, wanted: Any) -> bool:
    """Say whether an empty list in brackets gets entries: these are written below each other."""
    empty = isinstance(node, SequenceNode) and node.flow_style and not node.value
    return bool(empty and isinstance(wanted, list) and wanted and isinstance(wanted[0], Mapping))


def _becomes_flow(node: Node, wanted: Any) -> bool:
    """Say whether a block gives way to something that is no block any more."""
    block = not getattr(node, "flow_style", True)
    same = (isinstance(node, MappingNode) and isinstance(wanted, Mapping)) or (
        isinstance(node, SequenceNode) and isinstance(wanted, list) and wanted
    )
    return block and not same


def _sequence(text: str, node: SequenceNode, data: list[Any], wanted: list[Any]) -> list[_Edit]:
    """Put a list together anew from its entries: each brings its own lines, remarks between them stay in place."""
    owns = [_entry_span(text, child) for child in node.value]
    places = [one.get(ORIGIN) if isinstance(one, Mapping) else None for one in wanted]
    if all(place is None for place in places) and len(wanted) == len(data):
        places = list(range(len(data)))  # nobody marked them: the same entries in the same order
    kept = [place for place in places if place is not None]
    if len(set(kept)) < len(kept) or not all(isinstance(at, int) and 0 <= at < len(owns) for at in kept):
        raise _Unusual
    lines = {
        place: _apply(
            text[slice(*owns[place])], owns[place][0], _changes(text, node.value[place], data[place], one)
        )
        for place, one in zip(places, wanted, strict=True)
        if place is not None
    }
    slots = dict(zip(sorted(kept), kept, strict=True))
    indent = node.start_mark.column
    followers = _followers(places, wanted, indent)
    told = followers.get(None, "")
    at = owns[0][0]
    for place, (start, end) in enumerate(owns):
        told += text[at:start]
        if place in slots:
            own = lines[slots[place]]
            told += (own if own.endswith("\n") else own + "\n") + followers.get(slots[place], "")
        at = end
    return [_Edit(owns[0][0], owns[-1][1], told)]


def _followers(places: list[Any], wanted: list[Any], indent: int) -> dict[Any, str]:
    """Return the lines of the new entries by the kept entry that they come behind; None for the front."""
    found: dict[Any, str] = {}
    last = None
    for place, one in zip(places, wanted, strict=True):
        if place is None:
            found[last] = found.get(last, "") + block_entry(one, indent)
        else:
            last = place
    return found


def _entry_span(text: str, node: Node) -> tuple[int, int]:
    """Return where the lines of a list's entry begin and end, the line with its dash first."""
    start = _line_start(text, node.start_mark.index)
    if not _DASH.fullmatch(text[start : node.start_mark.index]):
        raise _Unusual
    return start, _line_end(text, _last(node))


def _last(node: Node) -> int:
    """Return where the content of a node ends; what ruamel tells of a block lies behind the remarks that follow."""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        inner = node.value[-1]
        return _last(inner[1] if isinstance(node, MappingNode) else inner)
    if getattr(node, "style", None) in ("|", ">"):
        raise _Unusual  # long texts over several lines
    return int(node.end_mark.index)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _alone(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip()
