"""Entering many records in the ledger at once: a sheet of 10,000 rows in one transaction, each row once.

One by one, every record would cost a transaction and a flush to the disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.ledger import Ledger
from backoffice.tables import item_events, work_items
from backoffice.work_items import State, WorkItem

TRIES = 5
"""Another run may enter some of the same keys at the same moment; then what is known is looked at again."""


@dataclass(frozen=True)
class Fresh:
    """A record to enter: its dedupe key and its values."""

    key: str
    record: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Entered:
    """What came of it.

    Attributes:
        new: How many were entered.
        known: Those whose keys were taken, with the items that have them; nothing about these was changed.
    """

    new: int
    known: tuple[tuple[Fresh, WorkItem], ...]


def enter_all(
    ledger: Ledger,
    process: str,
    records: Sequence[Fresh],
    *,
    who: str,
    why: str,
    compared: Callable[[str], str] = str,
) -> Entered:
    """Enter every record whose key the process does not have yet; all of them, or none.

    Args:
        ledger: The ledger.
        process: Which business.
        records: In the order in which they are to be worked on; no key twice.
        who: Who enters them.
        why: Why, for their first event; without personal data.
        compared: Gives the form in which two keys are compared.

    Raises:
        IntegrityError: Others kept entering the same keys at the same moment.
    """
    for left in range(TRIES - 1, -1, -1):
        items = {compared(item.key): item for item in ledger.items(process)}
        met = [(one, items.get(compared(one.key))) for one in records]
        fresh = [one for one, item in met if item is None]
        known = tuple((one, item) for one, item in met if item is not None)
        try:
            _insert(ledger, process, fresh, who, why)
        except IntegrityError:
            if not left:
                raise
            continue
        return Entered(len(fresh), known)
    raise AssertionError("unreachable")


def _insert(ledger: Ledger, process: str, records: Sequence[Fresh], who: str, why: str) -> None:
    if not records:
        return
    now = ledger.now()
    rows = [
        {
            "process": process,
            "key": one.key,
            "state": State.NEW,
            "record": one.record,
            "result": {},
            "attempts": 0,
            "revision": 0,
            "created_at": now,
            "updated_at": now,
        }
        for one in records
    ]
    event = {"at": now, "from_state": None, "to_state": State.NEW, "who": who, "why": why, "run": None}
    with ledger.transaction() as connection:
        made = sa.insert(work_items).returning(work_items.c.id, sort_by_parameter_order=True)
        numbers = connection.execute(made, rows).scalars().all()
        connection.execute(sa.insert(item_events), [{**event, "item_id": number} for number in numbers])
