"""Move the books from one database to another: from SQLite on one PC to PostgreSQL for several, or back.

All or nothing: everything is copied in one transaction of the new database and counted table by table before it is
kept. The old database is only read, and stays as it was. Whoever still works on it is told to stop first: two ledgers
at work would register the same records twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backoffice.audit import first_broken
from backoffice.clock import Clock, utc_now
from backoffice.database import newest_shape, present_shape, upgrade
from backoffice.errors import Conflict, UserError
from backoffice.runs import OPEN_STATES
from backoffice.tables import metadata, runs, service_heartbeats

ROWS_AT_A_TIME = 1000
OF_THE_MOMENT = frozenset({service_heartbeats.name})
"""Tables that say what works now; nothing works on a new database yet."""
HEARD_OF = timedelta(minutes=2)


class CopyRefused(UserError):
    """The databases are not in a state in which the books may be moved."""


class CopyUncertain(Conflict):
    """The rows in the new database are not those of the old one; nothing was kept."""


@dataclass(frozen=True)
class Copied:
    """One table.

    Attributes:
        table: Its name.
        rows: How many rows were copied and counted again.
    """

    table: str
    rows: int


def copy_database(
    old: sa.Engine,
    new: sa.Engine,
    *,
    clock: Clock = utc_now,
    told: Callable[[str, int], None] = lambda _table, _rows: None,
) -> list[Copied]:
    """Copy every table.

    Args:
        old: Has the newest shape, and nobody works on it.
        new: Empty; it is given its tables.
        clock: The present moment.
        told: Told after every thousand rows: the table, and how many of its rows so far.

    Returns:
        The tables in the order in which they were copied, with their counts.

    Raises:
        CopyRefused: A service or a run works on the old database, it is of another version, or the new one is in use.
        CopyUncertain: Counts or the audit trail do not agree; the new database is as empty as before.
    """
    _demand_quiet(old, clock())
    upgrade(new)
    with old.connect().execution_options(read_only=True) as reading, new.begin() as writing:
        _demand_empty(writing)
        copied = [_copy_table(reading, writing, table, told) for table in _tables()]
        for table, one in zip(_tables(), copied, strict=True):
            wanted, got = _count(reading, table), _count(writing, table)
            if not wanted == got == one.rows:
                raise CopyUncertain(
                    "engine.copy_uncertain", where=table.name, table=table.name, wanted=wanted, got=got
                )
        _demand_same_trail(reading, writing)
        _set_counters(writing)
    return copied


def _tables() -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table.name not in OF_THE_MOMENT]


def _demand_quiet(old: sa.Engine, now: datetime) -> None:
    if present_shape(old) != newest_shape():
        raise CopyRefused("engine.copy_old_shape", where="--from")
    is_open = runs.c.state.in_([state.value for state in OPEN_STATES])
    with old.connect().execution_options(read_only=True) as reading:
        heard = reading.execute(sa.select(service_heartbeats.c.beat_at)).scalars().all()
        working = reading.scalar(sa.select(sa.func.count()).select_from(runs).where(is_open))
    if working or any(now - beat < HEARD_OF for beat in heard):
        raise CopyRefused("engine.copy_at_work", where="--from")


def _demand_empty(writing: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        if _count(writing, table):
            raise CopyRefused("engine.copy_not_empty", where="--to", table=table.name)


def _copy_table(
    reading: sa.Connection, writing: sa.Connection, table: sa.Table, told: Callable[[str, int], None]
) -> Copied:
    rows = 0
    found = reading.execution_options(yield_per=ROWS_AT_A_TIME).execute(
        sa.select(table).order_by(*table.primary_key.columns)
    )
    for part in found.mappings().partitions(ROWS_AT_A_TIME):
        writing.execute(sa.insert(table), [dict(row) for row in part])
        rows += len(part)
        told(table.name, rows)
    return Copied(table.name, rows)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _set_counters(writing: sa.Connection) -> None:
    """Let PostgreSQL number new rows after the copied ones; SQLite does so by itself."""
    if writing.dialect.name != "postgresql":
        return
    for table in _tables():
        key = table.autoincrement_column
        if key is None:
            continue
        counter = sa.func.pg_get_serial_sequence(table.name, key.name)
        last = sa.select(sa.func.max(key)).scalar_subquery()
        writing.execute(sa.select(sa.func.setval(counter, sa.func.coalesce(last, 1), last.is_not(None))))


def _demand_same_trail(reading: sa.Connection, writing: sa.Connection) -> None:
    """See that the audit trail proves in the new database what it proved in the old one."""
    before, after = first_broken(reading), first_broken(writing)
    if before != after:
        raise CopyUncertain(
            "engine.copy_trail_broken", where="audit", wanted=str(before or "-"), got=str(after or "-")
        )
