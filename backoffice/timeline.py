"""The timeline of a received file: received, claimed, read, reviewed by whom, became items, registered.

Each step is noted in the transaction that does it, so the timeline never says what did not happen. It holds times,
people, counts and names of fields, never the value of a field. What happened to the work items of a document is read
from the ledger's own events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backoffice.inbox_tables import document_events
from backoffice.tables import documents, item_events, review_times

_ADD = sa.insert(document_events)


class Happening(StrEnum):
    """What can happen to a received file and its documents."""

    RECEIVED = "received"
    CLAIMED = "claimed"
    READ = "read"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"
    RETRIED = "retried"
    ENTERED = "entered"
    REVIEWED = "reviewed"
    CORRECTED = "corrected"
    WAITING = "waiting"
    RECORDED = "recorded"
    DISCARDED = "discarded"
    RETURNED = "returned"
    TAKEN_UP = "taken_up"
    ITEM = "item"


@dataclass(frozen=True)
class TimelineEntry:
    """One step.

    Attributes:
        at: When.
        what: What happened.
        who: The reader, a robot or a person.
        document: Number of the document of the file it concerns, or None for the file as a whole.
        details: Counts, names of fields, seconds, the state of a work item.
    """

    at: datetime
    what: Happening
    who: str
    document: int | None
    details: Mapping[str, Any]


def note(
    connection: sa.Connection,
    file_id: int,
    what: Happening,
    who: str,
    at: datetime,
    *,
    document: int | None = None,
    **details: Any,
) -> None:
    """Note a step in the transaction that does it.

    Args:
        connection: The open transaction.
        file_id: The received file.
        what: What happened.
        who: The reader or a person.
        at: When.
        document: The document it concerns.
        **details: Counts and names; nothing personal.
    """
    row = {"file_id": file_id, "document_id": document, "at": at, "what": what.value, "who": who}
    connection.execute(_ADD, row | {"details": details})


def timeline(engine: sa.Engine, file_id: int) -> list[TimelineEntry]:
    """Return every step of a received file and of what became of it, oldest first."""
    with engine.connect().execution_options(read_only=True) as connection:
        own = connection.execute(
            sa.select(document_events)
            .where(document_events.c.file_id == file_id)
            .order_by(document_events.c.id)
        )
        entries = [
            TimelineEntry(row.at, Happening(row.what), row.who, row.document_id, row.details) for row in own
        ]
        entries += _reviews(connection, file_id) + _item_steps(connection, file_id)
    return sorted(entries, key=lambda entry: entry.at)


def _reviews(connection: sa.Connection, file_id: int) -> list[TimelineEntry]:
    query = (
        sa.select(review_times.c.at, review_times.c.who, review_times.c.document_id, review_times.c.seconds)
        .join(documents, documents.c.id == review_times.c.document_id)
        .where(documents.c.file_id == file_id)
        .order_by(review_times.c.id)
    )
    return [
        TimelineEntry(at, Happening.REVIEWED, who, document, {"seconds": round(seconds, 1)})
        for at, who, document, seconds in connection.execute(query)
    ]


def _item_steps(connection: sa.Connection, file_id: int) -> list[TimelineEntry]:
    query = (
        sa.select(
            item_events.c.at, item_events.c.who, documents.c.id, item_events.c.to_state, documents.c.item_id
        )
        .join(documents, documents.c.item_id == item_events.c.item_id)
        .where(documents.c.file_id == file_id)
        .order_by(item_events.c.id)
    )
    return [
        TimelineEntry(at, Happening.ITEM, who, document, {"item": item, "state": state})
        for at, who, document, state, item in connection.execute(query)
    ]
