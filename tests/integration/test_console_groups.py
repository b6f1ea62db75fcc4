"""Group review over HTTP: what becomes a tile, what a confirmed tile confirms, and what nobody may do with one."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import numpy as np
import pytest
from console_desk import Office, make_office
from fastapi.testclient import TestClient
from group_desk import ACCOUNT, METHOD, add_cells
from PIL import Image

from backoffice.document import DocumentState
from backoffice.turns import Line
from console.web.tiles import Kind, TileFinder
from ocr.template import Form

FORM = "kouza_furikae"


class Corner:
    """A department of its own in an office that all tests share, with numbers that nobody else uses."""

    def __init__(self, office: Office, number: int) -> None:
        self.office = office
        self.desk = office.desk
        self.department = f"ka{number}"
        self.first = number * 100

    def add(self, number: int, value: str, **more: Any) -> int:
        return add_cells(self.office, self.first + number, value, **({"department": self.department} | more))

    def record(self, number: int) -> Any:
        item = self.desk.ledger.find(FORM, f"{self.first + number:010d}")
        return None if item is None else item.record

    def kinds(self) -> dict[str, int]:
        found = TileFinder(self.desk).kinds(Line({self.department}, FORM))
        return {f"{kind.of}{kind.value}": count for kind, count in found.items()}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return make_office(tmp_path_factory.mktemp("groups"))


NUMBERS = itertools.count(1)


@pytest.fixture
def office(shared: Office) -> Corner:
    return Corner(shared, next(NUMBERS))


@pytest.fixture(scope="module")
def client(shared: Office) -> TestClient:
    """A verifier of every department; signing in and making the application take most of a test's time."""
    return shared.client("sato", departments=("*",))


def shown(client: TestClient, office: Corner, value: str, of: str = "") -> dict[str, Any]:
    """Open the tiles of a class, as the page's script sees them."""
    asked = {"form": FORM, "department": office.department, "value": value, "of": of}
    page = client.get("/groups/tiles", params=asked)
    assert page.status_code == 200
    if 'id="given">' not in page.text:
        return {"tiles": []}
    given: dict[str, Any] = json.loads(page.text.split('id="given">')[1].split("</script>")[0])
    return given | {"view": json.loads(page.text.split('id="view">')[1].split("</script>")[0])}


