"""Received files and documents: nothing is read twice, nobody's correction is overwritten."""

from dataclasses import replace
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.document import (
    DocumentMissing,
    DocumentState,
    DuplicateFile,
    Field,
    FileMissing,
    FileNotPutAside,
    FileState,
    NewDocument,
    StaleRevision,
)
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.recording import record_document
from backoffice.timeline import Happening, timeline
from backoffice.work_items import State

SHA = "a" * 64
NUMBER = Field(
    "通知書番号",
    "digits",
    1,
    "0012",
    "0012",
    0.9999,
    True,
    "",
    (("0012", 0.9999),),
    "c/1.png",
    (1, 2, 3, 4),
    False,
)
NAME = replace(
    NUMBER, name="氏名", kind="kanji", value="佐●", read_value="佐●", accepted=False, personal=True
)


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    engine = open_database(f"sqlite:///{tmp_path / 'documents.db'}")
    upgrade(engine)
    return DocumentStore(engine)


def document(store: DocumentStore) -> int:
    file = store.claim_file("nouzei", "a.pdf", SHA, 10, "originals/a.pdf")
    pages = ({"source_page": 1, "form_page": 1, "rotation": 0, "residual_mm": 0.1},)
    return store.add_document(NewDocument(file.id, 0, "nouzei", "kouza", 1, pages, (NUMBER, NAME)))


def test_refuses_the_same_content_and_still_books_it(store: DocumentStore) -> None:
    store.claim_file("nouzei", "a.pdf", SHA, 10, "x")
    with pytest.raises(DuplicateFile, match=r"a\.pdf") as caught:
        store.claim_file("nouzei", "b.pdf", SHA, 10, "y")
    assert caught.value.exit_code == 2
    assert [(file.name, file.state) for file in store.files()] == [
        ("a.pdf", FileState.CLAIMED),
        ("b.pdf", FileState.DUPLICATE),
    ]


def test_never_names_another_departments_file(store: DocumentStore) -> None:
    store.claim_file("kenkou", "佐藤花子.pdf", SHA, 10, "x")
    with pytest.raises(DuplicateFile, match="他の部署のファイル") as caught:
        store.claim_file("nouzei", "b.pdf", SHA, 10, "y")
    assert "佐藤花子" not in caught.value.explain("ja") + caught.value.explain("en")


def test_accepts_the_same_content_where_the_town_wants_it(store: DocumentStore) -> None:
    store.claim_file("nouzei", "a.pdf", SHA, 10, "x")
    assert store.claim_file("nouzei", "b.pdf", SHA, 10, "y", duplicates="accept").state is FileState.CLAIMED


def test_takes_a_file_again_whose_first_try_failed(store: DocumentStore) -> None:
    first = store.claim_file("nouzei", "a.pdf", SHA, 10, "x")
    store.finish_file(first.id, FileState.FAILED, reason="ocr.blank")
    assert store.claim_file("nouzei", "a.pdf", SHA, 10, "y").state is FileState.CLAIMED


def test_a_reading_done_again_enters_no_second_document(store: DocumentStore) -> None:
    number = document(store)
    new = NewDocument(store.get(number).file_id, 0, "nouzei", "kouza", 1, (), ())
    assert store.add_document(new) == number


def test_gives_back_what_was_entered(store: DocumentStore) -> None:
    found = store.get(document(store))
    assert found.fields == (NUMBER, NAME)
    assert found.doubtful == (NAME,)
    assert found.values == {"通知書番号": "0012", "氏名": "佐●"}


def test_a_correction_is_accepted_and_keeps_what_the_machine_read(store: DocumentStore) -> None:
    found = store.get(document(store))
    mended = store.correct(found.id, found.revision, {"氏名": "佐藤"}, who="sato", reasons={})
    field = mended.fields[1]
    assert (field.value, field.read_value, field.accepted, field.corrected_by) == (
        "佐藤",
        "佐●",
        True,
        "sato",
    )
    assert mended.doubtful == ()


def test_an_illegible_field_stays_doubtful_with_its_reason(store: DocumentStore) -> None:
    found = store.get(document(store))
    mended = store.correct(
        found.id, found.revision, {"氏名": "●"}, who="s", reasons={"氏名": "ocr.illegible"}
    )
    assert (mended.fields[1].accepted, mended.fields[1].reason) == (False, "ocr.illegible")


def test_never_overwrites_what_somebody_else_changed(store: DocumentStore) -> None:
    found = store.get(document(store))
    store.correct(found.id, found.revision, {"氏名": "佐藤"}, who="a", reasons={})
    with pytest.raises(StaleRevision):
        store.correct(found.id, found.revision, {"氏名": "加藤"}, who="b", reasons={})
    assert store.get(found.id).values["氏名"] == "佐藤"


