"""One sheet of a report workbook: lines above, a head, rows of figures with a grid, Excel's own charts below.

Figures are written as numbers, never as formulas: previewers and archives that do not calculate show them too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from backoffice.files import write_atomically

HOURS = {"ja": '#,##0.0;[Red]"▲"#,##0.0', "en": "#,##0.0;[Red]-#,##0.0"}
RATE = {"ja": '0.0%;[Red]"▲"0.0%', "en": "0.0%;[Red]-0.0%"}
COUNT = "#,##0"
HEAD_ROW = 5
CHART_WIDTH_CM = 26
_THIN = Side(style="thin", color="999999")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="DDE7F0")
_BAR_COLOURS = ("8FA8BF", "1F4E79", "C9A227")
_LINE_POINTS = 16
_ROW_CM = 0.53
"""Height of a row of the usual font, for placing charts one below the other."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Attributes:
        head: Its heading.
        width: In characters.
        format: Number format of its figures.
    """

    head: str
    width: float
    format: str = "General"


class Sheet:
    """Writes one sheet from top to bottom.

    Args:
        sheet: The sheet of openpyxl.
        name: Shown on its tab.
        above: Up to three lines above the head; the first is large.
        columns: Its columns.
        long: Printed on as many pages as its rows need; otherwise everything on one.
    """

    def __init__(
        self, sheet: Any, name: str, above: Sequence[str], columns: Sequence[Column], *, long: bool = False
    ) -> None:
        self._sheet, self._columns, self._row = sheet, tuple(columns), HEAD_ROW
        sheet.title = name
        for row, line in enumerate(above, 1):
            sheet.cell(row, 1, line).font = Font(size=16, bold=True) if row == 1 else Font()
            sheet.cell(row, 1).data_type = "s"
        for number, column in enumerate(columns, 1):
            cell = sheet.cell(HEAD_ROW, number, column.head)
            cell.font, cell.fill, cell.border = Font(bold=True), _HEAD_FILL, _GRID
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            sheet.column_dimensions[get_column_letter(number)].width = column.width
        sheet.row_dimensions[HEAD_ROW].height = 32
        sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 2)
        _set_up_print(sheet, pages=0 if long else 1)

    @property
    def row(self) -> int:
        """The last row that was written."""
        return self._row

    def add(self, values: Sequence[object], *, bold: bool = False) -> None:
        """Write a row; text that looks like a formula stays text."""
        self._row += 1
        lines = max(_lines(value, column) for value, column in zip(values, self._columns, strict=True))
        if lines > 1:
            self._sheet.row_dimensions[self._row].height = _LINE_POINTS * lines
        for number, (value, column) in enumerate(zip(values, self._columns, strict=True), 1):
            cell = self._sheet.cell(self._row, number, value)
            cell.border, cell.font = _GRID, Font(bold=bold)
            if isinstance(value, str):
                cell.alignment = Alignment(wrap_text=lines > 1, vertical="top")
                cell.data_type = "s"
            else:
                cell.alignment = Alignment(vertical="top")
                cell.number_format = "yyyy-mm-dd" if isinstance(value, date) else column.format

    def say(self, line: str) -> None:
        """Write a text below the rows, across all columns, in as many lines as it needs."""
        self._row += 1
        cell = self._sheet.cell(self._row, 1, line)
        cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
        last = get_column_letter(len(self._columns))
        self._sheet.merge_cells(f"A{self._row}:{last}{self._row}")
        room = sum(column.width for column in self._columns)
        self._sheet.row_dimensions[self._row].height = _LINE_POINTS * ceil(_width(line) / room)

    def bars(
        self, title: str, axis: str, columns: Sequence[int], rows: tuple[int, int], *, lying: bool = False
    ) -> None:
        """Place a bar chart below everything.

        Args:
            title: Of the chart.
            axis: Title of the axis of figures.
            columns: The columns drawn, side by side, counted from 1.
            rows: First and last row drawn; their names stand in column 1.
            lying: Horizontal bars, for long names.
        """
        chart = BarChart()
        chart.type, chart.gapWidth = ("bar" if lying else "col"), 60
        if lying:
            chart.x_axis.scaling.orientation = "maxMin"
        for colour, series in zip(_BAR_COLOURS, self._series(chart, columns, rows), strict=False):
            series.graphicalProperties.solidFill = colour
            series.invertIfNegative = False
        count = rows[1] - rows[0] + 1
        self._place(chart, title, axis, 5 + 1.1 * count if lying else 9)

    def line(self, title: str, axis: str, column: int, rows: tuple[int, int]) -> None:
        """Place a line chart of one column below everything."""
        chart = LineChart()
        for series in self._series(chart, [column], rows):
            series.graphicalProperties.line.solidFill = _BAR_COLOURS[1]
            series.marker.symbol, series.smooth = "circle", False
        self._place(chart, title, axis, 9)

    def _series(self, chart: Any, columns: Sequence[int], rows: tuple[int, int]) -> list[Any]:
        names = Reference(self._sheet, min_col=1, min_row=rows[0], max_row=rows[1])
        for column in columns:
            figures = Reference(self._sheet, min_col=column, min_row=rows[0], max_row=rows[1])
            series = Series(figures)
            head = f"'{self._sheet.title}'!${get_column_letter(column)}${HEAD_ROW}"
            series.tx = SeriesLabel(strRef=StrRef(head))
            chart.series.append(series)
        chart.set_categories(names)
        return list(chart.series)

    def _place(self, chart: Any, title: str, axis: str, height: float) -> None:
        chart.title, chart.y_axis.title, chart.y_axis.numFmt = title, axis, "#,##0.0"
        chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl 3.1 hides the axes otherwise
        chart.x_axis.tickLblPos = "low"  # labels stay outside when bars are negative
        chart.width, chart.height, chart.legend.position = CHART_WIDTH_CM, height, "b"
        self._sheet.add_chart(chart, f"A{self._row + 2}")
        self._row += 2 + int(height / _ROW_CM) + 1


def save_book(book: Workbook, path: Path) -> None:
    """Write a workbook; an older one at the same place is replaced as a whole.

    Raises:
        OSError: The place cannot be written, for example because Excel holds the file open.
    """
    memory = BytesIO()
    book.save(memory)
    write_atomically(path, memory.getvalue())


def _lines(value: object, column: Column) -> int:
    """Return how many lines a cell needs in its column."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, ceil(_width(line) / column.width)) for line in value.split("\n"))


def _width(line: str) -> int:
    """Return the width of a text in half characters: a kanji has two, a letter one."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in line)


def _set_up_print(sheet: Any, *, pages: int) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.oddFooter.center.text = "&P / &N"
