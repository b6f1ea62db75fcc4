"""Enter the firing of a job in the book: its script in force, its parameters, and as many lanes as it has workers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from backoffice.runs import Run
from backoffice.suggest import did_you_mean
from scheduler.errors import JobMissing
from scheduler.job import Job
from scheduler.office import Office
from scheduler.triggers import slot_name

Script = Callable[[Job], tuple[str, str]]
"""Gives (sha256, text) of the script that a job runs."""


def own_script(job: Job) -> tuple[str, str]:
    """Return the hash and the text of the job's own file."""
    return job.source.sha256, job.source.text


@dataclass(frozen=True)
class FiringBook:
    """Enters firings.

    Attributes:
        jobs: All jobs by name.
        office: The books.
        script: Which script a job runs.
        queue: Names the queue that a job's runs wait in; "" lets them start at once.
    """

    jobs: Mapping[str, Job]
    office: Office
    script: Script = own_script
    queue: Callable[[Job], str] = lambda _: ""

    def job(self, name: str) -> Job:
        """Return a job by its name.

        Raises:
            JobMissing: No such job; the nearest names are told.
        """
        if name not in self.jobs:
            hint = did_you_mean(name, self.jobs)
            raise JobMissing("scheduler.job_missing", where=name, name=name, hint=hint)
        return self.jobs[name]

    def fire(
        self, job: Job, slot: str, trigger: str, parameters: Mapping[str, str] | None = None
    ) -> Run | None:
        """Enter the firing of a slot; returns its first lane, None when the slot was served before."""
        sha256, script = self.script(job)
        return self.office.runs.enter_fired(
            job.job,
            job.kind,
            slot,
            trigger,
            script_sha256=sha256,
            script=script,
            parameters=job.parameters if parameters is None else parameters,
            lanes=job.workers,
            queue=self.queue(job),
        )

    def by_hand(self, job: Job, parameters: Mapping[str, str]) -> Run:
        """Enter a firing that a person asks for; returns its first lane."""
        sha256, script = self.script(job)
        return self.office.runs.enter(
            job.job,
            job.kind,
            f"now-{slot_name(self.office.clock())}-{uuid4().hex[:8]}",
            "person",
            script_sha256=sha256,
            script=script,
            parameters=parameters,
            lanes=job.workers,
            queue=self.queue(job),
        )
