"""The fiscal year (会計年度): April to March, named by the Western year of its April.

Source: 地方自治法第208条第1項 (for towns), 財政法第11条 (for the state).
"""

import re
from datetime import date

from backoffice.japanese.digits import parse_number, to_ascii_digits
from backoffice.japanese.errors import DigitsError, WarekiError
from backoffice.japanese.wareki import find_era, from_date

FIRST_MONTH = 4


def fiscal_year(day: date) -> int:
    """Return the fiscal year that a day belongs to: 2026-03-31 → 2025, 2026-04-01 → 2026."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def fiscal_year_days(year: int) -> tuple[date, date]:
    """Return the first and the last day of a fiscal year."""
    return date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH - 1, 31)


def fiscal_year_name(year: int) -> str:
    """Return the name of a fiscal year, as in 令和8年度.

    A year is named by the era of its 1 April, except 2019, which is 令和元年度
    (新元号への円滑な移行に向けた関係省庁連絡会議 申合せ, 2019-04-01).

    Raises:
        WarekiError: For years before 1873.
    """
    first = from_date(date(2019, 5, 1) if year == 2019 else date(year, FIRST_MONTH, 1))
    return f"{first.era.name}{'元' if first.year == 1 else first.year}年度"


def parse_fiscal_year(text: str) -> int:
    """Return the fiscal year that a text names: 令和8年度, R8年度, 平成31年度, 2026年度.

    平成31年度 and 令和元年度 are both 2019, as both stand on papers of that year.

    Raises:
        WarekiError: When the text is no such name, or the era has no such fiscal year.
    """
    plain = re.sub(r"\s", "", to_ascii_digits(text))
    match = re.fullmatch(r"(?P<era>\D+?)?(?P<year>元|[0-9〇一二三四五六七八九十]+)年度", plain)
    if not match or not (match["era"] or re.fullmatch(r"[0-9]{4}", match["year"])):
        raise WarekiError("japanese.fiscal_year_not_readable")
    if not match["era"] or match["era"] == "西暦":
        return _number(match["year"])
    era = find_era(match["era"])
    year = era.first_day.year + (1 if match["year"] == "元" else _number(match["year"])) - 1
    first, last = fiscal_year_days(year)
    if last < era.first_day or (era.last_day is not None and first > era.last_day):
        raise WarekiError("japanese.fiscal_year_outside_era", era=era.name)
    return year


def _number(text: str) -> int:
    try:
        return parse_number(text)
    except DigitsError as error:
        raise WarekiError("japanese.fiscal_year_not_readable") from error
