"""Puts the console's pages together as one FastAPI application.

No page loads anything from another machine: the content security policy says so to the browser, and FastAPI's own
documentation pages, which load from a CDN, are switched off.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from loguru import logger
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from backoffice.document import DocumentMissing, StaleRevision
from backoffice.errors import HakadoriError, PermissionRefused, UserError
from backoffice.messages import text
from console.errors import ThingMissing
from console.faults import describe
from console.web import auditing, entrance, overview, pictures, review, savings, waiting
from console.web.access import row_of
from console.web.desk import Desk
from console.web.doors import ForgedWrite, NotSignedIn
from console.web.rendering import page
from console.web.sessions import COOKIE

STATIC = Path(__file__).parent / "static"
ROOMS = (entrance, overview, waiting, review, pictures, savings, auditing)
LARGEST_BODY = 1_000_000

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
    app.mount("/static", StaticFiles(directory=STATIC))
    for room in ROOMS:
        app.include_router(room.router)
    demand_rows(app)
    app.add_exception_handler(NotSignedIn, _to_login)
    app.add_exception_handler(ForgedWrite, _forged)
    app.add_exception_handler(HakadoriError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _plain)
    app.middleware("http")(_guard)
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
    if not length.isdigit() or int(length) > LARGEST_BODY or "transfer-encoding" in request.headers:
        response: Response = JSONResponse({"message": text("console.too_large")}, 413)
    else:
        try:
            response = await answer(request)
        except Exception as error:
            logger.error("while answering {}: {}", request.url.path, describe(error))
            response = _answer(request, 500, text("console.page_broken"))
    response.headers.update(HEADERS)
    _renew(request, response)
    return response


def _renew(request: Request, response: Response) -> None:
    """Count the session's idle time from this request on."""
    session = getattr(request.state, "session", None)
    if session is not None and "set-cookie" not in response.headers:
        entrance.set_cookie(request, response, session)


async def _to_login(request: Request, _error: Exception) -> Response:
    if _wants_json(request):
        return JSONResponse({"kind": "signed_out", "message": text("console.signed_out")}, 401)
    response = RedirectResponse("/login", 303)
    if request.cookies.get(COOKIE):
        response = RedirectResponse("/login?reason=ended", 303)
        response.delete_cookie(COOKIE)
    return response


async def _forged(request: Request, _error: Exception) -> Response:
    return _answer(request, 403, text("console.forged"), "forged")


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HakadoriError):
        raise error
    parts = error.parts()
    status = {StaleRevision: 409, DocumentMissing: 404, ThingMissing: 404}.get(type(error), 0)
    if not status:
        status = 403 if isinstance(error, PermissionRefused) else 400 if isinstance(error, UserError) else 409
    return _answer(request, status, f"{parts.what} {parts.do}", error.key.partition(".")[2])


async def _malformed(request: Request, _error: Exception) -> Response:
    if request.method == "GET":
        return _answer(request, 404, text("console.no_page"))
    return _answer(request, 400, text("console.malformed"), "malformed")


async def _plain(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _answer(request, status, text("console.no_page"))


def _answer(request: Request, status: int, message: str, kind: str = "refused") -> Response:
    if _wants_json(request):
        return JSONResponse({"kind": kind, "message": message}, status)
    return page(request, "message.html", status=status, message=message)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
