"""Writes docs/reference/: every command, every key of every declaration, every error, taken from the code itself.

python docs/write_reference.py            writes the pages
python docs/write_reference.py --check    says which pages are not current, and ends with 1 when there are any
"""

import json
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ["HAKADORI_LANGUAGE"] = (
    "ja"  # the commands' help is for clerks; it is made when console is imported
)

from typer.main import get_command

from backoffice.messages import CATALOGUE
from console.commands import app
from console.rights import RIGHTS, Right, Role
from console.schemas import write_schemas
from console.web.access import ROWS, Reach
from ocr.kinds import KINDS as KIND_TEXTS
from ocr.kinds import all_kinds, keys_of, model_of

REFERENCE = Path(__file__).parent / "reference"
PLURAL = re.compile(r"\{(\w+):[^{}|]*\|([^{}]*)\}")
"""A number with its two words, `{count:file|files}`: the page shows the second."""
NOTE = "<!-- Written by docs/write_reference.py: change the code, not this page. -->\n\n"
KINDS = {"array": "list", "object": "mapping", "string": "text", "boolean": "true/false", "null": "empty"}
DECLARATIONS = {
    "hakadori": "configs/hakadori.yaml",
    "form": "configs/forms/*.yaml",
    "robot": "configs/robots/*.yaml",
    "job": "configs/jobs/*.yaml",
    "workload": "configs/workload.yaml",
}

REACHES = {
    Reach.TOWN: "the whole town",
    Reach.OWN: "what belongs to the own departments",
    Reach.ONE: "one thing of an own department",
}


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {
        "commands.md": commands_page(),
        "declarations.md": declarations_page(),
        "errors.md": errors_page(),
        "kinds.md": kinds_page(),
        "rights.md": rights_page(),
    }


def commands_page() -> str:
    """Return the page of all commands with their arguments and options."""
    codes = "[architecture.md](../architecture.md#errors)"
    parts = [f"# Commands\n\n{NOTE}Also through `python3 start.py hakadori …`. Exit codes: {codes}.\n"]
    for name, command in _commands("hakadori", get_command(app)):
        rows = [_parameter_row(parameter) for parameter in command.params if not parameter.hidden]
        parts.append(f"\n## {name}\n\n{command.help or ''}\n")
        parts.append(_table(("argument or option", "meaning", "default"), rows))
    return "".join(parts)


def declarations_page() -> str:
    """Return the page of all YAML keys, from the JSON Schemas that `hakadori schema` writes."""
    parts = [f"# Declarations\n\n{NOTE}`hakadori schema` writes the same as JSON Schemas, for editors.\n"]
    with tempfile.TemporaryDirectory() as folder:
        write_schemas(Path(folder))
        for name, place in DECLARATIONS.items():
            schema = json.loads((Path(folder) / f"{name}.schema.json").read_text(encoding="utf-8"))
            parts.append(f"\n## {place}\n\n{_first_line(schema)}\n{_key_table(schema)}")
            for title, below in sorted(schema.get("$defs", {}).items()):
                if below.get("properties"):
                    parts.append(f"\n### {name}: {title}\n\n{_first_line(below)}\n{_key_table(below)}")
    return "".join(parts)


def kinds_page() -> str:
    """Return the page of all kinds of form fields: what each reads, its record form, an example and its keys."""
    about = (
        "What a form in `configs/forms/` may ask for. A record keeps every value as text, an empty field as nothing.\n"
        "Lengths are millimetres from the top left corner of the page. [forms.md](../forms.md) says more."
    )
    parts = [f"# Kinds of fields\n\n{NOTE}{about}\n"]
    for kind in all_kinds():
        told, model = KIND_TEXTS[kind], model_of(kind).__name__
        keys = ", ".join(f"`{key}`" for key in keys_of(kind))
        meaning = f"[what they mean](declarations.md#form-{model.lower()})"
        parts.append(f"\n## {kind}\n\n{told.reads}\n\nIn the record: {told.record}.\n")
        parts.append(f"\n```yaml\n- {told.example}\n```\n\nKeys besides name and kind: {keys} ({meaning}).\n")
    return "".join(parts)


