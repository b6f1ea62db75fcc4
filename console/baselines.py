"""手作業の基準 as the page shows and takes them: what an item cost by hand, who measured it, and what people spend now.

A baseline is never overwritten. What is entered here counts from its first day on, for runs that begin on that day or
later; what was booked before keeps the baseline of its own day, so that no report of the past ever changes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from backoffice.clock import Clock, utc_now
from backoffice.documents import DocumentStore
from backoffice.review_times import Pace
from scheduler.baseline_book import BaselineEntry, entry_on, in_force
from scheduler.baselines import Baseline, baselines
from scheduler.errors import JobMissing
from scheduler.job import Job, TimeSaved
from scheduler.savings import TimeLedger

PACE_DAYS = 90
"""So far back the seconds of reviewing are shown: about a quarter, so that one odd week makes no rule."""


@dataclass(frozen=True)
class JobBaseline:
    """How a job's baseline stands today.

    Attributes:
        job: The job.
        process: Whose items its baseline is about; empty when nothing says so, and then none can be entered.
        basis: In force today; None when there is none.
        entry: The entry of the page that counts today; None when the file counts.
        coming: Entries whose first day is still to come, the nearest first.
        history: All entries of the page, in the order in which they were made.
        pace: What people spent on documents of the process lately; None when nobody looked at any.
        booked: The baselines that runs were booked with, oldest first.
    """

    job: Job
    process: str
    basis: TimeSaved | None
    entry: BaselineEntry | None
    coming: tuple[BaselineEntry, ...]
    history: tuple[BaselineEntry, ...]
    pace: Pace | None
    booked: tuple[Baseline, ...]

    @property
    def from_page(self) -> bool:
        """Whether what counts today was entered on the page."""
        return self.entry is not None and self.entry.basis is not None

    @property
    def seen(self) -> int:
        """Number of the newest entry; 0 for none."""
        return self.history[-1].id if self.history else 0


@dataclass(frozen=True)
class BaselineOffice:
    """The baselines of one installation.

    Attributes:
        jobs: The jobs by name.
        processes: Job → the process whose items it works on, for jobs whose file has no `time_saved`.
        savings: The account of time saved, with its book of baselines.
        documents: Where the seconds of reviewing are kept.
        zone: In which zone a day begins.
        clock: The present moment.
    """

    jobs: Mapping[str, Job]
    processes: Mapping[str, str]
    savings: TimeLedger
    documents: DocumentStore
    zone: ZoneInfo
    clock: Clock = field(default=utc_now)

    @property
    def today(self) -> date:
        """The present day of the office."""
        return self.clock().astimezone(self.zone).date()

    def all(self, scope: Collection[str] | None) -> list[JobBaseline]:
        """Return how the baselines of the jobs of some departments stand; jobs that book no time are left out."""
        own = [job for job in self.jobs.values() if scope is None or job.department in scope]
        history, booked = self.savings.baselines.history(), self._booked()
        found = [self._standing(job, history, booked.get(job.job, ())) for job in own]
        return [one for one in found if one.process]

    def of(self, name: str) -> JobBaseline:
        """Return how the baseline of one job stands.

        Raises:
            JobMissing: There is no such job.
        """
        if name not in self.jobs:
            raise JobMissing("scheduler.job_missing", where=name, name=name, hint="")
        job, history = self.jobs[name], self.savings.baselines.history(name)
        return self._standing(job, history, self._booked().get(name, ()))

    def enter(
        self, job: str, valid_from: date, basis: TimeSaved | None, *, who: str, why: str, seen: int | None
    ) -> bool:
        """Add an entry; False when somebody else has added one since `seen`."""
        return self.savings.baselines.enter(job, valid_from, basis, who=who, why=why, seen=seen)

    def in_force(self) -> Mapping[str, TimeSaved | None]:
        """Return what counts today for every job."""
        history = self.savings.baselines.history()
        return {
            name: in_force(job, self.today, [one for one in history if one.job == name])
            for name, job in self.jobs.items()
        }

    def booked_or_in_force(self) -> list[Baseline]:
        """Return every baseline that runs were booked with or that counts today, by job, oldest first."""
        return baselines(self.savings.entries(), self.jobs, self.in_force())

    def _booked(self) -> Mapping[str, Sequence[Baseline]]:
        found: dict[str, list[Baseline]] = {}
        for one in self.booked_or_in_force():
            if one.first is not None:
                found.setdefault(one.job, []).append(one)
        return found

    def _standing(
        self, job: Job, entries: Sequence[BaselineEntry], booked: Sequence[Baseline]
    ) -> JobBaseline:
        history = [entry for entry in entries if entry.job == job.job]
        basis = in_force(job, self.today, history)
        process = basis.process if basis else self.processes.get(job.job, "")
        since = self.clock() - timedelta(days=PACE_DAYS)
        coming = sorted(
            (one for one in history if one.valid_from > self.today), key=lambda one: one.valid_from
        )
        return JobBaseline(
            job=job,
            process=process,
            basis=basis,
            entry=entry_on(self.today, history),
            coming=tuple(coming),
            history=tuple(history),
            pace=self.documents.review_pace(process, job.department, since) if process else None,
            booked=tuple(booked),
        )