def confirm(client: TestClient, given: dict[str, Any], now: dict[int, str] | None = None, **more: Any) -> Any:
    """Confirm every tile that is shown; `now`: document → the right character."""
    names = ("document", "revision", "position", "place", "name", "read")
    tiles = [dict(zip(names, tile, strict=True)) for tile in given["tiles"]]
    said = [tile | {"now": (now or {}).get(tile["document"], tile["read"])} for tile in tiles]
    headers = {"X-CSRF-Token": given["csrf"], "Accept": "application/json"}
    body = {"tiles": said, "seconds": 0, "view": given["view"]} | more
    answer = client.post("/groups/confirm", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_only_the_characters_in_doubt_become_tiles(office: Corner) -> None:
    office.add(1, "1234577", doubtful=(5, 6))
    office.add(2, "7654321", doubtful=(0,))
    assert office.kinds() == {"7": 3}


def test_all_characters_become_tiles_where_none_stands_out(office: Corner) -> None:
    office.add(1, "1122277")
    assert office.kinds() == {"1": 2, "2": 3, "7": 2}


def test_a_value_without_cells_a_form_that_is_gone_and_a_done_document_have_no_tiles(
    office: Corner, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.office.add_document({ACCOUNT: "1234567"}, office.department, office.first)
    done = office.add(1, "1234567", doubtful=(0,))
    office.desk.documents.close(done, 0, DocumentState.DISCARDED, reason="x")
    assert office.kinds() == {}
    office.add(2, "1234567", doubtful=(0,))
    monkeypatch.delitem(office.desk.forms, FORM)  # type: ignore[arg-type]
    assert office.kinds() == {}


def test_fields_that_two_must_type_are_never_shown_nor_taken(
    office: Corner, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = office.add(1, "1234567", doubtful=(0,))
    given = shown(client, office, "1")
    monkeypatch.setitem(office.desk.forms, FORM, _with_double(office, ACCOUNT))  # type: ignore[arg-type]
    assert office.kinds() == {}
    assert len(confirm(client, given)["stale"]) == 1
    picture = client.get("/groups/sheet", params={"token": given["sheets"][0]})
    assert np.asarray(Image.open(io.BytesIO(picture.content))).min() == 255
    assert office.desk.documents.get(document).revision == 0


def test_a_field_is_confirmed_when_all_its_characters_are(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0, 6))
    first = confirm(client, shown(client, office, "1"))
    assert (first["kept"], first["fields"], first["recorded"]) == (1, 0, [])
    assert office.desk.documents.get(document).revision == 0
    assert office.kinds() == {"7": 1}
    second = confirm(client, shown(client, office, "7"))
    assert (second["kept"], second["fields"], second["recorded"]) == (1, 1, [document])
    assert office.record(1)[ACCOUNT] == "1234567"


def test_a_character_typed_on_its_tile_stands_in_the_record(office: Corner, client: TestClient) -> None:
    one, two = (office.add(number, "1234567", doubtful=(0,)) for number in (1, 2))
    told = confirm(client, shown(client, office, "1"), {two: "７"})
    assert sorted(told["recorded"]) == [one, two]
    assert [office.record(number)[ACCOUNT] for number in (1, 2)] == ["1234567", "7234567"]


@pytest.mark.parametrize("now", ["", "12", "●", " "])
def test_what_is_no_single_character_is_told_and_not_kept(
    office: Corner, client: TestClient, now: str
) -> None:
    document = office.add(1, "1234567", doubtful=(0,))
    told = confirm(client, shown(client, office, "1"), {document: now})
    assert (len(told["wrong"]), told["kept"]) == (1, 0)
    assert office.kinds() == {"1": 1}


def test_an_unread_character_can_be_typed_but_not_confirmed(office: Corner, client: TestClient) -> None:
    document = office.add(1, "●234567", doubtful=(0,))
    assert office.kinds() == {"●": 1}
    assert confirm(client, shown(client, office, "●"))["kept"] == 0
    assert confirm(client, shown(client, office, "●"), {document: "9"})["recorded"] == [document]


def test_a_mark_is_confirmed_as_a_whole(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0,), method="期別")
    assert office.kinds() == {"1": 1, "振替方法期別": 1}
    assert len(confirm(client, shown(client, office, "期別", METHOD), {document: "全期前納"})["wrong"]) == 1
    assert confirm(client, shown(client, office, "期別", METHOD))["fields"] == 1
    assert confirm(client, shown(client, office, "1"))["recorded"] == [document]


def test_two_options_where_one_is_to_be_chosen_are_no_tile(office: Corner) -> None:
    office.add(1, "1234567", doubtful=(0,), method="期別、全期前納")
    assert office.kinds() == {"1": 1}


def test_a_document_changed_meanwhile_is_told_and_nothing_overwritten(
    office: Corner, client: TestClient
) -> None:
    changed, same = (office.add(number, "1234567", doubtful=(0,)) for number in (1, 2))
    given = shown(client, office, "1")
    office.desk.documents.correct(changed, 0, {ACCOUNT: "7654321"}, who="kato", reasons={ACCOUNT: "x"})
    told = confirm(client, given)
    assert told["stale"] == [[changed, _position(office, changed), 0]]
    assert told["recorded"] == [same]
    assert office.desk.documents.get(changed).values[ACCOUNT] == "7654321"


def test_choices_are_forgotten_when_the_value_changes(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0, 6))
    confirm(client, shown(client, office, "1"))
    store = office.desk.documents
    store.correct(document, 0, {ACCOUNT: "7654321"}, who="kato", reasons={ACCOUNT: "x"})
    store.correct(document, 1, {ACCOUNT: "1234567"}, who="kato", reasons={ACCOUNT: "x"})
    assert office.kinds() == {"7": 1}
    store.correct(document, 2, {ACCOUNT: "1234568"}, who="kato", reasons={ACCOUNT: "x"})
    assert office.kinds() == {}


def test_what_one_person_typed_on_a_tile_is_never_confirmed_away_by_another(
    office: Corner, client: TestClient
) -> None:
    document = office.add(1, "1234567", doubtful=(0, 6))
    first, second = shown(client, office, "1"), shown(client, office, "1")
    assert confirm(client, first, {document: "7"})["kept"] == 1
    told = confirm(client, second)
    assert (told["kept"], told["stale"]) == (0, [[document, _position(office, document), 0]])
    confirm(client, shown(client, office, "7"))
    assert office.record(1)[ACCOUNT] == "7234567"


def test_only_what_is_a_tile_can_be_confirmed(office: Corner, client: TestClient) -> None:
    typed = office.add(1, "1234567", doubtful=(0,))
    given = shown(client, office, "1")
    office.desk.documents.correct(typed, 0, {ACCOUNT: "1234568"}, who="kato", reasons={ACCOUNT: "x"})
    given["tiles"][0][1] = 1
    assert len(confirm(client, given)["stale"]) == 1
    sure = office.add(2, "1234567", doubtful=(0,))
    given = shown(client, office, "1")
    given["tiles"][0][3], given["tiles"][0][5] = 6, "7"
    assert len(confirm(client, given)["stale"]) == 1
    assert all(office.desk.documents.get(one).doubtful for one in (typed, sure))


def test_a_check_that_fails_keeps_the_document_waiting(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0,))
    told = confirm(client, shown(client, office, "1"), {document: "x"})
    assert (told["refused"], told["recorded"]) == ([document], [])
    assert office.desk.documents.get(document).state is DocumentState.WAITING


