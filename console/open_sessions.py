"""The browsers that people are signed in with: shown to each person, and ended one by one.

A session itself is a signed cookie (`web/sessions.py`) and needs no row to hold; the row says since when it is open,
from where, and that it was ended. So signing out ends this session for good, also for a copy of its cookie, and no
other one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.people_tables import open_sessions as table

SEEN_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=400)
"""Far longer than a session lasts (`web: session_hours`): an ended one is never taken for one without a row."""
LONGEST_ADDRESS = 64
BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class OpenSession:
    """One browser that a person is signed in with.

    Attributes:
        handle: Names the session without opening it.
        browser: "Edge (Windows)", as far as the browser tells.
    """

    handle: str
    begun_at: datetime
    seen_at: datetime
    address: str
    browser: str


class SessionBook:
    """Open sessions over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def enter(self, session: str, user: str, epoch: int, *, address: str = "", agent: str = "") -> None:
        """Enter a session that begins; rows that no cookie can belong to any more are let go.

        Args:
            session: Its number, as in the cookie.
            user: Who signed in.
            epoch: Of the person's sessions.
            address: Of the person's PC.
            agent: What the browser says that it is.
        """
        now = self._clock()
        row = {
            "handle": handle_of(session),
            "user": user,
            "epoch": epoch,
            "begun_at": now,
            "seen_at": now,
            "address": address[:LONGEST_ADDRESS],
            "browser": browser_of(agent),
        }
        with self._engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.begun_at < now - KEPT))
            connection.execute(sa.insert(table).values(row))

    def note_seen(self, handle: str, before: datetime | None) -> None:
        """Note to the minute that somebody sits there now.

        Args:
            handle: Of the session.
            before: When that was noted last; None when no row is kept of it.
        """
        now = self._clock()
        if before is not None and now - before >= SEEN_EVERY:
            self._change([handle], seen_at=now)

    def of(self, user: str, epoch: int, *, idle: timedelta) -> list[OpenSession]:
        """Return the open sessions of a person, the one used last first.

        Args:
            user: Whose.
            epoch: Sessions of another one have ended.
            idle: A session that was not used for so long has ended.
        """
        mine = (table.c.user == user) & (table.c.epoch == epoch)
        live = table.c.ended_at.is_(None) & (table.c.seen_at >= self._clock() - idle)
        query = sa.select(table).where(mine, live).order_by(table.c.seen_at.desc(), table.c.handle)
        with self._reading() as connection:
            return [_session(row) for row in connection.execute(query)]

    def end(self, session: str) -> None:
        """End a session by its number, so that a copy of its cookie is worth nothing either."""
        self._change([handle_of(session)], ended_at=self._clock())

    def end_of(self, user: str, handles: Collection[str]) -> int:
        """End some sessions of a person, and return how many were open."""
        with self._engine.begin() as connection:
            ended = connection.execute(
                sa.update(table)
                .where(table.c.user == user, table.c.handle.in_(list(handles)), table.c.ended_at.is_(None))
                .values(ended_at=self._clock())
            )
        return ended.rowcount

    def _change(self, handles: Collection[str], **changes: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(table).where(table.c.handle.in_(list(handles))).values(changes))

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def handle_of(session: str) -> str:
    """Return what stands in the books for a session's number."""
    return sha256(f"session:{session}".encode()).hexdigest()


def browser_of(agent: str) -> str:
    """Return a browser and its system in two words, as far as the browser tells."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} ({system})" if browser and system else (browser or system)


def _session(row: sa.Row[Any]) -> OpenSession:
    return OpenSession(**{name: row._mapping[name] for name in OpenSession.__dataclass_fields__})
