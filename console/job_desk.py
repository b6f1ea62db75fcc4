"""What the console knows of jobs: as they stand, as their page tells them, and what pages may do with them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from backoffice.department_work import Scope
from backoffice.errors import UserError
from backoffice.runs import Run

if TYPE_CHECKING:
    from robots.model import Robot
    from scheduler.agenda import Day


class RunOver(UserError):
    """The run has ended already."""


@dataclass(frozen=True)
class JobFacts:
    """A job as it stands.

    Attributes:
        kind: "read" or "run".
        next: When it is due next by its timetable.
        waits_for: Jobs that must be up to date before it begins.
        paused_by: Who paused it; None for a job that may run.
        when: Everything that makes it due, in words.
        robot: The robot that it runs; None for a job that reads.
        parameters: What it gives to its robot: name → the value of its file.
    """

    job: str
    title: str
    department: str
    kind: str
    next: datetime | None
    waits_for: tuple[str, ...]
    paused_by: str | None
    paused_why: str | None
    paused_at: datetime | None
    when: Sequence[str] = ()
    robot: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Booked:
    """What was booked for a job, over all its time.

    Attributes:
        runs: Entries of the account.
        items: Items done.
        saved_minutes: Time saved; negative when the machine cost more.
        machine_seconds: How long the machine worked.
        assumed: Whether the manual minutes were never measured.
    """

    runs: int = 0
    items: int = 0
    saved_minutes: float = 0.0
    machine_seconds: float = 0.0
    assumed: bool = False


@dataclass(frozen=True)
class JobStory:
    """A job with everything that its page tells.

    Attributes:
        facts: As it stands.
        file: Name of its file.
        text: The file as it was read at the start.
        rules: What holds for each of its runs, in words.
        coming: When it is due, the next days.
        booked: Its account.
    """

    facts: JobFacts
    file: str = ""
    text: str = ""
    rules: Sequence[str] = ()
    coming: "Sequence[Day]" = ()
    booked: Booked = field(default_factory=Booked)


class JobDesk(Protocol):
    """What pages do with jobs; `JobOffice` is the real one."""

    def jobs(self, scope: Collection[str] | None) -> list[JobFacts]:
        """Return the jobs of some departments, or all."""

    def run(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        """Begin a run and return it; its end is not waited for."""

    def story(self, name: str) -> JobStory:
        """Return everything about one job."""

    def coming(self, scope: Scope, days: int) -> "Sequence[Day]":
        """Return what is due on the next days, today first."""

    def rehearse(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        """Begin a rehearsal of a job's robot and return it; its end is not waited for."""

    def robot_of(self, name: str) -> "Robot | None":
        """Return the very robot that `rehearse` would begin; None for a job that runs none."""

    def end(self, run_id: str, who: str, why: str) -> None:
        """Ask a run to end after the item in hand."""

    def pause(self, name: str, who: str, why: str) -> None:
        """Hold a job back until it is resumed."""

    def resume(self, name: str, who: str, why: str) -> None:
        """Let a paused job run again."""

    def stop(self) -> None:
        """Ask the runs begun here to end after the item in hand, and wait for them."""
