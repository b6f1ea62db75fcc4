"""One thing has one name: what the catalogue calls what a town works with."""

import re
from collections.abc import Iterator

import pytest

from backoffice.messages import CATALOGUE, room_catalogue

ROOMS = sorted(path.stem for path in CATALOGUE.glob("*.toml"))


def sentences(room: str, language: str) -> Iterator[tuple[str, str]]:
    """Every sentence of a room with its name."""
    for name, entry in room_catalogue(room).get("texts", {}).items():
        yield name, entry[language]
    for name, parts in room_catalogue(room).get("errors", {}).items():
        yield from ((f"{name}.{part}", entry[language]) for part, entry in parts.items())


@pytest.mark.parametrize("room", ROOMS)
def test_an_item_of_the_ledger_is_never_called_what_a_field_is_called(room: str) -> None:
    field = "項目" if room in {"work", "menu"} else "処理項目"
    assert [name for name, words in sentences(room, "ja") if field in words] == []


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    "other",
    ["読めないファイル", "読めなかったファイル", "読めずに", "取り置かれた", "受け付けられませんでした"],
)
def test_a_file_that_was_not_read_is_called_so_everywhere(room: str, other: str) -> None:
    assert [name for name, words in sentences(room, "ja") if other in words] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_english_sentence_counts_one_documents(room: str) -> None:
    fixed = re.compile(r"(\{count\}|%d) ((\w+ )?[a-z]+s|were|are|have)\b")
    assert [name for name, words in sentences(room, "en") if fixed.search(words)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_japanese_sentence_needs_no_plural(room: str) -> None:
    assert [name for name, words in sentences(room, "ja") if re.search(r"\{\w+:[^{}]*\|", words)] == []


@pytest.mark.parametrize("room", ["overview", "submit", "inbox"])
def test_no_page_speaks_of_taking_a_file_back_as_none_can_do_it(room: str) -> None:
    assert [name for name, words in sentences(room, "ja") if "取り下げ" in words] == []
