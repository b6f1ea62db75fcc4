from datetime import date, timedelta

import pytest

from backoffice.japanese.errors import WarekiError
from backoffice.japanese.fiscal_year import fiscal_year, fiscal_year_days, fiscal_year_name, parse_fiscal_year
from backoffice.japanese.wareki import (
    ERAS,
    Style,
    find_era,
    format_wareki,
    from_date,
    from_parts,
    parse_date,
    parse_wareki,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昭和50年1月31日", date(1975, 1, 31)),
        ("S50.1.31", date(1975, 1, 31)),
        ("s50/01/31", date(1975, 1, 31)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("令和1年5月1日", date(2019, 5, 1)),
        ("R1-5-1", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("昭和５０年１月３１日", date(1975, 1, 31)),
        ("Ｓ５０．１．３１", date(1975, 1, 31)),
        ("昭和五十年一月三十一日", date(1975, 1, 31)),
        ("昭和五〇年一月三一日", date(1975, 1, 31)),
        ("令和 ８年　４月 １日", date(2026, 4, 1)),
        ("昭50.1.31", date(1975, 1, 31)),
        ("㍼50年1月31日", date(1975, 1, 31)),
        ("㋿8年4月1日", date(2026, 4, 1)),
        ("R8−4−1", date(2026, 4, 1)),
        ("R08.04.01", date(2026, 4, 1)),
    ],
)
def test_reads_every_spelling_that_offices_use(text: str, expected: date) -> None:
    assert parse_wareki(text) == expected
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("明治45年7月29日", "大正元年7月30日"),
        ("大正15年12月24日", "昭和元年12月25日"),
        ("昭和64年1月7日", "平成元年1月8日"),
        ("平成31年4月30日", "令和元年5月1日"),
    ],
)
def test_eras_meet_without_gap_or_overlap(last: str, first: str) -> None:
    assert parse_wareki(first) - parse_wareki(last) == timedelta(days=1)
    assert format_wareki(parse_wareki(last)) == last
    assert format_wareki(parse_wareki(first)) == first


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("昭和64年1月8日", "after_era"),
        ("平成31年5月1日", "after_era"),
        ("平成32年4月1日", "after_era"),
        ("明治45年7月30日", "after_era"),
        ("大正15年12月25日", "after_era"),
        ("昭和元年12月24日", "before_era"),
        ("平成元年1月7日", "before_era"),
        ("令和元年4月30日", "before_era"),
        ("大正元年7月29日", "before_era"),
        ("明治5年12月2日", "before_gregorian"),
        ("明治5年12月3日", "before_gregorian"),
        ("明治元年1月1日", "before_era"),
        ("令和0年5月1日", "era_year_below_one"),
        ("令和8年13月1日", "no_such_month"),
        ("令和8年0月1日", "no_such_month"),
        ("令和8年4月31日", "no_such_day"),
        ("令和7年2月29日", "no_such_day"),
        ("令和8年4月0日", "no_such_day"),
        ("慶応3年1月1日", "wareki_not_readable"),
        ("50.1.31", "wareki_not_readable"),
        ("昭和50年1月", "wareki_not_readable"),
        ("S50.1-31", "wareki_not_readable"),
        ("S50年1月31", "wareki_not_readable"),
        ("昭和●年1月31日", "wareki_not_readable"),
        ("昭和十十年1月31日", "wareki_not_readable"),
        ("", "wareki_not_readable"),
    ],
)
def test_refuses_days_that_never_were_with_the_reason(text: str, key: str) -> None:
    with pytest.raises(WarekiError) as refused:
        parse_wareki(text)
    assert refused.value.key == f"japanese.{key}"
    assert refused.value.explain("en") and refused.value.explain("ja")


def test_says_where_the_era_ended_and_never_quotes_the_date() -> None:
    with pytest.raises(WarekiError) as refused:
        parse_wareki("昭和64年1月8日")
    parts = refused.value.parts("ja")
    assert parts.what == "昭和の終わった後の日です。"
    assert parts.why == "昭和は昭和64年1月7日までで、1989-01-08 からは平成です。"
    assert "1月8日" not in refused.value.explain("ja")


def test_a_refusal_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="暦にない日です"):
        parse_wareki("令和7年2月29日")


def test_the_first_gregorian_day_is_meiji_6_and_the_day_before_is_refused() -> None:
    assert format_wareki(date(1873, 1, 1)) == "明治6年1月1日"
    with pytest.raises(WarekiError, match="太陰太陽暦"):
        from_date(date(1872, 12, 31))


