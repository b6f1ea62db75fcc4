"""Invents what people write on the forms: complete, valid, and nobody's.

Names are combined at random from a list, addresses are real place names with invented house numbers, telephone
numbers stand in ranges that no carrier gives out (the local number begins with 0), account and personal numbers
are random with right check digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

DATA = Path(__file__).parent
AREA_CODES = ("03", "06", "011", "022", "045", "052", "075", "082", "092", "0263", "0742", "0985")
COMPANIES = (
    "青葉",
    "さくら",
    "北斗",
    "みどり",
    "大和",
    "東和",
    "朝日",
    "三共",
    "中央",
    "富士見",
    "若葉",
    "平成",
)
TRADES = ("建設", "製作所", "運輸", "商店", "食品", "電機", "印刷", "工業", "設備", "薬局")
KINDS = ("株式会社{}", "{}株式会社", "有限会社{}", "合同会社{}")
LOT_LETTERS = "ACEFHKLNPRTXY"
Record = dict[str, str]
Random = np.random.Generator
T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """An invented person; ``kana`` is full-width katakana, family and given name are apart."""

    family: str
    given: str
    family_kana: str
    given_kana: str
    sex: str

    @property
    def name(self) -> str:
        """Family and given name with a full-width space."""
        return f"{self.family}　{self.given}"

    @property
    def kana(self) -> str:
        """The reading with a full-width space."""
        return f"{self.family_kana}　{self.given_kana}"


def compose_record(form: str, rng: Random) -> Record:
    """Invent a complete and valid record of ``form``: field name to value, as in the truth files."""
    makers: Mapping[str, Callable[[Random], Record]] = {
        "kouza_furikae": _kouza_furikae,
        "idou_todoke": _idou_todoke,
        "yobou_yoshin": _yobou_yoshin,
    }
    return makers[form](rng)


def mynumber_check(first_eleven: str) -> str:
    """Return the check digit of an individual number (番号法 省令: modulus 11, remainder up to 1 gives 0)."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(first_eleven, weights, strict=True)) % 11
    return str(0 if rest <= 1 else 11 - rest)


def corporate_check(last_twelve: str) -> str:
    """Return the leading check digit of a corporate number (9 minus the weighted sum modulo 9)."""
    total = sum(int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(last_twelve)))
    return str(9 - total % 9)


def _kouza_furikae(rng: Random) -> Record:
    person = _person(rng)
    postal, address = _place(rng)
    bank, branch = _choice(rng, _table("banks.txt")).split()
    holder = person if rng.random() < 0.8 else _person(rng)
    taxes = ("市県民税", "固定資産税", "軽自動車税", "国民健康保険税")
    ticked = [tax for tax in taxes if rng.random() < 0.45] or [_choice(rng, taxes)]
    return {
        "届出日": _day(rng, date(2026, 4, 1), 210),
        "通知書番号": _digits(rng, 10),
        "納税者氏名カナ": person.kana,
        "納税者氏名": person.name,
        "郵便番号": postal,
        "電話番号": _phone(rng),
        "住所": address,
        "金融機関コード": bank,
        "支店コード": branch,
        "預金種別": _choice(rng, ("普通", "普通", "普通", "当座")),
        "口座番号": _digits(rng, 7),
        "口座名義カナ": holder.kana,
        "対象税目": "、".join(ticked),
        "振替方法": _choice(rng, ("期別", "期別", "全期前納")),
        "届出印": "present",
    }


