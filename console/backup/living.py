"""Is anybody at work on an installation: a service with its lock or its heartbeat, or a run with its lock?"""

import socket
from datetime import UTC, datetime
from pathlib import Path

import psutil
import sqlalchemy as sa

from backoffice.locks import is_held
from backoffice.tables import service_heartbeats
from scheduler.service import STALE, Heartbeat


def service_lives(engine: sa.Engine, locks: Path) -> bool:
    """Say whether a service works on a database, on this PC or on another one."""
    return bool(held_locks(locks, "service-*.lock")) or _beats(engine)


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


def _beats(engine: sa.Engine) -> bool:
    now = datetime.now(UTC)
    return any(
        now - beat.beat_at < STALE and (beat.host != socket.gethostname() or psutil.pid_exists(beat.pid))
        for beat in heartbeats(engine)
    )
