"""Signed sessions: who is signed in lies in a cookie that only this installation can sign.

The secret lies in the working folder and survives a restart, so that nobody is thrown out in mid-edit. A session
ends after a time without requests, at the latest some hours after signing in, and at once when the person's session
epoch moves on (signed out, password or rights changed).
"""

import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "hakadori"
VIEW_LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """One browser's session; `user` is None before signing in.

    Attributes:
        at: When it was last used.
        begun: When the person signed in.
    """

    id: str
    user: str | None
    epoch: int
    at: datetime
    begun: datetime


@dataclass(frozen=True)
class View:
    """A document that a person has open: proof that the view stands in the audit trail, and since when."""

    document: int
    user: str
    since: datetime


class SessionSigner:
    """Makes and reads cookies, CSRF tokens and view tokens.

    Args:
        secret: At least 32 random bytes.
        idle: A session without a request for this long has ended.
        longest: A session this old has ended, however busy it is.
    """

    def __init__(self, secret: bytes, idle: timedelta, longest: timedelta = timedelta(hours=12)) -> None:
        self._secret = secret
        self._idle = idle
        self._longest = longest
        self._cookies = URLSafeSerializer(secret, salt="session")
        self._views = URLSafeSerializer(secret, salt="view")
        self.sheets = SheetSigner(secret)

    @property
    def idle(self) -> timedelta:
        """The time without requests after which a session ends."""
        return self._idle

    def begin(self, now: datetime, user: str | None = None, epoch: int = 0) -> Session:
        """Return a fresh session."""
        return Session(secrets.token_urlsafe(18), user, epoch, now, now)

    def cookie(self, session: Session, now: datetime) -> str:
        """Return the cookie's value, its idle time counted from `now`."""
        told = {"s": session.id, "u": session.user, "e": session.epoch, "t": now.timestamp()}
        told["b"] = session.begun.timestamp()
        return str(self._cookies.dumps(told))

    def read(self, cookie: str | None, now: datetime) -> Session | None:
        """Return the session of a cookie; None when it is forged, broken, idle for too long or too old."""
        told = _loads(self._cookies, cookie)
        if told is None or "b" not in told:
            return None
        begun = datetime.fromtimestamp(told["b"], now.tzinfo)
        if now - begun > self._longest:
            return None
        at = datetime.fromtimestamp(told["t"], now.tzinfo)
        if not timedelta(minutes=-5) <= now - at <= self._idle:
            return None
        return Session(told["s"], told["u"], told["e"], at, begun)

    def csrf(self, session: Session) -> str:
        """Return the token that every write of this session must carry."""
        return hmac.new(self._secret, f"csrf:{session.id}".encode(), sha256).hexdigest()

    def csrf_fits(self, session: Session, token: str) -> bool:
        """Say whether the token is this session's."""
        return hmac.compare_digest(self.csrf(session).encode(), token.encode())

    def view(self, document: int, user: str, now: datetime) -> str:
        """Return the token of a view that was noted in the audit trail."""
        return str(self._views.dumps([document, user, now.timestamp()]))

    def read_view(self, token: str, now: datetime) -> View | None:
        """Return the view of a token; None when it is forged or too old."""
        told = _loads(self._views, token)
        if told is None:
            return None
        view = View(told[0], told[1], datetime.fromtimestamp(told[2], now.tzinfo))
        return view if now - view.since <= VIEW_LONGEST else None


class SheetSigner:
    """Makes and reads the tokens of sheets: pictures of many cells in one, whose views were noted in the audit trail.

    Args:
        secret: As for `SessionSigner`.
    """

    def __init__(self, secret: bytes) -> None:
        self._sheets = URLSafeSerializer(secret, salt="sheet")

    def sheet(self, cells: Sequence[tuple[int, int, int]], user: str, now: datetime) -> str:
        """Return the token of a sheet: (document, field, place in its value) of each cell."""
        return str(self._sheets.dumps([[list(cell) for cell in cells], user, now.timestamp()]))

    def read_sheet(self, token: str, user: str, now: datetime) -> list[tuple[int, int, int]]:
        """Return the cells of a sheet; none when the token is forged, another person's or too old."""
        told = _loads(self._sheets, token)
        if told is None or told[1] != user:
            return []
        since = datetime.fromtimestamp(told[2], now.tzinfo)
        return [(cell[0], cell[1], cell[2]) for cell in told[0]] if now - since <= VIEW_LONGEST else []


def session_secret(path: Path) -> bytes:
    """Return the installation's session secret; made at the first start, readable by the owner alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_hex(32).encode())
    return path.read_bytes()


def _loads(serializer: URLSafeSerializer, token: str | None) -> Any | None:
    if not token:
        return None
    try:
        return serializer.loads(token)
    except BadSignature:
        return None
