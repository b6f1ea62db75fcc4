"""A name on a free line: one clear space splits it, a stain far away is no part of it."""

import numpy as np

from ocr.names import join_parts, split_name
from ocr.reading import RawReading
from ocr.recognisers.characters import Cell


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


def test_family_and_given_name_are_joined_by_a_full_width_space() -> None:
    family = RawReading("山田", 0.9, (("山田", 0.9),), parts=(("name", 0.9),))
    given = RawReading("結衣", 0.8, (("結衣", 0.8), ("結依", 0.1)), parts=(("name", 0.8),))
    joined = join_parts(family, given)
    assert joined.value == "山田　結衣"
    assert [text for text, _ in joined.candidates] == ["山田　結衣", "山田　結依"]
    assert len(joined.parts) == 2
