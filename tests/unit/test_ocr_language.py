"""What people write is likelier than what nobody writes; no language ever forbids a text."""

import math

from ocr.language import AnyText, Sentences
from ocr.languages import language_of, line_group
from ocr.people import People
from ocr.places import Addresses, matched

SENTENCES = Sentences()


def _better(language: Sentences | People | Addresses, likely: str, unlikely: str) -> bool:
    first, second = language.scores([likely, unlikely])
    return first > second


def test_sentences_prefer_words_that_exist() -> None:
    assert _better(SENTENCES, "住所を変更します。", "仕所を変更します。")
    assert _better(SENTENCES, "引っ越しのため", "引つ越しのため")
    assert _better(SENTENCES, "パスポートの更新", "バスポートの更薪")


def test_the_first_word_counts_too() -> None:
    assert _better(SENTENCES, "屋根", "屋恨")


def test_a_number_is_no_unknown_word() -> None:
    assert _better(SENTENCES, "熱は38度です。", "熱は38席です。")


def test_names_of_people_prefer_names_that_exist() -> None:
    people = People(SENTENCES)
    assert _better(people, "佐藤　裕美", "佐籐　裕美")
    assert _better(people, "陽菜", "陽莱")


def test_addresses_prefer_places_that_exist() -> None:
    assert _better(Addresses(), "北海道札幌市白石区東札幌二条3-5", "北海道札幌市白石区東札悦二条3-5")
    assert _better(Addresses(), "札幌市白石区", "礼幌市白石区")


def test_a_beginning_of_a_place_is_as_good_as_the_place() -> None:
    for length in range(1, len("京都府京都市上京区") + 1):
        assert matched("京都府京都市上京区"[:length]) == length


def test_a_village_may_stand_without_its_county() -> None:
    assert matched("愛知県海部郡蟹江町") == matched("愛知県蟹江町") + len("海部郡")


def test_what_follows_the_place_is_left_to_the_ink() -> None:
    one, two = Addresses().scores(["東京都千代田区丸の内1-9-1", "東京都千代田区丸の内7-9-7"])
    assert one == two


def test_no_text_is_impossible() -> None:
    for language in (SENTENCES, People(SENTENCES), Addresses(), AnyText()):
        assert all(math.isfinite(score) for score in language.scores(["", "鬱鬱鬱", "ツヽ々〆", "a-!"]))


def test_numbers_have_no_language() -> None:
    assert language_of("digits").scores(["12", "999"]) == [0.0, 0.0]


def test_names_and_addresses_are_calibrated_apart() -> None:
    assert [line_group(kind) for kind in ("text", "kanji", "address")] == ["line", "name", "address"]
