"""What may be written where in a robot, for the editor's completion: from the same model that checks it.

The JSON Schema of a robot is boiled down to types with keys. A key says in a sentence what it is, which words may stand
behind it, and of which type its value is; the editor's script walks along these from the outermost level to the caret.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter
from typing import Any

from backoffice.messages import current_language, has_text, room_catalogue, text
from console.authoring.known import Known
from console.authoring.shelf import RobotShelf
from robots.filters import FILTERS
from robots.model import robot_model
from robots.routine import FOLDER
from robots.steps.desktop import IMAGES
from robots.steps.standard import standard_registry
from robots.values import FIXED_PLACES, NAMED_PLACES

_ENGLISH_TAIL = re.compile(r"(?<=[。)])\s*[A-Z][ -~’“”–]*$")


def names_of(shelf: RobotShelf) -> dict[str, Any]:
    """Return the names that exist in this installation, by what they are names of."""
    known = shelf.known
    return {
        "fields": _fields(known),
        "processes": sorted({form.process for form in known.forms.values()}),
        "forms": sorted({form.form for form in known.forms.values()}),
        "targets": sorted(known.settings.targets),
        "folders": sorted(known.settings.folders),
        "routines": sorted(path.stem for path in (shelf.folder / FOLDER).glob("*.y*ml")),
        "images": sorted(path.name for path in (shelf.folder / IMAGES).glob("*.*")),
        "places": [*FIXED_PLACES, *(f"{place}." for place in NAMED_PLACES)],
        "filters": [f"{one.name}: " if one.takes_argument else one.name for one in FILTERS.values()],
    }


def hints() -> dict[str, Any]:
    """Return the types of a robot with their keys, in the language in force."""
    return _hints(current_language())


@cache
def _hints(language: str) -> dict[str, Any]:
    schema = robot_model(standard_registry()).model_json_schema(by_alias=True)
    types = {"Robot": schema, **schema["$defs"]}
    return {
        name: {key: _key(name, key, told, language) for key, told in type_["properties"].items()}
        for name, type_ in types.items()
        if "properties" in type_
    }


def _key(type_: str, key: str, told: Mapping[str, Any], language: str) -> dict[str, Any]:
    is_action = type_ == "Step" and key in standard_registry().actions
    about = _about(type_, key, str(told.get("description", "")), language, is_action=is_action)
    found: dict[str, Any] = {"about": about}
    if is_action:
        found["action"] = True
    for one in _ways(told):
        found |= _of(one)
        if one.get("type") == "array":
            found["list"] = True
            found |= _of(one["items"])
        if isinstance(one.get("additionalProperties"), dict):
            found["map"] = _of(one["additionalProperties"]).get("of", "")
        words = one.get("enum") or ([one["const"]] if "const" in one else [])
        words = ["true", "false"] if one.get("type") == "boolean" else words
        if words:
            found["words"] = [str(word) for word in words]
    return found


def _about(type_: str, key: str, told: str, language: str, *, is_action: bool) -> str:
    """Return what a key is, in one language; empty where nobody has said it in that one."""
    if is_action and has_text(f"robots.explain_{key}"):
        return _in_words(key, language)
    if type_.endswith("Arguments") and told.isascii() and has_text(f"authoring.argument_{key}"):
        return text(f"authoring.argument_{key}", language=language)
    about = about_in(told, language)
    return "" if language == "ja" and about.isascii() else about


def _of(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the type that a part of the schema refers to."""
    return {"of": str(told["$ref"]).rsplit("/", 1)[1]} if "$ref" in told else {}


def _ways(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield told
    yield from told.get("anyOf", ())
    yield from told.get("allOf", ())


def _in_words(action: str, language: str) -> str:
    """Return what an action does, as `explain` would say it, with the names of its arguments where values go."""
    key = f"robots.explain_{action}"
    given = {name: f"〈{name}〉" for name in _placeholders(key)}
    return " ".join(text(key, language=language, **given).split())


def _placeholders(key: str) -> list[str]:
    written = room_catalogue("robots")["texts"][key.partition(".")[2]]["ja"]
    return [name for _, name, _, _ in Formatter().parse(written) if name]


def about_in(told: str, language: str) -> str:
    """Return the part of a description in one language: they hold Japanese first, then English."""
    tail = _ENGLISH_TAIL.search(told)
    if tail is None:
        return told
    return told[: tail.start()].strip() if language == "ja" else tail[0].strip()


def _fields(known: Known) -> dict[str, list[str]]:
    """Return the fields of the records by process, in the order of the form."""
    found: dict[str, dict[str, None]] = {}
    for form in known.forms.values():
        found.setdefault(form.process, {}).update({field.name: None for _, field in form.fields()})
    return {process: list(names) for process, names in found.items()}
