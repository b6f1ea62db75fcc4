"""Pages of people and programs: tokens, the own sessions, and mistakes that are told beside their field."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from axe_rules import breaches
from console_browser import needs_chromium, signed_in
from console_desk import PASSWORD, Office, make_office, sign_in
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from console.open_sessions import browser_of
from console.web.slowness import Patience
from samples.showcase.serving import serving

NUMBERS = count(1)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return make_office(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def admin(office: Office) -> TestClient:
    return office.client("root", roles=("admin",))


def send(client: TestClient, path: str, **form: Any):
    csrf = client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(path, data={"csrf": csrf, **form})


def beside(page: str, field: str) -> str:
    """Return what is told beside a field that is marked as wrong."""
    assert f'aria-describedby="wrong-{field}"' in page
    told = re.search(rf'id="wrong-{field}" role="alert">([^<]+)', page)
    assert told is not None
    return told[1]


# ---- tokens


def test_a_token_is_shown_once_and_opens_the_api_until_it_is_revoked(
    office: Office, admin: TestClient
) -> None:
    form = {"name": "税務システム", "days": "30", "roles": ["operator"], "departments": ["nouzei"]}
    made = send(admin, "/tokens/add", **form)
    secret = re.search(r"data-secret>(hkd_[\w-]+)<", made.text)
    assert secret is not None and "no-store" in made.headers["cache-control"]
    assert secret[1] not in admin.get("/tokens").text
    system = office.client()
    headers = {"Authorization": f"Bearer {secret[1]}"}
    assert system.get("/api/v1/health", headers=headers).status_code == 200
    listed = admin.get("/tokens").text
    assert all(words in listed for words in ("税務システム", "root", "納税課", "有効"))
    assert send(admin, "/tokens/revoke", name="税務システム").status_code == 303
    assert system.get("/api/v1/health", headers=headers).status_code == 401
    assert [entry.what for entry in office.desk.audit.entries(2)] == ["token.revoke", "token.add"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"days": "0"}, "days", "トークンの日数が正しくありません"),
        ({"days": "いつまでも"}, "days", "有効な日数は数字で入れてください"),
        ({"name": " "}, "name", "システムの名前に使えない文字があるか"),
        ({"name": "taken"}, "name", "という名前のトークンは既にあります"),
    ],
)
def test_a_token_that_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(
    office: Office, admin: TestClient, change: dict[str, str], field: str, words: str
) -> None:
    if change.get("name") == "taken" and not any(one.name == "taken" for one in office.desk.tokens.all()):
        office.desk.tokens.add("taken", roles=["operator"], departments=[], days=1, who="t")
    form = {"name": "soumu", "days": "77", "roles": ["author"], "departments": ["kenkou"]} | change
    told = send(admin, "/tokens/add", **form)
    assert told.status_code == 400 and words in beside(told.text, field)
    assert f'value="{form["name"]}"' in told.text and f'value="{form["days"]}"' in told.text
    assert 'value="author" checked' in told.text and 'value="kenkou" checked' in told.text


def test_a_token_without_a_role_or_of_an_unknown_department_is_not_made(admin: TestClient) -> None:
    bare = send(admin, "/tokens/add", name="soumu", days="9")
    assert bare.status_code == 400 and "役割を一つ以上選んでください" in bare.text
    strange = send(admin, "/tokens/add", name="soumu", days="9", roles="operator", departments="../x")
    assert strange.status_code == 400 and "という名前" not in strange.text


# ---- mistakes beside their field


def test_a_wrong_present_password_is_told_beside_it(office: Office) -> None:
    client = office.client("own")
    told = send(client, "/account/password", old="wrong password", new=PASSWORD)
    assert (told.status_code, beside(told.text, "old")) == (
        403,
        "今のパスワードが違います。もう一度入れてください。",
    )
    short = send(client, "/account/password", old=PASSWORD, new="short")
    assert short.status_code == 400 and "パスワードの長さが正しくありません" in beside(short.text, "new")
    assert PASSWORD not in short.text and "wrong password" not in told.text


def test_a_mistyped_first_code_shows_the_same_picture_again(office: Office) -> None:
    client = office.client("factor")
    begun = re.search(r"<code>([A-Z2-7]{32})</code>", send(client, "/account/factor", password=PASSWORD).text)
    told = send(client, "/account/factor/confirm", code="000000")
    assert begun is not None and begun[1] in told.text and "<svg" in told.text
    assert told.status_code == 403 and "確認コードが合いません" in beside(told.text, "code")


def test_a_user_who_cannot_be_is_told_beside_the_field_and_nothing_typed_is_lost(
    office: Office, admin: TestClient
) -> None:
    told = send(
        admin, "/users/add", name="鈴木", password="short", roles=["verifier"], departments=["nouzei"]
    )
    assert "パスワードの長さが正しくありません" in beside(told.text, "password")
    assert 'value="鈴木"' in told.text and "short" not in told.text
    assert "パスワードは、もう一度入れてください。" in told.text
    office.desk.users.add("takada", PASSWORD, roles=["operator"], departments=[])
    bare = send(admin, "/users/change", name="takada", departments=["kenkou"])
    opened = bare.text.split("<details open>")[1].split("</details>")[0]
    assert "役割を一つ以上選んでください" in opened and 'value="kenkou" checked' in opened
    done = send(admin, "/users/change", name="takada", roles="author")
    assert "「takada」を変更しました。" in admin.get(done.headers["location"]).text


# ---- sessions


def test_a_person_sees_the_own_sessions_and_ends_one(office: Office) -> None:
    here, there, other = office.client("many"), office.client(), office.client("other")
    there.headers["User-Agent"] = EDGE
    sign_in(there, "many")
    shown = here.get("/account").text
    assert "Edge (Windows)" in shown and shown.count('name="handle"') == 1
    handle = shown.split('name="handle" value="')[1].split('"')[0]
    assert send(other, "/account/sessions/end", handle=handle).status_code == 303
    assert there.get("/").status_code == 200, "nobody ends another person's session"
    assert send(here, "/account/sessions/end", handle=handle).headers["location"] == "/account?done=session"
    assert (there.get("/").status_code, here.get("/").status_code) == (303, 200)


def test_all_the_others_end_and_this_one_stays(office: Office) -> None:
    here, others = office.client("three"), [office.client(), office.client()]
    for other in others:
        sign_in(other, "three")
    assert send(here, "/account/sessions/others").status_code == 303
    assert [client.get("/").status_code for client in (here, *others)] == [200, 303, 303]


def test_signing_in_again_in_a_browser_ends_the_session_that_it_had(office: Office) -> None:
    client, copied = office.client("again"), office.client()
    copied.cookies.set("hakadori", client.cookies["hakadori"])
    csrf = client.get("/session").json()["csrf"]
    given = {"name": "again", "password": PASSWORD}
    assert client.post("/session", json=given, headers={"X-CSRF-Token": csrf}).status_code == 200
    assert client.get("/").status_code == 200
    assert len(office.desk.users.sessions.of("again", 0, idle=timedelta(hours=1))) >= 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (EDGE, "Edge (Windows)"),
        ("Mozilla/5.0 (iPad; CPU OS 17) Safari/605", "Safari (iPad)"),
        ("<b>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_two_words_and_never_in_its_own(agent: str, words: str) -> None:
    assert browser_of(agent) == words


# ---- slow senders


def test_a_body_that_stops_coming_is_given_up_and_one_that_is_whole_may_be_listened_to() -> None:
    heard: list[str] = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    async def ask(first: dict[str, Any], seconds: float) -> None:
        messages = iter([first])

        async def receive() -> dict[str, Any]:
            for message in messages:
                return message
            await asyncio.Event().wait()
            raise AssertionError

        await asyncio.wait_for(Patience(app, silence=0.01)({"type": "http"}, receive, None), seconds)  # type: ignore[arg-type]

    asyncio.run(ask({"type": "http.request", "body": b"x", "more_body": True}, 60))
    assert heard == ["http.request", "http.disconnect"]
    with pytest.raises(TimeoutError):  # it goes on listening for the end of the page
        asyncio.run(ask({"type": "http.request", "body": b"x", "more_body": False}, 0.5))


# ---- in a browser


@needs_chromium
def test_tokens_users_and_account_by_keyboard_and_for_a_screen_reader(
    office: Office, browser: Browser
) -> None:
    office.desk.users.add("keys", PASSWORD, roles=["admin"], departments=["*"])
    with serving(office.desk) as url:
        page = signed_in(browser, url, "keys", reduced_motion="reduce")
        page.goto(f"{url}/tokens")
        page.focus("form[action='/tokens/add'] [name=name]")
        page.keyboard.type("keyboard")
        for key in ("Tab", "Tab", "Space", "Enter"):
            page.keyboard.press(key)
        expect(page.locator("[data-secret]")).to_have_text(re.compile("hkd_"))
        expect(page.locator("#secret-title")).to_be_focused()
        send_wrong = page.locator("form[action='/account/password']")
        for path in ("/tokens", "/users", "/account"):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.goto(f"{url}{path}")
                for fold in page.locator("main details > summary").all()[:2]:
                    fold.click()
                assert breaches(page) == [], (path, scheme)
        send_wrong.locator("[name=old]").fill("wrong password")
        send_wrong.locator("[name=new]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#wrong-old")).to_be_visible()
        expect(send_wrong.locator("[name=old]")).to_be_focused()
        assert breaches(page) == []
        page.context.close()
