"""What a work item is, which states it may stand in, and which moves the ledger's rules allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from backoffice.errors import Conflict, HakadoriError


class State(StrEnum):
    """Where a work item stands."""

    NEW = "new"
    RETRY = "retry"
    IN_PROGRESS = "in_progress"
    COMMITTING = "committing"
    DONE = "done"
    BUSINESS_FAILURE = "business_failure"
    SYSTEM_FAILURE = "system_failure"
    IN_DOUBT = "in_doubt"


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.NEW: frozenset({State.IN_PROGRESS}),
        State.RETRY: frozenset({State.IN_PROGRESS}),
        State.IN_PROGRESS: frozenset(
            {State.COMMITTING, State.DONE, State.RETRY, State.BUSINESS_FAILURE, State.SYSTEM_FAILURE}
        ),
        State.COMMITTING: frozenset({State.DONE, State.IN_DOUBT, State.BUSINESS_FAILURE}),
        State.IN_DOUBT: frozenset({State.DONE, State.RETRY, State.BUSINESS_FAILURE}),
        State.BUSINESS_FAILURE: frozenset({State.RETRY}),
        State.SYSTEM_FAILURE: frozenset({State.RETRY}),
        State.DONE: frozenset(),
    }
)
"""What may follow what. Only `settle` leaves IN_DOUBT; a person may send a failed item back to RETRY."""


class LedgerConflict(Conflict):
    """The item was moved by somebody else since it was read."""


class MoveNotAllowed(HakadoriError):
    """The ledger's rules know no such move."""


class ItemMissing(HakadoriError):
    """No work item has this number or key."""

    exit_code = 2


@dataclass(frozen=True)
class WorkItem:
    """One record to process, as it stood when it was read.

    Attributes:
        id: Number in the ledger.
        process: Which business it belongs to.
        key: What makes it unique in the process; never personal data.
        state: Where it stands.
        record: Field name → value.
        result: What the target gave back, e.g. its receipt number.
        attempts: How often it was claimed.
        revision: Counts the moves; the compare of compare-and-set.
        run: The run that holds or last held it.
        document: The document it was read from.
        not_before: A retry is not claimed before this moment.
        mark: When its commit step began last, by the clock of the PC that nobody sets (`steady`).
    """

    id: int
    process: str
    key: str
    state: State
    record: Mapping[str, str]
    result: Mapping[str, str]
    attempts: int
    revision: int
    run: str | None
    document: int | None
    not_before: datetime | None
    created_at: datetime
    updated_at: datetime
    mark: str | None = None

    @property
    def is_erased(self) -> bool:
        """Whether its days are over: that it was done is still known, its contents are not (see `retention`)."""
        return self.state is State.DONE and not self.record and not self.result


@dataclass(frozen=True)
class ItemEvent:
    """One move of one item: from where to where, when, by whom, in which run, and why."""

    item_id: int
    at: datetime
    from_state: State | None
    to_state: State
    who: str
    why: str
    run: str | None
