"""Rules across fields and tables: what they find, where, and when they keep quiet."""

from datetime import date
from pathlib import Path

import pytest

from ocr.reading import Finding
from ocr.template import Form, load_form
from ocr.validate import agreeing_fields, validate_values

FORM = """\
form: card
title: 見本
process: card
key: [番号]
pages:
  - blank: card.png
    size_mm: [210, 297]
    fields:
      - {{name: 番号, kind: digits, box: [10, 10, 40, 8], cells: 5, required: false, max: 70000}}
      - name: 保険者
        kind: digits
        box: [10, 20, 40, 8]
        cells: 8
        required: false
        check: luhn
      - name: 開始
        kind: date
        box: [10, 30, 60, 8]
        required: false
        past: true
        earliest: 2020-01-01
      - {{name: 終了, kind: date, box: [10, 40, 60, 8], required: false}}
      - name: 時刻
        kind: time
        box: [10, 50, 60, 8]
        required: false
        earliest: "08:30"
        latest: "17:15"
      - name: 方法
        kind: choice
        style: tick
        required: false
        options: {{口座: [10, 60, 4, 4], 窓口: [20, 60, 4, 4]}}
      - {{name: 口座, kind: account, box: [10, 70, 49, 8], cells: 7, required: false}}
      - name: 体温
        kind: decimal
        decimals: 1
        box: [10, 80, 21, 8]
        cells: 3
        required: false
        min: 34
        max: 42
      - name: 印
        kind: mark
        box: [10, 90, 8, 8]
        required: false
        marks: {{circle: 可, cross: 不可}}
      - name: 税目
        kind: choices
        style: tick
        required: false
        least: 1
        most: 2
        options: {{甲: [10, 100, 4, 4], 乙: [20, 100, 4, 4], 丙: [30, 100, 4, 4]}}
      - name: ロット
        kind: alnum
        box: [10, 110, 60, 8]
        cells: 8
        required: false
        pattern: "[A-Z]{{2}}[0-9]{{4}}"
      - name: 明細
        kind: table
        rows: 3
        pitch: 9
        min_rows: 1
        columns:
          - {{name: 数量, kind: amount, box: [10, 130, 14, 8], cells: 2}}
          - {{name: 単価, kind: amount, box: [30, 130, 28, 8], cells: 4}}
          - {{name: 金額, kind: amount, box: [70, 130, 35, 8], cells: 5}}
      - {{name: 合計, kind: amount, box: [70, 160, 35, 8], cells: 5, required: false}}
rules:
{rules}
"""
ROWS = {"明細1.数量": "3", "明細1.単価": "120", "明細1.金額": "360", "税目": "甲"}
TODAY = date(2026, 11, 21)


def make(folder: Path, *rules: str) -> Form:
    (folder / "card.png").write_bytes(b"x")
    path = folder / "card.yaml"
    lines = "\n".join(f"  - {rule}" for rule in rules) or "  []"
    path.write_text(FORM.format(rules=lines), encoding="utf-8")
    return load_form(path)


def found(form: Form, **values: str) -> list[tuple[str, str]]:
    return [(f.field, f.key) for f in validate_values(form, ROWS | values, TODAY)]


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("番号", "70001", "ocr.above_range"),
        ("保険者", "12345678", "ocr.check_digit_wrong"),
        ("保険者", "06139992", ""),
        ("開始", "2026-11-22", "ocr.in_the_future"),
        ("開始", "2026-11-21", ""),
        ("開始", "2019-12-31", "ocr.below_range"),
        ("開始", "令和8年13月1日", "ocr.no_such_day"),
        ("時刻", "08:29", "ocr.below_range"),
        ("時刻", "17:16", "ocr.above_range"),
        ("時刻", "25時00分", "ocr.no_such_time"),
        ("時刻", "12:00", ""),
        ("体温", "42.1", "ocr.above_range"),
        ("体温", "36.5", ""),
        ("体温", "36", "ocr.decimal_wrong"),
        ("印", "保留", "ocr.not_an_option"),
        ("印", "不可", ""),
        ("税目", "甲、乙、丙", "ocr.too_many_options"),
        ("税目", "", "ocr.too_few_options"),
        ("ロット", "AB12", "ocr.pattern_unmatched"),
        ("ロット", "AB1234", ""),
    ],
)
def test_single_values_are_held_to_what_their_field_says(
    tmp_path: Path, name: str, value: str, key: str
) -> None:
    assert found(make(tmp_path), **{name: value}) == ([(name, key)] if key else [])


