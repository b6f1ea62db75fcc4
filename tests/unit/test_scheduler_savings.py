"""The account of time saved, checked by hand; what a run booked is never booked again."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.runs import Run, RunState
from scheduler.job import Job
from scheduler.reports import MonthUnreadable, as_json, basis_in_words, cumulative, period, report
from scheduler.savings import TimeLedger, book_run

NIGHT = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)  # 00:30 on 1 April in Tokyo
MEASURED = {"measured_by": "納税課", "measured_on": "2026-03-02", "sample_size": 20}


@pytest.fixture
def savings(tmp_path: Path) -> TimeLedger:
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(database)
    return TimeLedger(database, clock=lambda: NIGHT)


def job(name: str, business: str, minutes: float, preparation: float = 0, department: str = "nouzei") -> Job:
    basis = {"business": business, "process": name, "manual_minutes_per_item": minutes}
    saved = {**basis, "preparation_minutes_per_run": preparation, **MEASURED}
    return Job.model_validate(
        {"job": name, "title": name, "department": department, "run": "r", "time_saved": saved}
    )


def run(run_id: str, started: datetime = NIGHT, **counts: int) -> Run:
    return Run(
        run_id, "a", "run", "s", "schedule", RunState.DONE, "", counts, "pc", 1, "", "", started,
        started.replace(minute=59),
    )  # fmt: skip


def test_saved_is_manual_minus_people_minus_preparation_minus_rework(savings: TimeLedger) -> None:
    entry = savings.book(
        run("1"),
        job("a", "口座", 4, 5),
        items_done=30,
        people_seconds=900,
        machine_seconds=600,
        rework_seconds=120,
    )
    assert entry is not None
    assert (entry.manual_minutes, entry.people_minutes) == (120.0, 15.0)
    assert (entry.preparation_minutes, entry.rework_minutes) == (5.0, 2.0)
    assert entry.saved_minutes == 120 - 15 - 5 - 2 == 98
    assert (entry.machine_seconds, entry.worked_on) == (600.0, date(2026, 4, 1))
    assert entry.basis["sample_size"] == 20


def test_a_saving_may_be_negative(savings: TimeLedger) -> None:
    """The tax receipts of FACTS.md: 1.6 h by hand, 16.2 h when every value is checked by eye."""
    entry = savings.book(
        run("1"), job("a", "収納", 0.96), items_done=100, people_seconds=16.2 * 3600, machine_seconds=1
    )
    assert entry is not None
    assert entry.saved_minutes == pytest.approx(-14.6 * 60)


def test_the_first_booking_of_a_run_stands(savings: TimeLedger) -> None:
    first = savings.book(run("1"), job("a", "口座", 4), items_done=3, people_seconds=0, machine_seconds=1)
    again = savings.book(run("1"), job("a", "口座", 99), items_done=9, people_seconds=9, machine_seconds=9)
    assert first == again
    assert len(savings.entries()) == 1


def test_an_idle_run_books_nothing_and_review_without_items_is_booked(savings: TimeLedger) -> None:
    idle = savings.book(run("1"), job("a", "口座", 4, 5), items_done=0, people_seconds=0, machine_seconds=9)
    assert idle is None
    spent = savings.book(run("2"), job("a", "口座", 4), items_done=0, people_seconds=60, machine_seconds=9)
    assert spent is not None
    assert spent.saved_minutes == -1


def test_a_run_is_booked_from_its_own_row(savings: TimeLedger) -> None:
    asked: list[tuple[str, str]] = []

    def review_seconds(process: str, run_id: str) -> float:
        asked.append((process, run_id))
        return 30.0

    entry = book_run(savings, review_seconds, run("7", items_done=2), job("a", "口座", 4))
    assert entry is not None
    assert (asked, entry.items_done, entry.saved_minutes) == ([("a", "7")], 2, 7.5)
    assert entry.machine_seconds == 29 * 60


def test_a_run_that_is_booked_takes_no_further_review_seconds(savings: TimeLedger) -> None:
    taken: list[str] = []

    def review_seconds(process: str, run_id: str) -> float:
        taken.append(run_id)
        return 30.0

    first = book_run(savings, review_seconds, run("7", items_done=2), job("a", "口座", 4))
    again = book_run(savings, review_seconds, run("7", items_done=2), job("a", "口座", 4))
    assert (again, taken) == (first, ["7"])


def test_rework_is_an_entry_of_its_own_that_changes_nothing_booked(savings: TimeLedger) -> None:
    what = job("a", "口座", 4, 5)
    first = savings.book(run("1"), what, items_done=30, people_seconds=0, machine_seconds=1)
    noted = savings.note_rework(what, seconds=1800, day=date(2026, 4, 2), who="sato", why="誤登録の訂正")
    assert noted is not None
    assert (noted.rework_minutes, noted.saved_minutes, noted.items_done) == (30.0, -30.0, 0)
    assert noted.basis["noted"] == {"who": "sato", "why": "誤登録の訂正"}
    assert savings.entries() == [first, noted]
    total = report(savings.entries()).total
    assert (total.saved, total.rework, total.preparation) == pytest.approx((115 / 60 - 0.5, 0.5, 5 / 60))


def test_a_report_can_be_read_by_job_form_and_cumulated_month(year: TimeLedger) -> None:
    found = report(year.entries(), forms={"a": "口座振替依頼書"})
    assert [(line.name, line.sums.items) for line in found.lines("form")] == [
        ("口座振替依頼書", 90),
        ("", 160),
    ]
    assert [line.name for line in found.lines("job")] == ["a", "b", "c"]
    assert cumulative(found.months) == pytest.approx([1 + 2 / 3, 9.5, 9.5, 9.5, -5.1])
    assert found.businesses[0].measured_on == ("2026-03-02",)


def book(savings: TimeLedger, number: int, day: str, what: Job, items: int, review_minutes: float) -> None:
    started = datetime.fromisoformat(f"{day}T12:00:00+09:00")
    savings.book(
        run(str(number), started),
        what,
        items_done=items,
        people_seconds=review_minutes * 60,
        machine_seconds=1800,
    )


@pytest.fixture
def year(savings: TimeLedger) -> TimeLedger:
    """口座 90 × 4 min = 6 h, review 1 h; 異動 60 × 5 = 5 h, review 0.5 h; 収納 100 × 0.96 = 1.6 h, review 16.2 h."""
    kouza, idou = job("a", "口座", 4), job("b", "異動", 5, department="shiminzei")
    book(savings, 1, "2026-03-30", kouza, 30, 20)
    book(savings, 2, "2026-04-01", kouza, 60, 40)
    book(savings, 3, "2026-04-20", idou, 60, 30)
    book(savings, 4, "2026-07-01", job("c", "収納", 0.96), 100, 972)
    return savings


def test_a_report_adds_up_to_what_a_pocket_calculator_says(year: TimeLedger) -> None:
    found = report(year.entries())
    total = found.total
    assert (total.items, total.before, total.after) == (250, pytest.approx(12.6), pytest.approx(17.7))
    assert (total.saved, total.rate) == (pytest.approx(-5.1), pytest.approx(-5.1 / 12.6))
    assert total.machine == 2.0
    assert [(line.name, round(line.sums.saved, 6)) for line in found.businesses] == [
        ("口座", 5.0), ("異動", 4.5), ("収納", -14.6)
    ]  # fmt: skip
    assert [(line.name, line.sums.items) for line in found.years] == [("2025", 30), ("2026", 220)]
    assert [line.name for line in found.months] == ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]
    assert [line.sums.items for line in found.months] == [30, 120, 0, 0, 100]
    assert [line.name for line in found.departments] == ["shiminzei", "nouzei"]


def test_a_report_covers_the_days_asked_for_and_no_others(year: TimeLedger) -> None:
    first, last = period("2026-04", "2026-06")
    found = report(year.entries(first, last), first, last)
    assert (found.first, found.last) == (date(2026, 4, 1), date(2026, 6, 30))
    assert (found.total.items, found.total.before) == (120, pytest.approx(9.0))
    assert [e.department for e in year.entries(departments=["shiminzei"])] == ["shiminzei"]


def test_every_figure_tells_its_basis(year: TimeLedger) -> None:
    [first, *_] = year.entries()
    assert basis_in_words(first, "ja") == "1 件 4 分(納税課、2026-03-02 測定、20 件)"
    assert report(year.entries(), language="en").businesses[0].bases == (
        "4 min each (納税課, measured 2026-03-02, n = 20)",
    )


def test_an_empty_report_is_empty_not_zero_percent() -> None:
    found = as_json(report([]))
    assert (found["entries"], found["businesses"], found["total"]["rate"]) == (0, [], None)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-13", "2026-12"), ("2026-04", "4月"), ("2026-05", "2026-04")]
)
def test_months_that_make_no_period_are_refused(first: str, last: str) -> None:
    with pytest.raises(MonthUnreadable):
        period(first, last)
