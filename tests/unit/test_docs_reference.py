"""The generated pages are those that the code would write now: nothing undocumented, nothing out of date."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_is_current() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "docs" / "write_reference.py", "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_kind_of_declaration_and_every_visible_command_has_its_place() -> None:
    declarations = (ROOT / "docs/reference/declarations.md").read_text(encoding="utf-8")
    commands = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert all(
        f"\n## configs/{name}\n" in declarations for name in ("hakadori.yaml", "forms/*.yaml", "jobs/*.yaml")
    )
    assert "\n## hakadori demo\n" in commands and "run-child" not in commands
