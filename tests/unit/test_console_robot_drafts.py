"""Drafts of robots: kept with their errors, one for each author, and never overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.database import open_database, upgrade
from backoffice.messages import use_language
from console.authoring import drafts
from console.authoring.drafts import DraftBook, demand_no_password
from console.authoring.errors import AuthoringRefused, RobotChanged

BROKEN = "robot: mihon\neach:\n  - click: {buton: 登録\n"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    use_language("ja")
    engine = open_database(f"sqlite:///{(tmp_path / 'test.db').as_posix()}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def book(engine: sa.Engine) -> DraftBook:
    return DraftBook(engine)


def keep(book: DraftBook, text: str = BROKEN, who: str = "sato", known: str = "", robot: str = "mihon"):
    return book.keep(robot, who, text, rests_on="", known=known)


def test_keeps_a_text_that_is_no_robot_at_all(book: DraftBook) -> None:
    kept = keep(book)
    assert book.of("mihon", "sato") == book.get("mihon", kept.id) == kept
    assert (kept.script, kept.rests_on) == (BROKEN, "")
    assert [(one.robot, one.who, one.script) for one in book.all()] == [("mihon", "sato", "")]


def test_each_author_has_a_draft_of_his_own(book: DraftBook) -> None:
    keep(book)
    keep(book, "title: 上田\n", "ueda")
    assert [one.who for one in book.all()] == ["sato", "ueda"]
    assert book.of("mihon", "sato").script == BROKEN
    assert book.of("betsu", "sato") is None


def test_a_newer_draft_replaces_the_known_one_and_no_other(book: DraftBook) -> None:
    first = keep(book)
    second = keep(book, "title: 二\n", known=first.sha256)
    assert second.id == first.id
    for known in ("", first.sha256):
        with pytest.raises(RobotChanged, match="下書き"):
            keep(book, "title: 三\n", known=known)
    assert book.of("mihon", "sato").script == "title: 二\n"


def test_keeping_the_same_text_again_is_no_conflict(book: DraftBook) -> None:
    first = keep(book)
    assert keep(book, known=first.sha256).sha256 == first.sha256


def test_a_draft_that_was_dropped_elsewhere_is_not_brought_back_unseen(book: DraftBook) -> None:
    first = keep(book)
    assert book.drop(first)
    assert not book.drop(first)
    with pytest.raises(RobotChanged):
        keep(book, "title: 二\n", known=first.sha256)


def test_dropping_an_older_draft_leaves_the_newer_one(book: DraftBook) -> None:
    first = keep(book)
    keep(book, "title: 二\n", known=first.sha256)
    assert not book.drop(first)
    assert book.of("mihon", "sato").script == "title: 二\n"


def test_nobody_heaps_up_drafts_without_end(book: DraftBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_OF_ONE", 2)
    kept = [keep(book, robot=name) for name in ("ichi", "ni")]
    with pytest.raises(AuthoringRefused, match="2 件"):
        keep(book, robot="san")
    keep(book, "title: 一\n", known=kept[0].sha256, robot="ichi")
    keep(book, robot="san", who="ueda")


def test_a_password_in_clear_is_not_kept_in_a_draft_either() -> None:
    demand_no_password("mihon", BROKEN)
    demand_no_password("mihon", "each:\n  - fill: {field: 暗証, secret: townoffice_password}\n")
    with pytest.raises(AuthoringRefused, match="2 行目"):
        demand_no_password("mihon", "robot: mihon\npassword: himitsu\n")


@pytest.mark.parametrize(
    "line", ["password: himitsu", "  - Password: himitsu", "  \"password\" : 'himitsu'", "pwd: x"]
)
def test_a_password_in_clear_is_found_although_the_text_cannot_be_read(line: str) -> None:
    with pytest.raises(AuthoringRefused, match="2 行目"):
        demand_no_password("mihon", f'robot: mihon\n{line}\ntitle: "開いたまま\n')


@pytest.mark.parametrize(
    "line",
    [
        "password: ${secret.x}",
        "password: '${secret.x}'",
        "password:",
        "note: password",
        "secret: townoffice_password",
    ],
)
def test_where_no_password_stands_a_text_that_cannot_be_read_is_kept(line: str) -> None:
    demand_no_password("mihon", f'robot: mihon\n{line}\ntitle: "開いたまま\n')