def test_a_closed_document_takes_no_more_corrections(store: DocumentStore) -> None:
    found = store.get(document(store))
    closed = store.close(found.id, found.revision, DocumentState.DISCARDED, reason="console.not_ours")
    with pytest.raises(StaleRevision):
        store.correct(found.id, closed.revision, {"氏名": "x"}, who="b", reasons={})


def test_lists_by_state_and_department(store: DocumentStore) -> None:
    number = document(store)
    waiting = store.documents([DocumentState.WAITING], ["nouzei"])
    assert [found.id for found in waiting] == [number]
    assert store.documents([DocumentState.WAITING], ["kenkou"]) == []


def test_review_seconds_are_given_to_one_run_only(store: DocumentStore) -> None:
    number = document(store)
    store.book_review(number, "kouza", who="sato", seconds=12.5)
    store.book_review(number, "kouza", who="sato", seconds=7.5)
    assert store.take_review_seconds("kouza", "run-1") == 20.0
    assert store.take_review_seconds("kouza", "run-2") == 0.0
    assert store.take_review_seconds("kouza", "run-1") == 20.0


def test_an_unknown_document_is_the_users_error(store: DocumentStore) -> None:
    with pytest.raises(DocumentMissing, match="書類 7 はありません"):
        store.get(7)


def test_a_claim_entered_again_after_a_crash_is_the_same_file(store: DocumentStore) -> None:
    first = store.claim_file("nouzei", "a.pdf", SHA, 10, "work/c1/a.pdf", claim="c1")
    assert store.claim_file("nouzei", "a.pdf", SHA, 10, "work/c1/a.pdf", claim="c1") == first
    assert store.file_claimed_as("c1") == first
    assert len(store.files()) == 1


def test_a_refused_duplicate_can_be_sent_back_by_a_person(store: DocumentStore) -> None:
    store.claim_file("nouzei", "a.pdf", SHA, 10, "x", claim="c1")
    with pytest.raises(DuplicateFile):
        store.claim_file("nouzei", "b.pdf", SHA, 10, "y", claim="c2")
    twin = store.file_claimed_as("c2")
    assert twin is not None
    with store.transaction() as connection:
        store.take_back(connection, twin.id, department="kenkou", claim="c3", stored="z", who="sato")
    back = store.file(twin.id)
    assert (back.state, back.department, back.claim) == (FileState.CLAIMED, "kenkou", "c3")


def test_a_file_that_was_read_is_not_sent_back(store: DocumentStore) -> None:
    file = store.claim_file("nouzei", "a.pdf", SHA, 10, "x", claim="c1")
    store.finish_file(file.id, FileState.READ)
    with pytest.raises(FileNotPutAside), store.transaction() as connection:
        store.take_back(connection, file.id, department="nouzei", claim="c2", stored="y", who="sato")
    assert store.file(file.id).claim == "c1"


def test_an_unknown_file_is_the_users_error(store: DocumentStore) -> None:
    with pytest.raises(FileMissing, match="受け取ったファイル 9 はありません"):
        store.file(9)


def test_the_timeline_tells_every_step_and_no_value(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'timeline.db'}")
    upgrade(engine)
    store, ledger = DocumentStore(engine), Ledger(engine)
    found = store.get(document(store))
    store.finish_file(found.file_id, FileState.READ, pages=1)
    store.book_review(found.id, "kouza", who="sato", seconds=12.3)
    mended = store.correct(found.id, found.revision, {"氏名": "佐藤"}, who="sato", reasons={})
    done = record_document(store, ledger, mended, process="kouza", key="0012", record=mended.values,
                           who="sato", why="seen")  # fmt: skip
    item = ledger.claim("kouza", run="r", who="robot")
    assert item is not None and done.item is not None
    ledger.move(item, State.DONE, who="robot", why="登録済み 佐藤")
    steps = timeline(engine, found.file_id)
    told = [(step.what.value, step.who) for step in steps if step.what is not Happening.ITEM]
    assert told == [
        ("received", "nouzei"), ("claimed", "ocr"), ("entered", "ocr"), ("read", "ocr"), ("reviewed", "sato"),
        ("corrected", "sato"), ("recorded", "sato"),
    ]  # fmt: skip
    moves = [(step.details["state"], step.who) for step in steps if step.what is Happening.ITEM]
    assert moves == [("new", "sato"), ("in_progress", "robot"), ("done", "robot")]
    assert "佐藤" not in str(steps) and "0012" not in str(steps)
