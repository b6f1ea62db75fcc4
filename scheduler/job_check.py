"""Load all jobs and check what one file alone cannot tell: other jobs, robots, forms, inboxes they name."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from backoffice.declarations import load_folder
from backoffice.errors import DeclarationError, Problem
from backoffice.suggest import did_you_mean
from scheduler.job import Job

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
) -> None:
    """Check that jobs name only things that exist.

    Args:
        jobs: All jobs, by name, as loaded.
        known_robots: Names of the robots.
        known_forms: Names of the forms.
        known_inboxes: Names of departments with an inbox; None leaves `read:` and `department:` unchecked.

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
    _raise(problems)


def _inbox_problems(job: Job, known: Collection[str]) -> list[Problem]:
    problems = _unknown(job, ("department",), job.department, known, "scheduler.department_unknown")
    if job.read is not None and job.read != job.department:
        problems += _unknown(job, ("read",), job.read, known, "scheduler.department_unknown")
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
    return problems + _cycles(jobs)


def _cycles(jobs: Mapping[str, Job]) -> list[Problem]:
    problems, told = [], set[str]()
    for name in jobs:
        circle = _circle(name, jobs, (name,))
        if circle and name not in told:
            told |= set(circle)
            shown = " → ".join((*circle, name))
            problems.append(_problem(jobs[name], ("when",), "scheduler.after_cycle", circle=shown))
    return problems


def _circle(goal: str, jobs: Mapping[str, Job], path: Sequence[str]) -> tuple[str, ...]:
    """Return the jobs from the last of `path` back to `goal` along `after:`, or nothing."""
    job = jobs.get(path[-1])
    for before in job.follows if job else ():
        if before == goal:
            return tuple(path)
        found = () if before in path else _circle(goal, jobs, (*path, before))
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
