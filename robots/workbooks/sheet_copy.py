"""Copying a sheet inside its workbook: the new one comes last, everything else stays as it is.

Cells, formulas, looks, widths, print settings, merged blocks, validations, furigana, pictures and shapes come along.
What is tied to one sheet by its nature (tables, pivot tables, charts, comments) does not, and then the copy is refused.
"""

import re
from collections.abc import Iterator, Sequence

from backoffice.messages import has_text, text
from robots.workbooks.book import Book, Sheet
from robots.workbooks.change import Change
from robots.workbooks.errors import TableFileWrong, WorkbookNotWritable
from robots.workbooks.markup import (
    Element,
    Splice,
    append_inside,
    elements,
    prefix_of,
    quoted,
    spliced,
    with_attribute,
    without_attribute,
)
from robots.workbooks.package import CONTENT_TYPES, Relation, relations_name

LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[:\\/?*\[\]]|^'|'$")
_IDENTIFIED = frozenset({"worksheet", "sheetView", "sheetPr"})
_RECKONING = frozenset({"f", "formula", "formula1", "formula2"})
_MAY_BE_SHARED = frozenset({"printerSettings", "image", "hyperlink"})
_SHEET_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"


def copy_sheet(change: Change, sheet: Sheet, name: str) -> Sheet:
    """Add a copy of a sheet to a change.

    Args:
        change: The change.
        sheet: What to copy.
        name: The new name.

    Returns:
        The new sheet.

    Raises:
        TableFileWrong: The name is not allowed, or taken.
        WorkbookNotWritable: The copy would lose something, with the list of it.
    """
    book = change.book
    taken = {one.casefold() for one in book.sheets}
    if not 0 < len(name) <= LONGEST_NAME or _FORBIDDEN.search(name) or name.casefold() in taken:
        raise TableFileWrong("workbooks.sheet_name_wrong", where=book.path.name, name=name)
    reasons = list(_losses(book, sheet))
    if reasons:
        told = " / ".join(reasons)
        raise WorkbookNotWritable(
            "workbooks.copy_would_lose", where=book.path.name, sheet=sheet.name, reasons=told
        )
    part = _free_name(change, sheet.part)
    change.parts[part] = _made_own(change.part(sheet.part), sheet.name, name)
    _copy_relations(change, sheet.part, part)
    _declare(change, sheet.part, part)
    _enter(change, sheet, name, part)
    return Sheet(name, part, len(book.sheets), True)


def _losses(book: Book, sheet: Sheet) -> Iterator[str]:
    if any(
        one.attributes.get("lockStructure") in ("1", "true")
        for one in book.elements("workbookProtection", "workbook")
    ):
        yield text("workbooks.reason_structure")
    for relation in book.package.relations(sheet.part):
        if relation.kind == "drawing":
            inner = book.package.relations(relation.target)
            yield from (_told(one, sheet) for one in inner if one.kind not in _MAY_BE_SHARED)
        elif relation.kind not in _MAY_BE_SHARED:
            yield _told(relation, sheet)


def _told(relation: Relation, sheet: Sheet) -> str:
    key = f"workbooks.kind_{relation.kind}"
    what = text(key) if has_text(key) else text("workbooks.kind_other", kind=relation.kind)
    return text("workbooks.reason_part", what=what, sheet=sheet.name)


def _free_name(change: Change, like: str) -> str:
    """Return a part name that nobody has: the letters of another one with the next free number."""
    taken = {*change.book.package.names, *change.parts}
    stem = re.sub(r"\d*(\.\w+)$", "", like)
    suffix = like[like.rindex(".") :]
    return next(name for n in range(1, 10_000) if (name := f"{stem}{n}{suffix}") not in taken)


def _made_own(part: bytes, old: str, new: str) -> bytes:
    """Return a sheet that is not the one in front, has no identity of the original, and reckons with itself."""
    splices = []
    for one in elements(part, old):
        tag = fresh = part[one.start : one.inner]
        for name in ("tabSelected", "codeName", "xr:uid") if one.name in _IDENTIFIED else ():
            fresh = without_attribute(fresh, name)
        if fresh != tag:
            splices.append(Splice(one.start, one.inner, fresh))
        inside = part[one.inner : one.close]
        if one.name in _RECKONING and b"!" in inside:
            splices.append(Splice(one.inner, one.close, _pointing_at(inside.decode(), old, new).encode()))
    return spliced(part, splices)


