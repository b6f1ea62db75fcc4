"""Places to fill in: `${item.氏名 | filter}`."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic_core import PydanticCustomError

from robots.errors import ValueUnfit
from robots.filters import FILTERS
from robots.steps.standard import standard_registry
from robots.values import Scope, read_template

RECORD = {
    "氏名": "見本　太郎",
    "電話番号": "０１１−２３４−５６７８",
    "生年月日": "1975-01-31",
    "備考": "",
    "口座番号": "0012345",
}
SCOPE = Scope(
    RECORD,
    {"townoffice": "http://127.0.0.1:8000/"},
    date(2026, 4, 1),
    "run-7",
    result={"受付番号": "00000012"},
    variables={"担当": "納税課"},
    each="固定資産税",
    done_at=datetime(2026, 4, 1, 15, 30, tzinfo=UTC),
    personal=frozenset({"氏名"}),
)


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("登録", "登録"),
        ("${item.口座番号}", "0012345"),
        ("${target.townoffice}/login", "http://127.0.0.1:8000/login"),
        ("${today} ${run.id}", "2026-04-01 run-7"),
        ("${result.受付番号}-${set.担当}-${each}", "00000012-納税課-固定資産税"),
        ("${done.at}", "2026-04-02 00:30"),
        ("${today | wareki}", "令和8年4月1日"),
        ("${item.生年月日|wareki_short}", "S50.1.31"),
        ("${item.生年月日 | era}${item.生年月日 | era_year}", "昭和50"),
        ("${item.生年月日 | year}/${item.生年月日 | month}/${item.生年月日 | day}", "1975/1/31"),
        ("${item.電話番号 | digits}", "0112345678"),
        ("${item.口座番号 | zenkaku}", "００１２３４５"),
        ("${item.口座番号 | zenkaku | hankaku}", "0012345"),
        ("${item.備考 | default: なし}", "なし"),
        ("${item.備考 | wareki}", ""),
        ("${item.ない項目 | default: 空}", "空"),
        ("代金 100 $ {x}", "代金 100 $ {x}"),
    ],
)
def test_fills_places(written: str, filled: str) -> None:
    assert read_template(written).fill(SCOPE) == filled


@pytest.mark.parametrize(
    ("written", "key", "values"),
    [
        ("${item.氏名", "robots.place_not_closed", {"text": "${item.氏名"}),
        ("${itm.氏名}", "robots.place_unknown", {"place": "itm.氏名", "hint": "もしかして: item"}),
        (
            "${item.x | wareky}",
            "robots.filter_unknown",
            {"filter": "wareky", "hint": "もしかして: wareki, wareki_short"},
        ),
        ("${item.x | default}", "robots.filter_argument_missing", {"filter": "default"}),
        ("${item.x | digits: 3}", "robots.filter_argument_needless", {"filter": "digits"}),
    ],
)
def test_refuses_wrong_places_when_they_are_read(written: str, key: str, values: dict[str, str]) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        read_template(written)
    assert (caught.value.type, caught.value.context) == (key, values)


def test_names_the_nearest_field_when_a_record_lacks_one() -> None:
    with pytest.raises(ValueUnfit) as caught:
        read_template("${item.電話番後}").fill(SCOPE)
    assert caught.value.explain("ja").splitlines() == [
        "item.電話番後: 差し込む値がありません",
        "  理由: この記録にその名前の項目がないか、まだ読み取られていません(もしかして: 電話番号)。",
        "  対処: 名前を確かめるか、「| default: …」で省略時の値を書いてください。",
    ]


def test_never_tells_the_value_that_a_filter_refuses() -> None:
    with pytest.raises(ValueUnfit) as caught:
        read_template("${item.氏名 | wareki}").fill(SCOPE)
    assert "見本" not in caught.value.explain("ja") + repr(caught.value.values)


def test_shows_only_the_length_of_a_personal_value() -> None:
    assert read_template("${item.氏名}").show(SCOPE) == "(5 字)"
    assert read_template("${item.口座番号}").show(SCOPE) == "0012345"
    assert read_template("${result.受付番号}").show(SCOPE) == "(8 字)"


def test_every_filter_says_what_it_does() -> None:
    assert [name for name, made in FILTERS.items() if len(made.summary) < 20] == []


def test_an_option_chosen_by_a_personal_value_is_never_told() -> None:
    written = {"field": "区分", "option": "${item.氏名}"}
    arguments = standard_registry()["choose"].arguments.model_validate(written).bind(SCOPE)
    told = arguments["target"].option(arguments["option"]).describe("ja")
    assert "区分" in told
    assert "太郎" not in told
