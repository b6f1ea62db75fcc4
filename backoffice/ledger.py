"""The ledger of work items: nothing lost, nothing done twice.

A work item is one record to process; `(process, key)` is unique. Every move from one state to another is a
compare-and-set written in one transaction together with an event that says who moved it, when and why.

    new ─┐                       ┌→ done
         ├→ in_progress → committing → in_doubt → (a person, or the robot's resolve steps)
    retry┘        ├→ retry             │              → done | retry | business_failure
                  ├→ business_failure ←┘
                  └→ system_failure

`in_progress` is committed before the first side effect, `committing` before the step that cannot be undone,
`done` after the confirmation was seen.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.messages import text
from backoffice.outages import through_outages
from backoffice.steady import mark
from backoffice.tables import BY_AGE, WAITING, item_events, runs, work_items
from backoffice.waiting_items import is_ready
from backoffice.work_items import (
    MOVES,
    ItemEvent,
    ItemMissing,
    LedgerConflict,
    MoveNotAllowed,
    State,
    WorkItem,
)

WAITING_ITEMS = f"work_items.{WAITING}"
"""The condition of the index `ix_work_items_waiting`, literally: only then does a database use that index."""
RECOVER_TRIES = 5
"""An item in whose hands so many runs died is given up, so that it does not hold up the others."""


class Ledger:
    """The ledger over one database.

    Args:
        engine: From `database.open_database`, migrated.
        clock: Gives the present moment, aware.
        sleep: Waits while the database is away.
    """

    def __init__(
        self, engine: sa.Engine, clock: Clock = utc_now, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._sleep = sleep

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Return a transaction on the ledger's database (see `bulk_entry`)."""
        return self._engine.begin()

    def now(self) -> datetime:
        """Return the present moment by the ledger's clock."""
        return self._clock()

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Keep an idle connection open: SQLite then need not clear its log away after every single move."""
        with self._reading() as connection:
            connection.execute(sa.select(work_items.c.id).limit(1)).all()
            connection.rollback()
            yield

    def put(
        self,
        process: str,
        key: str,
        record: Mapping[str, str],
        *,
        who: str,
        why: str,
        document: int | None = None,
        connection: sa.Connection | None = None,
    ) -> tuple[WorkItem, bool]:
        """Enter a record once.

        Args:
            process: Which business.
            key: What makes the record unique in it; never personal data.
            record: Field name → value.
            who: The reader or person who enters it.
            why: Why.
            document: The document it was read from.
            connection: A transaction to be part of; one of its own by default.

        Returns:
            The item and True when it is new. An existing item of the same process and key comes back
            untouched with False.
        """
        now = self._clock()
        values = {
            "process": process,
            "key": key,
            "state": State.NEW,
            "record": dict(record),
            "result": {},
            "attempts": 0,
            "revision": 0,
            "document": document,
            "created_at": now,
            "updated_at": now,
        }
        same = sa.select(work_items).where(work_items.c.process == process, work_items.c.key == key)
        with self._writing(connection) as writing:
            try:
                with writing.begin_nested():
                    row = writing.execute(sa.insert(work_items).values(values).returning(work_items)).one()
                    self._note(writing, row.id, None, State.NEW, who, why, None)
            except IntegrityError:
                existing = writing.execute(same).first()
                if existing is None:
                    raise
                return _item(existing), False
            return _item(row), True

    def claim(
        self, process: str, *, run: str, who: str, keys: Collection[str] | None = None
    ) -> WorkItem | None:
        """Take the oldest item that is new or due for a retry, and mark it in_progress.

        Args:
            process: Which business.
            run: The run that claims.
            who: The robot or person that acts.
            keys: Claim only among these keys.

        Returns:
            The item, now in_progress; None when nothing is waiting, or when the run was closed meanwhile: a run that
            was thought dead takes nothing up any more.

        Raises:
            DBAPIError: The database stayed away for longer than a restart takes (`outages.PATIENCE_SECONDS`).
        """
        return through_outages(lambda: self._claim(process, run, who, keys), sleep=self._sleep)

    def move(
        self,
        item: WorkItem,
        to: State,
        *,
        who: str,
        why: str,
        result: Mapping[str, str] | None = None,
        not_before: datetime | None = None,
        connection: sa.Connection | None = None,
    ) -> WorkItem:
        """Move an item on, if it still stands where the caller saw it.

        Args:
            item: The item as the caller knows it.
            to: The next state.
            who: Who moves it.
            why: Why, in a sentence without personal data.
            result: What the target gave back; replaces the item's result.
            not_before: For RETRY: do not claim it before this moment.
            connection: A transaction to be part of; one of its own by default.

        Raises:
            MoveNotAllowed: By the rules, or because only `settle` may leave in_doubt.
            LedgerConflict: Somebody else moved it first; nothing was changed.
        """
        if item.state is State.IN_DOUBT:
            raise MoveNotAllowed(
                "backoffice.doubt_needs_settling", where=f"{item.process}/{item.key}", to=to.value
            )
        changes: dict[str, Any] = {"not_before": not_before}
        if to is State.COMMITTING:
            changes["mark"] = mark()
        if result is not None:
            changes["result"] = dict(result)
        with self._writing(connection) as writing:
            return self._write_move(writing, item, to, who, why, changes)

    def settle(
        self,
        item: WorkItem,
        to: State,
        *,
        who: str,
        why: str,
        result: Mapping[str, str] | None = None,
        connection: sa.Connection | None = None,
    ) -> WorkItem:
        """Take an item out of doubt: a person's decision, or the evidence that resolve steps found.

        Args:
            item: An item that is in_doubt.
            to: DONE (it is registered), RETRY (it is not) or BUSINESS_FAILURE (it shall not be).
            who: The person, or the robot that looked it up.
            why: The evidence.
            result: What the target shows.
            connection: A transaction to be part of; one of its own by default.

        Raises:
            MoveNotAllowed: The item is not in doubt, or `to` is none of the three.
            LedgerConflict: Somebody else settled it first.
        """
        if item.state is not State.IN_DOUBT:
            raise MoveNotAllowed(
                "backoffice.move_not_allowed",
                where=f"{item.process}/{item.key}",
                start=item.state.value,
                to=to.value,
            )
        changes = {} if result is None else {"result": dict(result)}
        with self._writing(connection) as writing:
            return self._write_move(writing, item, to, who, why, changes)

    def recover(self, run: str, *, who: str) -> list[WorkItem]:
        """Put the items of a dead run where they belong.

        An item that had not reached its commit step may be tried again, but not for ever: one that was claimed
        RECOVER_TRIES times may be what kills its runs, and is given up. An item past its commit step is in doubt.

        Args:
            run: A run whose process is known to be gone.
            who: Who found it dead.

        Returns:
            The items moved.
        """
        held = sa.select(work_items).where(
            work_items.c.run == run, work_items.c.state.in_([State.IN_PROGRESS, State.COMMITTING])
        )
        with self._engine.begin() as connection:
            moved = []
            for item in [_item(row) for row in connection.execute(held)]:
                to, why = _after_death(item)
                moved.append(self._write_move(connection, item, to, who, why, {}))
            return moved

    def abandoned_by(self) -> list[str]:
        """Return the runs that are closed and still hold items: they came back after they were thought dead."""
        held = work_items.c.state.in_([State.IN_PROGRESS, State.COMMITTING])
        closed = sa.and_(runs.c.id == work_items.c.run, runs.c.finished_at.is_not(None))
        with self._reading() as connection:
            return list(connection.execute(sa.select(runs.c.id).distinct().where(held, closed)).scalars())

    def get(self, item_id: int) -> WorkItem:
        """Return the item of this number.

        Raises:
            ItemMissing: There is none.
        """
        row = self._one(sa.select(work_items).where(work_items.c.id == item_id))
        if row is None:
            raise ItemMissing("backoffice.item_missing", where=str(item_id), item=item_id)
        return row

    def find(self, process: str, key: str) -> WorkItem | None:
        """Return the item of this process and key, or None."""
        return self._one(
            sa.select(work_items).where(work_items.c.process == process, work_items.c.key == key)
        )

    def items(
        self, process: str | None = None, states: Collection[State] | None = None, limit: int | None = None
    ) -> list[WorkItem]:
        """Return items in the order of their entry, of one process or all, in some states or all."""
        query = sa.select(work_items).order_by(work_items.c.id).limit(limit)
        if process is not None:
            query = query.where(work_items.c.process == process)
        if states is not None:
            query = query.where(work_items.c.state.in_([state.value for state in states]))
        with self._reading() as connection:
            return [_item(row) for row in connection.execute(query)]

    def counts(self, process: str | None = None) -> dict[State, int]:
        """Return how many items stand in each state; states without items count 0."""
        query = sa.select(work_items.c.state, sa.func.count()).group_by(work_items.c.state)
        if process is not None:
            query = query.where(work_items.c.process == process)
        with self._reading() as connection:
            found = {State(state): count for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in State}

    def events(self, item_id: int) -> list[ItemEvent]:
        """Return every move of an item, oldest first."""
        query = sa.select(item_events).where(item_events.c.item_id == item_id).order_by(item_events.c.id)
        with self._reading() as connection:
            return [_event(row) for row in connection.execute(query)]

    def _claim(self, process: str, run: str, who: str, keys: Collection[str] | None) -> WorkItem | None:
        with self._engine.begin() as connection:
            row = connection.execute(self._next_waiting(process, run, keys)).first()
            if row is None:
                return None
            item = _item(row)
            changes = {"run": run, "attempts": item.attempts + 1}
            why = text("backoffice.why_claimed")
            return self._write_move(connection, item, State.IN_PROGRESS, who, why, changes)

    def _next_waiting(self, process: str, run: str, keys: Collection[str] | None) -> sa.Select[Any]:
        closed = sa.exists().where(runs.c.id == run, runs.c.finished_at.is_not(None))
        query = (
            sa.select(work_items)
            .where(work_items.c.process == process, sa.text(WAITING_ITEMS), is_ready(self._clock()), ~closed)
            .order_by(sa.text(f"work_items.{BY_AGE}"))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return query if keys is None else query.where(work_items.c.key.in_(keys))

    def _write_move(
        self,
        connection: sa.Connection,
        item: WorkItem,
        to: State,
        who: str,
        why: str,
        changes: Mapping[str, Any],
    ) -> WorkItem:
        where = f"{item.process}/{item.key}"
        if to not in MOVES[item.state]:
            raise MoveNotAllowed(
                "backoffice.move_not_allowed", where=where, start=item.state.value, to=to.value
            )
        values = {**changes, "state": to.value, "revision": item.revision + 1, "updated_at": self._clock()}
        update = (
            sa.update(work_items)
            .where(
                work_items.c.id == item.id,
                work_items.c.state == item.state.value,
                work_items.c.revision == item.revision,
            )
            .values(values)
        )
        if connection.execute(update).rowcount != 1:
            raise LedgerConflict("backoffice.ledger_conflict", where=where)
        run = changes.get("run", item.run)
        self._note(connection, item.id, item.state, to, who, why, run)
        row = connection.execute(sa.select(work_items).where(work_items.c.id == item.id)).one()
        return _item(row)

    def _note(
        self,
        connection: sa.Connection,
        item_id: int,
        start: State | None,
        to: State,
        who: str,
        why: str,
        run: str | None,
    ) -> None:
        connection.execute(
            sa.insert(item_events).values(
                item_id=item_id, at=self._clock(), from_state=start, to_state=to, who=who, why=why, run=run
            )
        )

    def _one(self, query: sa.Select[Any]) -> WorkItem | None:
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _item(row)

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)

    def _writing(self, connection: sa.Connection | None) -> AbstractContextManager[sa.Connection]:
        return self._engine.begin() if connection is None else nullcontext(connection)


def _after_death(item: WorkItem) -> tuple[State, str]:
    """Return where the item of a dead run belongs, and why."""
    if item.state is State.COMMITTING:
        return State.IN_DOUBT, text("backoffice.why_died_after")
    if item.attempts >= RECOVER_TRIES:
        return State.SYSTEM_FAILURE, text("backoffice.why_died_often", times=item.attempts)
    return State.RETRY, text("backoffice.why_died_before")


def _item(row: sa.Row[Any]) -> WorkItem:
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    values["record"] = MappingProxyType(values["record"])
    values["result"] = MappingProxyType(values["result"])
    return WorkItem(**values)


def _event(row: sa.Row[Any]) -> ItemEvent:
    values = {name: value for name, value in row._mapping.items() if name != "id"}
    values["from_state"] = State(values["from_state"]) if values["from_state"] else None
    values["to_state"] = State(values["to_state"])
    return ItemEvent(**values)
