"""Moves of a run at work, through a database that is restarted meanwhile: each is made once, and the run goes on.

When the answer to a move is lost nobody knows whether it was written. So before it is made again the item is looked
at: standing where the move leads to, one revision on and in the hands of the same run, it was written.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from backoffice.ledger import Ledger
from backoffice.outages import through_outages
from backoffice.work_items import LedgerConflict, State, WorkItem


def move_surely(
    ledger: Ledger,
    item: WorkItem,
    to: State,
    *,
    who: str,
    why: str,
    not_before: datetime | None = None,
) -> WorkItem:
    """Move an item that this run holds; see `Ledger.move`.

    Raises:
        LedgerConflict: Somebody else has moved it.
        DBAPIError: The database stayed away for longer than a restart takes.
    """
    return _surely(lambda: ledger.move(item, to, who=who, why=why, not_before=not_before), ledger, item, to)


def settle_surely(
    ledger: Ledger,
    item: WorkItem,
    to: State,
    *,
    who: str,
    why: str,
    result: Mapping[str, str] | None = None,
) -> WorkItem:
    """Take an item out of doubt; see `Ledger.settle`, and for errors `move_surely`."""
    return _surely(lambda: ledger.settle(item, to, who=who, why=why, result=result), ledger, item, to)


def _surely(change: Callable[[], WorkItem], ledger: Ledger, item: WorkItem, to: State) -> WorkItem:
    lost = False

    def once() -> WorkItem:
        nonlocal lost
        try:
            return change()
        except LedgerConflict:
            now = ledger.get(item.id)
            if lost and (now.state, now.revision, now.run) == (to, item.revision + 1, item.run):
                return now
            raise
        except DBAPIError:
            lost = True
            raise

    return through_outages(once)
