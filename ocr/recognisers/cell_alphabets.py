"""The classes of the cell network and the alphabets of the field kinds."""

DIGITS = "0123456789"
KATAKANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴァィゥェォッャュョヮヵヶー゛゜"
)
HIRAGANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをん"
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽぁぃぅぇぉっゃゅょゎー゛゜"
)
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL_LETTERS = "abcdefghijklmnopqrstuvwxyz"
SMALL_KANA = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"

EMPTY, STRUCK, OTHER = "empty", "struck", "other"
"""The classes that are no character: nothing written, written and struck out, not a character of ours."""

CHARACTERS = tuple(dict.fromkeys(DIGITS + KATAKANA + HIRAGANA + CAPITALS + SMALL_LETTERS))
CLASSES = (*CHARACTERS, EMPTY, STRUCK, OTHER)
"""Output order of the network; kept in its description file too, and compared when it is loaded."""

SAME_SHAPE = {"-": "ー", "ｰ": "ー", "−": "ー"}
"""Characters a field may ask for that are written like a class of the network."""

RARE = "ァィゥェォヮヵヶぁぃぅぇぉゎヰヱゐゑ"
"""Characters that names and addresses hardly ever hold, though the network was shown as many of them as of others."""

RARITY = -2.0
"""Added to the scores of `RARE`: one seventh as likely before looking. A rough prior: in the kana of names a small
vowel is far rarer than that, but a clear one must still be read. Set after a look at the composed scans."""

"""Alphabet of each field kind that is written into cells."""
KINDS = {
    "digits": DIGITS,
    "katakana": KATAKANA,
    "hiragana": HIRAGANA,
    "kana": KATAKANA + "".join(c for c in HIRAGANA if c not in "ー゛゜"),
    "alnum": DIGITS + CAPITALS,
}
