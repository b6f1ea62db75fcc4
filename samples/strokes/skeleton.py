"""Reads our pen-stroke skeletons and makes voiced and small kana from them.

A skeleton is what the pen does to write a character, without any style: strokes of points in a 100 x 100 box
(origin top left). ``skeletons.txt`` beside this file holds them; see its head for the notation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DAKUTEN, HANDAKUTEN = "\u3099", "\u309a"
SMALL = dict(
    zip("ァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎ", "アイウエオツヤユヨワあいうえおつやゆよわ", strict=True)
)
SMALL_SCALE, VOICED_SCALE = 0.62, 0.86
MARKS = {
    DAKUTEN: ("76,6 85,19", "90,1 99,13"),
    HANDAKUTEN: ("90,2 83,7 84,15 92,16 97,9 91,2",),
}


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen: points (x, y) and which of them are sharp corners."""

    points: tuple[tuple[float, float], ...]
    corners: frozenset[int]

    def moved(self, scale: float, dx: float, dy: float) -> Stroke:
        """Return the stroke scaled about the origin and then shifted."""
        return Stroke(tuple((x * scale + dx, y * scale + dy) for x, y in self.points), self.corners)


Skeleton = tuple[Stroke, ...]


def skeletons_of(letter: str) -> tuple[Skeleton, ...]:
    """Return all variants of a character; empty when it has no skeleton (kanji have none)."""
    table = _table()
    if letter in table:
        return table[letter]
    if letter in SMALL:
        return tuple(_small(shape) for shape in table[SMALL[letter]])
    parts = unicodedata.normalize("NFD", letter)
    base, mark = parts[0], parts[1:]
    if base in table and mark in MARKS:
        return tuple(_voiced(shape, mark) for shape in table[base])
    return ()


def _small(shape: Skeleton) -> Skeleton:
    return tuple(stroke.moved(SMALL_SCALE, 8, 34) for stroke in shape)


def _voiced(shape: Skeleton, mark: str) -> Skeleton:
    body = tuple(stroke.moved(VOICED_SCALE, 0, 13) for stroke in shape)
    return body + tuple(_stroke(text) for text in MARKS[mark])


@cache
def _table() -> Mapping[str, tuple[Skeleton, ...]]:
    found: dict[str, tuple[Skeleton, ...]] = {}
    for line in Path(__file__).with_name("skeletons.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            letter, _, strokes = line.partition(" ")
            shape = tuple(_stroke(stroke) for stroke in strokes.split(";"))
            found[letter] = (*found.get(letter, ()), shape)
    return found


def _stroke(text: str) -> Stroke:
    words = text.split()
    points = tuple(_point(word.rstrip("!")) for word in words)
    return Stroke(points, frozenset(index for index, word in enumerate(words) if word.endswith("!")))


def _point(word: str) -> tuple[float, float]:
    x, y = word.split(",")
    return float(x), float(y)
