"""What a person typed, brought into the form in which record values are kept.

Only spelling is mended: width, separators, the way a date is written. What cannot be mended is left as typed, and the
checks say what is wrong with it. Names are never normalised.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from backoffice.japanese.digits import to_ascii_digits
from backoffice.japanese.errors import JapaneseTextError
from backoffice.japanese.kana import to_hiragana, to_katakana, widen_kana
from backoffice.japanese.wareki import parse_date
from backoffice.japanese.width import to_half_width

_SEPARATORS = str.maketrans("", "", "-‐‑–—−ー－ 　,，、円()（）")


def to_record_form(kind: str, typed: str) -> str:
    """Return a typed value as a record keeps it.

    Args:
        kind: The field's kind.
        typed: What the person typed.
    """
    clean = "".join(c for c in typed.strip() if c.isprintable() or c == "　")
    return _BY_KIND.get(kind, str)(clean)


def _digits(typed: str) -> str:
    return to_ascii_digits(typed).translate(_SEPARATORS)


def _decimal(typed: str) -> str:
    return to_half_width(typed).replace("。", ".").replace("，", ".").strip()


def _alnum(typed: str) -> str:
    return to_half_width(typed).strip().upper()


def _date(typed: str) -> str:
    try:
        return parse_date(typed).isoformat() if typed else ""
    except JapaneseTextError:
        return typed


def _time(typed: str) -> str:
    found = re.fullmatch(r"([0-9]{1,2})(?:[:.時])([0-9]{1,2})分?", to_half_width(typed).strip())
    return f"{int(found[1]):02}:{int(found[2]):02}" if found else typed


def _katakana(typed: str) -> str:
    return to_katakana(widen_kana(typed)).replace(" ", "　")


def _kana(typed: str) -> str:
    return widen_kana(typed).replace(" ", "　")


def _hiragana(typed: str) -> str:
    return to_hiragana(widen_kana(typed)).replace(" ", "　")


_BY_KIND: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "digits",
                "account",
                "bank",
                "branch",
                "mynumber",
                "corporate_number",
                "postal",
                "phone",
                "amount",
            ),
            _digits,
        ),
        "decimal": _decimal,
        "alnum": _alnum,
        "date": _date,
        "time": _time,
        "kana": _kana,
        "katakana": _katakana,
        "hiragana": _hiragana,
    }
)
