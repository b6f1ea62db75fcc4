"""Turns a template and its values into a page, with the catalogue at hand."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backoffice.messages import current_language, text
from console.rights import Right
from console.web.doors import Visitor, desk_of
from console.web.navigation import menu
from console.web.static_files import MarkedAddresses

HERE = Path(__file__).parent


def page(
    request: Request, template: str, *, visitor: Visitor | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """Render a page of ours.

    Args:
        request: The request that it answers.
        template: File name in `templates/`.
        visitor: Who looks at it; None before signing in.
        status: HTTP status.
        **values: What the template shows.
    """
    desk = desk_of(request)
    given = {
        "visitor": visitor,
        "town": desk.settings.town,
        "language": current_language(),
        "path": request.url.path,
        "base": str(request.base_url).rstrip("/"),
        "menu": menu(visitor.user, request.url.path) if visitor else [],
        "now": desk.clock(),
    }
    zone = ZoneInfo(desk.settings.timezone)
    told = _templates().get_template(template).render(Right=Right, zone=zone, **given, **values)
    return HTMLResponse(told, status, headers={"Cache-Control": "no-store"})


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[MarkedAddresses],
        auto_reload=False,  # a page goes with the texts of the same version, which are read once
    )
    environment.globals["t"] = _told
    environment.globals["text"] = text
    environment.filters["moment"] = _moment
    environment.filters["lasted"] = _lasted
    return environment


def _told(key: str, /, **values: Any) -> str:
    return text(f"console.{key}", **values)


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""


def _lasted(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
