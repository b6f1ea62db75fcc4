"""55 robots as a beginner breaks them: every message word for word, in Japanese and in English.

The files lie in tests/data/broken_robots, what is said of each in messages.toml beside them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from backoffice.errors import DeclarationError
from backoffice.messages import use_language
from robots.model import load_robot
from robots.validate import Knowledge

FOLDER = Path(__file__).parents[1] / "data" / "broken_robots"
TABLE = tomllib.loads((FOLDER / "messages.toml").read_text(encoding="utf-8"))
KNOWN = Knowledge(
    fields=["通知書番号", "届出日", "納税者氏名", "納税者氏名カナ", "届出印"],
    targets=["townoffice"],
    secrets=["townoffice_password"],
)


def told(name: str, language: str) -> str:
    """What is said of a robot, with the bare file name before line and column."""
    use_language(language)
    try:
        with pytest.raises(DeclarationError) as refused:
            load_robot(FOLDER / name, KNOWN)
        return refused.value.explain(language).replace(
            refused.value.problems[0].where.rpartition(name)[0], ""
        )
    finally:
        use_language("ja")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_says_what_is_wrong_where_and_what_to_write_instead(name: str, language: str) -> None:
    assert told(name, language) == TABLE[name][language].strip()


def test_every_broken_robot_is_in_the_table_and_every_message_has_three_lines() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.yaml")) == sorted(TABLE)
    assert len(TABLE) >= 30
    assert all(
        len(TABLE[name][language].strip().splitlines()) % 3 == 0
        for name in TABLE
        for language in ("ja", "en")
    )
