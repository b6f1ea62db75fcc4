"""The calendar of coming runs says what is due when, and why a day has none."""

from datetime import date

from backoffice.calendar import Closed, OfficeCalendar
from backoffice.clock import TOKYO
from scheduler.agenda import Day, agenda
from scheduler.job import Job


def job(name: str, **more: object) -> Job:
    return Job.model_validate({"job": name, "title": name, "department": "d", "read": "d", **more})


def shown(day: Day) -> list[str]:
    return [f"{entry.at:%H:%M} {entry.job} {entry.what}" for entry in day.entries]


JOBS = [
    job("b", when={"at": ["18:00", "08:30"], "days": "開庁日"}),
    job("a", when=[{"at": "18:00", "days": "毎日"}, {"on_file": True}]),
    job("c", expects={"by": "10:00", "days": "毎月3日"}),
]


def test_days_are_told_in_order_with_their_runs_and_deadlines() -> None:
    days = agenda(JOBS, OfficeCalendar(), TOKYO, date(2028, 1, 3), 2)
    assert [(day.day.isoformat(), day.closed, day.holiday, shown(day)) for day in days] == [
        ("2028-01-03", Closed.YEAR_END, None, ["18:00 a run"]),
        (
            "2028-01-04",
            None,
            None,
            ["08:30 b run", "10:00 c deadline", "18:00 a run", "18:00 b run"],  # the 3rd moved to the 4th
        ),
    ]


def test_a_closed_day_says_why_and_a_holiday_its_name() -> None:
    days = agenda([], OfficeCalendar(), TOKYO, date(2026, 9, 19), 6)
    assert [(day.closed, day.holiday) for day in days] == [
        (Closed.SATURDAY, None),
        (Closed.SUNDAY, None),
        (Closed.HOLIDAY, "敬老の日"),
        (Closed.HOLIDAY, "国民の休日"),
        (Closed.HOLIDAY, "秋分の日"),
        (None, None),
    ]


def test_a_day_opened_by_the_town_keeps_the_name_of_its_holiday() -> None:
    [day] = agenda(JOBS, OfficeCalendar(open=frozenset({date(2026, 11, 3)})), TOKYO, date(2026, 11, 3), 1)
    assert (day.closed, day.holiday, len(day.entries)) == (None, "文化の日", 3)


def test_times_outside_of_the_window_are_not_shown() -> None:
    night = job("n", when={"every": "6時間", "days": "毎日"}, window="22:00-06:30")
    [day] = agenda([night], OfficeCalendar(), TOKYO, date(2026, 4, 1), 1)
    assert shown(day) == ["00:00 n run", "06:00 n run"]
