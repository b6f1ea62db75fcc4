"""The columns of a survey: by which headings towns call them, and how a cell of each is read."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType
from unicodedata import normalize

from scheduler.workload.survey import THOUSANDTH, Medium

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "department": ("所属", "所属名", "部署", "部署名", "課", "課名", "担当課", "department"),
        "group": ("大分類", "業務大分類", "group"),
        "category": ("分類", "業務分類", "区分", "業務区分", "中分類", "カテゴリー", "カテゴリ", "category"),
        "business": ("業務名", "業務", "事務名", "事務事業名", "business"),
        "task_kind": ("作業の種類", "作業種別", "作業内容", "作業", "工程", "taskkind", "task"),
        "hours": (
            "年間時間",
            "年間業務時間",
            "年間時間数",
            "業務時間",
            "時間数",
            "時間",
            "hours",
            "hoursperyear",
        ),
        "volume": ("年間件数", "年間処理件数", "処理件数", "件数", "volume"),
        "medium": ("媒体", "取扱媒体", "紙・システム", "medium"),
        "routine": ("定型度", "定型率", "routine"),
    }
)
"""Column → its headings; the first is the one we write. Units in brackets and spaces do not matter."""
NEEDED = ("department", "category", "business", "task_kind", "hours", "volume", "medium")
MEDIA: Mapping[str, Medium] = MappingProxyType(
    {
        **dict.fromkeys(("紙", "紙媒体", "書面", "paper"), Medium.PAPER),
        **dict.fromkeys(("システム", "電子", "データ", "system"), Medium.SYSTEM),
        **dict.fromkeys(("両方", "紙とシステム", "紙・システム", "併用", "both"), Medium.BOTH),
        **dict.fromkeys(("なし", "無し", "none"), Medium.NONE),
    }
)
TOTALS = ("合計", "総計", "計", "総合計", "total")
SUBTOTALS = ("小計", "subtotal")
LARGEST = 10**12
"""No town has so many hours or items; beyond it a number is a slip of the hand."""
_UNIT = re.compile(r"[(（\[].*?[)）\]]")


def heading_key(word: str) -> str | None:
    """Return the column that a heading names, or None."""
    plain = _UNIT.sub("", normalize("NFKC", word)).replace(" ", "").replace("\n", "").casefold()
    return next((key for key, known in HEADINGS.items() if plain in known), None)


def parse_hours(cell: str) -> tuple[Decimal, bool]:
    """Read hours a year: 1,234.5, full-width digits, 120時間, 120h.

    Returns:
        The hours to the thousandth, and whether they were rounded to it (half away from zero).

    Raises:
        ValueError: No number, negative, or not finite.
    """
    number = _number(re.sub(r"(時間|h)$", "", _plain(cell), flags=re.IGNORECASE))
    rounded = number.quantize(THOUSANDTH, ROUND_HALF_UP)
    return rounded, rounded != number


def parse_volume(cell: str) -> int | None:
    """Read items a year: 1,200, 1200件, 1200.0; empty is not known.

    Raises:
        ValueError: No whole number, or negative.
    """
    if not cell:
        return None
    number = _number(re.sub(r"(件|枚|通|回)$", "", _plain(cell)))
    if number != int(number):
        raise ValueError(cell)
    return int(number)


def parse_routine(cell: str) -> float | None:
    """Read how much of the work follows fixed rules: 0.8 or 80%; empty is not known.

    Raises:
        ValueError: Outside of 0 to 1 (0 % to 100 %).
    """
    if not cell:
        return None
    plain = _plain(cell)
    share = _number(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    if share > 1:
        raise ValueError(cell)
    return float(share)


def parse_medium(cell: str) -> Medium:
    """Read a medium.

    Raises:
        ValueError: None of the known words.
    """
    found = MEDIA.get(_plain(cell).casefold())
    if found is None:
        raise ValueError(cell)
    return found


def _plain(cell: str) -> str:
    return normalize("NFKC", cell).replace(",", "").replace(" ", "")


def _number(word: str) -> Decimal:
    try:
        number = Decimal(word)
    except InvalidOperation as error:
        raise ValueError(word) from error
    if not number.is_finite() or not 0 <= number < LARGEST:
        raise ValueError(word)
    return number
