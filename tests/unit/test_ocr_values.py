"""From cells to values, from values to findings, from findings to decisions."""

from pathlib import Path

import numpy as np
import pytest

from ocr.calibration import Calibration, Curve, load_calibration
from ocr.decide import bayes
from ocr.evaluate import edit_distance
from ocr.lexicon import settle
from ocr.reading import RawReading
from ocr.recognisers.characters import CellReading
from ocr.record import make_record
from ocr.template import BoxField, DateField, Form, load_forms
from ocr.validate import agreeing_fields, validate_values
from ocr.value_times import date_value
from ocr.values import Row, join_row

BOX = (10.0, 10.0, 50.0, 8.0)


def _cells(text: str) -> list[CellReading | None]:
    return [None if c == "_" else CellReading(((c, 0.99),)) for c in text]


def _row(text: str, group: str = "digit") -> Row:
    return join_row(_cells(text), [False] * len(text), group, [np.full((60, 60), 255, np.uint8)] * len(text))


@pytest.fixture(scope="module")
def forms() -> dict[str, Form]:
    return load_forms(Path("configs/forms"))


@pytest.mark.parametrize(
    ("kind", "cells", "value"),
    [
        ("digits", "00421", "00421"),
        ("digits", "0_421", "0●421"),
        ("amount", "___1800", "1800"),
        ("amount", "_______", ""),
        ("amount", "0000900", "900"),
        ("decimal", "365", "36.5"),
        ("phone", "0312345678_", "0312345678"),
        ("katakana", "サトウ_ハナコ___", "サトウ　ハナコ"),
        ("alnum", "RN7651E_", "RN7651E"),
    ],
)
def test_cells_become_a_value_of_their_kind(kind: str, cells: str, value: str) -> None:
    spec = BoxField(name="x", kind=kind, box=BOX, cells=len(cells), decimals=1 if kind == "decimal" else 0)
    raw = _row(cells).as_kind(spec)
    assert raw.value == value
    assert raw.reason == ("ocr.illegible" if "●" in value else "")


def _date(era: str) -> DateField:
    row = {"box": BOX, "cells": 2}
    return DateField.model_validate(
        {"name": "d", "kind": "date", "era": era, "year": row, "month": row, "day": row}
    )


@pytest.mark.parametrize(
    ("era", "parts", "value"),
    [
        ("令和", ("_8", "_4", "01"), "2026-04-01"),
        ("令和", ("8_", "4_", "1_"), "2026-04-01"),
        ("昭和", ("64", "01", "08"), "昭和64年01月08日"),
        ("平成", ("01", "01", "08"), "1989-01-08"),
        ("令和", ("__", "__", "__"), ""),
        ("令和", ("_8", "__", "01"), "令和8年●月01日"),
    ],
)
def test_dates_are_iso_and_what_never_was_stays_as_written(
    era: str, parts: tuple[str, ...], value: str
) -> None:
    rows = {name: _row(part) for name, part in zip(("year", "month", "day"), parts, strict=True)}
    assert date_value(_date(era), rows, None).value == value


def test_a_small_kana_is_told_by_its_size() -> None:
    large, small = np.zeros((60, 60), np.uint8), np.zeros((60, 60), np.uint8)
    large[10:50, 10:50] = 255
    small[26:50, 18:42] = 255
    cells = _cells("キヨウト")
    assert join_row(cells, [False] * 4, "katakana", [large, small, large, large]).texts[0][0] == "キョウト"
    assert join_row(cells, [False] * 4, "katakana", [large] * 4).texts[0][0] == "キヨウト"


GOOD = {
    "指定番号": "12742370", "受給者番号": "0412055527", "法人番号": "8497163498183", "事業者名": "有限会社中央建設",
    "個人番号": "387346491517", "氏名カナ": "ニシムラ　ナオキ", "氏名": "西村　直樹", "生年月日": "1958-06-11",
    "異動年月日": "2026-06-30", "異動事由": "退職", "特別徴収税額": "526900", "徴収済額": "307300",
    "未徴収税額": "219600", "徴収方法": "普通徴収", "電話番号": "09007130616",
}  # fmt: skip


