"""The time-saved report as an Excel workbook: what towns publish first, then every view, baselines, entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from backoffice.messages import text
from scheduler.baselines import Baseline
from scheduler.forecast import Forecast, forecast_in_words
from scheduler.reports import Line, Report, Sums, basis_in_words, basis_of, cumulative
from scheduler.savings import NOTED
from scheduler.sheet import COUNT, HEAD_ROW, HOURS, RATE, Column, Sheet, save_book

_FIGURES = ("items", "before", "after", "saved", "rate", "machine")
_VIEWS = ("job", "department", "form", "year")


@dataclass(frozen=True)
class ReportWorkbook:
    """Writes one report.

    Attributes:
        report: The figures.
        town: Name of the town for the title.
        departments: Shown name of each department.
        language: "ja" or "en".
        made_on: The day it is made.
        jobs: Shown title of each job.
        baselines: The baselines behind the figures, for a sheet of their own.
        forecast: What the fiscal year will have saved, for the sheet of months.
    """

    report: Report
    town: str
    departments: Mapping[str, str]
    language: str
    made_on: date
    jobs: Mapping[str, str] = field(default_factory=dict)
    baselines: Sequence[Baseline] = ()
    forecast: Forecast | None = None

    def save(self, path: Path) -> None:
        """Write the workbook; an older one at the same place is replaced as a whole.

        Raises:
            OSError: The place cannot be written, for example because Excel holds the file open.
        """
        book = Workbook()
        self._summary(book.active)
        self._months(book.create_sheet())
        for view in _VIEWS:
            self._view(book.create_sheet(), view)
        self._baselines(book.create_sheet())
        self._entries(book.create_sheet())
        save_book(book, path)

    def _summary(self, sheet: Any) -> None:
        heads = [self._column("business", 30), self._column("department", 18)]
        basis = [self._column("basis", 52), self._column("measured_on", 13)]
        page = self._begin(sheet, "summary", [*heads, *self._figure_columns(), *basis])
        for line in self.report.businesses:
            told = "\n".join(line.bases), self._dates(line)
            page.add([line.name, self._shown(line.departments), *_figures(line.sums), *told])
        if self._is_empty(page):
            return
        last = page.row
        page.add([self._text("total"), "", *_figures(self.report.total), "", ""], bold=True)
        page.say(self._text("report_note"))
        title, axis = self._text("chart_businesses"), self._text("axis_hours")
        page.bars(title, axis, (4, 5), (HEAD_ROW + 1, last), lying=True)

    def _months(self, sheet: Any) -> None:
        more = Column(self._text("head_cumulative"), 14, HOURS[self.language])
        page = self._begin(sheet, "months", [self._column("month", 14), *self._figure_columns(), more])
        months = self.report.months
        for line, saved in zip(months, cumulative(months), strict=True):
            page.add([line.name, *_figures(line.sums), saved])
        if self._is_empty(page):
            return
        last, axis = page.row, self._text("axis_hours")
        page.add([self._text("total"), *_figures(self.report.total), ""], bold=True)
        for told in forecast_in_words(self.forecast, self.language):
            page.say(told)
        page.bars(self._text("chart_months"), axis, (3, 4), (HEAD_ROW + 1, last))
        page.line(self._text("chart_cumulative"), axis, 8, (HEAD_ROW + 1, last))

    def _view(self, sheet: Any, view: str) -> None:
        page = self._begin(sheet, f"{view}s", [self._column(view, 34), *self._figure_columns()])
        for line in self.report.lines(view):
            page.add([self._name(view, line), *_figures(line.sums)])
        if self._is_empty(page):
            return
        last = page.row
        page.add([self._text("total"), *_figures(self.report.total)], bold=True)
        title, axis = self._text(f"chart_{view}s"), self._text("axis_hours")
        page.bars(title, axis, (3, 4), (HEAD_ROW + 1, last), lying=view != "year")

    def _baselines(self, sheet: Any) -> None:
        widths = {
            "job": 30,
            "business": 30,
            "manual_each": 12,
            "basis": 52,
            "since": 12,
            "until": 12,
            "runs": 9,
        }
        columns = [self._column(name, width, "General") for name, width in widths.items()]
        page = self._begin(
            sheet, "baselines", [*columns, self._column("items", 9), self._column("in_force", 12)]
        )
        for one in self.baselines:
            basis = basis_of(one.minutes_per_item, one.basis, self.language)
            days = [one.first or self._text("not_used_yet"), one.last or ""]
            force = self._text("in_force_yes" if one.in_force else "in_force_no")
            named = [self.jobs.get(one.job, one.job), one.business, one.minutes_per_item, basis]
            page.add([*named, *days, one.runs, one.items, force])
        page.say(self._text("baselines_note"))

    def _entries(self, sheet: Any) -> None:
        widths = {"worked_on": 12, "job": 30, "business": 30, "department": 16, "items": 8, "manual_each": 11,
                  "manual": 11, "people": 11, "preparation": 11, "rework": 11, "saved_minutes": 11,
                  "machine_seconds": 11, "basis": 52, "run": 38}  # fmt: skip
        page = self._begin(sheet, "entries", [self._column(name, width) for name, width in widths.items()])
        for entry in self.report.entries:
            job = self.jobs.get(entry.job, entry.job)
            named = [entry.worked_on, job, entry.business, self._shown([entry.department]), entry.items_done]
            spent = [entry.people_minutes, entry.preparation_minutes, entry.rework_minutes]
            counted = [entry.manual_minutes_per_item, entry.manual_minutes, *spent, entry.saved_minutes]
            basis = basis_in_words(entry, self.language)
            noted = entry.basis.get(NOTED)
            run = self._text("noted_by_hand", who=noted["who"], why=noted["why"]) if noted else entry.run
            page.add([*named, *counted, entry.machine_seconds, basis, run])
        self._is_empty(page)

    def _begin(self, sheet: Any, name: str, columns: Sequence[Column]) -> Sheet:
        days = [day.isoformat() if day else "…" for day in (self.report.first, self.report.last)]
        above = [
            self._text("report_title", town=self.town),
            self._text("report_period", first=days[0], last=days[1]),
            self._text("report_made_on", day=self.made_on.isoformat()),
        ]
        return Sheet(sheet, self._text(f"sheet_{name}"), above, columns, long=name == "entries")

    def _is_empty(self, page: Sheet) -> bool:
        if not self.report.entries:
            page.say(self._text("no_entries"))
        return not self.report.entries

    def _figure_columns(self) -> list[Column]:
        return [self._column(name, 9 if name == "items" else 12) for name in _FIGURES]

    def _column(self, name: str, width: float, format_: str = "") -> Column:
        usual = {"items": COUNT, "rate": RATE[self.language], "manual_each": "General"}
        return Column(self._text(f"head_{name}"), width, format_ or usual.get(name, HOURS[self.language]))

    def _name(self, view: str, line: Line) -> str:
        known = {"job": self.jobs, "department": self.departments, "form": {"": self._text("no_form")}}
        return known.get(view, {}).get(line.name, line.name)

    def _dates(self, line: Line) -> str:
        return "\n".join(line.measured_on) or self._text("not_measured")

    def _shown(self, departments: Sequence[str]) -> str:
        return "、".join(self.departments.get(name, name) for name in departments)

    def _text(self, name: str, **values: object) -> str:
        return text(f"scheduler.{name}", language=self.language, **values)


def _figures(sums: Sums) -> list[object]:
    rate: object = "―" if sums.rate is None else sums.rate
    return [sums.items, sums.before, sums.after, sums.saved, rate, sums.machine]
