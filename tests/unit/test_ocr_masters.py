"""Lists of allowed values: where they come from, how reading leans on them; they never win against clear ink."""

from pathlib import Path

import numpy as np
import pytest

from ocr.errors import MasterWrong
from ocr.language import AnyText
from ocr.lexicon import settle
from ocr.masters import Lexicon, field_lexicons, load_lexicons, with_list
from ocr.reading import RawReading
from ocr.recognisers.lines import spell
from ocr.template import Form, load_forms
from ocr.validate import agreeing_fields, validate_values

NAMES = Lexicon("residents.氏名", ("山﨑 太郎", "山本 花子", "鈴木 一"))
FORM = """
form: todoke
title: 届
process: todoke
key: [番号]
pages:
  - blank: blank.png
    size_mm: [100, 100]
    fields:
      - {name: 番号, kind: digits, box: [1, 1, 20, 5], cells: 4}
      - {name: 氏名, kind: kanji, box: [1, 10, 50, 8], lexicon: residents.氏名, personal: true}
      - {name: カナ, kind: katakana, box: [1, 20, 50, 8], cells: 10, lexicon: residents.カナ, personal: true}
"""


@pytest.fixture
def form(tmp_path: Path) -> Form:
    """A form whose name and kana must stand in one row of masters/residents.csv."""
    for folder in ("forms", "masters"):
        (tmp_path / folder).mkdir()
    (tmp_path / "forms" / "todoke.yaml").write_text(FORM, encoding="utf-8")
    (tmp_path / "forms" / "blank.png").write_bytes(b"")
    rows = "氏名,カナ\n山田 裕美,ヤマダ ヒロミ\n山田 裕実,ヤマダ ユミ\n"
    (tmp_path / "masters" / "residents.csv").write_text(rows, encoding="utf-8-sig")
    return load_forms(tmp_path / "forms")["todoke"]


def test_every_column_of_a_master_file_is_a_list(form: Form) -> None:
    lists = load_lexicons(form.source.path.parent.parent / "masters")
    assert {"residents", "residents.氏名", "residents.カナ", "prefectures", "cities"} == set(lists)
    assert lists["residents"].entries == ("山田 裕美", "山田 裕実")
    assert field_lexicons(form)["カナ"].name == "residents.カナ"


def test_a_changed_file_is_read_anew(form: Form) -> None:
    assert field_lexicons(form)["氏名"].entry("山田裕子") is None
    file = form.source.path.parent.parent / "masters" / "residents.csv"
    file.write_text("氏名,カナ\n山田 裕子,ヤマダ ユウコ\n", encoding="utf-8")
    assert field_lexicons(form)["氏名"].entry("山田裕子") == "山田　裕子"


@pytest.mark.parametrize(
    ("content", "key"),
    [("氏名,氏名\n", "ocr.master_header"), ("氏名\na,b\n", "ocr.master_row"), ("", "ocr.master_header")],
)
def test_refuses_a_master_file_that_it_does_not_understand(tmp_path: Path, content: str, key: str) -> None:
    (tmp_path / "m.csv").write_text(content, encoding="utf-8")
    with pytest.raises(MasterWrong) as error:
        load_lexicons(tmp_path)
    assert error.value.key == key


def test_refuses_a_form_with_an_unknown_list(form: Form) -> None:
    (form.source.path.parent.parent / "masters" / "residents.csv").unlink()
    with pytest.raises(MasterWrong) as error:
        field_lexicons(form)
    assert error.value.key == "ocr.lexicon_unknown"


def test_spaces_do_not_count() -> None:
    assert NAMES.entry("山本　花子") == NAMES.entry("山本花子") == "山本　花子"


def test_entries_and_their_beginnings_are_likelier_than_other_texts() -> None:
    entry, beginning, other = NAMES.scores(["山本花子", "山本花", "山木花子"])
    assert entry > beginning > other


def test_a_list_chooses_where_the_ink_is_unsure_and_not_where_it_is_clear() -> None:
    alphabet = "山本木花子"
    unsure, clear = (np.zeros((7, 6), np.float32) for _ in range(2))
    for matrix, weak in ((unsure, 0.2), (clear, 0.0001)):
        for step, character in ((0, "山"), (2, "木"), (4, "花"), (6, "子")):
            matrix[step, 1 + alphabet.index(character)] = 0.79 if character == "木" and weak > 0.1 else 0.999
        matrix[2, 1 + alphabet.index("本")] = weak
        matrix[:, 0] = 1 - matrix[:, 1:].sum(axis=1)
    assert spell(unsure, alphabet, AnyText())[0].text == "山木花子"
    assert spell(unsure, alphabet, NAMES)[0].text == "山本花子"
    assert spell(clear, alphabet, NAMES)[0].text == "山木花子"


def test_an_entry_with_an_unreadable_character_is_proposed_and_goes_to_a_person() -> None:
    raw = with_list(RawReading("山崎太郎", 0.9, (("山崎太郎", 0.9),)), NAMES, "﨑")
    assert (raw.value, raw.reason) == ("山﨑　太郎", "ocr.lexicon_unreadable")
    assert [text for text, _ in raw.candidates] == ["山﨑　太郎", "山崎太郎"]


def test_a_reading_that_is_an_entry_keeps_its_place_before_a_lookalike() -> None:
    both = Lexicon("residents", ("山崎 太郎", "山﨑 太郎"))
    raw = with_list(RawReading("山崎太郎", 0.9, (("山崎太郎", 0.9),)), both, "﨑")
    assert (raw.value, raw.reason) == ("山崎　太郎", "ocr.lexicon_unreadable")


def test_a_value_outside_its_list_is_found(form: Form) -> None:
    found = validate_values(form, {"番号": "1234", "氏名": "山田　太郎", "カナ": "ヤマダ　ヒロミ"})
    assert ("氏名", "ocr.not_in_lexicon") in [(finding.field, finding.key) for finding in found]


def test_name_and_kana_of_different_rows_are_found(form: Form) -> None:
    found = validate_values(form, {"番号": "1234", "氏名": "山田　裕美", "カナ": "ヤマダ　ユミ"})
    assert {(finding.field, finding.key) for finding in found} == {
        ("氏名", "ocr.not_one_row"),
        ("カナ", "ocr.not_one_row"),
    }


def test_name_and_kana_of_one_row_bear_each_other_out(form: Form) -> None:
    values = {"番号": "1234", "氏名": "山田　裕実", "カナ": "ヤマダ　ユミ"}
    assert set(agreeing_fields(form, values)) >= {"氏名", "カナ"}


def test_the_kana_chooses_the_name_among_its_candidates_at_a_low_score(form: Form) -> None:
    specs = [spec for _, spec in form.fields()]
    name = RawReading("山田　裕美", 0.6, (("山田　裕美", 0.6), ("山田　裕実", 0.3)), parts=(("name", 0.6),))
    kana = RawReading("ヤマダ　ユミ", 0.99, (("ヤマダ　ユミ", 0.99),), parts=(("katakana", 0.99),))
    settled = settle(specs, [RawReading("1234", 1.0), name, kana], form)
    assert (settled[1].value, settled[1].score) == ("山田　裕実", 0.3)
    assert settled[1].parts[-1][1] <= 0.3
    assert settled[2] == kana
