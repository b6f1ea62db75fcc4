"""Postal codes, banks and character variants: rules on the data as shipped."""

import socket

import pytest

from backoffice.japanese import banks
from backoffice.japanese.postal import (
    Agreement,
    PostalCodeError,
    agreement,
    lookup,
    normalise_postal_code,
    prefectures,
)
from backoffice.japanese.variants import JAPANESE_FORMS, chinese_forms_in, fold_chinese_forms, japanese_forms


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("masters must not open a socket")

    monkeypatch.setattr(socket, "socket", refuse)


def test_one_code_may_lie_in_two_prefectures() -> None:
    assert prefectures("498-0000") == {"愛知県", "三重県"}
    assert [(p.prefecture, p.city, p.town) for p in lookup("4980000")] == [
        ("愛知県", "弥富市", ""),
        ("三重県", "桑名郡木曽岬町", ""),
    ]


def test_a_candidate_carries_its_reading() -> None:
    (place,) = lookup("〒０６０－００４２")
    assert place.address == "北海道札幌市中央区大通西"
    assert place.kana == "ホッカイドウサッポロシチュウオウクオオドオリニシ"


def test_one_code_may_stand_for_many_towns() -> None:
    assert {"春日河原", "春日稲荷"} <= {place.town for place in lookup("4520961")}


def test_an_office_has_a_code_of_its_own() -> None:
    (place,) = lookup("1008111")
    assert (place.office, place.town) == ("宮内庁", "千代田1-1")


def test_an_unknown_code_has_no_candidates() -> None:
    assert lookup("0000000") == []
    assert agreement("0000000", "東京都千代田区") is Agreement.UNKNOWN_CODE


@pytest.mark.parametrize(
    ("text", "key"), [("060004", "postal_length"), ("06000421", "postal_length"), ("06O0042", "not_a_digit")]
)
def test_refuses_what_is_not_a_postal_code(text: str, key: str) -> None:
    with pytest.raises(PostalCodeError) as refused:
        normalise_postal_code(text)
    assert refused.value.key == f"japanese.{key}"


@pytest.mark.parametrize(
    ("code", "address", "expected"),
    [
        ("0600042", "北海道札幌市中央区大通西1丁目", Agreement.TOWN),
        ("0600042", "札幌市中央区 大通西１丁目", Agreement.TOWN),
        ("0600042", "札幌市中央区南一条西", Agreement.CITY),
        ("0600042", "東京都千代田区千代田", Agreement.NONE),
        ("4980000", "愛知県弥富市鯏浦町", Agreement.TOWN),
        ("4980000", "三重県桑名郡木曽岬町", Agreement.TOWN),
        ("4980000", "木曽岬町大字白鷺", Agreement.TOWN),
        ("0600001", "札幌市中央区北1条西2丁目", Agreement.TOWN),
        ("0600001", "札幌市中央区北一条西二丁目", Agreement.TOWN),
        ("0600001", "札幌市中央区北12条西2丁目", Agreement.CITY),
    ],
)
def test_says_how_far_an_address_agrees_with_its_code(code: str, address: str, expected: Agreement) -> None:
    assert agreement(code, address) is expected


def test_finds_a_bank_and_a_branch_by_their_codes() -> None:
    assert banks.find_bank("0001") == banks.Bank("0001", "みずほ", "ミズホ")
    branch = banks.find_branch("0005", "002")
    assert branch is not None and (branch.name, branch.kana, branch.bank.code) == (
        "丸の内",
        "マルノウチ",
        "0005",
    )


@pytest.mark.parametrize("code", ["", "1", "001", "９９００", "0002", "99999", "abcd"])
def test_a_missing_code_is_none_and_never_the_nearest(code: str) -> None:
    assert banks.find_bank(code) is None
    assert banks.find_branch(code, "001") is None
    assert banks.branches_of(code) == []


def test_a_missing_branch_is_none() -> None:
    assert banks.find_branch("0001", "000") is None
    assert banks.find_branch("0001", "1") is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("みずほ", "0001"), ("みずほ銀行", "0001"), ("ミズホ", "0001"), ("ﾐｽﾞﾎ", "0001"),
        ("三菱UFJ銀行", "0005"), ("三菱ＵＦＪ", "0005"), ("ミツビシユーエフジェイ", "0005"),
        ("ゆうちょ銀行", "9900"), ("農林中央金庫", "3000"),
    ],
)  # fmt: skip
def test_finds_one_bank_by_any_usual_spelling(words: str, code: str) -> None:
    assert [bank.code for bank in banks.search_banks(words)] == [code]


def test_finds_a_credit_union_by_its_long_name() -> None:
    names = [bank.name for bank in banks.search_banks("しずおか焼津信用金庫")]
    assert names == ["しずおか焼津信金"]


def test_searching_gives_candidates_when_nothing_is_equal() -> None:
    assert {"三菱ＵＦＪ", "三井住友"} <= {bank.name for bank in banks.search_banks("三")}
    assert banks.search_banks("") == [] and banks.search_banks("存在しない") == []


def test_finds_branches_by_name_and_reading() -> None:
    assert [branch.code for branch in banks.search_branches("0005", "丸の内支店")] == ["002"]
    assert [branch.code for branch in banks.search_branches("0005", "まるのうち")] == ["002"]


def test_the_bank_data_tell_their_date() -> None:
    assert len(banks.data_date()) == 8 and banks.data_date().isdigit()


def test_chinese_forms_are_in_no_office_code_and_their_meanings_are_in_jis() -> None:
    assert len(JAPANESE_FORMS) > 300
    for chinese, japanese in JAPANESE_FORMS.items():
        with pytest.raises(UnicodeEncodeError):
            chinese.encode("cp932")
        assert japanese.encode("shift_jis") and len(set(japanese)) == len(japanese)


def test_no_chinese_form_is_listed_twice() -> None:
    from backoffice.japanese import variants

    entries = (variants._ONE_FORM + variants._TWO_FORMS).split()
    assert len(entries) == len(JAPANESE_FORMS)
    assert {len(e) for e in variants._ONE_FORM.split()} == {2} and {
        len(e) for e in variants._TWO_FORMS.split()
    } == {3}


def test_folds_chinese_forms_and_keeps_what_the_field_may_hold() -> None:
    assert fold_chinese_forms("特别徵収の黃泽さん髙﨑𠮷神") == "特别徴収の黄沢さん髙﨑𠮷神"
    assert fold_chinese_forms("黃吳", keep="黃") == "黃呉"
    assert japanese_forms("泽") == "沢澤" and japanese_forms("沢") == ""
    assert chinese_forms_in("特別徵収") == [(3, "徵", "徴")]
