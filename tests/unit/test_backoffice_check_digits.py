import pytest

from backoffice.japanese.check_digits import (
    corporate_number_check_digit,
    explain_corporate_number,
    explain_my_number,
    is_corporate_number,
    is_my_number,
    my_number_check_digit,
)
from backoffice.japanese.errors import DigitsError


@pytest.mark.parametrize(
    ("base", "check"),
    [
        # Composed numbers, the sum written out with the weights 6 5 4 3 2 7 6 5 4 3 2 from the left.
        ("00000000000", 0),  # 0 mod 11 = 0 → 0
        ("10000000000", 5),  # 6 → 11 − 6
        ("00000000001", 9),  # 2 → 11 − 2
        ("00000100000", 4),  # 7 → 11 − 7: the weights start over in the middle
        ("00001000000", 9),  # 2 → 11 − 2
        ("12345678901", 8),  # 6+10+12+12+10+42+42+40+36+0+2 = 212, 212 mod 11 = 3 → 8
        ("10000100000", 9),  # 6+7 = 13, mod 11 = 2 → 9
        ("11000000000", 0),  # 6+5 = 11, remainder 0 → 0
        ("20000000000", 0),  # 12, remainder 1 → 0, not 10
    ],
)
def test_my_number_check_digit_follows_the_ordinance(base: str, check: int) -> None:
    assert my_number_check_digit(base) == check
    assert is_my_number(f"{base}{check}")
    assert not is_my_number(f"{base}{(check + 1) % 10}")


def test_my_number_weights_run_from_the_right_not_from_the_left() -> None:
    # Weights 2 3 4 5 6 7 2 3 4 5 6 from the left would give 00000000001 the check digit 5.
    assert is_my_number("000000000019") and not is_my_number("000000000015")


@pytest.mark.parametrize(
    "number",
    [
        "7000012050002",  # 国税庁
        "7010705000725",  # 日本税理士会連合会, as published
    ],
)
def test_corporate_number_agrees_with_the_formula_written_out(number: str) -> None:
    digits = [int(d) for d in number[1:]]
    total = sum(
        d * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits)
    )  # the leftmost of 12 is even
    assert corporate_number_check_digit(number[1:]) == 9 - total % 9


def test_the_tax_agency_has_a_valid_number() -> None:
    # From the right: 2×1 + 5×1 (fifth) + 2×1 (seventh) + 1×2 (eighth) = 11; 11 mod 9 = 2; 9 − 2 = 7.
    assert is_corporate_number("7000012050002")
    assert not is_corporate_number("7000012050020")


def test_a_corporate_number_never_begins_with_zero() -> None:
    assert {corporate_number_check_digit(f"{n:012}") for n in range(0, 5000, 7)} == set(range(1, 10))


def test_corporate_check_digit_misses_nine_for_zero_and_finds_other_single_slips() -> None:
    assert corporate_number_check_digit("000012050002") == corporate_number_check_digit("900012050002")
    for digit in "12345678":
        assert corporate_number_check_digit("000012050002") != corporate_number_check_digit(
            f"{digit}00012050002"
        )


@pytest.mark.parametrize(
    ("number", "key", "values"),
    [
        ("123456789018", None, {}),
        ("123456789017", "my_number_check_digit", {}),
        ("12345678901", "wrong_length", {"count": 11, "length": 12}),
        ("", "wrong_length", {"count": 0, "length": 12}),
        ("１23456789018", "not_a_digit", {"position": 1}),
        ("12345678901●", "not_a_digit", {"position": 12}),
        ("1234-5678-9018", "not_a_digit", {"position": 5}),
    ],
)
def test_explains_a_wrong_my_number_without_showing_it(
    number: str, key: str | None, values: dict[str, int]
) -> None:
    reason = explain_my_number(number)
    if key is None:
        assert reason is None
        return
    assert reason is not None and reason.key == f"japanese.{key}" and reason.values == values
    told = reason.explain("ja")
    assert not number or number not in told.what + told.why + told.do


def test_explains_a_wrong_corporate_number_with_the_digit_expected() -> None:
    reason = explain_corporate_number("6000012050002")
    assert reason is not None
    assert reason.explain("ja").what == "法人番号の検査用数字(先頭の桁)が 6 ですが、計算では 7 です。"
    assert explain_corporate_number("7000012050002") is None


@pytest.mark.parametrize("base", ["123", "1234567890a", "123456789012345", "１２３４５６７８９０１"])
def test_computes_nothing_from_a_wrong_base(base: str) -> None:
    with pytest.raises(DigitsError):
        my_number_check_digit(base)
    with pytest.raises(DigitsError):
        corporate_number_check_digit(base)
