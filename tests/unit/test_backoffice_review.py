"""Documents under people's hands: whose turn it is, who decides between two entries, what was said, what goes back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.database import open_database, upgrade
from backoffice.document import (
    DocumentState,
    DuplicateFile,
    Field,
    FileState,
    NewDocument,
    StaleRevision,
)
from backoffice.documents import DocumentStore
from backoffice.double_entry import DIFFER, SECOND_WAITS, NotTheThird
from backoffice.receipt_book import Stage
from backoffice.timeline import timeline
from backoffice.turns import HELD, Line

ACCOUNT = Field("口座番号", "digits", 1, "1", "1", 0.5, False, "", (), "", (1, 2, 3, 4), True)


@dataclass
class Books:
    """A store whose clock is moved by hand."""

    store: DocumentStore
    now: datetime = field(default=datetime(2026, 4, 1, 9, tzinfo=UTC))

    def enter(self, *, form: str = "kouza", department: str = "nouzei", content: str = "") -> int:
        number = len(self.store.files())
        sha = content or f"{number:064d}"
        file = self.store.claim_file(department, f"{number}.pdf", sha, 1, f"originals/{number}.pdf")
        self.store.finish_file(file.id, FileState.READ, pages=1)
        return self.store.add_document(NewDocument(file.id, 0, department, form, 1, ({},), (ACCOUNT,)))

    def type(self, document: int, who: str, value: str, reasons: dict[str, str] | None = None) -> None:
        revision = self.store.get(document).revision
        self.store.correct(
            document, revision, {"口座番号": value}, who=who, reasons=reasons or {}, twice={"口座番号"}
        )

    def standing(self, document: int) -> tuple[str, bool, str]:
        one = self.store.get(document).fields[0]
        return one.value, one.accepted, one.reason


@pytest.fixture
def books(tmp_path: Path) -> Books:
    engine = open_database(f"sqlite:///{tmp_path / 'review.db'}")
    upgrade(engine)
    made = Books(DocumentStore(engine))
    made.store = DocumentStore(engine, lambda: made.now)
    return made


def test_a_third_person_decides_and_neither_of_the_two_may(books: Books) -> None:
    document = books.enter()
    books.type(document, "sato", "11")
    assert books.standing(document) == ("1", False, SECOND_WAITS)
    books.type(document, "suzuki", "12")
    assert books.standing(document) == ("1", False, DIFFER)
    for one_of_them in ("sato", "suzuki"):
        with pytest.raises(NotTheThird):
            books.type(document, one_of_them, "12")
        with pytest.raises(NotTheThird):
            books.type(document, one_of_them, "", {"口座番号": "console.field_illegible"})
    books.type(document, "tanaka", "13")
    assert books.standing(document) == ("13", True, "")


def test_a_person_may_mend_the_own_entry_until_the_second_has_typed(books: Books) -> None:
    document = books.enter()
    books.type(document, "sato", "11")
    books.type(document, "sato", "12")
    books.type(document, "suzuki", "12")
    assert books.standing(document) == ("12", True, "")


def test_a_value_that_stood_needs_two_people_again_when_it_is_changed(books: Books) -> None:
    document = books.enter()
    books.type(document, "sato", "11")
    books.type(document, "suzuki", "11")
    books.type(document, "tanaka", "11")
    assert books.standing(document) == ("11", True, "")
    books.type(document, "sato", "12")
    assert books.standing(document) == ("11", False, SECOND_WAITS)
    books.type(document, "suzuki", "12")
    assert books.standing(document) == ("12", True, "")


def test_a_field_that_was_reopened_as_illegible_begins_a_new_round(books: Books) -> None:
    document = books.enter()
    books.type(document, "sato", "11")
    books.type(document, "suzuki", "11")
    books.type(document, "tanaka", "", {"口座番号": "console.field_illegible"})
    books.type(document, "sato", "12")
    assert books.standing(document)[1:] == (False, SECOND_WAITS)


def test_the_next_document_is_the_one_after_this_then_the_oldest(books: Books) -> None:
    first, second, third = (books.enter() for _ in range(3))
    turns = books.store.turns
    assert turns.next("sato", Line(), second) == third
    assert turns.next("sato", Line(), third) == first
    assert turns.next("sato", Line({"kenkou"}), third) is None


def test_a_line_is_narrowed_by_form_and_department(books: Books) -> None:
    books.enter()
    other = books.enter(form="yoshin", department="kenkou")
    turns = books.store.turns
    assert turns.next("sato", Line(form="yoshin"), 0) == other
    assert turns.next("sato", Line({"nouzei", "kenkou"}, department="kenkou"), 0) == other
    assert turns.next("sato", Line({"nouzei"}, department="kenkou"), 0) is None


def test_what_others_have_in_hand_comes_later_until_they_have_gone(books: Books) -> None:
    first, second = books.enter(), books.enter()
    turns = books.store.turns
    turns.take(first, "suzuki")
    assert turns.next("sato", Line(), 0) == second
    assert [hand.who for hand in turns.others(first, "sato")] == ["suzuki"]
    assert turns.next("sato", Line(), second) == first
    books.now += HELD + timedelta(seconds=1)
    assert (turns.next("sato", Line(), 0), turns.others(first, "sato")) == (first, [])


def test_who_opens_a_document_lets_the_one_before_go(books: Books) -> None:
    first, second = books.enter(), books.enter()
    turns = books.store.turns
    turns.take(first, "suzuki")
    turns.reserve(second, "suzuki")
    assert turns.next("sato", Line(), 0) == first
    turns.take(second, "suzuki")
    assert turns.others(first, "sato") == []
    assert turns.next("sato", Line(), second) == first


def test_a_skipped_document_goes_behind_all_others_for_this_person(books: Books) -> None:
    first, second, third = (books.enter() for _ in range(3))
    turns = books.store.turns
    turns.skip(first, "sato")
    books.now += timedelta(seconds=1)
    turns.skip(second, "sato")
    assert turns.next("sato", Line(), second) == third
    assert turns.next("sato", Line(), third) == first
    assert turns.next("suzuki", Line(), 0) == first


def test_a_document_that_needs_only_another_persons_entry_is_not_offered(books: Books) -> None:
    document = books.enter()
    books.type(document, "sato", "11")
    assert books.store.turns.next("sato", Line(), 0) is None
    assert books.store.turns.next("suzuki", Line(), 0) == document


def test_comments_are_kept_with_who_and_when(books: Books) -> None:
    document, other = books.enter(), books.enter()
    books.store.comments.add(document, "sato", "  電話で確認中  ")
    books.now += timedelta(minutes=5)
    books.store.comments.add(document, "suzuki", "折り返しあり")
    told = [(one.who, one.text) for one in books.store.comments.of(document)]
    assert told == [("sato", "電話で確認中"), ("suzuki", "折り返しあり")]
    assert books.store.comments.counts([document, other]) == {document: 2}
    assert "電話" not in repr(books.store.comments.of(document))


def test_a_returned_document_is_told_to_its_department_and_can_be_taken_up(books: Books) -> None:
    document = books.enter()
    books.store.close(document, 0, DocumentState.RETURNED, reason="印がありません", who="sato")
    standing = books.store.receipts.standing(books.store.get(document).file_id)
    assert (standing.stage, standing.documents[0].reason) == (Stage.RETURNED, "印がありません")
    with pytest.raises(StaleRevision):
        books.store.take_up(document, 0, who="suzuki")
    taken = books.store.take_up(document, 1, who="suzuki")
    assert (taken.state, taken.reason) == (DocumentState.WAITING, "")
    steps = [step.what for step in timeline(books.store._engine, taken.file_id)]
    assert steps[-2:] == ["returned", "taken_up"]


def test_a_document_taken_up_again_is_still_in_doubt_as_a_whole(books: Books) -> None:
    document = books.enter()
    store, doubt = books.store, "inbox.page_missing"
    store.close(document, 0, DocumentState.WAITING, reason=doubt)
    store.close(document, 1, DocumentState.RETURNED, reason="裏面がない", who="sato")
    assert store.take_up(document, 2, who="suzuki").reason == doubt
    steps = timeline(store._engine, store.get(document).file_id)
    assert [step.details for step in steps if step.what == "returned"] == [{"doubt": doubt}]


def test_the_same_scan_may_come_again_when_everything_in_it_was_sent_back(books: Books) -> None:
    document = books.enter(content="c" * 64)
    with pytest.raises(DuplicateFile):
        books.enter(content="c" * 64)
    books.store.close(document, 0, DocumentState.RETURNED, reason="裏面がない", who="sato")
    assert books.enter(content="c" * 64) > document
    with pytest.raises(DuplicateFile):
        books.enter(content="c" * 64)
