"""What people decide about items goes into the ledger and the audit trail together, or into neither."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.audit import AuditTrail
from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.work_items import State, WorkItem
from console.item_office import retry, settle

Decide = Callable[[Ledger, AuditTrail], WorkItem]


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'items.db'}")
    upgrade(engine)
    return engine


def settled(ledger: Ledger, audit: AuditTrail) -> WorkItem:
    item = _held(ledger)
    item = ledger.move(item, State.COMMITTING, who="robot", why="t")
    item = ledger.move(item, State.IN_DOUBT, who="robot", why="t")
    return settle(ledger, audit, item, "done", who="sato", why="台帳で見た")


def sent_back(ledger: Ledger, audit: AuditTrail) -> WorkItem:
    item = ledger.move(_held(ledger), State.SYSTEM_FAILURE, who="robot", why="t")
    return retry(ledger, audit, item, who="sato", why="相手が直った")


def _held(ledger: Ledger) -> WorkItem:
    ledger.put("kouza", "1", {}, who="t", why="t")
    item = ledger.claim("kouza", run="r", who="robot")
    assert item is not None
    return item


@pytest.mark.parametrize(
    ("decide", "state", "what"),
    [(settled, State.DONE, "item.settle"), (sent_back, State.RETRY, "item.retry")],
)
def test_a_decision_and_its_audit_entry_are_one_commit(
    engine: sa.Engine, decide: Decide, state: State, what: str
) -> None:
    audit, commits = AuditTrail(engine), list[object]()
    sa.event.listen(engine, "commit", commits.append)
    item = decide(Ledger(engine), audit)
    assert item.state is state
    assert [(entry.who, entry.what, entry.subject) for entry in audit.entries()] == [
        ("sato", what, f"item/{item.id}")
    ]
    before = {settled: 4, sent_back: 3}[decide]  # put, claim and the robot's moves
    assert len(commits) - before == 1


@pytest.mark.parametrize(("decide", "state"), [(settled, State.IN_DOUBT), (sent_back, State.SYSTEM_FAILURE)])
def test_a_decision_that_the_trail_cannot_take_down_is_not_made(
    engine: sa.Engine, decide: Decide, state: State
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit RENAME TO gone"))
    ledger = Ledger(engine)
    with pytest.raises(sa.exc.OperationalError):
        decide(ledger, AuditTrail(engine))
    assert ledger.get(1).state is state
    assert [event.to_state for event in ledger.events(1)][-1] is state
