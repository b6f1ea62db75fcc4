"""The books of watched folders on a real PostgreSQL: two PCs that read the same share enter nothing twice."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from backoffice.database import open_database, upgrade
from backoffice.document import DocumentState, DuplicateFile, FileState, NewDocument
from backoffice.documents import DocumentStore
from backoffice.receipt_book import Stage
from backoffice.review_tables import document_turns
from backoffice.timeline import timeline


@pytest.fixture
def store(postgresql_url: str) -> Iterator[DocumentStore]:
    engine = open_database(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    upgrade(engine)
    yield DocumentStore(engine)
    engine.dispose()


def at_once(count: int, work: Callable[[int], object]) -> None:
    barrier = threading.Barrier(count)
    threads = [threading.Thread(target=lambda n=n: (barrier.wait(), work(n))) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_the_same_content_claimed_by_four_at_once_one_is_read(store: DocumentStore) -> None:
    refused: list[int] = []

    def work(number: int) -> None:
        try:
            store.claim_file(
                "nouzei", f"{number}.pdf", "a" * 64, 10, f"work/{number}/a.pdf", claim=f"c{number}"
            )
        except DuplicateFile:
            refused.append(number)

    at_once(4, work)
    assert len(refused) == 3
    assert store.counts()[FileState.CLAIMED] == 1 and store.counts()[FileState.DUPLICATE] == 3


def test_a_claim_entered_by_four_at_once_is_one_file(store: DocumentStore) -> None:
    entered: list[int] = []
    at_once(4, lambda n: entered.append(store.claim_file("nouzei", "a.pdf", "a" * 64, 1, "x", claim="c").id))
    assert len(entered) == 4 and len(set(entered)) == 1 and len(store.files()) == 1


def test_an_absence_noted_by_four_at_once_is_news_to_one(store: DocumentStore) -> None:
    news: list[bool] = []
    at_once(4, lambda n: news.append(store.inboxes.note_away("nouzei", "gone")))
    assert sorted(news) == [False, False, False, True]
    at_once(4, lambda n: store.inboxes.wait("nouzei", "あ" * 600, "half"))
    assert len(store.inboxes.waits("nouzei")) == 1


def test_standing_and_timeline_are_the_same_as_on_sqlite(store: DocumentStore) -> None:
    file = store.claim_file("nouzei", "あ" * 600, "a" * 64, 10, "work/c/a.pdf", claim="c")
    store.add_document(NewDocument(file.id, 0, "nouzei", "kouza", 1, (), ()))
    store.finish_file(file.id, FileState.READ, pages=1, stored="originals/a.pdf")
    [standing] = store.receipts.unsettled()
    assert (standing.stage, standing.documents[0].state) == (Stage.WAITING, DocumentState.WAITING)
    store.receipts.note([(file.id, standing.stage, "b" * 64)], store.receipts.now())
    assert store.receipts.unsettled() == []
    assert store.receipts.last([file.id]) == {file.id: "b" * 64}
    assert [step.what.value for step in timeline(store._engine, file.id)] == [
        "received", "claimed", "entered", "read",
    ]  # fmt: skip


def test_two_tabs_of_one_person_opened_together_lock_in_one_order(store: DocumentStore) -> None:
    """A browser that opens its tabs again asks for all of them at once."""
    first, second = (enter(store, number) for number in (1, 2))
    for document in (first, second):
        store.turns.reserve(document, "sato")
    with ThreadPoolExecutor(1) as pool:
        with store._engine.begin() as other_tab:
            hold_of(other_tab, first)
            taken = pool.submit(store.turns.take, first, "sato")
            wait_until_one_waits(store)
            hold_of(other_tab, second)
        taken.result(60)
    assert [hand.who for hand in store.turns.others(first, "kato")] == ["sato"]


def enter(store: DocumentStore, number: int) -> int:
    file = store.claim_file("nouzei", f"{number}.pdf", f"{number:064}", 1, f"originals/{number}.pdf")
    return store.add_document(NewDocument(file.id, 0, "nouzei", "kouza", 1, (), ()))


def hold_of(connection: sa.Connection, document: int) -> None:
    mine = document_turns.c.document_id == document
    connection.execute(sa.update(document_turns).where(mine).values(skipped_at=None))


def wait_until_one_waits(store: DocumentStore) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    end = time.monotonic() + 60
    while True:
        with store._engine.connect() as connection:
            if connection.scalar(waiting):
                return
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.02)
