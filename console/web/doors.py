"""At the door of every page: who comes in, with which rights, and whether a write really came from our own page."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from console.errors import RightMissing
from console.rights import Right
from console.users import User
from console.web.desk import Desk
from console.web.sessions import COOKIE, Session


class NotSignedIn(Exception):
    """Nobody is signed in, or the session has ended."""


class ForgedWrite(Exception):
    """A write without the session's CSRF token, or sent from another site's page."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in person at the door."""

    user: User
    session: Session
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
    if session is None or session.user is None:
        raise NotSignedIn
    user = desk.users.find(session.user)
    if user is None or not user.active or user.session_epoch != session.epoch:
        raise NotSignedIn
    request.state.session = session
    return Visitor(user, session, desk.signer.csrf(session))


def reader(right: Right) -> Callable[[Request], Visitor]:
    """Return the dependency of a page that needs a right."""

    def enter(request: Request) -> Visitor:
        visitor = visitor_of(request)
        if not visitor.user.may(right):
            raise RightMissing("console.right_missing", where=request.url.path)
        return visitor

    return enter


def writer(right: Right) -> Callable[[Request], Visitor]:
    """Return the dependency of a write: the right, our own page, and the CSRF token in `X-CSRF-Token`."""
    enter = reader(right)

    def write(request: Request) -> Visitor:
        visitor = enter(request)
        check_write(request, visitor.session, request.headers.get("x-csrf-token", ""))
        return visitor

    return write


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
