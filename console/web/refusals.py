"""How an error is answered: as a page, as JSON to a page's script, or as problem details to a program."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from loguru import logger
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from backoffice.document import DocumentMissing, DuplicateFile, FileMissing, StaleRevision
from backoffice.errors import HakadoriError, PermissionRefused, UserError
from backoffice.messages import text
from backoffice.runs import RunMissing
from backoffice.work_items import ItemMissing
from console.errors import ThingMissing, TooManyRequests
from console.faults import describe
from console.web.doors import ForgedWrite, NotSignedIn
from console.web.problems import is_api, language_of, mistakes, problem, problem_of
from console.web.rendering import page
from console.web.sessions import COOKIE
from scheduler.errors import JobBusy, JobMissing, JobPaused, NotPaused

MISSING = (DocumentMissing, FileMissing, ItemMissing, JobMissing, RunMissing, ThingMissing)
STANDS_AGAINST = (DuplicateFile, StaleRevision, JobBusy, JobPaused, NotPaused)


def answer_errors(app: FastAPI) -> None:
    """Let an application answer every error of ours, and those of its framework, in the house's way."""
    app.add_exception_handler(NotSignedIn, _to_login)
    app.add_exception_handler(ForgedWrite, _forged)
    app.add_exception_handler(HakadoriError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(DataError, _not_holdable)
    app.add_exception_handler(HTTPException, _plain)


def too_large(request: Request) -> Response:
    """Answer a body that is larger than its route takes, without reading it."""
    if is_api(request):
        return problem(request, 413, text("people.api_too_large", language=language_of(request)))
    return _answer(request, 413, text("console.too_large"), "too_large")


def gone(request: Request) -> Response:
    """Answer a request that its sender gave up, or that came too slowly; nothing of it was taken."""
    told = text("submit.too_slow")
    return (
        problem(request, 408, told, kind="too_slow")
        if is_api(request)
        else _answer(request, 408, told, "too_slow")
    )


def broken(request: Request) -> Response:
    """Answer a request that failed by our own fault."""
    if is_api(request):
        return problem(request, 500, text("people.api_broken", language=language_of(request)))
    return _answer(request, 500, text("console.page_broken"))


async def _to_login(request: Request, _error: Exception) -> Response:
    return not_signed_in(request)


def not_signed_in(request: Request) -> Response:
    """Answer a request of nobody: programs are told so, a person is led to the sign-in page."""
    if is_api(request):
        told = text("people.api_not_signed_in", language=language_of(request))
        return problem(request, 401, told, headers={"WWW-Authenticate": "Bearer"})
    if _wants_json(request):
        return JSONResponse({"kind": "signed_out", "message": text("console.signed_out")}, 401)
    ended = bool(request.cookies.get(COOKIE))
    asked = {"reason": "ended"} if ended else {}
    if request.method == "GET" and request.url.path != "/":
        asked["next"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    response = RedirectResponse(f"/login?{urlencode(asked)}" if asked else "/login", 303)
    if ended:
        response.delete_cookie(COOKIE)
    return response


async def _forged(request: Request, _error: Exception) -> Response:
    if is_api(request):
        return problem(request, 403, text("people.api_forged", language=language_of(request)), kind="forged")
    return _answer(request, 403, text("console.forged"), "forged")


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HakadoriError):
        raise error
    status = _status(error)
    if is_api(request):
        response: Response = problem_of(request, 422 if status == 400 else status, error)
    else:
        parts = error.parts()
        response = _answer(request, status, f"{parts.what} {parts.do}", error.key.partition(".")[2])
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.values["seconds"])
    return response


def _status(error: HakadoriError) -> int:
    if isinstance(error, MISSING):
        return 404
    if isinstance(error, TooManyRequests):
        return 429
    if isinstance(error, PermissionRefused):
        return 403
    return 400 if isinstance(error, UserError) and not isinstance(error, STANDS_AGAINST) else 409


async def _not_holdable(request: Request, error: Exception) -> Response:
    """Answer a value that the database cannot hold: U+0000 in PostgreSQL, which SQLite takes."""
    logger.warning("a value sent to {} cannot be kept: {}", request.url.path, describe(error))
    return await _malformed(request, error)


async def _malformed(request: Request, error: Exception) -> Response:
    if is_api(request):
        found = mistakes(error.errors()) if isinstance(error, RequestValidationError) else []
        told = text("people.api_malformed", language=language_of(request))
        return problem(request, 422, told, kind="malformed", errors=found)
    if request.method == "GET":
        return _answer(request, 404, text("console.no_page"))
    return _answer(request, 400, text("console.malformed"), "malformed")


async def _plain(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if is_api(request):
        key = {404: "api_no_route", 405: "api_wrong_method"}.get(status, "api_malformed")
        status = status if status in (404, 405) else 422
        return problem(request, status, text(f"people.{key}", language=language_of(request)), headers=headers)
    response = _answer(request, status, text("console.no_page"))
    response.headers.update(headers)  # which methods there are instead (RFC 9110, 15.5.6)
    return response


def _answer(request: Request, status: int, message: str, kind: str = "refused") -> Response:
    if _wants_json(request):
        return JSONResponse({"kind": kind, "message": message}, status)
    return page(request, "message.html", status=status, message=message)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
