"""The pages without a browser: who gets in, who sees what, and what a write must bring along."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from console_desk import PASSWORD, VALUES, Office, make_office, opened, sign_in, write
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from backoffice.document import DocumentState
from backoffice.work_items import State
from console.web.app import create_app
from console.web.sessions import COOKIE, session_secret

DOUBTFUL = {"口座番号": "123456●", "預金種別": ""}
SURE = {"口座番号": "1234567", "預金種別": "普通"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def audited(office: Office) -> list[str]:
    return [entry.what for entry in office.desk.audit.entries()]


# ---- at the door


def test_nobody_gets_in_without_signing_in(office: Office) -> None:
    answer = office.client().get("/documents")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fdocuments")


def test_a_wrong_password_is_refused_and_audited_without_the_name_of_a_stranger(office: Office) -> None:
    client = office.client("sato")
    assert sign_in(client, "sato", "wrong password").status_code == 403
    assert sign_in(client, "my-password-by-mistake", "x").status_code == 403
    who = {entry.who for entry in office.desk.audit.entries() if entry.what == "user.refused"}
    assert who == {"sato", "?"}


def test_signing_in_needs_the_page_of_ours(office: Office) -> None:
    client = office.client("sato")
    forged = TestClient(create_app(office.desk), base_url="http://127.0.0.1")
    assert forged.post("/login", data={"name": "sato", "password": PASSWORD}).status_code == 403
    assert client.get("/").status_code == 200


def test_the_session_ends_when_nothing_happens_for_an_hour(office: Office) -> None:
    client = office.client("sato")
    office.clock.ahead = timedelta(minutes=59)
    assert client.get("/").status_code == 200
    office.clock.ahead = timedelta(minutes=59 + 61)
    assert client.get("/").status_code == 303


def test_the_session_survives_a_restart_of_the_server(office: Office) -> None:
    client = office.client("sato")
    secret = session_secret(office.desk.settings.var / "web.key")
    restarted = TestClient(create_app(make_office_again(office)), base_url="http://127.0.0.1")
    restarted.cookies.set(COOKIE, client.cookies[COOKIE])
    assert restarted.get("/").status_code == 200
    assert secret == session_secret(office.desk.settings.var / "web.key")


def make_office_again(office: Office):
    return make_office(office.desk.settings.var.parent).desk


def test_a_forged_cookie_is_nobody(office: Office) -> None:
    client = office.client("sato")
    forged = client.cookies[COOKIE][:-2] + "xx"
    client.cookies.clear()
    client.cookies.set(COOKIE, forged)
    assert client.get("/").status_code == 303


def test_signing_out_ends_this_session_for_good_and_no_other_one(office: Office) -> None:
    first, second, copied = office.client("sato"), office.client(), office.client()
    sign_in(second, "sato")
    copied.cookies.set("hakadori", first.cookies["hakadori"])
    csrf = first.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    assert copied.get("/").status_code == 200
    assert first.post("/logout", data={"csrf": csrf}).status_code == 303
    assert (first.get("/").status_code, copied.get("/").status_code) == (303, 303)
    assert second.get("/").status_code == 200


def test_a_revoked_user_is_out_at_the_next_click(office: Office) -> None:
    client = office.client("sato")
    office.desk.users.set_active("sato", False)
    assert client.get("/").status_code == 303


def test_the_cookie_is_for_our_pages_only(office: Office) -> None:
    header = office.client().get("/login").headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header


def test_every_answer_forbids_everything_from_elsewhere(office: Office) -> None:
    client = office.client("sato")
    for path in ("/", "/documents", "/nowhere", "/static/base.css"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"


def test_a_strange_host_name_is_refused(office: Office) -> None:
    assert office.client().get("/login", headers={"host": "evil.example"}).status_code == 400


def test_there_are_no_documentation_pages_from_elsewhere(office: Office) -> None:
    client = office.client("sato")
    assert [client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404] * 3


# ---- roles


PAGES = ("/", "/documents", "/savings", "/audit")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("verifier", {"/", "/documents", "/savings"}),
        ("approver", {"/", "/documents", "/savings"}),
        ("operator", {"/", "/savings"}),
        ("author", {"/", "/savings"}),
        ("auditor", {"/", "/savings", "/audit"}),
        ("admin", {"/", "/savings", "/audit"}),
    ],
)
def test_a_role_opens_exactly_its_pages(office: Office, role: str, allowed: set[str]) -> None:
    client = office.client("one", roles=(role,))
    answers = {page: client.get(page).status_code for page in PAGES}
    assert answers == {page: 200 if page in allowed else 403 for page in PAGES}


def test_an_operator_can_neither_see_nor_write_a_document(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    given = opened(office.client("sato"), document)
    other = office.client("op", roles=("operator",))
    assert other.get(f"/documents/{document}").status_code == 403
    assert write(other, given, "save", values={"口座番号": "7654321"}).status_code == 403
    assert other.get(f"/documents/{document}/pages/1/picture?view={given['view']}").status_code == 403


# ---- writes


def every_write() -> list[str]:
    from console.web import auditing, entrance, overview, pictures, review, savings, waiting

    rooms = (auditing, entrance, overview, pictures, review, savings, waiting)
    routes = [route for room in rooms for route in room.router.routes if isinstance(route, APIRoute)]
    return sorted(route.path for route in routes if "POST" in route.methods)


def test_the_writes_are_these() -> None:
    verbs = ("discard", "record", "save", "time")
    writes = [f"/documents/{{document_id}}/{verb}" for verb in verbs] + ["/login", "/logout", "/session"]
    assert every_write() == writes


@pytest.mark.parametrize("path", every_write())
@pytest.mark.parametrize("how", ["no token", "wrong token", "another site"])
def test_every_write_needs_its_token_and_our_own_page(office: Office, path: str, how: str) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    given = opened(client, document)
    headers = {"X-CSRF-Token": given["csrf"] if how == "another site" else "x" * (how == "wrong token")}
    if how == "another site":
        headers |= {"Origin": "http://evil.example"}
    body = {"revision": 0, "reason": "x", "name": "sato", "password": PASSWORD}
    url = path.format(document_id=document)
    sends_form = path in ("/login", "/logout")
    token = {"csrf": headers["X-CSRF-Token"]} if sends_form else {}
    answer = client.post(url, headers=headers, **({"data": body | token} if sends_form else {"json": body}))
    assert answer.status_code == 403
    assert office.desk.documents.get(document).revision == 0


def test_a_write_of_another_person_on_an_old_revision_overwrites_nothing(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    sato, kato = office.client("sato"), office.client("kato")
    seen_by_sato, seen_by_kato = opened(sato, document), opened(kato, document)
    assert write(sato, seen_by_sato, "save", values={"口座番号": "1111111"}).status_code == 200
    for verb, more in (("save", {}), ("record", {}), ("discard", {"reason": "x"})):
        late = write(kato, seen_by_kato, verb, values={"口座番号": "2222222"}, **more)
        assert late.status_code == 409
        assert "他の人が先に変更しました" in late.json()["message"]
    assert office.desk.documents.get(document).values["口座番号"] == "1111111"


def test_a_body_of_megabytes_is_refused(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    answer = write(client, opened(client, document), "save", values={"口座番号": "1" * 2_000_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        {"values": {"口座番号": "1" * 401}},
        {"values": ["口座番号"]},
        {"revision": "x"},
        {"seconds": -1},
        {"values": {"知らない項目": "1"}},
    ],
)
def test_a_malformed_write_is_refused(office: Office, body: dict[str, object]) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    assert write(client, opened(client, document), "save", **body).status_code == 400
    assert office.desk.documents.get(document).revision == 0


# ---- departments


def test_another_departments_document_does_not_exist(office: Office) -> None:
    own, other = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, "kenkou", 1)
    client = office.client("sato")
    given = opened(client, own)
    view = office.desk.signer.view(other, "sato", office.clock())
    assert client.get(f"/documents/{other}").status_code == 404
    assert client.get("/documents/9999").status_code == 404
    assert client.get(f"/documents/{other}/pages/1/picture?view={view}").status_code == 404
    assert client.get(f"/documents/{other}/fields/1/crop?view={view}").status_code == 404
    for verb in ("save", "record", "discard", "time"):
        answer = write(client, given | {"document": other, "view": view}, verb, reason="x")
        assert answer.status_code == 404
    assert f"/documents/{other}" not in client.get("/documents").text
    assert client.get("/").text.count("kenkou-1.pdf") == 0


def test_a_person_of_all_departments_sees_all(office: Office) -> None:
    documents = [office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, "kenkou", 1)]
    client = office.client("sato", departments=("*",))
    assert [client.get(f"/documents/{document}").status_code for document in documents] == [200, 200]


# ---- pictures


@pytest.mark.parametrize(
    "path",
    [
        "pages/0/picture",
        "pages/2/picture",
        "pages/-1/picture",
        "fields/99/crop",
        "fields/-1/crop",
        "fields/../../../hakadori.db/crop",
        "pages/..%2f..%2fweb.key/picture",
        "fields/1/crop/../../../../web.key",
    ],
)
def test_pictures_are_found_by_number_alone(office: Office, path: str) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    given = opened(client, document)
    assert client.get(f"/documents/{document}/{path}?view={given['view']}").status_code == 404


def test_pictures_are_sent_only_for_a_view_in_the_audit_trail(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client, other = office.client("sato"), office.client("kato")
    crop = f"/documents/{document}/fields/1/crop"
    assert client.get(crop).status_code == 404
    given = opened(client, document)
    assert audited(office)[0] == "document.view"
    sent = client.get(f"{crop}?view={given['view']}")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "image/png")
    assert other.get(f"{crop}?view={given['view']}").status_code == 404


def test_booking_seconds_gives_nobody_the_pictures(office: Office) -> None:
    shown, other = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, number=1)
    client = office.client("sato")
    given = opened(client, shown)
    for view in ("", given["view"]):
        token = write(client, given | {"document": other, "view": view}, "time", seconds=0).json()["view"]
        assert client.get(f"/documents/{other}/fields/1/crop?view={token}").status_code == 404
    token = write(client, given, "time", seconds=0).json()["view"]
    assert client.get(f"/documents/{shown}/fields/1/crop?view={token}").status_code == 200


def test_a_picture_outside_of_the_working_folder_is_never_sent(office: Office, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    document = office.add_document(DOUBTFUL, crop_of={"口座番号": "../secret.png"})
    client = office.client("sato")
    given = opened(client, document)
    position = list(VALUES).index("口座番号")
    names = [field.name for field in office.desk.documents.get(document).fields]
    position = names.index("口座番号")
    assert client.get(f"/documents/{document}/fields/{position}/crop?view={given['view']}").status_code == 404


# ---- review


def test_doubtful_fields_come_first_and_say_so_in_words(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    page = office.client("sato").get(f"/documents/{document}").text
    places = [page.index(f'data-field="{name}"') for name in ("預金種別", "口座番号", "届出日")]
    assert places == sorted(places)
    assert page.count("要確認") >= 2
    assert "読めない文字があります" in page or "判読" in page


def test_a_corrected_document_becomes_a_record_once(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    answer = write(client, opened(client, document), "record", values=SURE)
    assert answer.status_code == 200
    item = office.desk.ledger.find("kouza_furikae", "0012345678")
    assert item is not None
    assert item.state is State.NEW
    assert dict(item.record) == VALUES
    closed = office.desk.documents.get(document)
    assert (closed.state, closed.item_id) == (DocumentState.RECORDED, item.id)
    assert audited(office)[:2] == ["document.record", "document.correct"]


def test_a_field_nobody_looked_at_keeps_the_document_waiting(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    answer = write(client, opened(client, document), "record", values={"預金種別": "普通"})
    assert answer.status_code == 422
    assert (answer.json()["kind"], answer.json()["doubtful"]) == ("doubtful", 1)
    assert office.desk.documents.get(document).state is DocumentState.WAITING


def test_an_illegible_field_keeps_the_document_waiting(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    answer = write(client, opened(client, document), "record", values=SURE, illegible=["口座番号"])
    assert answer.status_code == 422
    told = {field["name"]: field for field in answer.json()["fields"]}["口座番号"]
    assert (told["state"], told["accepted"]) == ("illegible", False)


def test_a_value_that_cannot_be_is_told_at_its_field(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    answer = write(client, opened(client, document), "record", values=SURE | {"届出日": "2026-02-30"})
    assert answer.status_code == 422
    told = {field["name"]: field for field in answer.json()["fields"]}["届出日"]
    assert not told["accepted"]
    assert told["message"]
    assert not told["soft"]


def test_what_stands_on_the_paper_may_be_confirmed_against_a_soft_check(office: Office) -> None:
    document = office.add_document({"金融機関コード": "9998"})
    client = office.client("sato")
    given = opened(client, document)
    values = {"金融機関コード": "9998"}
    first = write(client, given, "record", values=values)
    assert first.status_code == 422
    assert {f["name"]: f for f in first.json()["fields"]}["金融機関コード"]["soft"]
    given |= {"revision": first.json()["revision"]}
    second = write(client, given, "record", values=values, as_written=["金融機関コード"])
    assert second.status_code == 200
    noted = next(entry for entry in office.desk.audit.entries() if entry.what == "document.correct")
    assert noted.details["as_written"] == ["金融機関コード"]


def test_no_one_may_confirm_a_date_that_does_not_exist(office: Office) -> None:
    document = office.add_document({"届出日": "2026-02-30"})
    client = office.client("sato")
    given = opened(client, document)
    answer = write(client, given, "record", values={"届出日": "2026-02-30"}, as_written=["届出日"])
    assert answer.status_code == 422


def test_a_known_key_is_told_and_not_entered_twice(office: Office) -> None:
    first, second = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL | {"住所": "x"}, "nouzei", 1)
    client = office.client("sato")
    write(client, opened(client, first), "record", values=SURE)
    same_key = SURE | {"通知書番号": "0012345678", "住所": VALUES["住所"]}
    answer = write(client, opened(client, second), "record", values=same_key)
    assert answer.status_code == 422
    assert answer.json()["kind"] == "twin"
    assert "0012345678" in answer.json()["message"]
    assert len(office.desk.ledger.items("kouza_furikae")) == 1
    assert office.desk.documents.get(second).state is DocumentState.WAITING


def test_discarding_needs_a_reason(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    given = opened(client, document)
    assert write(client, given, "discard", reason=" ").status_code == 400
    assert write(client, given, "discard", reason="重複").status_code == 200
    closed = office.desk.documents.get(document)
    assert (closed.state, closed.reason) == (DocumentState.DISCARDED, "重複")


def test_html_in_a_value_is_shown_as_text(office: Office) -> None:
    document = office.add_document({"納税者氏名": "<script>alert(1)</script>"})
    page = office.client("sato").get(f"/documents/{document}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_next_document_that_waits_is_offered(office: Office) -> None:
    documents = [office.add_document(DOUBTFUL, number=n) for n in range(3)]
    client = office.client("sato")
    answer = write(client, opened(client, documents[1]), "discard", reason="x")
    assert answer.json()["next"] == documents[2]


# ---- seconds


def booked(office: Office) -> float:
    return office.desk.documents.take_review_seconds("kouza_furikae", "a run")


def test_seconds_are_booked_with_the_save(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    given = opened(client, document)
    office.clock.ahead = timedelta(seconds=40)
    write(client, given, "save", values={"口座番号": "1234567"}, seconds=25.5)
    assert booked(office) == 25.5


def test_no_more_seconds_are_booked_than_have_passed(office: Office) -> None:
    document = office.add_document(DOUBTFUL)
    client = office.client("sato")
    given = opened(client, document)
    office.clock.ahead = timedelta(seconds=10)
    answer = write(client, given, "save", values={"口座番号": "1234567"}, seconds=100_000)
    write(client, given | {"view": answer.json()["view"]}, "time", seconds=100_000)
    assert booked(office) == pytest.approx(10, abs=1.5)


def test_a_view_of_another_document_books_nothing(office: Office) -> None:
    document, other = office.add_document(DOUBTFUL), office.add_document(DOUBTFUL, number=1)
    client = office.client("sato")
    given, foreign = opened(client, document), opened(client, other)
    office.clock.ahead = timedelta(seconds=10)
    write(client, given | {"view": foreign["view"]}, "time", seconds=5)
    write(client, given | {"view": "forged"}, "time", seconds=5)
    assert booked(office) == 0


# ---- the other pages


def test_english_is_spoken_by_setting(office: Office) -> None:
    from backoffice.messages import use_language

    use_language("en")
    try:
        assert "Waiting for review" in office.client("sato").get("/documents").text
    finally:
        use_language("ja")


def test_months_that_are_none_are_refused(office: Office) -> None:
    client = office.client("sato")
    assert client.get("/savings?first=2026-13").status_code == 400
    assert client.get("/savings?first=2027-04&last=2026-04").status_code == 400
    assert client.get("/savings?first=<script>").status_code == 400


def test_the_audit_trail_is_narrowed_by_person_and_subject_and_says_deeds_in_words(office: Office) -> None:
    client = office.client("one", roles=("auditor",))
    trail = office.desk.audit
    for who, subject in (("sato", "document/3"), ("mori", "document/30"), ("mori", "document/3/page/1")):
        trail.note(who, "document.view", subject)
    of_document = client.get("/audit?subject=document/3").text
    assert "書類を見た" in of_document and "document/3/page/1" in of_document
    assert "document/30<" not in of_document
    of_person = client.get("/audit?who=sato").text
    assert "document/3<" in of_person and "document/30" not in of_person
    assert "当てはまる監査記録はありません" in client.get("/audit?who=nobody").text


def test_older_audit_entries_are_reached_from_the_newest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = office.client("one", roles=("auditor",))
    for number in range(3):
        office.desk.audit.note("sato", "document.view", f"document/{number}")
    monkeypatch.setattr("console.web.auditing.SHOWN", 2)
    first = client.get("/audit?who=sato").text
    link = re.search(r'href="(/audit\?who=sato[^"]*)"', first)
    assert "document/0" not in first and link is not None
    assert "document/0" in client.get(link[1].replace("&amp;", "&")).text


def test_a_tampered_audit_trail_is_told(office: Office) -> None:
    import sqlalchemy as sa

    from backoffice.tables import audit

    client = office.client("one", roles=("auditor",))
    assert "鎖はつながっています" in client.get("/audit").text
    with office.desk.documents._engine.begin() as connection:
        connection.execute(sa.update(audit).where(audit.c.id == 1).values(who="somebody else"))
    assert "1 番の記録で鎖が切れています" in client.get("/audit").text


def test_failed_files_stand_on_the_first_page_with_their_reason(office: Office) -> None:
    from backoffice.document import FileState

    store = office.desk.documents
    file = store.claim_file("nouzei", "壊れ.pdf", "f" * 64, 1, "failed/nouzei/x.pdf")
    store.finish_file(file.id, FileState.FAILED, reason="壊れ.pdf: 開けません\n  理由: パスワード付き")
    page = office.client("sato").get("/").text
    assert "壊れ.pdf" in page
    assert "開けません" in page
