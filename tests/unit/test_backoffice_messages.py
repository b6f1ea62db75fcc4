"""One catalogue, both languages, no hole."""

import re
import string
from pathlib import Path

import pytest

from backoffice import messages

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path.stem for path in messages.CATALOGUE.glob("*.toml"))
PACKAGES = ("backoffice", "ocr", "robots", "scheduler", "console")
KEY = re.compile(rf'"((?:{"|".join(PACKAGES)}|japanese)\.(?!html")[a-z0-9_]+)"')


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_both_languages_and_the_same_placeholders(room: str) -> None:
    for name, entry in messages.room_catalogue(room).get("texts", {}).items():
        assert set(entry) == {"ja", "en"}, name
        assert placeholders(entry["ja"]) == placeholders(entry["en"]), name


@pytest.mark.parametrize("room", ROOMS)
def test_every_error_says_what_why_and_what_to_do_in_both_languages(room: str) -> None:
    for name, entry in messages.room_catalogue(room).get("errors", {}).items():
        assert set(entry) == {"what", "why", "do"}, name
        for part, sentences in entry.items():
            assert set(sentences) == {"ja", "en"}, (name, part)
            assert all(sentences.values()), (name, part)
            assert placeholders(sentences["ja"]) == placeholders(sentences["en"]), (name, part)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_key_named_in_code_is_in_the_catalogue(package: str) -> None:
    modules = {path.stem for path in (ROOT / package).rglob("*.py")}
    for path in (ROOT / package).rglob("*.py"):
        for key in KEY.findall(path.read_text(encoding="utf-8")):
            room, name = key.split(".")
            entries = messages.room_catalogue(room)
            known = name in entries.get("texts", {}) or name in entries.get("errors", {})
            assert known or name in modules, f"{path.name} names {key}"


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 documents"), (1, "1 document"), ("1", "1 document"), (21, "21 documents")]
)
def test_a_number_has_the_word_that_fits_it(count: object, told: str) -> None:
    assert messages.text("console.count_documents", language="en", count=count) == told


def test_an_unknown_key_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        messages.text("backoffice.no_such_text")


def test_the_language_can_be_set_for_the_process() -> None:
    assert messages.text("backoffice.label_do", language="ja") == "対処"
    assert messages.text("backoffice.label_do", language="en") == "What to do"
    with pytest.raises(ValueError, match="fr"):
        messages.use_language("fr")