def test_a_document_in_doubt_as_a_whole_is_never_closed(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0,), reason="inbox.page_missing")
    told = confirm(client, shown(client, office, "1"))
    assert (told["fields"], told["recorded"]) == (1, [])
    kept = office.desk.documents.get(document)
    assert (kept.state, kept.doubtful) == (DocumentState.WAITING, ())


def test_another_department_s_tiles_are_neither_shown_nor_taken(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0,))
    theirs = shown(client, office, "1")
    stranger = office.office.client("kato", departments=("another",))
    assert shown(stranger, office, "1")["tiles"] == []
    mine = stranger.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    told = confirm(stranger, theirs | {"csrf": mine})
    assert len(told["stale"]) == 1
    token = office.desk.signer.sheets.sheet([(document, 0, 0)], "kato", office.desk.clock())
    for asked in (theirs["sheets"][0], token):
        picture = stranger.get("/groups/sheet", params={"token": asked})
        assert np.asarray(Image.open(io.BytesIO(picture.content))).min() == 255
    assert office.desk.documents.get(document).revision == 0


def test_every_document_shown_is_in_the_audit_trail_once(office: Corner, client: TestClient) -> None:
    one = office.add(1, "1134567", doubtful=(0, 1))
    two = office.add(2, "1234567", doubtful=(0,))
    other = office.add(3, "7234567", doubtful=(0,))
    shown(client, office, "1")
    numbers = {f"document/{one}", f"document/{two}", f"document/{other}"}
    entries = [entry for entry in office.desk.audit.entries() if entry.subject in numbers]
    views = [entry for entry in entries if entry.what == "document.view"]
    assert sorted(entry.subject for entry in views) == [f"document/{one}", f"document/{two}"]
    assert {json.dumps(entry.details) for entry in views} == {'{"group": "digit"}'}
    assert office.desk.audit.verify() is None


def test_a_sheet_shows_each_cell_in_its_place(office: Corner, client: TestClient) -> None:
    office.add(1, "1234567", doubtful=(0,))
    office.add(2, "●●●●●●●", doubtful=(3,))
    given = shown(client, office, "1")
    picture = client.get("/groups/sheet", params={"token": given["sheets"][0]})
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    sheet = np.asarray(Image.open(io.BytesIO(picture.content)))
    width, height = given["size"]
    assert sheet.shape == (height, width * given["columns"])
    assert (sheet[:, :width] < 100).sum() > 50, "the digit is there"
    assert (sheet[:, width:] < 255).sum() == 0, "and nothing else"


@pytest.mark.parametrize("token", ["", "nonsense", "W10.abc"])
def test_a_forged_sheet_is_white(client: TestClient, token: str) -> None:
    picture = client.get("/groups/sheet", params={"token": token})
    assert np.asarray(Image.open(io.BytesIO(picture.content))).min() == 255


def test_seconds_are_shared_among_the_documents_and_never_more_than_passed(
    office: Corner, client: TestClient
) -> None:
    office.desk.documents.take_review_seconds(FORM, "before")
    for number in (1, 2):
        office.add(number, "1234567", doubtful=(0,))
    given = shown(client, office, "1")
    confirm(client, given, seconds=9_999)
    assert office.desk.documents.take_review_seconds(FORM, "run") < 9_999
    office.add(3, "1234567", doubtful=(0,))
    confirm(client, shown(client, office, "1"), seconds=50, view="forged")
    assert office.desk.documents.take_review_seconds(FORM, "another run") == 0


def test_the_list_of_classes_links_to_their_tiles(office: Corner, client: TestClient) -> None:
    office.add(1, "1234577", doubtful=(5, 6), method="期別")
    part = f"form={FORM}&department={office.department}"
    page = client.get(f"/groups?{part}").text
    assert f'href="/groups/tiles?{part}&amp;value=7"'.replace("&d", "&amp;d") in page
    assert "振替方法: 期別" in page
    assert "様式を選んでください" in client.get("/groups").text


def test_a_choice_kept_says_nothing_of_itself(office: Corner, client: TestClient) -> None:
    document = office.add(1, "1234567", doubtful=(0, 6))
    confirm(client, shown(client, office, "1"))
    (one,) = [f for f in office.desk.documents.cells.fields_of([document]) if f.name == ACCOUNT]
    assert one.chosen == {0: "1"}
    assert "1234567" not in repr(one)
    assert Kind("", "7").sort == "digit"


def _position(office: Corner, document: int) -> int:
    return [field.name for field in office.desk.documents.get(document).fields].index(ACCOUNT)


def _with_double(office: Corner, name: str) -> Form:
    told = office.desk.forms[FORM].model_dump(by_alias=True)
    for page in told["pages"]:
        for field in page["fields"]:
            if field["name"] == name:
                field["verify"] = "double"
    return Form.model_validate(told)
