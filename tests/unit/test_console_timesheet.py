"""The sheet of seconds: a page gets what passed since its last answer, less what others booked in that very time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.web.timesheet import Timesheet

MORNING = datetime(2026, 4, 1, 9, tzinfo=UTC)


def take(sheet: Timesheet, asked: float, since: float, now: float) -> float:
    """Ask for seconds as a page does; moments are seconds after nine."""
    return sheet.take("sato", asked, MORNING + timedelta(seconds=since), MORNING + timedelta(seconds=now))


def test_seconds_booked_just_after_a_page_opened_take_nothing_from_it_but_the_overlap() -> None:
    sheet = Timesheet()
    assert take(sheet, 60, 0, 60.05) == 60
    assert take(sheet, 40, 60, 101) == 40


def test_of_seconds_that_lie_partly_before_only_the_part_since_then_is_taken_off() -> None:
    sheet = Timesheet()
    assert take(sheet, 60, 0, 60) == 60
    assert take(sheet, 100, 50, 100) == 40


def test_the_same_time_counts_once_for_two_windows_and_for_an_answer_that_was_lost() -> None:
    sheet = Timesheet()
    assert take(sheet, 590, 0, 600) == 590
    assert take(sheet, 590, 0, 600) == 10
    assert take(sheet, 590, 0, 600) == 0


def test_seconds_of_an_act_that_failed_may_be_taken_again() -> None:
    sheet, later = Timesheet(), MORNING + timedelta(seconds=60)
    with pytest.raises(KeyError), sheet.taken("sato", 60, MORNING, later) as seconds:
        assert seconds == 60
        raise KeyError
    with sheet.taken("sato", 60, MORNING, later) as seconds:
        assert seconds == 60
    assert take(sheet, 60, 0, 60) == 0
