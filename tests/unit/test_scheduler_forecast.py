"""What a fiscal year will have saved, checked with a pocket calculator, and the baselines behind it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import Any

import pytest

from backoffice.calendar import OfficeCalendar
from scheduler.baselines import baselines
from scheduler.forecast import Forecast, Standing, forecast, forecast_in_words
from scheduler.job import Job
from scheduler.savings import TimeEntry, told_basis

CALENDAR = OfficeCalendar()
APRIL = date(2026, 4, 1)


def entry(day: date, saved: float, job: str = "a", basis: dict[str, Any] | None = None) -> TimeEntry:
    now = datetime(2026, 10, 1, tzinfo=UTC)
    return TimeEntry(
        f"{job}{day}",
        job,
        "nouzei",
        "口座",
        day,
        10,
        4,
        saved,
        0,
        0,
        0,
        saved,
        60,
        basis or {"assumption": True},
        now,
    )


def open_days(first: date, count: int) -> Iterator[date]:
    day = first
    for _ in range(count):
        while not CALENDAR.is_open(day):
            day += timedelta(days=1)
        yield day
        day += timedelta(days=1)


def test_the_days_left_are_expected_to_save_what_the_days_seen_did() -> None:
    """20 open days of April: ten of 60 minutes, ten of 120. 1.5 h a day; 241 open days in the year, 221 left."""
    days = list(open_days(APRIL, 20))
    entries = [entry(day, 60 if n % 2 else 120) for n, day in enumerate(days)]
    found = forecast(entries, 2026, days[-1] + timedelta(days=1), CALENDAR)
    assert (found.standing, found.until, found.days_seen, found.days_left) == (
        Standing.FORECAST, date(2026, 4, 28), 20, 221
    )  # fmt: skip
    assert (found.so_far, found.per_day, found.expected) == (30.0, 1.5, 30.0 + 1.5 * 221)
    s = sqrt(20 * 0.25 / 19)  # half an hour off the mean, every day
    half = 1.28 * s * sqrt(221 * (1 + 221 / 20))
    assert found.low == pytest.approx(361.5 - half)
    assert found.high == pytest.approx(361.5 + half)


def test_a_month_of_open_days_is_needed_and_said_to_be() -> None:
    days = list(open_days(APRIL, 19))
    found = forecast([entry(day, 60) for day in days], 2026, days[-1] + timedelta(days=1), CALENDAR)
    assert (found.standing, found.expected, found.days_seen) == (Standing.NOT_ENOUGH, None, 19)
    assert forecast_in_words(found, "ja") == [
        "令和8年度末の見込み: データが足りません(開庁日 19 日分。20 日分そろうと計算します)。"
        "2026-04-27 までの実績 19.0 時間、残りの開庁日 222 日。"
    ]


def test_open_days_on_which_nothing_ran_count_as_nothing_saved() -> None:
    found = forecast([entry(APRIL, 600)], 2026, date(2026, 6, 1), CALENDAR)
    assert (found.days_seen, found.so_far) == (39, 10.0)
    assert found.per_day == pytest.approx(10 / 39)


def test_a_run_on_a_closed_day_counts_to_the_open_day_before_it() -> None:
    friday, saturday = date(2026, 4, 3), date(2026, 4, 4)
    days = list(open_days(APRIL, 20))
    one = forecast(
        [*(entry(d, 60) for d in days), entry(saturday, 30, "b")], 2026, date(2026, 5, 1), CALENDAR
    )
    two = forecast([*(entry(d, 60) for d in days), entry(friday, 30, "b")], 2026, date(2026, 5, 1), CALENDAR)
    assert (one.expected, one.low) == (two.expected, two.low)


def test_a_year_that_is_over_is_final_and_needs_no_forecast() -> None:
    found = forecast([entry(APRIL, 60)], 2026, date(2027, 4, 1), CALENDAR)
    assert (found.standing, found.so_far, found.days_left) == (Standing.FINAL, 1.0, 0)
    assert forecast_in_words(found, "en") == ["Fiscal year 2026 is over: 1.0 h saved, final."]


def test_the_day_that_is_not_over_counts_among_those_left() -> None:
    days = list(open_days(APRIL, 21))
    found = forecast([entry(day, 60) for day in days], 2026, days[-1], CALENDAR)
    assert (found.so_far, found.days_seen, found.days_left) == (20.0, 20, 221)
    assert found.expected == 241.0


def test_a_forecast_without_any_entry_says_that_it_cannot() -> None:
    found = forecast([], 2026, date(2026, 9, 1), CALENDAR)
    assert (found.standing, found.days_seen, found.per_day) == (Standing.NOT_ENOUGH, 0, None)
    assert isinstance(found, Forecast) and found.as_json()["expected"] is None
    assert forecast_in_words(None) == []


def job(minutes: float, measured_on: str) -> Job:
    told = {"business": "口座", "process": "k", "manual_minutes_per_item": minutes, "measured_by": "納税課"}
    told |= {"measured_on": measured_on, "sample_size": 20}
    return Job.model_validate(
        {"job": "a", "title": "a", "department": "nouzei", "run": "r", "time_saved": told}
    )


def test_a_new_baseline_begins_a_new_line_and_leaves_the_old_one_as_it_was() -> None:
    old, new = job(4, "2026-03-02"), job(3, "2026-09-01")
    assert old.time_saved is not None
    booked = [entry(day, 60, basis=told_basis(old.time_saved)) for day in (APRIL, date(2026, 4, 8))]
    before, after = baselines(booked, {"a": new})
    assert (before.minutes_per_item, before.first, before.last, before.runs) == (
        4,
        APRIL,
        date(2026, 4, 8),
        2,
    )
    assert (before.basis["measured_on"], before.in_force) == ("2026-03-02", False)
    assert (after.minutes_per_item, after.first, after.runs, after.in_force) == (3, None, 0, True)
    [only] = baselines(booked, {"a": old})
    assert (only.in_force, only.items) == (True, 20)