@pytest.mark.parametrize(
    ("rule", "values", "wrong"),
    [
        ("{order: [開始, 終了]}", {"開始": "2026-04-02", "終了": "2026-04-01"}, ["開始", "終了"]),
        ("{order: [開始, 終了]}", {"開始": "2026-04-01", "終了": "2026-04-01"}, []),
        (
            "{order: [開始, 終了], strict: true}",
            {"開始": "2026-04-01", "終了": "2026-04-01"},
            ["開始", "終了"],
        ),
        ("{order: [開始, 終了]}", {"開始": "2026-04-02"}, []),
        ("{same: [番号, 口座]}", {"番号": "12345", "口座": "12346"}, ["番号", "口座"]),
        ("{differ: [番号, 口座]}", {"番号": "12345", "口座": "12345"}, ["番号", "口座"]),
        ("{required: [口座], when: {field: 方法, is: 口座}}", {"方法": "口座"}, ["口座"]),
        ("{required: [口座], when: {field: 方法, is: [口座, 窓口]}}", {"方法": "窓口"}, ["口座"]),
        ("{required: [口座], when: {field: 方法, is: 口座}}", {"方法": "窓口"}, []),
        ("{required: [口座], when: {field: 方法, filled: true}}", {}, []),
        ("{required: [口座], when: {field: 方法, filled: false}}", {}, ["口座"]),
        ("{empty: [口座], when: {field: 方法, is: 窓口}}", {"方法": "窓口", "口座": "1"}, ["口座"]),
        ("{one_of: [番号, 口座]}", {"番号": "12345", "口座": "1"}, ["番号", "口座"]),
        ("{one_of: [番号, 口座]}", {"番号": "12345"}, []),
        ("{any_of: [番号, 口座]}", {}, ["番号", "口座"]),
        ("{any_of: [番号, 口座]}", {"口座": "1"}, []),
    ],
)
def test_rules_find_what_does_not_go_together(
    tmp_path: Path, rule: str, values: dict[str, str], wrong: list[str]
) -> None:
    assert [name for name, _ in found(make(tmp_path, rule), **values)] == wrong


def test_a_rule_may_speak_in_the_towns_own_words(tmp_path: Path) -> None:
    form = make(tmp_path, "{any_of: [番号, 口座], message: どちらかを書いてもらってください}")
    finding = validate_values(form, ROWS, TODAY)[0]
    assert (finding.key, finding.explain("ja")) == ("ocr.rule_message", "どちらかを書いてもらってください")


SUM, PRODUCT = "{sum: [明細.金額], equals: 合計}", "{product: [明細.数量, 明細.単価], equals: 明細.金額}"
SECOND = {"明細2.数量": "2", "明細2.単価": "1500", "明細2.金額": "3000"}


def test_a_column_adds_up_to_a_field_and_empty_rows_are_nought(tmp_path: Path) -> None:
    form = make(tmp_path, SUM)
    assert found(form, **SECOND, 合計="3360") == []
    wrong = found(form, **SECOND, 合計="3370")
    assert wrong == [(name, "ocr.sum_wrong") for name in ("明細1.金額", "明細2.金額", "合計")]


def test_a_rule_of_columns_holds_in_each_filled_row(tmp_path: Path) -> None:
    form = make(tmp_path, PRODUCT)
    assert found(form, **SECOND) == []
    wrong = found(form, **SECOND | {"明細2.金額": "3001"})
    assert [name for name, _ in wrong] == ["明細2.数量", "明細2.単価", "明細2.金額"]


def test_what_adds_up_bears_its_parts_out_and_nothing_else(tmp_path: Path) -> None:
    borne_out = agreeing_fields(make(tmp_path, SUM, PRODUCT), ROWS | SECOND | {"合計": "3360"})
    assert set(borne_out) == {*(n for n in ROWS if "明細" in n), *SECOND, "合計"}
    assert agreeing_fields(make(tmp_path, SUM), ROWS | {"合計": "999"}) == {}


def test_an_illegible_number_is_illegible_and_not_also_a_wrong_sum(tmp_path: Path) -> None:
    assert found(make(tmp_path, SUM), 合計="3●6") == [("合計", "ocr.illegible")]


def test_only_filled_rows_need_all_their_columns(tmp_path: Path) -> None:
    form = make(tmp_path)
    assert found(form) == []
    assert found(form, **{"明細2.金額": "5"}) == [
        ("明細2.数量", "ocr.required_empty"),
        ("明細2.単価", "ocr.required_empty"),
    ]


def test_a_row_left_out_and_too_few_rows_are_told_once(tmp_path: Path) -> None:
    form = make(tmp_path)
    third = {name.replace("2", "3", 1): value for name, value in SECOND.items()}
    assert found(form, **third) == [("明細2.数量", "ocr.row_left_out")]
    empty = dict.fromkeys((name for name in ROWS if "明細" in name), "")
    assert found(form, **empty) == [("明細1.数量", "ocr.too_few_rows")]


def test_every_finding_explains_itself_in_both_languages(tmp_path: Path) -> None:
    form = make(
        tmp_path, SUM, PRODUCT, "{order: [開始, 終了]}", "{required: [口座], when: {field: 方法, is: 口座}}"
    )
    values = {
        "開始": "2026-04-02",
        "終了": "2026-04-01",
        "方法": "口座",
        "合計": "1",
        "明細1.数量": "9",
        "明細3.金額": "1",
    }
    findings: list[Finding] = validate_values(form, ROWS | values, TODAY)
    assert len(findings) > 5
    for finding in findings:
        for language in ("ja", "en"):
            assert "{" not in finding.explain(language)
