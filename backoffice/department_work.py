"""What the departments may see of items and runs, and how many there are.

An item that was read from a document belongs to the document's department. An item that came from a list belongs to
the departments whose jobs work on its process. A run belongs to the department of its job. What belongs to nobody any
more (its job is gone) is for those who see every department.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from backoffice.document import DocumentState
from backoffice.run_progress import RunWatch
from backoffice.runs import Run, RunState
from backoffice.tables import documents, item_events, received_files, runs, work_items
from backoffice.work_items import State, WorkItem

Scope = Collection[str] | None
"""Names of departments; None for all."""


_DEPARTMENT_OF = sa.select(documents.c.department).where(documents.c.id == sa.bindparam("of"))
_AT_ONCE = 500
"""So many numbers are asked about in one query."""


@dataclass(frozen=True)
class Owners:
    """Which departments declared work belongs to.

    Attributes:
        jobs: Job → its department.
        processes: Process → the departments whose jobs work on it.
        robots: "robot NAME", under which a robot's own runs stand in the book → departments whose jobs run it.
    """

    jobs: Mapping[str, str] = field(default_factory=dict)
    processes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    robots: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of_run(self, job: str) -> frozenset[str]:
        """Return the departments that the runs of a job, or a robot's own runs, belong to."""
        own = self.jobs.get(job)
        return self.robots.get(job, frozenset()) if own is None else frozenset({own})

    def jobs_of(self, scope: Collection[str]) -> list[str]:
        """Return the jobs of some departments, and the names under which their robots' own runs stand."""
        robots = [name for name, of in self.robots.items() if of & set(scope)]
        return [job for job, department in self.jobs.items() if department in scope] + robots

    def processes_of(self, scope: Collection[str]) -> list[str]:
        """Return the processes that jobs of some departments work on."""
        return [process for process, of in self.processes.items() if of & set(scope)]


@dataclass(frozen=True)
class Page:
    """A part of a long list.

    Attributes:
        limit: At most so many.
        offset: How many are left out before it.
    """

    limit: int = 50
    offset: int = 0


