"""The operations handbook can be typed as it stands: its commands and options exist, its settings are accepted."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from backoffice.declarations import parse
from backoffice.settings import Settings
from backoffice.yaml_source import read_yaml
from console.commands import app

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
WITH_VALUE = ("--configs", "--var", "--language")
INLINE = re.findall(r"`(hakadori [a-z][^`]*)`", PAGE)
LINES = re.findall(r"^    (?:sudo (?:-u \w+ )?)?hakadori ((?:--configs|[a-z]).*)$", PAGE, re.M)
SHOWN = sorted({*LINES, *(command.removeprefix("hakadori ") for command in INLINE)})
BLOCKS = re.findall(r"((?:^    [a-z_]+:.*\n)(?:^    .*\n)*)", PAGE, re.M)


def words_of(shown: str) -> list[str]:
    """Return the words of a shown command without comment, global options and what stands for anything (…)."""
    words = [word for word in shlex.split(shown, comments=True) if word != "…"]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in WITH_VALUE else words[1:]
    return words


@pytest.mark.parametrize("shown", SHOWN)
def test_a_command_of_the_handbook_exists_with_its_options(shown: str) -> None:
    words, command = words_of(shown), get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
    assert not getattr(command, "commands", {}), shown
    known: set[str] = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, shown


@pytest.mark.parametrize("block", BLOCKS)
def test_the_settings_of_the_handbook_are_accepted(block: str, tmp_path: Path) -> None:
    path = tmp_path / "hakadori.yaml"
    path.write_text("\n".join(line[4:] for line in block.splitlines()), encoding="utf-8")
    data, source = read_yaml(path)
    settings: dict[str, Any] = {"var": str(tmp_path), **data}
    assert parse(settings, source, Settings).keeping.upkeep_at


def test_the_handbook_shows_commands_and_settings() -> None:
    assert len(SHOWN) > 15
    assert len(BLOCKS) == 3
