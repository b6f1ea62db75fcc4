"""`form check` tells everything at once: what must be mended, and what should be looked at."""

import json
from pathlib import Path

import pytest
from PIL import Image

from backoffice.messages import use_language
from console.cli import main
from ocr.form_check import check_template

HEAD = """\
form: card
title: 見本
process: card
key: [番号]
pages:
  - blank: card.png
    size_mm: [100, 148]
    fields:
      - {name: 番号, kind: digits, box: [10, 10, 40, 8], cells: 5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    use_language("ja")
    forms = tmp_path / "configs" / "forms"
    forms.mkdir(parents=True)
    Image.new("L", (591, 874), 255).save(forms / "card.png", dpi=(150, 150))
    return forms


def problems(folder: Path, text: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    path = folder / "card.yaml"
    path.write_text(text, encoding="utf-8")
    checked = check_template(path, frozenset({"residents"}))
    levels = (checked.errors, checked.advice)
    errors, advice = ([(p.key, p.where.split("card.yaml:")[1]) for p in level] for level in levels)
    return errors, advice


def test_a_good_template_has_nothing_to_mend(folder: Path) -> None:
    assert problems(folder, HEAD) == ([], [])


@pytest.mark.parametrize("name", ["kouza_furikae", "idou_todoke", "yobou_yoshin"])
def test_the_shipped_templates_are_in_order(name: str) -> None:
    checked = check_template(Path("configs/forms") / f"{name}.yaml", frozenset())
    assert (checked.errors, checked.advice) == ((), ())


def test_all_mistakes_are_told_at_once_each_in_its_place(folder: Path) -> None:
    text = (
        HEAD.replace("key: [番号]", "key: [氏名]")
        + """\
      - {name: 氏名, kind: kanij, box: [10, 30, 60, 10], personal: true}
      - {name: 氏名, kind: kanji, box: [10, 45, 60, 10], personal: true, lexicon: resident}
      - {name: 金額, kind: amount, box: [70, 30, 40, 8], cells: 5}
      - {name: 希望, kind: choice, style: tick, options: {はい: [10, 146, 4, 4], いいえ: [20, 60, 4, 4]}}
      - {name: 支店, kind: branch, chek: yes, box: [10, 80, 21, 8], cells: 3}
rules:
  - {sum: [金額], equals: 番合}
  - {sun: [金額], equals: 番号}
  - {required: [金額], when: {field: 希望, is: はいい}}
"""
    )
    errors, _ = problems(folder, text)
    assert errors == [
        ("ocr.key_personal", "4:7"),
        ("backoffice.sort_unknown", "10:26"),
        ("ocr.lexicon_unknown", "11:81"),
        ("ocr.box_off_paper", "12:39"),
        ("ocr.box_off_paper", "13:61"),
        ("backoffice.key_unknown", "14:34"),
        ("ocr.rule_unknown", "17:5"),
        ("ocr.condition_value", "18:44"),
    ]


def test_names_are_looked_up_once_every_field_is_understood(folder: Path) -> None:
    text = (
        HEAD
        + """\
      - {name: 支店, kind: branch, box: [10, 80, 21, 8], cells: 3}
rules:
  - {sum: [番号], equals: 番合}
  - {order: [番号, 支店]}
"""
    )
    errors, _ = problems(folder, text)
    assert errors == [
        ("ocr.branch_without_bank", "10:26"),
        ("ocr.field_unknown", "12:5"),
        ("ocr.rule_kind_wrong", "13:5"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("size_mm: [100, 148]", "size_mm: [148, 100]", "ocr.blank_size_wrong"),
        ("blank: card.png", "blank: card.png\n    blank_page: 2", "ocr.blank_page_missing"),
        ("blank: card.png", "blank: none.png", "ocr.blank_missing"),
        ("blank: card.png", "blank: card.yaml", "ocr.file_not_an_image"),
    ],
)
def test_a_blank_that_is_not_the_paper_described_is_an_error(
    folder: Path, old: str, new: str, key: str
) -> None:
    errors, _ = problems(folder, HEAD.replace(old, new))
    assert [name for name, _ in errors] == [key]


def test_overlaps_and_narrow_cells_are_advice(folder: Path) -> None:
    text = (
        HEAD
        + """\
      - {name: 隣, kind: digits, box: [48, 10, 20, 8], cells: 10}
      - {name: 離れ, kind: digits, box: [68, 10, 20, 8], cells: 5}
      - name: 明細
        kind: table
        rows: 3
        pitch: 7
        columns: [{name: 数, kind: amount, box: [10, 60, 20, 8], cells: 4}]
"""
    )
    errors, advice = problems(folder, text)
    assert errors == []
    assert advice == [
        ("ocr.fields_overlap", "10:38"),
        ("ocr.cells_narrow", "10:62"),
        ("ocr.fields_overlap", "16:48"),
    ]


def test_the_command_tells_the_same_to_people_and_to_programs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "card.yaml"
    path.write_text(HEAD.replace("kind: digits", "kind: digit"), encoding="utf-8")
    assert main(["form", "check", str(path), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["good"], [p["level"] for p in told["problems"]]) == (False, ["error"])
    assert main(["form", "check", str(path)]) == 2
    shown = capsys.readouterr().err
    assert "もしかして: digits" in shown
    assert "card.yaml:9:26" in shown
    path.write_text(HEAD, encoding="utf-8")
    assert main(["form", "check", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["good"], told["form"], told["fields"], told["problems"]) == (True, "card", 1, [])
