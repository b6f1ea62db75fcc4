"""確認待ち: the documents that wait for a person, in groups and one by one, and the way into the first of them.

The list is narrowed by form and department; the address of a document carries the same words, so that the next document
is one of the same part of the queue.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from backoffice.document import DocumentState
from backoffice.messages import text
from backoffice.turns import Line
from backoffice.waiting_list import Group, Order
from console.web.doors import Entered, desk_of
from console.web.lists import PageNumber, Part, rows_of
from console.web.reasons import reason_words
from console.web.rendering import page
from console.web.review_answers import Narrowed, Within

router = APIRouter()
SHOWN = {"": DocumentState.WAITING, "returned": DocumentState.RETURNED}


class Listing:
    """How the list is shown: in which order, and which documents: those that wait, or those sent back."""

    def __init__(
        self,
        order: Annotated[str, StringConstraints(max_length=20)] = "",
        show: Annotated[str, StringConstraints(max_length=20)] = "",
    ) -> None:
        self.order = Order(order) if order in list(Order) else Order.AGE
        self.show = show if show in SHOWN else ""


@router.get("/documents")
def waiting_page(
    request: Request,
    visitor: Entered,
    within: Narrowed,
    listing: Annotated[Listing, Depends()],
    number: PageNumber = 1,
) -> Response:
    """List what waits, of the person's departments; one form, one department or both at choice."""
    desk, now = desk_of(request), desk_of(request).clock()
    waiting, state = desk.documents.waiting, SHOWN[listing.show]
    groups = waiting.groups(visitor.user.scope, state)
    shown = [group for group in groups if _within(group, within)]
    filters = {"form": within.form, "department": within.department, "show": listing.show}
    order = "" if listing.order is Order.AGE else listing.order.value
    part = Part(number, sum(group.count for group in shown), "/documents", filters | {"order": order})
    line = Line(visitor.user.scope, within.form, within.department)
    return page(
        request,
        "waiting.html",
        visitor=visitor,
        desk=desk,
        groups=[(group, age_words(group.oldest, now)) for group in groups],
        forms=sorted({group.form for group in groups}),
        departments=sorted({group.department for group in groups}),
        rows=[
            (row, age_words(row.created_at, now), reason_words(row.reason, ""))
            for row in waiting.rows(line, rows_of(number), visitor.user.name, listing.order, state)
        ],
        returned=sum(g.count for g in waiting.groups(visitor.user.scope, DocumentState.RETURNED)),
        within=within,
        query=query_of(within),
        listing=listing,
        orders=list(Order),
        part=part,
    )


@router.get("/documents/next")
def first_of_queue(request: Request, visitor: Entered, within: Narrowed) -> Response:
    """Open the document whose turn it is in this part of the queue; the list when there is none."""
    line = Line(visitor.user.scope, within.form, within.department)
    following = desk_of(request).documents.turns.next(visitor.user.name, line, 0)
    home = "/documents" if following is None else f"/documents/{following}"
    return RedirectResponse(f"{home}{query_of(within)}", 303)


def query_of(within: Within) -> str:
    """Return the part of the queue as the end of an address; empty for the whole queue."""
    asked = {"form": within.form, "department": within.department}
    return Part(1, 0, "", asked).address()


def age_words(since: datetime, now: datetime) -> str:
    """Return how long something has waited, as people say it: days, else hours, else minutes."""
    waited = max(now - since, timedelta())
    if waited.days:
        return text("queue.age_days", count=waited.days)
    hours, minutes = divmod(waited.seconds // 60, 60)
    return text("queue.age_hours", count=hours) if hours else text("queue.age_minutes", count=minutes)


def _within(group: Group, within: Within) -> bool:
    return within.form in ("", group.form) and within.department in ("", group.department)
