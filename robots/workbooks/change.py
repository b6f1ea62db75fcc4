"""A change to a workbook: which parts will differ, and a refusal with reasons where something would be lost.

Values go into the part of their sheet alone. Beside it may change, only where they must: styles.xml when a cell gets a
number format that the workbook does not have, the part of a table that grows, and the workbook's own part, which then
asks Excel to calculate all formulas when it opens the file (their old results no longer hold).
"""

import re
from collections.abc import Callable, Iterable, Sequence

from backoffice.messages import text
from robots.workbooks.book import Book, Sheet
from robots.workbooks.cells import Cell, Cells, Kind, read_cells
from robots.workbooks.errors import WorkbookNotWritable
from robots.workbooks.markup import Element, Splice, elements, prefix_of, set_attribute, spliced
from robots.workbooks.package import CONTENT_TYPES, relations_name
from robots.workbooks.places import Block, read_block
from robots.workbooks.sheet_part import NewCell, SheetPart
from robots.workbooks.styles import DATE_FORMATS, Styles
from robots.workbooks.writes import As, Write, cell_xml, midnight

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_AFTER_CALC = ("oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing",
               "fileRecoveryPr", "webPublishObjects", "extLst")  # fmt: skip
"""What follows calcPr in a workbook part (ECMA-376 part 1, 18.2.27); the order is binding."""


