"""Read one YAML file into plain data while remembering where every key and value stands.

YAML 1.2, so that `22:30`, `on` and `yes` are text. A number with leading zeros (`0600042`) is text too: it is
a code, and its zeros matter. Duplicate keys, tags, merge keys and endless aliases are refused.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from backoffice.errors import DeclarationError, Problem

MAX_NODES = 50_000
_CODE = re.compile(r"[+-]?0\d+$|.*_")
_STACKED = re.compile(r"(?:[\[{]\s*){100}")
"""A heap of brackets over which the parser would spend most of a minute before it gives up."""
_IN_QUOTES = re.compile(r"\"[^\"]*\"|'[^']*'")
_WIDE = re.compile("[\u3000：｛｝［］＂＇，]")
"""Full-width signs that look like those of YAML."""
_NEEDS_QUOTES = re.compile("cannot start any token|undefined alias|but got ':'")
"""What the parser says of a value that begins with @, %, ` or *, or has a colon in it."""
_NOTE = re.compile(r"\{[^}]*\s#")
"""A number sign after a space, within braces: the rest of the line, closing brace and all, is taken for a note."""
_COMMENT = re.compile(r"(?:^|\s)#.*")
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_PLAIN = {_INT, _FLOAT, _BOOL, _NULL, "tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"}
_SECRET_KEYS = {"password", "passwd", "pwd", "api_key", "apikey", "token", "パスワード", "暗証番号"}
_SECRET_LINE = re.compile(
    rf"^\s*(?:-\s*)*[{{\"']*(?:{'|'.join(sorted(_SECRET_KEYS))})[\"']?\s*:\s*(?![\"']?\$\{{|#|$)\S",
    re.IGNORECASE,
)
"""A line that gives a secret a value, if it is read by itself; `${…}` is no value yet."""


@dataclass(frozen=True)
class Source:
    """A YAML file as it was read.

    Attributes:
        path: The file.
        text: Its whole text, without byte order mark.
        sha256: Hash of the text in UTF-8, 64 hex digits: the version of a script.
        root: The composed YAML tree; None for a file without content.
    """

    path: Path
    text: str
    sha256: str
    root: Node | None = field(repr=False, compare=False)

    def locate(self, path: Sequence[str | int] = (), *, key: bool = False) -> str:
        """Return `file:line:column` (from 1) of the value at `path`, or of the nearest parent that exists.

        Args:
            path: Keys and indexes from the root.
            key: Point at the key instead of the value when the last step is a key.
        """
        node = self.root
        mark = node.start_mark if node is not None else None
        for step in path:
            found = _child(node, step)
            if found is None:
                continue
            key_node, node = found
            mark = (key_node if key and step == path[-1] and key_node is not None else node).start_mark
        return place(self.path, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)


def place(path: Path, line: int, column: int) -> str:
    """Return `file:line:column` with the file relative to the working folder where that is shorter."""
    try:
        shown = path.resolve().relative_to(Path.cwd())
    except ValueError:
        shown = path
    return f"{shown.as_posix()}:{line}:{column}"


def read_yaml(path: Path, text: str | None = None) -> tuple[Any, Source]:
    """Read a YAML file.

    Args:
        path: The file.
        text: Read in place of the file's content: what would be written there.

    Returns:
        Plain data (dict, list, str, int, float, bool, None) and its source.

    Raises:
        DeclarationError: The file is missing, not UTF-8, not YAML 1.2, has duplicate keys, tags or aliases
            without end, or holds a password in clear.
    """
    text = _read_text(path) if text is None else text
    if _STACKED.search(text):
        raise DeclarationError.single("backoffice.yaml_too_deep", place(path, 1, 1))
    try:
        root = _compose(path, text)
        source = Source(path, text, hashlib.sha256(text.encode()).hexdigest(), root)
        builder = _Builder(source)
        data = builder.build(root) if root is not None else None
    except RecursionError as error:
        raise DeclarationError.single("backoffice.yaml_too_deep", place(path, 1, 1)) from error
    if builder.problems:
        raise DeclarationError(builder.problems)
    return data, source


def secret_lines(text: str) -> list[int]:
    """Return the lines (from 1) where a password seems to stand in clear, also in a text that is no YAML yet."""
    return [at for at, line in enumerate(text.splitlines(), start=1) if _SECRET_LINE.match(line)]


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise DeclarationError.single("backoffice.file_missing", path.as_posix(), name=path.name) from error
    except OSError as error:
        raise DeclarationError.single(
            "backoffice.file_unreadable", path.as_posix(), name=path.name, detail=error.strerror or "OSError"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DeclarationError.single(
            "backoffice.file_not_utf8", place(path, line, 1), name=path.name
        ) from error


def _compose(path: Path, text: str) -> Node | None:
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(text)
        return node
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        key = "backoffice.yaml_broken"
        if "'\\t'" in (error.problem or ""):
            key = "backoffice.yaml_tab"
        elif "quoted scalar" in (error.context or ""):
            key, mark = "backoffice.yaml_quote_open", error.context_mark or mark
        elif "<stream end>" in (error.problem or ""):
            mark = error.context_mark or mark  # the brace that was never closed, not the end of the file
        where = place(path, mark.line + 1, mark.column + 1) if mark else path.as_posix()
        detail = (error.problem or error.context or "YAML").strip()
        lines = [one.line for one in (error.problem_mark, error.context_mark) if one is not None]
        if key == "backoffice.yaml_broken":
            key = _slip(detail, [line for at, line in enumerate(text.splitlines()) if at in lines])
        raise DeclarationError.single(key, where, detail=detail) from error
    except YAMLError as error:
        detail = str(error).strip().splitlines()[0]
        raise DeclarationError.single("backoffice.yaml_broken", path.as_posix(), detail=detail) from error


def _slip(detail: str, lines: Sequence[str]) -> str:
    """Return the key of what beginners write in such a line; the general one when nothing of it is there.

    With two lines, a brace of the first was not closed before the second: quotes would not mend that.
    """
    bare = [_IN_QUOTES.sub("", line) for line in lines]
    told = [_COMMENT.sub("", line) for line in bare]
    if any("${" in line for line in told):
        return "backoffice.yaml_place_bare"
    if (len(lines) < 2 and _NEEDS_QUOTES.search(detail)) or any(_NOTE.search(line) for line in bare):
        return "backoffice.yaml_needs_quotes"
    return "backoffice.yaml_wide" if any(_WIDE.search(line) for line in told) else "backoffice.yaml_broken"


class _Builder:
    """Turns composed nodes into plain data and collects every problem on the way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.count = 0

    def build(self, node: Node, parents: tuple[int, ...] = ()) -> Any:
        self.count += 1
        if id(node) in parents or self.count > MAX_NODES:
            if self.count != MAX_NODES + 2:
                self._tell("backoffice.yaml_endless", node)
            self.count = MAX_NODES + 1
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, (*parents, id(node)))
        if isinstance(node, SequenceNode):
            return [self.build(child, (*parents, id(node))) for child in node.value]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, parents: tuple[int, ...]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode) or key_node.value == "<<":
                self._tell("backoffice.key_not_text", key_node)
                continue
            key = str(key_node.value)
            if key in data:
                self._tell("backoffice.key_twice", key_node, name=key)
                continue
            if key.casefold() in _SECRET_KEYS and isinstance(value_node, ScalarNode):
                self._tell("backoffice.password_in_clear", key_node, name=key)
            data[key] = self.build(value_node, parents)
        return data

    def _scalar(self, node: Node) -> Any:
        tag, value = str(node.tag), str(node.value)
        if tag not in _PLAIN:
            self._tell("backoffice.yaml_tag", node, tag=tag)
            return None
        if tag == _NULL:
            return None
        if tag == _BOOL:
            return value.lower() == "true"
        if tag == _INT and not _CODE.match(value):
            return int(value, 0)
        if tag == _FLOAT and not _CODE.match(value):
            return float(value.replace(".inf", "inf").replace(".nan", "nan"))
        return value

    def _tell(self, key: str, node: Node, **values: object) -> None:
        mark = node.start_mark
        self.problems.append(Problem(place(self.source.path, mark.line + 1, mark.column + 1), key, values))


def _child(node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
    if isinstance(node, MappingNode):
        for key_node, value_node in node.value:
            if isinstance(key_node, ScalarNode) and key_node.value == str(step):
                return key_node, value_node
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None
