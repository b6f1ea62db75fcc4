"""What people decide about items: settle one in doubt, send failed ones back.

The command line, the API and the pages all decide here, so that the rules and the audit trail are the same everywhere.
The move and its entry in the audit trail are one transaction: neither is ever kept without the other.
"""

from collections.abc import Mapping
from types import MappingProxyType

from backoffice.audit import AuditTrail
from backoffice.ledger import Ledger
from backoffice.suggest import did_you_mean
from backoffice.work_items import State, WorkItem
from console.errors import ArgumentWrong

SETTLED: Mapping[str, State] = MappingProxyType(
    {"done": State.DONE, "retry": State.RETRY, "failed": State.BUSINESS_FAILURE}
)
"""What a person may decide about an item in doubt: it is registered; it is not; it shall not be."""


def settle(ledger: Ledger, audit: AuditTrail, item: WorkItem, to: str, *, who: str, why: str) -> WorkItem:
    """Decide an item in doubt, after it was looked up in the target system.

    Args:
        ledger: The work items.
        audit: Takes the decision down.
        item: The item as the person saw it.
        to: One of SETTLED.
        who: The person.
        why: What was seen in the target; no personal data.

    Raises:
        ArgumentWrong: There is no such decision, or no reason was given.
        MoveNotAllowed: The item is not in doubt.
        LedgerConflict: Somebody else settled it first.
    """
    state, reason = check_decision(to, why)
    with ledger.transaction() as connection:
        settled = ledger.settle(item, state, who=who, why=reason, connection=connection)
        audit.note(who, "item.settle", f"item/{item.id}", connection, to=settled.state)
    return settled


def check_decision(to: str, why: str) -> tuple[State, str]:
    """Return where a decision takes an item, and its reason without blanks around it.

    Raises:
        ArgumentWrong: There is no such decision, or no reason was given.
    """
    if to not in SETTLED:
        raise ArgumentWrong("console.choice_unknown", where="--as", name=to, hint=did_you_mean(to, SETTLED))
    return SETTLED[to], _reason(why)


def retry(
    ledger: Ledger, audit: AuditTrail, item: WorkItem, *, who: str, why: str, refused_too: bool = False
) -> WorkItem:
    """Send a failed item back into the queue.

    Args:
        ledger: The work items.
        audit: Takes the decision down.
        item: The item as the person saw it.
        who: The person.
        why: What has changed since it failed.
        refused_too: Also an item whose record the target refused: it will be refused again unless something changed.

    Raises:
        ArgumentWrong: No reason was given, or the record was refused and nobody said to try it all the same.
        MoveNotAllowed: The item has not failed.
        LedgerConflict: Somebody else moved it first.
    """
    if item.state is State.BUSINESS_FAILURE and not refused_too:
        where = f"{item.process}/{item.key}"
        raise ArgumentWrong("work.refused_deliberately", where=where, item=where)
    reason = _reason(why)
    with ledger.transaction() as connection:
        sent = ledger.move(item, State.RETRY, who=who, why=reason, connection=connection)
        audit.note(who, "item.retry", f"item/{item.id}", connection, was=item.state)
    return sent


def _reason(why: str) -> str:
    if not why.strip():
        raise ArgumentWrong("console.settle_why_missing", where="--why")
    return why.strip()
