"""Which language a field speaks, and under which heading its lines are calibrated."""

from functools import cache

from ocr.language import AnyText, Language, Sentences
from ocr.people import People
from ocr.places import Addresses


@cache
def _sentences() -> Sentences:
    """The dictionary, once for all who ask it; 35 MB in memory, loaded when it is first asked."""
    return Sentences()


@cache
def language_of(kind: str) -> Language:
    """Return the language of a kind of field; kinds of numbers have none."""
    if kind == "address":
        return Addresses()
    if kind == "kanji":
        return People(_sentences())
    return _sentences() if kind == "text" else AnyText()


def line_group(kind: str) -> str:
    """Return the calibration group of a free line of this kind."""
    return {"address": "address", "kanji": "name"}.get(kind, "line")
