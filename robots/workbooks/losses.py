"""What a workbook holds that would go if the whole file were written anew, as lists for people are."""

import re
from collections.abc import Iterator
from pathlib import Path

from backoffice.messages import text
from robots.workbooks.book import Book

_KINDS = {
    "shape": re.compile(rb"<(?:\w+:)?(?:sp|grpSp|cxnSp|pic)[\s>]"),
    "chart": re.compile(rb"<(?:\w+:)?chart\s"),
    "furigana": re.compile(rb"<(?:\w+:)?rPh\s"),
    "x14": re.compile(rb"<x14:(?:dataValidation|conditionalFormatting|sparklineGroup)\s"),
    "formula": re.compile(rb"<(?:\w+:)?f[\s>]"),
}
_RELATIONS = {"pivotTable": "pivotTable", "comments": "comments", "threadedComment": "comments",
              "slicer": "slicer", "table": "table", "vbaProject": "macro"}  # fmt: skip


def losses(path: Path) -> list[str]:
    """Return in words what a file would lose, each kind once; nothing for a plain list.

    Raises:
        TableFileWrong: It is no workbook.
    """
    return [text(f"workbooks.kind_{kind}") for kind in dict.fromkeys(_found(Book(path)))]


def _found(book: Book) -> Iterator[str]:
    package = book.package
    if len(book.sheets) > 1:
        yield "sheets"
    for name in [package.main, *(sheet.part for sheet in book.sheets.values())]:
        yield from (_RELATIONS[one.kind] for one in package.relations(name) if one.kind in _RELATIONS)
    for name in package.names:
        if name.endswith(".xml"):
            part = package.read(name)
            yield from (kind for kind, sign in _KINDS.items() if sign.search(part))
