"""A field of `verify: double` waits until two different people have typed the same, each without seeing the other's."""

from pathlib import Path

import pytest
from console_desk import VALUES, Office, make_office, opened, write
from fastapi.testclient import TestClient
from httpx import Response

from backoffice.document import DocumentState, Field
from ocr.template import Form, FormPage

NUMBER = "口座番号"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = make_office(tmp_path)
    form = office.desk.forms["kouza_furikae"]
    office.desk.forms["kouza_furikae"] = _with_double(form)  # type: ignore[index]
    return office


def _with_double(form: Form, name: str = NUMBER) -> Form:
    """Return the form with one more field, the account number by default, to be typed by two people."""
    page = form.pages[0]
    fields = tuple(
        field.model_copy(update={"verify": "double"}) if field.name == name else field
        for field in page.declared
    )
    changed = FormPage.model_construct(**{**dict(page), "declared": fields})
    return form.model_copy(update={"pages": (changed,)})


def _person(office: Office, name: str) -> TestClient:
    return office.client(name)


def _type(client: TestClient, document: int, value: str, verb: str = "save") -> dict:
    return write(client, opened(client, document), verb, values={NUMBER: value}).json()


def _field(office: Office, document: int) -> Field:
    return next(field for field in office.desk.documents.get(document).fields if field.name == NUMBER)


def test_one_person_is_not_enough_however_often(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    sato = _person(office, "sato")
    _type(sato, document, "7654321")
    told = _type(sato, document, "7654321", "record")
    field = _field(office, document)
    assert (field.accepted, field.reason) == (False, "backoffice.second_entry_waits")
    assert field.value == "1234567"
    assert told["kind"] == "second"
    assert office.desk.documents.get(document).state is DocumentState.WAITING


def test_two_people_who_type_the_same_make_it_a_record(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    _type(_person(office, "sato"), document, "7654321")
    _type(_person(office, "suzuki"), document, "7654321", "record")
    closed = office.desk.documents.get(document)
    assert closed.state is DocumentState.RECORDED
    assert closed.values[NUMBER] == "7654321"
    assert closed.item_id is not None


def test_two_people_who_differ_may_not_decide_between_themselves(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    sato, suzuki = _person(office, "sato"), _person(office, "suzuki")
    _type(sato, document, "7654321")
    _type(suzuki, document, "7654322")
    assert _field(office, document).reason == "backoffice.entries_differ"
    refused = write(suzuki, opened(suzuki, document), "save", values={NUMBER: "7654321"})
    assert (refused.status_code, refused.json()["kind"]) == (403, "not_the_third")
    for person in (sato, suzuki):
        assert (
            write(
                person, opened(person, document), "save", illegible=[NUMBER], values={NUMBER: ""}
            ).status_code
            == 403
        )
    field = _field(office, document)
    assert (field.accepted, field.value, field.reason) == (False, "1234567", "backoffice.entries_differ")


def test_a_third_person_sees_both_and_decides(office: Office) -> None:
    document = office.add_document({NUMBER: "9999991"})
    _type(_person(office, "sato"), document, "7654321")
    _type(_person(office, "suzuki"), document, "7654322")
    tanaka = _person(office, "tanaka")
    page = tanaka.get(f"/documents/{document}").text
    assert "7654321" in page and "7654322" in page
    assert "9999991" not in page
    _type(tanaka, document, "7654322", "record")
    closed = office.desk.documents.get(document)
    assert (closed.state, closed.values[NUMBER]) == (DocumentState.RECORDED, "7654322")


def test_neither_of_the_two_ever_sees_the_others_value(office: Office) -> None:
    document = office.add_document({NUMBER: "9999991"})
    sato, suzuki = _person(office, "sato"), _person(office, "suzuki")
    _type(sato, document, "7654321")
    _type(suzuki, document, "7654322")
    assert "7654322" not in sato.get(f"/documents/{document}").text
    assert "7654321" not in suzuki.get(f"/documents/{document}").text
    told = sato.get(f"/api/v1/documents/{document}").text
    assert "9999991" not in told and "7654322" not in told


def test_who_typed_a_part_goes_on_to_the_next_document(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    following = office.add_document({NUMBER: "1234567"}, number=1)
    sato = _person(office, "sato")
    told = _type(sato, document, "7654321", "record")
    assert (told["kind"], told["next"]) == ("second", following)
    assert _type(sato, following, "7654321", "record")["next"] is None
    assert _type(_person(office, "suzuki"), document, "7654321", "record")["next"] == following


def test_nobody_sees_what_the_machine_or_the_other_person_made_of_it(office: Office) -> None:
    document = office.add_document({NUMBER: "9999991"})
    _type(_person(office, "sato"), document, "7654321")
    page = _person(office, "suzuki").get(f"/documents/{document}").text
    assert VALUES["通知書番号"][:4] in page
    assert "9999991" not in page
    assert "7654321" not in page


def test_no_suggestion_gives_away_a_reading_that_is_hidden(office: Office) -> None:
    forms = office.desk.forms
    forms["kouza_furikae"] = _with_double(forms["kouza_furikae"], "郵便番号")  # type: ignore[index]
    document = office.add_document({"郵便番号": "6794222", "住所": ""})
    sato = _person(office, "sato")

    def offered(**typed: str) -> int:
        body = {"field": "住所", "values": typed}
        return len(_send(sato, document, "suggest", body).json()["suggestions"])

    assert (offered(), offered(郵便番号="6794222")) == (0, 1)


def _send(client: TestClient, document: int, verb: str, body: dict) -> Response:
    given = opened(client, document)
    headers, params = {"X-CSRF-Token": given["csrf"], "Accept": "application/json"}, {"view": given["view"]}
    return client.post(f"/documents/{document}/{verb}", json=body, headers=headers, params=params)


def test_what_cannot_be_counts_for_no_ones_entry(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    _type(_person(office, "sato"), document, "12A")
    _type(_person(office, "suzuki"), document, "12A")
    assert not _field(office, document).accepted
