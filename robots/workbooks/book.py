"""A workbook opened for reading: its sheets by name, their cells, and whether results of formulas can be believed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from backoffice.suggest import did_you_mean
from robots.workbooks.cells import Cells, read_cells, read_strings
from robots.workbooks.errors import TableFileWrong
from robots.workbooks.markup import Element, elements
from robots.workbooks.package import Package
from robots.workbooks.styles import Styles

_STRICT = b"http://purl.oclc.org/ooxml/"


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        name: On its tab.
        part: The name of its part.
        at: Its place among the tabs, from 0.
        is_grid: Whether it has cells; a chart alone on a tab has none.
    """

    name: str
    part: str
    at: int
    is_grid: bool


class Book:
    """A workbook.

    Args:
        path: The file, .xlsx or .xlsm.

    Raises:
        TableFileWrong: It is missing, damaged, too large, protected by a password, or no such workbook.
    """

    def __init__(self, path: Path) -> None:
        self.package = Package(path)
        self.path = path
        self._elements = elements(self.package.read(self.package.main), self.place(self.package.main))

    def place(self, within: str) -> str:
        """Return how a sheet or part of this workbook is named in messages."""
        return self.package.place(within)

    @cached_property
    def sheets(self) -> dict[str, Sheet]:
        """Its sheets by name, in the order of the tabs."""
        targets = {one.id: one for one in self.package.relations(self.package.main)}
        found = {}
        for at, one in enumerate(self.elements("sheet", "sheets")):
            told = next((v for k, v in one.attributes.items() if k.endswith(":id")), "")
            relation = targets.get(told)
            if relation is not None:
                name = one.attributes["name"]
                found[name] = Sheet(name, relation.target, at, relation.kind == "worksheet")
        return found

    def sheet(self, name: str = "") -> Sheet:
        """Return a sheet by its name; the first one with cells when no name is given.

        Raises:
            TableFileWrong: There is no such sheet, or it has no cells.
        """
        grids = {sheet.name: sheet for sheet in self.sheets.values() if sheet.is_grid}
        if not name and grids:
            return next(iter(grids.values()))
        if name not in grids:
            hint = did_you_mean(name, grids)
            raise TableFileWrong("workbooks.sheet_missing", where=self.path.name, name=name, hint=hint)
        return grids[name]

    def cells(self, sheet: Sheet) -> Cells:
        """Return the cells of a sheet."""
        return read_cells(self.package.read(sheet.part), self.strings, self.place(sheet.name))

    @cached_property
    def strings(self) -> list[str]:
        """The shared texts."""
        part = self.part("sharedStrings")
        return read_strings(self.package.read(part), self.place(part)) if part else []

    @cached_property
    def styles(self) -> Styles:
        """The number formats."""
        part = self.part("styles")
        return Styles(self.package.read(part) if part else b"", self.place(part))

    def part(self, kind: str) -> str:
        """Return the name of the workbook's part of a kind, such as "styles"; empty when it has none."""
        main = self.package.relations(self.package.main)
        return next((one.target for one in main if one.kind == kind), "")

    def elements(self, name: str, parent: str) -> list[Element]:
        """Return elements of the workbook part by their own and their parent's name."""
        return [
            one
            for one in self._elements
            if one.name == name and one.parent is not None and one.parent.name == parent
        ]

    @property
    def is_strict(self) -> bool:
        """Whether it is "Strict Open XML", a variant that few programs write."""
        return _STRICT in self.package.read(self.package.main)[:4000]

    @property
    def is_stale(self) -> bool:
        """Whether formulas are to be calculated when Excel opens it; until then their results are old or made up."""
        return any(
            _truth(one.attributes.get("fullCalcOnLoad")) for one in self.elements("calcPr", "workbook")
        )

    def moment(self, number: float) -> datetime:
        """Return the moment that a number stands for in a date cell.

        Raises:
            ValueError: It is no day that Excel knows.
        """
        old_mac = any(
            _truth(one.attributes.get("date1904")) for one in self.elements("workbookPr", "workbook")
        )
        found = from_excel(number, CALENDAR_MAC_1904 if old_mac else CALENDAR_WINDOWS_1900)
        if not isinstance(found, datetime):
            raise ValueError(number)
        return found

    def number(self, day: datetime) -> int:
        """Return the number that stands for a day in a date cell (the reverse of `moment`)."""
        first = self.moment(1000.0) - timedelta(days=1000)
        return (day - first).days


def _truth(written: str | None) -> bool:
    return written in ("1", "true")
