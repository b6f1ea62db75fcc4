"""Time saved, as the pages and the command line show it: added up by the scheduler, in words and figures here."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from backoffice.messages import current_language, text
from console.web.desk import SavingsView
from console.wiring import Office
from scheduler.chart_svg import Series, bar_chart
from scheduler.report_workbook import ReportWorkbook
from scheduler.reports import Line, Report, Sums, period, report

SMALL_HOURS = 5.0
"""Below this the chart is drawn in minutes, so that its figures can be told apart."""
HEADS = ("business", "department", "items", "before", "after", "saved", "rate", "machine", "basis")


class SavingsOffice:
    """The account of time saved of one installation."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def report(self, first: str, last: str) -> Report:
        """Add up the months from first to last, both included.

        Raises:
            MonthUnreadable: Either is no month, or they are in the wrong order.
        """
        days = period(first, last)
        return report(self._office.books.savings.entries(*days), *days)

    def view(self, first: str, last: str) -> SavingsView:
        """Return the time saved ready to be shown."""
        found = self.report(first, last)
        heads = [text(f"scheduler.head_{name}") for name in HEADS]
        rows = [self._row(line) for line in found.businesses]
        if len(rows) > 1:
            rows.append([text("scheduler.total"), "", *_figures(found.total), ""])
        chart = _chart(found) if found.entries else ""
        return SavingsView(first, last, chart, heads, rows, found.total.saved)

    def workbook(self, first: str, last: str, path: Path) -> Path:
        """Write the report as .xlsx with native charts."""
        settings = self._office.settings
        today = datetime.now(ZoneInfo(settings.timezone)).date()
        book = ReportWorkbook(
            self.report(first, last),
            town=settings.town,
            departments=settings.departments,
            language=current_language(),
            made_on=today,
        )
        book.save(path)
        return path

    def _row(self, line: Line) -> Sequence[str]:
        known = self._office.settings.departments
        departments = "、".join(known.get(name, name) for name in line.departments)
        return [line.name, departments, *_figures(line.sums), " / ".join(line.bases)]


def _figures(sums: Sums) -> list[str]:
    rate = "―" if sums.rate is None else f"{sums.rate * 100:.1f}%"
    hours = [f"{value:.2f}" for value in (sums.before, sums.after, sums.saved)]
    return [str(sums.items), *hours, rate, f"{sums.machine:.2f}"]


def _chart(found: Report) -> str:
    """Return a chart by month, or by business while there is only one month."""
    lines = found.months if len(found.months) > 1 else found.businesses
    total = found.total
    small = total.before < SMALL_HOURS
    times = 60 if small else 1
    return bar_chart(
        [line.name for line in lines],
        [
            Series(text("console.chart_before"), tuple(line.sums.before * times for line in lines)),
            Series(text("console.chart_after"), tuple(line.sums.after * times for line in lines)),
        ],
        identifier="saved",
        title=text("console.savings"),
        description=text(
            "console.chart_described",
            before=f"{total.before:.1f}",
            after=f"{total.after:.1f}",
            saved=f"{total.saved:.1f}",
        ),
        unit=text("console.axis_minutes" if small else "scheduler.axis_hours"),
    )
