"""Turns templates into pages: header bar, wording of stored values, one error page for all troubles."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from samples.townoffice.businesses import Business, Field, Kind
from samples.townoffice.office import JAPAN, office_of
from samples.townoffice.sessions import COOKIE, NotLoggedIn, Staff
from samples.townoffice.store import Registration

_HERE = Path(__file__).parent
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request,
    template: str,
    *,
    heading: str,
    business: Business | None = None,
    screen: str = "SYS000",
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """Render one page.

    Args:
        request: The request it answers; its session fills the header bar.
        template: File name under ``templates/``.
        heading: The one ``<h1>`` of the page.
        business: The business whose tabs are shown, None outside of any.
        screen: Screen number in the header bar.
        status: HTTP status.
        values: What the template needs besides.
    """
    html = _TEMPLATES.get_template(template).render(
        heading=heading,
        business=business,
        screen=screen,
        staff=_staff_or_none(request),
        today=office_of(request).today,
        **values,
    )
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def trouble(request: Request, status: int, heading: str, message: str) -> HTMLResponse:
    """An error page: what happened and what to do."""
    screen = f"ERR{status}"
    return page(request, "message.html", heading=heading, status=status, message=message, screen=screen)


def shown_value(field: Field, value: str) -> str:
    """A stored value as the confirmation and detail pages word it."""
    if field.kind is Kind.PRESENCE:
        return field.mark if value == "present" else "なし"
    if field.kind is Kind.AMOUNT and value:
        return f"{int(value):,} 円"
    if field.kind is Kind.POSTAL and value:
        return f"{value[:3]}-{value[3:]}"
    return value


def shown_time(registration: Registration) -> str:
    """When it was registered, in Japanese time to the second."""
    return registration.registered_at.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M:%S")


def _staff_or_none(request: Request) -> Staff | None:
    try:
        return office_of(request).sessions.staff(request.cookies.get(COOKIE))
    except NotLoggedIn:
        return None


_TEMPLATES.globals.update(shown_value=shown_value, shown_time=shown_time)
