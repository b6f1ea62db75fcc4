"""監査: who saw and did what, newest first, by person or subject, and whether the chain of entries is unbroken."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backoffice.audit import AuditEntry
from backoffice.messages import has_text, text
from console.web.doors import Entered, desk_of
from console.web.ownership import LARGEST_NUMBER
from console.web.rendering import page

router = APIRouter()
SHOWN = 300
"""Entries on one page."""
Part = Annotated[str, Query(max_length=200)]


@router.get("/audit")
def audit_page(
    request: Request,
    visitor: Entered,
    who: Part = "",
    subject: Part = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
) -> Response:
    """Show the audit trail; looking at it is itself an entry."""
    desk = desk_of(request)
    who, subject = who.strip(), subject.strip()
    desk.audit.note(visitor.user.name, "audit.view", "audit")
    found = desk.audit.entries(SHOWN + 1, who=who, subject=subject, before=before)
    entries, more = found[:SHOWN], len(found) > SHOWN
    earlier = {"who": who, "subject": subject, "before": entries[-1].id} if more else {}
    return page(
        request,
        "audit.html",
        visitor=visitor,
        entries=entries,
        deed=deed_in_words,
        who=who,
        subject=subject,
        earlier=f"/audit?{urlencode(earlier)}" if earlier else "",
        broken=desk.audit.verify(),
    )


def deed_in_words(entry: AuditEntry) -> str:
    """Return what was done as people say it; the code where the catalogue has no words for it."""
    key = f"auditing.deed_{entry.what.replace('.', '_')}"
    return text(key) if has_text(key) else entry.what
