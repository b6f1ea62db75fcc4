"""At the door of every route: who comes in, with which rights, and whether a write really came from our own page.

What a route needs stands in the table of rights (`access.py`); `Entered` asks it. A thing of another department is told
like one that does not exist.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from console.errors import RightMissing, ThingMissing
from console.rights import Right
from console.users import User
from console.web.access import SAFE, Reach, Row, row_of
from console.web.callers import named_by_proxy
from console.web.desk import Desk
from console.web.ownership import departments_of
from console.web.sessions import COOKIE, Session

QUIET = "x-quiet"
"""Header of what a page asks by itself, to renew a list say: nobody sits there because of that."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NotSignedIn(Exception):
    """Nobody is signed in, or the session has ended."""


class ForgedWrite(Exception):
    """A write without the session's CSRF token, or sent from another site's page."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in person, or a system with its token, at the door.

    Attributes:
        session: The browser's session; None for a system.
        csrf: The token that writes of this session's pages carry.
    """

    user: User
    session: Session | None
    csrf: str


def desk_of(request: Request) -> Desk:
    """Return the desk that the application was made with."""
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> Session | None:
    """Return the session of the request's cookie, signed in or not."""
    desk = desk_of(request)
    return desk.signer.read(request.cookies.get(COOKIE), desk.clock())


def visitor_of(request: Request) -> Visitor:
    """Return who is signed in.

    Raises:
        NotSignedIn: Nobody is, or not any more.
    """
    desk, session = desk_of(request), session_of(request)
    if "authorization" in request.headers:
        return _system_of(request)
    if session is None or session.user is None:
        raise NotSignedIn
    if desk.settings.web.sign_in == "proxy" and named_by_proxy(request, desk.settings.web) != session.user:
        raise NotSignedIn
    found = desk.users.entering(session.user, session.id)
    if found is None or found.ended:
        raise NotSignedIn
    if not found.user.active or found.user.session_epoch != session.epoch:
        raise NotSignedIn
    if QUIET not in request.headers:
        desk.users.sessions.note_seen(found.handle, found.seen_at)
    request.state.session = session
    return Visitor(found.user, session, desk.signer.csrf(session))


def _system_of(request: Request) -> Visitor:
    """Return the system whose token was sent; tokens open the API alone, never a page."""
    scheme, _, secret = request.headers["authorization"].partition(" ")
    token = desk_of(request).tokens.holder(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None or not route_row(request).is_api:
        raise NotSignedIn
    return Visitor(token.as_user(), None, "")


def route_row(request: Request) -> Row:
    """Return the row of the table of rights for the route that answers a request.

    Raises:
        LookupError: It has none; `create_app` refuses such a route at the start already.
    """
    route = request.scope["route"]
    row = row_of(request.method, route.path)
    if row is None:
        raise LookupError(f"{request.method} {route.path} has no row in console/web/access.py")
    return row


async def sent_token(request: Request) -> AsyncIterator[str]:
    """Give the CSRF token of a request: its header, else the field `csrf` of a form sent without script.

    A form that was read for it is closed at the end, also when the request is refused: files may have come with it.
    """
    header = request.headers.get("x-csrf-token")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if header is not None or request.method in SAFE or kind not in FORMS:
        yield header or ""
        return
    async with request.form() as form:
        token = form.get("csrf", "")
        yield token if isinstance(token, str) else ""


Token = Annotated[str, Depends(sent_token)]


def enter(request: Request, token: Token) -> Visitor:
    """Let in who may use the route: right, department, and for a write of a page its CSRF token and origin.

    Raises:
        NotSignedIn: Nobody is signed in.
        TooManyRequests: Of this person or system.
        RightMissing: The person's roles do not hold the right.
        ForgedWrite: A write without the session's token, or of another site.
        ThingMissing: The path names another department's thing.
    """
    row, visitor, desk = route_row(request), visitor_of(request), desk_of(request)
    desk.limits.spend(visitor.user.name, desk.clock())
    if row.right is not None and not visitor.user.may(row.right):
        raise RightMissing("console.right_missing", where=request.url.path)
    if request.method not in SAFE and visitor.session is not None:
        check_write(request, visitor.session, token)
    if row.reach is Reach.ONE:
        demand_own(request, visitor)
    return visitor


def still_welcome(request: Request) -> Visitor:
    """Ask once more, for an answer that goes on for minutes: session, person, right and department as they are now.

    Looking on is no work at the page: it does not keep the session from ending when nobody touches it.

    Raises:
        NotSignedIn, RightMissing, ThingMissing: As `enter`.
    """
    row, visitor = route_row(request), visitor_of(request)
    request.state.session = None  # its cookie is not renewed by this request
    if row.right is not None and not visitor.user.may(row.right):
        raise RightMissing("console.right_missing", where=request.url.path)
    if row.reach is Reach.ONE:
        demand_own(request, visitor)
    return visitor


Entered = Annotated[Visitor, Depends(enter)]
"""Who came in through the door; the first parameter of every route that is not open to everybody."""


def demand_own(request: Request, visitor: Visitor) -> None:
    """Make sure that what the path names belongs to one of the person's departments.

    Raises:
        ThingMissing: It does not, or it does not exist: both look the same.
    """
    for name, value in request.path_params.items():
        owners = departments_of(desk_of(request), name, str(value))
        if owners is not None and not visitor.user.sees_any(owners):
            raise ThingMissing("console.thing_missing", where=request.url.path)


def reader(right: Right) -> Callable[[Request, str], Visitor]:
    """Return `enter` for a route that names its right itself as well; the table must say the same."""

    def look(request: Request, token: Token) -> Visitor:
        visitor = enter(request, token)
        if not visitor.user.may(right):
            raise RightMissing("console.right_missing", where=request.url.path)
        return visitor

    return look


def writer(right: Right) -> Callable[[Request, str], Visitor]:
    """Return the same as `reader`: whether a request is a write is told by its method."""
    return reader(right)


def check_write(request: Request, session: Session | None, token: str) -> None:
    """Make sure that a write comes from a page of ours.

    Raises:
        ForgedWrite: It does not.
    """
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForgedWrite
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForgedWrite
    if session is None or not desk_of(request).signer.csrf_fits(session, token):
        raise ForgedWrite
