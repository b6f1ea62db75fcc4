"""Errors of the API as programs get them: problem details (RFC 9457), in the language that the caller asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backoffice.errors import HakadoriError
from backoffice.messages import LANGUAGES, current_language
from console.web.access import API

PROBLEM_TYPE = "application/problem+json"


class Mistake(BaseModel):
    """One value of a request that is not allowed."""

    where: str = Field(description="Where it stands: path, query, header or body, then its name.")
    message: str


class Problem(BaseModel):
    """Why a request was not answered as it was meant."""

    type: str = Field(description="URN that names the kind of error for ever.")
    title: str = Field(description="What is wrong, for people.")
    status: int
    detail: str = Field("", description="Why, and what to do.")
    instance: str = Field("", description="The path that was asked for.")
    errors: list[Mistake] = Field(default_factory=list, description="Values that are not allowed.")


def is_api(request: Request) -> bool:
    """Say whether a request is for the API."""
    return request.url.path.startswith(f"{API}/")


def language_of(request: Request) -> str:
    """Return the language to answer in: the caller's `Accept-Language`, else the installation's."""
    wanted = []
    for part in request.headers.get("accept-language", "").split(","):
        name, _, weight = part.strip().partition(";q=")
        wanted.append((_number(weight), name[:2].lower()))
    known = [
        name for weight, name in sorted(wanted, key=lambda one: -one[0]) if name in LANGUAGES and weight > 0
    ]
    return known[0] if known else current_language()


def problem(
    request: Request,
    status: int,
    title: str,
    *,
    kind: str = "",
    detail: str = "",
    errors: Sequence[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error as an answer of the API."""
    told = Problem(
        type=f"urn:hakadori:{kind or status}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=list(errors),
    )
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse(told.model_dump(), status, headers=sent, media_type=PROBLEM_TYPE)


def problem_of(request: Request, status: int, error: HakadoriError) -> JSONResponse:
    """Return an error of ours as an answer of the API."""
    parts = error.parts(language_of(request))
    return problem(request, status, parts.what, kind=error.key, detail=f"{parts.why} {parts.do}")


def mistakes(found: Sequence[Mapping[str, Any]]) -> list[Mistake]:
    """Return what is wrong with a request, without the values that were sent: they may be personal."""
    return [
        Mistake(where=".".join(str(step) for step in one["loc"])[:200], message=str(one["msg"])[:200])
        for one in found[:20]
    ]


def answers(*more: int) -> dict[int | str, dict[str, Any]]:
    """Return how the errors of a route are documented: those that every route has, and some more."""
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        code: {"description": MEANINGS[code], "content": content}
        for code in sorted({401, 403, 422, 429, *more})
    }


MEANINGS = {
    401: "No token, or one that is unknown, revoked or expired.",
    403: "The roles of the token do not hold the right.",
    404: "There is no such thing, or it is another department's.",
    409: "It does not stand as it should for this; nothing was changed.",
    413: "Too large.",
    422: "A value is missing or not allowed.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "The database does not answer.",
}


def _number(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
