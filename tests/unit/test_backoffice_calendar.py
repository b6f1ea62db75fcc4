from datetime import date, timedelta

import pytest

from backoffice.calendar import Closed, OfficeCalendar, YearEnd, holiday_name, month_end, tax_deadline
from backoffice.errors import SettingsError
from backoffice.settings import CalendarSettings

TOWN = OfficeCalendar()


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 4, 1), None),
        (date(2026, 4, 4), Closed.SATURDAY),
        (date(2026, 4, 5), Closed.SUNDAY),
        (date(2026, 4, 29), Closed.HOLIDAY),
        (date(2026, 5, 6), Closed.HOLIDAY),  # 振替休日: 3 May 2026 is a Sunday
        (date(2026, 9, 22), Closed.HOLIDAY),  # 国民の休日 between two holidays
        (date(2019, 4, 30), Closed.HOLIDAY),  # the ten days of the change of era
        (date(2019, 5, 2), Closed.HOLIDAY),
        (date(2021, 7, 23), Closed.HOLIDAY),  # moved by the Olympic act
        (date(2021, 10, 11), None),
        (date(2026, 12, 28), None),
        (date(2026, 12, 29), Closed.YEAR_END),
        (date(2026, 12, 31), Closed.YEAR_END),
        (date(2027, 1, 1), Closed.YEAR_END),
        (date(2027, 1, 3), Closed.YEAR_END),
        (date(2027, 1, 4), None),
    ],
)
def test_knows_why_a_day_is_closed(day: date, why: Closed | None) -> None:
    assert TOWN.why_closed(day) == why
    assert TOWN.is_open(day) is (why is None)


def test_the_turn_of_the_year_follows_the_ordinance() -> None:
    long = OfficeCalendar(year_end=YearEnd.parse("12-28", "01-04"))
    assert not long.is_open(date(2026, 12, 28)) and not long.is_open(date(2027, 1, 4))
    none = OfficeCalendar(year_end=None)
    assert none.is_open(date(2026, 12, 29)) and none.why_closed(date(2027, 1, 1)) == Closed.HOLIDAY


@pytest.mark.parametrize(
    ("first", "last"),
    [("01-03", "12-29"), ("12-29", "12-31"), ("13-01", "01-03"), ("12-29", "1月3日"), ("", "01-03")],
)
def test_refuses_a_turn_of_the_year_that_makes_no_sense(first: str, last: str) -> None:
    with pytest.raises(SettingsError, match="year_end"):
        YearEnd.parse(first, last)


def test_the_towns_own_days_win() -> None:
    town = OfficeCalendar(
        closed=frozenset({date(2026, 7, 15)}), open=frozenset({date(2026, 3, 29), date(2026, 12, 29)})
    )
    assert town.why_closed(date(2026, 7, 15)) == Closed.TOWN
    assert town.is_open(date(2026, 3, 29)) and town.is_open(date(2026, 12, 29))
    assert not town.is_open(date(2026, 12, 30))


def test_refuses_a_day_both_open_and_closed() -> None:
    day = frozenset({date(2026, 7, 15)})
    with pytest.raises(SettingsError) as refused:
        OfficeCalendar(closed=day, open=day)
    assert refused.value.parts("ja").what == "2026-07-15 が開庁日と閉庁日の両方にあります。"


def test_walks_over_the_turn_of_the_year() -> None:
    assert TOWN.next_open(date(2026, 12, 28)) == date(2027, 1, 4)
    assert TOWN.previous_open(date(2027, 1, 4)) == date(2026, 12, 28)
    assert TOWN.add_open_days(date(2026, 12, 25), 2) == date(2027, 1, 4)
    assert TOWN.add_open_days(date(2027, 1, 4), -1) == date(2026, 12, 28)
    assert TOWN.add_open_days(date(2026, 4, 4), 0) == date(2026, 4, 4)


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, date(2026, 5, 1)),
        (2, date(2026, 5, 7)),
        (-1, date(2026, 5, 29)),
        (18, date(2026, 5, 29)),
        (19, None),
        (-19, None),
    ],
)
def test_counts_the_open_days_of_a_month_from_either_end(n: int, expected: date | None) -> None:
    assert TOWN.nth_open_day(2026, 5, n) == expected


def test_there_is_no_zeroth_open_day() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        TOWN.nth_open_day(2026, 5, 0)


@pytest.mark.parametrize(
    ("year", "month", "last_open", "last"),
    [
        (2026, 2, date(2026, 2, 27), date(2026, 2, 28)),
        (2024, 2, date(2024, 2, 29), date(2024, 2, 29)),
        (2026, 12, date(2026, 12, 28), date(2026, 12, 31)),
        (2026, 4, date(2026, 4, 30), date(2026, 4, 30)),
    ],
)
def test_tells_the_end_of_a_month_from_its_last_open_day(
    year: int, month: int, last_open: date, last: date
) -> None:
    assert TOWN.last_open_day(year, month) == last_open
    assert month_end(year, month) == last


def test_lists_open_days_with_both_ends() -> None:
    assert TOWN.open_days(date(2026, 5, 1), date(2026, 5, 7)) == [date(2026, 5, 1), date(2026, 5, 7)]
    assert TOWN.open_days(date(2026, 5, 7), date(2026, 5, 1)) == []


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2026, 6, 30), date(2026, 6, 30)),
        (date(2026, 5, 31), date(2026, 6, 1)),  # Sunday
        (date(2026, 12, 25), date(2026, 12, 25)),
        (date(2026, 12, 31), date(2027, 1, 4)),
        (date(2026, 5, 3), date(2026, 5, 7)),
    ],
)
def test_a_deadline_on_a_closed_day_moves_to_the_next_open_day(day: date, moved: date) -> None:
    assert TOWN.deadline(day) == moved
    assert tax_deadline(day) == moved


def test_tax_deadlines_do_not_follow_the_towns_own_days() -> None:
    town = OfficeCalendar(closed=frozenset({date(2026, 6, 30)}), open=frozenset({date(2026, 5, 31)}))
    assert town.deadline(date(2026, 6, 30)) == date(2026, 7, 1)
    assert tax_deadline(date(2026, 6, 30)) == date(2026, 6, 30)
    assert tax_deadline(date(2026, 5, 31)) == date(2026, 6, 1)


def test_says_so_when_no_day_is_ever_open() -> None:
    every = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(500))
    with pytest.raises(SettingsError, match="400 日探しても開庁日がありません"):
        OfficeCalendar(closed=every).next_open(date(2026, 1, 1))


def test_names_the_holidays() -> None:
    assert holiday_name(date(2026, 2, 23)) == "天皇誕生日"
    assert holiday_name(date(2026, 5, 6)) is not None
    assert holiday_name(date(2026, 2, 24)) is None


def test_a_sunday_that_the_town_opens_stays_a_holiday_for_deadlines() -> None:
    town = OfficeCalendar(open=frozenset({date(2026, 3, 29)}))
    assert town.is_open(date(2026, 3, 29))
    assert town.deadline(date(2026, 3, 28)) == town.deadline(date(2026, 3, 29)) == date(2026, 3, 30)


def test_is_built_from_the_settings() -> None:
    settings = CalendarSettings(
        year_end=("12-28", "01-04"), closed=(date(2026, 7, 15),), open=(date(2026, 3, 29),)
    )
    town = OfficeCalendar.from_settings(settings)
    assert town.year_end == YearEnd((12, 28), (1, 4))
    assert not town.is_open(date(2026, 7, 15)) and town.is_open(date(2026, 3, 29))
    assert OfficeCalendar.from_settings(CalendarSettings()) == OfficeCalendar()
