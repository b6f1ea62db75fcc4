"""Connections that stay open in a serving process: writers queue, readers do not, and nothing is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.audit import AuditTrail
from backoffice.database import keep_connections, open_database, upgrade


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'kept.db'}")
    upgrade(opened)
    kept = keep_connections(opened)
    yield kept
    kept.dispose()


def test_many_threads_write_one_chain(engine: sa.Engine) -> None:
    trail = AuditTrail(engine)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: trail.note("sato", "document.view", f"document/{n}"), range(60)))
    assert len(trail.entries()) == 60
    assert trail.verify() is None


def test_a_writer_waits_for_the_one_before_and_a_reader_does_not(engine: sa.Engine) -> None:
    trail, done = AuditTrail(engine), threading.Event()
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM job_pauses"))
        second = threading.Thread(target=lambda: (trail.note("sato", "a", "b"), done.set()))
        second.start()
        assert not done.wait(0.2)
        assert trail.entries() == []
    assert done.wait(60)
    second.join(60)
    assert len(trail.entries()) == 1


def test_a_write_that_fails_lets_the_next_one_go(engine: sa.Engine) -> None:
    for _ in range(2):
        with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM nowhere"))
    AuditTrail(engine).note("sato", "a", "b")
    assert len(AuditTrail(engine).entries()) == 1


def test_a_second_transaction_of_one_connection_does_not_wait_for_the_first(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would wait for itself, and its turn would never be given back."""
    monkeypatch.setattr("backoffice.database.BUSY_TIMEOUT_MS", 200)
    others, turns = list[bool](), list[bool]()
    with engine.connect() as connection:
        for _ in range(2):
            with connection.begin():
                connection.execute(sa.text("DELETE FROM job_pauses"))
            turns.append(connection.info["writes"])
    with engine.begin() as connection:
        others.append(connection.info["writes"])
    assert (turns, others) == ([True, True], [True])


def test_connections_are_used_again(engine: sa.Engine) -> None:
    opened: list[object] = []
    sa.event.listen(engine, "connect", lambda connection, _record: opened.append(connection))
    for _ in range(5):
        AuditTrail(engine).note("sato", "a", "b")
    assert len(opened) <= 1
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_leaves_other_databases_as_they_are(url: str) -> None:
    engine = open_database(url)
    assert keep_connections(engine) is engine
    engine.dispose()
