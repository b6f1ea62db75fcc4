"""The queue of documents: groups, order, parts, who has what in hand, and the way into the first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from console_desk import Office, make_office

from backoffice.department_work import Page
from backoffice.document import NewDocument
from backoffice.turns import Line
from backoffice.waiting_list import Group, Order
from console.web.waiting import age_words

DOUBTFUL = {"口座番号": "123456●"}
MORE = DOUBTFUL | {"納税者氏名": "山田花了"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def copies(office: Office, document: int, count: int, form: str = "") -> list[int]:
    """Enter more documents like one, without pictures of their own."""
    store, one = office.desk.documents, office.desk.documents.get(document)
    made = []
    for number in range(count):
        file = store.claim_file(
            one.department, f"c{form}{number}.pdf", f"{form}{number}".rjust(64, "c"), 1, "o"
        )
        new = NewDocument(
            file.id, 0, one.department, form or one.form, one.form_version, one.pages, one.fields
        )
        made.append(store.add_document(new))
    return made


def listed(office: Office, order: Order, who: str = "sato") -> list[int]:
    return [row.id for row in office.desk.documents.waiting.rows(Line(), Page(50), who, order)]


def test_groups_tell_how_many_wait_and_since_when(office: Office) -> None:
    first = office.add_document(DOUBTFUL)
    copies(office, first, 2)
    office.clock.ahead = timedelta(days=2)
    other = office.add_document(DOUBTFUL, "kenkou", 1)
    store = office.desk.documents
    assert store.waiting.groups(None) == [
        Group("kouza_furikae", "nouzei", 3, store.get(first).created_at),
        Group("kouza_furikae", "kenkou", 1, store.get(other).created_at),
    ]
    assert [group.department for group in store.waiting.groups({"kenkou"})] == ["kenkou"]


def test_the_list_is_sorted_by_age_form_or_doubt(office: Office) -> None:
    little = office.add_document(DOUBTFUL)
    much = office.add_document(MORE, number=1)
    (early,) = copies(office, little, 1, "idou_todoke")
    assert listed(office, Order.AGE) == [little, much, early]
    assert listed(office, Order.FORM) == [early, little, much]
    assert listed(office, Order.DOUBTFUL) == [much, little, early]


def test_rows_say_who_has_a_document_in_hand_until_it_was_let_lie(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    turns, waiting = office.desk.documents.turns, office.desk.documents.waiting
    turns.take(document, "kato")
    assert waiting.rows(Line(), Page(), "sato")[0].hands == ("kato",)
    assert waiting.rows(Line(), Page(), "kato")[0].hands == ()
    office.clock.ahead = timedelta(minutes=11)
    assert waiting.rows(Line(), Page(), "sato")[0].hands == ()


def test_rows_carry_comments_skips_and_what_double_entry_waits_for(office: Office) -> None:
    document = office.add_document(MORE)
    store = office.desk.documents
    store.comments.add(document, "kato", "裏面もあります")
    store.turns.skip(document, "sato")
    store.correct(document, 0, {"口座番号": "1234567"}, who="kato", reasons={}, twice=frozenset({"口座番号"}))
    (row,) = store.waiting.rows(Line(), Page(), "sato")
    assert (row.comments, row.skipped, row.stages, row.doubtful) == (1, True, ("second",), 2)


def test_a_long_list_comes_in_parts_and_no_field_is_read_for_it(office: Office) -> None:
    first = office.add_document(DOUBTFUL)
    copies(office, first, 120)
    asked: list[str] = []
    engine = office.desk.documents.waiting._engine
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cur, said, *_rest: asked.append(said))
    client = office.client("sato")
    page = client.get("/documents?page=3").text
    assert page.count('<th scope="row"') == 21
    assert "121" in page
    assert not [said for said in asked if "document_fields.value" in said]


def test_begin_opens_the_first_of_the_part_and_the_address_keeps_the_part(office: Office) -> None:
    office.add_document(DOUBTFUL, "kenkou", 1)
    mine = office.add_document(DOUBTFUL, number=2)
    client = office.client("sato", departments=("nouzei", "kenkou"))
    page = client.get("/documents?department=nouzei").text
    assert 'href="/documents/next?department=nouzei"' in page
    assert f'href="/documents/{mine}?department=nouzei"' in page
    begun = client.get("/documents/next?department=nouzei")
    assert begun.headers["location"] == f"/documents/{mine}?department=nouzei"


def test_begin_passes_by_what_somebody_else_has_in_hand(office: Office) -> None:
    taken, free = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, number=1)
    office.desk.documents.turns.take(taken, "kato")
    assert office.client("sato").get("/documents/next").headers["location"] == f"/documents/{free}"


def test_begin_goes_back_to_the_list_when_nothing_waits(office: Office) -> None:
    begun = office.client("sato").get("/documents/next?form=nothing")
    assert begun.headers["location"] == "/documents?form=nothing"


def test_the_heading_says_which_documents_are_listed(office: Office) -> None:
    sato = office.client("sato")
    assert "<h1>確認待ち一覧 " in sato.get("/documents").text
    assert "<h1>差し戻し中の書類 " in sato.get("/documents?show=returned").text


def test_another_department_is_neither_counted_nor_listed(office: Office) -> None:
    office.add_document(DOUBTFUL, "kenkou", 1)
    page = office.client("sato").get("/documents?department=kenkou&order=doubtful").text
    assert "健康課" not in page
    assert '<th scope="row"' not in page


@pytest.mark.parametrize("query", ["order=nonsense", "show=nonsense", "form=<b>&department='"])
def test_an_address_that_nobody_links_to_does_no_harm(office: Office, query: str) -> None:
    office.add_document(DOUBTFUL)
    answer = office.client("sato").get(f"/documents?{query}")
    assert answer.status_code == 200
    assert "<b>" not in answer.text


def test_age_is_told_in_days_hours_or_minutes(office: Office) -> None:
    now = office.clock()
    told = [age_words(now - timedelta(minutes=minutes), now) for minutes in (3, 130, 2900, -5)]
    assert told == ["3分", "2時間", "2日", "0分"]