class DepartmentWork:
    """Items, runs, documents and files as departments see them, over one database.

    Attributes:
        owners: Which departments declared work belongs to.
        watch: How far a run has come.
    """

    def __init__(self, engine: sa.Engine, owners: Owners) -> None:
        self._engine = engine
        self.owners = owners
        self.watch = RunWatch(engine)

    @property
    def engine(self) -> sa.Engine:
        """The database, for those who count in it."""
        return self._engine

    def items(
        self,
        scope: Scope,
        page: Page,
        *,
        process: str | None = None,
        states: Collection[State] | None = None,
        key: str | None = None,
        run: str | None = None,
        newest_first: bool = False,
    ) -> tuple[list[WorkItem], int]:
        """Return items in the order of their entry, and how many there are in all.

        Args:
            scope: Whose.
            page: Which part of the list.
            process: Only of this business.
            states: Only in these states.
            key: Only with this in their key.
            run: Only those that this run moved.
            newest_first: The last entered first.
        """
        chosen = [self._own_items(scope)]
        if key is not None:
            chosen.append(work_items.c.key.contains(key, autoescape=True))
        if run is not None:
            moved = sa.select(item_events.c.item_id).where(item_events.c.run == run)
            chosen.append(work_items.c.id.in_(moved))
        if process is not None:
            chosen.append(work_items.c.process == process)
        if states is not None:
            chosen.append(work_items.c.state.in_([state.value for state in states]))
        order = work_items.c.id.desc() if newest_first else work_items.c.id
        rows, count = self._page(work_items, chosen, order, page)
        return [_item(row) for row in rows], count

    def item_counts(self, scope: Scope) -> dict[State, int]:
        """Return how many items stand in each state; states without items count 0."""
        query = sa.select(work_items.c.state, sa.func.count()).where(self._own_items(scope))
        with self._reading() as connection:
            found = {State(state): n for state, n in connection.execute(query.group_by(work_items.c.state))}
        return {state: found.get(state, 0) for state in State}

    def reasons(self, items: Collection[WorkItem]) -> dict[int, str]:
        """Return why each of some items stands where it stands: the first line of its last move."""
        numbers, told = [item.id for item in items], {}
        with self._reading() as connection:
            for at in range(0, len(numbers), _AT_ONCE):
                of_these = item_events.c.item_id.in_(numbers[at : at + _AT_ONCE])
                last = (
                    sa.select(sa.func.max(item_events.c.id)).where(of_these).group_by(item_events.c.item_id)
                )
                query = sa.select(item_events.c.item_id, item_events.c.why).where(item_events.c.id.in_(last))
                told.update({item: why.partition("\n")[0] for item, why in connection.execute(query)})
        return told

    def processes(self, scope: Scope) -> list[str]:
        """Return the businesses that have items, by name."""
        query = sa.select(work_items.c.process).where(self._own_items(scope)).distinct()
        with self._reading() as connection:
            return sorted(connection.execute(query).scalars())

    def runs(
        self, scope: Scope, page: Page, *, job: str | None = None, states: Collection[RunState] | None = None
    ) -> tuple[list[Run], int]:
        """Return runs, newest first, and how many there are in all."""
        chosen: list[sa.ColumnElement[bool]] = [sa.true()]
        if scope is not None:
            chosen.append(runs.c.job.in_(self.owners.jobs_of(scope)))
        if job is not None:
            chosen.append(runs.c.job == job)
        if states is not None:
            chosen.append(runs.c.state.in_([state.value for state in states]))
        rows, count = self._page(runs, chosen, runs.c.started_at.desc(), page, runs.c.lane, runs.c.id)
        return [Run(**{**row._mapping, "state": RunState(row.state)}) for row in rows], count

    def documents(
        self, scope: Scope, page: Page, *, form: str | None = None, state: DocumentState | None = None
    ) -> tuple[list[sa.Row[Any]], int]:
        """Return documents without their fields, oldest first, and how many there are in all."""
        chosen = [_of_departments(documents.c.department, scope)]
        if form is not None:
            chosen.append(documents.c.form == form)
        if state is not None:
            chosen.append(documents.c.state == state.value)
        return self._page(documents, chosen, documents.c.id, page)

    def files(
        self,
        scope: Scope,
        page: Page,
        *,
        number: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[list[sa.Row[Any]], int]:
        """Return received files, newest first, and how many there are in all.

        Args:
            scope: Of these departments.
            page: Which part of the list.
            number: Only the one of this number.
            since: Only those received at this moment or later.
            until: Only those received before this moment.
        """
        chosen = [_of_departments(received_files.c.department, scope)]
        if number is not None:
            chosen.append(received_files.c.id == number)
        if since is not None:
            chosen.append(received_files.c.received_at >= since)
        if until is not None:
            chosen.append(received_files.c.received_at < until)
        return self._page(received_files, chosen, received_files.c.id.desc(), page)

    def department_of_document(self, document_id: int) -> str | None:
        """Return the department that a document belongs to, without reading its fields; None when there is none."""
        with self._reading() as connection:
            return connection.execute(_DEPARTMENT_OF, {"of": document_id}).scalar_one_or_none()

    def departments_of_item(self, item: WorkItem) -> frozenset[str]:
        """Return the departments that an item belongs to; empty when they are gone."""
        if item.document is None:
            return self.owners.processes.get(item.process, frozenset())
        query = sa.select(documents.c.department).where(documents.c.id == item.document)
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def unseen(self, scope: Scope, numbers: Collection[int], *, run: str | None = None) -> frozenset[int]:
        """Return those of some items that are not these departments' business.

        Args:
            scope: Whose business.
            numbers: Of the items.
            run: Those that this run moved are asked about as well.
        """
        if scope is None:
            return frozenset()
        moved = sa.select(item_events.c.item_id).where(item_events.c.run == run)
        asked, found = list(numbers), set[int]()
        with self._reading() as connection:
            for at in range(0, max(len(asked), 1), _AT_ONCE):
                these = work_items.c.id.in_(asked[at : at + _AT_ONCE])
                one_of = these if run is None or at else sa.or_(these, work_items.c.id.in_(moved))
                every = sa.select(work_items.c.id).where(one_of)
                found.update(connection.scalars(every))
                found.difference_update(connection.scalars(every.where(self._own_items(scope))))
        return frozenset(found)

    def _own_items(self, scope: Scope) -> sa.ColumnElement[bool]:
        if scope is None:
            return sa.true()
        read = sa.select(documents.c.id).where(documents.c.department.in_(list(scope)))
        listed = work_items.c.process.in_(self.owners.processes_of(scope))
        return sa.or_(work_items.c.document.in_(read), sa.and_(work_items.c.document.is_(None), listed))

    def _page(
        self, table: sa.Table, chosen: Collection[sa.ColumnElement[bool]], order: Any, page: Page, *more: Any
    ) -> tuple[list[sa.Row[Any]], int]:
        query = sa.select(table).where(*chosen).order_by(order, *more).limit(page.limit).offset(page.offset)
        with self._reading() as connection:
            count = connection.execute(
                sa.select(sa.func.count()).select_from(table).where(*chosen)
            ).scalar_one()
            return list(connection.execute(query)), count

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _of_departments(column: sa.Column[str], scope: Scope) -> sa.ColumnElement[bool]:
    return sa.true() if scope is None else column.in_(list(scope))


def _item(row: sa.Row[Any]) -> WorkItem:
    frozen = {name: MappingProxyType(row._mapping[name]) for name in ("record", "result")}
    return WorkItem(**{**row._mapping, "state": State(row.state), **frozen})
