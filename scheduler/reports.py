"""What the time-saved account adds up to: by business, job, department, form, month, fiscal year.

    業務名   導入前(h)   導入後(h)   削減(h)   削減率   基準

Before is what the items would have cost by hand; after is what people still spent: review, preparation, rework. Machine
hours stand apart. Nothing is rounded here; whoever shows a figure rounds it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from backoffice.calendar import month_end
from backoffice.errors import UserError
from backoffice.japanese.fiscal_year import fiscal_year
from backoffice.messages import text
from scheduler.savings import TimeEntry

AXES = ("business", "job", "department", "form", "month", "year")
"""By what a report can be looked at; the names of `Report.lines`."""
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
        name: Business, job, department, form, month `2026-04` or fiscal year `2026`.
        departments: Who works on it.
        sums: The figures.
        bases: On what measurements they rest, each once, in words.
        measured_on: The days of these measurements, each once, in order; nothing for what was only assumed.
    """

    name: str
    departments: tuple[str, ...]
    sums: Sums
    bases: tuple[str, ...]
    measured_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The account of a span of days.

    Attributes:
        first: First day asked for; None is the beginning.
        last: Last day asked for; None is the end.
        total: All together.
        businesses: One line per business, largest saving first.
        jobs: One line per job, largest saving first.
        departments: One line per department, largest saving first.
        forms: One line per form that the records come from, largest saving first; "" where there is none.
        months: One line per month, in order; months without entries between two others are there with zeros.
        years: One line per fiscal year (April to March), in order.
        entries: What it was added up from.
    """

    first: date | None
    last: date | None
    total: Sums
    businesses: tuple[Line, ...]
    jobs: tuple[Line, ...]
    departments: tuple[Line, ...]
    forms: tuple[Line, ...]
    months: tuple[Line, ...]
    years: tuple[Line, ...]
    entries: tuple[TimeEntry, ...]

    def lines(self, axis: str) -> tuple[Line, ...]:
        """Return the lines of one of `AXES`."""
        found = (self.businesses, self.jobs, self.departments, self.forms, self.months, self.years)
        return dict(zip(AXES, found, strict=True))[axis]


def report(
    entries: Sequence[TimeEntry],
    first: date | None = None,
    last: date | None = None,
    *,
    forms: Mapping[str, str] | None = None,
    language: str | None = None,
) -> Report:
    """Add up entries of the account (`TimeLedger.entries`).

    Args:
        entries: The entries of the days from first to last.
        first: First day asked for, as shown in the report.
        last: Last day asked for.
        forms: Process → title of the form that its records come from; other processes have no form.
        language: Of the bases in words; the one in force by default.
    """
    titles = forms or {}

    def largest_first(key: Callable[[TimeEntry], str]) -> tuple[Line, ...]:
        return tuple(sorted(_lines(entries, key, language), key=_by_saving))

    return Report(
        first=first,
        last=last,
        total=add_up(entries),
        businesses=largest_first(lambda e: e.business),
        jobs=largest_first(lambda e: e.job),
        departments=largest_first(lambda e: e.department),
        forms=largest_first(lambda e: titles.get(str(e.basis.get("process", "")), "")),
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


def cumulative(lines: Iterable[Line]) -> list[float]:
    """Return the hours saved up to and including each line."""
    return list(accumulate(line.sums.saved for line in lines))


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
    return basis_of(entry.manual_minutes_per_item, entry.basis, language)


def basis_of(minutes: float, basis: Mapping[str, Any], language: str | None = None) -> str:
    """Say on what some manual minutes per item rest."""
    if basis.get("assumption"):
        return text("scheduler.basis_assumed", language=language, minutes=f"{minutes:g}")
    return text(
        "scheduler.basis_measured",
        language=language,
        minutes=f"{minutes:g}",
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
        "jobs": [_line_json(line) for line in found.jobs],
        "departments": [_line_json(line) for line in found.departments],
        "forms": [_line_json(line) for line in found.forms],
        "months": [
            _line_json(line) | {"cumulative_hours": round(saved, 3)}
            for line, saved in zip(found.months, cumulative(found.months), strict=True)
        ],
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
    days = {
        str(entry.basis.get("measured_on") or "") for entry in entries if not entry.basis.get("assumption")
    }
    return Line(name, tuple(departments), add_up(entries), tuple(bases), tuple(sorted(days - {""})))


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


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "departments": list(line.departments),
        **_sums_json(line.sums),
        "bases": list(line.bases),
        "measured_on": list(line.measured_on),
    }
