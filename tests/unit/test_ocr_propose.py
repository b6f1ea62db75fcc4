"""What a proposed template rests on: rectangles, rows of cells, words, kinds guessed from labels, and plain YAML."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from ruamel.yaml import YAML

from ocr.propose.choices import option_name
from ocr.propose.finding import Found
from ocr.propose.frames import find_frames, find_rulings, px
from ocr.propose.kinds import guess_cells, guess_line, is_for_the_office, is_personal
from ocr.propose.labels import Label
from ocr.propose.marks import find_circles, find_corner_marks, find_ticks
from ocr.propose.paper import Paper, paper_size, skew
from ocr.propose.prints import Print, plain, words
from ocr.propose.proposal import form_name
from ocr.propose.rect import Rect
from ocr.propose.rows import find_rows, grouped
from ocr.propose.template_text import ProposedPage, field_name, name_fields, scalar, template_yaml


def sheet() -> np.ndarray:
    return np.full((px(100), px(100)), 255, np.uint8)


def paper(gray: np.ndarray) -> Paper:
    return Paper(1, gray, (100.0, 100.0), 0.0)


def frame(gray: np.ndarray, rect: Rect, thick: int = 2) -> None:
    corners = (px(rect.left), px(rect.top)), (px(rect.right), px(rect.bottom))
    cv2.rectangle(gray, *corners, 0, thick)


def test_finds_a_frame_to_a_tenth_of_a_millimetre() -> None:
    gray = sheet()
    frame(gray, Rect(20, 30, 80, 42), 4)
    page = paper(gray)
    (found,) = find_frames(page, find_rulings(page.ink))
    assert found.empty and not found.shaded
    assert max(abs(a - b) for a, b in zip(found.rect.box(), [20, 30, 60, 12], strict=True)) <= 0.15


def test_counts_solid_and_dotted_cells_and_keeps_groups_apart() -> None:
    gray = sheet()
    for x in range(3):
        frame(gray, Rect(10 + 6 * x, 20, 16 + 6 * x, 28))
    for x in range(4):
        frame(gray, Rect(32 + 6 * x, 20, 38 + 6 * x, 28))
    frame(gray, Rect(10, 50, 50, 58))
    for x in range(1, 5):
        for y in range(px(50), px(58), 12):
            cv2.line(gray, (px(10 + 8 * x), y), (px(10 + 8 * x), y + 5), 0, 2)
    page = paper(gray)
    runs = grouped(find_rows(page, find_frames(page, find_rulings(page.ink)), []), [])
    assert [run.groups for run in sorted(runs, key=lambda r: r.rect.top)] == [(3, 4), (5,)]
    assert runs[0].gaps == (4.0,)


def test_a_tick_box_is_a_lone_hollow_square_and_no_letter() -> None:
    gray = sheet()
    frame(gray, Rect(20, 20, 24, 24))
    frame(gray, Rect(50, 20, 54, 24))
    for x in (50, 54):  # the legs of 口
        cv2.line(gray, (px(x), px(24)), (px(x), px(24.8)), 0, 3)
    (tick,) = find_ticks(paper(gray))
    assert tick.overlap(Rect(20, 20, 24, 24)) > 0.8


def test_finds_a_dashed_seal_circle_and_four_corner_squares() -> None:
    gray = sheet()
    for start in range(0, 360, 6):
        cv2.ellipse(gray, (px(50), px(50)), (px(9), px(9)), 0, start, start + 3, 0, 2)
    for x, y in ((8, 8), (92, 8), (92, 92), (8, 92)):
        cv2.rectangle(gray, (px(x - 2.5), px(y - 2.5)), (px(x + 2.5), px(y + 2.5)), 0, -1)
    page = paper(gray)
    (circle,) = find_circles(page, np.zeros_like(page.ink))
    assert circle.overlap(Rect(41, 41, 59, 59)) > 0.9
    marks = find_corner_marks(page)
    assert marks is not None and abs(marks.side - 5) < 0.3
    assert np.allclose(marks.centres, [(8, 8), (92, 8), (92, 92), (8, 92)], atol=0.2)


@pytest.mark.parametrize("degrees", [-2.0, -0.4, 0.0, 1.5])
def test_measures_how_crooked_a_page_stands(degrees: float) -> None:
    gray = np.full((px(120), px(120)), 255, np.uint8)
    for y in (30, 50, 70, 90):
        cv2.line(gray, (px(15), px(y)), (px(105), px(y)), 0, 3)
    centre = gray.shape[1] / 2, gray.shape[0] / 2
    turn = cv2.getRotationMatrix2D(centre, degrees, 1)
    turned = cv2.warpAffine(gray, turn, gray.shape[::-1], borderValue=(255.0,))
    assert skew(np.asarray(turned, dtype=np.uint8)) == pytest.approx(-degrees, abs=0.05)


@pytest.mark.parametrize(
    ("label", "hints", "cells", "kind"),
    [
        ("フリガナ", "", 16, "katakana"), ("ふりがな", "", 16, "hiragana"), ("個人番号", "", 12, "mynumber"),
        ("個人番号", "", 10, "digits"), ("法人番号", "", 13, "corporate_number"), ("電話番号", "", 11, "phone"),
        ("郵便番号", "", 7, "postal"), ("口座番号", "", 7, "account"), ("特別徴収税額", "", 8, "amount"),
        ("口座名義力ナ", "", 16, "katakana"), ("ロット番号", "英大文字と数字", 8, "alnum"),
        ("通知書番号", "", 10, "digits"),
    ],
)  # fmt: skip
def test_guesses_the_kind_of_a_row_from_its_label(label: str, hints: str, cells: int, kind: str) -> None:
    assert guess_cells(label, hints, cells).kind == kind


@pytest.mark.parametrize(
    ("label", "unit", "kind", "sure"),
    [
        ("氏名", "", "kanji", True), ("住所", "", "address", True), ("事業者名", "", "text", True),
        ("本人署名", "", "signature", True), ("請求", "円", "amount", True), ("理由", "", "text", False),
    ],
)  # fmt: skip
def test_guesses_the_kind_of_a_free_line(label: str, unit: str, kind: str, sure: bool) -> None:
    guess = guess_line(label, "", unit=unit)
    assert (guess.kind, guess.sure) == (kind, sure)


def test_tells_personal_and_office_labels() -> None:
    assert is_personal("氏 名") and is_personal("フリガナ") and not is_personal("通知書番号")
    assert is_for_the_office("※受付印") and is_for_the_office("", "【金融機関使用欄】")
    assert not is_for_the_office("届出印") and not is_for_the_office("氏名", "本人記入欄")


def test_splits_words_at_wide_gaps_and_lone_dots() -> None:
    line = Print("男・女 はい", Rect(0, 0, 60, 4), 4.0, centres=(4, 14, 24, 26, 40, 44))
    assert [word.text for word in words(line)] == ["男", "・", "女", "はい"]


def test_plain_words_have_one_width_and_settled_katakana() -> None:
    assert plain("口座名義力ナ　１") == "口座名義カナ1"
    assert plain("人口") == "人口"
    assert option_name("１ 普通") == "普通"
    assert option_name("市県民税（普通徴収）") == "市県民税"


def test_names_forms_and_fields_so_that_a_template_may_hold_them() -> None:
    assert form_name(Path("Kouza-Furikae 2.pdf")) == "kouza_furikae_2"
    assert form_name(Path("口座.pdf")) == "form"
    label = Label("１．氏名（自署）")
    assert field_name(Label(plain(label.text))) == "氏名"


@pytest.mark.parametrize(
    "word", ["はい", "1", "no", "0600042", "a: b", "#", "いいえ・わからない", "- x", '"']
)
def test_writes_words_so_that_yaml_gives_them_back(word: str) -> None:
    assert YAML(typ="safe").load(f"{{{scalar(word)}: {scalar(word)}}}") == {word: word}


def test_a_template_says_what_is_unsure_and_names_a_key_that_is_not_personal() -> None:
    rect = Rect(10, 10, 80, 18)
    keys = {"box": rect.box()}
    fields = [
        Found("kanji", rect, Label("氏名"), keys, (), personal=True),
        Found("digits", rect, Label("整理番号"), keys | {"cells": 5}, ("propose_kind_guessed",)),
        Found("kanji", rect, Label("氏名"), keys, (), personal=True),
    ]
    (named,) = name_fields([fields])
    told = template_yaml("f", "届", [ProposedPage("f.pdf", 1, (210, 297), None, tuple(named), ("受付印",))])
    document = YAML(typ="safe").load(told)
    assert document["key"] == ["整理番号"]
    assert [f["name"] for f in document["pages"][0]["fields"]] == ["氏名", "整理番号", "氏名2"]
    assert any("整理番号" in line and "   # " in line for line in told.splitlines())
    assert "受付印" in told


def test_knows_usual_paper_sizes() -> None:
    assert paper_size(209.6, 296.4) == (210.0, 297.0)
    assert paper_size(296.0, 211.0) == (297.0, 210.0)
    assert paper_size(100.04, 60.0) == (100.0, 60.0)
