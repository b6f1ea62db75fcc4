"""What `hakadori serve` runs beside the web pages: one engine per database, with a heartbeat that others can see.

Two services on one database would fight for the same inboxes. A lock file keeps a second one of this PC out, freed by
the kernel when its holder dies; a row with a beating time keeps one of another PC out.
"""

import os
import socket
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import psutil
import sqlalchemy as sa
from loguru import logger
from sqlalchemy.exc import DBAPIError, IntegrityError

from backoffice.locks import held
from backoffice.tables import service_heartbeats
from scheduler.engine import Engine
from scheduler.errors import ServiceRunning
from scheduler.office import Office

BEAT_SECONDS = 15.0
STALE = timedelta(seconds=90)
"""A heartbeat older than six beats belongs to a service that is gone."""


@dataclass(frozen=True)
class Heartbeat:
    """Which service works on the database.

    Attributes:
        host: Its PC.
        pid: Its process there.
        started_at: Since when.
        beat_at: When it was last heard of.
    """

    host: str
    pid: int
    started_at: datetime
    beat_at: datetime


class Service:
    """Keeps an engine at work until it is stopped; use it as a context manager.

    Args:
        engine: The engine.
        office: The books and folders.
        name: Which service; one of a name may work on a database.
        beat_seconds: How often the heartbeat is written.
    """

    def __init__(
        self, engine: Engine, office: Office, *, name: str = "hakadori", beat_seconds: float = BEAT_SECONDS
    ) -> None:
        self._engine = engine
        self._office = office
        self._name = name
        self._beat_seconds = beat_seconds
        self._started_at = office.clock()
        self._lock: AbstractContextManager[bool] | None = None
        self._ending = threading.Event()
        self._beating: threading.Thread | None = None

    def start(self) -> None:
        """Take the database for us, start the engine and begin to beat.

        Raises:
            ServiceRunning: Another service works on this database; nothing was started.
        """
        self._lock = held(self._office.locks / f"service-{self._name}.lock", patience=1.0)
        if not self._lock.__enter__():
            self._lock = None
            raise self._running(self.heartbeat())
        try:
            self._take_over()
            self._engine.start()
        except BaseException:
            self._let_go()
            raise
        self._beating = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._beating.start()
        logger.info("service {} started", self._name)

    def stop(self) -> None:
        """Let running children finish the item in hand, end the engine and give the database free."""
        if self._beating is None:
            return
        self._engine.stop()
        self._ending.set()
        self._beating.join()
        self._beating = None
        with self._office.database.begin() as connection:
            connection.execute(sa.delete(service_heartbeats).where(*self._mine()))
        self._let_go()
        logger.info("service {} stopped", self._name)

    def heartbeat(self) -> Heartbeat | None:
        """Return what is known of the service that works on the database, or None."""
        table = service_heartbeats
        query = sa.select(table.c.host, table.c.pid, table.c.started_at, table.c.beat_at).where(
            table.c.service == self._name
        )
        with self._office.database.connect().execution_options(read_only=True) as connection:
            row = connection.execute(query).first()
        return None if row is None else Heartbeat(**row._mapping)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take_over(self) -> None:
        other = self.heartbeat()
        if other is not None and self._lives(other):
            raise self._running(other)
        now = self._office.clock()
        row = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started_at": self._started_at,
            "beat_at": now,
        }
        table = service_heartbeats
        try:
            with self._office.database.begin() as connection:
                if other is not None:
                    old = (table.c.service == self._name, table.c.beat_at == other.beat_at)
                    connection.execute(sa.delete(table).where(*old))
                connection.execute(sa.insert(table).values(service=self._name, **row))
        except IntegrityError as error:
            raise self._running(self.heartbeat()) from error

    def _lives(self, other: Heartbeat) -> bool:
        here = other.host == socket.gethostname()
        if here and (other.pid == os.getpid() or not psutil.pid_exists(other.pid)):
            return False
        return self._office.clock() - other.beat_at < STALE

    def _beat(self) -> None:
        while not self._ending.wait(self._beat_seconds):
            try:
                with self._office.database.begin() as connection:
                    beat = sa.update(service_heartbeats).where(*self._mine())
                    ours = connection.execute(beat.values(beat_at=self._office.clock())).rowcount
            except DBAPIError as error:
                logger.warning("heartbeat not written: {}", type(error).__name__)
                continue
            if not ours:
                logger.error("another service took the database over; this one stops")
                self._engine.stop()
                return

    def _mine(self) -> tuple[sa.ColumnElement[bool], ...]:
        table = service_heartbeats
        return (
            table.c.service == self._name,
            table.c.host == socket.gethostname(),
            table.c.pid == os.getpid(),
        )

    def _running(self, other: Heartbeat | None) -> ServiceRunning:
        host, pid = (other.host, other.pid) if other else (socket.gethostname(), "?")
        return ServiceRunning("scheduler.service_running", where=self._name, host=host, pid=pid)

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.__exit__(None, None, None)
            self._lock = None
