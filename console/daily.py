"""What the service does beside its jobs: once a day the upkeep and a backup, every minute a look at the free disk.

The day's work is remembered in `var/upkeep.json`, so that a service that is started again does not do it twice, and
one that was off at the hour does it when it is back. A failure is logged and tried again an hour later; the jobs go on.
"""

import json
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from backoffice.disk import FreeBytes, FreeDisk, Level, free_bytes, look_at_disk
from backoffice.errors import HakadoriError
from backoffice.files import write_atomically
from console.authoring.trials import sweep_trials
from console.design.drafts import DraftFolder
from console.upkeep import carry_out, plan_upkeep
from console.wiring import Office

MEMORY = "upkeep.json"
LOOK_SECONDS = 60.0
TRY_AGAIN = timedelta(hours=1)
PATIENCE_SECONDS = 30.0
"""At the end nobody waits longer for a backup; what it has written so far is thrown away by the next one."""
WHO = "service"
Backup = Callable[[Office], Path | None]


def remembered(var: Path) -> dict[str, Any]:
    """Return when upkeep and daily backup last ended well (ISO 8601), by their names; empty before the first."""
    try:
        told = json.loads((var / MEMORY).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return told if isinstance(told, dict) else {}


class Daily:
    """Does the daily work until it is stopped; use it as a context manager.

    Args:
        office: The installation.
        backup: Writes a backup into `keeping: backup_folder` and drops old ones; None: no backups.
        measure: Returns the free bytes of a folder; tests bring their own.
    """

    def __init__(
        self, office: Office, *, backup: Backup | None = None, measure: FreeBytes = free_bytes
    ) -> None:
        self._office = office
        self._backup = backup
        self._measure = measure
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._level = Level.ENOUGH
        self._not_before: datetime | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._go_on, name="daily", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)
            if self._thread.is_alive():
                logger.warning("the daily work was cut off; it is done again at the next start")

    def look(self) -> None:
        """Look once: at the disk, and whether the day's work is to be done."""
        try:
            self._watch_disk()
            if self._is_due():
                self._work()
        except (HakadoriError, OSError, SQLAlchemyError) as error:
            told = error.key if isinstance(error, HakadoriError) else type(error).__name__
            logger.error("the daily upkeep failed and is tried again in an hour: {}", told)
            self._not_before = self._office.clock() + TRY_AGAIN

    def _go_on(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            self.look()

    def _watch_disk(self) -> None:
        disk: FreeDisk = look_at_disk(self._office.settings, self._measure)
        if disk.level is self._level:
            return
        self._level = disk.level
        if disk.level is Level.FULL:
            logger.error("disk as good as full ({:.1f} GB free): nothing new is begun", disk.free_gb)
        elif disk.level is Level.LOW:
            logger.warning("disk low: {:.1f} GB free", disk.free_gb)
        else:
            logger.info("disk has room again: {:.1f} GB free", disk.free_gb)

    def _is_due(self) -> bool:
        now = self._office.clock()
        if self._not_before is not None and now < self._not_before:
            return False
        return str(remembered(self._office.settings.var).get("day", "")) != self._latest_day(now)

    def _latest_day(self, now: datetime) -> str:
        """Return the local day whose upkeep hour has passed last."""
        local = now.astimezone(ZoneInfo(self._office.settings.timezone))
        hour = time.fromisoformat(self._office.settings.keeping.upkeep_at)
        day = local.date() if local.time() >= hour else local.date() - timedelta(days=1)
        return day.isoformat()

    def _work(self) -> None:
        """Tidy up, then back up; a scan that cannot be erased must not leave the town without its backup."""
        now = self._office.clock()
        try:
            if not self._tidy(now):
                return
        finally:
            self._back_up(now)
        self._remember(day=self._latest_day(now))

    def _tidy(self, now: datetime) -> bool:
        DraftFolder(self._office.settings.var / "designer").sweep(now)
        sweep_trials(self._office.settings.var / "trials", now)
        done = carry_out(self._office, plan_upkeep(self._office, now), who=WHO)
        if done:
            self._remember(upkeep=now.isoformat())
        return done

    def _back_up(self, now: datetime) -> None:
        """Write the day's backup, unless it was written before an upkeep that is tried again now."""
        day = self._latest_day(now)
        if self._backup is None or remembered(self._office.settings.var).get("backup_day") == day:
            return
        if self._backup(self._office) is not None:
            self._remember(backup=self._office.clock().isoformat(), backup_day=day)

    def _remember(self, **told: str) -> None:
        var = self._office.settings.var
        write_atomically(var / MEMORY, json.dumps(remembered(var) | told).encode())
