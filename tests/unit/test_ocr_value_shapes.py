"""What was read, brought into record form: lines of numbers, dates, times, decimals, kana, marks, codes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp

from ocr.calibration import Calibration, Curve
from ocr.cells import Cut
from ocr.decide import ONLY_DOUBTS, decide
from ocr.field_values import mark_value
from ocr.fields import FieldInk
from ocr.reading import RawReading
from ocr.recognisers.barcode import read_barcode
from ocr.recognisers.characters import CellReading
from ocr.template import Form, form_of, load_forms
from ocr.template_fields import BoxField, MarkField
from ocr.template_times import DateField, TimeField
from ocr.value_lines import line_alphabet, shape_line
from ocr.value_times import time_value
from ocr.values import Row, join_row, one_script

BOX = (10.0, 10.0, 50.0, 8.0)


def _line(kind: str, **more: Any) -> BoxField:
    return BoxField.model_validate({"name": "x", "kind": kind, "box": BOX, **more})


def _row(text: str) -> Row:
    cells = [None if c == "_" else CellReading(((c, 0.99),)) for c in text]
    return join_row(cells, [False] * len(text), "digit", [np.full((60, 60), 255, np.uint8)] * len(text))


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("amount", "¥1,800-", "1800"),
        ("amount", "金12,000円", "12000"),
        ("amount", "0900", "900"),
        ("amount", "1,80", "1,80"),
        ("phone", "03(1234)5678", "0312345678"),
        ("phone", "090-1234-5678", "09012345678"),
        ("postal", "〒060-0042", "0600042"),
        ("postal", "060-0042", "0600042"),
        ("digits", "00421", "00421"),
    ],
)
def test_a_line_of_a_number_loses_what_is_written_around_it(kind: str, written: str, value: str) -> None:
    raw = shape_line(RawReading(written, 0.9, ((written, 0.9),)), _line(kind))
    assert raw.value == value
    assert raw.candidates == ((raw.value, 0.9),)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("令和8年4月1日", "2026-04-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("R8.4.1", "2026-04-01"),
        ("2026/4/1", "2026-04-01"),
        ("昭和64年1月8日", "昭和64年1月8日"),
        ("8年4月1日", "8年4月1日"),
    ],
)
def test_a_line_says_a_date_or_stays_as_written(written: str, value: str) -> None:
    spec = DateField.model_validate({"name": "d", "kind": "date", "box": BOX})
    assert set(written) <= set(line_alphabet(spec))
    assert shape_line(RawReading(written, 0.9, ((written, 0.9),)), spec).value == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("14:30", "14:30"),
        ("午後2時30分", "14:30"),
        ("午前9時", "09:00"),
        ("9時半", "09:30"),
        ("午後12時", "午後12時00分"),
        ("25:00", "25時00分"),
        ("夕方", "夕方"),
    ],
)
def test_a_line_says_a_time_or_stays_as_written(written: str, value: str) -> None:
    spec = TimeField.model_validate({"name": "t", "kind": "time", "box": BOX})
    assert shape_line(RawReading(written, 0.9), spec).value == value


@pytest.mark.parametrize(
    ("hour", "minute", "half", "value"),
    [
        ("_9", "05", "", "09:05"),
        ("_2", "30", "午後", "14:30"),
        ("13", "30", "午後", "午後13時30分"),
        ("_9", "__", "", "9時●分"),
        ("__", "__", "", ""),
    ],
)
def test_cells_of_a_time_make_hours_and_minutes(hour: str, minute: str, half: str, value: str) -> None:
    row = {"box": BOX}
    spec = TimeField.model_validate({"name": "t", "kind": "time", "hour": row, "minute": row})
    chosen = RawReading(half, 0.99, ((half, 0.99),)) if half else None
    raw = time_value(spec, {"hour": _row(hour), "minute": _row(minute)}, chosen)
    assert raw.value == value
    assert raw.reason == ("ocr.illegible" if "●" in value else "")


@pytest.mark.parametrize(
    ("cells", "value"),
    [("365", "36.5"), ("_65", "6.5"), ("36_", "36.●"), ("3_5", "3●.5"), ("__5", "●.5"), ("___", "")],
)
def test_a_cell_left_empty_beside_the_point_is_never_nought(cells: str, value: str) -> None:
    assert _row(cells).as_kind(_line("decimal", cells=3, decimals=1)).value == value


@pytest.mark.parametrize(
    ("text", "rows", "value"),
    [
        ("サトウ_ハナコ__", 1, "サトウ　ハナコ"),
        ("ハコネ_サイクル", 2, "ハコネサイクル"),
        ("ハ_コネサイクル", 2, "ハ　コネサイクル"),
    ],
)
def test_cells_left_empty_at_the_end_of_a_row_are_no_space(text: str, rows: int, value: str) -> None:
    spec = _line("katakana", cells=len(text) // rows, rows=rows)
    assert _row(text).as_kind(spec).value == value


def test_kana_that_look_the_same_follow_the_script_of_the_others() -> None:
    assert one_script("ヘいへい") == "へいへい"
    assert one_script("リカ") == "リカ"
    assert one_script("りカ") == "リカ"
    assert one_script("へり") == "へり"


def _blank_cut(width: int = 120) -> Cut:
    shape = (width, width)
    return Cut(np.full(shape, 255, np.uint8), np.zeros(shape, np.uint8), (20, 20, 80, 80), (0, 0), 0.0)


def test_an_empty_box_for_a_mark_or_a_code_is_an_empty_value() -> None:
    spec = MarkField.model_validate({"name": "m", "kind": "mark", "box": BOX})
    assert (mark_value(spec, _blank_cut()).value, mark_value(spec, _blank_cut()).reason) == ("", "")
    assert (read_barcode(_blank_cut()).value, read_barcode(_blank_cut()).reason) == ("", "")


def _code(text: str, kind: Any) -> np.ndarray:
    return np.pad(np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=4)), 40, constant_values=255)


def _cut_of(gray: np.ndarray) -> Cut:
    strokes = np.where(gray < 128, 255, 0).astype(np.uint8)
    return Cut(gray, strokes, (10, 10, gray.shape[1] - 20, gray.shape[0] - 20), (0, 0), 0.0)


@pytest.mark.parametrize(
    ("name", "text"),
    [("QRCode", "受付-0042"), ("Code39", "HK0042"), ("Code128", "hk-0042"), ("EAN13", "4901234567894")],
)
def test_codes_are_decoded_and_only_in_the_formats_asked_for(name: str, text: str) -> None:
    gray = _code(text, getattr(zxingcpp.BarcodeFormat, name))
    raw = read_barcode(_cut_of(gray))
    assert (raw.value, raw.reason) == (text, "")
    assert read_barcode(_cut_of(gray), ["aztec"]).reason == "ocr.barcode_none"


def test_a_code_that_cannot_be_decoded_is_no_value() -> None:
    gray = _code("4901234567894", zxingcpp.BarcodeFormat.EAN13)
    gray[:, gray.shape[1] // 2 - 30 : gray.shape[1] // 2 + 30] = 0
    raw = read_barcode(_cut_of(gray))
    assert (raw.value, raw.score) == ("●", 0.0)
    assert raw.reason in ("ocr.barcode_check", "ocr.barcode_none")


def test_two_codes_in_one_box_are_doubt() -> None:
    codes = [_code(text, zxingcpp.BarcodeFormat.QRCode) for text in ("A-1", "B-2")]
    assert read_barcode(_cut_of(np.hstack(codes))).reason == "ocr.barcode_several"


CARD = """\
form: card
title: 見本
version: {version}
process: card
key: [番号]
pages:
  - blank: card.png
    size_mm: [100, 148]
    fields:
      - {{name: 番号, kind: digits, box: [10, 10, 40, 8], cells: 5, verify: {verify}}}
