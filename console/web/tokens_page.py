"""API トークン: which systems may use the API, with which rights, until when; for administrators.

A token is shown once, in the answer to its making, and never again. Systems that ended stay in the list, so that the
audit trail's names can be looked up.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backoffice.errors import HakadoriError
from backoffice.messages import text
from console.errors import ArgumentWrong
from console.rights import Role
from console.tokens import LONGEST_DAYS, Token
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.people_fields import chosen_roles, known_departments, offered_departments, told_beside
from console.web.rendering import page

router = APIRouter()
Word = Annotated[str, Form(max_length=200)]
Words = Annotated[list[str], Form(max_length=100)]
USUAL_DAYS = "365"
BLANK: Mapping[str, Any] = {"name": "", "days": USUAL_DAYS, "roles": [], "departments": []}


@router.get("/tokens")
def tokens_page(request: Request, visitor: Entered, revoked: str = "") -> Response:
    """Show every token, and how to make one."""
    names = {token.name for token in desk_of(request).tokens.all()}
    good = text("accounts.token_revoked_now", name=revoked) if revoked in names else ""
    return _page(request, visitor, good=good)


@router.post("/tokens/add")
def add_token(
    request: Request,
    visitor: Entered,
    name: Word = "",
    days: Word = USUAL_DAYS,
    roles: Words = [],  # noqa: B006  FastAPI copies it
    departments: Words = [],  # noqa: B006
) -> Response:
    """Make a token and show it, this once."""
    desk = desk_of(request)
    try:
        token, secret = desk.tokens.add(
            name.strip(),
            roles=chosen_roles(roles),
            departments=known_departments(desk, departments),
            days=_number(days),
            who=visitor.user.name,
        )
    except HakadoriError as error:
        typed = {"name": name, "days": days, "roles": roles, "departments": departments}
        return _page(request, visitor, wrong=told_beside(error), typed=typed, status=400)
    about = {"roles": sorted(token.roles), "departments": sorted(token.departments)}
    desk.audit.note(visitor.user.name, "token.add", f"token/{token.name}", **about)
    return _page(request, visitor, made=token, secret=secret)


@router.post("/tokens/revoke")
def revoke_token(request: Request, visitor: Entered, name: Word = "") -> Response:
    """End a token at once."""
    desk = desk_of(request)
    try:
        token = desk.tokens.revoke(name)
    except HakadoriError as error:
        return _page(request, visitor, wrong=told_beside(error), status=400)
    desk.audit.note(visitor.user.name, "token.revoke", f"token/{token.name}")
    return RedirectResponse(f"/tokens?{urlencode({'revoked': token.name})}", 303)


def _number(days: str) -> int:
    if not (days.isascii() and days.isdigit() and len(days) <= 6):
        raise ArgumentWrong("accounts.days_no_number", where="days")
    return int(days)


def _state(desk: Desk, token: Token) -> str:
    if token.revoked_at is not None:
        return "is_revoked"
    return "holds" if token.holds(desk.clock()) else "ended"


def _page(
    request: Request,
    visitor: Visitor,
    *,
    good: str = "",
    wrong: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
    made: Token | None = None,
    secret: str = "",
    status: int = 200,
) -> Response:
    desk = desk_of(request)
    return page(
        request,
        "tokens.html",
        status=status,
        visitor=visitor,
        good=good,
        wrong=wrong or {},
        typed=typed or BLANK,
        made=made,
        secret=secret,
        tokens=[(token, _state(desk, token)) for token in desk.tokens.all()],
        roles=list(Role),
        departments=offered_departments(desk),
        longest=LONGEST_DAYS,
    )
