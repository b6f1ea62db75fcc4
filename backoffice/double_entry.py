"""Double entry (`verify: double`): two people type a field, each without seeing the other's; a third decides.

Where the two agree, their value stands. Where they differ, neither of them may touch the field again: a person who is
none of the two sees both values beside the picture and decides (docs/adr/0030). When a value that stood already is
changed later, a new round begins, and the same rules hold again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from backoffice.errors import PermissionRefused
from backoffice.tables import field_entries

SECOND_WAITS = "backoffice.second_entry_waits"
DIFFER = "backoffice.entries_differ"


class NotTheThird(PermissionRefused):
    """One of the two whose entries differ tried to decide between them."""


@dataclass(frozen=True)
class Entries:
    """What was typed into one field in its present round.

    Attributes:
        round: Counted from 0.
        typed: Person → what they typed last, in the order in which they came.
    """

    round: int = 0
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def differ(self) -> bool:
        """Whether two people have typed different things, so that a third must decide."""
        return len(self.typed) == 2 and len(set(self.typed.values())) == 2

    @property
    def settled(self) -> bool:
        """Whether two agreed or a third decided, so that whatever is typed next begins a new round."""
        return len(self.typed) > 1 and not self.differ

    def bars(self, who: str) -> bool:
        """Say whether a person may not touch the field: the two differ, and the person is one of them."""
        return self.differ and who in self.typed


NONE_YET = Entries()


def entries_of(connection: sa.Connection, document_id: int) -> dict[str, Entries]:
    """Return what was typed into the fields of a document, by name; fields that nobody typed are left out."""
    query = (
        sa.select(field_entries.c.name, field_entries.c.who, field_entries.c.value, field_entries.c.round)
        .where(field_entries.c.document_id == document_id)
        .order_by(field_entries.c.id)
    )
    rounds: dict[str, tuple[int, dict[str, str]]] = {}
    for name, who, value, number in connection.execute(query):
        last, typed = rounds.get(name, (number, {}))
        rounds[name] = (number, {**(typed if number == last else {}), who: value})
    return {name: Entries(number, MappingProxyType(typed)) for name, (number, typed) in rounds.items()}


def barred(entries: Mapping[str, Entries], names: Collection[str], who: str) -> list[str]:
    """Return which of some fields a person may not touch."""
    return [name for name in names if entries.get(name, NONE_YET).bars(who)]


def enter(
    connection: sa.Connection,
    document_id: int,
    row: sa.Row[Any],
    value: str,
    who: str,
    at: datetime,
    known: Entries,
) -> str | None:
    """Keep what a person typed into a field, inside the transaction that corrects it.

    Args:
        connection: The open transaction.
        document_id: The document.
        row: The field as it stands: `name`, `value`, `accepted`.
        value: What was typed.
        who: The person; not one whom `known` bars.
        at: When.
        known: The entries of the field so far.

    Returns:
        "" when the value stands from now on, else the catalogue key of what is waited for. None when the value stood
        already and was only confirmed.
    """
    if row.accepted and row.value == value:
        return None
    begun = Entries(known.round + 1) if row.accepted or known.settled else known
    kept = {"document_id": document_id, "name": row.name, "value": value, "who": who, "at": at}
    connection.execute(sa.insert(field_entries).values({**kept, "round": begun.round}))
    others = [typed for person, typed in begun.typed.items() if person != who]
    if begun.differ or value in others:
        return ""
    return DIFFER if others else SECOND_WAITS
