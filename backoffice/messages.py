"""The catalogue: every sentence that people read, in Japanese and in English, from one place.

Each room has one file `backoffice/catalogue/<room>.toml`. A text is named `<room>.<name>`. An error is a text
with three parts: what happened, why, and what to do now. Code never holds a Japanese sentence of its own.
A number that English words depend on is written with both words: `{count:file|files}` gives "1 file" and "2 files".
"""

import os
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).parent / "catalogue"
LANGUAGES = ("ja", "en")


@dataclass(frozen=True)
class ErrorText:
    """The three sentences of an error in one language.

    Attributes:
        what: What is wrong.
        why: Why it is wrong, or what led to it.
        do: What the reader should do now.
    """

    what: str
    why: str
    do: str


class _Numbers(string.Formatter):
    """Fills in placeholders; one with two words, `{count:file|files}`, becomes the number and the word that fits it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, more = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return f"{value} {one if str(value) == '1' else more}"


_NUMBERS = _Numbers()


class _Choice:
    """The language chosen for this process; the only mutable thing in this file."""

    language: str | None = None


def use_language(language: str) -> None:
    """Set the language of this process.

    Args:
        language: "ja" or "en".

    Raises:
        ValueError: For any other language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, not {language!r}")
    _Choice.language = language


def current_language() -> str:
    """Return the language in force: the one chosen, else HAKADORI_LANGUAGE, else Japanese."""
    if _Choice.language:
        return _Choice.language
    wanted = os.environ.get("HAKADORI_LANGUAGE", "ja")
    return wanted if wanted in LANGUAGES else "ja"


@cache
def room_catalogue(room: str) -> Mapping[str, Any]:
    """Return one room's file as parsed TOML.

    Raises:
        KeyError: When the room has no catalogue.
    """
    path = CATALOGUE / f"{room}.toml"
    if not path.exists():
        raise KeyError(f"no catalogue for room {room!r}")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def text(key: str, /, *, language: str | None = None, **values: object) -> str:
    """Return the sentence `key` ("room.name") with its placeholders filled in.

    Raises:
        KeyError: When the catalogue has no such text.
    """
    room, name = _split(key)
    entry = room_catalogue(room).get("texts", {}).get(name)
    if entry is None:
        raise KeyError(f"no text {key!r} in the catalogue")
    return _filled(str(entry[language or current_language()]), values)


def has_text(key: str) -> bool:
    """Say whether the catalogue holds a text (not an error) of this name."""
    room, _, name = key.partition(".")
    return (CATALOGUE / f"{room}.toml").exists() and name in room_catalogue(room).get("texts", {})


def error_text(key: str, /, *, language: str | None = None, **values: object) -> ErrorText:
    """Return the three sentences of the error `key` ("room.name"), filled in.

    Raises:
        KeyError: When the catalogue has no such error.
    """
    room, name = _split(key)
    entry = room_catalogue(room).get("errors", {}).get(name)
    if entry is None:
        raise KeyError(f"no error {key!r} in the catalogue")
    chosen = language or current_language()
    parts = {part: _filled(str(entry[part][chosen]), values) for part in ("what", "why", "do")}
    return ErrorText(**parts)


def _filled(words: str, values: Mapping[str, object]) -> str:
    return _NUMBERS.vformat(words, (), values) if "|" in words else words.format(**values)


def _split(key: str) -> tuple[str, str]:
    room, dot, name = key.partition(".")
    if not dot:
        raise KeyError(f"a catalogue key is 'room.name', not {key!r}")
    return room, name
