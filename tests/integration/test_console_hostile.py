"""What an unfriendly visitor tries, and what a person does who never read the manual: each was a fault once.

Wrong files, names and tokens stand in `test_console_bad_input.py`; here are requests that a page of ours never sends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from console_desk import PASSWORD, Office, make_office, opened, sign_in, write
from designer_desk import quiet_design, quiet_draft
from fastapi.testclient import TestClient

from console.errors import ArgumentWrong
from console.web.static_files import mark, mark_of

NUMBERS = count(1)
BEYOND = 10**20
"""No row of any database has such a number."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    yield make_office(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def boss(office: Office) -> TestClient:
    """Somebody who sees every department: for them nothing is hidden before the database is asked."""
    return office.client("boss", roles=("approver", "operator"), departments=("*",))


@pytest.fixture(scope="module")
def author(office: Office) -> TestClient:
    return office.client("author", roles=("author",))


@pytest.mark.parametrize(
    "path",
    [
        f"/documents/{BEYOND}",
        f"/documents/{BEYOND}/pages/1/picture",
        f"/documents/{BEYOND}/fields/0/crop",
        f"/submit/{BEYOND}",
        "/documents/0",
        "/documents/-1",
    ],
)
def test_a_number_that_no_row_can_have_is_nothing_and_no_fault_of_ours(boss: TestClient, path: str) -> None:
    assert boss.get(path).status_code == 404


@pytest.mark.parametrize("verb", ["save", "record", "discard", "return", "skip", "take-up"])
def test_a_revision_that_no_document_can_have_is_refused(office: Office, boss: TestClient, verb: str) -> None:
    given = opened(boss, office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS)))
    told = write(boss, given, verb, revision=BEYOND, reason="重複", values={"口座番号": "1234567"})
    assert (told.status_code, told.json()["kind"]) == (400, "malformed")


@pytest.mark.parametrize("path", ["/documents", "/api/v1/items", "/login"])
def test_a_wrong_method_is_told_which_ones_there_are(boss: TestClient, path: str) -> None:
    told = boss.request("DELETE", path)
    assert told.status_code == 405 and "GET" in told.headers["allow"]


def test_a_value_holds_no_sign_that_ends_a_text_elsewhere(office: Office, boss: TestClient) -> None:
    given = opened(boss, office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS)))
    told = write(boss, given, "save", values={"納税者氏名": "山田\0花子"})
    assert (told.status_code, told.json()["kind"]) == (400, "malformed")


@pytest.mark.parametrize("verb", ["check", "try", "difference", "save"])
@pytest.mark.parametrize(
    "title", ["\ud800", json.loads("[" * 400 + "]" * 400)], ids=["half a character", "400 levels"]
)
def test_a_design_that_no_file_holds_is_refused(
    office: Office, author: TestClient, verb: str, title: object
) -> None:
    assert office.desk.studio is not None
    draft = quiet_draft(office.desk.studio, "author", office.clock())
    body = quiet_design()
    body["design"]["title"] = title
    csrf = author.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    headers = {"X-CSRF-Token": csrf, "Accept": "application/json", "Content-Type": "application/json"}
    told = author.post(f"/forms/drafts/{draft}/{verb}", content=json.dumps(body), headers=headers)
    assert (told.status_code, told.json()["kind"]) == (400, "malformed")


# ---- doors


def test_a_link_to_the_token_signs_nobody_out(office: Office) -> None:
    """`/session` gives a page whose session ended a fresh one; asked by somebody who is in, it must not."""
    person = office.client("passer-by")
    assert person.get("/session").json()["user"] == "passer-by"
    assert person.get("/account").status_code == 200
    assert office.client().get("/session").json().keys() == {"csrf"}


