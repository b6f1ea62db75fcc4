"""Puts the stand-in together as one FastAPI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from samples.townoffice import entrance, inquiry, operations, practice, registration
from samples.townoffice.faults import FaultSwitch
from samples.townoffice.office import Office
from samples.townoffice.rendering import trouble
from samples.townoffice.sessions import NotLoggedIn, Sessions
from samples.townoffice.store import Store

_CONTENT_POLICY = "default-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'self'"
_UNTOUCHED = ("/__", "/static/")
_CLOSED = "ただいまシステムを停止しています。しばらくしてから利用してください。"
_NO_PAGE = "指定された画面はありません。業務メニューから選択してください。"


def _now() -> datetime:
    return datetime.now(UTC)


def _cannot_hang_up(_client: tuple[str, int]) -> bool:
    return False


def create_app(
    database: Path,
    password: str,
    *,
    clock: Callable[[], datetime] = _now,
    hang_up: Callable[[tuple[str, int]], bool] = _cannot_hang_up,
) -> FastAPI:
    """Make the application.

    Args:
        database: SQLite file for the registrations; made when missing.
        password: The password of ``robot01``.
        clock: Present time, aware; sessions end and birthdays are checked by it.
        hang_up: Closes a client's connection for the fault ``drop_after``; without it that fault answers 500.
    """
    app = FastAPI(title="townoffice", docs_url=None, redoc_url=None, openapi_url=None)
    sessions = Sessions(password, clock)
    app.state.office = Office(Store(database, clock), sessions, FaultSwitch(), clock, hang_up)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.include_router(operations.router)
    app.include_router(entrance.router)
    app.include_router(practice.router)
    app.include_router(registration.router)
    app.include_router(inquiry.router)
    app.add_exception_handler(NotLoggedIn, _to_login)
    app.add_exception_handler(HTTPException, _plain_trouble)
    app.middleware("http")(_guard)
    return app


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    office: Office = request.app.state.office
    touched = not request.url.path.startswith(_UNTOUCHED)
    if touched and office.faults.now.all == "503":
        response: Response = trouble(request, 503, "サービス停止中", _CLOSED)
    else:
        response = await answer(request)
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    return response


async def _to_login(_request: Request, error: Exception) -> Response:
    expired = isinstance(error, NotLoggedIn) and error.expired
    return RedirectResponse("/login?reason=expired" if expired else "/login", 303)


async def _plain_trouble(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return trouble(request, status, "画面なし", _NO_PAGE)
