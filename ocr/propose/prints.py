"""The printed words of a blank, in millimetres, and what they mean to a person who fills it in."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocr.propose.paper import DPI, Paper
from ocr.propose.rect import Rect, around
from ocr.textpage.lines import TextLine
from ocr.textpage.strips import EDGE_MARGIN

WIDE_GAP = 2.3
"""Characters whose middles are further apart than this many character sizes belong to two words."""

SEPARATORS = "・·･‧•"
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_LOOKS_KATAKANA = str.maketrans("力口二八工卜夕千三一", "カロニハエトタチミー")


@dataclass(frozen=True)
class Print:
    """A printed line or word.

    Attributes:
        text: What it says.
        rect: Where, mm.
        size: Size of its characters, mm.
        vertical: Whether it runs from top to bottom.
        centres: Middle of each character along the line, mm on the page.
    """

    text: str
    rect: Rect
    size: float
    vertical: bool = False
    centres: tuple[float, ...] = ()


def to_print(line: TextLine, paper: Paper) -> Print:
    """Return a line that was read on a page at DPI, in mm."""
    across, down = paper.scale
    left, top, right, bottom = line.box
    rect = Rect(left * across, top * down, right * across, bottom * down)
    if line.vertical:
        centres = tuple(rect.top + place * down for place in line.places)
    else:
        centres = tuple(rect.left + place * across for place in line.places)
    return Print(line.text, rect, _size(line, paper), line.vertical, centres)


def _size(line: TextLine, paper: Paper) -> float:
    """Return the size of the characters in mm: the height of the ink, or the distance of kanji and kana if smaller."""
    left, top, right, bottom = (round(v) for v in line.box)
    ink = paper.ink[max(0, top) : bottom, max(0, left) : right] > 0
    inked = ink.any(axis=0 if line.vertical else 1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    heights = edges[1::2] - edges[::2]
    told = line.thickness / (1 + 2 * EDGE_MARGIN)
    highest = float(heights.max()) if len(heights) else told
    size = highest if 0.35 * told < highest <= 1.1 * told else told
    pitches = [
        b - a
        for (one, a), (other, b) in pairwise(zip(line.text, line.places, strict=True))
        if min(one, other) > "\u2e80"
    ]
    pitch = float(np.median(pitches)) if pitches else size
    return max(min(size, pitch), 0.5 * size) / DPI * 25.4


def words(line: Print) -> list[Print]:
    """Split a horizontal line at wide gaps; separators (・) that stand alone are words of their own."""
    if line.vertical or not line.centres:
        return [line]
    size = line.size
    groups: list[list[int]] = []
    for at, (character, centre) in enumerate(zip(line.text, line.centres, strict=True)):
        if character.isspace():
            continue
        far = bool(groups) and centre - line.centres[groups[-1][-1]] > WIDE_GAP * size * (
            0.75 if _between(line, at) else 1
        )
        alone = bool(groups) and (character in SEPARATORS or line.text[groups[-1][-1]] in SEPARATORS)
        if not groups or far or (alone and centre - line.centres[groups[-1][-1]] > 1.25 * size):
            groups.append([at])
        else:
            groups[-1].append(at)
    return [_word(line, group, size) for group in groups]


def _between(line: Print, at: int) -> bool:
    """Say whether the network saw a space before the character."""
    return at > 0 and line.text[at - 1].isspace()


def _word(line: Print, group: list[int], size: float) -> Print:
    centres = tuple(line.centres[at] for at in group)
    rect = Rect(centres[0] - size / 2, line.rect.top, centres[-1] + size / 2, line.rect.bottom)
    return Print("".join(line.text[at] for at in group), rect, line.size, centres=centres)


def plain(text: str) -> str:
    """Return a text for comparing: one width, no spaces, katakana where a look-alike stands among katakana."""
    narrow = "".join(unicodedata.normalize("NFKC", text).replace("·", "・").split())
    return settle_katakana(narrow)


def settle_katakana(text: str) -> str:
    """Return the text with 力, 口, 二 … as カ, ロ, ニ before katakana, or behind it and not before kanji."""
    settled = list(text)
    for at, character in enumerate(text):
        if ord(character) not in _LOOKS_KATAKANA:
            continue
        before, after = settled[at - 1] if at else "", text[at + 1] if at + 1 < len(text) else ""
        kanji_follows = "一" <= after <= "鿿" and ord(after) not in _LOOKS_KATAKANA
        if _KATAKANA.match(after) or (_KATAKANA.match(before) and not kanji_follows):
            settled[at] = character.translate(_LOOKS_KATAKANA)
    return "".join(settled)


def is_note(line: Print) -> bool:
    """Say whether a line only explains: in brackets, after ※, or a whole sentence."""
    text = plain(line.text)
    return text.startswith(("(", "※", "*", "□", "(注")) or text.endswith("。") or "ください" in text


def joined(lines: list[Print]) -> str:
    """Return the text of lines from top to bottom, left to right."""
    ordered = sorted(lines, key=lambda p: (round(p.rect.top / 2), p.rect.left))
    return "".join(plain(p.text) for p in ordered)


def nearest_left(lines: list[Print], target: Rect, reach: float) -> Print | None:
    """Return the line that ends nearest to the left of a rectangle, in the same line of the page."""
    left = [
        p
        for p in lines
        if p.rect.right <= target.left + 1.5
        and target.left - p.rect.right < reach
        and target.top - 1 <= p.rect.middle[1] <= target.bottom + 1
    ]
    return max(left, key=lambda p: p.rect.right, default=None)


def nearest_above(lines: list[Print], target: Rect, reach: float) -> Print | None:
    """Return the line that ends nearest above a rectangle and overlaps it across."""
    above = [
        p
        for p in lines
        if p.rect.bottom <= target.top + 1
        and target.top - p.rect.bottom < reach
        and p.rect.shared_width(target) > 0
    ]
    return max(above, key=lambda p: p.rect.bottom, default=None)


def span(lines: list[Print]) -> Rect:
    """Return the rectangle around some lines."""
    return around(p.rect for p in lines)


def gaps(lines: list[Print]) -> list[float]:
    """Return the distances in mm between words that stand in one line."""
    ordered = sorted(lines, key=lambda p: p.rect.left)
    return [b.rect.left - a.rect.right for a, b in pairwise(ordered)]
