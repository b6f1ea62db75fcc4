"""Time saved, as the pages and the command line show it: added up by the scheduler, in words and figures here."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backoffice.department_work import Scope
from backoffice.japanese.fiscal_year import fiscal_year
from backoffice.messages import current_language, text
from console.savings_charts import chart_of_businesses, chart_of_months, chart_of_saved, chart_of_sum
from console.web.desk import SavingsPart, SavingsView
from console.wiring import Office, baseline_office
from scheduler.baselines import Baseline
from scheduler.forecast import Forecast, forecast, forecast_in_words
from scheduler.report_workbook import ReportWorkbook
from scheduler.reports import Line, Report, Sums, as_json, basis_of, cumulative, period, report

if TYPE_CHECKING:
    from robots.workbooks.csv_text import Encoding

FIGURES = ("items", "before", "after", "saved", "rate", "machine")


class SavingsOffice:
    """The account of time saved of one installation."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @property
    def today(self) -> date:
        """The present day of the office."""
        return self._office.clock().astimezone(ZoneInfo(self._office.settings.timezone)).date()

    def report(self, first: str, last: str, departments: Scope = None) -> Report:
        """Add up the months from first to last, both included, of some departments or of all.

        Raises:
            MonthUnreadable: Either is no month, or they are in the wrong order.
        """
        days = period(first, last)
        entries = self._office.books.savings.entries(*days, departments)
        return report(entries, *days, forms=self._forms())

    def years(self, departments: Scope = None) -> list[int]:
        """Return the fiscal years in which something was booked, and the present one; the newest first."""
        known = self._office.books.savings.entries(departments=departments)
        return sorted(
            {fiscal_year(entry.worked_on) for entry in known} | {fiscal_year(self.today)}, reverse=True
        )

    def forecast(self, found: Report) -> Forecast:
        """Foretell the fiscal year in which a report ends, at the latest the present one."""
        last = min(found.last or self.today, self.today)
        known = self._office.books.savings.entries(departments={entry.department for entry in found.entries})
        return forecast(known, fiscal_year(last), self.today, self._office.books.calendar)

    def baselines(self) -> list[Baseline]:
        """Return every baseline that was booked or is in force."""
        return baseline_office(self._office).booked_or_in_force()

    def view(self, first: str, last: str, departments: Scope = None) -> SavingsView:
        """Return the time saved of some departments, or of all, ready to be shown."""
        found = self.report(first, last, departments)
        heads, rows = self.table(found, "business")
        if not found.entries:
            return SavingsView(first, last, "", heads, rows, found.total.saved)
        ahead = self.forecast(found)
        parts = [SavingsPart("month", chart_of_sum(found, ahead), *self.table(found, "month"))]
        for axis in ("job", "department", "form", "year"):
            parts.append(SavingsPart(axis, self._saved_chart(found, axis), *self.table(found, axis)))
        many = len(found.months) > 1
        chart = chart_of_months(found) if many else chart_of_businesses(found)
        notes = forecast_in_words(ahead)
        heads_of_sums = [text(f"scheduler.head_{name}") for name in FIGURES]
        sums = tuple(zip(heads_of_sums, figures(found.total), strict=True))
        return SavingsView(
            first, last, chart, heads, rows, found.total.saved, tuple(parts), tuple(notes), sums
        )

    def saved_hours(self, first: str, last: str, departments: Scope = None) -> str:
        """Return the hours saved in some months as they are shown."""
        return hours_text(self.report(first, last, departments).total.saved)

    def _saved_chart(self, found: Report, axis: str) -> str:
        """Draw what each job or department saved; nothing where one bar would stand alone."""
        lines = found.lines(axis)
        if axis not in ("job", "department") or len(lines) < 2:
            return ""
        return chart_of_saved(found, axis, [(self._names(axis, line)[0], line.sums.saved) for line in lines])

    def table(self, found: Report, by: str, *, plain: bool = False) -> tuple[list[str], list[list[str]]]:
        """Return headings and rows of a report, by one of `scheduler.reports.AXES`.

        Args:
            found: The report.
            by: The axis.
            plain: Figures for programs: no thousands mark, - for a minus, rates as fractions.
        """
        told = by == "business"
        named = ["department"] if told else []
        more = ["cumulative"] if by == "month" else ["basis", "measured_on"] if told else []
        heads = [text(f"scheduler.head_{name}") for name in (by, *named, *FIGURES, *more)]
        lines, blanks = found.lines(by), [""] * len(more)
        rows = [
            [
                *self._names(by, line),
                *figures(line.sums, plain=plain),
                *self._more(by, line, saved, plain=plain),
            ]
            for line, saved in zip(lines, cumulative(lines), strict=True)
        ]
        if len(rows) > 1:
            total = [text("scheduler.total"), *[""] * len(named)]
            rows.append([*total, *figures(found.total, plain=plain), *blanks])
        return heads, rows

    def short_table(self, found: Report, by: str) -> tuple[list[str], list[list[str]]]:
        """Return the table as a terminal shows it: names and hours of people; the rest is told below it."""
        heads, rows = self.table(found, by)
        machine = text("scheduler.head_machine")
        told = {text(f"scheduler.head_{name}") for name in ("basis", "measured_on")}
        hidden = told | {machine} | ({text("scheduler.head_department")} if by == "business" else set())
        shown = [number for number, head in enumerate(heads) if head not in hidden]
        return [heads[n] for n in shown], [[row[n] for n in shown] for row in rows]

    def bases(self, found: Report) -> list[str]:
        """Return a line per business: who works on it, and on what measurement its figures rest."""
        return [
            text("console.savings_basis", business=name, department=department, basis=" / ".join(line.bases))
            for line in found.businesses
            for name, department in [self._names("business", line)]
        ]

    def baseline_table(self) -> tuple[list[str], list[list[str]]]:
        """Return headings and rows of the baselines, in force and before."""
        heads = [text(f"scheduler.head_{name}") for name in ("job", "basis", "used", "times", "items", "now")]
        unused = text("scheduler.not_used_yet")
        return heads, [
            [
                one.job,
                basis_of(one.minutes_per_item, one.basis),
                f"{one.first} – {one.last}" if one.first else unused,
                str(one.runs),
                f"{one.items:,}",
                text("scheduler.in_force_yes" if one.in_force else "scheduler.in_force_no"),
            ]
            for one in self.baselines()
        ]

    def csv(self, found: Report, by: str, path: Path, encoding: "Encoding") -> Path:
        """Write a report as CSV.

        Raises:
            ValueNotWritable: A character is not in the encoding; told with row and column, nothing is written.
            WorkbookInUse: The file cannot be replaced.
        """
        from robots.workbooks.csv_text import write_csv

        heads, rows = self.table(found, by, plain=True)
        write_csv(path, [heads, *rows], encoding)
        return path

    def facts(self, first: str, last: str, departments: Scope = None) -> dict[str, Any]:
        """Return the report as plain values, for programs."""
        return as_json(self.report(first, last, departments))

    def workbook(self, first: str, last: str, path: Path, departments: Scope = None) -> Path:
        """Write the report of some departments, or of all, as .xlsx with native charts."""
        settings = self._office.settings
        found = self.report(first, last, departments)
        counted = {entry.job for entry in found.entries}
        book = ReportWorkbook(
            found,
            town=settings.town,
            departments=settings.departments,
            language=current_language(),
            made_on=self.today,
            jobs={job.job: job.title for job in self._office.jobs.values()},
            baselines=[one for one in self.baselines() if one.job in counted],
            forecast=self.forecast(found) if found.entries else None,
        )
        book.save(path)
        return path

    def _forms(self) -> dict[str, str]:
        return {form.process: form.title for form in self._office.forms.values()}

    def _names(self, by: str, line: Line) -> list[str]:
        known = self._office.settings.departments
        if by == "business":
            return [line.name, "、".join(known.get(name, name) for name in line.departments)]
        if by == "job":
            job = self._office.jobs.get(line.name)
            return [job.title if job else line.name]
        if by == "form":
            return [line.name or text("scheduler.no_form")]
        return [known.get(line.name, line.name) if by == "department" else line.name]

    @staticmethod
    def _more(by: str, line: Line, saved: float, *, plain: bool) -> list[str]:
        if by == "month":
            return [hours_text(saved, plain=plain)]
        if by == "business":
            return [" / ".join(line.bases), " / ".join(line.measured_on) or text("scheduler.not_measured")]
        return []


