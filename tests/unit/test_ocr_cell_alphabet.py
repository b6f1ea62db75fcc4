"""What a field allows decides which classes of the cell network compete."""

import pytest

from ocr.recognisers.cell import CELLS, mask_of
from ocr.recognisers.cell_alphabets import CHARACTERS, CLASSES, DIGITS, HIRAGANA, KATAKANA, SMALL_KANA


def test_every_class_is_there_once() -> None:
    assert len(set(CLASSES)) == len(CLASSES)
    assert CLASSES[-3:] == ("empty", "struck", "other")


def test_katakana_has_voiced_small_and_long() -> None:
    assert set("ガパヴッャュョァィゥェォーヲン") <= set(KATAKANA)
    assert set("がぱっゃゅょぁぃぅぇぉーをん") <= set(HIRAGANA)
    assert set(SMALL_KANA) <= set(CHARACTERS)


def test_a_mask_keeps_the_order_of_the_alphabet() -> None:
    mask = mask_of("210")
    assert mask.characters == ("2", "1", "0")
    assert [CLASSES[number] for number in mask.classes] == ["2", "1", "0"]


def test_a_mask_names_what_the_network_cannot_read() -> None:
    assert mask_of("1濵2").unknown == ("濵",)


def test_a_hyphen_is_read_like_a_long_vowel_mark() -> None:
    assert [CLASSES[number] for number in mask_of("-").classes] == ["ー"]


def test_refuses_an_alphabet_of_which_nothing_is_known() -> None:
    with pytest.raises(ValueError, match="knows no character"):
        mask_of("濵")


@pytest.mark.parametrize(
    ("alphabet", "name"),
    [(DIGITS, "digits"), ("01", "digits"), (KATAKANA, "katakana"), (HIRAGANA, "hiragana"), ("0A", "mixed")],
)
def test_a_script_has_its_own_calibration(alphabet: str, name: str) -> None:
    assert CELLS.script_of(mask_of(alphabet)) == name
