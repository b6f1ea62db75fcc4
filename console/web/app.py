"""Puts the console's pages together as one FastAPI application.

No page loads anything from another machine: the content security policy says so to the browser, and FastAPI's own
documentation pages, which load from a CDN, are switched off.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from loguru import logger
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

from console.faults import describe
from console.web import (
    account,
    auditing,
    baselines_page,
    designer,
    entrance,
    groups,
    items,
    items_files,
    jobs,
    overview,
    pictures,
    progress,
    review,
    review_acts,
    robots,
    robots_approval,
    robots_drafts,
    robots_editor,
    run_evidence,
    runs,
    savings,
    submit,
    tokens_page,
    users_page,
    waiting,
    workload_page,
)
from console.web.access import ROWS, row_of
from console.web.api import documents as api_documents
from console.web.api import items as api_items
from console.web.api import office as api_office
from console.web.api import passing as api_passing
from console.web.api import work as api_work
from console.web.desk import Desk
from console.web.doors import QUIET, desk_of
from console.web.refusals import answer_errors, broken, gone, not_signed_in, too_large
from console.web.slowness import Patience
from console.web.starting import starting_line
from console.web.static_files import STATIC, MarkedFiles, mark
from console.web.taking_in import is_anybody, waiting_room

ROOMS = (
    entrance,
    overview,
    waiting,
    groups,
    review,
    review_acts,
    pictures,
    savings,
    baselines_page,
    workload_page,
    auditing,
    account,
    users_page,
    tokens_page,
    designer,
    progress,
    submit,
    robots_editor,
    robots_approval,
    robots_drafts,
    robots,
    jobs,
    runs,
    run_evidence,
    items_files,
    items,
)
API_ROOMS = (api_documents, api_passing, api_items, api_work, api_office)
LARGEST_BODY = 1_000_000
UPLOADS = [compile_path(row.path)[0] for row in ROWS if row.upload]

POLICY = (
    "default-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(desk: Desk) -> FastAPI:
    """Make the application over the parts of the office that pages use."""
    app = FastAPI(title="Hakadori", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.state.scans = waiting_room()
    app.state.starts = starting_line()
    app.mount("/static", MarkedFiles(STATIC, mark()))
    for room in ROOMS + API_ROOMS:
        app.include_router(room.router)
    app.include_router(api_office.pages)
    demand_rows(app)
    answer_errors(app)
    app.middleware("http")(_guard)
    app.add_middleware(Patience)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(desk.settings.web.host))
    return app


def _hosts(host: str) -> list[str]:
    """The names under which the console may be asked for; against DNS rebinding."""
    try:
        everywhere = ip_address(host).is_unspecified
    except ValueError:
        everywhere = False
    return ["*"] if everywhere else ["127.0.0.1", "localhost", "[::1]", host]


def demand_rows(app: FastAPI) -> None:
    """Refuse to start with a route that the table of rights does not know.

    Raises:
        LookupError: It names the routes.
    """
    unknown = [name for name in sorted(route_names(app)) if row_of(*name.split(" ", 1)) is None]
    if unknown:
        raise LookupError(f"no row in console/web/access.py for: {', '.join(unknown)}")


def route_names(app: FastAPI) -> set[str]:
    """Return method and path of every route of an application, the files of `/static` left out."""
    routes = [route for route in iter_route_contexts(app.routes) if route.methods]
    return {
        f"{method} {route.path}" for route in routes for method in route.methods or () if method != "HEAD"
    }


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > _largest(request) or "transfer-encoding" in request.headers:
        response: Response = too_large(request)
    elif _takes_scans(request) and not await run_in_threadpool(is_anybody, request):
        response = not_signed_in(request)
    else:
        try:
            response = await answer(request)
        except ClientDisconnect:
            response = gone(request)
        except Exception as error:
            logger.error("while answering {}: {}", request.url.path, describe(error))
            response = broken(request)
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")  # personal unless somebody said otherwise
    _renew(request, response)
    return response


def _largest(request: Request) -> int:
    """Return how many bytes a request may hold: more where a scan is handed in."""
    return LARGEST_BODY + (desk_of(request).letterbox.largest_bytes if _takes_scans(request) else 0)


def _takes_scans(request: Request) -> bool:
    return request.method == "POST" and any(upload.fullmatch(request.url.path) for upload in UPLOADS)


def _renew(request: Request, response: Response) -> None:
    """Count the session's idle time from this request on."""
    session = getattr(request.state, "session", None)
    if QUIET in request.headers:
        return
    if session is not None and "set-cookie" not in response.headers:
        entrance.set_cookie(request, response, session)
