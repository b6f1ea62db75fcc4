"""From where and how much: the file that a robot's items come from, and the keys that a run may touch."""

from collections.abc import Collection
from pathlib import Path

from backoffice.ledger import Ledger
from backoffice.work_items import State
from robots.evidence import NoEvidence
from robots.office import Office


def source_file(office: Office) -> Path | None:
    """Return the file that the robot's items come from; None when they come from the ledger.

    Raises:
        PlaceRefused: It lies outside of the folders that robots may use.
        ValueUnfit: A place in its name has no value.
    """
    items = office.robot.items
    if not items.is_table or items.file is None:
        return None
    bench = office.bench(None, NoEvidence())
    return bench.places.resolve(items.file.fill(bench.scope))


def first_waiting(
    ledger: Ledger, process: str, keys: Collection[str] | None, limit: int | None
) -> Collection[str] | None:
    """Return the keys that a run may touch: those told, at most so many, in the order of their entry; None for all."""
    if limit is None:
        return keys
    waiting = [item.key for item in ledger.items(process, [State.NEW, State.RETRY])]
    return [key for key in waiting if keys is None or key in keys][:limit]
