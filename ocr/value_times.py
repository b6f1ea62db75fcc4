"""Dates and times: from the parts that were read to one value in record form.

A date is kept as 2026-04-01, a time as 08:30. What never was a day or a time stays as it was written, for the checks to
find; nothing is guessed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from backoffice.japanese.errors import JapaneseTextError
from backoffice.japanese.wareki import from_parts, parse_date
from ocr.reading import ILLEGIBLE, RawReading
from ocr.template_times import DateField, TimeField
from ocr.values import Row, Text

_TIME = re.compile(r"(午前|午後|AM|PM)?([0-9]{1,2})(?:[::.]|時)(?:([0-9]{1,2})分?|(半))?")
_HALVES = {"AM": "午前", "PM": "午後"}


def date_value(spec: DateField, rows: Mapping[str, Row], era: RawReading | None) -> RawReading:
    """Return a date in ISO form; what never was a day is left as written (令和8年13月1日) for the checks to find."""
    printed = spec.era if isinstance(spec.era, str) else None
    name = printed or (era.value if era else "")
    return _from_parts(rows, era, bool(printed or not name), lambda numbers: iso_date(name, numbers))


def time_value(spec: TimeField, rows: Mapping[str, Row], half: RawReading | None) -> RawReading:
    """Return a time of day as HH:MM of 24 hours; what is no time is left as written (25時00分)."""
    chosen = half.value if half else ""
    full_hours = spec.minute is None
    return _from_parts(rows, half, not chosen, lambda numbers: clock_time(chosen, numbers, full_hours))


def line_value(raw: RawReading, spec: DateField | TimeField) -> RawReading:
    """Return what a free line says as a date or a time; a line that says neither goes to a person as it was read."""
    shape = _date_of_line if isinstance(spec, DateField) else _time_of_line
    candidates = tuple((shape(text), score) for text, score in raw.candidates)
    return replace(raw, value=shape(raw.value), candidates=candidates)


def iso_date(era: str, numbers: Mapping[str, str]) -> str:
    """Return a date of an era (or of 西暦) in ISO form, or as written when there was no such day."""
    shown = [numbers[part] or ILLEGIBLE for part in ("year", "month", "day")]
    written = f"{era or ILLEGIBLE}{shown[0]}年{shown[1]}月{shown[2]}日"
    year, month, day = (_number(numbers[part]) for part in ("year", "month", "day"))
    if year is None or month is None or day is None or not era:
        return written
    if era == "西暦":
        return f"{year:04}-{month:02}-{day:02}"
    try:
        return from_parts(era, year, month, day, allow_old_era=False).to_date().isoformat()
    except JapaneseTextError:
        return written


def clock_time(half: str, numbers: Mapping[str, str], full_hours: bool = False) -> str:
    """Return a time as HH:MM, or as written when there is none (午後25時00分).

    午前12時 and 午後12時 are left as written: by law the first is noon (明治5年太政官布告337号), but both are used.
    """
    shown = numbers["hour"] or ILLEGIBLE
    minutes = "00" if full_hours else numbers.get("minute", "") or ILLEGIBLE
    written = f"{half}{shown}時{minutes}分"
    hour, minute = _number(numbers["hour"]), _number(minutes)
    limit = 12 if half else 24
    if hour is None or minute is None or hour >= limit or minute >= 60:
        return written
    return f"{hour + 12 * (half == '午後'):02}:{minute:02}"


def _from_parts(
    rows: Mapping[str, Row],
    mark: RawReading | None,
    may_be_empty: bool,
    shape: Callable[[Mapping[str, str]], str],
) -> RawReading:
    """Put parts together: the value of the best readings, candidates of the five best combinations."""
    numbers = {part: _bare(row.texts[0][0]) for part, row in rows.items()}
    parts = tuple(part for row in rows.values() for part in row.parts)
    if not any(numbers.values()) and may_be_empty:
        return RawReading("", 1.0, parts=parts)
    if mark is not None:
        parts += mark.parts or (("circle", mark.score),)
    value = shape(numbers)
    reason = next((row.reason for row in rows.values() if row.reason), "") or (mark.reason if mark else "")
    if ILLEGIBLE in value:
        reason = reason or "ocr.illegible"
    score = min((s for _, s in parts), default=0.0)
    return RawReading(value, score, _combined(rows, shape), reason, parts)


def _combined(rows: Mapping[str, Row], shape: Callable[[Mapping[str, str]], str]) -> tuple[Text, ...]:
    combined: list[tuple[dict[str, str], float]] = [({}, 1.0)]
    for part, row in rows.items():
        combined = [
            ({**numbers, part: _bare(text)}, p * score)
            for numbers, p in combined
            for text, score in row.texts[:2]
        ]
    found = [(shape(numbers), p) for numbers, p in sorted(combined, key=lambda item: -item[1])[:5]]
    return tuple(dict.fromkeys(found))


def _bare(text: str) -> str:
    """Return what stands in a row of cells; 元 (the first year) counts as 1."""
    inner = text.strip("□ 　")
    return "1" if inner == "元" else inner.replace("□", ILLEGIBLE)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _date_of_line(text: str) -> str:
    if not text:
        return ""
    try:
        return parse_date(text.replace("元年", "1年")).isoformat()
    except JapaneseTextError:
        return text


def _time_of_line(text: str) -> str:
    found = _TIME.fullmatch(text.replace(" ", "").replace("　", ""))
    if not found:
        return text
    half = _HALVES.get(found[1] or "", found[1] or "")
    minute = "30" if found[4] else found[3] or "00"
    return clock_time(half, {"hour": found[2], "minute": minute})
