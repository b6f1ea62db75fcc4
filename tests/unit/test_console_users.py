"""Users: who may sign in, and how wrong passwords are slowed down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import console.users
from backoffice.database import open_database, upgrade
from console.errors import ArgumentWrong, LoginRefused
from console.rights import Right, Role
from console.users import User, UserStore

PASSWORD = "長い言葉をならべる"[:9] + "2026"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(tmp_path: Path, clock: Clock) -> UserStore:
    engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade(engine)
    store = UserStore(engine, clock)
    store.add("sato", PASSWORD, roles=["verifier"], departments=["nouzei"])
    return store


def fail(users: UserStore, times: int) -> None:
    for _ in range(times):
        with pytest.raises(LoginRefused):
            users.sign_in("sato", "wrong password")


def test_the_right_password_lets_in(users: UserStore) -> None:
    assert users.sign_in("sato", PASSWORD).roles == {Role.VERIFIER}


def test_a_password_is_not_stored_in_clear(users: UserStore, tmp_path: Path) -> None:
    assert PASSWORD.encode() not in (tmp_path / "test.db").read_bytes()


@pytest.mark.parametrize("name", ["sato", "nobody"])
def test_a_wrong_name_and_a_wrong_password_look_the_same(users: UserStore, name: str) -> None:
    with pytest.raises(LoginRefused) as refused:
        users.sign_in(name, "wrong password")
    assert refused.value.key == "console.login_wrong"


def test_five_wrong_passwords_lock_for_thirty_seconds(users: UserStore, clock: Clock) -> None:
    fail(users, 5)
    with pytest.raises(LoginRefused) as refused:
        users.sign_in("sato", PASSWORD)
    assert refused.value.parts("en").what == "Locked for another 30 seconds after several wrong tries."
    clock.now += timedelta(seconds=31)
    assert users.sign_in("sato", PASSWORD).failures == 0


def test_every_further_wrong_password_doubles_the_wait_up_to_an_hour(users: UserStore, clock: Clock) -> None:
    waits = []
    for _ in range(14):
        fail(users, 1)
        locked = users.get("sato").locked_until
        if locked:
            waits.append((locked - clock.now).total_seconds())
            clock.now = locked + timedelta(seconds=1)
    assert waits[:4] == [30, 60, 120, 240]
    assert waits[-1] == 3600


def test_tries_that_were_sent_together_are_counted_one_by_one(users: UserStore) -> None:
    def while_others_try(_user: User) -> bool:
        fail(users, 4)
        return False

    with pytest.raises(LoginRefused):
        users.sign_in("sato", PASSWORD, second=while_others_try)
    assert (users.get("sato").failures, users.get("sato").locked_until is not None) == (5, True)


def test_a_right_guess_among_many_sent_together_does_not_get_in_once_the_name_is_locked(
    users: UserStore,
) -> None:
    def while_others_try(_user: User) -> bool:
        fail(users, 5)
        return True

    with pytest.raises(LoginRefused) as locked:
        users.sign_in("sato", PASSWORD, second=while_others_try)
    assert (locked.value.key, users.get("sato").failures) == ("console.login_locked", 5)


def test_a_name_that_was_locked_while_its_password_was_checked_spends_no_code(
    users: UserStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, really = list[str](), console.users._fits

    def while_others_try(kept: str, password: str) -> bool:
        monkeypatch.setattr(console.users, "_fits", really)
        fail(users, 5)
        return really(kept, password)

    def spends_a_code(user: User) -> bool:
        asked.append(user.name)
        return True

    monkeypatch.setattr(console.users, "_fits", while_others_try)
    with pytest.raises(LoginRefused) as locked:
        users.sign_in("sato", PASSWORD, second=spends_a_code)
    assert (locked.value.key, asked) == ("console.login_locked", [])


def test_a_disabled_person_is_kept_out(users: UserStore) -> None:
    before = users.get("sato").session_epoch
    assert users.set_active("sato", False).session_epoch > before
    with pytest.raises(LoginRefused):
        users.sign_in("sato", PASSWORD)


def test_a_new_password_ends_open_sessions_and_lifts_locks(users: UserStore) -> None:
    fail(users, 6)
    before = users.get("sato")
    after = users.set_password("sato", "another long password")
    assert after.session_epoch == before.session_epoch + 1
    assert users.sign_in("sato", "another long password")


@pytest.mark.parametrize(
    ("name", "password", "roles", "key"),
    [
        ("sato", PASSWORD, ["verifier"], "console.user_exists"),
        ("", PASSWORD, ["verifier"], "console.user_name_wrong"),
        ("a\nb", PASSWORD, ["verifier"], "console.user_name_wrong"),
        ("kato", "short", ["verifier"], "console.password_length"),
        ("kato", PASSWORD, ["verifyer"], "console.role_unknown"),
        ("kato", PASSWORD, [], "console.role_missing"),
    ],
)
def test_rejects_a_user_that_cannot_be(
    users: UserStore, name: str, password: str, roles: list[str], key: str
) -> None:
    with pytest.raises(ArgumentWrong) as wrong:
        users.add(name, password, roles=roles, departments=[])
    assert wrong.value.key == key


def test_an_unknown_role_is_answered_with_the_nearest(users: UserStore) -> None:
    with pytest.raises(ArgumentWrong) as wrong:
        users.add("kato", PASSWORD, roles=["verifyer"], departments=[])
    assert "did you mean: verifier" in wrong.value.explain("en") or "verifier" in wrong.value.explain()


HANDS = {Right.OVERVIEW, Right.SUBMIT, Right.WORK}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VERIFIER, {*HANDS, Right.REVIEW}),
        (Role.APPROVER, {*HANDS, Right.REVIEW, Right.SETTLE, Right.APPROVE}),
        (Role.OPERATOR, {*HANDS, Right.JOBS}),
        (Role.AUTHOR, {*HANDS, Right.FORMS, Right.ROBOTS, Right.MEASURE}),
        (Role.AUDITOR, {Right.OVERVIEW, Right.AUDIT}),
        (Role.ADMIN, {Right.OVERVIEW, Right.USERS, Right.AUDIT, Right.MEASURE}),
    ],
)
def test_roles_hold_exactly_these_rights(users: UserStore, role: Role, may: set[Right]) -> None:
    user = users.add(f"one {role}", PASSWORD, roles=[role], departments=["*"])
    assert {right for right in Right if user.may(right)} == may


def test_a_department_sees_only_its_own(users: UserStore) -> None:
    own, all_ = users.get("sato"), users.add("kato", PASSWORD, roles=["verifier"], departments=["*"])
    assert (own.sees("nouzei"), own.sees("kenkou"), own.scope) == (True, False, {"nouzei"})
    assert (all_.sees("kenkou"), all_.scope) == (True, None)
