"""What master data offer while a value is typed: addresses, banks, branches, a town's own lists."""

from pathlib import Path

import pytest

from ocr.suggestions import has_master, suggestions
from ocr.template import Form, load_form, load_forms

KOUZA = load_forms(Path("configs") / "forms")["kouza_furikae"]


def offered(form: Form, name: str, **values: str) -> list[str]:
    return [one.value for one in suggestions(form, name, values)]


def test_a_postal_code_offers_its_places_and_keeps_the_number_behind() -> None:
    typed = "兵庫県姫路市林田町ロ佐見5-10-1"
    assert offered(KOUZA, "住所", 郵便番号="6794222", 住所=typed) == ["兵庫県姫路市林田町口佐見5-10-1"]
    assert offered(KOUZA, "住所", 郵便番号="679-4222", 住所="") == ["兵庫県姫路市林田町口佐見"]


def test_an_address_that_stands_at_its_place_already_is_left_alone() -> None:
    assert offered(KOUZA, "住所", 郵便番号="6794222", 住所="兵庫県姫路市林田町口佐見5-10-1") == []


def test_a_code_of_two_prefectures_offers_both() -> None:
    assert {place[:3] for place in offered(KOUZA, "住所", 郵便番号="4980000", 住所="")} == {
        "愛知県",
        "三重県",
    }


@pytest.mark.parametrize("code", ["", "679422", "67942●2", "0000000"])
def test_what_is_no_postal_code_offers_nothing(code: str) -> None:
    assert offered(KOUZA, "住所", 郵便番号=code, 住所="") == []


def test_banks_and_branches_are_found_by_name_and_put_in_as_codes() -> None:
    assert offered(KOUZA, "金融機関コード", 金融機関コード="みずほ") == ["0001"]
    assert offered(KOUZA, "支店コード", 金融機関コード="0001", 支店コード="丸の内")[:1] == ["004"]
    assert offered(KOUZA, "支店コード", 金融機関コード="", 支店コード="丸の内") == []
    assert offered(KOUZA, "金融機関コード", 金融機関コード="0001") == []


def test_no_more_are_offered_than_are_read() -> None:
    assert len(offered(KOUZA, "金融機関コード", 金融機関コード="し")) == 8


def test_only_fields_with_a_master_offer_anything() -> None:
    assert [field.name for _, field in KOUZA.fields() if has_master(field)] == [
        "住所", "金融機関コード", "支店コード",
    ]  # fmt: skip
    assert offered(KOUZA, "納税者氏名", 納税者氏名="山") == []


def test_a_towns_own_list_offers_the_rest_of_a_row_then_what_begins_so(tmp_path: Path) -> None:
    (tmp_path / "masters").mkdir()
    rows = "氏名,カナ\n山田 花子,ヤマダ ハナコ\n山本 次郎,ヤマモト ジロウ\n"
    (tmp_path / "masters" / "residents.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "forms").mkdir()
    blank = (Path("samples") / "forms" / "kouza_furikae.pdf").resolve()
    text = f"""
form: todoke
title: 届
process: todoke
key: [番号]
pages:
  - blank: {blank}
    size_mm: [210, 297]
    fields:
      - {{name: 番号, kind: digits, box: [20, 20, 40, 8], cells: 5}}
      - {{name: 氏名, kind: kanji, box: [20, 40, 80, 10], lexicon: residents.氏名}}
      - {{name: 氏名カナ, kind: katakana, box: [20, 60, 80, 10], lexicon: residents.カナ}}
"""
    (tmp_path / "forms" / "todoke.yaml").write_text(text, encoding="utf-8")
    form = load_form(tmp_path / "forms" / "todoke.yaml")
    assert offered(form, "氏名", 氏名="山") == ["山田　花子", "山本　次郎"]
    assert offered(form, "氏名カナ", 氏名="山田　花子", 氏名カナ="ヤ")[0] == "ヤマダ　ハナコ"
