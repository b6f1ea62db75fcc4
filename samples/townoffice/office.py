"""The parts every page works with, and how a page gets at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import cast

from fastapi import HTTPException, Request

from samples.townoffice.businesses import Business
from samples.townoffice.catalogue import BUSINESSES
from samples.townoffice.entry import Submitted
from samples.townoffice.faults import FaultSwitch
from samples.townoffice.sessions import COOKIE, Sessions, Staff
from samples.townoffice.store import Store

JAPAN = timezone(timedelta(hours=9), "JST")


@dataclass(frozen=True)
class Office:
    """What one running stand-in consists of.

    Attributes:
        clock: Present time, aware.
        hang_up: Closes the connection of a client (host, port) without an answer; False when it cannot.
    """

    store: Store
    sessions: Sessions
    faults: FaultSwitch
    clock: Callable[[], datetime]
    hang_up: Callable[[tuple[str, int]], bool]

    @property
    def today(self) -> date:
        """The date in Japan."""
        return self.clock().astimezone(JAPAN).date()


def office_of(request: Request) -> Office:
    """The office this request came to."""
    return cast(Office, request.app.state.office)


def staff_of(request: Request) -> Staff:
    """Who is logged in.

    Raises:
        NotLoggedIn: Nobody; the application answers with the login page.
    """
    return office_of(request).sessions.staff(request.cookies.get(COOKIE))


def business_of(code: str) -> Business:
    """The business of this URL.

    Raises:
        HTTPException: 404, there is no such business.
    """
    if code not in BUSINESSES:
        raise HTTPException(404)
    return BUSINESSES[code]


async def submitted_of(request: Request) -> Submitted:
    """The texts of a submitted page by HTML name."""
    form = await request.form()
    return {name: tuple(str(sent) for sent in form.getlist(name)) for name in form}
