"""What each kind of field reads, how a record keeps its value, and an example: the source of the reference of kinds.

The keys that a kind takes come from the classes in `template_fields.py` and `template_times.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

from ocr.template_fields import DeclaredField, keys_not_for


@dataclass(frozen=True)
class Kind:
    """One kind, as told in the reference.

    Attributes:
        reads: What stands on the paper.
        record: How the value is kept in a record; an empty field is always "".
        example: YAML of one field.
    """

    reads: str
    record: str
    example: str


_BOX = "box: [20, 20, 63, 8]"

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "digits": Kind(
            "A number in cells or on a free line whose leading zeros matter: a code, a receipt number.",
            "the digits as written: `00421`",
            f"{{name: 通知書番号, kind: digits, {_BOX}, cells: 10}}",
        ),
        "amount": Kind(
            "An amount of money or a count: right-aligned, filled with noughts, with ¥ or 金 in front (`yen: true`), "
            "with commas on a free line.",
            "digits without commas and leading noughts: `1800`",
            f"{{name: 申込額, kind: amount, {_BOX}, cells: 8, yen: true, min: 100, max: 500000}}",
        ),
        "decimal": Kind(
            "A number with a printed decimal point; each cell has its place beside the point.",
            "digits with a point: `36.5`",
            "{name: 体温, kind: decimal, decimals: 1, box: [20, 20, 21, 8], cells: 3, min: 34, max: 42}",
        ),
        "postal": Kind(
            "A postal code of 7 digits; printed hyphens are gaps between groups of cells.",
            "7 digits without a hyphen: `0600042`; checked against the postal codes and against the one address",
            "{name: 郵便番号, kind: postal, box: [20, 20, 49, 8], cells: [3, 4], gap: 3.5}",
        ),
        "phone": Kind(
            "A telephone number in cells or on a free line with hyphens or brackets.",
            "10 or 11 digits: `0312345678`",
            "{name: 電話番号, kind: phone, box: [20, 20, 66, 8], cells: 11, personal: true}",
        ),
        "mynumber": Kind(
            "個人番号.",
            "12 digits whose check digit fits",
            "{name: 個人番号, kind: mynumber, box: [20, 20, 84, 8], cells: [4, 4, 4], gap: 2, personal: true}",
        ),
        "corporate_number": Kind(
            "法人番号.",
            "13 digits whose check digit fits",
            "{name: 法人番号, kind: corporate_number, box: [20, 20, 91, 8], cells: 13}",
        ),
        "bank": Kind(
            "金融機関コード.",
            "4 digits of a bank that exists",
            "{name: 金融機関コード, kind: bank, box: [20, 20, 28, 8], cells: 4}",
        ),
        "branch": Kind(
            "支店コード of the bank field before it, or of the one that `bank:` names.",
            "3 digits of a branch that this bank has",
            "{name: 支店コード, kind: branch, box: [60, 20, 21, 8], cells: 3, bank: 金融機関コード}",
        ),
        "account": Kind(
            "口座番号.",
            "up to 7 digits (or as many as there are cells), leading zeros kept",
            "{name: 口座番号, kind: account, box: [20, 20, 49, 8], cells: 7, personal: true}",
        ),
        "alnum": Kind(
            "Digits and capital letters.",
            "as written: `RN7651E`",
            '{name: ロット番号, kind: alnum, box: [20, 20, 60, 8], cells: 8, pattern: "[A-Z]{2}[0-9]{4}[A-Z]?"}',
        ),
        "katakana": Kind(
            "Katakana in cells, also in two rows; ゛ and ゜ share the cell of their kana, an empty cell between two "
            "names is a space.",
            "full-width: `サトウ　ハナコ`",
            "{name: 氏名カナ, kind: katakana, box: [20, 20, 98, 17], cells: 14, rows: 2, row_gap: 1, personal: true}",
        ),
        "hiragana": Kind(
            "Hiragana, as katakana.",
            "full-width: `さとう　はなこ`",
            "{name: ふりがな, kind: hiragana, box: [20, 20, 112, 8], cells: 16, personal: true}",
        ),
        "kana": Kind(
            "Hiragana or katakana, as the writer likes; へ べ ぺ り follow the script of the others.",
            "full-width, in the script written",
            "{name: よみ, kind: kana, box: [20, 20, 70, 8], cells: 10, personal: true}",
        ),
        "kanji": Kind(
            "A name on a free line, or kanji in cells; known family names are likelier.",
            "as written, family and given name parted by a full-width space: `西村　直樹`",
            "{name: 氏名, kind: kanji, box: [20, 20, 92, 10], personal: true}",
        ),
        "text": Kind(
            "Any Japanese text on a free line or in cells.",
            "as written",
            "{name: 事業者名, kind: text, box: [20, 20, 150, 10], required: false}",
        ),
        "address": Kind(
            "An address on a free line; the one postal code of the form speaks for or against it.",
            "as written",
            "{name: 住所, kind: address, box: [20, 20, 150, 10], personal: true}",
        ),
        "date": Kind(
            "A day: cells or free spaces (`cells: 0`) for year, month and day behind a printed era or eras to mark, "
            "or of the western calendar (`era: 西暦`); or a free line (`box`). 元 is year 1.",
            "`2026-04-01`; what never was a day stays as written (`令和8年13月1日`) and goes to a person",
            "{name: 生年月日, kind: date, past: true, era: {style: circle, options: {昭和: [20, 20, 14, 8], "
            "平成: [36, 20, 14, 8]}}, year: {box: [55, 20, 14, 8]}, month: {box: [75, 20, 14, 8]}, "
            "day: {box: [95, 20, 14, 8]}}",
        ),
        "time": Kind(
            "A time of day: cells or free spaces for hour and minute, with or without 午前 and 午後 to mark; "
            "or a free line.",
            "`08:30`, 24 hours",
            "{name: 希望時刻, kind: time, hour: {box: [20, 20, 14, 8]}, minute: {box: [40, 20, 14, 8]}, "
            'earliest: "08:30", latest: "17:15"}',
        ),
        "choice": Kind(
            "One of several printed options, circled or ticked; two marks are doubt.",
            "the option's name: `普通`",
            "{name: 預金種別, kind: choice, style: circle, options: {普通: [20, 20, 20, 9], 当座: [44, 20, 20, 9]}}",
        ),
        "choices": Kind(
            "Any number of printed options, circled or ticked.",
            "the names in printed order, joined by 、: `市県民税、軽自動車税`",
            "{name: 対象税目, kind: choices, style: tick, least: 1, options: {市県民税: [20, 20, 4.5, 4.5], "
            "軽自動車税: [20, 30, 4.5, 4.5]}}",
        ),
        "checkbox": Kind(
            "One check box; `box` is the printed square itself.",
            "`checked` or `empty`",
            "{name: 同意, kind: checkbox, box: [20, 20, 4.5, 4.5]}",
        ),
        "mark": Kind(
            "A mark drawn by hand: ○ × △ ✓. A mark that `marks` does not name goes to a person.",
            "the word that `marks` gives for it: `可`",
            "{name: 判定, kind: mark, box: [20, 20, 10, 8], marks: {circle: 可, cross: 不可}}",
        ),
        "seal": Kind(
            "Is there a seal (印)? It is seen, not compared.",
            "`present` or `empty`",
            "{name: 届出印, kind: seal, box: [150, 20, 32, 22]}",
        ),
        "signature": Kind(
            "Is there a signature? It is seen, not compared.",
            "`present` or `empty`",
            "{name: 署名, kind: signature, box: [98, 20, 92, 14]}",
        ),
        "barcode": Kind(
            "A barcode or QR code, printed or stuck on; the box takes in its white margin. A code whose check fails is "
            "never told as a value.",
            "the text in the code",
            "{name: 受付票, kind: barcode, box: [150, 20, 30, 30], formats: [qr, code128], "
            'pattern: "HK-[0-9]{4}-[0-9]+"}',
        ),
        "table": Kind(
            "Detail rows: columns of any other kind, declared for the first row. Empty rows below the last filled one "
            "are no error.",
            "a field for each cell of the table, `明細1.金額`, `明細2.金額` …; in rules `明細.金額` is the column",
            "{name: 明細, kind: table, rows: 5, pitch: 9, min_rows: 1, columns: [{name: 品名, kind: text, "
            "box: [20, 40, 60, 8]}, {name: 金額, kind: amount, box: [90, 40, 35, 8], cells: 5}]}",
        ),
    }
)


def model_of(kind: str) -> type[BaseModel]:
    """Return the class that describes the fields of a kind.

    Raises:
        KeyError: There is no such kind.
    """
    for model in get_args(get_args(DeclaredField)[0]):
        if kind in kinds_of(model):
            found: type[BaseModel] = model
            return found
    raise KeyError(kind)


def kinds_of(model: type[BaseModel]) -> list[str]:
    """Return the kinds that a class of fields describes, in the order of its declaration."""
    return _words(model.model_fields["kind"].annotation)


def all_kinds() -> list[str]:
    """Return every kind that a template may name."""
    return [kind for model in get_args(get_args(DeclaredField)[0]) for kind in kinds_of(model)]


def keys_of(kind: str) -> dict[str, str]:
    """Return the keys that a field of this kind takes besides name and kind, each with what it says."""
    model = model_of(kind)
    return {
        field.alias or name: field.description or ""
        for name, field in model.model_fields.items()
        if name not in ("name", "kind", *keys_not_for(kind))
    }


def _words(annotation: Any) -> list[str]:
    """Return the words of a Literal, or of a union of them."""
    inner = get_args(annotation)
    return [word for one in inner for word in ([one] if isinstance(one, str) else _words(one))]