def test_right_values_have_no_finding(forms: dict[str, Form]) -> None:
    assert validate_values(forms["idou_todoke"], GOOD) == []


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("個人番号", "387346491518", "ocr.check_digit_wrong"),
        ("法人番号", "7497163498183", "ocr.check_digit_wrong"),
        ("指定番号", "1274237", "ocr.wrong_length"),
        ("指定番号", "", "ocr.required_empty"),
        ("指定番号", "1274●370", "ocr.illegible"),
        ("異動年月日", "令和8年13月1日", "ocr.no_such_day"),
        ("異動事由", "退職、転勤", "ocr.not_an_option"),
        ("電話番号", "9007130616", "ocr.phone_wrong"),
        ("氏名カナ", "西村", "ocr.not_in_alphabet"),
        ("徴収済額", "307301", "ocr.sum_wrong"),
    ],
)
def test_wrong_values_are_found(forms: dict[str, Form], name: str, value: str, key: str) -> None:
    findings = [f for f in validate_values(forms["idou_todoke"], GOOD | {name: value}) if f.field == name]
    assert [finding.key for finding in findings] == [key]
    assert findings[0].explain("ja")


def test_master_data_are_looked_up(forms: dict[str, Form]) -> None:
    form = forms["kouza_furikae"]
    keys = {f.field: f.key for f in validate_values(form, {"金融機関コード": "0001", "支店コード": "001"})}
    assert "金融機関コード" not in keys
    assert "支店コード" not in keys
    keys = {f.field: f.key for f in validate_values(form, {"金融機関コード": "9876", "支店コード": "001"})}
    assert keys["金融機関コード"] == "ocr.bank_unknown"
    keys = {f.field: f.key for f in validate_values(form, {"郵便番号": "9999999"})}
    assert keys["郵便番号"] == "ocr.postal_unknown"


def test_sums_and_check_digits_bear_values_out(forms: dict[str, Form]) -> None:
    borne_out = agreeing_fields(forms["idou_todoke"], GOOD)
    assert {"個人番号", "法人番号", "徴収済額", "未徴収税額", "特別徴収税額"} <= set(borne_out)
    assert "徴収済額" not in agreeing_fields(forms["idou_todoke"], GOOD | {"徴収済額": "307301"})
    assert bayes(0.99, 0.1) == pytest.approx(0.998990, abs=1e-6)


def test_a_candidate_that_fits_is_put_first_but_not_made_surer() -> None:
    spec = BoxField(name="n", kind="mynumber", box=BOX, cells=12)
    raw = RawReading(
        "387346491577", 0.8, (("387346491577", 0.8), ("387346491517", 0.1)), "", (("digit", 0.8),)
    )
    settled = settle([spec], [raw])[0]
    assert settled.value == "387346491517"
    assert load_calibration().joint(settled.parts) < load_calibration().joint(raw.parts)


def test_records_have_every_field_and_a_key(forms: dict[str, Form]) -> None:
    key, record = make_record(forms["idou_todoke"], GOOD)
    assert key == "12742370-0412055527"
    assert record == GOOD
    with pytest.raises(KeyError):
        make_record(forms["idou_todoke"], {"指定番号": "1"})


def test_calibration_rises_with_the_score_and_never_promises_certainty() -> None:
    calibration = load_calibration()
    for group in calibration.curves:
        values = [calibration.probability(group, score) for score in (0.0, 0.2, 0.5, 0.9, 0.999, 1.0)]
        assert values == sorted(values)
        assert values[-1] < 1
    assert Calibration({"a": Curve(0, 1, 1)}).joint((("a", 0.5), ("a", 0.5))) == pytest.approx(0.25)


def test_edit_distance_counts_characters() -> None:
    assert [
        edit_distance(a, b) for a, b in (("", ""), ("さとう", "さいとう"), ("abc", ""), ("猫", "犬"))
    ] == [0, 1, 3, 1]