class Change:
    """What shall become of a workbook. Nothing is written before `saving.save`.

    Args:
        book: The workbook as it was read.

    Raises:
        WorkbookNotWritable: No change at all is possible without a loss.

    Attributes:
        parts: Part name → its new bytes.
        dropped: Parts that go: only calcChain.xml, an index of formulas that Excel makes anew.
        recalculates: Whether the workbook has formulas whose results no longer hold.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.parts: dict[str, bytes] = {}
        self.dropped: set[str] = set()
        self.recalculates = False
        if any("_xmlsignatures" in name for name in book.package.names):
            raise WorkbookNotWritable("workbooks.signed", where=book.path.name)
        if book.is_strict:
            raise WorkbookNotWritable("workbooks.strict", where=book.path.name)

    def write(
        self,
        sheet: Sheet,
        writes: Sequence[Write],
        *,
        like_row: int | None = None,
        over_formulas: bool = False,
    ) -> None:
        """Put values into cells.

        Args:
            sheet: The sheet.
            writes: The values; a cell that holds its value already stays as it is, furigana and all.
            like_row: New cells take their look from this row.
            over_formulas: Whether a value may take the place of a formula.

        Raises:
            WorkbookNotWritable: With every cell that cannot be written, and why.
            ValueNotWritable: A value cannot stand in a cell.
        """
        cells = self.cells(sheet)
        fresh = [one for one in writes if not _holds(cells.at(one.row, one.column), one)]
        if not fresh:
            return
        part = self.part(sheet.part)
        rows = {one.row for one in fresh} | ({like_row} if like_row else set())
        layout = SheetPart(part, self.book.place(sheet.name), rows)
        self._refuse(sheet, layout, cells, fresh, over_formulas)
        made = [self._cell(one, layout, cells, like_row) for one in fresh]
        self.parts[sheet.part] = layout.with_cells(made)
        if any(cells.at(one.row, one.column).formula for one in fresh):
            self._drop_calculation_chain()
        self._ask_to_calculate(any(one.kind is As.FORMULA for one in fresh))

    def grow_tables(self, sheet: Sheet, row: int) -> None:
        """Let the tables that end just above a row take it in.

        Raises:
            WorkbookNotWritable: The row is below a table's row of totals.
        """
        for name, block, table in self._tables(sheet):
            if block.bottom != row - 1:
                continue
            if int(table.attributes.get("totalsRowCount", "0")):
                told = text("workbooks.reason_totals", row=row)
                raise WorkbookNotWritable(
                    "workbooks.would_lose", where=self.book.place(sheet.name), reasons=told
                )
            grown = Block(block.top, block.left, row, block.right).name
            part = self.part(name)
            found = elements(part, self.book.place(name))
            ends = [one for one in found if one.name in ("table", "autoFilter") and "ref" in one.attributes]
            self.parts[name] = spliced(part, [set_attribute(part, one, "ref", grown) for one in ends])

    def cells(self, sheet: Sheet) -> Cells:
        """Return the cells of a sheet as they stand now."""
        return read_cells(self.part(sheet.part), self.book.strings, self.book.place(sheet.name))

    def part(self, name: str) -> bytes:
        """Return a part as it stands now."""
        return self.parts.get(name) or self.book.package.read(name)

    def _cell(self, write: Write, layout: SheetPart, cells: Cells, like_row: int | None) -> NewCell:
        style = self._style(write, layout, cells, like_row)
        serial = None
        if write.kind is As.DATE and write.value:
            serial = self.book.number(midnight(write.day()))
        return NewCell(write.row, write.column, cell_xml(write, style, serial, layout.prefix))

    def _style(self, write: Write, layout: SheetPart, cells: Cells, like_row: int | None) -> int:
        stored = write.column in cells.rows.get(write.row, {})
        style = cells.at(write.row, write.column).style
        if not stored:
            style = layout.default_style(write.row, write.column)
            if like_row is not None and write.column in cells.rows.get(like_row, {}):
                style = cells.at(like_row, write.column).style
        code = DATE_FORMATS.get(write.format, write.format)
        if not code and write.kind is As.DATE and not self._styles.look(style).is_date:
            code = DATE_FORMATS["日付"]
        if not code or self._styles.look(style).code == code:
            return style
        styles, number = self._styles.with_format(style, code)
        if styles is not self._styles:
            self.parts[self.book.part("styles")] = styles.part
        return number

    @property
    def _styles(self) -> Styles:
        name = self.book.part("styles")
        if name in self.parts:
            return Styles(self.parts[name], self.book.place(name))
        return self.book.styles

    def _refuse(
        self, sheet: Sheet, layout: SheetPart, cells: Cells, writes: Sequence[Write], over: bool
    ) -> None:
        heads = [
            Block(
                block.top,
                block.left,
                block.top + int(table.attributes.get("headerRowCount", "1")) - 1,
                block.right,
            )
            for _, block, table in self._tables(sheet)
        ]
        reasons = []
        for one in writes:
            cell = cells.at(one.row, one.column)
            merged = cells.merged_at(one.row, one.column)
            if merged is not None and (merged.top, merged.left) != (one.row, one.column):
                reasons.append(text("workbooks.reason_merged", cell=one.name, block=merged.name))
            if cell.formula and not over:
                reasons.append(text("workbooks.reason_formula", cell=one.name))
            elif layout.leads_shared_formula(one.row, one.column) or any(
                block.holds(one.row, one.column) for block in layout.shared_results
            ):
                reasons.append(text("workbooks.reason_shared_formula", cell=one.name))
            if layout.is_protected and self._styles.look(cell.style).locked:
                reasons.append(text("workbooks.reason_protected", cell=one.name))
            if any(head.holds(one.row, one.column) for head in heads):
                reasons.append(text("workbooks.reason_table_head", cell=one.name))
        if reasons:
            told = " / ".join(reasons)
            raise WorkbookNotWritable("workbooks.would_lose", where=self.book.place(sheet.name), reasons=told)

    def _tables(self, sheet: Sheet) -> list[tuple[str, Block, Element]]:
        found = []
        for relation in self.book.package.relations(sheet.part):
            if relation.kind == "table":
                root = elements(self.part(relation.target), self.book.place(relation.target))[0]
                found.append((relation.target, read_block(root.attributes["ref"]), root))
        return found

    def _ask_to_calculate(self, new_formula: bool) -> None:
        grids = [sheet.part for sheet in self.book.sheets.values() if sheet.is_grid]
        if not new_formula and not any(_FORMULA.search(self.part(name)) for name in grids):
            return
        self.recalculates = True
        if self.book.is_stale:
            return
        name = self.book.package.main
        part = self.part(name)
        found = elements(part, self.book.place(name))
        own = next((one for one in found if one.name == "calcPr"), None)
        if own is not None:
            splice = set_attribute(part, own, "fullCalcOnLoad", "1")
        else:
            at = _before(found, _AFTER_CALC)
            splice = Splice(at, at, f'<{prefix_of(part, found[0])}calcPr fullCalcOnLoad="1"/>'.encode())
        self.parts[name] = spliced(part, [splice])

    def _drop_calculation_chain(self) -> None:
        chain = self.book.part("calcChain")
        if not chain:
            return
        self.dropped.add(chain)
        main = self.book.package.main
        self._remove_elements(
            relations_name(main), lambda one: one.attributes.get("Type", "").endswith("/calcChain")
        )
        self._remove_elements(CONTENT_TYPES, lambda one: one.attributes.get("PartName") == f"/{chain}")

    def _remove_elements(self, name: str, matches: Callable[[Element], bool]) -> None:
        part = self.part(name)
        gone = [one for one in elements(part, self.book.place(name)) if matches(one)]
        self.parts[name] = spliced(part, [Splice(one.start, one.end, b"") for one in gone])


def _holds(cell: Cell, write: Write) -> bool:
    """Say whether a cell needs no change."""
    if write.format or cell.formula:
        return False
    if not write.value:
        return cell.kind is Kind.EMPTY
    return write.kind is As.TEXT and cell.kind is Kind.TEXT and cell.value == write.value


def _before(found: Iterable[Element], later: Sequence[str]) -> int:
    """Return the byte in the root before the first element that must come later."""
    root, *inner = found
    return next((one.start for one in inner if one.parent is root and one.name in later), root.close)
