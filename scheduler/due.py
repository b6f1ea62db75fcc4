"""Which jobs are due at this moment, and for which slot: read from the books, so that a restart forgets nothing.

A slot's name is unique per job in the book of firings, whatever made the job due:

    2026-04-01T09:00:00+00:00    a moment of its timetable, in UTC
    after-<run>                  another job's run succeeded
    retry-<run>                  its own run failed or died
    continue-<run>               its own run was stopped between items, with work left
    file-<moment>                files have arrived
    queue-<moment>               enough items wait

Whatever makes it due, a job begins nothing while it is paused, outside of its window, or before the jobs it depends on
are up to date (`may_begin`); it stays due until then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.runs import Run
from scheduler.job import Job
from scheduler.office import Office
from scheduler.past import Firing, last_firing, last_firings
from scheduler.queues import Queue, waiting
from scheduler.triggers import in_window, slot_name, timetable

LOOK_BACK = timedelta(days=7)
"""Slots older than this are not made up for."""
ON_TIME = timedelta(hours=1)
"""A slot served this late still counts as on time: a busy or sleeping PC is no missed slot."""
_NO_RETRY = frozenset({2, 5})
"""Exit codes that another try would only repeat: a wrong file or setting, a missing permission."""
_BY_ITSELF = frozenset({"file", "queue", "retry"})


@dataclass(frozen=True)
class Due:
    """A job that is due.

    Attributes:
        job: Its name.
        slot: The slot to enter in the book of firings.
        trigger: What the run's row will say: "schedule", "missed", "after", "retry", "continue", "file" or "queue".
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


def declare(job: Job, office: Office) -> None:
    """Note when a job was first known, so that nothing before counts as missed.

    A note from the future (the clock was wrong and has been set back) is worth nothing; the job is noted anew.
    """
    now = office.clock()
    known = office.runs.first_firing(job.job)
    if known is None or known > now:
        office.runs.fire(job.job, slot_name(now), "declared")


def may_begin(job: Job, jobs: Mapping[str, Job], office: Office, now: datetime) -> bool:
    """Say whether a due job may begin: not paused, in its window, room on the disk, what it needs up to date."""
    if not in_window(job, now, office.zone) or office.pauses.of(job.job) is not None or office.full():
        return False
    return not unmet(job, jobs, office, now)


def unmet(job: Job, jobs: Mapping[str, Job], office: Office, now: datetime) -> tuple[str, ...]:
    """Return the jobs of `depends_on:` that are not up to date.

    A job is up to date when its last run is over and succeeded, and that was not before the last moment at which its
    own timetable made it due.
    """
    return tuple(name for name in job.depends_on if not _up_to_date(jobs.get(name), name, office, now))


def passed_slots(job: Job, office: Office, now: datetime, *, free: bool = True) -> Passed:
    """Compare a job's timetable with the book of firings.

    Several slots that passed together are served by one run: the latest. When it is later than ON_TIME, the job's
    `missed:` decides. Slots before the job's first entry in the book never count.

    Args:
        job: The job.
        office: The books.
        now: The present moment.
        free: Whether the job may begin now (`may_begin`). While it may not, a job of `missed: run_on_start` keeps its
            slots, and one of `skip` keeps them until they are late.
    """
    last = office.runs.last_slot(job.job, now)
    if last is None:
        return Passed(None, ())
    since = max(datetime.fromisoformat(last), now - LOOK_BACK)
    slots = list(timetable(job, office.calendar, office.zone).slots(since, now))
    if not slots:
        return Passed(None, ())
    names = tuple(slot_name(slot) for slot in slots)
    late = now - _startable(job, office, slots[-1]) > ON_TIME
    if late and job.missed == "skip":
        return Passed(None, names)
    if not free:
        return Passed(None, ())
    return Passed(Due(job.job, names[-1], "missed" if late else "schedule"), names[:-1])


def due_now(
    job: Job, office: Office, now: datetime, has_files: Callable[[str], bool] | None = None
) -> Due | None:
    """Say whether a job that is free to begin is due by anything but its timetable; the first that applies."""
    last = last_firing(office.runs, job.job)
    due = due_after(job, office, now)
    if due is None and last is not None:
        due = _retry(job, office, now, last) or _continue(job, office, now, last)
    if due is None and has_files is not None:
        due = due_on_file(job, office, now, has_files)
    return due or due_on_queue(job, office, now)


def due_after(job: Job, office: Office, now: datetime) -> Due | None:
    """Say whether a job is due because one it follows has succeeded since it was declared.

    The newest success counts, also when a later run of that job failed or still works; several successes that passed
    together are followed by one run.
    """
    if not in_window(job, now, office.zone):
        return None
    for before in job.follows:
        ended = next((one for one in last_firings(office.runs, before) if one.succeeded), None)
        if ended is None or not _recent(ended, now) or not _known_before(job, office, ended):
            continue
        due = Due(job.job, after_slot(ended.first), "after")
        if not office.runs.fired(job.job, due.slot):
            return due
    return None


def due_retry(job: Job, office: Office, now: datetime) -> Due | None:
    """Say whether a job's last run failed or died, may be tried again, and has waited long enough."""
    last = last_firing(office.runs, job.job)
    return None if last is None else _retry(job, office, now, last)


