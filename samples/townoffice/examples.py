"""Records that the stand-in accepts, made up for tests and measurements, and how a browser would send them.

A record has the shape our ledger gives it: texts by field name, dates in ISO, choices by name. Persons, numbers and
addresses are invented; the check digits are right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from samples.townoffice.businesses import Business, Field, Kind, Widget
from samples.townoffice.dates import in_japanese

_KOUZA = {
    "通知書番号": "0000000000",
    "届出日": "2026-04-01",
    "納税者氏名カナ": "ミホン　タロウ",
    "納税者氏名": "見本　太郎",
    "郵便番号": "0010001",
    "住所": "みほん市中央一丁目2番3号",
    "電話番号": "09000000000",
    "金融機関コード": "0001",
    "支店コード": "001",
    "預金種別": "普通",
    "口座番号": "0123456",
    "口座名義カナ": "ミホン　タロウ",
    "対象税目": "市県民税、軽自動車税",
    "振替方法": "期別",
    "届出印": "present",
}
_IDOU = {
    "指定番号": "12345678",
    "受給者番号": "0000000000",
    "法人番号": "8000000000001",
    "事業者名": "株式会社みほん商店",
    "個人番号": "000000000000",
    "氏名カナ": "レイ　ハナコ",
    "氏名": "例　花子",
    "生年月日": "1975-01-31",
    "異動年月日": "2026-03-31",
    "異動事由": "退職",
    "特別徴収税額": "120000",
    "徴収済額": "100000",
    "未徴収税額": "20000",
    "徴収方法": "普通徴収",
    "電話番号": "0300000000",
}
_YOBOU = {
    "接種券番号": "0000000000",
    "ふりがな": "れい　じろう",
    "氏名": "例　次郎",
    "生年月日": "1950-12-03",
    "性別": "男",
    "郵便番号": "0010001",
    "住所": "みほん市中央四丁目5番6号",
    "電話番号": "0300000000",
    "体温": "36.5",
    **{f"質問{n}": "いいえ" for n in range(1, 11)},
    "接種希望": "希望します",
    "医師判定": "可",
    "接種日": "2026-10-15",
    "ロット番号": "AB1234",
    "署名": "present",
}
_RECORDS = {"kouza_furikae": _KOUZA, "idou_todoke": _IDOU, "yobou_yoshin": _YOBOU}


def example_record(business: Business, number: int, **changes: str) -> dict[str, str]:
    """A valid record whose last key field holds ``number``, so that each number is a registration of its own.

    Args:
        business: The business to register in.
        number: At most 10 digits.
        changes: Other values by label.
    """
    return {**_RECORDS[business.code], business.key[-1]: f"{number:010d}", **changes}


def browser_form(business: Business, record: Mapping[str, str]) -> dict[str, list[str]]:
    """What a browser sends when the record was typed into the registration page; absent labels stay empty."""
    form: dict[str, list[str]] = {}
    for field in business.fields:
        form.update(_sent(field, record.get(field.label, "")))
    return {name: values for name, values in form.items() if values}


def _sent(field: Field, value: str) -> dict[str, list[str]]:
    if field.kind is Kind.PRESENCE:
        return {field.name: ["1"] if value == "present" else []}
    if field.widget is Widget.ERA_BOXES:
        return _era_boxes(field, value)
    if field.kind is Kind.BIRTHDAY:
        return {field.name: [in_japanese(date.fromisoformat(value)).text if value else ""]}
    if field.options:
        return {field.name: [_code(field, name) for name in value.split("、") if name]}
    return {field.name: [value]}


def _era_boxes(field: Field, value: str) -> dict[str, list[str]]:
    if not value:
        return {}
    day = in_japanese(date.fromisoformat(value))
    boxes = {"era": _code(field, day.era), "year": day.year, "month": day.month, "day": day.day}
    return {f"{field.name}_{part}": [str(box)] for part, box in boxes.items()}


def _code(field: Field, name: str) -> str:
    return str(field.options.index(name) + 1)
