"""The bodies of runs: what a child process does for a job that reads, and for a job that runs a robot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event

from backoffice.disk import Level, is_full, look_at_disk
from backoffice.messages import text
from backoffice.runs import Run
from console.wiring import Office, robot_screen
from robots.lane import Progress
from scheduler.child import Outcome, Stop
from scheduler.job import Job


@dataclass(frozen=True)
class ReadTask:
    """Empties a department's inbox and reads every scan."""

    office: Office

    def __call__(self, run: Run, job: Job, stop: Stop) -> Outcome:
        """Read until nothing is left, and count."""
        from console.reading import make_reader
        from ocr.read_job import ReadingDesk, read_inbox

        office = self.office
        forms = {
            name: form
            for name, form in office.forms.items()
            if job.forms == "auto" or name in job.forms or form.form in job.forms
        }
        desk = ReadingDesk(
            settings=office.settings,
            documents=office.documents,
            ledger=office.ledger,
            forms=forms,
            reader=make_reader(office.settings, forms),
            stop=lambda: stop.asked() or is_full(office.settings),
            progress=lambda numbers: office.runs.progress(run.id, numbers),
            sleep=lambda seconds: _sleep(stop, seconds),
        )
        counts = read_inbox(desk, job.read or job.department)
        return Outcome(counts=counts, items_done=counts["recorded"], reason=_why_paused(office))


@dataclass(frozen=True)
class RobotTask:
    """Runs a robot over the items that wait for it."""

    office: Office

    def __call__(self, run: Run, job: Job, stop: Stop) -> Outcome:
        """Work until no item is left, and count; a run that gave up with items left has failed."""
        from robots.approval import ApprovalBook
        from robots.runner import run_robot

        office = self.office
        robot = office.robots[job.run or ""]
        if is_full(office.settings):
            return Outcome(reason=_why_paused(office))
        if office.settings.robots.require_approval:
            ApprovalBook(office.engine, office.clock).demand(robot)
        counts = run_robot(
            robot,
            ledger=office.ledger,
            vault=office.vault,
            settings=office.settings,
            run_id=run.id,
            stop=AskedToStop(stop, lambda: is_full(office.settings)),
            progress=lambda now: office.runs.progress(run.id, _so_far(now)),
            personal=office.personal_fields(robot.items.process),
            screen=robot_screen(office, robot),
            parameters=run.parameters,
            limit=job.items_per_run or None,
            clock=office.clock,
        )
        told = {
            "done": counts.done,
            "business_failure": counts.business_failures,
            "system_failure": counts.system_failures,
            "in_doubt": counts.in_doubt,
            "left": counts.left,
            "settled": counts.settled,
            "failed": len(counts.problems),
            "goes_on": int(bool(job.items_per_run and counts.left and counts.times and not stop.asked())),
        }
        gave_up = bool(counts.problems) and counts.left > 0
        reasons = [*counts.problems, *([_why_paused(office)] if counts.left else [])]
        return Outcome(counts=told, reason="\n".join(filter(None, reasons)), failed=gave_up)


class AskedToStop(Event):
    """The robot's stop event, asked by the run's own `Stop`, or by a disk too full to begin another item.

    Args:
        stop: The run's own.
        full: Says whether the disk is as good as full.
    """

    def __init__(self, stop: Stop, full: Callable[[], bool] = lambda: False) -> None:
        super().__init__()
        self._stop = stop
        self._full = full

    def is_set(self) -> bool:
        """Say whether the run was asked to stop."""
        return self._stop.asked() or self._full()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait some seconds, less when asked to stop."""
        return self._stop.wait(60.0 if timeout is None else timeout)


def _so_far(progress: Progress) -> Mapping[str, int]:
    return {"finished": progress.finished, "waiting": progress.waiting}


def _why_paused(office: Office) -> str:
    """Return why nothing more was begun although nobody asked to stop; empty when the disk has room."""
    disk = look_at_disk(office.settings)
    if disk.level is not Level.FULL:
        return ""
    return text("operations.disk_full", free=f"{disk.free_gb:.1f}", least=office.settings.disk.stop_gb)


def _sleep(stop: Stop, seconds: float) -> None:
    stop.wait(seconds)
