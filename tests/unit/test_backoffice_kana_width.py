import unicodedata
from collections.abc import Callable

import pytest

from backoffice.japanese import kana
from backoffice.japanese.width import Part, display_width, has_mixed_width, to_full_width, to_half_width

# Characters that no conversion may touch: compatibility ideographs, enclosed forms, other dashes and waves, variants.
UNTOUCHED = "神福塚髙﨑𠮷①㈱〜−‖\ue000々〆ヶ"


def test_katakana_and_hiragana_change_into_each_other() -> None:
    assert kana.to_katakana("ゔぁゝサトウ・佐藤ー") == "ヴァヽサトウ・佐藤ー"
    assert kana.to_hiragana("ヴァヽさとう・佐藤ー") == "ゔぁゝさとう・佐藤ー"
    assert kana.to_hiragana("ヷヸ") == "ヷヸ"


@pytest.mark.parametrize(
    ("half", "full"),
    [
        ("ｶﾞ", "ガ"),
        ("ﾊﾟﾝ", "パン"),
        ("ｳﾞ", "ヴ"),
        ("ﾜﾞ", "ヷ"),
        ("ｻﾄｳ ﾊﾅｺ", "サトウ ハナコ"),
        ("ｷｬﾘｰ", "キャリー"),
        ("｢､｡｣･", "「、。」・"),
    ],
)
def test_widens_half_width_kana_with_their_marks_joined(half: str, full: str) -> None:
    assert kana.widen_kana(half) == full


def test_a_mark_that_joins_nothing_stays_visible() -> None:
    assert kana.widen_kana("ﾞｱﾞ") == "゛ア゛"
    assert kana.compose_voicing("佐゛") == "佐゛"


def test_widening_and_narrowing_are_inverse_on_all_half_width_kana() -> None:
    every = "".join(chr(c) for c in range(0xFF61, 0xFF9E))
    assert kana.narrow_kana(kana.widen_kana(every)) == every
    assert kana.widen_kana("ABC 123 ｱ") == "ABC 123 ア"


@pytest.mark.parametrize(
    ("apart", "joined"),
    [
        ("か゛", "が"),
        ("ハ゜", "パ"),
        ("か\u3099", "が"),
        ("ｶﾞ", "ｶﾞ"),
        ("カﾞ", "ガ"),
        ("う゛", "ゔ"),
        ("ゝ゛", "ゞ"),
    ],
)
def test_joins_voicing_marks_to_full_width_kana_only(apart: str, joined: str) -> None:
    assert kana.compose_voicing(apart) == joined


def test_takes_voiced_kana_apart_and_unvoices_them() -> None:
    assert kana.decompose_voicing("ガばパ佐藤") == "カ゛は゛ハ゜佐藤"
    assert kana.strip_voicing("ガばパ佐藤") == "カはハ佐藤"


def test_enlarges_small_kana() -> None:
    assert kana.enlarge_small("ッャュョァヶヮっょｯｬ") == "ツヤユヨアケワつよﾂﾔ"


def test_the_table_of_small_kana_pairs_names_that_differ_only_by_small() -> None:
    for small, large in zip(kana._SMALL, kana._LARGE, strict=True):
        assert unicodedata.name(small).replace("SMALL ", "") == unicodedata.name(large)


@pytest.mark.parametrize(
    ("text", "katakana", "hiragana", "any_kana"),
    [
        ("サトウ　ハナコ", True, False, True),
        ("さとう はなこ", False, True, True),
        ("サとウ", False, False, True),
        ("ヴァーヶ", True, False, True),
        ("ー", False, False, False),
        ("", False, False, False),
        ("ｻﾄｳ", False, False, False),
        ("佐藤", False, False, False),
        ("サトウ●", False, False, False),
    ],
)
def test_knows_what_is_kana(text: str, katakana: bool, hiragana: bool, any_kana: bool) -> None:
    assert (kana.is_katakana(text), kana.is_hiragana(text), kana.is_kana(text)) == (
        katakana,
        hiragana,
        any_kana,
    )


def test_knows_half_width_kana() -> None:
    assert kana.is_half_kana("ｻﾄｳ ﾊﾅｺ")
    assert not kana.is_half_kana("サトウ") and not kana.is_half_kana(" ")


def test_folds_look_alikes_only_by_explicit_call() -> None:
    assert kana.fold_katakana_shapes("二八口力工夕卜三千一−‐－り") == "ニハロカエタトミチーーーーリ"
    assert kana.fold_katakana_shapes("へべぺ") == "ヘベペ"
    assert kana.fold_hiragana_shapes("ヘベペリ−") == "へべぺりー"
    assert kana.is_katakana(kana.fold_katakana_shapes("".join(kana._KATAKANA_SHAPES)))


def test_the_comparison_key_joins_spellings_of_one_reading() -> None:
    keys = {kana.comparison_key(text) for text in ("ｼｮｳｼﾞ", "しょうじ", "シヨウジ", "シ ヨウジ", "しょうし゛")}
    assert keys == {"シヨウジ"}
    assert kana.comparison_key("ユ－エフ") == kana.comparison_key("ゆーえふ")


@pytest.mark.parametrize(
    "change", [kana.to_katakana, kana.to_hiragana, kana.widen_kana, kana.compose_voicing, kana.strip_voicing]
)
def test_never_touches_name_characters(change: Callable[[str], str]) -> None:
    text = UNTOUCHED.replace("ヶ", "")
    assert change(text) == text


def test_width_never_touches_name_characters() -> None:
    for part in (*Part, Part.ASCII, Part.ASCII | Part.KANA):
        assert to_half_width(UNTOUCHED, part) == UNTOUCHED
        assert to_full_width(UNTOUCHED, part) == UNTOUCHED


@pytest.mark.parametrize(
    ("parts", "half"),
    [
        (Part.DIGITS, "1Ａ（　ガ"),
        (Part.LETTERS, "１A（　ガ"),
        (Part.SYMBOLS, "１Ａ(　ガ"),
        (Part.SPACE, "１Ａ（ ガ"),
        (Part.KANA, "１Ａ（　ｶﾞ"),
        (Part.ASCII, "1A( ガ"),
        (Part.ASCII | Part.KANA, "1A( ｶﾞ"),
    ],
)
def test_changes_only_the_parts_named(parts: Part, half: str) -> None:
    assert to_half_width("１Ａ（　ガ", parts) == half
    assert to_full_width(half, parts) == "１Ａ（　ガ"


def test_every_ascii_character_goes_there_and_back() -> None:
    ascii_text = "".join(chr(c) for c in range(0x20, 0x7F))
    assert to_half_width(to_full_width(ascii_text)) == ascii_text
    assert not set(to_full_width(ascii_text)) & set(ascii_text)


def test_counts_columns_and_finds_mixed_width() -> None:
    assert display_width("ABあｱ①か\u3099") == 2 + 2 + 1 + 2 + 2
    assert has_mixed_width("1２") and has_mixed_width("ｱア") and not has_mixed_width("12Ａ")
