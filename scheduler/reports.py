"""What the time-saved account adds up to: by business, department, month and fiscal year, as towns publish it.

    業務名   導入前(h)   導入後(h)   削減(h)   削減率   基準

Before is what the items would have cost by hand; after is what people still spent: review, preparation, rework. Machine
hours stand apart. Nothing is rounded here; whoever shows a figure rounds it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.calendar import month_end
from backoffice.errors import UserError
from backoffice.japanese.fiscal_year import fiscal_year
from backoffice.messages import text
from scheduler.savings import TimeEntry

_MONTH = re.compile(r"(\d{4})-(\d{2})")


class MonthUnreadable(UserError):
    """The text is no month `YYYY-MM`, or the last month lies before the first."""


@dataclass(frozen=True)
class Sums:
    """Added-up entries; all times in hours.

    Attributes:
        items: Items done.
        before: What they would have cost by hand.
        after: What people still spent: review + preparation + rework.
        review: People's time in the review page.
        preparation: Preparation of the runs.
        rework: Mending of what was registered wrongly.
        machine: Wall time of the runs; no person's time.
    """

    items: int = 0
    before: float = 0.0
    review: float = 0.0
    preparation: float = 0.0
    rework: float = 0.0
    machine: float = 0.0

    @property
    def after(self) -> float:
        """Hours that people still spend."""
        return self.review + self.preparation + self.rework

    @property
    def saved(self) -> float:
        """Hours saved; negative when the machine costs more than it saves."""
        return self.before - self.after

    @property
    def rate(self) -> float | None:
        """Saved as a part of before; None when there was nothing before."""
        return self.saved / self.before if self.before else None


@dataclass(frozen=True)
class Line:
    """One line of a report.

    Attributes:
        name: Business, department, month `2026-04` or fiscal year `2026`.
        departments: Who works on it.
        sums: The figures.
        bases: On what measurements they rest, each once, in words.
    """

    name: str
    departments: tuple[str, ...]
    sums: Sums
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The account of a span of days.

    Attributes:
        first: First day asked for; None is the beginning.
        last: Last day asked for; None is the end.
        total: All together.
        businesses: One line per business, largest saving first.
        departments: One line per department, largest saving first.
        months: One line per month, in order; months without entries between two others are there with zeros.
        years: One line per fiscal year (April to March), in order.
        entries: What it was added up from.
    """

    first: date | None
    last: date | None
    total: Sums
    businesses: tuple[Line, ...]
    departments: tuple[Line, ...]
    months: tuple[Line, ...]
    years: tuple[Line, ...]
    entries: tuple[TimeEntry, ...]


def report(
    entries: Sequence[TimeEntry],
    first: date | None = None,
    last: date | None = None,
    *,
    language: str | None = None,
) -> Report:
    """Add up entries of the account (`TimeLedger.entries`).

    Args:
        entries: The entries of the days from first to last.
        first: First day asked for, as shown in the report.
        last: Last day asked for.
        language: Of the bases in words; the one in force by default.
    """
    businesses = _lines(entries, lambda e: e.business, language)
    departments = _lines(entries, lambda e: e.department, language)
    return Report(
        first=first,
        last=last,
        total=add_up(entries),
        businesses=tuple(sorted(businesses, key=_by_saving)),
        departments=tuple(sorted(departments, key=_by_saving)),
        months=_months(entries, language),
        years=tuple(_lines(entries, lambda e: str(fiscal_year(e.worked_on)), language)),
        entries=tuple(entries),
    )


def add_up(entries: Iterable[TimeEntry]) -> Sums:
    """Add up entries."""
    found = list(entries)
    return Sums(
        items=sum(e.items_done for e in found),
        before=sum(e.manual_minutes for e in found) / 60,
        review=sum(e.people_minutes for e in found) / 60,
        preparation=sum(e.preparation_minutes for e in found) / 60,
        rework=sum(e.rework_minutes for e in found) / 60,
        machine=sum(e.machine_seconds for e in found) / 3600,
    )


