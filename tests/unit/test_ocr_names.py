"""A name on a free line: one clear space splits it, a stain far away is no part of it, a known family name helps."""

import numpy as np

from ocr.names import join_parts, split_name, with_surname
from ocr.reading import RawReading
from ocr.recognisers.characters import Cell
from ocr.template import BoxField

SPEC = BoxField(name="氏名", kind="kanji", box=(0, 0, 50, 10))


def _line(*blocks: tuple[int, int]) -> Cell:
    ink = np.zeros((60, 900), np.uint8)
    for left, right in blocks:
        ink[10:50, left:right] = 255
    return Cell(np.where(ink > 0, 0, 255).astype(np.uint8), ink, "山田")


def test_one_clear_space_splits_a_name() -> None:
    parts = split_name(_line((10, 45), (50, 85), (130, 165), (172, 205)))
    assert [int((part.ink > 0).any(axis=0).sum()) for part in parts] == [70, 68]


def test_even_spacing_is_no_space() -> None:
    assert len(split_name(_line((10, 45), (70, 105), (130, 165)))) == 1


def test_a_stain_far_from_the_name_is_dropped_and_the_name_still_split() -> None:
    parts = split_name(_line((10, 45), (50, 85), (130, 165), (172, 205), (700, 708)))
    assert [int((part.ink > 0).any(axis=0).sum()) for part in parts] == [70, 68]


def test_a_known_family_name_comes_first_but_others_stay() -> None:
    raw = RawReading("干葉", 0.5, (("干葉", 0.5), ("千葉", 0.3), ("于葉", 0.1)))
    weighed = with_surname(raw, SPEC)
    assert weighed.value == "千葉"
    assert {text for text, _ in weighed.candidates} == {"干葉", "千葉", "于葉"}
    assert sum(score for _, score in weighed.candidates) < 0.91


def test_family_and_given_name_are_joined_by_a_full_width_space() -> None:
    family = with_surname(RawReading("山田", 0.9, (("山田", 0.9),)), SPEC)
    joined = join_parts(family, RawReading("結衣", 0.8, (("結衣", 0.8), ("結依", 0.1))))
    assert joined.value == "山田　結衣"
    assert [text for text, _ in joined.candidates] == ["山田　結衣", "山田　結依"]
    assert len(joined.parts) == 2
