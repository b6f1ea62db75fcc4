"""Every route, asked as every role, for the own and for another department: what comes back is what the table says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from console_desk import PASSWORD, Office, make_office, small_scan
from fastapi.testclient import TestClient
from route_calls import CALLS, OTHER, OWN, Call, Things

from console.rights import RIGHTS, Right, Role
from console.web.access import ROWS, Reach, Row, Verdict
from console.web.app import create_app, demand_rows, route_names
from console.web.health import router as health
from console.web.sessions import COOKIE

GUARDED = [row for row in ROWS if row.right is not None]
ASKED = {Verdict.ALLOWED: range(200, 400), Verdict.REFUSED: (403,), Verdict.NOT_FOUND: (404,)}


class Town:
    """A running office with one person of each role in one department."""

    def __init__(self, folder: Path) -> None:
        self.office: Office = make_office(folder)
        self.things = Things(self.office)
        self.app = create_app(self.office.desk)
        self.client = TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False)
        for role in Role:
            self.office.desk.users.add(role, PASSWORD, roles=[role], departments=[OWN])
        self.office.desk.users.add("spare", PASSWORD, roles=["verifier"], departments=[OWN])
        self.tokens = {role: self.token(role) for role in Role}
        self.office.desk.tokens.add("system spare", roles=["verifier"], departments=[OWN], days=1, who="t")

    def code(self, who: str, wanted: str) -> str:
        """Begin a second factor afresh, where a form wants its code."""
        factors = self.office.desk.sign_in.factors
        factors.drop(who)
        return pyotp.TOTP(factors.begin(who, "").secret).now() if "{code}" in wanted else ""

    def token(self, role: str) -> str:
        store = self.office.desk.tokens
        return store.add(f"system {role}", roles=[role], departments=[OWN], days=1, who="t")[1]

    def ask(self, row: Row, who: str, department: str, token: str = "", csrf: str | None = None):
        """Send the route's own request as somebody: with a session and its CSRF token, or with a bearer token."""
        desk, call = self.office.desk, CALLS.get(row.name, Call())
        user = desk.users.get(who)
        session = desk.signer.begin(desk.clock(), who, user.session_epoch)
        path = self.things.path(row.path, department)
        if "{view}" in call.query:
            view = desk.signer.view(int(path.split("/")[2]), who, desk.clock())
            path += call.query.format(view=view)
        elif call.query:
            path += call.query
        headers = {
            "X-CSRF-Token": desk.signer.csrf(session) if csrf is None else csrf,
            "Accept": "application/json",
        }
        form = call.form and {
            name: value.format(department=department, number=self.things.number(), code=self.code(who, value))
            for name, value in call.form.items()
        }
        self.client.cookies.clear()
        if token:
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        else:
            self.client.cookies.set(COOKIE, desk.signer.cookie(session, desk.clock()))
        return self.client.request(
            row.method,
            path,
            headers=headers,
            json=call.json,
            data=form,
            files={call.scan: ("a.png", small_scan(self.things.number()))} if call.scan else call.files,
            content=call.content,
        )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield Town(tmp_path_factory.mktemp("rights"))


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.name)
def test_the_answer_is_what_the_table_says(town: Town, row: Row) -> None:
    for role in Role:
        for department in (OWN, OTHER):
            verdict = row.verdict([role], own=department == OWN)
            answer = town.ask(row, role, department)
            assert answer.status_code in ASKED[verdict], (role, department, verdict, answer.text[:300])


@pytest.mark.parametrize("row", [row for row in GUARDED if row.is_api], ids=lambda row: row.name)
def test_a_system_with_a_token_gets_the_same_answer_as_a_person(town: Town, row: Row) -> None:
    for role in Role:
        for department in (OWN, OTHER):
            verdict = row.verdict([role], own=department == OWN)
            answer = town.ask(row, role, department, token=town.tokens[role])
            assert answer.status_code in ASKED[verdict], (role, department, verdict, answer.text[:300])
            if verdict is not Verdict.ALLOWED:
                assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("row", [row for row in GUARDED if not row.is_api], ids=lambda row: row.name)
def test_a_token_opens_no_page(town: Town, row: Row) -> None:
    answer = town.ask(row, Role.ADMIN, OWN, token=town.tokens[Role.ADMIN])
    assert answer.status_code == 401


@pytest.mark.parametrize("row", [row for row in GUARDED if row.method != "GET"], ids=lambda row: row.name)
def test_every_write_of_a_browser_needs_the_token_of_its_session(town: Town, row: Row) -> None:
    role = next(role for role in Role if row.verdict([role], own=True) == Verdict.ALLOWED)
    for csrf in ("", "x" * 64):
        assert town.ask(row, role, OWN, csrf=csrf).status_code == 403


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.name)
def test_nobody_gets_in_without_a_session(town: Town, row: Row) -> None:
    town.client.cookies.clear()
    path = town.things.path(row.path, OWN)
    assert town.client.request(row.method, path, headers={"Accept": "application/json"}).status_code == 401


def test_every_route_has_one_row_and_every_row_a_route(town: Town) -> None:
    names = [row.name for row in ROWS]
    monitored = {f"GET {route.path}" for route in health.routes}
    assert len(names) == len(set(names))
    assert route_names(town.app) | monitored == set(names)


def test_a_route_without_a_row_keeps_the_console_from_starting(town: Town) -> None:
    app = create_app(town.office.desk)
    app.add_api_route("/forgotten", lambda: None, methods=["POST"])
    with pytest.raises(LookupError, match="POST /forgotten"):
        demand_rows(app)


def test_every_right_is_held_by_a_role() -> None:
    assert frozenset().union(*RIGHTS.values()) == set(Right)


def test_what_names_a_thing_of_a_department_reaches_one_thing() -> None:
    named = ("{document_id}", "{file_id}", "{item_id}", "{run_id}", "{job}")
    assert {
        row.name for row in ROWS if any(name in row.path for name in named) and row.reach is not Reach.ONE
    } == set()


def test_refusals_do_not_say_whose_it_is(town: Town) -> None:
    row = next(row for row in ROWS if row.name == "GET /documents/{document_id}")
    other = town.ask(row, Role.VERIFIER, OTHER).json()
    town.things.path = lambda path, _department: "/documents/999999"  # type: ignore[method-assign]
    missing = town.ask(row, Role.VERIFIER, OWN).json()
    del town.things.path
    assert other == missing


def test_the_first_page_holds_only_the_own_departments_work(town: Town) -> None:
    desk = town.office.desk
    row = next(row for row in ROWS if row.name == "GET /")
    town.things.item(OTHER)
    town.things.run(OTHER)
    page = town.ask(row, Role.OPERATOR, OWN).text
    assert "kenkou_yomitori" not in page
    assert "kenshin" not in page
    everything, own = desk.work.item_counts(None), desk.work.item_counts([OWN])
    assert sum(own.values()) < sum(everything.values())
