"""Guess from a printed label what is written in a field, whether it is personal, and whether citizens write it at all.

The rules are looked at from top to bottom; the first that fits label and shape wins. What rests on the shape alone or
on nothing is told as unsure, so that the person who corrects the template looks there first.
"""

import re
from dataclasses import dataclass

from ocr.propose.prints import plain

KANA = re.compile(r"フリガナ|カナ|カタカナ|片仮名")
HIRAGANA = re.compile(r"ふりがな|ひらがな|平仮名")
PERSONAL = re.compile(
    r"氏名|名前|姓名|[フふ][リり][ガが][ナな]|カナ|かな|名義|住所|居所|本籍|転[入出]先|方書|電話|携帯|TEL|℡|FAX|"
    r"生年月日|個人番号|マイナンバー|口座番号|世帯主|続柄|メール|署名|自署|被保険者番号|基礎年金番号",
    re.IGNORECASE,
)
OFFICE = re.compile(
    r"^※?(受付|受理|検印|係印|照合|印鑑照合|入力|通知|整理|決裁|処理|起案|供覧|課長|係長|係員|主任|担当|受付印|"
    r"受理印|収受印|受付番号|処理欄|備考\(職員\)|確認者?|収受)印?$"
)
OFFICE_AREA = re.compile(r"(使用|処理|記入|記載)欄")
OFFICE_BODY = re.compile(r"市|町|村|区役所|役場|役所|職員|事務|金融機関使用|銀行使用|係")

_CELLS = (
    (re.compile(r"個人番号|マイナンバー"), "mynumber", 12),
    (re.compile(r"法人番号"), "corporate_number", 13),
    (re.compile(r"口座番号"), "account", 7),
    (re.compile(r"郵便番号|^〒|〒$"), "postal", 7),
)
_WORDS = (
    (re.compile(r"電話|携帯|TEL|℡|FAX|連絡先", re.IGNORECASE), "phone"),
    (HIRAGANA, "hiragana"),
    (KANA, "katakana"),
    (re.compile(r"英字|英数|英大文字|アルファベット|記号番号"), "alnum"),
    (
        re.compile(
            r"税額|金額|価格|所得|収入|合計|差引|控除額|徴収額|給付額|手当額|済額|料$|額$|代金|\(円\)"
        ),
        "amount",
    ),
    (re.compile(r"住所|所在地|居所|本籍|方書|転[入出]先|アパート"), "address"),
    (re.compile(r"事業[者所]名|名称|会社|法人名|商号|屋号|団体名|施設名|学校名|機関名|園名"), "text"),
    (re.compile(r"氏名|名前|姓名|^[氏姓名]$|世帯主|代表者|届出人|申請者|名義|保護者|本人$"), "kanji"),
    (
        re.compile(
            r"番号|コード|NO\.?$|№|桁|けた|年齢|人数|回数|枚数|通数|部数|台数|面積|数$", re.IGNORECASE
        ),
        "digits",
    ),
)
_CHECKS = (
    (re.compile(r"(金融機関|銀行).*(コード|番号)"), "bank", 4),
    (re.compile(r"(支店|店舗).*(コード|番号)|店番"), "branch", 3),
)
SIGNATURE = re.compile(r"署名|自署|サイン")
SEAL = re.compile(r"印$|印鑑$|押印|捺印")


@dataclass(frozen=True)
class Guess:
    """What is written in a field.

    Attributes:
        kind: One of the template's kinds.
        sure: The label says so; False when only the shape or nothing does.
        check: Master data to look a code up in, or empty.
    """

    kind: str
    sure: bool
    check: str = ""


def guess_cells(label: str, hints: str, cells: int) -> Guess:
    """Guess what is written in a row of character cells.

    Args:
        label: The label.
        hints: What is explained beside it.
        cells: Number of cells.
    """
    name, told = plain(label), plain(label) + " " + plain(hints)
    for pattern, kind, wanted in _CELLS:
        if pattern.search(name) or (kind == "mynumber" and pattern.search(told)):
            return Guess(kind, cells == wanted) if cells == wanted else Guess("digits", sure=False)
    for pattern, check, wanted in _CHECKS:
        if pattern.search(name) and cells == wanted:
            return Guess("digits", sure=True, check=check)
    found = _by_words(name) or _by_words(told)
    if found == "alnum" or _by_words(plain(hints)) == "alnum":
        return Guess("alnum", sure=True)
    if found == "kanji" and KANA.search(told):
        found = "katakana"
    if found == "phone" and not 9 <= cells <= 12:
        return Guess("digits", sure=False)
    if found:
        return Guess(found, sure=True)
    return Guess("digits", sure=False)


def guess_line(label: str, hints: str, *, unit: str = "") -> Guess:
    """Guess what is written on a free line.

    Args:
        label: The label.
        hints: What is explained beside it.
        unit: What is printed behind the place to write, e.g. 円.
    """
    name = plain(label)
    if SIGNATURE.search(name) and not re.search(r"氏名", name):
        return Guess("signature", sure=True)
    if unit == "円":
        return Guess("amount", sure=True)
    for pattern, kind, _ in _CELLS:
        if pattern.search(name):
            return Guess(kind, sure=True)
    found = _by_words(name) or _by_words(plain(hints))
    return Guess(found, sure=True) if found else Guess("text", sure=False)


def _by_words(told: str) -> str:
    return next((kind for pattern, kind in _WORDS if pattern.search(told)), "")


def is_personal(label: str) -> bool:
    """Say whether a field of this label holds personal data."""
    return bool(PERSONAL.search(plain(label)))


def is_for_the_office(label: str, area: str = "") -> bool:
    """Say whether the office itself fills the field in: stamps of receipt, initials.

    Args:
        label: The field's label.
        area: The heading above, e.g. 金融機関使用欄.
    """
    heading = plain(area)
    return bool(OFFICE.search(plain(label))) or bool(
        OFFICE_AREA.search(heading) and OFFICE_BODY.search(heading)
    )
