"""The REST API as other systems meet it: tokens, departments, pages of lists, handing in a scan, and its errors."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from console_desk import Office, make_office, small_scan
from fastapi.testclient import TestClient
from route_calls import OTHER, OWN, Things

from backoffice.messages import room_catalogue
from backoffice.work_items import State
from console.errors import ArgumentWrong
from console.web.api.office import description
from console.web.app import create_app

PNG = small_scan()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


@pytest.fixture
def things(office: Office) -> Things:
    return Things(office)


def system(
    office: Office, role: str = "approver", departments: tuple[str, ...] = (OWN,), name: str = "soumu"
):
    """Return a client that sends a fresh token."""
    _, secret = office.desk.tokens.add(name, roles=[role], departments=departments, days=30, who="admin")
    client = TestClient(create_app(office.desk), base_url="http://127.0.0.1")
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


def submit(client: TestClient, name: str, department: str = OWN, content: bytes = PNG, key: str = ""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        "/api/v1/documents", data={"department": department}, files={"file": (name, content)}, headers=headers
    )


# ---- tokens


def test_a_token_is_kept_as_its_hash_alone(office: Office) -> None:
    token, secret = office.desk.tokens.add(
        "soumu", roles=["verifier"], departments=[OWN], days=30, who="admin"
    )
    database = office.desk.settings.var / "hakadori.db"
    kept = b"".join(path.read_bytes() for path in database.parent.glob("hakadori.db*"))
    assert secret.encode() not in kept
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in kept
    assert secret not in repr(token)


def test_a_replayed_token_is_refused_after_it_was_revoked_or_has_expired(office: Office) -> None:
    revoked, expired = system(office, name="one"), system(office, name="two")
    assert [client.get("/api/v1/health").status_code for client in (revoked, expired)] == [200, 200]
    office.desk.tokens.revoke("one")
    refused = revoked.get("/api/v1/health")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    office.clock.ahead = timedelta(days=30, seconds=1)
    assert expired.get("/api/v1/health").status_code == 401


@pytest.mark.parametrize("header", ["Bearer hkd_wrong", "Bearer ", "Basic c2F0bzp4", "hkd_", "Bearer ああ"])
def test_what_is_no_token_of_ours_is_refused(office: Office, header: str) -> None:
    client = TestClient(create_app(office.desk), base_url="http://127.0.0.1")
    assert client.get("/api/v1/health", headers={"Authorization": header.encode()}).status_code == 401


def test_the_last_use_of_a_token_is_known(office: Office) -> None:
    client = system(office)
    assert office.desk.tokens.get("soumu").last_used_at is None
    client.get("/api/v1/health")
    first = office.desk.tokens.get("soumu").last_used_at
    office.clock.ahead = timedelta(minutes=2)
    client.get("/api/v1/health")
    second = office.desk.tokens.get("soumu").last_used_at
    assert first is not None and second is not None and second > first


@pytest.mark.parametrize(
    ("name", "roles", "days", "key"),
    [
        ("", ["verifier"], 30, "people.token_name_wrong"),
        ("a\nb", ["verifier"], 30, "people.token_name_wrong"),
        ("soumu", ["verifier"], 0, "people.token_days_wrong"),
        ("soumu", ["verifier"], 732, "people.token_days_wrong"),
        ("soumu", [], 30, "console.role_missing"),
        ("known", ["verifier"], 30, "people.token_exists"),
    ],
)
def test_rejects_a_token_that_cannot_be(
    office: Office, name: str, roles: list[str], days: int, key: str
) -> None:
    office.desk.tokens.add("known", roles=["verifier"], departments=[], days=1, who="t")
    office.desk.tokens.revoke("known")
    with pytest.raises(ArgumentWrong) as wrong:
        office.desk.tokens.add(name, roles=roles, departments=[], days=days, who="t")
    assert wrong.value.key == key


def test_no_person_can_have_the_name_of_a_system(office: Office) -> None:
    with pytest.raises(ArgumentWrong):
        office.desk.users.add("api:soumu", "a long password", roles=["verifier"], departments=[])


# ---- departments and lists


def test_lists_hold_the_own_departments_things_alone(office: Office, things: Things) -> None:
    own = {"documents": things.document(OWN), "items": things.item(OWN), "runs": things.run(OWN)}
    for make in (things.document, things.item, things.run):
        make(OTHER)
    narrow, wide = system(office), system(office, departments=("*",), name="all")
    for kind, number in own.items():
        told = narrow.get(f"/api/v1/{kind}").json()
        assert ([one["id"] for one in told["items"]], told["total"]) == ([number], 1)
        assert wide.get(f"/api/v1/{kind}").json()["total"] == 2
    assert [job["department"] for job in narrow.get("/api/v1/jobs").json()] == [OWN]


def test_an_item_read_from_a_document_is_its_departments_whatever_its_process(
    office: Office, things: Things
) -> None:
    document = things.document(OTHER)
    item, _ = office.desk.ledger.put("kouza_furikae", "x", {}, who="t", why="t", document=document)
    assert system(office).get(f"/api/v1/items/{item.id}").status_code == 404
    other = system(office, departments=(OTHER,), name="other")
    assert other.get(f"/api/v1/items/{item.id}").status_code == 200


def test_a_long_list_is_given_in_parts(office: Office, things: Things) -> None:
    numbers = [things.document(OWN) for _ in range(5)]
    client = system(office)
    told = client.get("/api/v1/documents?limit=2&offset=3").json()
    assert [one["id"] for one in told["items"]] == numbers[3:5]
    assert (told["total"], told["limit"], told["offset"]) == (5, 2, 3)
    assert client.get("/api/v1/documents?limit=201").status_code == 422


def test_a_document_shown_is_a_view_in_the_audit_trail(office: Office, things: Things) -> None:
    document = things.document(OWN)
    shown = system(office).get(f"/api/v1/documents/{document}").json()
    assert {field["name"]: field["value"] for field in shown["fields"]}["納税者氏名"] == "山田花子"
    entry = office.desk.audit.entries(1)[0]
    assert (entry.who, entry.what, entry.subject) == ("api:soumu", "document.view", f"document/{document}")


def test_a_record_is_shown_to_who_may_review_and_the_view_is_audited(office: Office, things: Things) -> None:
    item = things.item(OWN)
    assert system(office, "operator").get(f"/api/v1/items/{item}").json()["record"] is None
    assert [entry.what for entry in office.desk.audit.entries()].count("item.view") == 0
    shown = system(office, "verifier", name="two").get(f"/api/v1/items/{item}").json()
    assert shown["record"] == {"氏名": "見本　太郎"}
    assert office.desk.audit.entries(1)[0].what == "item.view"


def test_an_item_in_doubt_is_settled_once(office: Office, things: Things) -> None:
    item, client = things.item(OWN), system(office)
    decision = {"to": "done", "why": "相手の画面で確かめた"}
    assert client.post(f"/api/v1/items/{item}/settle", json=decision).json()["state"] == "done"
    again = client.post(f"/api/v1/items/{item}/settle", json=decision)
    assert (again.status_code, again.json()["status"]) == (409, 409)
    assert office.desk.ledger.get(item).state is State.DONE
    assert office.desk.ledger.events(item)[-1].who == "api:soumu"


# ---- handing in


def in_work(office: Office) -> list[Path]:
    work = office.desk.settings.folder("work")
    return [path for path in work.rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_a_scan_is_taken_whole_and_answered_with_the_number_of_its_receipt(office: Office) -> None:
    client = system(office)
    told, content = submit(client, "異動届.png"), small_scan()
    assert told.status_code == 202
    number = told.json()["file"]
    assert told.json() == {
        "file": number,
        "department": OWN,
        "name": "異動届.png",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "pages": 1,
    }
    assert [(path.name, path.read_bytes()) for path in in_work(office)] == [("異動届.png", content)]
    assert client.get(f"/api/v1/files/{number}").json()["state"] == "claimed"


def test_a_scan_of_the_same_name_overwrites_nothing(office: Office) -> None:
    client = system(office)
    numbers = {submit(client, "a.png", content=small_scan(n)).json()["file"] for n in range(3)}
    assert (len(numbers), len(in_work(office))) == (3, 3)


def test_the_same_content_again_stands_against_the_first_but_the_same_key_gives_it_back(
    office: Office,
) -> None:
    client = system(office)
    first = submit(client, "a.png", key="k1").json()["file"]
    again, other = submit(client, "a.png", key="k1"), submit(client, "a.png", key="k2")
    assert (again.status_code, again.json()["file"]) == (202, first)
    assert (other.status_code, other.json()["type"]) == (409, "urn:hakadori:submit.known")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../secrets.png", "secrets.png"),
        ("..\\..\\secrets.png", "secrets.png"),
        ("/etc/cron.d/x.png", "x.png"),
        ("C:\\boot.png", "boot.png"),
        (".hidden.png", "hidden.png"),
        ("CON.png", "_CON.png"),
        ("<b>名前</b>.png", "b_.png"),
        ("scan", "scan.png"),
        ("scan.exe", "scan.exe.png"),
    ],
)
def test_a_name_never_leads_out_of_the_folder(office: Office, name: str, kept: str) -> None:
    before = set(office.desk.settings.var.parent.rglob("*"))
    assert submit(system(office), name).json()["name"] == kept
    made = set(office.desk.settings.var.parent.rglob("*")) - before
    (place,) = [path for path in made if path.suffix == ".png"]
    assert place.name == kept and place.is_relative_to(office.desk.settings.folder("work") / OWN)


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.png", b"MZ" * 9, 422), ("a.pdf", b"", 422), ("a.pdf", b"%PDF-1.7", 422), ("a.png", PNG[:-12], 422)],
)
def test_what_is_no_scan_is_refused_and_leaves_nothing(
    office: Office, name: str, content: bytes, status: int
) -> None:
    assert submit(system(office), name, content=content).status_code == status
    assert in_work(office) == []


def test_a_scan_larger_than_allowed_is_refused_before_it_is_read(office: Office) -> None:
    client = system(office)
    headers = {"content-length": str(office.desk.letterbox.largest_bytes + 2_000_000)}
    refused = client.post("/api/v1/documents", content=b"x", headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")
    small = client.post("/api/v1/items/1/settle", content=b"x" * 1_000_001)
    assert small.status_code == 413


@pytest.mark.parametrize("department", [OTHER, "nowhere", "../nouzei", ""])
def test_a_scan_goes_to_an_own_department_only(office: Office, department: str) -> None:
    assert submit(system(office), "a.pdf", department).status_code in (404, 422)
    assert in_work(office) == []


# ---- jobs, reports, errors


def test_a_job_is_begun_in_the_name_of_the_system(office: Office) -> None:
    client = system(office, "operator")
    begun = client.post("/api/v1/jobs/nouzei_yomitori/run", json={"parameters": {"月": "4"}})
    assert begun.status_code == 202
    assert client.get(f"/api/v1/runs/{begun.json()['id']}").json()["parameters"] == {"月": "4"}
    assert office.desk.job_desk.calls == [("run", "nouzei_yomitori", "api:soumu")]


def test_errors_are_problem_details_in_the_callers_language(office: Office) -> None:
    client = system(office)
    for language, title in (
        ("en", "There is no such thing."),
        ("ja", "ご指定のものはありません。"),
        ("fr, en;q=0.5, ja;q=0.9", "ご指定のものはありません。"),
        ("xx;q=z", "ご指定のものはありません。"),
    ):
        told = client.get("/api/v1/items/999", headers={"Accept-Language": language})
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json() | {"detail": ""} == {
            "type": "urn:hakadori:console.thing_missing",
            "title": title,
            "status": 404,
            "detail": "",
            "instance": "/api/v1/items/999",
            "errors": [],
        }


def test_a_wrong_value_is_named_but_not_repeated(office: Office) -> None:
    told = system(office, departments=("*",)).post(
        "/api/v1/items/1/settle", json={"to": "山田花子", "why": ""}
    )
    assert told.status_code == 422
    assert {one["where"] for one in told.json()["errors"]} == {"body.to", "body.why"}
    assert "山田花子" not in told.text


def test_an_unknown_resource_and_method_are_problems_too(office: Office) -> None:
    client = system(office)
    missing, wrong = client.get("/api/v1/nothing"), client.delete("/api/v1/items")
    assert [answer.status_code for answer in (missing, wrong)] == [404, 405]
    assert wrong.headers["allow"] == "GET"
    assert {answer.headers["content-type"] for answer in (missing, wrong)} == {"application/problem+json"}


def test_too_many_requests_are_put_off(office: Office) -> None:
    from console.web.limits import RateLimit

    object.__setattr__(office.desk, "limits", RateLimit(3))
    client = system(office)
    answers = [client.get("/api/v1/health").status_code for _ in range(4)]
    late = client.get("/api/v1/health")
    assert answers == [200, 200, 200, 429]
    assert 1 <= int(late.headers["retry-after"]) <= 20
    office.clock.ahead = timedelta(seconds=21)
    assert client.get("/api/v1/health").status_code == 200


def test_a_write_with_a_browsers_session_needs_its_csrf_token(office: Office, things: Things) -> None:
    client = office.client("sato", roles=("approver",))
    item = things.item(OWN)
    refused = client.post(f"/api/v1/items/{item}/settle", json={"to": "done", "why": "x"})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:hakadori:forged")
    assert office.desk.ledger.get(item).state is State.IN_DOUBT


def test_the_description_names_nothing_outside_of_this_machine(office: Office) -> None:
    client = system(office)
    described = client.get("/api/v1/openapi.json").text
    assert "http" not in described.replace('"type":"http"', "").replace("HTTP", "")
    page = office.client("sato").get("/api")
    assert page.status_code == 200
    assert "/api/v1/documents" in page.text


def test_the_page_says_what_each_call_does_in_the_language_of_the_office(office: Office) -> None:
    page = office.client("sato").get("/api").text
    assert "登録の有無が不明な案件を決着させる" in page and "承認" in page
    assert "List documents" not in page and "settle</td>" not in page


def test_every_call_has_its_words_and_in_english_those_of_the_code() -> None:
    texts = {
        name: entry["en"]
        for name, entry in room_catalogue("api")["texts"].items()
        if name.startswith("does_")
    }
    told = [one for methods in description()["paths"].values() for one in methods.values()]
    assert texts == {f"does_{one['summary'].lower().replace(' ', '_')}": one["description"] for one in told}
