"""Which jobs are due at this moment, and for which slot: read from the books, so that a restart forgets nothing.

A slot's name is unique per job in the book of firings, whatever made the job due:

    2026-04-01T09:00:00+00:00    a moment of its timetable, in UTC
    after-<run>                  another job's run succeeded
    retry-<run>                  its own run failed or died
    file-<moment>                files have arrived
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.runs import Run, RunState
from scheduler.job import Job
from scheduler.office import Office
from scheduler.triggers import in_window, slot_name, timetable

LOOK_BACK = timedelta(days=7)
"""Slots older than this are not made up for."""
ON_TIME = timedelta(hours=1)
"""A slot served this late still counts as on time: a busy or sleeping PC is no missed slot."""
_NO_RETRY = frozenset({2, 5})
"""Exit codes that another try would only repeat: a wrong file or setting, a missing permission."""


@dataclass(frozen=True)
class Due:
    """A job that is due.

    Attributes:
        job: Its name.
        slot: The slot to enter in the book of firings.
        trigger: What the run's row will say: "schedule", "missed", "after", "retry" or "file".
    """

    job: str
    slot: str
    trigger: str


@dataclass(frozen=True)
class Passed:
    """The slots of one job's timetable that nobody has served.

    Attributes:
        due: The latest one, when it shall be served; None otherwise.
        gone: Those that shall only be booked as missed.
    """

    due: Due | None
    gone: tuple[str, ...]


def passed_slots(job: Job, office: Office, now: datetime) -> Passed:
    """Compare a job's timetable with the book of firings.

    Several slots that passed together are served by one run: the latest. When it is later than ON_TIME, the job's
    `missed:` decides. Slots before the job's first entry in the book never count.
    """
    last = office.runs.last_slot(job.job)
    if last is None:
        return Passed(None, ())
    since = max(datetime.fromisoformat(last), now - LOOK_BACK)
    slots = list(timetable(job, office.calendar, office.zone).slots(since, now))
    if not slots:
        return Passed(None, ())
    names = tuple(slot_name(slot) for slot in slots)
    late = now - slots[-1] > ON_TIME
    serve = in_window(job, now, office.zone) and not (late and job.missed == "skip")
    if not serve:
        return Passed(None, names)
    return Passed(Due(job.job, names[-1], "missed" if late else "schedule"), names[:-1])


def due_after(job: Job, office: Office, now: datetime) -> Due | None:
    """Say whether a job is due because one it follows has succeeded since it was declared."""
    if not in_window(job, now, office.zone):
        return None
    for before in job.follows:
        ended = next((run for run in office.runs.history(before, limit=1) if _recent(run, now)), None)
        if ended is None or ended.state is not RunState.DONE or not _known_before(job, office, ended):
            continue
        due = Due(job.job, after_slot(ended), "after")
        if not office.runs.fired(job.job, due.slot):
            return due
    return None


def due_retry(job: Job, office: Office, now: datetime) -> Due | None:
    """Say whether a job's last run failed or died, may be tried again, and has waited long enough."""
    last = next(iter(office.runs.history(job.job, limit=1)), None)
    if last is None or last.state not in (RunState.FAILED, RunState.DIED) or last.finished_at is None:
        return None
    tries = _tries(last, office)
    hopeless = last.trigger == "person" or last.counts.get("exit_code") in _NO_RETRY
    if hopeless or tries >= job.retries or not _recent(last, now) or not in_window(job, now, office.zone):
        return None
    wait = timedelta(minutes=job.retry_minutes * 2**tries)
    due = Due(job.job, f"retry-{last.id}", "retry")
    waited = now - last.finished_at >= wait
    return due if waited and not office.runs.fired(job.job, due.slot) else None


def due_on_file(job: Job, office: Office, now: datetime, has_files: Callable[[str], bool]) -> Due | None:
    """Say whether files wait in the inbox of a job that reads on arrival.

    A run that failed on them, or could not take one of them, is followed by a pause of `retry_minutes`.
    """
    if not job.on_file or job.read is None or not in_window(job, now, office.zone):
        return None
    last = next(iter(office.runs.history(job.job, limit=1)), None)
    if last is not None and _in_vain(last, now - timedelta(minutes=job.retry_minutes)):
        return None
    return Due(job.job, f"file-{slot_name(now)}", "file") if has_files(job.read) else None


def after_slot(ended: Run) -> str:
    """Return the slot of a job that follows this run."""
    return f"after-{ended.id}"


def followers(jobs: Mapping[str, Job], name: str) -> list[Job]:
    """Return the jobs that are due after the job `name`."""
    return [job for job in jobs.values() if name in job.follows]


def _in_vain(run: Run, since: datetime) -> bool:
    if run.finished_at is None or run.finished_at <= since:
        return False
    did = sum(count for name, count in run.counts.items() if name != "exit_code")
    return run.trigger in ("file", "retry") and (run.state is not RunState.DONE or did == 0)


def _recent(run: Run, now: datetime) -> bool:
    return run.finished_at is not None and now - run.finished_at < LOOK_BACK


def _known_before(job: Job, office: Office, ended: Run) -> bool:
    declared = office.runs.first_firing(job.job)
    return declared is not None and ended.finished_at is not None and declared <= ended.finished_at


def _tries(run: Run, office: Office) -> int:
    """Count how many retries led to this run, along the names of their slots."""
    count = 0
    while run.slot.startswith("retry-"):
        run, count = office.runs.get(run.slot.removeprefix("retry-")), count + 1
    return count
