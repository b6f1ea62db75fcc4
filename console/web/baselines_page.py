"""手作業の基準: what an item cost by hand before; entered anew from a day on, with the history of who, when and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backoffice.messages import text
from console.baselines import PACE_DAYS, BaselineOffice, JobBaseline
from console.errors import ThingMissing
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page
from scheduler.job import TimeSaved
from scheduler.reports import basis_of

router = APIRouter()
MOST_MINUTES = 10_000.0
"""About a month of working time for one item; more is a slip of the pen."""
MOST_ITEMS = 100_000
Word = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True)
class Typed:
    """What a person typed into the form, as it was typed."""

    valid_from: str = ""
    business: str = ""
    minutes: str = ""
    preparation: str = ""
    known: str = "measured"
    measured_by: str = ""
    measured_on: str = ""
    sample_size: str = ""
    note: str = ""
    why: str = ""


@router.get("/baselines")
def baselines_page(request: Request, visitor: Entered) -> Response:
    """Show what counts today for each job of the person's departments, and what people spend now."""
    desk = desk_of(request)
    rows = _office(request).all(visitor.user.scope)
    return page(
        request, "baselines.html", visitor=visitor, desk=desk, rows=rows, told=basis_told, days=PACE_DAYS
    )


@router.get("/baselines/{job}")
def baseline_page(request: Request, visitor: Entered, job: str) -> Response:
    """Show the baseline of one job with its history, and the form for a new one."""
    standing = _office(request).of(job)
    return _page(request, visitor, standing, _typed_of(standing, _office(request).today))


@router.post("/baselines/{job}")
def enter_baseline(
    request: Request,
    visitor: Entered,
    job: str,
    seen: Annotated[int | None, Form(ge=0)] = None,
    source: Annotated[str, Form(pattern="^(page|file)$")] = "page",
    valid_from: Word = "",
    business: Word = "",
    minutes: Word = "",
    preparation: Word = "",
    known: Annotated[str, Form(pattern="^(measured|assumed)$")] = "measured",
    measured_by: Word = "",
    measured_on: Word = "",
    sample_size: Word = "",
    note: Words = "",
    why: Words = "",
) -> Response:
    """Add a baseline, or give the word back to the job's file, from a day on."""
    desk, office = desk_of(request), _office(request)
    standing = office.of(job)
    typed = Typed(
        valid_from=valid_from.strip(),
        business=business.strip(),
        minutes=minutes.strip(),
        preparation=preparation.strip(),
        known=known,
        measured_by=measured_by.strip(),
        measured_on=measured_on.strip(),
        sample_size=sample_size.strip(),
        note=note.strip(),
        why=why.strip(),
    )
    wrong = mistakes(typed, standing, office.today, as_file=source == "file")
    if wrong:
        return _page(request, visitor, standing, typed, wrong, status=400)
    day = date.fromisoformat(typed.valid_from)
    basis = None if source == "file" else _basis(typed, standing)
    if not office.enter(job, day, basis, who=visitor.user.name, why=typed.why, seen=seen):
        last = office.of(job)
        told = {"": text("reports.baseline_conflict", who=last.history[-1].who if last.history else "")}
        return _page(request, visitor, last, typed, told, status=409)
    told_minutes = basis.manual_minutes_per_item if basis else None
    desk.audit.note(
        visitor.user.name, "baseline.enter", f"job/{job}", valid_from=day.isoformat(), minutes=told_minutes
    )
    return RedirectResponse(f"/baselines/{job}?saved=1", 303)


def mistakes(typed: Typed, standing: JobBaseline, today: date, *, as_file: bool) -> Mapping[str, str]:
    """Return what is wrong with what was typed: field → sentence; empty when all is well."""
    wrong: dict[str, str] = {}
    day = _day(typed.valid_from)
    if day is None or day < today:
        wrong["valid_from"] = text("reports.wrong_valid_from", today=today.isoformat())
    if not typed.why:
        wrong["why"] = text("reports.wrong_why")
    if as_file:
        return wrong
    if standing.job.time_saved is None and not 0 < len(typed.business) <= 100:
        wrong["business"] = text("reports.wrong_business")
    for name, value in (("minutes", typed.minutes), ("preparation", typed.preparation or "0")):
        if _figure(value) is None:
            wrong[name] = text("reports.wrong_minutes", most=f"{MOST_MINUTES:,.0f}")
    if typed.known == "measured":
        wrong |= _unmeasured(typed, today)
    return wrong


def basis_told(basis: TimeSaved) -> str:
    """Say on what a baseline rests: minutes, who measured it, when and on how many, or that nobody did."""
    return basis_of(basis.manual_minutes_per_item, basis.model_dump(mode="json"))


def _unmeasured(typed: Typed, today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not typed.measured_by:
        wrong["measured_by"] = text("reports.wrong_measured_by")
    day = _day(typed.measured_on)
    if day is None or day > today:
        wrong["measured_on"] = text("reports.wrong_measured_on")
    plain = typed.sample_size.isascii() and typed.sample_size.isdigit() and len(typed.sample_size) <= 6
    if not plain or not 1 <= int(typed.sample_size) <= MOST_ITEMS:
        wrong["sample_size"] = text("reports.wrong_sample_size")
    return wrong


def _basis(typed: Typed, standing: JobBaseline) -> TimeSaved:
    declared, measured = standing.job.time_saved, typed.known == "measured"
    return TimeSaved(
        business=declared.business if declared else typed.business,
        process=declared.process if declared else standing.process,
        manual_minutes_per_item=float(typed.minutes),
        preparation_minutes_per_run=float(typed.preparation or 0),
        measured_by=typed.measured_by if measured else "",
        measured_on=_day(typed.measured_on) if measured else None,
        sample_size=int(typed.sample_size) if measured else 0,
        assumption=not measured,
        note=typed.note,
    )


def _typed_of(standing: JobBaseline, today: date) -> Typed:
    """Return what the form shows at first: what counts today, but for the reason."""
    basis = standing.basis
    if basis is None:
        return Typed(valid_from=today.isoformat(), business=standing.job.title)
    return Typed(
        valid_from=today.isoformat(),
        business=basis.business,
        minutes=f"{basis.manual_minutes_per_item:g}",
        preparation=f"{basis.preparation_minutes_per_run:g}",
        known="assumed" if basis.assumption else "measured",
        measured_by=basis.measured_by,
        measured_on=basis.measured_on.isoformat() if basis.measured_on else "",
        sample_size=str(basis.sample_size or ""),
        note=basis.note,
    )


def _page(
    request: Request,
    visitor: Visitor,
    standing: JobBaseline,
    typed: Typed,
    wrong: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "baseline.html",
        status=status,
        visitor=visitor,
        desk=desk_of(request),
        one=standing,
        typed=typed,
        wrong=wrong or {},
        today=_office(request).today,
        told=basis_told,
        days=PACE_DAYS,
        most=MOST_MINUTES,
        saved=request.query_params.get("saved") == "1",
    )


def _office(request: Request) -> BaselineOffice:
    office = desk_of(request).baselines
    if office is None:
        raise ThingMissing("console.thing_missing", where=request.url.path)
    return office


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _figure(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if 0 <= value <= MOST_MINUTES else None
