"""One thing has one name: what the catalogue calls what a town works with."""

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
