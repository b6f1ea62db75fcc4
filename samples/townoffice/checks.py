"""Server-side checks of one value, with the messages a clerk reads in red beside the field.

Each check returns the value as it is stored: digits without hyphens, ISO dates, full-width spaces in names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from samples.townoffice.businesses import Field, Kind
from samples.townoffice.dates import parse_japanese, parse_western

UNREADABLE = "●"
"""The mark for a character nobody could read; it must never get into a register."""


class WrongEntry(ValueError):
    """A value that cannot be registered; the text of the error is the message for the clerk."""


def check_value(field: Field, typed: str, today: date) -> str:
    """Check one typed value and return it in its stored form.

    Args:
        field: The field it was typed into.
        typed: What was typed or chosen; ``""`` when nothing was.
        today: The office's date, for birthdays in the future.

    Raises:
        WrongEntry: The value is missing or wrong.
    """
    typed = typed.strip()
    if not typed:
        if field.required:
            raise WrongEntry(_missing(field))
        return ""
    if UNREADABLE in typed:
        raise WrongEntry(f"{field.label}に使用できない文字「{UNREADABLE}」が含まれています。")
    if field.kind is Kind.BIRTHDAY:
        return _birthday(field, typed, today)
    return _CHECKS[field.kind](field, typed)


def mynumber_check_digit(first_eleven: str) -> int:
    """Check digit of a 個人番号 from its first 11 digits (番号法施行 総務省令 第85号 第5条)."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(first_eleven, weights, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def corporate_check_digit(last_twelve: str) -> int:
    """Leading check digit of a 法人番号 from the 12 digits after it (法人番号の指定等に関する省令 第2条)."""
    weighted = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(last_twelve)))
    return 9 - sum(weighted) % 9


def _missing(field: Field) -> str:
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return f"{field.label}を選択してください。"
    return f"{field.label}は必須です。入力してください。"


def _digits(field: Field, typed: str) -> str:
    message = f"{field.label}は半角数字{field.length}桁で入力してください。"
    return _match(typed, rf"[0-9]{{{field.length}}}", message)


def _date(field: Field, typed: str) -> str:
    day = parse_western(typed)
    if day is None:
        raise WrongEntry(f"{field.label}は正しい日付を YYYY-MM-DD の形で入力してください。")
    return day.isoformat()


def _birthday(field: Field, typed: str, today: date) -> str:
    day = parse_japanese(typed)
    if day is None:
        raise WrongEntry(f"{field.label}は正しい日付を和暦で入力してください。")
    if day > today:
        raise WrongEntry(f"{field.label}に未来の日付は入力できません。")
    return day.isoformat()


def _katakana(field: Field, typed: str) -> str:
    message = f"{field.label}は全角カタカナで入力してください。"
    return _text(field, _match(_spaces(typed), r"[ァ-ヶー・　]+", message))


def _hiragana(field: Field, typed: str) -> str:
    message = f"{field.label}はひらがなで入力してください。"
    return _text(field, _match(_spaces(typed), r"[ぁ-ゖー・　]+", message))


def _text(field: Field, typed: str) -> str:
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in typed):
        raise WrongEntry(f"{field.label}に改行などの制御文字は入力できません。")
    if len(typed) > field.length:
        raise WrongEntry(f"{field.label}は{field.length}文字以内で入力してください。")
    return typed


def _postal(field: Field, typed: str) -> str:
    message = f"{field.label}は半角数字7桁で入力してください。"
    return _match(typed, r"[0-9]{3}-?[0-9]{4}", message).replace("-", "")


def _phone(field: Field, typed: str) -> str:
    message = f"{field.label}は0から始まる半角数字10桁または11桁で入力してください。"
    return _match(typed.replace("-", ""), r"0[0-9]{9,10}", message)


def _amount(field: Field, typed: str) -> str:
    message = f"{field.label}は半角数字{field.length}桁以内で入力してください。"
    return str(int(_match(typed.replace(",", ""), rf"[0-9]{{1,{field.length}}}", message)))


def _temperature(field: Field, typed: str) -> str:
    message = f"{field.label}は34.0から42.9までを小数第1位まで入力してください。"
    _match(typed, r"[0-9]{2}\.[0-9]", message)
    if not 34.0 <= float(typed) <= 42.9:
        raise WrongEntry(message)
    return typed


def _alnum(field: Field, typed: str) -> str:
    message = f"{field.label}は半角英大文字・数字{field.length}桁以内で入力してください。"
    return _match(typed, rf"[0-9A-Z]{{1,{field.length}}}", message)


def _mynumber(field: Field, typed: str) -> str:
    _match(typed, r"[0-9]{12}", f"{field.label}は半角数字12桁で入力してください。")
    if int(typed[-1]) != mynumber_check_digit(typed[:-1]):
        raise WrongEntry(f"{field.label}の検査用数字が一致しません。番号を確認してください。")
    return typed


def _corporate_number(field: Field, typed: str) -> str:
    _match(typed, r"[0-9]{13}", f"{field.label}は半角数字13桁で入力してください。")
    if int(typed[0]) != corporate_check_digit(typed[1:]):
        raise WrongEntry(f"{field.label}の検査用数字が一致しません。番号を確認してください。")
    return typed


def _chosen(field: Field, typed: str) -> str:
    if any(name not in field.options for name in typed.split("、")):
        raise WrongEntry(f"{field.label}を選択してください。")
    return typed


def _as_is(_field: Field, typed: str) -> str:
    return typed


def _spaces(typed: str) -> str:
    return typed.replace(" ", "　")


def _match(typed: str, pattern: str, message: str) -> str:
    if re.fullmatch(pattern, typed) is None:
        raise WrongEntry(message)
    return typed


_CHECKS: dict[Kind, Callable[[Field, str], str]] = {
    Kind.DIGITS: _digits,
    Kind.DATE: _date,
    Kind.KATAKANA: _katakana,
    Kind.HIRAGANA: _hiragana,
    Kind.TEXT: _text,
    Kind.POSTAL: _postal,
    Kind.PHONE: _phone,
    Kind.AMOUNT: _amount,
    Kind.TEMPERATURE: _temperature,
    Kind.ALNUM: _alnum,
    Kind.CORPORATE_NUMBER: _corporate_number,
    Kind.MYNUMBER: _mynumber,
    Kind.CHOICE: _chosen,
    Kind.CHOICES: _chosen,
    Kind.PRESENCE: _as_is,
}
