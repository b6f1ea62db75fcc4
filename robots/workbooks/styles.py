"""The number formats of a workbook: which cells are dates, which show leading zeros, and new formats beside the old.

A cell names its look by a number (`s`) that counts the `xf` entries of styles.xml. A new look is a copy of an old one
with another number format, added at the end, so that no other cell changes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from robots.workbooks.markup import (
    Element,
    Splice,
    append_inside,
    elements,
    quoted,
    spliced,
    with_attribute,
)

DATE_FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "和暦": '[$-411]ggge"年"m"月"d"日"',
        "和暦短": "[$-411]ge.m.d",
        "西暦": 'yyyy"年"m"月"d"日"',
        "日付": "yyyy/mm/dd",
    }
)
"""Formats that a robot may call by a name. 411 is Windows' number for Japanese."""
_JAPANESE_DATES = frozenset({*range(27, 32), 34, 35, 36, *range(50, 59)})
"""Built-in formats that are dates in a Japanese Excel. Source: ECMA-376 part 1, 18.8.30, "ja-jp"."""
_FIRST_OWN_FORMAT = 164
_ZEROS = re.compile(r'0+(?:(?:\\?[- ]|"[-‐ ]")0+)*')


@dataclass(frozen=True)
class Look:
    """What a style number means here.

    Attributes:
        code: The number format.
        is_date: Whether a number in it is shown as a date.
        locked: Whether a protected sheet forbids changing the cell.
    """

    code: str
    is_date: bool
    locked: bool

    @property
    def zeros(self) -> int:
        """How many digits the format shows at least, when it is made of zeros alone (0000000, 000-0000); else 0."""
        return self.code.count("0") if len(self.code) > 1 and _ZEROS.fullmatch(self.code) else 0


class Styles:
    """The styles part of a workbook.

    Args:
        part: Its bytes; empty when the workbook has none.
        where: File and part, for messages.
    """

    def __init__(self, part: bytes, where: str) -> None:
        self._part, self._where = part, where
        self._elements: list[Element] = elements(part, where) if part else []

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """The looks by style number."""
        return tuple(self._look(xf) for xf in self._xfs)

    def look(self, style: int) -> Look:
        """Return what a style number means; an unknown number is the plain look."""
        return self.looks[style] if 0 <= style < len(self.looks) else Look("General", False, True)

    def with_format(self, style: int, code: str) -> tuple["Styles", int]:
        """Return styles that have a look like `style` with another number format, and its number."""
        number, part = self._format_number(code)
        if part is not self._part:
            return Styles(part, self._where).with_format(style, code)
        for at, xf in enumerate(self._xfs):
            if xf.attributes == {
                **self._xfs[style].attributes, "numFmtId": str(number), "applyNumberFormat": "1"
            } and self._inside(xf) == self._inside(self._xfs[style]):  # fmt: skip
                return self, at
        xf = self._xfs[style]
        tag = with_attribute(part[xf.start : xf.inner], "numFmtId", str(number))
        copy = with_attribute(tag, "applyNumberFormat", "1") + part[xf.inner : xf.end]
        holder = xf.parent
        assert holder is not None  # an xf stands in cellXfs
        at = len(self._xfs)
        added = append_inside(part, holder, copy, {"count": str(at + 1)})
        return Styles(spliced(part, added), self._where), at

    @property
    def part(self) -> bytes:
        """The part as it is to be written."""
        return self._part

    @cached_property
    def _xfs(self) -> list[Element]:
        return [
            one for one in self._elements if one.name == "xf" and one.parent and one.parent.name == "cellXfs"
        ]

    @cached_property
    def _codes(self) -> dict[int, str]:
        own = [one.attributes for one in self._elements if one.name == "numFmt" and _in(one, "numFmts")]
        return {int(one["numFmtId"]): one["formatCode"] for one in own}

    def _inside(self, element: Element) -> bytes:
        return self._part[element.inner : element.close]

    def _look(self, xf: Element) -> Look:
        number = int(xf.attributes.get("numFmtId", "0"))
        code = self._codes.get(number) or BUILTIN_FORMATS.get(number, "General")
        own = [one for one in self._elements if one.parent is xf and one.name == "protection"]
        locked = not own or own[0].attributes.get("locked", "1") not in ("0", "false")
        dated = number in _JAPANESE_DATES if number not in self._codes and number not in BUILTIN_FORMATS else (
            bool(is_date_format(code))
        )  # fmt: skip
        return Look(code, dated, locked)

    def _format_number(self, code: str) -> tuple[int, bytes]:
        """Return the number of a format, and the part, with the format added where it was not known."""
        for number, known in {**BUILTIN_FORMATS, **self._codes}.items():
            if known == code:
                return number, self._part
        number = max([_FIRST_OWN_FORMAT - 1, *self._codes]) + 1
        written = f'<{self._prefix}numFmt numFmtId="{number}" formatCode="{quoted(code)}"/>'
        holder = next((one for one in self._elements if one.name == "numFmts"), None)
        if holder is None:
            root = self._elements[0]
            name = f"{self._prefix}numFmts"
            made = f'<{name} count="1">{written}</{name}>'.encode()
            return number, spliced(self._part, [Splice(root.inner, root.inner, made)])
        added = append_inside(self._part, holder, written.encode(), {"count": str(len(self._codes) + 1)})
        return number, spliced(self._part, added)

    @property
    def _prefix(self) -> str:
        root = self._elements[0]
        return self._part[root.start + 1 : root.inner].decode().partition("styleSheet")[0]


def _in(element: Element, name: str) -> bool:
    return element.parent is not None and element.parent.name == name