"""


def _forms(folder: Path, *versions: int, verify: str = "check") -> dict[str, Form]:
    (folder / "card.png").write_bytes(b"x")
    for version in versions:
        text = CARD.format(version=version, verify=verify)
        (folder / f"card-{version}.yaml").write_text(text, encoding="utf-8")
    return load_forms(folder)


def test_versions_of_a_form_lie_side_by_side(tmp_path: Path) -> None:
    forms = _forms(tmp_path, 1, 2, 3)
    assert {name: form.version for name, form in forms.items()} == {"card@1": 1, "card@2": 2, "card": 3}
    assert [form_of(forms, "card", version) for version in (1, 3)] == [forms["card@1"], forms["card"]]
    assert form_of(forms, "card", 4) is None


@pytest.mark.parametrize(
    ("verify", "score", "reason", "asked"),
    [
        ("none", 0.6, "", ""),
        ("none", 0.6, "ocr.faint", ""),
        ("none", 0.6, "ocr.illegible", "ocr.illegible"),
        ("check", 0.6, "", "ocr.not_sure"),
        ("check", 0.99999, "", ""),
        ("double", 0.99999, "", "ocr.verify_double"),
        ("manual", 0.99999, "", "ocr.verify_manual"),
    ],
)
def test_a_policy_says_when_a_person_is_asked(
    tmp_path: Path, verify: str, score: float, reason: str, asked: str
) -> None:
    form = _forms(tmp_path, 1, verify=verify)["card"]
    ink = FieldInk(form.field("番号"), 1, (0, 0, 9, 9), np.zeros((4, 4), np.uint8))
    raw = RawReading("12345", score, (), reason, (("digit", score),))
    decided = decide(form, [ink], [raw], Calibration({"digit": Curve(0.0, 1.0, 0.99999)}), 0.001)[0]
    assert (decided.reason, decided.accepted) == (asked, asked == "")


def test_no_policy_accepts_a_value_that_breaks_a_rule(tmp_path: Path) -> None:
    form = _forms(tmp_path, 1, verify="none")["card"]
    ink = FieldInk(form.field("番号"), 1, (0, 0, 9, 9), np.zeros((4, 4), np.uint8))
    raw = RawReading("123", 0.99999, (), "", (("digit", 0.99999),))
    decided = decide(form, [ink], [raw], Calibration({"digit": Curve(0.0, 1.0, 0.99999)}), 0.001)[0]
    assert (decided.reason, decided.accepted) == ("ocr.wrong_length", False)
    assert "ocr.illegible" not in ONLY_DOUBTS
