"""How the installation itself stands, for the first page: the doctor's quick checks, looked at now and then.

The doctor looks at everything and takes seconds. The first page asks often, so only what is quick is looked at here,
and what was found is shown for some minutes before it is looked at again.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backoffice.messages import error_text
from console.doctor import leftovers, storage
from console.doctor.examination import looked
from console.doctor.finding import Finding, Level

if TYPE_CHECKING:
    from console.wiring import Office

KEPT = timedelta(minutes=5)
"""So long findings are shown before they are looked at again."""


@dataclass
class HealthWatch:
    """Looks at one installation now and then.

    Attributes:
        look: Carries out the checks.
        clock: The present moment.
    """

    look: Callable[[], Sequence[Finding]]
    clock: Callable[[], datetime]
    _found: Sequence[Finding] = ()
    _at: datetime | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def findings(self) -> Sequence[Finding]:
        """Return what is not in order, at most `KEPT` old; what was found last while another thread is looking.

        A disk or a share that does not answer holds one request up, never all of them.
        """
        if not self._turn.acquire(blocking=False):
            return self._found
        try:
            now = self.clock()
            if self._at is None or now - self._at >= KEPT:
                self._found = [finding for finding in self.look() if finding.level is not Level.OK]
                self._at = now
            return self._found
        finally:
            self._turn.release()


def health_watch(office: "Office") -> HealthWatch:
    """Return what watches an installation: service, disk, backup, confirmations, dead runs, notices, faults."""
    checks = {
        "disk": storage.disk,
        "backup": leftovers.backup,
        "spool": leftovers.spool,
        "runs": leftovers.runs,
        "notices": leftovers.notices,
        "faults": leftovers.faults,
    }

    def look() -> list[Finding]:
        found = [
            finding
            for name, check in checks.items()
            for finding in looked(name, lambda check=check: check(office))  # type: ignore[misc]
        ]
        return [*_service(office), *found]

    return HealthWatch(look, office.clock)


def _service(office: "Office") -> list[Finding]:
    from console.monitor import Monitor
    from scheduler.service import STALE

    age = Monitor(office).heartbeat_age()
    if age is not None and age < STALE.total_seconds():
        return []
    parts = error_text("overview.service_away")
    return [Finding("service", Level.ERROR, f"{parts.what} {parts.why}", parts.do)]
