"""A template says where it is wrong, what is wrong, and what to write instead."""

from pathlib import Path

import pytest

from backoffice.errors import DeclarationError
from ocr.template import load_forms

GOOD = """\
form: card
title: はがき
process: card
key: [番号]
pages:
  - blank: card.png
    size_mm: [100, 148]
    fields:
      - {name: 番号, kind: digits, box: [10, 10, 40, 8], cells: 5}
      - {name: 氏名, kind: kanji, box: [10, 30, 60, 10], personal: true}
"""


def _load(folder: Path, text: str) -> None:
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    (folder / "card.png").write_bytes(b"x")
    load_forms(folder)


def test_a_good_template_loads(tmp_path: Path) -> None:
    _load(tmp_path, GOOD)
    form = load_forms(tmp_path)["card"]
    assert [(page, field.name) for page, field in form.fields()] == [(1, "番号"), (1, "氏名")]
    assert form.blank_path(1) == tmp_path / "card.png"


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ("box: [10, 10, 40, 8]", "box: [10, 10, 0, 8]", "ocr.box_wrong", 9),
        ("box: [10, 10, 40, 8]", "box: [70, 10, 40, 8]", "ocr.box_off_paper", 9),
        ("key: [番号]", "key: [番合]", "ocr.field_unknown", 4),
        ("key: [番号]", "key: [氏名]", "ocr.key_personal", 4),
        ("name: 氏名", "name: 番号", "ocr.field_twice", 10),
        ("kind: digits", "kind: decimal", "ocr.decimal_without_decimals", 9),
        ("size_mm: [100, 148]", "size_mm: [100, 148]\n    corner_marks: true", "ocr.marks_not_four", 6),
        ("cells: 5", "cels: 5", "backoffice.key_unknown", 9),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, old: str, new: str, key: str, line: int) -> None:
    with pytest.raises(DeclarationError) as caught:
        _load(tmp_path, GOOD.replace(old, new))
    problem = caught.value.problems[0]
    assert problem.key == key
    assert f"card.yaml:{line}:" in problem.where
    assert problem.explain("ja")


def test_a_missing_blank_is_told(tmp_path: Path) -> None:
    (tmp_path / "card.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_forms(tmp_path)
    assert caught.value.problems[0].key == "ocr.blank_missing"
    assert "card.yaml:6:" in caught.value.problems[0].where


def test_every_shipped_form_loads() -> None:
    assert set(load_forms(Path("configs/forms"))) >= {"kouza_furikae", "idou_todoke", "yobou_yoshin"}
