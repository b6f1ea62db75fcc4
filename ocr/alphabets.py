"""Which characters may stand in a field of each kind."""

from functools import cache

from backoffice.japanese.variants import JAPANESE_FORMS

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HIRAGANA = "".join(chr(c) for c in range(0x3041, 0x3094) if chr(c) != "ゎ") + "ー"
KATAKANA = "".join(chr(c) for c in range(0x30A1, 0x30F5) if chr(c) != "ヮ") + "ー"
MARKS_IN_TEXT = (
    "々〆ー・-()（）&＆.、。，．,?!？！「」『』〜～－―…:：;；%％¥￥/／+＋=＝*＊@#※"
    "○×△□☆★→←℃〒'\"“”ゎヮヵヾヽゝゞ　"
)
"""Signs of ordinary writing, in both widths: the reader chooses the width that it sees."""

NUMBER_KINDS = frozenset(
    {
        "digits", "account", "bank", "branch", "mynumber", "corporate_number", "postal", "phone", "amount", "decimal",
        "date", "time",
    }
)  # fmt: skip
"""Kinds of digits only."""


@cache
def kanji() -> str:
    """Return the kanji of JIS X 0208 (levels 1 and 2) and the IBM extensions of cp932, in code order."""
    return "".join(chr(c) for c in range(0x4E00, 0xA000) if _in_cp932(chr(c)))


def alphabet_of(kind: str) -> str:
    """Return the characters that a field of this kind may hold.

    Raises:
        KeyError: The kind is not read as characters.
    """
    if kind in NUMBER_KINDS:
        return DIGITS
    if kind == "alnum":
        return DIGITS + LATIN
    if kind == "hiragana":
        return HIRAGANA
    if kind == "katakana":
        return KATAKANA
    if kind == "kana":
        return HIRAGANA + KATAKANA.replace("ー", "")
    if kind == "kanji":
        return kanji() + "々" + _letters(HIRAGANA) + _letters(KATAKANA) + "ヶ"
    if kind == "address":
        return kanji() + HIRAGANA + KATAKANA + "ヶ" + DIGITS + LATIN + "々-・　"
    if kind == "text":
        return kanji() + HIRAGANA + KATAKANA + "ヶ" + DIGITS + LATIN + LATIN.lower() + MARKS_IN_TEXT
    raise KeyError(kind)


ALIASES: dict[str, str] = {
    "ー": "一—－―", "ニ": "二", "ハ": "八", "ロ": "口", "エ": "工", "ト": "卜", "カ": "力", "タ": "夕", "チ": "千",
    "ミ": "三", "ヘ": "へ", "リ": "り", "へ": "ヘ", "り": "リ", "オ": "才", "ム": "厶",
    "(": "（", ")": "）", "-": "－",
}  # fmt: skip
"""Characters that look the same on paper: when the field allows only the first, the others count for it."""


@cache
def aliases(alphabet: str) -> tuple[str, ...]:
    """Return, for each character of an alphabet, the characters outside of it that are the same on paper.

    Look-alikes of another script, and the Chinese forms of a kanji that the network prefers (徵 for 徴).
    """
    allowed = set(alphabet)
    found = {c: "".join(a for a in ALIASES.get(c, "") if a not in allowed) for c in alphabet}
    for chinese, japanese in JAPANESE_FORMS.items():
        if chinese not in allowed and japanese[0] in allowed:
            found[japanese[0]] += chinese
    return tuple(found[c] for c in alphabet)


@cache
def commonness(alphabet: str) -> tuple[float, ...]:
    """Return the weight of each character before anything is seen: 0.1 for kanji of JIS level 2, else 1.

    The network was trained on Chinese too and likes 惠, 凉, 奧, 靜, which are rare in Japan beside 恵, 涼, 奥, 静.
    """
    return tuple(0.1 if c >= "一" and _is_level_two(c) else 1.0 for c in alphabet)


def _is_level_two(character: str) -> bool:
    """JIS X 0208 level 2 begins at row 48: 0x989F in Shift_JIS."""
    code = character.encode("cp932", "ignore")
    return len(code) == 2 and int.from_bytes(code, "big") >= 0x989F


def _letters(kana: str) -> str:
    """Return kana without the long-vowel mark, which looks like 一 in a line of kanji."""
    return kana.replace("ー", "")


def _in_cp932(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
