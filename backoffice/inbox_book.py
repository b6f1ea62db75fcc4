"""What is remembered of watched folders between two looks and two processes.

Two things: whether a department's folder can be reached (so that a share that vanishes is told once, and its return
too), and which of its files could not be taken yet, since when and why (so that patience counts hours, not starts).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.inbox_tables import inbox_states, inbox_waits
from backoffice.received import LONGEST_NAME


@dataclass(frozen=True)
class InboxState:
    """How a department's watched folder stands.

    Attributes:
        department: Folder name of the department.
        marker: What we wrote into the folder to know it again; empty where nothing was written.
        away_since: Since when nothing can be taken from it, or None.
        away_reason: Why: gone, empty, disk_full, silent, or the name of the system's error.
    """

    department: str
    marker: str
    away_since: datetime | None
    away_reason: str


@dataclass(frozen=True)
class WaitingFile:
    """A file in an inbox that could not be taken yet.

    Attributes:
        department: Folder name of the department.
        name: Its name in the inbox, with sub-folders.
        reason: half, empty, locked, denied, unreadable, link, special.
        first_seen_at: Since when it has not been taken.
        told_at: When the department was told, or None.
    """

    department: str
    name: str
    reason: str
    first_seen_at: datetime
    told_at: datetime | None


class InboxBook:
    """The memory of all watched folders over one database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def states(self) -> list[InboxState]:
        """Return what is known of every inbox that was ever marked or away."""
        query = sa.select(inbox_states).order_by(inbox_states.c.department)
        with self._reading() as connection:
            return [_state(row) for row in connection.execute(query)]

    def state(self, department: str) -> InboxState:
        """Return what is known of a department's inbox."""
        query = sa.select(inbox_states).where(inbox_states.c.department == department)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return InboxState(department, "", None, "") if row is None else _state(row)

    def remember(self, department: str, marker: str) -> None:
        """Keep what was written into the folder."""
        self._upsert(department, {"marker": marker})

    def note_away(self, department: str, reason: str) -> bool:
        """Note that nothing can be taken from an inbox; True when that is news."""
        self._upsert(department, {})
        change = {"away_since": self._clock(), "away_reason": reason, "changed_at": self._clock()}
        update = sa.update(inbox_states).values(change)
        return self._changed(update.where(_of(department), inbox_states.c.away_since.is_(None)))

    def note_here(self, department: str) -> bool:
        """Note that an inbox can be worked on; True when it was away until now."""
        change = {"away_since": None, "away_reason": "", "changed_at": self._clock()}
        update = sa.update(inbox_states).values(change)
        return self._changed(update.where(_of(department), inbox_states.c.away_since.is_not(None)))

    def waits(self, department: str | None = None) -> list[WaitingFile]:
        """Return the files that could not be taken yet, of one department or all, the longest waiting first."""
        query = sa.select(inbox_waits).order_by(inbox_waits.c.first_seen_at, inbox_waits.c.id)
        if department is not None:
            query = query.where(inbox_waits.c.department == department)
        with self._reading() as connection:
            return [
                WaitingFile(row.department, row.name, row.reason, row.first_seen_at, row.told_at)
                for row in connection.execute(query)
            ]

    def wait(self, department: str, name: str, reason: str) -> WaitingFile:
        """Note that a file could not be taken, and return it with the moment when that was first so."""
        name = name[-LONGEST_NAME:]
        one = (inbox_waits.c.department == department, inbox_waits.c.name == name)
        row = {"department": department, "name": name, "reason": reason, "first_seen_at": self._clock()}
        if not self._changed(sa.update(inbox_waits).where(*one).values(reason=reason)):
            self._insert(sa.insert(inbox_waits).values(row))
        return next(wait for wait in self.waits(department) if wait.name == name)

    def note_told(self, department: str, name: str) -> None:
        """Note that the department knows of a file that cannot be taken."""
        one = (inbox_waits.c.department == department, inbox_waits.c.name == name[-LONGEST_NAME:])
        self._changed(sa.update(inbox_waits).where(*one).values(told_at=self._clock()))

    def forget(self, department: str, names: Collection[str]) -> None:
        """Forget files that were taken, or that are no longer there."""
        kept = [name[-LONGEST_NAME:] for name in names]
        of = (inbox_waits.c.department == department, inbox_waits.c.name.in_(kept))
        self._changed(sa.delete(inbox_waits).where(*of))

    def _upsert(self, department: str, values: dict[str, Any]) -> None:
        update = sa.update(inbox_states).where(_of(department))
        if self._changed(update.values(values | {"changed_at": self._clock()})):
            return
        row = {"department": department, "marker": "", "away_reason": "", "changed_at": self._clock()}
        self._insert(sa.insert(inbox_states).values(row | values))

    def _changed(self, statement: sa.Update | sa.Delete) -> bool:
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount > 0

    def _insert(self, statement: sa.Insert) -> None:
        """Insert a row; when another process was first with it, its row is as good."""
        try:
            with self._engine.begin() as connection:
                connection.execute(statement)
        except IntegrityError:
            return

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _of(department: str) -> sa.ColumnElement[bool]:
    return inbox_states.c.department == department


def _state(row: sa.Row[Any]) -> InboxState:
    return InboxState(row.department, row.marker, row.away_since, row.away_reason)
