"""Moving the books from SQLite to a real PostgreSQL: all of them, counted, or none."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice import database_copy
from backoffice.audit import AuditTrail
from backoffice.database import open_database, upgrade
from backoffice.database_copy import Copied, CopyRefused, CopyUncertain, copy_database
from backoffice.ledger import Ledger
from backoffice.runs import RunBook, RunState
from backoffice.tables import metadata, service_heartbeats
from backoffice.work_items import State


@pytest.fixture
def old(tmp_path: Path) -> Iterator[sa.Engine]:
    """A town's books on SQLite, with something in most of them."""
    engine = open_database(f"sqlite:///{(tmp_path / 'old.db').as_posix()}")
    upgrade(engine)
    ledger, book, trail = Ledger(engine), RunBook(engine, tmp_path), AuditTrail(engine)
    run = book.enter_fired("touroku", "run", "2026-04-01T09:00:00+00:00", "schedule", lanes=3)
    assert run is not None
    for number in range(30):
        ledger.put("kouza", f"{number:04}", {"氏名": "𠮷田　太郎"}, who="reader", why="read")
    item = ledger.claim("kouza", run=run.id, who="robot")
    assert item is not None
    ledger.move(item, State.DONE, who="robot", why="seen", result={"受付番号": "R1"})
    for lane in book.lanes_of(run):
        book.finish(lane.id, RunState.DONE, counts={"done": 1})
    for number in range(12):
        trail.note("sato", "document.view", f"document/{number}", field="氏名")
    yield engine
    engine.dispose()


@pytest.fixture
def new(postgresql_url: str) -> Iterator[sa.Engine]:
    engine = open_database(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()


def rows(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        count = sa.select(sa.func.count())
        return {
            name: connection.execute(count.select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def test_every_table_arrives_with_the_same_rows(old: sa.Engine, new: sa.Engine, tmp_path: Path) -> None:
    copied = copy_database(old, new)
    assert {one.table: one.rows for one in copied} == {
        name: count for name, count in rows(old).items() if name != "service_heartbeats"
    }
    assert rows(new) == rows(old)
    assert Ledger(new).items() == Ledger(old).items()
    assert Ledger(new).events(1) == Ledger(old).events(1)
    assert RunBook(new, tmp_path).history() == RunBook(old, tmp_path).history()
    assert AuditTrail(new).verify() is None


def test_work_goes_on_in_the_new_database(old: sa.Engine, new: sa.Engine, tmp_path: Path) -> None:
    """New rows are numbered after the copied ones; what was done is not done again."""
    copy_database(old, new)
    ledger = Ledger(new)
    _, created = ledger.put("kouza", "0000", {}, who="reader", why="read")
    assert not created
    item, created = ledger.put("kouza", "9999", {}, who="reader", why="read")
    assert created and item.id > 30
    AuditTrail(new).note("sato", "document.view", "document/99")
    assert AuditTrail(new).verify() is None
    assert (
        RunBook(new, tmp_path).enter_fired("touroku", "run", "2026-04-01T09:00:00+00:00", "schedule") is None
    )


def test_and_back_to_sqlite(old: sa.Engine, new: sa.Engine, tmp_path: Path) -> None:
    copy_database(old, new)
    again = open_database(f"sqlite:///{(tmp_path / 'again.db').as_posix()}")
    copy_database(new, again)
    assert Ledger(again).items() == Ledger(old).items()
    assert rows(again) == rows(old)
    again.dispose()


def test_a_database_in_use_is_refused(old: sa.Engine, new: sa.Engine) -> None:
    upgrade(new)
    Ledger(new).put("idou", "1", {}, who="reader", why="read")
    with pytest.raises(CopyRefused, match="空ではありません"):
        copy_database(old, new)
    assert rows(new)["work_items"] == 1


def test_nothing_is_copied_while_a_run_works(old: sa.Engine, new: sa.Engine, tmp_path: Path) -> None:
    RunBook(old, tmp_path).enter("touroku", "run", "now-x", "person")
    with pytest.raises(CopyRefused, match="まだ仕事が動いています"):
        copy_database(old, new)


def test_nothing_is_copied_while_a_service_beats(old: sa.Engine, new: sa.Engine) -> None:
    now = datetime.now(UTC)
    beat = {"service": "hakadori", "host": "pc", "pid": 1, "started_at": now, "beat_at": now}
    with old.begin() as connection:
        connection.execute(sa.insert(service_heartbeats).values(beat))
    with pytest.raises(CopyRefused, match="hakadori serve とワーカーを止め"):
        copy_database(old, new)


def test_a_database_without_books_is_refused(new: sa.Engine, tmp_path: Path) -> None:
    empty = open_database(f"sqlite:///{(tmp_path / 'typo.db').as_posix()}")
    with pytest.raises(CopyRefused, match="別の版"):
        copy_database(empty, new)
    empty.dispose()


def test_counts_that_differ_keep_nothing(
    old: sa.Engine, new: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = database_copy._copy_table

    def loses_one(*words: object) -> Copied:
        copied = real(*words)  # type: ignore[arg-type]
        return Copied(copied.table, copied.rows - (copied.table == "audit"))

    monkeypatch.setattr(database_copy, "_copy_table", loses_one)
    with pytest.raises(CopyUncertain, match="件数が合いません"):
        copy_database(old, new)
    assert sum(rows(new).values()) == 0
    monkeypatch.undo()
    assert sum(one.rows for one in copy_database(old, new)) > 50  # it may be tried again
