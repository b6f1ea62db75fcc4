"""How the designer writes a new piece of a template: an entry on one line where it fits, else one line for each key."""

from collections.abc import Mapping
from typing import Any

from ocr.propose.template_text import flow, scalar

__all__ = ["block_entry", "flow", "key_lines", "plain_data", "whole"]

LONGEST_LINE = 110


def plain_data(value: Any) -> Any:
    """Return data without the marks by which the designer knows entries again (keys that begin with @)."""
    if isinstance(value, Mapping):
        return {str(key): plain_data(one) for key, one in value.items() if not str(key).startswith("@")}
    if isinstance(value, list | tuple):
        return [plain_data(one) for one in value]
    return value


def block_entry(value: Any, indent: int) -> str:
    """Return an entry of a list: `- {…}` on one line, or one line for each of its keys."""
    pad, bare = " " * indent, plain_data(value)
    line = f"{pad}- {flow(bare)}"
    if len(line) <= LONGEST_LINE or not isinstance(bare, Mapping):
        return f"{line}\n"
    body = "".join(key_lines(key, one, indent + 2) for key, one in bare.items())
    return f"{pad}- {body[indent + 2 :]}"


def key_lines(key: str, value: Any, indent: int) -> str:
    """Return a key with its value, on one line where it fits."""
    pad, bare = " " * indent, plain_data(value)
    line = f"{pad}{scalar(key)}: {flow(bare)}\n"
    if isinstance(bare, list) and bare and isinstance(bare[0], Mapping):
        return f"{pad}{scalar(key)}:\n" + "".join(block_entry(one, indent + 2) for one in bare)
    if len(line) <= LONGEST_LINE or not isinstance(bare, Mapping):
        return line
    return f"{pad}{scalar(key)}:\n" + "".join(key_lines(k, v, indent + 2) for k, v in bare.items())


def whole(value: Mapping[str, Any]) -> str:
    """Return a whole template as YAML."""
    return "".join(key_lines(key, one, 0) for key, one in plain_data(value).items())
