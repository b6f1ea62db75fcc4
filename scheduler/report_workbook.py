"""The time-saved report as an Excel workbook: summary, months, entries, with Excel's own charts.

Figures are written as numbers, never as formulas: previewers and archives that do not calculate show them too.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from backoffice.files import write_atomically
from backoffice.messages import text
from scheduler.reports import Report, Sums, basis_in_words

HOURS = {"ja": '#,##0.0;[Red]"▲"#,##0.0', "en": "#,##0.0;[Red]-#,##0.0"}
RATE = {"ja": '0.0%;[Red]"▲"0.0%', "en": "0.0%;[Red]-0.0%"}
_HEAD_ROW = 5
_THIN = Side(style="thin", color="999999")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="DDE7F0")
_FIGURE_HEADS = ("items", "before", "after", "saved", "rate", "machine")


class ReportWorkbook:
    """Writes one report.

    Args:
        report: The figures.
        town: Name of the town for the title.
        departments: Shown name of each department.
        language: "ja" or "en".
        made_on: The day it is made.
    """

    def __init__(
        self, report: Report, *, town: str, departments: Mapping[str, str], language: str, made_on: date
    ) -> None:
        self._report = report
        self._town = town
        self._departments = departments
        self._language = language
        self._made_on = made_on
        self._book = Workbook()

    def save(self, path: Path) -> None:
        """Write the workbook; an older one at the same place is replaced as a whole.

        Raises:
            OSError: The place cannot be written, for example because Excel holds the file open.
        """
        self._summary(self._book.active)
        self._months(self._book.create_sheet())
        self._entries(self._book.create_sheet())
        memory = BytesIO()
        self._book.save(memory)
        write_atomically(path, memory.getvalue())

    def _summary(self, sheet: Any) -> None:
        heads = ("business", "department", *_FIGURE_HEADS, "basis")
        self._begin(sheet, "sheet_summary", heads, (30, 20, 9, 12, 12, 12, 10, 12, 60))
        row = _HEAD_ROW
        for line in self._report.businesses:
            row += 1
            self._row(
                sheet,
                row,
                [line.name, self._shown(line.departments), *_figures(line.sums), "\n".join(line.bases)],
            )
        if not self._report.entries:
            sheet.cell(row + 1, 1, self._text("no_entries"))
            return
        row += 1
        total = [self._text("total"), "", *_figures(self._report.total), ""]
        self._row(sheet, row, total, bold=True)
        sheet.cell(row + 1, 1, self._text("report_note")).alignment = Alignment(wrap_text=False)
        self._chart_of_businesses(sheet, row)

    def _months(self, sheet: Any) -> None:
        heads = ("month", *_FIGURE_HEADS, "cumulative")
        self._begin(sheet, "sheet_months", heads, (14, 9, 12, 12, 12, 10, 12, 14))
        if not self._report.months:
            sheet.cell(_HEAD_ROW + 1, 1, self._text("no_entries"))
            return
        cumulative, row = 0.0, _HEAD_ROW
        for row, line in enumerate(self._report.months, _HEAD_ROW + 1):
            cumulative += line.sums.saved
            self._row(sheet, row, [line.name, *_figures(line.sums), cumulative])
        self._row(sheet, row + 1, [self._text("total"), *_figures(self._report.total), ""], bold=True)
        self._charts_of_months(sheet, row)

    def _entries(self, sheet: Any) -> None:
        names = ("worked_on", "job", "business", "department", "items", "manual_each", "manual", "people")
        heads = (*names, "preparation", "rework", "saved_minutes", "machine_seconds", "basis", "run")
        self._begin(sheet, "sheet_entries", heads, (12, 22, 30, 16, 8, *[11] * 7, 60, 36))
        for row, entry in enumerate(self._report.entries, _HEAD_ROW + 1):
            told = [
                entry.worked_on,
                entry.job,
                entry.business,
                self._shown([entry.department]),
                entry.items_done,
            ]
            minutes = [
                entry.manual_minutes_per_item,
                entry.manual_minutes,
                entry.people_minutes,
                entry.preparation_minutes,
                entry.rework_minutes,
                entry.saved_minutes,
                entry.machine_seconds,
            ]
            self._row(sheet, row, [*told, *minutes, basis_in_words(entry, self._language), entry.run])
        if not self._report.entries:
            sheet.cell(_HEAD_ROW + 1, 1, self._text("no_entries"))

    def _begin(self, sheet: Any, title: str, heads: Sequence[str], widths: Sequence[float]) -> None:
        sheet.title = self._text(title)
        sheet["A1"] = self._text("report_title", town=self._town)
        sheet["A1"].font = Font(size=16, bold=True)
        sheet["A2"] = self._text(
            "report_period", first=self._day(self._report.first), last=self._day(self._report.last)
        )
        sheet["A3"] = self._text("report_made_on", day=self._made_on.isoformat())
        for column, (head, width) in enumerate(zip(heads, widths, strict=True), 1):
            cell = sheet.cell(_HEAD_ROW, column, self._text(f"head_{head}"))
            cell.font, cell.fill, cell.border = Font(bold=True), _HEAD_FILL, _GRID
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.freeze_panes = sheet.cell(_HEAD_ROW + 1, 2)
        _set_up_print(sheet)

    def _row(self, sheet: Any, row: int, values: Sequence[object], *, bold: bool = False) -> None:
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column, value)
            cell.border, cell.font = _GRID, Font(bold=bold)
            head = sheet.cell(_HEAD_ROW, column).value
            if isinstance(value, float):
                cell.number_format = (RATE if head == self._text("head_rate") else HOURS)[self._language]
            elif isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
            elif isinstance(value, str):
                cell.alignment = Alignment(wrap_text="\n" in value, vertical="top")
                cell.data_type = "s"  # a name that begins with "=" stays a name

    def _chart_of_businesses(self, sheet: Any, last_row: int) -> None:
        chart = BarChart()
        chart.type, chart.title = "bar", self._text("chart_businesses")
        chart.add_data(_reference(sheet, 4, last_row - 1, 5), titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=_HEAD_ROW + 1, max_row=last_row - 1))
        chart.x_axis.scaling.orientation = "maxMin"
        self._place(sheet, chart, f"A{last_row + 4}", height=6 + 1.4 * len(self._report.businesses))

    def _charts_of_months(self, sheet: Any, last_row: int) -> None:
        names = Reference(sheet, min_col=1, min_row=_HEAD_ROW + 1, max_row=last_row)
        bars = BarChart()
        bars.type, bars.title = "col", self._text("chart_months")
        bars.add_data(_reference(sheet, 3, last_row, 4), titles_from_data=True)
        bars.set_categories(names)
        self._place(sheet, bars, f"A{last_row + 4}", height=9)
        line = LineChart()
        line.title = self._text("chart_cumulative")
        line.add_data(_reference(sheet, 8, last_row, 8), titles_from_data=True)
        line.set_categories(names)
        self._place(sheet, line, f"A{last_row + 24}", height=9)

    def _place(self, sheet: Any, chart: Any, anchor: str, *, height: float) -> None:
        chart.y_axis.title, chart.y_axis.numFmt = self._text("axis_hours"), "#,##0.0"
        chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl 3.1 hides the axes otherwise
        chart.x_axis.tickLblPos = "low"  # labels stay outside when bars are negative
        chart.width, chart.height, chart.legend.position = 26, height, "b"
        sheet.add_chart(chart, anchor)

    def _shown(self, departments: Sequence[str]) -> str:
        return "、".join(self._departments.get(name, name) for name in departments)

    def _day(self, day: date | None) -> str:
        return day.isoformat() if day else "…"

    def _text(self, name: str, **values: object) -> str:
        return text(f"scheduler.{name}", language=self._language, **values)


def _figures(sums: Sums) -> list[object]:
    rate: object = "―" if sums.rate is None else sums.rate
    return [sums.items, sums.before, sums.after, sums.saved, rate, sums.machine]


def _reference(sheet: Any, first_column: int, last_row: int, last_column: int) -> Reference:
    return Reference(sheet, min_col=first_column, max_col=last_column, min_row=_HEAD_ROW, max_row=last_row)


def _set_up_print(sheet: Any) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    sheet.oddFooter.center.text = "&P / &N"
