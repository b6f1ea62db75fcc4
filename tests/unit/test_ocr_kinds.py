"""The reference of kinds tells the truth: every kind is in it, and every example is a field that loads."""

from pathlib import Path

import pytest

from backoffice.declarations import load
from ocr.kinds import KINDS, all_kinds, keys_of
from ocr.template import Form

PAGE = Path("docs/reference/kinds.md").read_text(encoding="utf-8")
FORM = """\
form: card
title: 見本
process: card
key: [整理番号]
pages:
  - blank: card.png
    size_mm: [210, 297]
    fields:
      - {{name: 整理番号, kind: digits, box: [20, 200, 40, 8], cells: 5}}
      - {{name: 銀行, kind: bank, box: [20, 220, 28, 8], cells: 4}}
      - {example}
"""


@pytest.mark.parametrize("kind", all_kinds())
def test_every_kind_is_explained_with_an_example_that_loads(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(FORM.format(example=KINDS[kind].example), encoding="utf-8")
    declared = load(path, Form).pages[0].declared[-1]
    assert declared.kind == kind
    assert f"\n## {kind}\n" in PAGE
    assert f"- {KINDS[kind].example}\n" in PAGE


def test_nothing_is_explained_that_is_no_kind() -> None:
    assert set(KINDS) == set(all_kinds())


def test_a_kind_names_only_the_keys_that_it_takes() -> None:
    assert "yen" in keys_of("amount")
    assert "yen" not in keys_of("digits")
    assert "decimals" not in keys_of("katakana")
    assert "most" in keys_of("choices")
    assert "most" not in keys_of("choice")
    assert {"rows", "pitch", "columns", "min_rows"} == set(keys_of("table"))
