"""Bad input, by name: what a person or a program is told, in Japanese and in English, with real requests.

Two tabs of one user and an expired session in the middle of a review stand in the tests of the review page; every file
that a watched folder may meet in `tests/acceptance/test_bad_files.py`.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from console_desk import PASSWORD, Office, make_office, sign_in, small_scan
from designer_desk import QUIET_FORM
from fastapi.testclient import TestClient
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from backoffice.document import FileState
from backoffice.messages import use_language
from console.web.app import create_app
from console.web.limits import RateLimit

NUMBERS = count(1000)
JSON = {"Accept": "application/json"}


@dataclass
class Town:
    """One office, with people at its pages."""

    office: Office
    clerk: TestClient
    author: TestClient
    admin: TestClient

    def csrf(self, client: TestClient, page: str = "/account") -> str:
        return client.get(page).text.split('name="csrf" value="')[1].split('"')[0]

    def hand_in(self, name: str, content: bytes, department: str = "nouzei", **headers: str) -> Any:
        return self.clerk.post(
            "/submit",
            data={"department": department},
            files={"file": (name, content)},
            headers={"X-CSRF-Token": self.csrf(self.clerk), **JSON, **headers},
        )

    def post(self, client: TestClient, path: str, **form: Any) -> Any:
        return client.post(path, data={"csrf": self.csrf(client), **form}, headers=JSON)

    def person(self, **named: Any) -> tuple[TestClient, str]:
        """Return the browser of somebody new, signed in, and the name."""
        name = f"person {next(NUMBERS)}"
        return self.office.client(name, **named), name


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    office = make_office(tmp_path_factory.mktemp("bad"))
    clerk = office.client("clerk", roles=("operator",))
    yield Town(
        office, clerk, office.client("author", roles=("author",)), office.client("root", roles=("admin",))
    )


@pytest.fixture
def speaking() -> Iterator[Callable[[str], None]]:
    yield use_language
    use_language("ja")


# ---- files


def canvas(pages: int, password: str = "") -> bytes:
    stored = io.BytesIO()
    drawn = Canvas(stored, encrypt=StandardEncryption(password) if password else None)
    for _ in range(pages):
        drawn.showPage()
    drawn.save()
    return stored.getvalue()


def bomb() -> bytes:
    """A picture of 256 million pixels in a few kilobytes."""
    stored = io.BytesIO()
    Image.new("1", (16_000, 16_000)).save(stored, "TIFF", compression="group4")
    return stored.getvalue()


def text_bomb() -> bytes:
    """A PNG whose text chunk grows to 100 MB when it is unpacked."""
    packed = b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)
    chunk = (
        len(packed).to_bytes(4, "big") + b"zTXt" + packed + zlib.crc32(b"zTXt" + packed).to_bytes(4, "big")
    )
    png = small_scan()
    return png[:33] + chunk + png[33:]


FILES: dict[str, tuple[str, bytes | Callable[[], bytes], str, str]] = {
    "empty": ("a.pdf", b"", "中身のないファイルです: a.pdf", "The file is empty: a.pdf"),
    "a program named .pdf": (
        "a.pdf",
        b"MZ\x90\0" * 20,
        "画像でも PDF でもないファイルです: a.pdf",
        "Neither a picture nor a PDF: a.pdf",
    ),
    "a workbook": (
        "表.xlsx",
        b"PK\x03\x04" * 20,
        "画像でも PDF でもないファイルです: 表.xlsx",
        "Neither a picture nor a PDF: 表.xlsx",
    ),
    "SVG with a script, named .png": (
        "a.png",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "画像でも PDF でもないファイルです: a.png",
        "Neither a picture nor a PDF: a.png",
    ),
    "JPEG 2000": (
        "a.jp2",
        b"\0\0\0\x0cjP  " + bytes(99),
        "JPEG 2000 の画像は読めません: a.jp2",
        "JPEG 2000 pictures are not read: a.jp2",
    ),
    "a PDF with a password": (
        "a.pdf",
        lambda: canvas(1, "secret"),
        "パスワードのかかった PDF です: a.pdf",
        "The PDF has a password: a.pdf",
    ),
    "cut off": (
        "a.png",
        small_scan()[:-12],
        "途中で切れているファイルです: a.png",
        "The file is cut off: a.png",
    ),
    "501 pages": (
        "a.pdf",
        lambda: canvas(501),
        "ページが多すぎます: a.pdf(501 ページ、上限 500)",
        "Too many pages: a.pdf (501, limit 500)",
    ),
    "256 million pixels": ("a.tif", bomb, "画像が大きすぎます: a.tif", "The picture is too large: a.tif"),
    "a text of 100 MB in a PNG": (
        "a.png",
        text_bomb,
        "壊れているか、途中で切れているファイルです: a.png",
        "The file is broken or cut off: a.png",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_wrong_file_is_told_by_its_content_in_both_languages(
    town: Town, speaking: Callable[[str], None], case: str
) -> None:
    name, made, japanese, english = FILES[case]
    content = made() if callable(made) else made
    for language, words in (("ja", japanese), ("en", english)):
        speaking(language)
        told = town.hand_in(name, content)
        assert (told.status_code, told.json()["message"].startswith(words)) == (409, True), told.json()
        assert told.json()["why"] and told.json()["do"]
    assert town.office.desk.documents.files() == [] or "a.tif" not in str(town.office.desk.documents.files())


def test_a_file_of_three_hundred_pages_is_taken_and_counted(town: Town) -> None:
    told = town.hand_in("300.pdf", canvas(300))
    assert (told.status_code, told.json()["receipt"]["pages"]) == (201, 300)


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(
    town: Town, speaking: Callable[[str], None]
) -> None:
    length = str(town.office.desk.letterbox.largest_bytes + 2_000_000)
    for language, words in (("ja", "送られた内容が大きすぎます。"), ("en", "What was sent is too large.")):
        speaking(language)
        for accept in ("application/json", "text/html"):
            told = town.clerk.post(
                "/submit", content=b"x", headers={"Content-Length": length, "Accept": accept}
            )
            assert told.status_code == 413 and words in told.text


def test_only_so_much_of_a_file_is_written_as_is_allowed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    box = town.office.desk.letterbox
    small = box._settings.inbox.model_copy(update={"max_megabytes": 0.001})
    monkeypatch.setattr(box, "_settings", box._settings.model_copy(update={"inbox": small}))
    told = town.hand_in("a.png", small_scan() + bytes(5000))
    assert (told.status_code, told.json()["message"]) == (409, "ファイルが大きすぎます")
    assert list((town.office.desk.settings.var / "handed-in").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd.png"),
        ("..\\..\\boot.ini", "boot.ini.png"),
        ("a\r\nSet-Cookie: x=1.png", None),
        ("a\0b.png", None),
        ("名" * 300 + ".png", None),
        ("...", "_.png"),
        ("COM1.png", "_COM1.png"),
    ],
)
def test_tricks_in_a_files_name_lead_nowhere(town: Town, name: str, kept: str | None) -> None:
    settings = town.office.desk.settings
    before = set(settings.var.parent.rglob("*"))
    told = town.hand_in(name, small_scan(next(NUMBERS)))
    assert told.status_code == 201
    made = [path for path in set(settings.var.parent.rglob("*")) - before if path.suffix == ".png"]
    assert len(made) == 1 and made[0].is_relative_to(settings.folder("work") / "nouzei")
    assert kept is None or made[0].name == kept
    assert len(made[0].name.encode()) <= 255 and made[0].name.isprintable()


@pytest.mark.parametrize("department", ["kenkou", "../kenkou", "nowhere", "", "*"])
def test_a_scan_for_another_department_finds_no_such_thing(town: Town, department: str) -> None:
    told = town.hand_in("a.png", small_scan(next(NUMBERS)), department)
    assert (told.status_code, told.json()["message"].startswith("ご指定のものはありません。")) == (404, True)


@pytest.mark.parametrize("form", ["../../etc", "kouza_furikae/../../x", "/etc"])
def test_tricks_in_the_name_of_a_form_lead_nowhere(town: Town, form: str) -> None:
    settings = town.office.desk.settings
    before = set(settings.var.parent.rglob("*"))
    told = town.clerk.post(
        "/submit",
        data={"department": "nouzei", "form": form},
        files={"file": ("a.png", small_scan(next(NUMBERS)))},
        headers={"X-CSRF-Token": town.csrf(town.clerk), **JSON},
    )
    made = [path for path in set(settings.var.parent.rglob("*")) - before if path.suffix == ".png"]
    assert told.status_code == 404 and made == []


# ---- a form designed off the page


def test_a_form_designed_off_the_page_is_not_saved_and_told(
    town: Town, speaking: Callable[[str], None]
) -> None:
    csrf = town.csrf(town.author, "/forms")
    where = town.author.post("/forms/edits", data={"csrf": csrf, "file": QUIET_FORM}).headers["location"]
    import json

    given = json.loads(town.author.get(where).text.split('id="given">')[1].split("</script>")[0])
    given["design"]["pages"][0]["fields"][1]["box"] = [190, 60, 70, 8]
    body = {"design": given["design"], "revision": given["revision"]}
    for language, words in (("ja", "用紙"), ("en", "page")):
        speaking(language)
        told = town.author.post(f"{where}/check", json=body, headers={"X-CSRF-Token": csrf, **JSON})
        remark = told.json()["remarks"][0]
        assert remark["level"] == "error" and words in str(remark)


# ---- HTML in names


TRICK = "<img src=x onerror=alert(1)>"


def test_html_in_names_is_shown_as_text_everywhere(town: Town) -> None:
    number = town.hand_in(f"{TRICK}.png", small_scan(next(NUMBERS))).json()["receipt"]["number"]
    town.post(town.admin, "/tokens/add", name=TRICK, roles="operator", days="9")
    town.post(town.admin, "/users/add", name=TRICK, password=PASSWORD, roles="operator")
    town.office.desk.documents.finish_file(number, FileState.FAILED, reason=TRICK)
    pages = [
        town.clerk.get(path)
        for path in ("/submit", "/submit/list", f"/submit/{number}", f"/submit?number={TRICK}")
    ]
    pages += [
        town.admin.get(path)
        for path in ("/users", "/tokens", f"/users?done={TRICK}", f"/tokens?revoked={TRICK}")
    ]
    town.post(town.clerk, "/account/password", old=TRICK, new=TRICK)
    for shown in pages:
        assert "<img" not in shown.text, shown.url
    assert "&lt;img src=x" in pages[4].text and "onerror" in pages[2].text


def test_what_an_address_says_is_never_shown_as_our_own_words(town: Town) -> None:
    for path in (
        "/users?done=管理者へ電話してください",
        "/tokens?revoked=電話",
        "/account?done=電話",
    ):
        assert "電話" not in town.admin.get(path).text


# ---- sessions that ended, people who were kept out


def test_a_session_that_ended_in_mid_edit_loses_nothing_on_the_designers_page(town: Town) -> None:
    author, name = town.person(roles=("author",))
    csrf = town.csrf(author, "/forms")
    where = author.post("/forms/edits", data={"csrf": csrf, "file": QUIET_FORM}).headers["location"]
    town.office.desk.users.end_sessions(name)
    late = author.post(f"{where}/check", json={"design": {}}, headers={"X-CSRF-Token": csrf, **JSON})
    assert (late.status_code, late.json()["kind"]) == (401, "signed_out")
    fresh = author.get("/session").json()["csrf"]
    again = author.post(
        "/session", json={"name": name, "password": PASSWORD}, headers={"X-CSRF-Token": fresh, **JSON}
    )
    assert (again.status_code, author.get(where).status_code) == (200, 200)


def test_a_form_of_the_account_page_sent_after_the_session_ended_leads_to_the_door(
    town: Town, speaking: Callable[[str], None]
) -> None:
    person, name = town.person()
    csrf = town.csrf(person)
    town.office.desk.users.end_sessions(name)
    led = person.post("/account/password", data={"csrf": csrf, "old": PASSWORD, "new": PASSWORD + "!"})
    assert (led.status_code, led.headers["location"]) == (303, "/login?reason=ended")
    for language, words in (("ja", "もう一度ログインしてください。"), ("en", "The session has ended.")):
        speaking(language)
        assert words in person.get("/login?reason=ended").text


def test_a_person_who_was_kept_out_gets_nothing_more_from_an_open_page(town: Town) -> None:
    person, name = town.person()
    csrf = town.csrf(person)
    town.office.desk.users.set_active(name, False)
    for path in ("/submit", "/account/password", "/account/sessions/others", "/logout"):
        late = person.post(path, data={"csrf": csrf}, headers=JSON)
        assert (late.status_code, late.json()["kind"]) == (401, "signed_out")
    assert person.get("/submit/list", headers=JSON).status_code == 401


def test_a_role_that_was_taken_away_is_gone_at_the_next_click(town: Town) -> None:
    person, name = town.person(roles=("admin",))
    town.office.desk.users.change(name, roles=["auditor"], departments=[])
    assert person.get("/tokens").status_code == 303


# ---- tokens


REPLAYS: dict[str, tuple[timedelta, bool]] = {
    "revoked": (timedelta(), True),
    "expired": (timedelta(days=10), False),
}


@pytest.mark.parametrize("case", REPLAYS)
def test_a_replayed_token_is_refused_in_the_callers_language(tmp_path: Path, case: str) -> None:
    office = make_office(tmp_path)
    _, secret = office.desk.tokens.add("soumu", roles=["operator"], departments=["nouzei"], days=9, who="t")
    client = TestClient(create_app(office.desk), base_url="http://127.0.0.1")
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/health", headers=headers).status_code == 200
    ahead, revoked = REPLAYS[case]
    office.clock.ahead += ahead
    if revoked:
        office.desk.tokens.revoke("soumu")
    for language, words in (("ja", "トークンがないか、無効です。"), ("en", "No valid token was sent.")):
        for path in ("/api/v1/health", "/api/v1/documents"):
            method = "POST" if path.endswith("documents") else "GET"
            told = client.request(method, path, headers=headers | {"Accept-Language": language})
            assert (told.status_code, told.headers["content-type"]) == (401, "application/problem+json")
            assert told.json()["title"] == words and told.headers["www-authenticate"] == "Bearer"


# ---- doors


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../console/users.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/..%5c..%5capp.py",
        "/forms/drafts/../../../etc/passwd",
        "/forms/compare?left=../../hakadori.yaml&right=../../hakadori.yaml",
        "/submit/1e9",
        "/submit/99999999999999999999",
        "/submit/-1",
    ],
)
def test_tricks_in_an_address_find_no_page(town: Town, path: str) -> None:
    assert town.author.get(path).status_code in (400, 404)


def test_signing_in_too_often_is_put_off_in_words(
    town: Town, monkeypatch: pytest.MonkeyPatch, speaking: Callable[[str], None]
) -> None:
    monkeypatch.setitem(town.office.desk.__dict__, "limits", RateLimit(2))
    stranger = town.office.client()
    for _ in range(2):
        assert sign_in(stranger, "nobody", "wrong password").status_code == 403
    for language, words in (("ja", "短い時間に送られた数が多すぎます"), ("en", "Too many requests")):
        speaking(language)
        late = sign_in(stranger, "nobody", "wrong password")
        assert (late.status_code, words in late.text, "retry-after" in late.headers) == (429, True, True)


def test_a_session_that_was_given_before_signing_in_is_not_the_one_after_it(town: Town) -> None:
    """Session fixation: what an attacker planted before does not become a signed-in session."""
    person = town.office.client()
    person.get("/login")
    planted = person.cookies["hakadori"]
    sign_in(person, "clerk")
    attacker = town.office.client()
    attacker.cookies.set("hakadori", planted)
    assert person.cookies["hakadori"] != planted
    assert attacker.get("/submit").status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_nothing_in_the_address_of_the_door_leads_elsewhere(town: Town, target: str) -> None:
    person = town.office.client()
    csrf = person.get(f"/login?next={target}").text.split('name="csrf" value="')[1].split('"')[0]
    led = person.post(
        f"/login?next={target}", data={"name": "clerk", "password": PASSWORD, "csrf": csrf, "next": target}
    )
    assert (led.status_code, led.headers["location"]) == (303, "/")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"])
def test_a_strange_host_name_is_answered_by_nothing_of_ours(town: Town, host: str) -> None:
    assert town.clerk.get("/submit", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
    ids=["origin", "cross-site", "null"],
)
def test_a_scan_sent_from_another_sites_page_is_refused(town: Town, headers: dict[str, str]) -> None:
    told = town.hand_in("a.png", small_scan(next(NUMBERS)), **headers)
    assert (told.status_code, told.json()["kind"]) == (403, "forged")


def test_no_page_may_be_kept_framed_or_guessed_at(town: Town) -> None:
    for path in ("/submit", "/tokens", "/account", "/users"):
        sent = town.admin.get(path).headers if path != "/submit" else town.clerk.get(path).headers
        assert sent["cache-control"] == "no-store"
        assert sent["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in sent["content-security-policy"]
        assert "unsafe" not in sent["content-security-policy"]
