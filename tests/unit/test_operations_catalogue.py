"""Every text of running an installation that the code names is in the catalogue, and none lies there unused."""

import re
from pathlib import Path

from backoffice.messages import room_catalogue

NAMED = re.compile(r'"operations\.([a-z0-9_]+)')
BUILT = ("check_", "doctor_", "kind_", "sign_", "stage_", "service_hint_")
"""Names that are put together when they are used (console/doctor/finding.py and the commands)."""


def named() -> set[str]:
    return {
        name
        for path in Path("console").rglob("*.py")
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    }


def known() -> set[str]:
    catalogue = room_catalogue("operations")
    return set(catalogue["texts"]) | set(catalogue["errors"])


def test_every_text_that_is_named_exists() -> None:
    assert {name for name in named() - known() if not name.endswith("_")} == set()


def test_no_text_lies_unused() -> None:
    assert {name for name in known() - named() if not name.startswith(BUILT)} == set()
