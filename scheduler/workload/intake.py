"""From the grid of a survey file to its lines: headings, cells, totals, and all mistakes at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from backoffice.errors import Problem
from backoffice.suggest import did_you_mean
from scheduler.workload.columns import (
    HEADINGS,
    MEDIA,
    NEEDED,
    SUBTOTALS,
    TOTALS,
    heading_key,
    parse_hours,
    parse_medium,
    parse_routine,
    parse_volume,
)
from scheduler.workload.source import Grid
from scheduler.workload.survey import GROUP_MARK, Medium, SurveyLine, SurveyWrong, total_hours

SEARCHED_ROWS = 30
"""Within so many rows the headings must stand; above them are titles and remarks."""
TOLD_AT_MOST = 100
LONGEST = {"department": 100, "category": 100, "business": 200, "task_kind": 100}


@dataclass(frozen=True)
class Intake:
    """What a survey file held.

    Attributes:
        lines: Its lines.
        rounded: Hours that were finer than a thousandth and were rounded to it.
        checked: Rows of totals that were checked and agree.
        unused: Headings of columns that a survey does not need.
    """

    lines: tuple[SurveyLine, ...]
    rounded: int
    checked: int
    unused: tuple[str, ...]


@dataclass
class _Work:
    """What is gathered while the rows are gone through."""

    file: str
    columns: Mapping[str, int]
    headings: Sequence[str]
    lines: list[SurveyLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rounded: int = 0
    checked: int = 0
    since_subtotal: int = 0
    seen: dict[tuple[object, ...], int] = field(default_factory=dict)

    def refuse(self, row: int, column: str, key: str, **values: object) -> None:
        heading = self.headings[self.columns[column]] if column in self.columns else column
        self.problems.append(Problem(f"{self.file}:{row}:{heading}", key, values))


def read_survey(grid: Grid) -> Intake:
    """Read the lines of a survey.

    Raises:
        SurveyWrong: With every mistake of the file: its row, the heading of its column, what is wrong, what to write.
    """
    row, columns, unused = _headings(grid)
    work = _Work(grid.file, columns, grid.rows[row - 1])
    for number, cells in enumerate(grid.rows[row:], row + 1):
        own = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        if any(own.values()):
            _take_row(work, number, own)
    if not work.lines and not work.problems:
        work.problems.append(Problem(grid.file, "workload.no_lines"))
    if work.problems:
        more = len(work.problems) - TOLD_AT_MOST
        told = work.problems[:TOLD_AT_MOST]
        raise SurveyWrong(
            told + ([Problem(grid.file, "workload.more_problems", {"count": more})] if more > 0 else [])
        )
    return Intake(tuple(work.lines), work.rounded, work.checked, tuple(unused))


def _headings(grid: Grid) -> tuple[int, dict[str, int], list[str]]:
    """Find the row of the headings: the one that names most columns, hours among them."""
    best = max(
        range(1, min(len(grid.rows), SEARCHED_ROWS) + 1),
        key=lambda row: len({heading_key(cell) for cell in grid.rows[row - 1]} - {None}),
        default=0,
    )
    cells = grid.rows[best - 1] if best else []
    found: dict[str, int] = {}
    problems, unused = [], []
    for at, cell in enumerate(cells):
        key = heading_key(cell)
        if key is None:
            unused += [cell] if cell else []
        elif key in found:
            values = {"heading": cell, "other": cells[found[key]]}
            problems.append(Problem(f"{grid.file}:{best}", "workload.heading_twice", values))
        else:
            found[key] = at
    for key in NEEDED:
        if key not in found:
            known = HEADINGS[key]
            near = did_you_mean(known[0], unused) if unused else ""
            values = {"heading": known[0], "aliases": "、".join(known[1:]), "hint": near}
            problems.append(Problem(f"{grid.file}:{max(best, 1)}", "workload.heading_missing", values))
    if problems:
        raise SurveyWrong(problems)
    return best, found, unused


def _take_row(work: _Work, row: int, own: Mapping[str, str]) -> None:
    names = [own[name] for name in ("department", "category", "business") if own[name]]
    if own.get("group"):
        names.insert(0, own["group"])
    mark = next((name.replace(" ", "").replace("\u3000", "").casefold() for name in names), "")
    if mark in TOTALS or mark in SUBTOTALS:
        _check_total(
            work, row, own["hours"], work.lines if mark in TOTALS else work.lines[work.since_subtotal :]
        )
        if mark in SUBTOTALS:
            work.since_subtotal = len(work.lines)
        return
    before = len(work.problems)
    texts = dict(_texts(work, row, own))
    hours = _hours(work, row, own["hours"])
    volume = _value(work, row, "volume", own["volume"])
    routine = _value(work, row, "routine", own.get("routine", ""))
    medium = _medium(work, row, own["medium"])
    key = (*texts.values(), medium)
    if len(work.problems) == before and key in work.seen:
        work.refuse(row, "business", "workload.line_twice", other=work.seen[key], business=texts["business"])
    if len(work.problems) > before or hours is None or medium is None:
        return
    work.seen[key] = row
    whole = None if volume is None else int(volume)
    work.lines.append(SurveyLine(row=row, hours=hours, volume=whole, medium=medium, routine=routine, **texts))


def _texts(work: _Work, row: int, own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, longest in LONGEST.items():
        cell = " ".join(own[name].split())
        if not cell:
            work.refuse(row, name, "workload.cell_empty")
        group = " ".join(own.get("group", "").split())
        if name == "category" and group:
            cell = f"{group}{GROUP_MARK}{cell}"
        if len(cell) > longest:
            work.refuse(row, name, "workload.cell_long", limit=longest)
        yield name, cell


def _hours(work: _Work, row: int, cell: str) -> Decimal | None:
    if cell.startswith("="):
        work.refuse(row, "hours", "workload.formula")
        return None
    try:
        hours, rounded = parse_hours(cell)
    except ValueError:
        key = "workload.hours_wrong" if cell else "workload.cell_empty"
        work.refuse(row, "hours", key, **({"value": cell[:60]} if cell else {}))
        return None
    work.rounded += rounded
    return hours


def _value(work: _Work, row: int, name: str, cell: str) -> float | None:
    try:
        return parse_volume(cell) if name == "volume" else parse_routine(cell)
    except ValueError:
        work.refuse(row, name, f"workload.{name}_wrong", value=cell[:60])
        return None


def _medium(work: _Work, row: int, cell: str) -> Medium | None:
    try:
        return parse_medium(cell)
    except ValueError:
        known = "、".join(dict.fromkeys(next(w for w, m in MEDIA.items() if m is one) for one in Medium))
        work.refuse(row, "medium", "workload.medium_wrong", value=cell[:60] or "-", known=known)
        return None


def _check_total(work: _Work, row: int, cell: str, lines: Sequence[SurveyLine]) -> None:
    """Compare a total of the file with the sum of its lines; each rounded line may be off by half a thousandth."""
    told = _hours(work, row, cell)
    if told is None or work.problems:
        return  # with a line missing, every total would be wrong too
    added = total_hours(lines)
    if abs(told - added) > Decimal("0.0005") * (work.rounded + 1):
        work.refuse(row, "hours", "workload.total_wrong", told=f"{told:,}", added=f"{added:,}")
        return
    work.checked += 1
