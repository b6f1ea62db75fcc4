"""Signing in: second factors, patience with wrong tries, proxies, and what ends a session; and the page of users."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pyotp
import pytest
import zxingcpp
from console_desk import PASSWORD, Office, make_office, sign_in
from fastapi.testclient import TestClient
from PIL import Image

from console.errors import CodeNeeded, LoginRefused
from console.second_factor import SecondFactors
from console.sign_in import Addresses
from console.web.app import create_app


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield make_office(tmp_path)


def send(client: TestClient, path: str, **form: object):
    """Send a form of a page as the person who is signed in."""
    csrf = client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(path, data={"csrf": csrf, **form})


def code_of(office: Office, secret: str) -> str:
    return pyotp.TOTP(secret).at(office.clock())


def enrolled(office: Office, name: str) -> tuple[str, list[str]]:
    """Put a second factor in force; returns its secret and the recovery codes."""
    factors = office.desk.sign_in.factors
    secret = factors.begin(name, "はかどり市").secret
    codes = factors.confirm(name, code_of(office, secret))
    office.clock.ahead += timedelta(seconds=60)
    return secret, codes


def enter(
    office: Office,
    code: str = "",
    *,
    name: str = "sato",
    password: str = PASSWORD,
    address: str = "192.0.2.7",
):
    return office.desk.sign_in.enter(name, password, code, address)


# ---- where one lands


def through_the_door(client: TestClient, onward: str, password: str = PASSWORD):
    """Sign sato in on the page that a stranger is led to, with what its form carries."""
    door = client.get(onward).text
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', door))
    return client.post("/login", data={"name": "sato", "password": password} | form)


def test_the_page_that_was_asked_for_is_shown_after_signing_in(office: Office) -> None:
    office.client("sato")
    client = office.client()
    asked = client.get("/documents?form=kouza_furikae").headers["location"]
    assert asked == "/login?next=%2Fdocuments%3Fform%3Dkouza_furikae"
    refused = through_the_door(client, asked, password="wrong password")
    assert (refused.status_code, 'value="/documents?form=kouza_furikae"' in refused.text) == (403, True)
    entered = through_the_door(client, asked)
    assert (entered.status_code, entered.headers["location"]) == (303, "/documents?form=kouza_furikae")
    assert client.get("/login?next=/savings").headers["location"] == "/savings"


def test_what_was_sent_is_not_asked_for_again_after_signing_in(office: Office) -> None:
    client = office.client()
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/").headers["location"] == "/login"


@pytest.mark.parametrize(
    "onward",
    ["//other.example/", "/\\other.example", "https://other.example/", "javascript:alert(1)", "documents", "",
     "/%5Cother\\x", "/a\r\nSet-Cookie: x=1", "/\t/other.example", "/login?next=/login", "/logout", "/" + "a" * 3000],
)  # fmt: skip
def test_signing_in_leads_to_no_other_server(office: Office, onward: str) -> None:
    office.client("sato")
    client = office.client()
    door = client.get("/login", params={"next": onward}).text
    assert 'name="next"' not in door
    csrf = door.split('name="csrf" value="')[1].split('"')[0]
    form = {"name": "sato", "password": PASSWORD, "csrf": csrf, "next": onward}
    entered = client.post("/login", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert client.get("/login", params={"next": onward}).headers["location"] == "/"


# ---- second factor


def test_the_password_alone_opens_nothing_once_a_second_factor_is_in_force(office: Office) -> None:
    client = office.client("sato")
    secret, _ = enrolled(office, "sato")
    asked = sign_in(client, "sato")
    assert (asked.status_code, 'name="code"' in asked.text) == (403, True)
    assert enter(office, code_of(office, secret)).name == "sato"


def test_a_code_holds_once(office: Office) -> None:
    office.client("sato")
    secret, _ = enrolled(office, "sato")
    code = code_of(office, secret)
    assert enter(office, code)
    with pytest.raises(LoginRefused):
        enter(office, code)


def test_a_recovery_code_holds_once(office: Office) -> None:
    office.client("sato")
    _, codes = enrolled(office, "sato")
    assert len(set(codes)) == 10
    assert enter(office, codes[3])
    with pytest.raises(LoginRefused):
        enter(office, codes[3])


def test_a_recovery_code_spent_from_several_browsers_at_once_lets_one_of_them_in(office: Office) -> None:
    office.client("sato")
    factors, (_, codes) = office.desk.sign_in.factors, enrolled(office, "sato")
    together = Barrier(8)

    def spend(code: str) -> bool:
        together.wait(30)
        return factors.fits("sato", code)

    with ThreadPoolExecutor(8) as browsers:
        for pair in zip(codes[::2], codes[1::2], strict=True):
            assert sum(browsers.map(spend, pair * 4)) == 2
    assert not any(factors.fits("sato", code) for code in codes)


@pytest.mark.parametrize("shape", ["{0}{1}", "{0} {1}", "{0}－{1}"])
def test_a_recovery_code_may_be_typed_as_people_type(office: Office, shape: str) -> None:
    office.client("sato")
    _, codes = enrolled(office, "sato")
    typed = shape.format(*codes[0].split("-")).translate({0x30 + n: 0xFF10 + n for n in range(10)})
    assert enter(office, typed)


def test_wrong_codes_lock_the_name_as_wrong_passwords_do(office: Office) -> None:
    office.client("sato")
    secret, _ = enrolled(office, "sato")
    with pytest.raises(CodeNeeded):
        enter(office)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            enter(office, "000000")
    with pytest.raises(LoginRefused) as locked:
        enter(office, code_of(office, secret))
    assert locked.value.key == "console.login_locked"


def test_a_copy_of_the_database_opens_nothing_without_the_secret_file(office: Office) -> None:
    office.client("sato")
    secret, _ = enrolled(office, "sato")
    folder = office.desk.settings.var
    kept = b"".join(path.read_bytes() for path in folder.glob("hakadori.db*"))
    assert secret.encode() not in kept
    elsewhere = SecondFactors(office.desk.work._engine, b"another secret of 32 random bytes", office.clock)
    assert not elsewhere.fits("sato", code_of(office, secret))


def test_a_person_enrols_with_a_picture_made_on_this_machine(office: Office) -> None:
    client = office.client("sato")
    assert send(client, "/account/factor", password="wrong password").status_code == 403
    shown = send(client, "/account/factor", password=PASSWORD).text
    assert "http://www.w3.org/2000/svg" in shown and "<script src" not in shown
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)
    assert secret is not None
    done = send(client, "/account/factor/confirm", code=code_of(office, secret[1])).text
    assert len(re.findall(r"^\s*(?:<pre>)?(\d{5}-\d{5})$", done, re.M)) == 10
    assert office.desk.sign_in.factors.is_on("sato")
    assert send(client, "/account/factor/drop", password=PASSWORD).status_code == 303
    assert not office.desk.sign_in.factors.is_on("sato")


def test_the_picture_holds_the_secret(office: Office) -> None:
    office.client("佐藤")
    enrolment = office.desk.sign_in.factors.begin("佐藤", "はかどり市")
    drawn = zxingcpp.create_barcode(enrolment.uri, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
    stored = io.BytesIO()
    Image.fromarray(drawn).save(stored, "PNG")
    read = zxingcpp.read_barcodes(Image.open(stored))
    assert pyotp.parse_uri(read[0].text).secret == enrolment.secret
    assert enrolment.picture.startswith("<svg")


def test_signing_in_again_in_place_asks_for_the_code(office: Office) -> None:
    client = office.client("sato")
    secret, _ = enrolled(office, "sato")
    csrf = client.get("/session").json()["csrf"]
    headers = {"X-CSRF-Token": csrf, "Accept": "application/json"}
    given = {"name": "sato", "password": PASSWORD}
    asked = client.post("/session", json=given, headers=headers)
    assert (asked.status_code, asked.json()["kind"]) == (403, "code_needed")
    answer = client.post("/session", json=given | {"code": code_of(office, secret)}, headers=headers)
    assert answer.status_code == 200


# ---- wrong tries by address


def test_thirty_wrong_tries_lock_an_address_whatever_the_names(office: Office) -> None:
    office.client("sato")
    for _ in range(28):
        Addresses(office.desk.work._engine, office.clock).count("192.0.2.7")
    for name in ("nobody", "somebody"):
        with pytest.raises(LoginRefused):
            enter(office, name=name, password="x")
    with pytest.raises(LoginRefused) as locked:
        enter(office)
    assert (locked.value.key, locked.value.values["seconds"]) == ("console.login_locked", 30)
    assert enter(office, address="192.0.2.8").name == "sato"
    office.clock.ahead += timedelta(seconds=31)
    with pytest.raises(LoginRefused):
        enter(office, name="nobody", password="x")
    with pytest.raises(LoginRefused) as again:
        enter(office)
    assert again.value.values["seconds"] == 60


# ---- sessions


def test_a_session_ends_after_half_a_day_however_busy(office: Office) -> None:
    client = office.client("sato")
    for half_hour in range(1, 25):
        office.clock.ahead = timedelta(minutes=30 * half_hour - 1)
        assert client.get("/").status_code == 200
    office.clock.ahead = timedelta(hours=12, minutes=1)
    assert client.get("/").status_code == 303


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(office: Office) -> None:
    here, there = office.client("sato"), office.client()
    sign_in(there, "sato")
    assert send(here, "/account/password", old="wrong password", new="a new long password").status_code == 403
    assert send(here, "/account/password", old=PASSWORD, new="a new long password").status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303


# ---- a proxy before us


def behind(office: Office, *, trusted: str, peer: str = "10.0.0.2", mode: str = "proxy") -> TestClient:
    import dataclasses
    from ipaddress import ip_network

    web = office.desk.settings.web.model_copy(
        update={"sign_in": mode, "trusted_proxies": (ip_network(trusted),)}
    )
    settings = office.desk.settings.model_copy(update={"web": web})
    desk = dataclasses.replace(office.desk, settings=settings)
    app = create_app(desk)
    return TestClient(app, base_url="http://127.0.0.1", client=(peer, 5000), follow_redirects=False)


def test_whom_a_trusted_proxy_names_is_signed_in(office: Office) -> None:
    office.client("sato")
    client = behind(office, trusted="10.0.0.0/24")
    client.headers |= {"X-Remote-User": "sato", "X-Forwarded-Proto": "https"}
    entered = client.get("/login")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "secure" in entered.headers["set-cookie"].lower()
    cookie = entered.cookies["hakadori"] if "hakadori" in entered.cookies else client.cookies["hakadori"]
    assert client.get("/", headers={"Cookie": f"hakadori={cookie}"}).status_code == 200
    other = client.get("/", headers={"Cookie": f"hakadori={cookie}", "X-Remote-User": "kato"})
    assert other.status_code == 303


def test_a_proxy_may_name_a_person_in_japanese(office: Office) -> None:
    office.client("山田 花子")
    client = behind(office, trusted="10.0.0.0/24", peer="::ffff:10.0.0.2")
    entered = client.get("/login", headers={"X-Remote-User": "山田 花子".encode()})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")


def test_a_header_that_the_proxy_only_added_to_names_nobody(office: Office) -> None:
    """A proxy that forgets to replace what the browser sent would let everybody in as anybody."""
    office.client("sato")
    client = behind(office, trusted="10.0.0.0/24")
    both = [("X-Remote-User", "root"), ("X-Remote-User", "sato")]
    assert client.get("/login", headers=both).status_code == 200


def test_a_header_from_anybody_else_names_nobody(office: Office) -> None:
    office.client("sato")
    client = behind(office, trusted="10.0.0.0/24", peer="192.0.2.9")
    answer = client.get("/login", headers={"X-Remote-User": "sato"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, True)
    assert client.get("/").status_code == 303


def test_a_stranger_to_us_is_refused_also_when_the_proxy_knows_him(office: Office) -> None:
    client = behind(office, trusted="10.0.0.0/24")
    assert client.get("/login", headers={"X-Remote-User": "nobody"}).status_code == 403


def test_no_password_is_taken_where_a_proxy_signs_in(office: Office) -> None:
    office.client("sato")
    client = behind(office, trusted="10.0.0.0/24")
    csrf = client.get("/session").json()["csrf"]
    answer = client.post(
        "/session", json={"name": "sato", "password": PASSWORD}, headers={"X-CSRF-Token": csrf}
    )
    assert answer.status_code == 403


# ---- the page of users


def test_an_administrator_adds_changes_and_disables_people(office: Office) -> None:
    admin = office.client("root", roles=("admin",), departments=("*",))
    form = {"name": "<b>佐藤</b>", "password": PASSWORD, "roles": ["verifier"], "departments": ["nouzei"]}
    assert send(admin, "/users/add", **form).status_code == 303
    page = admin.get("/users").text
    assert "<b>佐藤</b>" not in page and "&lt;b&gt;佐藤&lt;/b&gt;" in page
    sato = office.client()
    assert sign_in(sato, "<b>佐藤</b>").status_code == 303
    send(admin, "/users/change", name="<b>佐藤</b>", roles=["operator"], departments=["kenkou"])
    assert sato.get("/").status_code == 303
    changed = office.desk.users.get("<b>佐藤</b>")
    assert (changed.roles, changed.departments) == ({"operator"}, {"kenkou"})
    send(admin, "/users/disable", name="<b>佐藤</b>")
    assert not office.desk.users.get("<b>佐藤</b>").active
    done = [entry.what for entry in office.desk.audit.entries(3)]
    assert done == ["user.disable", "user.change", "user.sign_in"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/users/disable", {"name": "root"}),
        ("/users/change", {"name": "root", "roles": ["verifier"]}),
        ("/users/add", {"name": "new", "password": "short", "roles": ["verifier"]}),
        ("/users/add", {"name": "new", "password": PASSWORD, "roles": ["king"]}),
        ("/users/add", {"name": "new", "password": PASSWORD, "roles": ["verifier"], "departments": ["../x"]}),
        ("/users/enable", {"name": "../../root"}),
        ("/users/factor", {"name": "nobody"}),
    ],
)
def test_what_an_administrator_may_not_do_is_told_and_not_done(
    office: Office, path: str, form: dict[str, object]
) -> None:
    admin = office.client("root", roles=("admin",))
    before = office.desk.users.all()
    answer = send(admin, path, **form)
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert [(user.name, user.roles, user.active) for user in office.desk.users.all()] == [
        (user.name, user.roles, user.active) for user in before
    ]
