"""監査: who saw and did what, newest first, and whether the chain of entries is unbroken."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.web.doors import Entered, desk_of
from console.web.rendering import page

router = APIRouter()
SHOWN = 300


@router.get("/audit")
def audit_page(request: Request, visitor: Entered) -> Response:
    """Show the audit trail; looking at it is itself an entry."""
    desk = desk_of(request)
    desk.audit.note(visitor.user.name, "audit.view", "audit")
    return page(
        request,
        "audit.html",
        visitor=visitor,
        entries=desk.audit.entries(SHOWN),
        broken=desk.audit.verify(),
    )
