"""Numbers as offices write them: full-width digits, kanji digits (二〇二六), numerals (五十三), 大字 (壱弐参).

A digit string keeps its leading zeros: `digits_only` works on account and postal numbers, `parse_number` on amounts
and on the year, month and day of a date.
"""

import re

from backoffice.japanese.errors import DigitsError

ASCII_DIGITS = "0123456789"
FULL_DIGITS = "０１２３４５６７８９"
KANJI_DIGITS = "〇一二三四五六七八九"

_TO_ASCII = str.maketrans(FULL_DIGITS, ASCII_DIGITS)
_TO_FULL = str.maketrans(ASCII_DIGITS, FULL_DIGITS)
# 大字 of 昭和23年司法省令 and of contracts; ○ and 零 both stand for zero in handwriting.
_FORMAL = str.maketrans(
    "零○壱壹弌弐貳貮弍参參弎肆伍陸柒捌玖拾佰仟阡萬",
    "〇〇一一一二二二二三三三四五六七八九十百千千万",
)
_UNITS = {"十": 10, "百": 100, "千": 1000}
_GROUPS = {"万": 10**4, "億": 10**8, "兆": 10**12}
# The marks that people put between digits: hyphens, minus signs, dashes, the long vowel mark, spaces, brackets.
SEPARATORS = "-‐‑‒–—―−－ーｰ 　()（）・.．〒"
_COMMAS = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+")


def to_ascii_digits(text: str) -> str:
    """Return the text with ０–９ as 0–9; every other character stays."""
    return text.translate(_TO_ASCII)


def to_full_digits(text: str) -> str:
    """Return the text with 0–9 as ０–９; every other character stays."""
    return text.translate(_TO_FULL)


def digits_only(text: str, *, separators: str = SEPARATORS) -> str:
    """Return the digits of a code such as '０３－１２３４−５６７８' as '0312345678'; leading zeros stay.

    Args:
        text: Digits of either width, with separators anywhere.
        separators: Characters that may stand between digits and are dropped.

    Raises:
        DigitsError: When any other character is found; it is never skipped.
    """
    kept = []
    for position, character in enumerate(to_ascii_digits(text), start=1):
        if character in ASCII_DIGITS:
            kept.append(character)
        elif character not in separators:
            raise DigitsError("japanese.not_a_digit", position=position)
    return "".join(kept)


def parse_number(text: str) -> int:
    """Return the whole number that a text writes in digits or in kanji.

    Accepts '53', '５３', '1,234', '二〇二六', '五十三', '百五', '三億二千万', '壱萬', '3万5000'.

    Raises:
        DigitsError: When the text is empty, has other characters, or breaks the order of numerals ('十十', '百千').
    """
    plain = to_ascii_digits(text.strip()).translate(_FORMAL).replace("，", ",")
    if not plain:
        raise DigitsError("japanese.number_empty")
    if _COMMAS.fullmatch(plain):
        plain = plain.replace(",", "")
    digits = plain.translate(str.maketrans(KANJI_DIGITS, ASCII_DIGITS))
    if re.fullmatch(r"[0-9]+", digits):
        return int(digits)
    return _parse_groups(plain)


def to_kanji_number(number: int) -> str:
    """Return a number in kanji numerals: 53 → '五十三', 1989 → '千九百八十九', 10000 → '一万'.

    Raises:
        DigitsError: When the number is negative or has more than 16 digits.
    """
    if not 0 <= number < 10**16:
        raise DigitsError("japanese.number_out_of_range")
    if number == 0:
        return "〇"
    parts = []
    for sign, size in (("兆", 10**12), ("億", 10**8), ("万", 10**4), ("", 1)):
        group = number // size % 10**4
        if group:
            parts.append(_kanji_below_ten_thousand(group) + sign)
    return "".join(parts)


def _kanji_below_ten_thousand(number: int) -> str:
    parts = []
    for sign, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // size % 10
        if digit and (digit > 1 or not sign):
            parts.append(KANJI_DIGITS[digit] + sign)
        elif digit:
            parts.append(sign)
    return "".join(parts)


def _parse_groups(text: str) -> int:
    total, last, rest = 0, 10**16, text
    while match := re.match(r"([^万億兆]+)([万億兆])", rest):
        size = _GROUPS[match[2]]
        if size >= last:
            raise DigitsError("japanese.number_not_in_order")
        total, last, rest = total + _parse_below(match[1]) * size, size, rest[match.end() :]
    return total + (_parse_below(rest) if rest else 0)


def _parse_below(text: str) -> int:
    """Parse the part below 万: plain digits of at most four places, or numerals in falling order."""
    plain = text.translate(str.maketrans(KANJI_DIGITS, ASCII_DIGITS))
    if re.fullmatch(r"[0-9]{1,4}", plain):
        return int(plain)
    if re.search(r"[^0-9十百千]", plain):
        raise DigitsError("japanese.not_a_numeral")
    match = re.fullmatch(r"(?:([1-9]?)千)?(?:([1-9]?)百)?(?:([1-9]?)十)?([1-9]?)", plain)
    if not match:
        raise DigitsError("japanese.number_not_in_order")
    total = int(match[4] or 0)
    for place, sign in enumerate("千百十", start=1):
        if match[place] is not None:
            total += int(match[place] or 1) * _UNITS[sign]
    return total
