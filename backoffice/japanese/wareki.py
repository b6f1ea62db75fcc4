"""The Japanese calendar (和暦): eras with their real first and last days, strict parsing, and formatting.

A day is refused with a reason rather than moved: 昭和64年1月8日 never existed, because 昭和 ended the day
before. Days before 明治6年1月1日 (1873-01-01) are refused too: until 明治5年12月2日 (1872-12-31) Japan counted
lunar months, so those dates cannot be turned into Gregorian ones by arithmetic. 明治5年12月3日 became
明治6年1月1日 by 太政官布告第337号.

Sources for the boundaries: 明治改元の詔 (慶応4年 counts as 明治元年 from its first day, 1868-01-25);
大正改元の詔書 「明治四十五年七月三十日以後ヲ改メテ大正元年ト為ス」,
昭和改元の詔書「大正十五年十二月二十五日以後ヲ改メテ昭和元年ト為ス」 (the day of the change belongs to the new
era); 元号を改める政令 昭和64年政令第1号 and 平成31年政令第143号 (in force from the next day and from
2019-05-01).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backoffice.japanese.digits import parse_number, to_ascii_digits, to_kanji_number
from backoffice.japanese.errors import DigitsError, WarekiError

FIRST_GREGORIAN_DAY = date(1873, 1, 1)


@dataclass(frozen=True)
class Era:
    """One era.

    Attributes:
        name: Two kanji, as written in full.
        letter: The roman letter of forms and of JIS X 0301.
        first_day: First day that belongs to the era.
        last_day: Last day that belongs to it; None while it lasts.
    """

    name: str
    letter: str
    first_day: date
    last_day: date | None

    def holds(self, day: date) -> bool:
        """Say whether the day belongs to this era."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


MEIJI = Era("明治", "M", date(1868, 1, 25), date(1912, 7, 29))
TAISHO = Era("大正", "T", date(1912, 7, 30), date(1926, 12, 24))
SHOWA = Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7))
HEISEI = Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30))
REIWA = Era("令和", "R", date(2019, 5, 1), None)
ERAS = (MEIJI, TAISHO, SHOWA, HEISEI, REIWA)


class Style(StrEnum):
    """How a date is written out."""

    FULL = "full"  # 令和元年5月1日
    PADDED = "padded"  # 令和元年05月01日
    LETTER = "letter"  # R1.5.1
    JIS = "jis"  # R01.05.01 (JIS X 0301)
    KANJI = "kanji"  # 令和元年五月一日


@dataclass(frozen=True)
class Wareki:
    """A day of the Japanese calendar that is known to exist; made by `from_date` or `from_parts`.

    Attributes:
        era: The era of the day.
        year: Year of the era, from 1 (元年).
        month: 1 to 12.
        day: 1 to 31.
    """

    era: Era
    year: int
    month: int
    day: int

    def to_date(self) -> date:
        """Return the same day of the Gregorian calendar."""
        return date(self.era.first_day.year + self.year - 1, self.month, self.day)

    def format(self, style: Style = Style.FULL) -> str:
        """Return the day written out; in FULL, PADDED and KANJI year 1 is 元年."""
        year, month, day = self.year, self.month, self.day
        match style:
            case Style.LETTER:
                return f"{self.era.letter}{year}.{month}.{day}"
            case Style.JIS:
                return f"{self.era.letter}{year:02}.{month:02}.{day:02}"
            case Style.PADDED:
                return f"{self.era.name}{_year_text(year)}年{month:02}月{day:02}日"
            case Style.KANJI:
                kanji_year = "元" if year == 1 else to_kanji_number(year)
                return f"{self.era.name}{kanji_year}年{to_kanji_number(month)}月{to_kanji_number(day)}日"
            case Style.FULL:
                return f"{self.era.name}{_year_text(year)}年{month}月{day}日"


def find_era(name: str) -> Era:
    """Return the era called '昭和', '昭', 'S', 's', 'Ｓ' or '㍼'.

    Raises:
        WarekiError: When no era from 明治 on has this name.
    """
    plain = unicodedata.normalize("NFKC", name).strip().upper()
    for era in ERAS:
        if plain and plain in (era.name, era.name[0], era.letter):
            return era
    raise WarekiError("japanese.era_unknown", known="、".join(era.name for era in ERAS))


def from_date(day: date) -> Wareki:
    """Return a Gregorian day as a day of the Japanese calendar.

    Raises:
        WarekiError: For days before 1873-01-01, when Japan still used lunar months.
    """
    if day < FIRST_GREGORIAN_DAY:
        raise WarekiError("japanese.before_gregorian")
    era = next(era for era in ERAS if era.holds(day))
    return Wareki(era, day.year - era.first_day.year + 1, day.month, day.day)


