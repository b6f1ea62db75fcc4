"""Who may use which route: the one table of rights of the console and its API. No route exists without a row here.

A row says which right a route needs and how far it reaches. The doors (`doors.py`) decide by this table, the
application does not start with a route that has no row, and the tests ask every route as every role, for the person's
own department and for another one. `docs/reference/rights.md` is written from it.

To add a route: write it with `visitor: Entered` (doors.py), add its row here, and, where it has a path parameter or
needs a body, how to call it in `tests/integration/route_calls.py`. CONTRIBUTING.md says the same at more length.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from console.rights import Right, Role, rights_of

API = "/api/v1"
SAFE = frozenset({"GET", "HEAD"})


class Reach(StrEnum):
    """How far a route reaches."""

    TOWN = "town"
    """It concerns no department."""
    OWN = "own"
    """It holds only what belongs to the person's departments."""
    ONE = "one"
    """It is about one thing, named in its path or its fields; another department's does not exist."""


class Verdict(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    NOT_FOUND = "not found"


@dataclass(frozen=True)
class Row:
    """One route.

    Attributes:
        method: GET, POST, …
        path: As it is declared, with parameters in braces.
        right: What it needs; None for a route that is open before signing in.
        reach: How far it reaches.
        upload: It takes a scan, so its body may be as large as an inbox allows.
    """

    method: str
    path: str
    right: Right | None
    reach: Reach = Reach.TOWN
    upload: bool = False

    @property
    def name(self) -> str:
        """Method and path in one."""
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        """Whether programs may use it with a token."""
        return self.path.startswith(f"{API}/")

    def verdict(self, roles: Collection[Role], *, own: bool) -> Verdict:
        """Say what becomes of the request of somebody with these roles.

        Args:
            roles: Of the person or token.
            own: Whether the thing belongs to one of the person's departments.
        """
        if self.right is None:
            return Verdict.ALLOWED
        if self.right not in rights_of(roles):
            return Verdict.REFUSED
        return Verdict.ALLOWED if own or self.reach is not Reach.ONE else Verdict.NOT_FOUND


def _rows(right: Right | None, reach: Reach, *routes: str, upload: bool = False) -> tuple[Row, ...]:
    parts = [route.split(" ", 1) for route in routes]
    return tuple(Row(method, path, right, reach, upload) for method, path in parts)


ROWS: tuple[Row, ...] = (
    *_rows(None, Reach.TOWN, "GET /login", "POST /login", "GET /session", "POST /session"),
    *_rows(None, Reach.TOWN, "GET /health", "GET /health/ready", "GET /metrics"),
    *_rows(Right.OVERVIEW, Reach.OWN, "GET /", "GET /overview/now", "GET /savings", "GET /savings.xlsx"),
    *_rows(Right.OVERVIEW, Reach.TOWN, "POST /logout"),
    *_rows(Right.REVIEW, Reach.OWN, "GET /documents", "GET /documents/next"),
    *_rows(
        Right.REVIEW,
        Reach.OWN,
        "GET /groups",
        "GET /groups/tiles",
        "GET /groups/sheet",
        "POST /groups/confirm",
    ),
    *_rows(
        Right.REVIEW,
        Reach.ONE,
        "GET /documents/{document_id}",
        "GET /documents/{document_id}/pages/{page}/picture",
        "GET /documents/{document_id}/fields/{position}/crop",
        "POST /documents/{document_id}/save",
        "POST /documents/{document_id}/record",
        "POST /documents/{document_id}/discard",
        "POST /documents/{document_id}/time",
        "POST /documents/{document_id}/skip",
        "POST /documents/{document_id}/comment",
        "POST /documents/{document_id}/return",
        "POST /documents/{returned_id}/take-up",
        "POST /documents/{document_id}/prepare",
        "POST /documents/{document_id}/suggest",
    ),
    *_rows(Right.OVERVIEW, Reach.OWN, "GET /baselines"),
    *_rows(Right.OVERVIEW, Reach.ONE, "GET /baselines/{job}"),
    *_rows(Right.MEASURE, Reach.ONE, "POST /baselines/{job}"),
    *_rows(Right.OVERVIEW, Reach.TOWN, "GET /workload", "GET /workload.xlsx"),
    *_rows(Right.MEASURE, Reach.TOWN, "POST /workload", upload=True),
    *_rows(Right.AUDIT, Reach.TOWN, "GET /audit"),
    *_rows(
        Right.WORK, Reach.OWN, "GET /jobs", "GET /runs", "GET /items", "GET /items.xlsx", "GET /items.csv"
    ),
    *_rows(
        Right.WORK,
        Reach.ONE,
        "GET /jobs/{job}",
        "GET /runs/{run_id}",
        "GET /runs/{run_id}/progress",
        "GET /runs/{run_id}/events",
        "GET /runs/{run_id}/parts/{part}",
        "GET /items/{item_id}",
    ),
    *_rows(
        Right.REVIEW,
        Reach.ONE,
        "GET /runs/{run_id}/evidence/{part}/{name}",
        "GET /runs/{run_id}/evidence.zip",
    ),
    *_rows(
        Right.JOBS,
        Reach.ONE,
        "POST /jobs/{job}/run",
        "POST /jobs/{job}/rehearse",
        "POST /jobs/{job}/pause",
        "POST /jobs/{job}/resume",
        "POST /runs/{run_id}/stop",
    ),
    *_rows(Right.JOBS, Reach.OWN, "POST /items/retry"),
    *_rows(Right.SETTLE, Reach.OWN, "POST /items/settle"),
    *_rows(
        Right.OVERVIEW,
        Reach.TOWN,
        "GET /account",
        "POST /account/password",
        "POST /account/factor",
        "POST /account/factor/confirm",
        "POST /account/factor/drop",
        "POST /account/sessions/end",
        "POST /account/sessions/others",
    ),
    *_rows(
        Right.USERS,
        Reach.TOWN,
        "GET /users",
        "POST /users/add",
        "POST /users/change",
        "POST /users/password",
        "POST /users/disable",
        "POST /users/enable",
        "POST /users/factor",
        "GET /tokens",
        "POST /tokens/add",
        "POST /tokens/revoke",
    ),
    *_rows(Right.OVERVIEW, Reach.TOWN, "GET /api", f"GET {API}/openapi.json", f"GET {API}/health"),
    *_rows(Right.OVERVIEW, Reach.OWN, f"GET {API}/reports/time-saved"),
    *_rows(Right.REVIEW, Reach.OWN, f"GET {API}/documents"),
    *_rows(
        Right.REVIEW,
        Reach.ONE,
        f"GET {API}/documents/{{document_id}}",
        f"GET {API}/documents/{{document_id}}/comments",
        f"POST {API}/documents/{{document_id}}/comments",
        f"POST {API}/documents/{{document_id}}/return",
        f"POST {API}/documents/{{returned_id}}/take-up",
    ),
    *_rows(Right.SUBMIT, Reach.ONE, f"POST {API}/documents", upload=True),
    *_rows(Right.SUBMIT, Reach.OWN, f"GET {API}/files"),
    *_rows(Right.SUBMIT, Reach.ONE, f"GET {API}/files/{{file_id}}"),
    *_rows(Right.SUBMIT, Reach.OWN, "GET /submit", "GET /submit/list"),
    *_rows(Right.SUBMIT, Reach.ONE, "GET /submit/{file_id}"),
    *_rows(Right.SUBMIT, Reach.ONE, "POST /submit", upload=True),
    *_rows(Right.WORK, Reach.OWN, f"GET {API}/items", f"GET {API}/runs", f"GET {API}/jobs"),
    *_rows(Right.WORK, Reach.ONE, f"GET {API}/items/{{item_id}}", f"GET {API}/runs/{{run_id}}"),
    *_rows(Right.SETTLE, Reach.ONE, f"POST {API}/items/{{item_id}}/settle"),
    *_rows(
        Right.JOBS,
        Reach.ONE,
        f"POST {API}/jobs/{{job}}/run",
        f"POST {API}/jobs/{{job}}/pause",
        f"POST {API}/jobs/{{job}}/resume",
    ),
    *_rows(
        Right.FORMS,
        Reach.TOWN,
        "GET /forms",
        "GET /forms/compare",
        "POST /forms/edits",
        "GET /forms/drafts/{draft_id}",
        "GET /forms/drafts/{draft_id}/work",
        "GET /forms/drafts/{draft_id}/pages/{number}/picture",
        "POST /forms/drafts/{draft_id}/check",
        "POST /forms/drafts/{draft_id}/try",
        "POST /forms/drafts/{draft_id}/difference",
        "POST /forms/drafts/{draft_id}/save",
        "POST /forms/drafts/{draft_id}/discard",
    ),
    *_rows(Right.WORK, Reach.OWN, "GET /robots"),
    *_rows(Right.WORK, Reach.ONE, "GET /robots/{robot}", "GET /robots/{robot}/compare"),
    *_rows(Right.ROBOTS, Reach.TOWN, "GET /robots/new"),
    *_rows(
        Right.ROBOTS,
        Reach.ONE,
        "GET /robots/{robot}/edit",
        "POST /robots/{robot}/check",
        "POST /robots/{robot}/difference",
        "POST /robots/{robot}/save",
        "POST /robots/{robot}/draft",
        "POST /robots/{robot}/drafts/{draft_number}/drop",
        "POST /robots/{robot}/try",
        "POST /robots/{robot}/trials",
        "GET /robots/{robot}/trials/{trial_id}",
        "GET /robots/{robot}/trials/{trial_id}/progress",
        "GET /robots/{robot}/trials/{trial_id}/events",
        "POST /robots/{robot}/trials/{trial_id}/stop",
    ),
    *_rows(
        Right.APPROVE,
        Reach.ONE,
        "GET /robots/{robot}/approval",
        "POST /robots/{robot}/approve",
        "POST /robots/{robot}/refuse",
    ),
    *_rows(Right.FORMS, Reach.TOWN, "POST /forms/drafts", "POST /forms/drafts/{draft_id}/scan", upload=True),
)
"""Every route, grouped by what it needs. `/metrics` and `/health/ready` guard themselves (web/health.py)."""

BY_ROUTE: Mapping[tuple[str, str], Row] = MappingProxyType({(row.method, row.path): row for row in ROWS})


def row_of(method: str, path: str) -> Row | None:
    """Return the row of a route by its method and its declared path."""
    return BY_ROUTE.get(("GET" if method in SAFE else method, path))
