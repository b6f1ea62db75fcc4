"""Full and half width, changed only where asked.

NFKC and `jaconv.normalize` are not used anywhere: the first turns ① into 1, ㈱ into (株) and U+FA19 神 into
U+795E 神, the second turns 〜 and － into ー. Here each call names the parts to change, and kanji,
compatibility ideographs, enclosed characters, 〜 (U+301C), − (U+2212) and ‖ (U+2016) are never touched.
"""

import unicodedata
from enum import Flag, auto

from backoffice.japanese.kana import narrow_kana, widen_kana

_SHIFT = 0xFEE0  # U+FF01–FF5E are U+0021–007E in the same order.


class Part(Flag):
    """Which characters a conversion may change."""

    DIGITS = auto()
    LETTERS = auto()
    SYMBOLS = auto()  # the other printable ASCII characters and their twins in U+FF01–FF5E
    SPACE = auto()
    KANA = auto()  # katakana and 。「」、・ー
    ASCII = DIGITS | LETTERS | SYMBOLS | SPACE


def to_half_width(text: str, parts: Part = Part.ASCII) -> str:
    """Return the text with full-width characters of these parts as half-width (Ａ → A, '　' → ' ', ガ → ｶﾞ)."""
    if Part.KANA in parts:
        text = narrow_kana(text)
    return text.translate({full: half for half, full in _pairs(parts)})


def to_full_width(text: str, parts: Part = Part.ASCII) -> str:
    """Return the text with half-width characters of these parts as full-width (A → Ａ, ' ' → '　', ｶﾞ → ガ)."""
    if Part.KANA in parts:
        text = widen_kana(text)
    return text.translate(dict(_pairs(parts)))


def display_width(text: str) -> int:
    """Return how many half-width columns the text takes: 2 for each wide or ambiguous character, 0 for combining ones.

    Source: Unicode Standard Annex #11; ambiguous counts as wide, as Japanese fonts draw it.
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text
    )


def has_mixed_width(text: str) -> bool:
    """Say whether the text mixes half- and full-width forms of one part (digits, letters or kana).

    A mixed field is legal text, but searches and keys that compare by code point will miss it.
    """
    return any(
        to_half_width(text, part) != text and to_full_width(text, part) != text
        for part in (Part.DIGITS, Part.LETTERS, Part.KANA)
    )


def _pairs(parts: Part) -> list[tuple[int, int]]:
    """Return (half, full) code points of the ASCII characters in these parts."""
    pairs = [(half, half + _SHIFT) for half in range(0x21, 0x7F) if _part_of(chr(half)) in parts]
    return [*pairs, (0x20, 0x3000)] if Part.SPACE in parts else pairs


def _part_of(character: str) -> Part:
    if character.isdigit():
        return Part.DIGITS
    return Part.LETTERS if character.isalpha() else Part.SYMBOLS
