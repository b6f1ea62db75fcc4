"""What is trained: the cell network (kana, digits, Latin) and the glyph network (kanji and everything on a line)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocr.recognisers import cell_alphabets as cells
from ocr.recognisers import glyph_alphabets as glyphs
from ocr.recognisers.cell_crop import SIDE
from ocr.recognisers.glyph import GLYPH_SIDE
from ocr.training.cells_data import is_kanji


@dataclass(frozen=True)
class Course:
    """One network and how it is trained.

    Attributes:
        name: Name of the weights: `ocr/models/<name>.onnx`.
        classes: Output order.
        characters: The classes that are characters.
        scripts: Alphabets that compete in half of the loss.
        side: Edge of the input pictures in pixels.
        widths: Channels of the convolutions and the width of the full layer.
        weight: How often a class is made, relative to the others.
        shards: Shards of new samples per round.
    """

    name: str
    classes: Sequence[str]
    characters: Sequence[str]
    scripts: Sequence[str]
    side: int
    widths: tuple[int, int, int, int, int]
    weight: Callable[[str], float]
    shards: int


def _cell_weight(name: str) -> float:
    """A kana counts 1."""
    if name in cells.DIGITS or name in (cells.EMPTY, cells.STRUCK, cells.OTHER):
        return 5.0
    if name.isascii():
        return 0.7 if name.isupper() else 0.4
    return 0.5 if name in cells.RARE + "゛゜" else 1.0


def _glyph_weight(name: str) -> float:
    """A kanji of level 1 counts 1."""
    if name in (cells.STRUCK, cells.OTHER):
        return 50.0
    if is_kanji(name):
        return 1.0 if name in glyphs.LEVEL_ONE else 0.6
    if name in cells.DIGITS:
        return 6.0
    if name in cells.KATAKANA + cells.HIRAGANA:
        return 2.5 if name in cells.RARE + "゛゜" else 5.0
    return 2.0


CELLS = Course(
    "cells",
    cells.CLASSES,
    cells.CHARACTERS,
    (cells.DIGITS, cells.KATAKANA, cells.HIRAGANA, cells.DIGITS + cells.CAPITALS),
    SIDE,
    (28, 42, 84, 140, 196),
    _cell_weight,
    12,
)
GLYPHS = Course(
    "glyphs",
    glyphs.GLYPH_CLASSES,
    glyphs.GLYPHS,
    (glyphs.KANJI, cells.KATAKANA, cells.HIRAGANA, cells.DIGITS),
    GLYPH_SIDE,
    (24, 48, 96, 160, 288),
    _glyph_weight,
    16,
)
COURSES = {course.name: course for course in (CELLS, GLYPHS)}
