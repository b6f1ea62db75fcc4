"""Every text that the console names is in its catalogue, and none lies there unused."""

from __future__ import annotations

import re
from pathlib import Path

from backoffice.messages import room_catalogue

CONSOLE = Path("console")
CALLS = re.compile(r'\b(?:told|_told|_t|t)\(\s*f?"([a-z0-9_]*)')
KEYS = re.compile(r'"console\.([a-z0-9_]+)')
SCRIPT = re.compile(r"\b(?:texts|labels)\.([a-z_]+)")
BUILT = (
    "check_", "demo_", "document_closed_", "item_", "place_", "run_", "section_", "stage_", "state_", "value_",
    "js_state_", "discard_", "counted_", "closed_", "trigger_", "notice_event_", "notice_state_", "savings_by_",
)  # fmt: skip
"""Names that are put together when they are used."""


def sources(*endings: str) -> str:
    paths = [path for path in sorted(CONSOLE.rglob("*")) if path.suffix in endings]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def named() -> set[str]:
    code = sources(".py", ".html")
    script = {f"js_{name}" for name in SCRIPT.findall(sources(".js"))}
    return set(CALLS.findall(code)) | set(KEYS.findall(code)) | script


def test_every_text_that_is_named_exists() -> None:
    catalogue = room_catalogue("console")
    known = set(catalogue["texts"]) | set(catalogue["errors"])
    missing = {name for name in named() - known if name and not name.endswith("_")}
    assert missing == set()


def test_no_text_lies_unused() -> None:
    catalogue = room_catalogue("console")
    known = set(catalogue["texts"]) | set(catalogue["errors"])
    assert {name for name in known - named() if not name.startswith(BUILT)} == set()
