"""Load all jobs and check what one file alone cannot tell: other jobs, robots, forms, inboxes they name."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from backoffice.declarations import load_folder
from backoffice.errors import DeclarationError, Problem
from backoffice.settings_notices import NoticeSettings
from backoffice.suggest import did_you_mean
from scheduler.job import Job, Trigger
from scheduler.notify import Notify
from scheduler.times import parse_clock, parse_window
from scheduler.triggers import timed_rules

Path_ = tuple[str | int, ...]


def load_jobs(folder: Path) -> dict[str, Job]:
    """Load every job of a folder (`configs/jobs`), by name, and check what they say of each other.

    Raises:
        DeclarationError: With the problems of all files.
    """
    jobs = load_folder(folder, Job, "job")
    _raise(_own_problems(jobs))
    return jobs


def check_jobs(
    jobs: Mapping[str, Job],
    known_robots: Collection[str],
    known_forms: Collection[str],
    known_inboxes: Collection[str] | None = None,
    *,
    known_processes: Collection[str] | None = None,
    robot_parameters: Mapping[str, Collection[str]] | None = None,
    notices: NoticeSettings | None = None,
) -> None:
    """Check that jobs name only things that exist.

    Args:
        jobs: All jobs, by name, as loaded.
        known_robots: Names of the robots.
        known_forms: Names of the forms.
        known_inboxes: Names of departments with an inbox; None leaves `read:` and `department:` unchecked.
        known_processes: Processes of the ledger; None leaves `on_queue:` unchecked.
        robot_parameters: The parameters that each robot uses; None leaves `parameters:` unchecked.
        notices: Whom the settings name; None leaves `notify:` unchecked.

    Raises:
        DeclarationError: With `file:line:column` and the nearest names, for every problem.
    """
    problems = list(_own_problems(jobs))
    for job in jobs.values():
        if job.run is not None:
            problems += _unknown(job, ("run",), job.run, known_robots, "scheduler.robot_unknown")
        for index, form in enumerate(() if job.forms == "auto" else job.forms):
            problems += _unknown(job, ("forms", index), form, known_forms, "scheduler.form_unknown")
        if known_inboxes is not None:
            problems += _inbox_problems(job, known_inboxes)
        if known_processes is not None:
            problems += _queue_problems(job, known_processes)
        if job.run is not None and job.run in (robot_parameters or {}):
            problems += _parameter_problems(job, (robot_parameters or {})[job.run])
        if notices is not None and job.notify is not None:
            problems += _notify_problems(job, job.notify, notices)
    _raise(problems)


def _inbox_problems(job: Job, known: Collection[str]) -> list[Problem]:
    problems = _unknown(job, ("department",), job.department, known, "scheduler.department_unknown")
    if job.read is not None and job.read != job.department:
        problems += _unknown(job, ("read",), job.read, known, "scheduler.department_unknown")
    for index, trigger in enumerate(job.when):
        if trigger.on_queue is not None and trigger.on_queue.documents is not None:
            path, name = ("when", index, "on_queue", "documents"), trigger.on_queue.documents
            problems += _unknown(job, path, name, known, "scheduler.department_unknown")
    return problems


def _queue_problems(job: Job, known: Collection[str]) -> list[Problem]:
    problems = []
    for index, trigger in enumerate(job.when):
        if trigger.on_queue is not None and trigger.on_queue.process is not None:
            path, name = ("when", index, "on_queue", "process"), trigger.on_queue.process
            problems += _unknown(job, path, name, known, "scheduler.process_unknown")
    return problems


def _notify_problems(job: Job, notify: Notify, known: NoticeSettings) -> list[Problem]:
    problems = []
    for index, name in enumerate(notify.webhooks):
        path = ("notify", "webhooks", index)
        problems += _unknown(job, path, name, known.webhooks, "scheduler.webhook_unknown")
    if notify.mail is None and not known.mail.get(job.department) and not notify.webhooks:
        problems.append(_problem(job, ("notify",), "scheduler.nobody_told"))
    return problems


def _parameter_problems(job: Job, used: Collection[str]) -> list[Problem]:
    """Compare what a job gives with what its robot takes; each missing name is offered one that nobody takes."""
    robot, problems = job.run, []
    spare, missing = sorted(set(job.parameters) - set(used)), sorted(set(used) - set(job.parameters))
    for name in missing:
        told = {"name": name, "robot": robot, "hint": did_you_mean(name, spare) if spare else ""}
        problems.append(_problem(job, ("run",), "scheduler.robot_parameter_missing", **told))
    for name in spare:
        told = {"name": name, "robot": robot, "hint": did_you_mean(name, missing) if missing else ""}
        problems.append(_problem(job, ("parameters", name), "scheduler.robot_parameter_unused", **told))
    return problems


def _own_problems(jobs: Mapping[str, Job]) -> list[Problem]:
    problems = []
    for job in jobs.values():
        for index, trigger in enumerate(job.when):
            if trigger.after is not None:
                path = ("when", index, "after")
                problems += _unknown(job, path, trigger.after, jobs, "scheduler.after_unknown")
            if trigger.on_file and job.read is None:
                problems.append(_problem(job, ("when", index, "on_file"), "scheduler.on_file_needs_read"))
            problems += _window_problems(job, index, trigger)
        for index, name in enumerate(job.depends_on):
            problems += _unknown(job, ("depends_on", index), name, jobs, "scheduler.depends_unknown")
    after = _cycles(jobs, "scheduler.after_cycle", lambda job: job.follows)
    waits = _cycles(jobs, "scheduler.depends_cycle", lambda job: (*job.follows, *job.depends_on))
    return problems + (after or waits)


def _window_problems(job: Job, index: int, trigger: Trigger) -> list[Problem]:
    """Tell the times of a trigger at which the window never lets the job run."""
    if job.window is None:
        return []
    window, told = parse_window(job.window), list[tuple[Path_, str]]()
    for place, clock in enumerate(trigger.at or ()):
        if not window.holds(parse_clock(clock)):
            told.append((("when", index, "at", place), clock))
    written = trigger.cron or trigger.every
    times = [clock for rule in timed_rules((trigger,)) for clock in rule.times]
    if written and not any(window.holds(clock) for clock in times):
        told.append((("when", index, trigger.kinds[0]), written))
    key = "scheduler.never_in_window"
    return [_problem(job, path, key, value=value, window=job.window) for path, value in told]


def _cycles(jobs: Mapping[str, Job], key: str, before: Callable[[Job], Sequence[str]]) -> list[Problem]:
    problems, told = [], set[str]()
    for name in jobs:
        circle = _circle(name, jobs, (name,), before)
        if circle and name not in told:
            told |= set(circle)
            shown = " → ".join((*circle, name))
            path = "when" if jobs[name].follows else "depends_on"
            problems.append(_problem(jobs[name], (path,), key, circle=shown))
    return problems


def _circle(
    goal: str, jobs: Mapping[str, Job], path: Sequence[str], befores: Callable[[Job], Sequence[str]]
) -> tuple[str, ...]:
    """Return the jobs from the last of `path` back to `goal` along what each waits for, or nothing."""
    job = jobs.get(path[-1])
    for before in befores(job) if job else ():
        if before == goal:
            return tuple(path)
        found = () if before in path else _circle(goal, jobs, (*path, before), befores)
        if found:
            return found
    return ()


def _unknown(job: Job, path: Path_, name: str, known: Collection[str], key: str) -> list[Problem]:
    return [] if name in known else [_problem(job, path, key, name=name, hint=did_you_mean(name, known))]


def _problem(job: Job, path: Path_, key: str, **values: object) -> Problem:
    return Problem(job.source.locate(path), key, values)


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        raise DeclarationError(problems)
