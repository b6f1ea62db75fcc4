"""Where the elements of an XML part stand, byte by byte, so that one can be changed and all others left alone.

A workbook is a zip of XML parts. Whoever parses a part and writes it anew changes it: the order of attributes, the
prefixes, the line ends, and everything that the program does not know. Here a part is only looked at; a change is a
`Splice`, and the bytes outside of it stay as Excel wrote them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from robots.workbooks.errors import TableFileWrong

_TAG = re.compile(rb"<[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>")
_NAME_END = re.compile(rb"[\s/>]")


@dataclass(slots=True)
class Element:
    """One element and its bytes: `<name attributes>` inside `</name>`.

    Attributes:
        name: Without its prefix.
        attributes: As written, with prefixes.
        parent: The element around it; None for the root.
        start: First byte of the opening tag.
        inner: First byte after the opening tag.
        close: First byte of the closing tag; equal to `inner` when the tag closes itself.
        end: First byte after the element.
    """

    name: str
    attributes: dict[str, str]
    parent: "Element | None"
    start: int
    inner: int = 0
    close: int = 0
    end: int = 0

    @property
    def closes_itself(self) -> bool:
        """Whether it is written `<name/>`."""
        return self.end == self.inner


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes from `start` to `end` are replaced by `content`; start == end inserts."""

    start: int
    end: int
    content: bytes


Keep = Callable[[str, Mapping[str, str], Element | None], bool]


def elements(part: bytes, where: str, keep: Keep = lambda *_: True) -> list[Element]:
    """Return the elements of an XML part in the order of their opening tags.

    Args:
        part: The part, in UTF-8.
        where: File and part, for the message.
        keep: Asked for each element with its local name, its attributes and the nearest kept element around it.

    Raises:
        TableFileWrong: The part is no XML, is not in UTF-8, or declares entities (which may blow up memory).
    """
    found: list[Element] = []
    around: list[Element | None] = [None]
    parser = safe_parser(where)

    def begin(name: str, attributes: dict[str, str]) -> None:
        local, parent = name.rpartition(":")[2], around[-1]
        if not keep(local, attributes, parent):
            around.append(parent)
            return
        element = Element(local, attributes, parent, parser.CurrentByteIndex)
        found.append(element)
        around.append(element)

    def finish(_name: str) -> None:
        ended = around.pop()
        if ended is not None and ended is not around[-1] and not ended.end:
            _close(part, ended, parser.CurrentByteIndex)

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    run_parser(parser, part, where)
    return found


def _close(part: bytes, element: Element, at: int) -> None:
    tag = _TAG.match(part, element.start)
    assert tag is not None  # expat has seen this very tag
    element.inner = tag.end()
    if part[tag.end() - 2 : tag.end()] == b"/>":
        element.close = element.end = element.inner
    else:
        element.close, element.end = at, part.index(b">", at) + 1


def safe_parser(where: str) -> Any:
    """Return an expat parser that refuses document type declarations, and with them every kind of entity trick."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise TableFileWrong("workbooks.broken", where=where, reason="DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def run_parser(parser: Any, part: bytes, where: str) -> None:
    """Feed a whole part to a parser.

    Raises:
        TableFileWrong: It is no XML, not in UTF-8, or holds what no workbook may (a row "x", a text that is not there).
    """
    head = part[:200].partition(b"?>")[0].lower()
    if part[:2] in (b"\xff\xfe", b"\xfe\xff") or (b"encoding=" in head and b"utf-8" not in head):
        raise TableFileWrong("workbooks.broken", where=where, reason="not UTF-8")
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        reason = f"{expat.ErrorString(error.code)}, line {error.lineno}"
        raise TableFileWrong("workbooks.broken", where=where, reason=reason) from error
    except (KeyError, IndexError, ValueError) as error:
        reason = f"line {parser.CurrentLineNumber}"
        raise TableFileWrong("workbooks.broken", where=where, reason=reason) from error


def spliced(part: bytes, splices: Iterable[Splice]) -> bytes:
    """Return the part with all splices done; those at one place keep their order.

    Raises:
        ValueError: Two splices overlap, which would be our own fault.
    """
    pieces, at = [], 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < at:
            raise ValueError(f"splices overlap at byte {splice.start}")
        pieces += [part[at : splice.start], splice.content]
        at = splice.end
    return b"".join([*pieces, part[at:]])


def prefix_of(part: bytes, element: Element) -> str:
    """Return the prefix an element is written with, colon included; empty for most files."""
    end = _NAME_END.search(part, element.start)
    name = part[element.start + 1 : end.start() if end else element.inner].decode()
    return name[: -len(element.name)]


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """Return an opening tag with an attribute set, replaced where it stood and added at the end otherwise."""
    written = f'{name}="{quoted(value)}"'.encode()
    pattern = re.compile(rb"(?<=\s)" + re.escape(name.encode()) + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')")
    if pattern.search(tag):
        return pattern.sub(lambda _: written, tag, count=1)
    end = -2 if tag.endswith(b"/>") else -1
    return tag[:end].rstrip() + b" " + written + tag[end:]


def without_attribute(tag: bytes, name: str) -> bytes:
    """Return an opening tag without an attribute."""
    return re.sub(rb"\s" + re.escape(name.encode()) + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", tag, count=1)


def set_attribute(part: bytes, element: Element, name: str, value: str) -> Splice:
    """Return the splice that sets an attribute of an element."""
    return Splice(
        element.start, element.inner, with_attribute(part[element.start : element.inner], name, value)
    )


def append_inside(
    part: bytes, element: Element, content: bytes, attributes: Mapping[str, str] = MappingProxyType({})
) -> list[Splice]:
    """Return the splices that add content at the end of an element, opening it when it closes itself.

    Args:
        part: The part.
        element: The element.
        content: What comes before its closing tag.
        attributes: Set on it at the same time.
    """
    tag = part[element.start : element.inner]
    for name, value in attributes.items():
        tag = with_attribute(tag, name, value)
    if not element.closes_itself:
        return [Splice(element.start, element.inner, tag), Splice(element.close, element.close, content)]
    name = f"{prefix_of(part, element)}{element.name}"
    opened = tag[:-2].rstrip() + b">" + content + f"</{name}>".encode()
    return [Splice(element.start, element.end, opened)]


def quoted(value: str) -> str:
    """Return a text as it stands inside double quotes in XML."""
    return escape(value, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