def from_parts(era: Era | str, year: int, month: int, day: int, *, allow_old_era: bool = False) -> Wareki:
    """Return the day with these parts, as it stands on a form; checked strictly.

    Args:
        era: The era or any name that `find_era` knows.
        year: Year of the era, 元年 is 1.
        month: 1 to 12.
        day: 1 to 31.
        allow_old_era: Take a day after the era's end (平成32年4月1日) and return it in the era it belongs to
            (令和2年4月1日). Papers printed before a change of era stay valid (関係省庁連絡会議申合せ 2019-04-01).

    Raises:
        WarekiError: When there was no such day, with the reason: no such month or day, before the era's first
            day, after its last day, or lunar months before 明治6年.
    """
    era = era if isinstance(era, Era) else find_era(era)
    if year < 1:
        raise WarekiError("japanese.era_year_below_one", era=era.name)
    if not 1 <= month <= 12:
        raise WarekiError("japanese.no_such_month")
    try:
        gregorian = date(era.first_day.year + year - 1, month, day)
    except ValueError as error:
        raise WarekiError("japanese.no_such_day") from error
    _check_boundaries(era, gregorian, allow_old_era)
    return from_date(gregorian)


def parse_wareki(text: str, *, allow_old_era: bool = False) -> date:
    """Return the Gregorian day that a text in the Japanese calendar names.

    Accepts 昭和50年1月31日, 昭和五十年一月三十一日, 令和元年5月1日, 昭50.1.31, S50.1.31, R1-5-1, H31/4/30,
    ㍻元年…, digits of either width, and spaces between the parts.

    Args:
        text: The whole date and nothing else.
        allow_old_era: See `from_parts`.

    Raises:
        WarekiError: When the text is not such a date, or the day never existed.
    """
    match = _WAREKI.fullmatch(_bare(text))
    if not match:
        raise WarekiError("japanese.wareki_not_readable")
    era, year, month, day = match.group("era", "year", "month", "day")
    number = 1 if year == "元" else _number(year)
    return from_parts(era, number, _number(month), _number(day), allow_old_era=allow_old_era).to_date()


def parse_date(text: str, *, allow_old_era: bool = False) -> date:
    """Return the day that a text names in the Japanese or the Gregorian calendar (2026-04-01, 2026年4月1日, 2026/4/1).

    Raises:
        WarekiError: When the text is neither, or the day never existed. Two-digit years without an era are refused.
    """
    match = _GREGORIAN.fullmatch(_bare(text))
    if not match:
        return parse_wareki(text, allow_old_era=allow_old_era)
    year, month, day = (_number(part) for part in match.group("year", "month", "day"))
    if not 1 <= month <= 12:
        raise WarekiError("japanese.no_such_month")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise WarekiError("japanese.no_such_day") from error


def format_wareki(day: date, style: Style = Style.FULL) -> str:
    """Return a Gregorian day written in the Japanese calendar.

    Raises:
        WarekiError: For days before 1873-01-01.
    """
    return from_date(day).format(style)


_NUMBER = "[0-9〇○零一二三四五六七八九十壱弐参拾]+"
_WAREKI = re.compile(
    "(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHRmtshr])"
    f"(?P<year>元|{_NUMBER})(?:年|(?P<mark>[./-]))(?P<month>{_NUMBER})(?(mark)(?P=mark)|月)"
    f"(?P<day>{_NUMBER})(?(mark)|日)"
)
_GREGORIAN = re.compile(
    f"(?:西暦)?(?P<year>[0-9]{{4}}|[〇一二三四五六七八九]{{4}})(?:年|(?P<mark>[./-]))"
    f"(?P<month>{_NUMBER})(?(mark)(?P=mark)|月)(?P<day>{_NUMBER})(?(mark)|日)"
)
# A date has no names in it, so folding its marks is safe: full-width forms, squared eras, hyphens.
_MARKS = str.maketrans("．・／－−‐‑‒–—―ー", "../" + "-" * 9)
_SQUARED = str.maketrans({"㍾": "明治", "㍽": "大正", "㍼": "昭和", "㍻": "平成", "㋿": "令和"})


def _bare(text: str) -> str:
    plain = to_ascii_digits(text).translate(_SQUARED).translate(_MARKS)
    plain = "".join(chr(ord(c) - 0xFEE0) if "Ａ" <= c <= "ｚ" else c for c in plain)
    return re.sub(r"\s", "", plain)


def _number(text: str) -> int:
    try:
        return parse_number(text)
    except DigitsError as error:
        raise WarekiError("japanese.wareki_not_readable") from error


def _year_text(year: int) -> str:
    return "元" if year == 1 else str(year)


def _check_boundaries(era: Era, day: date, allow_old_era: bool) -> None:
    if day < era.first_day:
        raise WarekiError("japanese.before_era", era=era.name, first=era.first_day.isoformat())
    if day < FIRST_GREGORIAN_DAY:
        raise WarekiError("japanese.before_gregorian")
    if era.last_day is not None and day > era.last_day and not allow_old_era:
        following = ERAS[ERAS.index(era) + 1]
        last = from_date(era.last_day).format()
        raise WarekiError(
            "japanese.after_era",
            era=era.name,
            last=last,
            next=following.name,
            first=following.first_day.isoformat(),
        )
