"""Taking a scan in, for the page and for the API alike: the own department alone, a few at a time, and audited."""

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request

from backoffice.document import ReceivedFile
from console.errors import ThingMissing
from console.letterbox import Delivery
from console.web.doors import NotSignedIn, Visitor, desk_of, visitor_of
from console.web.problems import is_api

AT_ONCE = 3
"""Scans that are looked at and entered at the same time; the others wait without keeping pages from being answered."""


def waiting_room() -> CapacityLimiter:
    """Return what lets so many scans through at a time; the application keeps one."""
    return CapacityLimiter(AT_ONCE)


def is_anybody(request: Request) -> bool:
    """Say whether a person or system sends this, before a byte of a large body is read; its rights are asked later."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        holder = desk_of(request).tokens.holder(secret.strip()) if scheme.lower() == "bearer" else None
        return holder is not None and is_api(request)
    try:
        visitor_of(request)
    except NotSignedIn:
        return False
    return True


async def take_in(request: Request, visitor: Visitor, delivery: Delivery) -> ReceivedFile:
    """Take a scan in and note it in the audit trail.

    Raises:
        ThingMissing: It is for a department that is not the visitor's, or there is no such form.
        HakadoriError: As `Letterbox.receive`.
    """
    if not visitor.user.sees(delivery.department):
        raise ThingMissing("console.thing_missing", where=delivery.department[:100])
    desk = desk_of(request)
    if delivery.form and delivery.form not in desk.forms:
        raise ThingMissing("console.thing_missing", where=delivery.form[:100])

    def work() -> ReceivedFile:
        taken = desk.letterbox.receive(delivery)
        about = {"file": taken.id, "sha256": taken.sha256}
        desk.audit.note(visitor.user.name, "scan.submit", f"department/{delivery.department}", **about)
        return taken

    return await run_sync(work, limiter=request.app.state.scans)
