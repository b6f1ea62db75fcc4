"""監査: who saw and did what, newest first, and whether the chain of entries is unbroken."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.rights import Right
from console.web.doors import Visitor, desk_of, reader
from console.web.rendering import page

router = APIRouter()
SHOWN = 300


@router.get("/audit")
def audit_page(request: Request, visitor: Annotated[Visitor, Depends(reader(Right.AUDIT))]) -> Response:
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
