"""The rest of the API: time saved, health, and the description of the API itself as OpenAPI and as a plain page."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError

from backoffice.department_work import Page
from backoffice.messages import has_text, text
from console.rights import RIGHTS
from console.web.access import API, row_of
from console.web.api import documents, items, passing, work
from console.web.api.shapes import Health
from console.web.doors import Entered, desk_of
from console.web.problems import MEANINGS, Problem, answers, problem
from console.web.rendering import page
from console.web.savings import fiscal_months, today_of

router = APIRouter(prefix=API, tags=["office"])
pages = APIRouter()
Month = Annotated[str, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2026-04"])]


@router.get("/reports/time-saved", responses=answers())
def time_saved(
    request: Request, visitor: Entered, first: Month | None = None, last: Month | None = None
) -> dict[str, Any]:
    """Add up the time that the own departments saved, this fiscal year unless other months are asked for."""
    desk = desk_of(request)
    usual = fiscal_months(today_of(desk))
    return desk.savings.facts(first or usual[0], last or usual[1], visitor.user.scope)


@router.get("/health", responses=answers(503), response_model=Health)
def health(request: Request, visitor: Entered) -> Health | Response:
    """Say that the console answers and reaches its database."""
    try:
        desk_of(request).work.runs(visitor.user.scope, Page(1))
    except DBAPIError:
        return problem(request, 503, MEANINGS[503])
    return Health(version=version("hakadori"))


@router.get("/openapi.json", include_in_schema=False)
def openapi(visitor: Entered) -> Response:
    """Send the description of the API."""
    return JSONResponse(description())


@pages.get("/api")
def api_page(request: Request, visitor: Entered) -> Response:
    """Show what the API offers."""
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "does": in_words(told),
            "roles": roles_for(method.upper(), path),
        }
        for path, methods in description()["paths"].items()
        for method, told in methods.items()
    ]
    return page(request, "api.html", visitor=visitor, operations=operations)


def in_words(operation: Mapping[str, Any]) -> str:
    """Return what an operation does, in the language in force."""
    key = f"api.does_{operation['summary'].lower().replace(' ', '_')}"
    return text(key) if has_text(key) else str(operation["description"])


def roles_for(method: str, path: str) -> list[str]:
    """Return the roles that a token needs one of for a call, as people call them; none where any will do."""
    row = row_of(method, path)
    if row is None or row.right is None:
        return []
    roles = [role for role, rights in RIGHTS.items() if row.right in rights]
    return [] if len(roles) == len(RIGHTS) else [text(f"people.role_{role}") for role in roles]


def description() -> dict[str, Any]:
    """Return the OpenAPI description of the API, with the right that each operation needs."""
    routes = [route for room in (documents, passing, items, work) for route in room.router.routes] + list(
        router.routes
    )
    told = get_openapi(title="Hakadori", version=version("hakadori"), routes=routes, description=ABOUT)
    told["components"]["schemas"]["Problem"] = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    defined = told["components"]["schemas"]["Problem"].pop("$defs", {})
    told["components"]["schemas"] |= defined
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    told["security"] = [{"token": []}]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            row = row_of(method.upper(), path)
            if row is not None and row.right is not None:
                operation["x-right"] = row.right.value
    return told


ABOUT = (
    "Every request carries `Authorization: Bearer TOKEN`; `hakadori token add` makes one. Errors are problem details "
    "(RFC 9457) in the language of `Accept-Language`. What another department owns is answered as if it did not exist."
)
