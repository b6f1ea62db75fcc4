"""A baseline entered on the page counts from its day on, is never overwritten, and changes no booking."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.database import open_database, upgrade
from backoffice.runs import Run, RunState
from scheduler.baseline_book import BaselineBook
from scheduler.baselines import baselines
from scheduler.job import Job, TimeSaved
from scheduler.savings import TimeLedger, book_run

FILE = TimeSaved(business="口座", process="kouza", manual_minutes_per_item=4, assumption=True)
MEASURED = FILE.model_copy(
    update={
        "manual_minutes_per_item": 3.5,
        "assumption": False,
        "measured_by": "納税課",
        "measured_on": date(2026, 5, 20),
        "sample_size": 20,
    }
)
JUNE = date(2026, 6, 1)


@pytest.fixture
def database(tmp_path: Path) -> sa.Engine:
    engine = open_database(f"sqlite:///{tmp_path}/h.db")
    upgrade(engine)
    return engine


@pytest.fixture
def book(database: sa.Engine) -> BaselineBook:
    return BaselineBook(database)


def job(basis: TimeSaved | None = FILE) -> Job:
    return Job(job="a", title="a", department="nouzei", read="nouzei", time_saved=basis)


def minutes(book: BaselineBook, day: date, basis: TimeSaved | None = FILE) -> float | None:
    found = book.in_force(job(basis), day)
    return found and found.manual_minutes_per_item


def test_the_file_counts_until_the_first_day_of_an_entry(book: BaselineBook) -> None:
    assert book.enter("a", JUNE, MEASURED, who="鈴木", why="測り直し", seen=0)
    assert [minutes(book, day) for day in (date(2026, 5, 31), JUNE, date(2027, 3, 31))] == [4, 3.5, 3.5]


def test_the_word_can_be_given_back_to_the_file(book: BaselineBook) -> None:
    book.enter("a", JUNE, MEASURED, who="鈴木", why="測り直し", seen=0)
    book.enter("a", date(2026, 7, 1), None, who="鈴木", why="ファイルに書いた", seen=1)
    assert [minutes(book, date(2026, month, 15)) for month in (5, 6, 7)] == [4, 3.5, 4]


def test_of_two_entries_for_one_day_the_later_one_counts_and_both_stay(book: BaselineBook) -> None:
    book.enter("a", JUNE, MEASURED, who="鈴木", why="測り直し", seen=0)
    book.enter("a", JUNE, FILE, who="佐藤", why="打ち間違い", seen=1)
    assert minutes(book, JUNE) == 4
    assert [(one.who, one.why, one.valid_from) for one in book.history("a")] == [
        ("鈴木", "測り直し", JUNE), ("佐藤", "打ち間違い", JUNE)
    ]  # fmt: skip


def test_who_did_not_see_the_newest_entry_adds_none(book: BaselineBook) -> None:
    book.enter("a", JUNE, MEASURED, who="鈴木", why="測り直し", seen=0)
    assert not book.enter("a", JUNE, FILE, who="佐藤", why="同時", seen=0)
    assert [one.who for one in book.history()] == ["鈴木"]


def test_a_job_whose_file_says_nothing_books_with_what_the_page_says(
    database: sa.Engine, book: BaselineBook
) -> None:
    savings = TimeLedger(database)
    bare = job(None)
    assert book_run(savings, lambda process, run: 0.0, ended("1", 5), bare) is None
    book.enter("a", JUNE, MEASURED, who="鈴木", why="初めて測った", seen=0)
    booked = book_run(savings, lambda process, run: 60.0 if process == "kouza" else 0.0, ended("2", 6), bare)
    assert booked is not None
    assert (booked.manual_minutes, booked.people_minutes, booked.saved_minutes) == (35, 1, 34)


def test_a_run_keeps_the_baseline_of_its_day(database: sa.Engine, book: BaselineBook) -> None:
    savings, declared = TimeLedger(database), job()
    book_run(savings, lambda process, run: 0.0, ended("1", 5), declared)
    book.enter("a", JUNE, MEASURED, who="鈴木", why="測り直し", seen=0)
    book_run(savings, lambda process, run: 0.0, ended("2", 6), declared)
    assert [entry.manual_minutes for entry in savings.entries()] == [40, 35]
    before, now = baselines(savings.entries(), {"a": declared}, {"a": MEASURED})
    assert (before.minutes_per_item, before.in_force) == (4, False)
    assert (now.minutes_per_item, now.in_force, now.basis["measured_by"]) == (3.5, True, "納税課")


def ended(name: str, month: int) -> Run:
    at = datetime(2026, month, 15, 3, tzinfo=UTC)
    counts = {"items_done": 10}
    return Run(name, "a", "read", "s", "schedule", RunState.DONE, "", counts, "pc", 1, "", "", at, at)
