"""The same books on PostgreSQL: a real server of our own, several threads at a time."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import console_desk
import pytest
import sqlalchemy as sa

from backoffice.audit import AuditTrail
from backoffice.database import newest_shape, open_database, present_shape, upgrade
from backoffice.department_work import DepartmentWork, Owners, Page
from backoffice.ledger import Ledger
from backoffice.runs import RunBook, RunState
from backoffice.stop_requests import StopRequests
from backoffice.tables import metadata
from backoffice.work_items import LedgerConflict, State
from scheduler.job import Job
from scheduler.savings import TimeLedger


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[sa.Engine]:
    engine = open_database(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    upgrade(engine)
    yield engine
    engine.dispose()


def at_once(count: int, work: object) -> None:
    """Run a callable in some threads that start together; what it raises comes out here."""
    barrier, raised = threading.Barrier(count), list[BaseException]()

    def body(number: int) -> None:
        barrier.wait()
        try:
            work(number)  # type: ignore[operator]
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=body, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def test_migrations_build_every_table(engine: sa.Engine) -> None:
    assert set(metadata.tables) <= set(sa.inspect(engine).get_table_names())


def test_three_workers_claim_every_item_once(engine: sa.Engine) -> None:
    ledger = Ledger(engine)
    for number in range(60):
        ledger.put("kouza", f"{number:03}", {}, who="test", why="test")
    taken: list[tuple[int, str]] = []

    def work(number: int) -> None:
        while item := ledger.claim("kouza", run=f"run{number}", who="robot"):
            taken.append((number, item.key))
            ledger.move(item, State.DONE, who="robot", why="seen")

    at_once(3, work)
    assert Counter(key for _, key in taken) == {f"{number:03}": 1 for number in range(60)}
    assert ledger.counts("kouza")[State.DONE] == 60
    assert len({number for number, _ in taken}) == 3


def test_the_same_record_put_by_five_is_entered_once(engine: sa.Engine) -> None:
    ledger, created = Ledger(engine), list[bool]()

    def work(number: int) -> None:
        _, new = ledger.put("kouza", "same", {"by": str(number)}, who="test", why="test")
        created.append(new)

    at_once(5, work)
    assert sorted(created) == [False] * 4 + [True]
    assert len(ledger.items("kouza")) == 1


def test_of_two_who_move_an_item_one_is_refused(engine: sa.Engine) -> None:
    ledger, refused = Ledger(engine), list[LedgerConflict]()
    ledger.put("kouza", "1", {}, who="test", why="test")
    item = ledger.claim("kouza", run="r", who="robot")
    assert item is not None

    def work(number: int) -> None:
        try:
            ledger.move(item, State.RETRY if number else State.DONE, who="robot", why="test")
        except LedgerConflict as error:
            refused.append(error)

    at_once(2, work)
    assert len(refused) == 1
    assert len(ledger.events(item.id)) == 3  # new, claimed, moved once


def test_four_services_fire_a_slot_once(engine: sa.Engine, tmp_path: Path) -> None:
    book, entered = RunBook(engine, tmp_path), list[object]()

    def work(number: int) -> None:
        entered.append(book.enter_fired("kouza", "run", "2026-04-01T09:00:00+00:00", "schedule"))

    at_once(4, work)
    assert sum(run is not None for run in entered) == 1
    assert len(book.history("kouza")) == 1
    assert book.fire("kouza", "after-x", "run")
    assert book.last_slot("kouza") == "2026-04-01T09:00:00+00:00"


def test_notes_of_the_same_moment_do_not_fork_the_audit_chain(engine: sa.Engine) -> None:
    trail = AuditTrail(engine)
    at_once(
        6, lambda number: [trail.note(f"user{number}", "document.view", f"document/{n}") for n in range(5)]
    )
    assert trail.verify() is None
    assert len({entry.previous for entry in trail.entries()}) == 30


def test_several_who_meet_an_old_database_bring_it_up_to_date_once(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    assert present_shape(engine) is None
    at_once(4, lambda _: upgrade(engine))
    assert present_shape(engine) == newest_shape()


def test_a_run_is_booked_once_and_keeps_its_first_figures(engine: sa.Engine, tmp_path: Path) -> None:
    savings = TimeLedger(engine, clock=lambda: datetime.now(UTC))
    basis = {"business": "口座", "process": "kouza", "manual_minutes_per_item": 4, "assumption": True}
    job = Job.model_validate(
        {"job": "a", "title": "a", "department": "nouzei", "run": "r", "time_saved": basis}
    )
    run = RunBook(engine, tmp_path).enter("a", "run", "now-x", "person")

    def work(number: int) -> None:
        savings.book(run, job, items_done=3, people_seconds=0, machine_seconds=1)

    at_once(3, work)
    assert [entry.saved_minutes for entry in savings.entries()] == [12.0]


def test_a_run_is_watched_narrowed_and_asked_to_end(engine: sa.Engine, tmp_path: Path) -> None:
    ledger, book, work = Ledger(engine), RunBook(engine, tmp_path), DepartmentWork(engine, Owners())
    for key in ("1_%", "10", "11", "12"):
        ledger.put("p", key, {}, who="t", why="t")
    run = book.enter("job", "run", "now-1", "person", queue="desk")
    for _ in range(3):
        claimed = ledger.claim("p", run=run.id, who="robot")
        assert claimed is not None
        ledger.move(claimed, State.DONE, who="robot", why="seen\nsecond line")
    now = work.watch.progress(run, book.now())
    assert (now.ended, now.waiting, [item.key for item in now.recent]) == (3, 1, ["11", "10", "1_%"])
    assert now.per_minute is not None
    items, total = work.items(None, Page(), key="_%", run=run.id)
    assert (total, list(work.reasons(items).values()), work.processes(None)) == (1, ["seen"], ["p"])
    stops = StopRequests(engine)
    assert (stops.ask(run.id, "sato", "x"), stops.ask(run.id, "sato", "y")) == (True, False)
    assert book.get(run.id).state is RunState.STOPPED


def test_a_sign_that_postgresql_cannot_hold_is_the_senders_fault(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(console_desk, "open_database", lambda _url: engine)
    office = console_desk.make_office(tmp_path)
    person = office.client("sato", roles=("approver", "auditor"))
    given = console_desk.opened(person, office.add_document({"口座番号": "12●4567"}))
    for path in ("/documents?form=%00", "/groups?form=%00", "/audit?who=%00"):
        assert person.get(path).status_code == 404, path
    assert console_desk.sign_in(office.client(), "sa\0to").status_code == 400
    for verb, body in (("discard", {"reason": "重\0複"}), ("comment", {"text": "確認\0"})):
        told = console_desk.write(person, given, verb, **body)
        assert (told.status_code, told.json()["kind"]) == (400, "malformed"), verb
