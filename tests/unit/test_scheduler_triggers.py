"""When jobs are due, asserted against the real calendar of fiscal year 2026 (holidays, year end, leap years)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backoffice.calendar import OfficeCalendar
from backoffice.clock import TOKYO
from scheduler.cron import parse_cron
from scheduler.days import DaysUnknown, parse_days
from scheduler.job import Trigger
from scheduler.times import TimeUnreadable, parse_clock, parse_every, parse_window, times_of_every
from scheduler.triggers import Timetable, slot_name, timed_rules

CALENDAR = OfficeCalendar()


def table(zone: ZoneInfo = TOKYO, **trigger: object) -> Timetable:
    return Timetable(timed_rules([Trigger.model_validate(trigger)]), CALENDAR, zone)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def days_due(days: str, first: str, last: str) -> list[str]:
    after, until = local(f"{first}T00:00"), local(f"{last}T23:59")
    return [f"{slot:%m-%d}" for slot in table(at="18:00", days=days).slots(after, until)]


@pytest.mark.parametrize(
    ("after", "following"),
    [
        ("2026-04-01T08:00", "2026-04-01T18:00"),
        ("2026-04-01T18:00", "2026-04-02T18:00"),  # a slot never follows itself
        ("2026-04-03T18:00", "2026-04-06T18:00"),  # over a weekend
        ("2026-05-01T18:00", "2026-05-07T18:00"),  # 憲法記念日 on a Sunday, moved to 6 May
        ("2026-09-18T18:00", "2026-09-24T18:00"),  # 敬老の日, 国民の休日, 秋分の日
        ("2026-12-28T18:00", "2027-01-04T18:00"),  # 年末年始
    ],
)
def test_a_job_of_open_days_skips_every_closed_day(after: str, following: str) -> None:
    assert table(at="18:00", days="開庁日").next_slot(local(after)) == local(following)


@pytest.mark.parametrize(
    ("days", "first", "last", "due"),
    [
        ("毎日", "2028-02-27", "2028-03-01", ["02-27", "02-28", "02-29", "03-01"]),
        (
            "閉庁日",
            "2026-12-25",
            "2027-01-05",
            ["12-26", "12-27", "12-29", "12-30", "12-31", "01-01", "01-02", "01-03"],
        ),
        ("月・水・金", "2026-05-04", "2026-05-10", ["05-04", "05-06", "05-08"]),
        ("土曜日", "2026-05-01", "2026-05-10", ["05-02", "05-09"]),
        ("mon, Friday", "2026-05-04", "2026-05-10", ["05-04", "05-08"]),
        ("日", "2026-05-01", "2026-05-10", ["05-03", "05-10"]),
        ("月初開庁日", "2026-04-01", "2026-06-30", ["04-01", "05-01", "06-01"]),
        ("月末開庁日", "2026-10-01", "2027-01-31", ["10-30", "11-30", "12-28", "01-29"]),
        ("第3開庁日", "2026-12-01", "2027-01-31", ["12-03", "01-06"]),
    ],
)
def test_the_words_of_the_office_pick_these_days(days: str, first: str, last: str, due: list[str]) -> None:
    assert days_due(days, first, last) == due


def test_a_fiscal_year_has_as_many_slots_as_open_days() -> None:
    slots = list(table(at="18:00", days="開庁日").slots(local("2026-04-01T00:00"), local("2027-03-31T23:59")))
    assert len(slots) == len(CALENDAR.open_days(date(2026, 4, 1), date(2027, 3, 31))) == 241
    assert all(CALENDAR.is_open(slot.date()) for slot in slots)


@pytest.mark.parametrize("word", ["開庁", "月火", "第0開庁日", "第24開庁日", "", "sunny-ish day", "毎週"])
def test_other_words_for_days_are_refused(word: str) -> None:
    with pytest.raises(DaysUnknown):
        parse_days(word)


@pytest.mark.parametrize(
    ("line", "after", "following"),
    [
        ("30 8 * * 1-5", "2026-04-03T09:00", "2026-04-06T08:30"),
        ("0 0 * * 0", "2026-04-01T00:00", "2026-04-05T00:00"),  # cron's 0 is Sunday
        ("0 0 * * 7", "2026-04-01T00:00", "2026-04-05T00:00"),
        ("0 0 * * sun", "2026-04-01T00:00", "2026-04-05T00:00"),
        ("*/20 9-10 * * *", "2026-04-01T09:40", "2026-04-01T10:00"),
        ("0 3 29 2 *", "2026-04-01T00:00", "2028-02-29T03:00"),
        ("0 0 13 * fri", "2026-04-03T00:00", "2026-04-10T00:00"),  # the 13th or a Friday
        ("0 0 */10 * mon", "2026-04-01T00:00", "2026-05-11T00:00"),  # both: the day field begins with a star
        ("5/30 12 * jan *", "2026-04-01T00:00", "2027-01-01T12:05"),
    ],
)
def test_cron_means_what_cron_means(line: str, after: str, following: str) -> None:
    assert table(cron=line).next_slot(local(after)) == local(following)


@pytest.mark.parametrize(
    "line",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
     "*/0 * * * *", "*-5 * * * *", "a * * * *", "* * * * mond", "1,,2 * * * *"],
)  # fmt: skip
def test_other_cron_lines_are_refused(line: str) -> None:
    with pytest.raises(TimeUnreadable):
        parse_cron(line)


def test_a_day_that_never_comes_has_no_next_slot() -> None:
    assert table(cron="0 0 30 2 *").next_slot(local("2026-04-01T00:00")) is None


def test_an_interval_is_counted_from_midnight() -> None:
    every = table(every="7時間", days="毎日")
    slots = every.slots(local("2026-04-01T00:00"), local("2026-04-02T08:00"))
    assert [f"{slot:%d %H:%M}" for slot in slots] == [
        "01 07:00",
        "01 14:00",
        "01 21:00",
        "02 00:00",
        "02 07:00",
    ]
    assert times_of_every(720) == (time(0), time(12))


@pytest.mark.parametrize(
    ("text", "minutes"), [("30分", 30), ("2 時間", 120), ("45 minutes", 45), ("24h", 1440), ("1m", 1)]
)
def test_intervals_are_read_in_two_languages(text: str, minutes: int) -> None:
    assert parse_every(text) == minutes


@pytest.mark.parametrize("text", ["0分", "25時間", "30", "分", "-5分"])
def test_other_intervals_are_refused(text: str) -> None:
    with pytest.raises(TimeUnreadable):
        parse_every(text)


@pytest.mark.parametrize("text", ["24:00", "12:60", "12", "１２:００x", "12:0", ""])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(TimeUnreadable):
        parse_clock(text)


def test_the_previous_slot_looks_back_over_closed_days() -> None:
    evening = table(at="18:00", days="開庁日")
    assert evening.previous_slot(local("2027-01-04T12:00")) == local("2026-12-28T18:00")
    assert evening.previous_slot(local("2026-12-28T18:00")) == local("2026-12-28T18:00")
    assert evening.previous_slot(local("2027-01-02T12:00"), days=3) is None


def test_a_time_that_two_triggers_name_is_due_once() -> None:
    triggers = [Trigger(at=("18:00",), days="毎日"), Trigger(cron="0 18 * * *")]
    both = Timetable(timed_rules(triggers), CALENDAR, TOKYO)
    assert both.slots_of(date(2026, 4, 1)) == [local("2026-04-01T18:00")]


def test_a_slot_has_the_same_name_in_every_zone() -> None:
    slot = local("2026-04-01T18:00")
    assert slot_name(slot) == slot_name(slot.astimezone(UTC)) == "2026-04-01T09:00:00+00:00"


def test_a_zone_with_summer_time_neither_loses_nor_doubles_a_slot() -> None:
    berlin = table(ZoneInfo("Europe/Berlin"), at="02:30", days="毎日")
    start = datetime(2026, 3, 27, tzinfo=UTC)
    spring = list(berlin.slots(start, start + timedelta(days=4)))
    assert [f"{slot:%d %H:%M}" for slot in spring] == ["27 02:30", "28 02:30", "29 03:30", "30 02:30"]
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert len(list(berlin.slots(start, start + timedelta(days=2)))) == 2


@pytest.mark.parametrize(
    ("window", "moment", "inside"),
    [
        ("08:00-18:00", "08:00", True),
        ("08:00-18:00", "18:00", False),
        ("22:00-06:00", "23:30", True),
        ("22:00〜06:00", "05:59", True),
        ("22:00-06:00", "12:00", False),
    ],
)
def test_a_window_may_reach_over_midnight(window: str, moment: str, inside: bool) -> None:
    assert parse_window(window).holds(parse_clock(moment)) is inside


def test_a_window_knows_when_it_closes() -> None:
    night = parse_window("22:00-06:00")
    assert night.closes(local("2026-04-01T23:00")) == local("2026-04-02T06:00")
    assert night.closes(local("2026-04-02T05:00")) == local("2026-04-02T06:00")
    with pytest.raises(ValueError, match="outside"):
        night.closes(local("2026-04-02T12:00"))
