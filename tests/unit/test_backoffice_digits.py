import pytest

from backoffice.japanese.digits import (
    digits_only,
    parse_number,
    to_ascii_digits,
    to_full_digits,
    to_kanji_number,
)
from backoffice.japanese.errors import DigitsError


def test_changes_the_width_of_digits_and_of_nothing_else() -> None:
    assert to_ascii_digits("０１２３４５６７８９Ａ①㈱〜－神") == "0123456789Ａ①㈱〜－神"
    assert to_full_digits("0123456789A-") == "０１２３４５６７８９A-"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("０３－１２３４−５６７８", "0312345678"),
        ("03(1234)5678", "0312345678"),
        ("〒060-0042", "0600042"),
        ("00123", "00123"),
        ("", ""),
    ],
)
def test_keeps_the_digits_of_a_code_with_leading_zeros(text: str, digits: str) -> None:
    assert digits_only(text) == digits


@pytest.mark.parametrize("text", ["12a4", "12●4", "12一4", "①2", "٣"])
def test_refuses_other_characters_and_names_the_position(text: str) -> None:
    with pytest.raises(DigitsError) as refused:
        digits_only(text)
    assert refused.value.key == "japanese.not_a_digit"
    assert text not in refused.value.explain("en")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("53", 53),
        ("５３", 53),
        ("007", 7),
        ("1,234,567", 1234567),
        ("１，２３４", 1234),
        ("五十三", 53),
        ("十", 10),
        ("二十", 20),
        ("百五", 105),
        ("千九百八十九", 1989),
        ("一千", 1000),
        ("二〇二六", 2026),
        ("○", 0),
        ("零", 0),
        ("三億二千万", 320_000_000),
        ("一万", 10_000),
        ("3万5000", 35_000),
        ("壱萬弐阡参佰", 12_300),
        ("拾", 10),
        ("二〇", 20),
        ("一兆", 10**12),
    ],
)
def test_reads_numbers_in_digits_and_in_kanji(text: str, number: int) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "十十",
        "百千",
        "万",
        "一万億",
        "一万二万",
        "二三十",
        "12,34",
        "1,23",
        "-5",
        "3.5",
        "五a",
        "十〇",
        "円",
    ],
)
def test_refuses_what_is_not_a_number(text: str) -> None:
    with pytest.raises(DigitsError):
        parse_number(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "〇"), (1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (100, "百"), (1989, "千九百八十九"),
        (10_000, "一万"), (10_000_000, "千万"), (320_000_000, "三億二千万"), (10_001, "一万一"),
    ],
)  # fmt: skip
def test_writes_kanji_numbers_that_read_back(number: int, text: str) -> None:
    assert to_kanji_number(number) == text
    assert parse_number(text) == number


@pytest.mark.parametrize("number", [-1, 10**16])
def test_refuses_numbers_beyond_kanji(number: int) -> None:
    with pytest.raises(DigitsError):
        to_kanji_number(number)


def test_every_number_below_a_hundred_thousand_reads_back() -> None:
    assert all(parse_number(to_kanji_number(n)) == n for n in range(0, 100_000, 7))
