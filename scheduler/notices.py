"""The book of notices: what people shall be told, to whom it went, and what could not be sent yet.

A notice is entered once per occasion and target, in the same database as the runs, before anybody tries to send it. A
mail server that is away, a missing password or a crash in between therefore loses nothing: it is tried again with
longer and longer pauses, and after `give_up_hours` it stays in the book as given up, for people to see. Whoever sends
first takes the notice for some minutes, so that two services do not both send it; after a crash in the middle of
sending it may arrive twice, which is better than never.

No notice holds personal data: it is made of words of the declarations, numbers and times, never of a run's reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.tables import notices

TAKEN_FOR = timedelta(minutes=5)
"""So long nobody else sends a notice that somebody took."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
FARTHEST = timedelta(hours=2)
"""Further ahead than this a notice was put off while the clock was wrong."""
BATCH = 500


class NoticeState(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Channel(StrEnum):
    """By what a notice is sent."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Target:
    """Where a notice goes: a mail address, or the name of a webhook in the settings."""

    channel: Channel
    name: str


@dataclass(frozen=True)
class Notice:
    """One notice to one target.

    Attributes:
        key: The occasion, such as "failure/<run>"; unique together with channel and target.
        facts: Words of declarations, numbers and times; never personal data.
        attempts: How often it was tried to send it.
        trouble: Why it was not sent the last time; a sentence of the catalogue.
        not_before: When it is tried next.
        closed_at: When it was sent or given up.
    """

    id: int
    key: str
    job: str
    department: str
    event: str
    channel: Channel
    target: str
    facts: Mapping[str, Any]
    state: NoticeState
    attempts: int
    trouble: str
    created_at: datetime
    not_before: datetime
    closed_at: datetime | None


class NoticeBook:
    """The notices of one database.

    Args:
        engine: The migrated database.
        clock: The present moment.
        give_up: After this time a notice is not tried any more.
    """

    def __init__(
        self, engine: sa.Engine, clock: Clock = utc_now, *, give_up: timedelta = timedelta(hours=72)
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._give_up = give_up

    def enter(
        self, key: str, job: str, department: str, event: str, target: Target, facts: Mapping[str, Any]
    ) -> bool:
        """Enter a notice; False when this occasion was entered for this target before."""
        now = self._clock()
        row = {
            "key": key,
            "job": job,
            "department": department,
            "event": event,
            "channel": target.channel.value,
            "target": target.name,
            "facts": dict(facts),
            "state": NoticeState.WAITING.value,
            "attempts": 0,
            "trouble": "",
            "created_at": now,
            "not_before": now,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(notices).values(row))
        except IntegrityError:
            return False
        return True

    def known(self, since: datetime) -> frozenset[str]:
        """Return the keys of all occasions entered since some moment."""
        query = sa.select(notices.c.key).where(notices.c.created_at >= since).distinct()
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def take(self) -> Notice | None:
        """Take the oldest notice whose time has come, for TAKEN_FOR; None when there is none."""
        now = self._clock()
        due = sa.select(notices).where(
            notices.c.state == NoticeState.WAITING.value,
            sa.or_(notices.c.not_before <= now, notices.c.not_before > now + FARTHEST),
        )
        with self._reading() as connection:
            row = connection.execute(due.order_by(notices.c.not_before, notices.c.id).limit(1)).first()
        if row is None:
            return None
        mine = (notices.c.id == row.id, notices.c.attempts == row.attempts, notices.c.state == row.state)
        changes = {"attempts": row.attempts + 1, "not_before": now + TAKEN_FOR}
        with self._engine.begin() as connection:
            taken = connection.execute(sa.update(notices).where(*mine).values(**changes)).rowcount
        return _notice(row, **changes) if taken else self.take()

    def sent(self, notice: Notice) -> None:
        """Note that a notice was sent."""
        self._change(notice, {"state": NoticeState.SENT.value, "trouble": "", "closed_at": self._clock()})

    def not_sent(self, notice: Notice, trouble: str) -> NoticeState:
        """Note why a notice could not be sent, and when it is tried next; returns its state."""
        now = self._clock()
        if now - notice.created_at >= self._give_up:
            changes = {"state": NoticeState.GIVEN_UP.value, "trouble": trouble, "closed_at": now}
            self._change(notice, changes)
            return NoticeState.GIVEN_UP
        pause = min(FIRST_PAUSE * 2 ** min(notice.attempts - 1, 16), LONGEST_PAUSE)
        self._change(notice, {"trouble": trouble, "not_before": now + pause})
        return NoticeState.WAITING

    def closed_before(self, moment: datetime) -> tuple[int, ...]:
        """Return the numbers of the notices that were entered before a moment and are sent or given up."""
        closed = (notices.c.created_at < moment, notices.c.state != NoticeState.WAITING.value)
        query = sa.select(notices.c.id).where(*closed).order_by(notices.c.id)
        with self._reading() as connection:
            return tuple(connection.execute(query).scalars())

    def forget(self, numbers: Sequence[int]) -> None:
        """Remove notices; one that waits stays."""
        with self._engine.begin() as connection:
            for start in range(0, len(numbers), BATCH):
                some = notices.c.id.in_(numbers[start : start + BATCH])
                closed = notices.c.state != NoticeState.WAITING.value
                connection.execute(sa.delete(notices).where(some, closed))

    def list(self, states: tuple[NoticeState, ...] = (), limit: int = 100) -> list[Notice]:
        """Return notices, newest first, in some states or all."""
        query = sa.select(notices).order_by(notices.c.id.desc()).limit(limit)
        if states:
            query = query.where(notices.c.state.in_([state.value for state in states]))
        with self._reading() as connection:
            return [_notice(row) for row in connection.execute(query)]

    def _change(self, notice: Notice, changes: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(notices).where(notices.c.id == notice.id).values(**changes))

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _notice(row: sa.Row[Any], **changes: Any) -> Notice:
    values = {**row._mapping, **changes}
    values |= {"channel": Channel(values["channel"]), "state": NoticeState(values["state"])}
    return Notice(**values)
