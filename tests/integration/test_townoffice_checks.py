"""What the stand-in accepts in a field, how it stores it, and what it says otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from samples.townoffice.catalogue import BUSINESSES, IDOU_TODOKE, KOUZA_FURIKAE, YOBOU_YOSHIN
from samples.townoffice.checks import WrongEntry, check_value, corporate_check_digit, mynumber_check_digit
from samples.townoffice.dates import in_japanese, parse_japanese, parse_western
from samples.townoffice.entry import read_entry
from samples.townoffice.examples import browser_form, example_record

TODAY = date(2026, 4, 1)


def _field(label: str):  # type: ignore[no-untyped-def]
    fields = [field for business in BUSINESSES.values() for field in business.fields]
    return next(field for field in fields if field.label == label)


@pytest.mark.parametrize(
    ("label", "typed", "stored"),
    [
        ("通知書番号", "0012345678", "0012345678"),
        ("届出日", "2026/4/1", "2026-04-01"),
        ("納税者氏名カナ", "ヴァン ミホン", "ヴァン　ミホン"),
        ("納税者氏名", "　見本　﨑𠮷 ", "見本　﨑𠮷"),
        ("郵便番号", "001-0001", "0010001"),
        ("電話番号", "03-0000-0000", "0300000000"),
        ("特別徴収税額", "00,120,000", "120000"),
        ("体温", "36.5", "36.5"),
        ("ロット番号", "AB12", "AB12"),
        ("対象税目", "市県民税、軽自動車税", "市県民税、軽自動車税"),
        ("個人番号", "123456789018", "123456789018"),
        ("法人番号", "7000012050002", "7000012050002"),
        ("生年月日", "昭和50年1月31日", "1975-01-31"),
        ("生年月日", "s50.1.31", "1975-01-31"),
        ("届出印", "", ""),
    ],
)
def test_keeps_values_in_their_stored_form(label: str, typed: str, stored: str) -> None:
    assert check_value(_field(label), typed, TODAY) == stored


@pytest.mark.parametrize(
    ("label", "typed", "message"),
    [
        ("通知書番号", "", "通知書番号は必須です。入力してください。"),
        ("預金種別", "", "預金種別を選択してください。"),
        ("預金種別", "9", "預金種別を選択してください。"),
        ("通知書番号", "123", "通知書番号は半角数字10桁で入力してください。"),
        ("通知書番号", "１２３４５６７８９０", "通知書番号は半角数字10桁で入力してください。"),
        ("通知書番号", "12345●7890", "通知書番号に使用できない文字「●」が含まれています。"),
        ("届出日", "2026-02-29", "届出日は正しい日付を YYYY-MM-DD の形で入力してください。"),
        ("納税者氏名カナ", "みほん", "納税者氏名カナは全角カタカナで入力してください。"),
        ("ふりがな", "ミホン", "ふりがなはひらがなで入力してください。"),
        ("納税者氏名", "名" * 41, "納税者氏名は40文字以内で入力してください。"),
        ("住所", "みほん市\n中央", "住所に改行などの制御文字は入力できません。"),
        ("郵便番号", "123456", "郵便番号は半角数字7桁で入力してください。"),
        ("電話番号", "1234567890", "電話番号は0から始まる半角数字10桁または11桁で入力してください。"),
        ("特別徴収税額", "-1", "特別徴収税額は半角数字8桁以内で入力してください。"),
        ("体温", "43.0", "体温は34.0から42.9までを小数第1位まで入力してください。"),
        ("ロット番号", "ab12", "ロット番号は半角英大文字・数字8桁以内で入力してください。"),
        ("個人番号", "123456789010", "個人番号の検査用数字が一致しません。番号を確認してください。"),
        ("法人番号", "1000012050002", "法人番号の検査用数字が一致しません。番号を確認してください。"),
        ("生年月日", "昭和64年1月8日", "生年月日は正しい日付を和暦で入力してください。"),
        ("生年月日", "令和8年4月2日", "生年月日に未来の日付は入力できません。"),
    ],
)
def test_says_what_is_wrong_with_a_value(label: str, typed: str, message: str) -> None:
    with pytest.raises(WrongEntry) as wrong:
        check_value(_field(label), typed, TODAY)
    assert str(wrong.value) == message


def test_check_digits_follow_the_ordinances() -> None:
    assert mynumber_check_digit("12345678901") == 8
    assert corporate_check_digit("000012050002") == 7  # 国税庁 7000012050002


@pytest.mark.parametrize(
    "text", ["昭和元年12月24日", "大正15年12月25日", "平成31年5月1日", "令和0年5月1日", "昭和50年1月", ""]
)
def test_refuses_days_outside_their_era(text: str) -> None:
    assert parse_japanese(text) is None


@pytest.mark.parametrize("day", [date(1873, 1, 1), date(1926, 12, 24), date(1989, 1, 7), date(2019, 5, 1)])
def test_era_days_read_back_as_written(day: date) -> None:
    assert parse_japanese(in_japanese(day).text) == day
    assert parse_western(day.isoformat()) == day


def test_amounts_must_add_up() -> None:
    record = example_record(IDOU_TODOKE, 1, 未徴収税額="1")
    submitted = {name: tuple(sent) for name, sent in browser_form(IDOU_TODOKE, record).items()}
    errors = read_entry(IDOU_TODOKE, submitted, TODAY).errors
    assert errors == {"特別徴収税額": "特別徴収税額が徴収済額と未徴収税額の合計と一致しません。"}


@pytest.mark.parametrize("business", [KOUZA_FURIKAE, IDOU_TODOKE, YOBOU_YOSHIN], ids=lambda each: each.code)
def test_stores_an_example_exactly_as_the_ledger_holds_it(business) -> None:  # type: ignore[no-untyped-def]
    record = example_record(business, 7)
    submitted = {name: tuple(sent) for name, sent in browser_form(business, record).items()}
    entry = read_entry(business, submitted, date(2026, 11, 1))
    assert (entry.errors, entry.values) == ({}, record)
