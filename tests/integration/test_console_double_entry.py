"""A field of `verify: double` waits until two different people have typed the same, each without seeing the other's."""

from pathlib import Path

import pytest
from console_desk import VALUES, Office, make_office, opened, write
from fastapi.testclient import TestClient

from backoffice.document import DocumentState, Field
from ocr.template import Form, FormPage

NUMBER = "口座番号"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = make_office(tmp_path)
    form = office.desk.forms["kouza_furikae"]
    office.desk.forms["kouza_furikae"] = _with_double(form)  # type: ignore[index]
    return office


def _with_double(form: Form) -> Form:
    """Return the form with its account number to be typed by two people."""
    page = form.pages[0]
    fields = tuple(
        field.model_copy(update={"verify": "double"}) if field.name == NUMBER else field
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
    assert told["kind"] == "doubtful"
    assert office.desk.documents.get(document).state is DocumentState.WAITING


def test_two_people_who_type_the_same_make_it_a_record(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    _type(_person(office, "sato"), document, "7654321")
    _type(_person(office, "suzuki"), document, "7654321", "record")
    closed = office.desk.documents.get(document)
    assert closed.state is DocumentState.RECORDED
    assert closed.values[NUMBER] == "7654321"
    assert closed.item_id is not None


def test_two_people_who_differ_go_on_until_two_agree(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    sato, suzuki = _person(office, "sato"), _person(office, "suzuki")
    _type(sato, document, "7654321")
    _type(suzuki, document, "7654322")
    assert _field(office, document).reason == "backoffice.entries_differ"
    _type(suzuki, document, "7654321")
    field = _field(office, document)
    assert (field.accepted, field.value, field.corrected_by) == (True, "7654321", "suzuki")


def test_nobody_sees_what_the_machine_or_the_other_person_made_of_it(office: Office) -> None:
    document = office.add_document({NUMBER: "9999991"})
    _type(_person(office, "sato"), document, "7654321")
    page = _person(office, "suzuki").get(f"/documents/{document}").text
    assert VALUES["通知書番号"][:4] in page
    assert "9999991" not in page
    assert "7654321" not in page


def test_what_cannot_be_counts_for_no_ones_entry(office: Office) -> None:
    document = office.add_document({NUMBER: "1234567"})
    _type(_person(office, "sato"), document, "12A")
    _type(_person(office, "suzuki"), document, "12A")
    assert not _field(office, document).accepted