def _idou_todoke(rng: Random) -> Record:
    person = _person(rng)
    corporate, mynumber = _digits(rng, 12), _digits(rng, 11)
    yearly = int(rng.integers(500, 6200)) * 100
    paid = yearly * int(rng.integers(1, 12)) // 12 // 100 * 100
    reason = _choice(rng, ("退職", "退職", "退職", "転勤", "休職", "死亡", "その他"))
    way = "特別徴収継続" if reason == "転勤" else _choice(rng, ("一括徴収", "普通徴収", "普通徴収"))
    company = _choice(rng, COMPANIES) + _choice(rng, TRADES)
    return {
        "指定番号": _digits(rng, 8),
        "法人番号": corporate_check(corporate) + corporate,
        "事業者名": _choice(rng, KINDS).format(company),
        "電話番号": _phone(rng),
        "受給者番号": _digits(rng, 10),
        "個人番号": mynumber + mynumber_check(mynumber),
        "氏名カナ": person.kana,
        "氏名": person.name,
        "生年月日": _day(rng, date(1958, 1, 1), 365 * 48),
        "異動年月日": _day(rng, date(2026, 4, 1), 210),
        "異動事由": reason,
        "特別徴収税額": str(yearly),
        "徴収済額": str(paid),
        "未徴収税額": str(yearly - paid),
        "徴収方法": way,
    }


def _yobou_yoshin(rng: Random) -> Record:
    person = _person(rng)
    postal, address = _place(rng)
    first, days = ((1922, 4 * 365), (1930, 58 * 365), (1989, 29 * 365), (2020, 5 * 365))[
        int(rng.choice(4, p=[0.08, 0.6, 0.17, 0.15]))
    ]
    usual = {1: "はい", **dict.fromkeys(range(2, 11), "いいえ")}
    other = {"はい": "いいえ", "いいえ": "はい"}
    answers = {
        f"質問{number}": answer if rng.random() < 0.82 else other[answer] for number, answer in usual.items()
    }
    refused = rng.random() < 0.1
    return {
        "接種券番号": _digits(rng, 10),
        "ふりがな": _hiragana(person.kana),
        "氏名": person.name,
        "性別": person.sex,
        "生年月日": _day(rng, date(first, 1, 5), days),
        "郵便番号": postal,
        "住所": address,
        "電話番号": _phone(rng) if rng.random() < 0.8 else "",
        "体温": f"{int(rng.integers(356, 374)) / 10:.1f}",
        **answers,
        "医師判定": "見合わせ" if refused else "可",
        "接種希望": "希望しません" if rng.random() < 0.08 else "希望します",
        "署名": "present",
        "接種日": _day(rng, date(2026, 10, 1), 45),
        "ロット番号": _lot(rng),
    }


def _person(rng: Random) -> Person:
    rows = [line.split() for line in _table("people.txt")]
    family = _choice(rng, [row for row in rows if row[0] == "family"])
    given = _choice(rng, [row for row in rows if row[0] != "family"])
    return Person(family[1], given[1], family[2], given[2], "男" if given[0] == "m" else "女")


def _place(rng: Random) -> tuple[str, str]:
    postal, town = _choice(rng, _table("places.txt")).split()
    numbers = [str(int(rng.integers(1, limit))) for limit in (6, 40, 30)]
    if rng.random() < 0.35:
        return postal, f"{town}{numbers[1]}番地"
    return postal, town + "-".join(numbers)


def _phone(rng: Random) -> str:
    if rng.random() < 0.6:
        return _choice(rng, ("090", "070")) + "0" + _digits(rng, 7)
    area = _choice(rng, AREA_CODES)
    return area + "0" + _digits(rng, 9 - len(area))


def _lot(rng: Random) -> str:
    letters = "".join(_choice(rng, LOT_LETTERS) for _ in range(2))
    return (
        letters + _digits(rng, int(rng.integers(4, 6))) + ("" if rng.random() < 0.5 else _choice(rng, "ACEH"))
    )


def _day(rng: Random, first: date, days: int) -> str:
    return (first + timedelta(days=int(rng.integers(0, days)))).isoformat()


def _digits(rng: Random, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def _hiragana(katakana: str) -> str:
    return "".join(chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter for letter in katakana)


def _choice(rng: Random, items: Sequence[T]) -> T:
    return items[int(rng.integers(0, len(items)))]


@cache
def _table(name: str) -> list[str]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