def _copy_relations(change: Change, old: str, new: str) -> None:
    """Give the copy the relations of the original; a drawing is copied, pictures and printer settings are shared."""
    book = change.book
    if relations_name(old) not in book.package.names:
        return
    part = change.part(relations_name(old))
    splices = []
    for one in elements(part, book.place(relations_name(old))):
        if one.name == "Relationship" and one.attributes.get("Type", "").endswith("/drawing"):
            target = next(r.target for r in book.package.relations(old) if r.id == one.attributes["Id"])
            copy = _free_name(change, target)
            change.parts[copy] = change.part(target)
            if relations_name(target) in book.package.names:
                change.parts[relations_name(copy)] = change.part(relations_name(target))
            _declare(change, target, copy)
            tag = with_attribute(part[one.start : one.inner], "Target", f"/{copy}")
            splices.append(Splice(one.start, one.inner, tag))
    change.parts[relations_name(new)] = spliced(part, splices)


def _declare(change: Change, old: str, new: str) -> None:
    """Say in the list of content types that the new part is of the old one's type."""
    part = change.part(CONTENT_TYPES)
    kind = change.book.package.types[old]
    root = elements(part, CONTENT_TYPES)[0]
    entry = f'<{prefix_of(part, root)}Override PartName="/{new}" ContentType="{quoted(kind)}"/>'
    change.parts[CONTENT_TYPES] = spliced(part, append_inside(part, root, entry.encode()))


def _enter(change: Change, sheet: Sheet, name: str, part: str) -> None:
    """Enter the new sheet in the workbook, with the original's print area and print titles."""
    book = change.book
    main = book.package.main
    links = change.part(relations_name(main))
    known = {one.id for one in book.package.relations(main)}
    own_id = next(made for n in range(1, 10_000) if (made := f"rIdCopy{n}") not in known)
    root = elements(links, relations_name(main))[0]
    link = f'<{prefix_of(links, root)}Relationship Id="{own_id}" Type="{_SHEET_TYPE}" Target="/{part}"/>'
    change.parts[relations_name(main)] = spliced(links, append_inside(links, root, link.encode()))
    written = change.part(main)
    found = elements(written, book.place(main))
    sheets = [one for one in found if one.name == "sheet" and one.parent and one.parent.name == "sheets"]
    number = max(int(one.attributes["sheetId"]) for one in sheets) + 1
    last = sheets[-1]
    tag = written[last.start : last.inner]
    for attribute in ("state",):
        tag = without_attribute(tag, attribute)
    relation = next(key for key in last.attributes if key.endswith(":id"))
    for key, value in (("name", name), ("sheetId", str(number)), (relation, own_id)):
        tag = with_attribute(tag, key, value)
    holder = last.parent
    assert holder is not None  # a sheet stands in sheets
    added = tag if last.closes_itself else tag + written[last.inner : last.end]
    splices = append_inside(written, holder, added)
    change.parts[main] = spliced(written, [*splices, *_names(written, found, sheet, name, len(sheets))])


def _names(written: bytes, found: Sequence[Element], sheet: Sheet, name: str, at: int) -> list[Splice]:
    """Return the splices that give the copy the names that belong to the original alone."""
    own = [
        one
        for one in found
        if one.name == "definedName" and one.attributes.get("localSheetId") == str(sheet.at)
    ]
    made = b""
    for one in own:
        fresh = _pointing_at(written[one.inner : one.close].decode(), sheet.name, name)
        tag = with_attribute(written[one.start : one.inner], "localSheetId", str(at))
        made += tag + fresh.encode() + written[one.close : one.end]
    holder = own[0].parent if own else None
    return append_inside(written, holder, made) if holder is not None else []


def _pointing_at(formula: str, old: str, new: str) -> str:
    """Return a formula with one sheet's name replaced by another's, whether it stands in quotes or bare."""
    bare = re.compile(rf"(?<![\w.'!\]]){re.escape(old)}!")
    return bare.sub(lambda _: _reference(new), formula.replace(_reference(old), _reference(new)))


def _reference(name: str) -> str:
    """Return how a formula in XML names a sheet: '4月'! with quotes doubled."""
    doubled = name.replace("'", "''").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"'{doubled}'!"
