"""The first page after signing in: what is mine to do, what waits, what runs tonight, what went wrong, what was saved.

An open page asks every now and then how things stand (`/overview/now`) and changes only what is different. Asking does
not keep the session alive: who walked away is signed out all the same.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from backoffice.standing import Standing
from backoffice.work_items import State
from console.rights import Right
from console.web.doors import Entered, Visitor, desk_of
from console.web.overview_looker import Looker
from console.web.overview_tasks import tasks
from console.web.overview_troubles import troubles
from console.web.overview_view import heaps, night, tonight
from console.web.rendering import page
from console.web.savings import fiscal_months

router = APIRouter()
QUEUED = (State.NEW, State.RETRY, State.IN_PROGRESS, State.COMMITTING)


@router.get("/")
def overview_page(request: Request, visitor: Entered) -> Response:
    """Show the office at a glance."""
    desk, facts = desk_of(request), _facts(request, visitor)
    first, last = facts["year"]
    view = desk.savings.view(first, last, visitor.user.scope)
    return page(request, "overview.html", visitor=visitor, chart=Markup(view.chart), **facts)


@router.get("/overview/now")
def overview_now(request: Request, visitor: Entered) -> Response:
    """Send the part of the page that changes, to an open page; the session's idle time goes on."""
    request.state.session = None
    return page(request, "overview_now.html", visitor=visitor, **_facts(request, visitor))


def _facts(request: Request, visitor: Visitor) -> dict[str, Any]:
    desk = desk_of(request)
    looker = Looker(desk, visitor.user, Standing(desk.work.engine, desk.work.owners))
    year, month = fiscal_months(looker.today), f"{looker.today:%Y-%m}"
    works = visitor.user.may(Right.WORK)
    return {
        "desk": desk,
        "tasks": tasks(looker),
        "heaps": heaps(looker),
        "tonight": tonight(looker) if works else [],
        "night": night(looker) if works else None,
        "troubles": troubles(looker),
        "tiles": _tiles(looker),
        "run_href": looker.run_href,
        "year": year,
        "saved_month": desk.savings.saved_hours(month, month, looker.scope),
        "saved_year": desk.savings.saved_hours(*year, looker.scope),
        "month": month,
        "today": looker.today,
    }


def _tiles(looker: Looker) -> list[tuple[str, int, str, str]]:
    """Return the key of the name, figure, address and look of the tiles of this person; time saved has its own."""
    found = []
    if looker.user.may(Right.REVIEW):
        waiting = sum(heap.count for heap in looker.standing.documents(looker.scope))
        found.append(("console.tile_waiting", waiting, "/documents", "doubt" if waiting else ""))
    if looker.user.may(Right.WORK):
        counts = looker.desk.work.item_counts(looker.scope)
        failed = counts[State.BUSINESS_FAILURE] + counts[State.SYSTEM_FAILURE]
        doubt = counts[State.IN_DOUBT]
        found += [
            (
                "console.tile_queued",
                sum(counts[state] for state in QUEUED),
                looker.to("/items", "/items?state=new"),
                "",
            ),
            (
                "console.tile_in_doubt",
                doubt,
                looker.to("/items", "/items?state=in_doubt"),
                "bad" if doubt else "",
            ),
            (
                "console.tile_failed",
                failed,
                looker.to("/items", "/items?state=business_failure"),
                "bad" if failed else "",
            ),
        ]
    return found
