"""The pen-stroke skeletons: every character that a cell may ask for can be written."""

from __future__ import annotations

import pytest

from samples.strokes.skeleton import skeletons_of

DIGITS = "0123456789"
KATAKANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンー"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴァィゥェォッャュョ"
)
HIRAGANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽぁぃぅぇぉっゃゅょ"
)
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("letters", [DIGITS, KATAKANA, HIRAGANA, CAPITALS, "-"])
def test_every_character_has_a_skeleton_inside_its_box(letters: str) -> None:
    for letter in letters:
        shapes = skeletons_of(letter)
        assert shapes, letter
        for shape in shapes:
            points = [point for stroke in shape for point in stroke.points]
            assert all(-1 <= x <= 101 and -1 <= y <= 101 for x, y in points), letter
            assert all(len(stroke.points) >= 2 for stroke in shape), letter


def test_voiced_kana_are_the_plain_kana_with_two_more_strokes() -> None:
    assert len(skeletons_of("ガ")[0]) == len(skeletons_of("カ")[0]) + 2
    assert len(skeletons_of("ぱ")[0]) == len(skeletons_of("は")[0]) + 1


def test_small_kana_are_lower_and_smaller() -> None:
    small = [point for stroke in skeletons_of("ッ")[0] for point in stroke.points]
    plain = [point for stroke in skeletons_of("ツ")[0] for point in stroke.points]
    assert min(y for _, y in small) > min(y for _, y in plain) + 20
    assert max(x for x, _ in small) < max(x for x, _ in plain)


def test_kanji_have_no_skeleton() -> None:
    assert skeletons_of("漢") == ()