def rights_page() -> str:
    """Return the page of all rights: which role holds which, and which route needs which."""
    about = (
        "Roles give rights, departments limit whose documents, items, runs and receipts are seen. A person may have\n"
        "several roles and departments. [users.md](../users.md) says how people and tokens get them.\n"
    )
    marks = [[("yes" if right in RIGHTS[role] else "") for role in Role] for right in Right]
    held = [(f"`{right}`", *row) for right, row in zip(Right, marks, strict=True)]
    routes = [
        (f"`{row.name}`", f"`{row.right}`" if row.right else "open", REACHES[row.reach]) for row in ROWS
    ]
    return (
        f"# Rights\n\n{NOTE}{about}\n## Roles\n{_table(('right', *Role), held)}\n"
        f"## Routes\n\nWhat another department owns is answered like what does not exist (404).\n"
        f"{_table(('route', 'needs', 'reaches'), routes)}"
    )


def errors_page() -> str:
    """Return the page of all errors, Japanese above English."""
    parts = [
        f"# Errors\n\n{NOTE}Each says what happened, why, and what to do. `{{…}}` is filled in when it is shown.\n"
    ]
    for file in sorted(CATALOGUE.glob("*.toml")):
        errors = tomllib.loads(file.read_text(encoding="utf-8")).get("errors", {})
        for name, entry in sorted(errors.items()):
            parts.append(f"\n## {file.stem}.{name}\n\n")
            for language in ("ja", "en"):
                what, why, do = (" ".join(entry[part][language].split()) for part in ("what", "why", "do"))
                line = f"- **{what}** {why} → {do}\n"
                parts.append(PLURAL.sub(r"{\1} \2", line))
    return "".join(parts)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for word, below in sorted(getattr(command, "commands", {}).items()):
        if not below.hidden:
            yield from _commands(f"{name} {word}", below)


def _parameter_row(parameter: Any) -> tuple[str, str, str]:
    option = parameter.opts[0].startswith("-")
    name = (
        " / ".join([*parameter.opts, *parameter.secondary_opts])
        if option
        else parameter.metavar or parameter.name
    )
    default = parameter.default
    plain = default if isinstance(default, str | int | float | Path) and not isinstance(default, bool) else ""
    needed = "needed" if parameter.required else str(plain)
    return f"`{name}`", parameter.help or "", needed


def _key_table(schema: Mapping[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    rows = []
    for key, told in schema.get("properties", {}).items():
        default = "needed" if key in needed else _default(told)
        rows.append((f"`{key}`", _kind(told), default, told.get("description", "")))
    return _table(("key", "kind", "default", "meaning"), rows)


def _default(told: Mapping[str, Any]) -> str:
    value = told.get("default")
    return (
        ""
        if isinstance(value, dict) or value in (None, "", [])
        else f"`{json.dumps(value, ensure_ascii=False)}`"
    )


def _kind(told: Mapping[str, Any]) -> str:
    if "$ref" in told:
        return str(told["$ref"]).rpartition("/")[2]
    if "enum" in told:
        return ", ".join(f"`{word}`" for word in told["enum"])
    if "const" in told:
        return f"`{told['const']}`"
    several = told.get("anyOf") or told.get("oneOf")
    if several:
        kinds = [_kind(one) for one in several if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    inner = told.get("items") or told.get("additionalProperties")
    kind = KINDS.get(told.get("type", ""), told.get("type", "anything"))
    return f"{kind} of {_kind(inner)}" if isinstance(inner, dict) and inner else kind


def _first_line(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).partition("\n")[0]


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [heads, tuple("---" for _ in heads), *rows]
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in cells)


def main() -> int:
    """Write the pages, or only compare them; returns the exit code."""
    made = {REFERENCE / name: page for name, page in pages().items()}
    if "--check" in sys.argv[1:]:
        stale = [
            path
            for path, page in made.items()
            if not path.exists() or path.read_text(encoding="utf-8") != page
        ]
        for path in stale:
            print(f"docs/reference/{path.name} is not current: run python docs/write_reference.py")
        return int(bool(stale))
    REFERENCE.mkdir(exist_ok=True)
    for path, page in made.items():
        path.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
