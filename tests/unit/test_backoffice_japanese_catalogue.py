import re
from pathlib import Path
from string import Formatter

from backoffice.messages import room_catalogue

BACKOFFICE = Path(__file__).parents[2] / "backoffice"


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_reason_in_the_code_has_an_entry_and_every_entry_is_used() -> None:
    files = [*(BACKOFFICE / "japanese").glob("*.py"), BACKOFFICE / "calendar.py"]
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    used = set(re.findall(r'"japanese\.(\w+)"', code))
    assert used == set(room_catalogue("japanese")["errors"])


def test_both_languages_fill_the_same_placeholders() -> None:
    catalogue = room_catalogue("japanese")
    sentences = [part for entry in catalogue["errors"].values() for part in entry.values()]
    for sentence in (*sentences, *catalogue["texts"].values()):
        assert _placeholders(sentence["ja"]) == _placeholders(sentence["en"]), sentence
