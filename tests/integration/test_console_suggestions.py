"""A town's own lists hold people's names: suggestions come only to who has the document open, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_desk import Office, make_office, opened, write
from fastapi.testclient import TestClient

from ocr.template import load_form

NAME, KANA = "納税者氏名", "納税者氏名カナ"
DOUBTFUL = {KANA: "ヤマタ　ハナコ"}
RESIDENTS = "氏名,カナ,番号\n山田 花子,ヤマダ ハナコ,777\n山本 次郎,ヤマモト ジロウ,888\n"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office whose transfer form takes its names from the town's list of residents."""
    office = make_office(tmp_path)
    for folder in ("forms", "masters"):
        (tmp_path / folder).mkdir()
    (tmp_path / "masters" / "residents.csv").write_text(RESIDENTS, encoding="utf-8")
    shipped = Path("configs") / "forms" / "kouza_furikae.yaml"
    listed = shipped.read_text(encoding="utf-8").replace(
        "../../samples/forms/", f"{Path('samples/forms').resolve()}/"
    )
    for name, column in ((NAME, "氏名"), (KANA, "カナ")):
        line = next(one for one in listed.splitlines() if f"{{name: {name}," in one)
        listed = listed.replace(line, line.replace("}", f", lexicon: residents.{column}}}"))
    template = tmp_path / "forms" / shipped.name
    template.write_text(listed, encoding="utf-8")
    office.desk.forms["kouza_furikae"] = load_form(template)  # type: ignore[index]
    return office


def ask(
    client: TestClient, given: dict, document: int, field: str, *, view: str | None = None, **values: str
):
    token = given["view"] if view is None else view
    return client.post(
        f"/documents/{document}/suggest",
        params={"view": token},
        json={"field": field, "values": values},
        headers={"X-CSRF-Token": given["csrf"]},
    )


def offered(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["value"] for one in answer.json()["suggestions"]]


def test_who_has_the_document_open_is_offered_the_columns_that_the_form_names(office: Office) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    assert offered(ask(client, given, document, NAME, **{NAME: "山本", KANA: ""})) == ["山本　次郎"]
    assert offered(ask(client, given, document, KANA, **{NAME: "山田花子"}))[:1] == ["ヤマダ　ハナコ"]
    told = ask(client, given, document, NAME, **{NAME: "山", KANA: ""}).text
    assert not [number for number in ("777", "888") if number in told]


@pytest.mark.parametrize("view", ["", "forged", "another person's", "another document's"])
def test_nothing_is_offered_without_a_view_that_the_audit_trail_knows(office: Office, view: str) -> None:
    document, other = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, number=1)
    client, signer, now = office.client("sato"), office.desk.signer, office.clock()
    given = opened(client, other)
    tokens = {
        "another person's": signer.view(document, "kato", now),
        "another document's": given["view"],
    }
    answer = ask(client, given, document, NAME, view=tokens.get(view, view), **{NAME: "山"})
    assert answer.status_code == 404
    assert "山" not in answer.text


def test_another_departments_document_offers_nothing_even_with_a_right_token(office: Office) -> None:
    mine, theirs = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, "kenkou", 1)
    client = office.client("sato")
    given = opened(client, mine)
    token = office.desk.signer.view(theirs, "sato", office.clock())
    assert ask(client, given, theirs, NAME, view=token, **{NAME: "山"}).status_code == 404


def test_a_closed_document_offers_nothing_more(office: Office) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    assert write(client, given, "discard", reason="重複").status_code == 200
    assert offered(ask(client, given, document, NAME, **{NAME: "山"})) == []


def test_a_field_without_a_list_gives_no_list_of_another_field(office: Office) -> None:
    document, client = office.add_document(DOUBTFUL), office.client("sato")
    given = opened(client, document)
    assert offered(ask(client, given, document, "電話番号", **{"電話番号": "山"})) == []
    assert ask(client, given, document, "番号", **{"番号": "7"}).status_code in (400, 422)