def figures(sums: Sums, *, plain: bool = False) -> list[str]:
    """Return items, before, after, saved, rate and machine hours as they are shown."""
    if plain:
        rate = "" if sums.rate is None else plain_figure(sums.rate)
        count = str(sums.items)
    else:
        rate = "―" if sums.rate is None else signed(f"{sums.rate * 100:.1f}%")
        count = f"{sums.items:,}"
    hours: Sequence[float] = (sums.before, sums.after, sums.saved)
    shown = [hours_text(value, plain=plain) for value in hours]
    return [count, *shown, rate, hours_text(sums.machine, plain=plain)]


def hours_text(value: float, *, plain: bool = False) -> str:
    """Return hours with two decimals; in Japanese a loss is marked ▲, as papers of a town mark it.

    Half a hundredth is rounded away from zero, as people round: 2.275 (in binary a little less) is 2.28.
    """
    if plain:
        return plain_figure(value)
    exact = Decimal(f"{value:.6f}").quantize(Decimal("0.01"), ROUND_HALF_UP)
    return signed(f"{exact:,}")


def plain_figure(value: float) -> str:
    """Return a figure for programs: up to four decimals, no thousands mark."""
    shown = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def signed(shown: str) -> str:
    """Return a figure with the minus sign of the language in force; a rounded nothing has none."""
    if not shown.startswith("-"):
        return shown
    if not shown.strip("-0.,%"):
        return shown[1:]
    return shown.replace("-", "▲" if current_language() == "ja" else "−", 1)
