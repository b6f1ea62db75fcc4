"""Personal values in what a target says: taken out however the target writes them."""

from __future__ import annotations

import pytest

from robots.hiding import hide, spellings


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("見本　太郎", "見本太郎"),
        ("見本太郎", "見本 太郎"),
        ("1234567", "123-4567"),
        ("1234567", "１２３－４５６７"),
        ("1234567", "1,234,567"),
        ("03-1234-5678", "0312345678"),
        ("0312345678", "03-1234-5678"),
        ("1980-04-01", "昭和55年4月1日"),
        ("1980-04-01", "昭和 55 年 04 月 01 日"),
        ("1980-04-01", "S55.4.1"),
        ("1980-04-01", "1980年4月1日"),
        ("1980-04-01", "1980/04/01"),
        ("1980-04-01", "19800401"),
        ("1980-04-01", "昭和５５年４月１日"),
        ("1234567", "１２３ ４５６７"),
        ("１２３４５６７", "123-4567"),
    ],
)
def test_a_personal_value_is_hidden_however_the_target_writes_it(value: str, told: str) -> None:
    assert hide(f"〔{told}〕", spellings(value)) == "〔●●〕"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("1234", "1-2-34"),
        ("男", "男性"),
        ("2026-13-01", "令和8年1月1日"),
        ("1234567", "123\t4567"),
        ("1234567", "123\n4567"),
        ("1234", "12\t34"),
    ],
)
def test_what_only_looks_like_it_stays(value: str, told: str) -> None:
    assert hide(told, spellings(value)) == told


def test_values_that_overlap_or_stand_in_each_other_leave_nothing() -> None:
    assert hide("見本太郎次", ["見本", "見本太郎", "太郎次"]) == "●●"
    assert hide("12345-67、見本", ["12345", "34567", "見本"]) == "●●、●●"