def period(first: str, last: str) -> tuple[date, date]:
    """Turn two months (`2026-04`, `2026-09`) into the first day of the one and the last day of the other.

    Raises:
        MonthUnreadable: Either is no month, or they are in the wrong order.
    """
    (first_year, first_month), (last_year, last_month) = _month(first), _month(last)
    if (first_year, first_month) > (last_year, last_month):
        raise MonthUnreadable("scheduler.months_reversed", first=first, last=last)
    return date(first_year, first_month, 1), month_end(last_year, last_month)


def basis_in_words(entry: TimeEntry, language: str | None = None) -> str:
    """Say on what the manual minutes of an entry rest: who measured when on how many, or that nobody did."""
    basis, minutes = entry.basis, f"{entry.manual_minutes_per_item:g}"
    if basis.get("assumption"):
        return text("scheduler.basis_assumed", language=language, minutes=minutes)
    return text(
        "scheduler.basis_measured",
        language=language,
        minutes=minutes,
        by=basis.get("measured_by", ""),
        on=basis.get("measured_on", ""),
        count=basis.get("sample_size", 0),
    )


def as_json(found: Report) -> dict[str, Any]:
    """Return a report for programs; hours are rounded to three decimals."""
    return {
        "first": found.first.isoformat() if found.first else None,
        "last": found.last.isoformat() if found.last else None,
        "total": _sums_json(found.total),
        "businesses": [_line_json(line) for line in found.businesses],
        "departments": [_line_json(line) for line in found.departments],
        "months": [_line_json(line) for line in found.months],
        "fiscal_years": [_line_json(line) for line in found.years],
        "entries": len(found.entries),
    }


def _by_saving(line: Line) -> tuple[float, str]:
    return -line.sums.saved, line.name


def _lines(entries: Iterable[TimeEntry], key: Callable[[TimeEntry], str], language: str | None) -> list[Line]:
    groups: dict[str, list[TimeEntry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return [_line(name, groups[name], language) for name in sorted(groups)]


def _line(name: str, entries: Sequence[TimeEntry], language: str | None) -> Line:
    departments = dict.fromkeys(entry.department for entry in entries)
    bases = dict.fromkeys(basis_in_words(entry, language) for entry in entries)
    return Line(name, tuple(departments), add_up(entries), tuple(bases))


def _months(entries: Sequence[TimeEntry], language: str | None) -> tuple[Line, ...]:
    lines = {line.name: line for line in _lines(entries, _month_of, language)}
    if not lines:
        return ()
    return tuple(lines.get(name, Line(name, (), Sums(), ())) for name in _span(min(lines), max(lines)))


def _month_of(entry: TimeEntry) -> str:
    return f"{entry.worked_on:%Y-%m}"


def _span(first: str, last: str) -> list[str]:
    (year, month), names = _month(first), [first]
    while names[-1] < last:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        names.append(f"{year:04}-{month:02}")
    return names


def _month(word: str) -> tuple[int, int]:
    found = _MONTH.fullmatch(word.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise MonthUnreadable("scheduler.month_wrong", where=word, value=word)
    return int(found[1]), int(found[2])


def _sums_json(sums: Sums) -> Mapping[str, Any]:
    hours = {
        "before_hours": sums.before,
        "after_hours": sums.after,
        "saved_hours": sums.saved,
        "review_hours": sums.review,
        "preparation_hours": sums.preparation,
        "rework_hours": sums.rework,
        "machine_hours": sums.machine,
    }
    rate = None if sums.rate is None else round(sums.rate, 4)
    return {"items": sums.items, **{name: round(value, 3) for name, value in hours.items()}, "rate": rate}


def _line_json(line: Line) -> Mapping[str, Any]:
    return {
        "name": line.name,
        "departments": list(line.departments),
        **_sums_json(line.sums),
        "bases": list(line.bases),
    }
