"""Kana: hiragana and katakana, half-width kana, voicing marks, small kana, and characters that look like kana.

Each function changes one thing. Folding of look-alikes and of small kana loses information and is therefore only for
comparing, or for a reader that knows the field holds nothing but kana.
"""

import unicodedata

import jaconv

# What may stand in a kana name beside the letters: long vowel, middle dot, iteration marks are letters, spaces.
KANA_MARKS = "ー・　 "

_SMALL = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
_LARGE = "あいうえおつやゆよわかけアイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ"
_TO_LARGE = str.maketrans(_SMALL + "ｧｨｩｪｫｬｭｮｯ", _LARGE + "ｱｲｳｴｵﾔﾕﾖﾂ")
# Free-standing and combining voicing marks, all to the combining ones (U+3099, U+309A) that NFC composes.
_MARKS = {"゛": "\u3099", "゜": "\u309a", "ﾞ": "\u3099", "ﾟ": "\u309a", "\u3099": "\u3099", "\u309a": "\u309a"}
_FREE_MARKS = str.maketrans("\u3099\u309a", "゛゜")

# Characters that a reader confuses with a kana in a field of kana only: left the intruder, right the kana.
_LONG_VOWEL_SHAPES = "－−‐‑‒–—―-─━一ｰ"
_KATAKANA_SHAPES = {
    "二": "ニ", "八": "ハ", "口": "ロ", "囗": "ロ", "力": "カ", "工": "エ", "夕": "タ", "卜": "ト", "三": "ミ",
    "千": "チ", "才": "オ", "丿": "ノ", "厶": "ム", "乂": "メ", "〆": "メ", "亻": "イ", "又": "ヌ", "匕": "ヒ",
    "へ": "ヘ", "べ": "ベ", "ぺ": "ペ", "り": "リ",
}  # fmt: skip
_TO_KATAKANA_SHAPES = str.maketrans(_KATAKANA_SHAPES | dict.fromkeys(_LONG_VOWEL_SHAPES, "ー"))
_TO_HIRAGANA_SHAPES = str.maketrans(
    {"ヘ": "へ", "ベ": "べ", "ペ": "ぺ", "リ": "り"} | dict.fromkeys(_LONG_VOWEL_SHAPES, "ー")
)


def to_katakana(text: str) -> str:
    """Return the text with hiragana as katakana (ゔ → ヴ, ゝ → ヽ); everything else stays."""
    return str(jaconv.hira2kata(text))


def to_hiragana(text: str) -> str:
    """Return the text with full-width katakana as hiragana; ー and ヷヸヹヺ, which have no hiragana, stay."""
    return str(jaconv.kata2hira(text))


def widen_kana(text: str) -> str:
    """Return the text with half-width kana, ｡｢｣､･ and ｰ as full-width, voicing marks joined (ｶﾞ → ガ).

    A mark that no kana before it can take becomes ゛ or ゜ and is never dropped. ASCII and digits stay.
    """
    wide = str(jaconv.h2z(text, kana=True, ascii=False, digit=False))
    if not any(mark in wide for mark in "ﾞﾟ"):
        return wide
    return compose_voicing(wide).replace("ﾞ", "゛").replace("ﾟ", "゜")


def narrow_kana(text: str) -> str:
    """Return the text with full-width katakana, 。「」、・ and ー as half-width (ガ → ｶﾞ, two characters).

    Characters without a half-width form stay: hiragana, ヮヰヱヵヶ, kanji, digits.
    """
    return str(jaconv.z2h(text, kana=True, ascii=False, digit=False))


def compose_voicing(text: str) -> str:
    """Return the text with each voicing mark joined to the kana before it (か゛ → が, ハ゜ → パ, U+3099 too).

    A combining mark that joins nothing becomes a free-standing ゛ or ゜, any other mark stays. Only full-width
    kana are composed: kanji keep their code points, which NFC over the whole text would not promise (it turns
    U+FA19 into U+795E).
    """
    kept: list[str] = []
    for character in text:
        if character in _MARKS and kept:
            joined = unicodedata.normalize("NFC", kept[-1] + _MARKS[character])
            if len(joined) == 1:
                kept[-1] = joined
                continue
        kept.append(character)
    return "".join(kept).translate(_FREE_MARKS)


def decompose_voicing(text: str) -> str:
    """Return the text with voiced kana as kana and free-standing mark (が → か゛, パ → ハ゜); everything else stays."""
    parts = []
    for character in text:
        split = unicodedata.normalize("NFD", character) if is_kana(character, marks="") else character
        parts.append(split.translate(_FREE_MARKS))
    return "".join(parts)


def strip_voicing(text: str) -> str:
    """Return the text with voiced kana unvoiced (ガ → カ, パ → ハ): for comparing, as readers lose dots."""
    return decompose_voicing(text).replace("゛", "").replace("゜", "")


def enlarge_small(text: str) -> str:
    """Return the text with small kana as large ones (ッ → ツ, ょ → よ), as banks and many forms write them."""
    return text.translate(_TO_LARGE)


def is_katakana(text: str, *, marks: str = KANA_MARKS) -> bool:
    """Say whether the text is one or more full-width katakana, with nothing else than `marks` between."""
    return bool(text) and all(_katakana(c) or c in marks for c in text) and any(map(_katakana, text))


def is_hiragana(text: str, *, marks: str = KANA_MARKS) -> bool:
    """Say whether the text is one or more hiragana, with nothing else than `marks` between."""
    return bool(text) and all(_hiragana(c) or c in marks for c in text) and any(map(_hiragana, text))


def is_kana(text: str, *, marks: str = KANA_MARKS) -> bool:
    """Say whether the text is full-width kana of either kind, with nothing else than `marks` between."""
    return (
        bool(text)
        and all(_katakana(c) or _hiragana(c) or c in marks for c in text)
        and any(_katakana(c) or _hiragana(c) for c in text)
    )


def is_half_kana(text: str) -> bool:
    """Say whether the text is half-width kana only (U+FF66–FF9F), spaces allowed."""
    return bool(text.strip()) and all("ｦ" <= c <= "ﾟ" or c == " " for c in text)


def fold_katakana_shapes(text: str) -> str:
    """Return the text with characters that look like katakana as katakana (一 − ‐ → ー, 二 → ニ, 力 → カ, へ → ヘ).

    Only for a field that is known to hold katakana: elsewhere it destroys kanji.
    """
    return text.translate(_TO_KATAKANA_SHAPES)


def fold_hiragana_shapes(text: str) -> str:
    """Return the text with katakana that look like hiragana as hiragana (ヘ → へ, リ → り) and dashes as ー.

    Only for a field that is known to hold hiragana.
    """
    return text.translate(_TO_HIRAGANA_SHAPES)


def comparison_key(text: str) -> str:
    """Return what two spellings of one reading have in common: full-width katakana, large kana, no spaces, one dash.

    ｼｮｳｼﾞ, しょうじ and シヨウジ give the same key. Never store it as a name.
    """
    wide = enlarge_small(to_katakana(compose_voicing(widen_kana(text))))
    dashes = str.maketrans(dict.fromkeys(_LONG_VOWEL_SHAPES.replace("一", ""), "ー"))
    return "".join(wide.translate(dashes).split())


def _katakana(character: str) -> bool:
    return "ァ" <= character <= "ヺ" or character in "ヽヾ" or "ㇰ" <= character <= "ㇿ"


def _hiragana(character: str) -> bool:
    return "ぁ" <= character <= "ゖ" or character in "ゝゞ"
