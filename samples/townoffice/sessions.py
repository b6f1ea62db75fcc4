"""Who is logged in: sessions live in memory and end after 30 minutes without a request."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=30)
COOKIE = "TOWNSESSION"


@dataclass(frozen=True)
class Staff:
    """A member of staff as the header bar shows them."""

    number: str
    name: str


ROBOT = Staff("robot01", "自動処理 一号")


class NotLoggedIn(Exception):
    """A page was asked for without a living session; ``expired`` tells the two reasons apart."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__("session expired" if expired else "no session")
        self.expired = expired


class Sessions:
    """Logs staff in and remembers them by a random cookie value."""

    def __init__(self, password: str, clock: Callable[[], datetime]) -> None:
        """Take the password of ``robot01`` and the clock that ends sessions."""
        self._password = password
        self._clock = clock
        self._open: dict[str, tuple[Staff, datetime]] = {}

    def log_in(self, number: str, password: str) -> str | None:
        """Return a new cookie value, or None when the number or the password is wrong."""
        right = hmac.compare_digest(password.encode(), self._password.encode())
        if number != ROBOT.number or not right:
            return None
        cookie = secrets.token_urlsafe(24)
        self._open[cookie] = (ROBOT, self._clock() + LIFETIME)
        return cookie

    def staff(self, cookie: str | None) -> Staff:
        """Who this cookie belongs to; every request starts the 30 minutes anew.

        Raises:
            NotLoggedIn: No session, or one that ended.
        """
        if cookie is None:
            raise NotLoggedIn(expired=False)
        staff, ends = self._open.get(cookie, (None, None))
        if staff is None or ends is None or ends <= self._clock():
            self._open.pop(cookie, None)
            raise NotLoggedIn(expired=True)
        self._open[cookie] = (staff, self._clock() + LIFETIME)
        return staff

    def log_out_all(self) -> None:
        """End every session, as a restart of the system does."""
        self._open.clear()

    def log_out(self, cookie: str | None) -> None:
        """Forget a session; unknown cookies are no error."""
        self._open.pop(cookie or "", None)
