"""The menu shows everybody what they may open, in groups, and where they are."""

from datetime import UTC, datetime

import pytest

from console.rights import Role
from console.users import User
from console.web.access import row_of
from console.web.navigation import MENU, Heading, menu


def somebody(*roles: Role) -> User:
    return User(
        "sato", frozenset(roles), frozenset({"nouzei"}), True, 0, None, 0, datetime(2026, 4, 1, tzinfo=UTC)
    )


def shown(headings: list[Heading]) -> list[str]:
    return [link.href for heading in headings for link in heading.links]


@pytest.mark.parametrize("role", list(Role))
def test_leads_to_nothing_that_would_be_refused(role: Role) -> None:
    person = somebody(role)
    for href in shown(menu(person, "/")):
        row = row_of("GET", href)
        assert row is not None
        assert row.right is None or person.may(row.right), href


def test_every_page_of_the_menu_exists_and_somebody_is_shown_it() -> None:
    everybody = menu(somebody(*Role), "/")
    assert shown(everybody) == [entry.href for group in MENU for entry in group.entries]


def test_a_group_with_one_page_is_a_plain_link() -> None:
    headings = menu(somebody(Role.ADMIN), "/")
    assert all(bool(heading.name) == (len(heading.links) > 1) for heading in headings)
    assert headings[0].name == "" and headings[0].links[0].href == "/"


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", "/"),
        ("/documents", "/documents"),
        ("/documents/12", "/documents"),
        ("/documentsandmore", ""),
        ("/users", "/users"),
        ("/account", ""),
    ],
)
def test_marks_the_page_that_is_open(path: str, here: str) -> None:
    marked = [link.href for heading in menu(somebody(*Role), path) for link in heading.links if link.here]
    assert marked == ([here] if here else [])
