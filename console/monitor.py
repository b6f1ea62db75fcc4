"""The state of the installation for machines that watch it: is it alive, is it ready, and its numbers for Prometheus.

Names of jobs, processes, states and departments may appear; nothing of a record ever does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from backoffice.database import newest_shape, present_shape
from backoffice.disk import FreeBytes, Level, free_bytes, look_at_disk
from backoffice.document import FileState
from backoffice.runs import RunState
from backoffice.spool import CONFLICT_PATTERN, NEWS_PATTERN
from backoffice.tables import documents, received_files, runs, service_heartbeats, work_items
from backoffice.work_items import State
from console.daily import remembered
from console.wiring import Office
from scheduler.service import STALE

WAITING_ITEMS = (State.NEW.value, State.RETRY.value)


@dataclass(frozen=True)
class Monitor:
    """Looks at one installation.

    Attributes:
        office: The installation.
        measure: Returns the free bytes of a folder; tests bring their own.
    """

    office: Office
    measure: FreeBytes = free_bytes

    def readiness(self) -> Mapping[str, bool]:
        """Say of each thing that work needs whether it is there: database, service, disk."""
        return {
            "database": _holds(self._database_answers),
            "service": _holds(self._service_beats),
            "disk": _holds(lambda: look_at_disk(self.office.settings, self.measure).level is not Level.FULL),
        }

    def metrics(self) -> bytes:
        """Return the present numbers in the text format of Prometheus."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Numbers(self))
        return generate_latest(registry)

    def heartbeat_age(self) -> float | None:
        """Return the seconds since a service was last heard of; None when there is none."""
        query = sa.select(sa.func.max(service_heartbeats.c.beat_at))
        with self.office.engine.connect().execution_options(read_only=True) as connection:
            beat: datetime | None = connection.execute(query).scalar()
        return None if beat is None else (self.office.clock() - beat).total_seconds()

    def _database_answers(self) -> bool:
        return present_shape(self.office.engine) == newest_shape()

    def _service_beats(self) -> bool:
        age = self.heartbeat_age()
        return age is not None and age < STALE.total_seconds()


class _Numbers(Collector):
    """Asks the books each time the numbers are read; what does not answer is left out, and `up` says so."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._office = monitor.office

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every family of numbers."""
        ready = self._monitor.readiness()
        up = GaugeMetricFamily(
            "hakadori_ready", "1: this part of the installation is as it should be", labels=["part"]
        )
        for part, good in ready.items():
            up.add_metric([part], float(good))
        yield up
        yield from self._disk()
        yield from self._spool()
        yield from self._daily()
        if ready["database"]:
            yield from self._books()

    def _books(self) -> Iterator[GaugeMetricFamily]:
        yield self._counted("hakadori_runs", "Runs by job and state", runs, ("job", "state"))
        yield self._counted(
            "hakadori_items", "Work items by process and state", work_items, ("process", "state")
        )
        waiting = work_items.c.state.in_(WAITING_ITEMS)
        name, about = "hakadori_queue_items", "Work items that wait for a robot, by process"
        yield self._counted(name, about, work_items, ("process",), waiting)
        name, about = "hakadori_documents", "Documents by department and state; waiting: a person must look"
        yield self._counted(name, about, documents, ("department", "state"))
        failed = received_files.c.state.in_([FileState.FAILED.value, FileState.QUARANTINED.value])
        name, about = "hakadori_files_refused", "Received files that could not be read, by department"
        yield self._counted(
            name, about, received_files, ("department",), failed & (received_files.c.stored != "")
        )
        yield self._last_success()
        age = self._monitor.heartbeat_age()
        if age is not None:
            about = "Seconds since the service was last heard of"
            yield GaugeMetricFamily("hakadori_heartbeat_age_seconds", about, value=age)

    def _counted(
        self,
        name: str,
        about: str,
        table: sa.Table,
        labels: tuple[str, ...],
        where: sa.ColumnElement[bool] | None = None,
    ) -> GaugeMetricFamily:
        columns = [table.c[label] for label in labels]
        query = sa.select(*columns, sa.func.count()).group_by(*columns).order_by(*columns)
        family = GaugeMetricFamily(name, about, labels=list(labels))
        for row in self._rows(query if where is None else query.where(where)):
            family.add_metric([str(value) for value in row[:-1]], row[-1])
        return family

    def _last_success(self) -> GaugeMetricFamily:
        done = runs.c.state == RunState.DONE.value
        query = sa.select(runs.c.job, sa.func.max(runs.c.finished_at)).where(done).group_by(runs.c.job)
        about = "When a run of the job last ended well, seconds since 1970"
        family = GaugeMetricFamily("hakadori_job_last_success_timestamp_seconds", about, labels=["job"])
        for row in self._rows(query.where(runs.c.finished_at.is_not(None))):
            family.add_metric([row[0]], row[1].timestamp())
        return family

    def _disk(self) -> Iterator[GaugeMetricFamily]:
        settings = self._office.settings
        try:
            free = self._monitor.measure(settings.var)
        except OSError:
            return
        yield GaugeMetricFamily("hakadori_disk_free_bytes", "Bytes free in the working folder", value=free)

    def _spool(self) -> Iterator[GaugeMetricFamily]:
        spool = self._office.settings.folder("spool")
        about = "Confirmations that the database did not take; conflict: a person must look"
        family = GaugeMetricFamily("hakadori_spool_files", about, labels=["kind"])
        for kind, pattern in (("waiting", NEWS_PATTERN), ("conflict", CONFLICT_PATTERN)):
            family.add_metric([kind], sum(1 for _ in spool.glob(pattern)))
        yield family

    def _daily(self) -> Iterator[GaugeMetricFamily]:
        about = "When the daily work last ended well, seconds since 1970"
        family = GaugeMetricFamily("hakadori_daily_timestamp_seconds", about, labels=["work"])
        for work in ("upkeep", "backup"):
            told = remembered(self._office.settings.var).get(work)
            if told:
                family.add_metric([work], datetime.fromisoformat(told).timestamp())
        yield family

    def _rows(self, query: sa.Select[Any]) -> list[Any]:
        with self._office.engine.connect().execution_options(read_only=True) as connection:
            return list(connection.execute(query))


def _holds(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except (sa.exc.SQLAlchemyError, OSError):
        return False