def will_retry(job: Job, office: Office, firing: Firing) -> bool:
    """Say whether a firing that ended in failure will be tried again by itself."""
    if not firing.broken or firing.first.trigger == "person" or _ended_by_person(firing, office):
        return False
    hopeless = all(run.counts.get("exit_code") in _NO_RETRY for run in firing.broken)
    return not hopeless and _tries(firing.first, office) < job.retries


def due_continue(job: Job, office: Office, now: datetime) -> Due | None:
    """Say whether a job's last run was stopped between items and may go on: the next night, or after a restart."""
    last = last_firing(office.runs, job.job)
    return None if last is None else _continue(job, office, now, last)


def due_on_file(job: Job, office: Office, now: datetime, has_files: Callable[[str], bool]) -> Due | None:
    """Say whether files wait in the inbox of a job that reads on arrival.

    A run that failed on them, or could not take one of them, is followed by a pause of `retry_minutes`.
    """
    if not job.on_file or job.read is None or not in_window(job, now, office.zone):
        return None
    if _rests(job, office, now):
        return None
    return Due(job.job, f"file-{slot_name(now)}", "file") if has_files(job.read) else None


def due_on_queue(job: Job, office: Office, now: datetime) -> Due | None:
    """Say whether enough work waits in a queue that the job watches; in vain it rests as in `due_on_file`."""
    queues = [trigger.on_queue for trigger in job.when if trigger.on_queue is not None]
    if not queues or not in_window(job, now, office.zone) or _rests(job, office, now):
        return None
    long = any(_is_long(queue, office, now) for queue in queues)
    return Due(job.job, f"queue-{slot_name(now)}", "queue") if long else None


def after_slot(ended: Run) -> str:
    """Return the slot of a job that follows this run."""
    return f"after-{ended.id}"


def followers(jobs: Mapping[str, Job], name: str) -> list[Job]:
    """Return the jobs that are due after the job `name`."""
    return [job for job in jobs.values() if name in job.follows]


def _retry(job: Job, office: Office, now: datetime, last: Firing) -> Due | None:
    if last.ended_at is None or not will_retry(job, office, last):
        return None
    if not _recent(last, now) or not in_window(job, now, office.zone):
        return None
    wait = timedelta(minutes=job.retry_minutes * 2 ** _tries(last.first, office))
    due = Due(job.job, f"retry-{last.first.id}", "retry")
    waited = now - last.ended_at >= wait
    return due if waited and not office.runs.fired(job.job, due.slot) else None


def _continue(job: Job, office: Office, now: datetime, last: Firing) -> Due | None:
    if not last.stopped or last.first.trigger == "person" or _ended_by_person(last, office):
        return None
    if not _recent(last, now) or not in_window(job, now, office.zone):
        return None
    due = Due(job.job, f"continue-{last.first.id}", "continue")
    return None if office.runs.fired(job.job, due.slot) else due


def _up_to_date(job: Job | None, name: str, office: Office, now: datetime) -> bool:
    last = last_firing(office.runs, name)
    if last is None or not last.succeeded:
        return False
    slot = None if job is None else timetable(job, office.calendar, office.zone).previous_slot(now)
    known = office.runs.first_firing(name)
    if slot is None or known is None or slot < known:
        return True
    return last.first.started_at >= slot


def _startable(job: Job, office: Office, slot: datetime) -> datetime:
    """Return from when on a slot could be served; a queued one not before the run ahead of it was over."""
    if job.overlap != "queue":
        return slot
    before = last_firing(office.runs, job.job)
    return slot if before is None or before.ended_at is None else max(slot, before.ended_at)


def _is_long(queue: Queue, office: Office, now: datetime) -> bool:
    return waiting(queue, office.database, now) >= queue.at_least


def _rests(job: Job, office: Office, now: datetime) -> bool:
    """Say whether the job worked in vain by itself a short while ago."""
    last = last_firing(office.runs, job.job)
    if last is None or last.ended_at is None or last.ended_at <= now - timedelta(minutes=job.retry_minutes):
        return False
    counts = [number for run in last.runs for name, number in run.counts.items() if name != "exit_code"]
    return last.first.trigger in _BY_ITSELF and (bool(last.broken) or sum(counts) == 0)


def _ended_by_person(firing: Firing, office: Office) -> bool:
    """Say whether a person asked one of its lanes to end: then its work waits for the next time it is due."""
    return office.stops.first([run.id for run in firing.runs]) is not None


def _recent(firing: Firing, now: datetime) -> bool:
    return firing.ended_at is not None and now - firing.ended_at < LOOK_BACK


def _known_before(job: Job, office: Office, ended: Firing) -> bool:
    declared = office.runs.first_firing(job.job)
    return declared is not None and ended.ended_at is not None and declared <= ended.ended_at


def _tries(run: Run, office: Office) -> int:
    """Count how many retries led to this run, along the names of their slots."""
    count = 0
    while run.slot.startswith("retry-"):
        run, count = office.runs.get(run.slot.removeprefix("retry-")), count + 1
    return count