def test_takes_papers_printed_before_a_change_of_era_when_asked() -> None:
    assert parse_wareki("平成32年4月1日", allow_old_era=True) == date(2020, 4, 1)
    assert from_parts("平成", 31, 5, 1, allow_old_era=True).format() == "令和元年5月1日"
    with pytest.raises(WarekiError):
        parse_wareki("令和元年4月30日", allow_old_era=True)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style.FULL, "令和元年5月1日"),
        (Style.PADDED, "令和元年05月01日"),
        (Style.LETTER, "R1.5.1"),
        (Style.JIS, "R01.05.01"),
        (Style.KANJI, "令和元年五月一日"),
    ],
)
def test_writes_each_style_and_reads_it_back(style: Style, expected: str) -> None:
    assert format_wareki(date(2019, 5, 1), style) == expected
    assert parse_wareki(expected) == date(2019, 5, 1)


def test_every_day_of_five_eras_survives_there_and_back() -> None:
    for offset in range(0, (date(2040, 1, 1) - date(1873, 1, 1)).days, 13):
        day = date(1873, 1, 1) + timedelta(days=offset)
        style = list(Style)[offset % len(Style)]
        assert parse_wareki(format_wareki(day, style)) == day


@pytest.mark.parametrize("name", ["昭和", "昭", "S", "s", "Ｓ", "㍼", " 昭和 "])
def test_finds_an_era_by_each_of_its_names(name: str) -> None:
    assert find_era(name).name == "昭和"


@pytest.mark.parametrize("name", ["", "慶応", "X", "和"])
def test_refuses_an_unknown_era_and_names_the_known_ones(name: str) -> None:
    with pytest.raises(WarekiError, match="明治、大正、昭和、平成、令和"):
        find_era(name)


def test_eras_are_in_order_and_only_the_last_is_open() -> None:
    assert [era.name for era in ERAS if era.last_day is None] == ["令和"]
    assert list(ERAS) == sorted(ERAS, key=lambda era: era.first_day)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-01", date(2026, 4, 1)),
        ("2026/4/1", date(2026, 4, 1)),
        ("２０２６年４月１日", date(2026, 4, 1)),
        ("西暦二〇二六年四月一日", date(2026, 4, 1)),
    ],
)
def test_reads_gregorian_dates_beside_japanese_ones(text: str, expected: date) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [("2026-02-29", "no_such_day"), ("2026-13-01", "no_such_month"), ("26-4-1", "wareki_not_readable")],
)
def test_refuses_gregorian_days_that_never_were(text: str, key: str) -> None:
    with pytest.raises(WarekiError) as refused:
        parse_date(text)
    assert refused.value.key == f"japanese.{key}"


@pytest.mark.parametrize(
    ("day", "year", "name"),
    [
        (date(2026, 3, 31), 2025, "令和7年度"),
        (date(2026, 4, 1), 2026, "令和8年度"),
        (date(2019, 4, 1), 2019, "令和元年度"),
        (date(2020, 3, 31), 2019, "令和元年度"),
        (date(2019, 3, 31), 2018, "平成30年度"),
        (date(1989, 3, 31), 1988, "昭和63年度"),
        (date(1989, 4, 1), 1989, "平成元年度"),
    ],
)
def test_the_fiscal_year_turns_on_the_first_of_april(day: date, year: int, name: str) -> None:
    assert fiscal_year(day) == year
    assert fiscal_year_name(year) == name
    first, last = fiscal_year_days(year)
    assert first <= day <= last and (last + timedelta(days=1)).month == 4


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("令和8年度", 2026),
        ("R8年度", 2026),
        ("令和元年度", 2019),
        ("平成31年度", 2019),
        ("２０２６年度", 2026),
        ("昭和六十三年度", 1988),
        ("西暦2026年度", 2026),
    ],
)
def test_reads_the_names_of_fiscal_years(text: str, year: int) -> None:
    assert parse_fiscal_year(text) == year


@pytest.mark.parametrize(
    "text", ["8年度", "令和年度", "令和8年", "平成32年度", "令和0年度", "慶応3年度", "昭和64年度", ""]
)
def test_refuses_fiscal_years_that_an_era_does_not_have(text: str) -> None:
    with pytest.raises(WarekiError):
        parse_fiscal_year(text)
