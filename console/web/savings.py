"""時間削減: what was saved by month and business, as a chart, a table and a workbook."""

import re
from datetime import date
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from markupsafe import Markup

from backoffice.japanese.fiscal_year import fiscal_year
from console.errors import ArgumentWrong
from console.web.doors import Entered, desk_of
from console.web.rendering import page

router = APIRouter()
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/savings")
def savings_page(request: Request, visitor: Entered, first: str = "", last: str = "") -> Response:
    """Show the time saved, this fiscal year unless other months are asked for."""
    desk = desk_of(request)
    first, last = _months(request, first, last)
    view = desk.savings.view(first, last)
    charts = {part.by: Markup(part.chart) for part in view.parts}
    return page(request, "savings.html", visitor=visitor, view=view, chart=Markup(view.chart), charts=charts)


@router.get("/savings.xlsx")
def savings_workbook(request: Request, visitor: Entered, first: str = "", last: str = "") -> Response:
    """Send the report as a workbook."""
    desk = desk_of(request)
    first, last = _months(request, first, last)
    name = f"time-saved-{first}-{last}.xlsx"
    written = desk.savings.workbook(first, last, desk.settings.folder("outbox") / name)
    desk.audit.note(visitor.user.name, "report.download", name)
    return FileResponse(written, media_type=WORKBOOK, filename=name)


def fiscal_months(today: date) -> tuple[str, str]:
    """Return the first and last month of the fiscal year of a day, as "2026-04", "2027-03"."""
    year = fiscal_year(today)
    return f"{year}-04", f"{year + 1}-03"


def _months(request: Request, first: str, last: str) -> tuple[str, str]:
    desk = desk_of(request)
    today = desk.clock().astimezone(ZoneInfo(desk.settings.timezone)).date()
    usual = fiscal_months(today)
    chosen = (first or usual[0], last or usual[1])
    if not all(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) for month in chosen) or chosen[0] > chosen[1]:
        raise ArgumentWrong("console.months_wrong", where=f"{chosen[0][:10]}..{chosen[1][:10]}")
    return chosen
