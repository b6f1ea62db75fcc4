"""The one loader for everything a town writes in YAML: forms, robots, jobs, settings, calendars.

A declaration is checked against its pydantic model, and all problems come back at once, each with
`file:line:column`, what is wrong, and what to write instead.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from backoffice.errors import DeclarationError, Problem
from backoffice.messages import text
from backoffice.suggest import did_you_mean
from backoffice.yaml_source import Source, read_yaml


class Part(BaseModel):
    """A piece of a declaration: unchangeable, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Declaration(Part):
    """The root of one YAML file; remembers the file it came from."""

    _source: Source | None = PrivateAttr(default=None)

    @property
    def source(self) -> Source:
        """The file as it was read.

        Raises:
            ValueError: When the declaration was built in code and has no file.
        """
        if self._source is None:
            raise ValueError("this declaration was not loaded from a file")
        return self._source


M = TypeVar("M", bound=Declaration)
_BRANCH = re.compile(r"(?:tuple|list|dict|function-\w+|nullable|constrained-\w+)\[.*\]")


def many(value: Any) -> Any:
    """Let one value stand for a list of one; for a `BeforeValidator`."""
    return value if isinstance(value, list | tuple) else [value]


def refuse(key: str, **values: object) -> PydanticCustomError:
    """Build the error to raise in a pydantic validator so that the catalogue text `key` is shown.

    Args:
        key: Catalogue key "room.name" of an error entry.
        **values: Its placeholders.
    """
    return PydanticCustomError(key, "see catalogue", dict(values))


def load(path: Path, model: type[M]) -> M:
    """Load one YAML file into its model.

    Raises:
        DeclarationError: With every problem of the file.
    """
    data, source = read_yaml(path)
    return parse(data, source, model)


def parse(data: Any, source: Source, model: type[M]) -> M:
    """Check data that `read_yaml` returned (perhaps with overrides laid over it) against a model.

    Raises:
        DeclarationError: With every problem of the file.
    """
    if not isinstance(data, dict):
        raise DeclarationError.single("backoffice.yaml_not_mapping", source.locate())
    try:
        loaded = model.model_validate(data)
    except ValidationError as error:
        raise DeclarationError(_problems(error, source, model)) from error
    loaded._source = source
    return loaded


def load_folder(folder: Path, model: type[M], name: str) -> dict[str, M]:
    """Load every `*.yaml` and `*.yml` of a folder, by the value of the field `name`.

    Args:
        folder: The folder; a missing one counts as empty.
        model: The model of each file.
        name: The field that names a declaration ("robot", "form", "job").

    Raises:
        DeclarationError: With the problems of all files together, two files of one name included.
    """
    problems: list[Problem] = []
    found: dict[str, M] = {}
    for path in _yaml_files(folder):
        try:
            loaded = load(path, model)
        except DeclarationError as error:
            problems.extend(error.problems)
            continue
        own = str(getattr(loaded, name))
        if own in found:
            where = loaded.source.locate((name,))
            problems.append(
                Problem(where, "backoffice.name_twice", {"name": own, "other": found[own].source.path.name})
            )
            continue
        found[own] = loaded
    if problems:
        raise DeclarationError(problems)
    return found


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"} and path.is_file())


def _problems(error: ValidationError, source: Source, model: type[BaseModel]) -> list[Problem]:
    details = error.errors(include_url=False)
    paths = [tuple(step for step in detail["loc"] if not _is_branch(step)) for detail in details]
    told: dict[tuple[str | int, ...], Problem] = {}
    for number, (detail, path) in enumerate(zip(details, paths, strict=True)):
        tried = path != detail["loc"]
        if (tried or detail["type"] == "too_short") and any(_is_below(other, path) for other in paths):
            continue
        problem = _problem({**detail, "loc": path}, source, model)
        told.setdefault(path if tried else (*path, number), problem)
    return list(told.values())


def _is_branch(step: str | int) -> bool:
    """Say whether pydantic alone knows this step: what it tried where one of several kinds of value may stand."""
    return isinstance(step, str) and _BRANCH.fullmatch(step) is not None