def test_a_blank_that_nobody_sees_makes_no_other_person_and_keeps_nobody_out(office: Office) -> None:
    office.desk.users.add("　tanaka ", PASSWORD, roles=["verifier"], departments=[])
    with pytest.raises(ArgumentWrong):
        office.desk.users.add("tanaka", PASSWORD, roles=["admin"], departments=["*"])
    assert sign_in(office.client(), "tanaka　").headers["location"] == "/"


# ---- what browsers keep


def test_an_answer_is_kept_nowhere_unless_it_says_so(office: Office, boss: TestClient) -> None:
    document = office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS))
    given = opened(boss, document)
    answers = [boss.get(path) for path in (f"/api/v1/documents/{document}", "/api/v1/items", "/savings.xlsx")]
    answers.append(write(boss, given, "save", values={"口座番号": "1234567"}))
    assert [one.status_code for one in answers] == [200] * 4
    assert {one.headers["cache-control"] for one in answers} == {"no-store"}


def test_after_an_update_no_page_runs_with_the_scripts_of_before(boss: TestClient, tmp_path: Path) -> None:
    page = boss.get("/documents").text
    assert f'href="/static/{mark()}/base.css"' in page and '"/static/base.css"' not in page
    kept = boss.get(f"/static/{mark()}/review.js")
    assert (kept.status_code, kept.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert boss.get("/static/review.js").headers["cache-control"] == "no-cache"
    assert boss.get(f"/static/{mark()}/nowhere.js").headers["cache-control"] == "no-store"
    Path(tmp_path, "a.js").write_text("1")
    before = mark_of(tmp_path)
    Path(tmp_path, "a.js").write_text("2")
    assert mark_of(tmp_path) != before


# ---- honest seconds


def test_minutes_that_two_windows_measure_side_by_side_count_once(office: Office, boss: TestClient) -> None:
    both = [opened(boss, office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS))) for _ in "ab"]
    office.clock.ahead += timedelta(seconds=600)
    for given in both:
        write(boss, given, "time", seconds=590)
    assert booked(office) == pytest.approx(600, abs=30)


def test_seconds_sent_again_after_a_lost_answer_count_once(office: Office, boss: TestClient) -> None:
    given = opened(boss, office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS)))
    office.clock.ahead += timedelta(seconds=60)
    for _ in range(3):
        write(boss, given, "time", seconds=50)
    assert booked(office) == pytest.approx(60, abs=30)


def test_a_page_that_waited_while_another_one_was_worked_on_gets_its_own_seconds(
    office: Office, boss: TestClient
) -> None:
    early, late = (
        opened(boss, office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS))) for _ in "ab"
    )
    office.clock.ahead += timedelta(seconds=300)
    write(boss, late, "time", seconds=60)
    write(boss, early, "time", seconds=200)
    assert booked(office) == 260


@pytest.mark.parametrize(
    ("verb", "refused", "status"),
    [
        ("save", {"revision": 99, "values": {"口座番号": "1234567"}}, 409),
        ("record", {"revision": 99, "values": {"口座番号": "1234567"}}, 409),
        ("discard", {"revision": 99, "reason": "重複"}, 409),
        ("return", {"revision": 99, "reason": "押印がありません"}, 409),
        ("take-up", {}, 409),
        ("comment", {"text": " "}, 400),
    ],
)
def test_seconds_of_an_act_that_was_refused_are_booked_with_the_next_one(
    office: Office, boss: TestClient, verb: str, refused: dict[str, object], status: int
) -> None:
    given = opened(boss, office.add_document({"口座番号": "12●4567"}, number=next(NUMBERS)))
    office.clock.ahead += timedelta(seconds=60)
    assert write(boss, given, verb, seconds=60, **refused).status_code == status
    office.clock.ahead += timedelta(seconds=5)
    assert write(boss, given, "save", values={"口座番号": "1234567"}, seconds=65).status_code == 200
    assert booked(office) == 65


def booked(office: Office) -> float:
    """Return the seconds that were booked since the last time that this was asked."""
    return office.desk.documents.take_review_seconds("kouza_furikae", f"run {next(NUMBERS)}")
