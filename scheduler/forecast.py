"""What the fiscal year will have saved by its end, if every open day saves as much as the open days so far did.

The method is the plainest there is, the mean method (Hyndman and Athanasopoulos, Forecasting: Principles and Practice,
3rd edition, section 5.2): every day to come is expected to equal the average of the days seen. The interval is that of
section 5.5 (1.28 standard deviations hold 80 %), summed over the h days left with T days seen: the days differ by
s·√h, and the average itself is uncertain by s·h/√T, together s·√(h·(1 + h/T)). It supposes that days do not depend on
each other. Seasons (the tax slips of January, the moves of March) are not foreseen, and the report says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from backoffice.calendar import OfficeCalendar
from backoffice.japanese.fiscal_year import fiscal_year_days, fiscal_year_name
from backoffice.messages import current_language, text
from scheduler.savings import TimeEntry

OPEN_DAYS_NEEDED = 20
"""Below this nothing is foretold: about one month of open days, so that monthly work was seen once."""
SPREAD = 1.28
"""Standard deviations that hold 80 % of a normal distribution (table 5.1 of the book named above)."""
_ONE_DAY = timedelta(days=1)


class Standing(StrEnum):
    """What can be said of a year's end."""

    FORECAST = "forecast"
    NOT_ENOUGH = "not_enough"
    FINAL = "final"


@dataclass(frozen=True)
class Forecast:
    """What a fiscal year saves until its last day; hours.

    Attributes:
        year: The fiscal year.
        standing: A forecast, not enough days yet, or the year is over and `so_far` is final.
        until: The last day that was seen to its end.
        so_far: Saved until then.
        days_seen: Open days since the first entry (or the first day of the year).
        days_left: Open days after `until`.
        per_day: Average of an open day; None when no day was seen.
        expected: so_far + per_day × days_left; None unless `standing` is FORECAST.
        low: Lower end of the 80 % interval.
        high: Its upper end.
    """

    year: int
    standing: Standing
    until: date
    so_far: float
    days_seen: int
    days_left: int
    per_day: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs; hours are rounded to three decimals."""
        hours = ("so_far", "per_day", "expected", "low", "high")
        told = {name: getattr(self, name) for name in hours}
        return {
            "fiscal_year": self.year,
            "standing": self.standing.value,
            "until": self.until.isoformat(),
            **{name: None if value is None else round(value, 3) for name, value in told.items()},
            "open_days_seen": self.days_seen,
            "open_days_left": self.days_left,
            "open_days_needed": OPEN_DAYS_NEEDED,
            "method": "mean of open days, 80 % interval (FPP3 5.2, 5.5)",
        }


def forecast(entries: Sequence[TimeEntry], year: int, today: date, calendar: OfficeCalendar) -> Forecast:
    """Foretell what a fiscal year saves.

    Args:
        entries: All entries of the account; those of other years only say since when there is an account.
        year: The fiscal year.
        today: The present day; it is not over, so it counts among the days left.
        calendar: Which days are open. What ran on a closed day counts to the open day before it.
    """
    first, last = fiscal_year_days(year)
    until = min(today - _ONE_DAY, last)
    mine = [entry for entry in entries if first <= entry.worked_on <= until]
    so_far = sum(entry.saved_minutes for entry in mine) / 60
    began = min((entry.worked_on for entry in entries), default=until + _ONE_DAY)
    days = _per_open_day(mine, calendar.open_days(max(began, first), until))
    left = len(calendar.open_days(max(until + _ONE_DAY, first), last))
    if until == last:
        return Forecast(year, Standing.FINAL, until, so_far, len(days), 0, fmean(days) if days else None)
    if len(days) < OPEN_DAYS_NEEDED:
        return Forecast(year, Standing.NOT_ENOUGH, until, so_far, len(days), left)
    mean, spread = fmean(days), SPREAD * stdev(days) * sqrt(left * (1 + left / len(days)))
    expected = so_far + mean * left
    return Forecast(
        year, Standing.FORECAST, until, so_far, len(days), left, mean, expected, expected - spread, expected + spread
    )  # fmt: skip


def forecast_in_words(found: Forecast | None, language: str | None = None) -> list[str]:
    """Say what is foretold, by which method, or why nothing is."""
    if found is None:
        return []
    values: dict[str, object] = {
        "year": fiscal_year_name(found.year) if (language or current_language()) == "ja" else found.year,
        "until": found.until.isoformat(),
        "so_far": f"{found.so_far:,.1f}",
    }
    values |= {"seen": found.days_seen, "left": found.days_left, "needed": OPEN_DAYS_NEEDED}
    if found.standing is Standing.FINAL:
        return [text("scheduler.forecast_final", language=language, **values)]
    if found.standing is Standing.NOT_ENOUGH or found.expected is None:
        return [text("scheduler.forecast_not_enough", language=language, **values)]
    values |= {"expected": f"{found.expected:,.1f}", "low": f"{found.low:,.1f}", "high": f"{found.high:,.1f}"}
    values |= {"per_day": f"{found.per_day:,.2f}"}
    names = ("forecast_expected", "forecast_method")
    return [text(f"scheduler.{name}", language=language, **values) for name in names]


def _per_open_day(entries: Sequence[TimeEntry], days: Sequence[date]) -> list[float]:
    """Return the hours saved on each open day; what lies before the first one counts to it."""
    saved = dict.fromkeys(days, 0.0)
    for entry in entries if days else ():
        earlier = [day for day in days if day <= entry.worked_on]
        saved[earlier[-1] if earlier else days[0]] += entry.saved_minutes / 60
    return list(saved.values())
