"""The baselines of the time-saved account: what one item cost by hand, who measured it, for which runs it counted.

A town measures again when a form or a system changes, and enters the new figure on the page or writes it into the job's
file. Runs that were booked keep the baseline of their day: nothing is recomputed. This shows which one counted when.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from json import dumps
from typing import Any

from scheduler.job import Job, TimeSaved
from scheduler.reports import basis_of
from scheduler.savings import NOTED, TimeEntry, told_basis


@dataclass(frozen=True)
class Baseline:
    """One baseline of one job.

    Attributes:
        job: The job.
        business: Its business in the report.
        minutes_per_item: By hand, each.
        preparation_per_run: Minutes of preparation per run.
        basis: How it is known: measured_by, measured_on, sample_size, assumption, note, process.
        first: Day of the first run that was booked with it; None when none was.
        last: Day of the last such run.
        runs: Runs booked with it.
        items: Items of these runs.
        in_force: It counts for runs that begin now.
    """

    job: str
    business: str
    minutes_per_item: float
    preparation_per_run: float
    basis: Mapping[str, Any]
    first: date | None
    last: date | None
    runs: int
    items: int
    in_force: bool

    @property
    def told(self) -> str:
        """On what it rests, in the language in force."""
        return basis_of(self.minutes_per_item, self.basis)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "job": self.job,
            "business": self.business,
            "manual_minutes_per_item": self.minutes_per_item,
            "basis": dict(self.basis),
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "runs": self.runs,
            "items": self.items,
            "in_force": self.in_force,
        }


def baselines(
    entries: Iterable[TimeEntry],
    jobs: Mapping[str, Job],
    entered: Mapping[str, TimeSaved | None] | None = None,
) -> list[Baseline]:
    """Return every baseline that was ever booked or is in force now, by job, oldest first.

    Args:
        entries: All entries of the account.
        jobs: The jobs as they are declared now.
        entered: What is in force now by job, where that is another thing than what the job's file says.
    """
    booked: dict[str, list[TimeEntry]] = {}
    for entry in entries:
        booked.setdefault(_mark_of_entry(entry), []).append(entry)
    now = {
        _mark_of_job(job, basis): (job, basis)
        for name, job in jobs.items()
        if (basis := (entered or {}).get(name, job.time_saved))
    }
    found = [_booked(group, mark in now) for mark, group in booked.items()]
    found += [_unused(job, basis) for mark, (job, basis) in now.items() if mark not in booked]
    return sorted(found, key=lambda one: (one.job, one.first or date.max, one.last or date.max))


def _booked(group: Sequence[TimeEntry], in_force: bool) -> Baseline:
    newest, days = group[-1], [entry.worked_on for entry in group]
    return Baseline(
        job=newest.job,
        business=newest.business,
        minutes_per_item=newest.manual_minutes_per_item,
        preparation_per_run=float(newest.basis.get("preparation_minutes_per_run", 0)),
        basis=newest.basis,
        first=min(days),
        last=max(days),
        runs=sum(NOTED not in entry.basis for entry in group),
        items=sum(entry.items_done for entry in group),
        in_force=in_force,
    )


def _unused(job: Job, basis: TimeSaved) -> Baseline:
    return Baseline(
        job=job.job,
        business=basis.business,
        minutes_per_item=basis.manual_minutes_per_item,
        preparation_per_run=basis.preparation_minutes_per_run,
        basis=told_basis(basis),
        first=None,
        last=None,
        runs=0,
        items=0,
        in_force=True,
    )


def _mark_of_entry(entry: TimeEntry) -> str:
    return _mark(entry.job, entry.business, entry.manual_minutes_per_item, entry.basis)


def _mark_of_job(job: Job, basis: TimeSaved) -> str:
    return _mark(job.job, basis.business, basis.manual_minutes_per_item, told_basis(basis))


def _mark(job: str, business: str, minutes: float, basis: Mapping[str, Any]) -> str:
    known = {name: value for name, value in basis.items() if name != NOTED}
    return dumps([job, business, float(minutes), known], sort_keys=True, ensure_ascii=False)
