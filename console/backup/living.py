"""Is anybody at work on an installation: a service (lock, heartbeat), a run (lock), a worker on any PC (beats)?"""

import socket
from pathlib import Path

import psutil
import sqlalchemy as sa

from backoffice.database_clock import clock_of
from backoffice.locks import is_held
from backoffice.runs import OPEN_STATES
from backoffice.tables import runs, service_heartbeats
from scheduler.service import STALE, Heartbeat


def service_lives(engine: sa.Engine, locks: Path) -> bool:
    """Say whether a service works on a database, on this PC or on another one."""
    return bool(held_locks(locks, "service-*.lock")) or _beats(engine)


def worked_elsewhere(engine: sa.Engine) -> bool:
    """Say whether a worker, of whatever PC, is heard of from a run in this database."""
    open_here = sa.select(runs.c.id).where(runs.c.state.in_([state.value for state in OPEN_STATES]))
    with engine.connect().execution_options(read_only=True) as connection:
        if "beat_at" not in {column["name"] for column in _columns(connection)}:
            return False
        recent = open_here.where(runs.c.beat_at > clock_of(engine)() - STALE)
        return connection.execute(recent.limit(1)).first() is not None


def held_locks(locks: Path, pattern: str) -> list[Path]:
    """Return the lock files of a name that a living process of this PC holds."""
    return [path for path in sorted(locks.glob(pattern)) if is_held(path)]


def heartbeats(engine: sa.Engine) -> list[Heartbeat]:
    """Return the services that the database knows, the one heard of last first; a service that ended is not there."""
    columns = service_heartbeats.c
    query = sa.select(columns.host, columns.pid, columns.started_at, columns.beat_at)
    with engine.connect().execution_options(read_only=True) as connection:
        if not sa.inspect(connection).has_table(service_heartbeats.name):
            return []
        return [Heartbeat(*row) for row in connection.execute(query.order_by(columns.beat_at.desc()))]


def _columns(connection: sa.Connection) -> list[sa.engine.interfaces.ReflectedColumn]:
    """Return the columns of the runs; none in a database of before there were any."""
    inspector = sa.inspect(connection)
    return inspector.get_columns(runs.name) if inspector.has_table(runs.name) else []


def _beats(engine: sa.Engine) -> bool:
    now = clock_of(engine)()
    return any(
        now - beat.beat_at < STALE and (beat.host != socket.gethostname() or psutil.pid_exists(beat.pid))
        for beat in heartbeats(engine)
    )
