"""業務棚卸: where the hours go, what is worth automating and why, and the import of a survey.

The survey is the same for everybody (docs/adr/0026): hours of departments as they planned them, no run and no person.
What was saved beside it is that of the person's departments.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import FileResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.background import BackgroundTask

from backoffice.errors import DeclarationError, HakadoriError
from backoffice.files import safe_name
from backoffice.messages import text
from console.errors import ThingMissing
from console.savings import hours_text, signed
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page
from console.web.savings import WORKBOOK, fiscal_months, today_of
from console.workload import WorkloadOffice
from scheduler.chart_rows import rows_chart
from scheduler.chart_svg import Series
from scheduler.workload.effect import Effect, Part
from scheduler.workload.ranking import Ranking
from scheduler.workload.reasons import changes, missing_word, reasons, way_word
from scheduler.workload.survey import Survey

router = APIRouter()
SHOWN = 20
MOST_SHOWN = 500
CHARTED = 10
MOST_MISTAKES = 50
Word = Annotated[str, Query(max_length=200)]


@router.get("/workload")
def workload_page(
    request: Request,
    visitor: Entered,
    survey: Word = "",
    version: Annotated[int, Query(ge=0, le=100_000)] = 0,
    department: Word = "",
    category: Word = "",
    top: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = SHOWN,
    taken: Word = "",
) -> Response:
    """Show a survey, the newest by default, with its ranking."""
    office = _office(request)
    known = office.book.versions()
    if not known:
        return _page(request, visitor, versions=[])
    found = office.book.get(survey or None, version or None)
    ranking = office.rank(found, department or None, category or None)
    effect = office.effect(found, *fiscal_months(today_of(desk_of(request))), visitor.user.scope)
    chosen: dict[str, Any] = {"department": department, "category": category, "top": top}
    return _page(request, visitor, versions=known, taken=taken, **_facts(found, ranking, effect), **chosen)


@router.get("/workload.xlsx")
def workload_workbook(
    request: Request,
    visitor: Entered,
    survey: Word = "",
    version: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """Send the survey with its ranking as a workbook; it is made for this person alone and kept nowhere."""
    desk, office = desk_of(request), _office(request)
    if not office.book.versions():
        return RedirectResponse("/workload", 303)
    months = fiscal_months(today_of(desk))
    found = office.effect(office.book.get(survey or None, version or None), *months, visitor.user.scope)
    folder = tempfile.TemporaryDirectory(prefix="workload-")
    written = office.workbook(found, *months, Path(folder.name) / "workload.xlsx")
    name = f"workload-{found.survey.version}.xlsx"
    desk.audit.note(visitor.user.name, "report.download", name)
    return FileResponse(
        written, media_type=WORKBOOK, filename=name, background=BackgroundTask(folder.cleanup)
    )


@router.post("/workload")
def import_survey(
    request: Request,
    visitor: Entered,
    file: UploadFile | None = None,
    survey: Annotated[str, Form(max_length=100)] = "",
    sheet: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Import a survey, or tell every mistake of the file at once and import nothing."""
    office = _office(request)
    if file is None or not file.filename:
        return _page(request, visitor, status=400, mistakes=[text("reports.survey_no_file")])
    with tempfile.TemporaryDirectory(prefix="survey-") as folder:
        path = Path(folder) / (safe_name(Path(file.filename.replace("\\", "/")).name) or "survey")
        path.write_bytes(file.file.read())
        try:
            imported = office.enter(path, survey.strip() or None, sheet.strip() or None, visitor.user.name)
        except HakadoriError as error:
            told = mistakes_of(error)
            return _page(request, visitor, status=400, mistakes=told, typed_survey=survey, typed_sheet=sheet)
    return RedirectResponse(f"/workload?taken={'added' if imported.added else 'known'}", 303)


def mistakes_of(error: HakadoriError) -> list[str]:
    """Return the mistakes of a file, each in a sentence with its place, at most so many."""
    if not isinstance(error, DeclarationError):
        parts = error.parts()
        return [f"{parts.what} {parts.why} {parts.do}"]
    told = [problem.explain() for problem in error.problems[:MOST_MISTAKES]]
    left = len(error.problems) - len(told)
    return [*told, text("reports.survey_more_mistakes", count=left)] if left else told


def _facts(survey: Survey, ranking: Ranking, effect: Effect) -> dict[str, Any]:
    return {
        "survey": survey,
        "ranking": ranking,
        "effect": effect,
        "departments": list(dict.fromkeys(line.department for line in survey.lines)),
        "categories": list(dict.fromkeys(line.category for line in survey.lines)),
        "category_rows": [_part_row(part, part.name) for part in effect.categories],
        "category_total": _part_row(effect.total, text("workload.total")),
        "department_rows": [_part_row(part, part.name) for part in effect.departments],
        "categories_chart": _chart(
            "category", [(part.name, float(part.hours)) for part in effect.categories], "head_hours"
        ),
        "ranking_chart": _chart(
            "ranking",
            [(text("workload.work_and_kind", business=one.work.business, kind=one.work.task_kind), one.score)
             for one in ranking.candidates[:CHARTED]],
            "head_score",
        ),
    }  # fmt: skip


def _part_row(part: Part, name: str) -> Sequence[str]:
    told = [name, f"{part.hours:,.1f}", f"{part.share}%"]
    if not part.covered and not part.saved:
        return [*told, "―", "―", "―"]
    rate = "―" if part.rate is None else signed(f"{part.rate * 100:.2f}%")
    return [*told, f"{part.covered:,.1f}", hours_text(part.saved), rate]


def _chart(name: str, bars: Sequence[tuple[str, float]], head: str) -> Markup:
    largest = sorted(bars, key=lambda bar: -bar[1])[: 2 * CHARTED]
    return Markup(
        rows_chart(
            [label for label, _ in largest],
            [Series(text(f"workload.{head}"), tuple(value for _, value in largest))],
            identifier=f"workload-{name}",
            title=text(f"reports.chart_{name}"),
            description=text(
                "reports.chart_largest", names=text("console.comma").join(label for label, _ in largest[:3])
            ),
            unit=text("workload.axis_hours"),
        )
    )


def _page(request: Request, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
    given = {
        "versions": _office(request).book.versions() if "versions" not in values else (),
        "survey": None,
        "mistakes": [],
        "taken": "",
        "typed_survey": "",
        "typed_sheet": "",
        "reasons": reasons,
        "changes": changes,
        "way": way_word,
        "missing": missing_word,
    }
    return page(request, "workload.html", status=status, visitor=visitor, **given | values)


def _office(request: Request) -> WorkloadOffice:
    office = desk_of(request).workload
    if office is None:
        raise ThingMissing("console.thing_missing", where=request.url.path)
    return office
