"""時間削減: what was saved by month, business, job and department, as charts, tables and a workbook.

A person sees the departments that are theirs; who has every department sees the town (ADR 0026). The person may narrow
that further, to one of them.
"""

import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from markupsafe import Markup
from starlette.background import BackgroundTask

from backoffice.japanese.fiscal_year import fiscal_year, fiscal_year_name
from backoffice.messages import current_language, text
from console.errors import ArgumentWrong, ThingMissing
from console.users import User
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page

router = APIRouter()
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Choice:
    """What a person wants to look at.

    Attributes:
        first: First month, "2026-04".
        last: Last month.
        department: One of the person's departments; empty for all of them.
        departments: Whose time is added up; None for the whole town.
    """

    first: str
    last: str
    department: str
    departments: Collection[str] | None

    def query(self, **other: str) -> str:
        """Return it as the query of an address, with some parts otherwise."""
        parts = {"first": self.first, "last": self.last, "department": self.department} | other
        return "&".join(f"{name}={value}" for name, value in parts.items() if value)


@router.get("/savings")
def savings_page(
    request: Request, visitor: Entered, first: str = "", last: str = "", department: str = ""
) -> Response:
    """Show the time saved, this fiscal year unless other months are asked for."""
    desk = desk_of(request)
    choice = _choice(desk, visitor, first, last, department)
    view = desk.savings.view(choice.first, choice.last, choice.departments)
    years = [(year_name(year), months_of(year)) for year in desk.savings.years(choice.departments)]
    return page(
        request,
        "savings.html",
        visitor=visitor,
        desk=desk,
        view=view,
        choice=choice,
        years=years,
        own=own_departments(desk, visitor.user),
        whose=_whose(desk, visitor.user, choice),
        chart=Markup(view.chart),
        charts={part.by: Markup(part.chart) for part in view.parts},
    )


@router.get("/savings.xlsx")
def savings_workbook(
    request: Request, visitor: Entered, first: str = "", last: str = "", department: str = ""
) -> Response:
    """Send the report as a workbook; it is made for this person alone and kept nowhere."""
    desk = desk_of(request)
    choice = _choice(desk, visitor, first, last, department)
    name = "-".join(part for part in ("time-saved", choice.first, choice.last, choice.department) if part)
    folder = tempfile.TemporaryDirectory(prefix="time-saved-")
    written = desk.savings.workbook(
        choice.first, choice.last, Path(folder.name) / "report.xlsx", choice.departments
    )
    desk.audit.note(visitor.user.name, "report.download", f"{name}.xlsx")
    return FileResponse(
        written, media_type=WORKBOOK, filename=f"{name}.xlsx", background=BackgroundTask(folder.cleanup)
    )


def today_of(desk: Desk) -> date:
    """Return the present day of the office."""
    return desk.clock().astimezone(ZoneInfo(desk.settings.timezone)).date()


def fiscal_months(today: date) -> tuple[str, str]:
    """Return the first and last month of the fiscal year of a day, as "2026-04", "2027-03"."""
    return months_of(fiscal_year(today))


def months_of(year: int) -> tuple[str, str]:
    """Return the first and last month of a fiscal year."""
    return f"{year}-04", f"{year + 1}-03"


def year_name(year: int) -> str:
    """Return a fiscal year as people say it: 令和8年度, FY2026."""
    return fiscal_year_name(year) if current_language() == "ja" else f"FY{year}"


def own_departments(desk: Desk, user: User) -> dict[str, str]:
    """Return the departments that a person sees, with their names."""
    return {name: shown for name, shown in desk.settings.departments.items() if user.sees(name)}


def _choice(desk: Desk, visitor: Visitor, first: str, last: str, department: str) -> Choice:
    usual = fiscal_months(today_of(desk))
    first, last = first or usual[0], last or usual[1]
    if not all(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) for month in (first, last)) or first > last:
        raise ArgumentWrong("console.months_wrong", where=f"{first[:10]}..{last[:10]}")
    if department and department not in own_departments(desk, visitor.user):
        raise ThingMissing("console.thing_missing", where="/savings")
    scope = visitor.user.scope
    return Choice(first, last, department, [department] if department else scope)


def _whose(desk: Desk, user: User, choice: Choice) -> str:
    """Say whose time is added up."""
    if choice.departments is None:
        return text("reports.whole_town")
    names = [desk.department(name) for name in sorted(choice.departments)]
    return text("console.comma").join(names) or text("reports.no_department")
