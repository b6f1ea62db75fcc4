"""What a person does to a document is one transaction: the act, the seconds that it took, and its audit entries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from console_desk import VALUES, Office, make_office, opened, write
from fastapi.testclient import TestClient

from backoffice.document import DocumentState
from backoffice.inbox_tables import document_events
from backoffice.tables import review_times

RIGHT = {"口座番号": "1234567"}
DOUBTFUL = {"口座番号": "123456●"}
VERBS = {
    "save": {"values": RIGHT},
    "record": {"values": RIGHT},
    "discard": {"reason": "重複"},
    "return": {"reason": "押印がありません"},
    "skip": {},
    "comment": {"text": "裏面もあります"},
}
ENTRIES = {
    "save": ["document.correct"],
    "record": ["document.correct", "document.record"],
    "discard": ["document.discard"],
    "return": ["document.return"],
    "skip": ["document.skip"],
    "comment": ["document.comment"],
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


@pytest.fixture
def commits(office: Office) -> list[object]:
    """What the office's database has committed since it was last cleared."""
    seen: list[object] = []
    sa.event.listen(office.desk.work.engine, "commit", seen.append)
    return seen


def booked(office: Office) -> list[str]:
    with office.desk.work.engine.connect() as connection:
        return list(connection.execute(sa.select(review_times.c.who)).scalars())


def entered(office: Office, document: int) -> list[str]:
    trail = office.desk.audit.entries(subject=f"document/{document}")
    return [entry.what for entry in reversed(trail)]


def act(client: TestClient, office: Office, given: dict, verb: str):
    return write(client, given, verb, seconds=0.001, **VERBS[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_an_act_its_seconds_and_its_audit_entries_are_one_commit(
    office: Office, commits: list[object], verb: str
) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    commits.clear()
    answer = act(client, office, given, verb)
    assert answer.status_code == 200, answer.text
    assert len(commits) == 1
    assert booked(office) == ["sato"]
    assert entered(office, document) == ["document.view", *ENTRIES[verb]]
    assert office.desk.audit.verify() is None


def test_opening_taking_up_and_preparing_are_one_commit_each(office: Office, commits: list[object]) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    office.add_document(DOUBTFUL, number=1)
    commits.clear()
    given = opened(client, document)
    assert len(commits) == 1
    assert [hand.who for hand in office.desk.documents.turns.others(document, "kato")] == ["sato"]
    assert write(client, given, "prepare").json()["document"] == 2
    assert len(commits) == 2
    back = write(client, given, "return", reason="押印がありません").json()
    commits.clear()
    assert write(client, given, "take-up", revision=back["revision"]).status_code == 200
    assert len(commits) == 1


@pytest.mark.parametrize(
    ("asked", "statements", "transactions"), [("save", 10, 4), ("open", 11, 6), ("queue", 8, 4)]
)
def test_a_request_asks_the_database_no_more_than_it_must(
    office: Office, asked: str, statements: int, transactions: int
) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given, said, begun = opened(client, document), list[str](), list[object]()
    engine = office.desk.work.engine
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cur, told, *_rest: said.append(told))
    sa.event.listen(engine, "begin", begun.append)
    page = {"open": f"/documents/{document}", "queue": "/documents"}
    answer = act(client, office, given, "save") if asked == "save" else client.get(page[asked])
    assert answer.status_code == 200
    questions = [one for one in said if not one.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"))]
    assert len(questions) <= statements, questions
    assert len(begun) <= transactions


@pytest.mark.parametrize("verb", VERBS)
def test_of_an_act_that_the_audit_trail_cannot_take_down_nothing_is_kept(office: Office, verb: str) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    before = office.desk.documents.get(document)
    with office.desk.work.engine.begin() as connection:
        happened = connection.scalar(sa.select(sa.func.count()).select_from(document_events))
        connection.execute(sa.text("ALTER TABLE audit RENAME TO gone"))
    assert act(client, office, given, verb).status_code == 500
    assert office.desk.documents.get(document) == before
    assert (booked(office), office.desk.ledger.items()) == ([], [])
    assert office.desk.documents.comments.of(document) == []
    with office.desk.work.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(document_events)) == happened


@pytest.mark.parametrize("verb", VERBS)
def test_seconds_of_an_act_that_was_rolled_back_are_booked_with_the_next_one(
    office: Office, verb: str
) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    office.clock.ahead += timedelta(seconds=60)
    with office.desk.work.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit RENAME TO gone"))
    assert write(client, given, verb, seconds=60, **VERBS[verb]).status_code == 500
    with office.desk.work.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO audit"))
    assert write(client, given, verb, seconds=60, **VERBS[verb]).status_code == 200
    assert office.desk.documents.take_review_seconds("kouza_furikae", "a run") == 60


def test_a_record_whose_key_is_taken_keeps_what_was_typed_and_waits(
    office: Office, commits: list[object]
) -> None:
    office.desk.ledger.put("kouza_furikae", VALUES["通知書番号"], {}, who="t", why="t")
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    commits.clear()
    answer = act(client, office, given, "record")
    assert (answer.status_code, answer.json()["kind"], len(commits)) == (422, "twin", 1)
    kept = office.desk.documents.get(document)
    assert (kept.state, kept.values["口座番号"]) == (DocumentState.WAITING, "1234567")
    assert entered(office, document) == ["document.view", "document.correct"]


def test_of_two_who_saw_the_same_revision_one_writes_and_of_the_other_nothing_is_kept(office: Office) -> None:
    document, sato, kato = office.add_document(DOUBTFUL), office.client("sato"), office.client("kato")
    first, second = opened(sato, document), opened(kato, document)
    assert act(sato, office, first, "save").status_code == 200
    refused = write(kato, second, "record", values={"口座番号": "7654321"}, seconds=0.001)
    assert refused.status_code == 409
    assert office.desk.documents.get(document).values["口座番号"] == "1234567"
    assert (booked(office), office.desk.ledger.items()) == (["sato"], [])


def test_a_document_whose_form_is_gone_can_still_be_taken_out_of_the_work(office: Office) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    del office.desk.forms["kouza_furikae"]  # type: ignore[attr-defined]
    assert write(client, given, "discard", reason="様式の廃止", seconds=0.001).status_code == 200
    assert office.desk.documents.get(document).state is DocumentState.DISCARDED
    assert booked(office) == []