def _is_below(path: Sequence[str | int], parent: Sequence[str | int]) -> bool:
    """A list is also called too short by pydantic when one of its entries is wrong; that entry is told already."""
    return len(path) > len(parent) and path[: len(parent)] == parent


def _problem(detail: ErrorDetails, source: Source, model: type[BaseModel]) -> Problem:
    path, kind = detail["loc"], detail["type"]
    context = detail.get("ctx") or {}
    name = str(path[-1]) if path else ""
    if "." in kind:
        return Problem(source.locate(path), kind, context)
    if kind == "missing":
        return Problem(source.locate(path), "backoffice.key_missing", {"name": name})
    if kind == "extra_forbidden":
        return Problem(source.locate(path, key=True), *_unknown_key(name, _known_keys(model, path[:-1])))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_sort(source, path, str(context["discriminator"]).strip("'"), context)
    if path and isinstance(path[-1], int):
        named = [str(step) for step in path if isinstance(step, str)]
        name = text("backoffice.nth_of", list=".".join(named), nth=path[-1] + 1)
    if kind == "literal_error":
        return Problem(source.locate(path), "backoffice.choice_wrong", _choice(name, detail))
    expected = str(context.get("expected") or _expectation(kind, context))
    values = {"name": name, "value": _shown(detail.get("input")), "expected": expected}
    return Problem(source.locate(path), "backoffice.value_wrong", values)


def _wrong_sort(source: Source, path: Sequence[str | int], key: str, context: Mapping[str, Any]) -> Problem:
    """Return the problem of an entry whose sort (`kind:`) is missing or not known, with the nearest names."""
    if "tag" not in context:
        return Problem(source.locate(path), "backoffice.key_missing", {"name": key})
    known = [name.strip(" '") for name in str(context["expected_tags"]).split(",")]
    values = {"name": key, "value": _shown(context["tag"]), "hint": did_you_mean(str(context["tag"]), known)}
    return Problem(source.locate((*path, key)), "backoffice.sort_unknown", values)


def _unknown_key(name: str, known: Iterable[str]) -> tuple[str, dict[str, object]]:
    """Return what to say of an unknown key; `button:登録` lacks a space, and so does a full-width colon."""
    stem = re.split("[:\uff1a]", name)[0].strip()
    if name.startswith("\u3000"):
        return "backoffice.yaml_wide", {"detail": name.strip()}
    if stem != name and stem in known:
        return "backoffice.colon_tight", {"name": name, "stem": stem}
    return "backoffice.key_unknown", {"name": name, "hint": did_you_mean(name, known)}


def _choice(name: str, detail: ErrorDetails) -> dict[str, object]:
    """Return what to say of a word that is none of those that can stand in its place."""
    known = re.findall("'([^']*)'", str((detail.get("ctx") or {}).get("expected", "")))
    value = _shown(detail.get("input"))
    return {"name": name, "value": value, "known": ", ".join(known), "hint": did_you_mean(value, known)}


def _expectation(kind: str, context: dict[str, Any]) -> str:
    bound = next(
        (context[k] for k in ("ge", "gt", "le", "lt", "min_length", "max_length") if k in context), ""
    )
    stem = kind.removesuffix("_type").removesuffix("_parsing")
    key = f"backoffice.expected_{stem}"
    try:
        return text(key, bound=bound)
    except KeyError:
        return f"{stem} {bound}".strip()


def _shown(value: object) -> str:
    shown = "" if value is None else str(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def _known_keys(model: type[BaseModel], path: Sequence[str | int]) -> set[str]:
    candidates: set[type[BaseModel]] = {model}
    for step in path:
        inner = {
            found
            for candidate in candidates
            for name, field in candidate.model_fields.items()
            if step in (name, field.alias)
            for found in _models_in(field.annotation)
        }
        candidates = inner or candidates
    return {field.alias or name for candidate in candidates for name, field in candidate.model_fields.items()}


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
