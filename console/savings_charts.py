"""The charts of time saved for the console: SVG in words of the language in force."""

from collections.abc import Callable, Sequence

from backoffice.japanese.fiscal_year import fiscal_year, fiscal_year_days
from backoffice.messages import text
from scheduler.chart_line import Ahead, line_chart
from scheduler.chart_rows import rows_chart
from scheduler.chart_svg import Series, bar_chart
from scheduler.forecast import Forecast
from scheduler.reports import Line, Report, cumulative

SMALL_HOURS = 5.0
"""Below this a chart is drawn in minutes, so that its figures can be told apart."""
MOST_ROWS = 20
"""So many businesses are drawn, the largest savings and the largest losses; the table has all."""


def chart_of_months(found: Report) -> str:
    """Draw before and after of every month."""
    return _before_and_after(found, found.months, bar_chart, "console.savings_chart_months")


def chart_of_businesses(found: Report) -> str:
    """Draw before and after of every business."""
    lines = found.businesses
    if len(lines) > MOST_ROWS:
        lines = (*lines[: MOST_ROWS // 2], *lines[-MOST_ROWS // 2 :])
    return _before_and_after(found, lines, rows_chart, "console.savings_chart_businesses")


def chart_of_saved(found: Report, axis: str, saved: Sequence[tuple[str, float]]) -> str:
    """Draw what each job or department saved; a loss goes to the left of the zero line."""
    if len(saved) > MOST_ROWS:
        saved = (*saved[: MOST_ROWS // 2], *saved[-MOST_ROWS // 2 :])
    times = _times(found)
    return rows_chart(
        [name for name, _ in saved],
        [Series(text("reports.saved"), tuple(hours * times for _, hours in saved))],
        identifier=f"saved-{axis}",
        title=text(f"reports.chart_saved_{axis}"),
        description=_described(found),
        unit=_unit(found),
    )


def chart_of_sum(found: Report, ahead: Forecast) -> str:
    """Draw what was saved in all, month by month; on to March when something is foretold for this year."""
    labels = [line.name for line in found.months]
    values, times = cumulative(found.months), _times(found)
    future = None
    if (
        ahead.expected is not None
        and ahead.low is not None
        and ahead.high is not None
        and _same_year(found, ahead)
    ):
        labels = _months_of(ahead.year, labels)
        seen = sum(label <= f"{ahead.until:%Y-%m}" for label in labels)
        values += values[-1:] * (seen - len(values))  # months in which nothing was booked
        low, expected, high = (value * times for value in (ahead.low, ahead.expected, ahead.high))
        future = Ahead(low, expected, high, text("console.savings_expected"))
    return line_chart(
        labels,
        [value * times for value in values],
        identifier="saved-sum",
        title=text("console.savings_chart_sum"),
        description=_described(found),
        unit=_unit(found),
        ahead=future,
    )


def _before_and_after(found: Report, lines: Sequence[Line], draw: Callable[..., str], title: str) -> str:
    times = _times(found)
    return draw(
        [line.name for line in lines],
        [
            Series(text("console.chart_before"), tuple(line.sums.before * times for line in lines)),
            Series(text("console.chart_after"), tuple(line.sums.after * times for line in lines)),
        ],
        identifier="saved",
        title=text(title),
        description=_described(found),
        unit=_unit(found),
    )


def _described(found: Report) -> str:
    total = found.total
    values = {"before": total.before, "after": total.after, "saved": total.saved}
    return text("console.chart_described", **{name: f"{value:.1f}" for name, value in values.items()})


def _times(found: Report) -> int:
    return 60 if found.total.before < SMALL_HOURS else 1


def _unit(found: Report) -> str:
    return text("console.axis_minutes" if _times(found) > 1 else "scheduler.axis_hours")


def _same_year(found: Report, ahead: Forecast) -> bool:
    years = {fiscal_year(entry.worked_on) for entry in found.entries}
    first, _ = fiscal_year_days(ahead.year)
    return years == {ahead.year} and found.first is not None and found.first <= first


def _months_of(year: int, seen: Sequence[str]) -> list[str]:
    """Return the months seen and those that follow until March."""
    all_months = [f"{year + (month > 12)}-{(month - 1) % 12 + 1:02}" for month in range(4, 16)]
    return [*seen, *(month for month in all_months if month > seen[-1])]
