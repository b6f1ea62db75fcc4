"""Everything that the pages for robots work with, brought together: files, drafts, approvals, trials, jobs, runs."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from backoffice.runs import Run, RunBook
from console.authoring.approvals import Approvals, Standing
from console.authoring.drafts import DraftBook
from console.authoring.errors import AuthoringRefused
from console.authoring.shelf import Check, RobotShelf, Script
from console.authoring.trials import TrialRoom

BEGINNINGS = Path(__file__).parent / "beginnings"
"""Robots to begin a new one from; `NAME` and `TITLE` stand for its own."""


@dataclass(frozen=True)
class RobotJob:
    """A job that runs a robot.

    Attributes:
        job: Its name.
        title: As people say it.
        department: Whose it is.
        robot: The robot's name, as it stands in its file.
    """

    job: str
    title: str
    department: str
    robot: str


@dataclass(frozen=True)
class Sight:
    """A robot as a page shows it.

    Attributes:
        script: Its file.
        check: What the validator says.
        robot: Its name as it stands in the file; the file's when that cannot be read.
        title: Its title; empty when it cannot be read.
        jobs: Jobs that run it, those of the person's departments.
        last: Its last run by one of these jobs.
        standing: How it stands with the approvers; None while it has errors.
    """

    script: Script
    check: Check
    robot: str
    title: str
    jobs: Sequence[RobotJob]
    last: Run | None
    standing: Standing | None


@dataclass(frozen=True)
class RobotRoom:
    """The parts of an installation that the pages for robots use.

    Attributes:
        jobs: Returns the jobs that run robots.
    """

    shelf: RobotShelf
    approvals: Approvals
    trials: TrialRoom
    drafts: DraftBook
    runs: RunBook
    jobs: Callable[[], Sequence[RobotJob]]

    def departments(self, name: str) -> frozenset[str]:
        """Return the departments whose jobs run a robot; none for a robot that no job runs."""
        return frozenset(job.department for job in self._jobs_of(name, self._robot_of(name)))

    def sights(self, scope: Collection[str] | None) -> list[Sight]:
        """Return the robots that a person sees: those of the departments, and those that no job runs yet."""
        names = [name for name in self.shelf.names() if self.seen(name, scope)]
        return [self.sight(name, scope) for name in names]

    def seen(self, name: str, scope: Collection[str] | None) -> bool:
        """Say whether a robot is for the eyes of these departments."""
        owners = self.departments(name)
        return scope is None or not owners or bool(owners & set(scope))

    def sight(self, name: str, scope: Collection[str] | None) -> Sight:
        """Return one robot.

        Raises:
            RobotMissing: There is none of this name.
        """
        script = self.shelf.read(name)
        check = self.shelf.check_file(script)
        robot = check.robot.robot if check.robot else self._robot_of(name)
        jobs = [job for job in self._jobs_of(name, robot) if scope is None or job.department in scope]
        standing = self.approvals.standing(check.robot) if check.robot else None
        title = check.robot.title if check.robot else ""
        return Sight(script, check, robot, title, jobs, self._last(jobs), standing)

    def loses_approval(self, script: Script) -> bool:
        """Say whether a change of a robot's text ends an approval that its jobs need."""
        return self.approvals.rests_on(self._robot_of(script.name), script.text)

    def past(self, jobs: Sequence[RobotJob], most: int = 10) -> list[Run]:
        """Return the last runs of some jobs, newest first; each keeps the text that it ran."""
        runs = [run for job in jobs for run in self.runs.history(job.job, most)]
        return sorted(runs, key=lambda run: run.started_at, reverse=True)[:most]

    def begun(self, beginning: str, name: str, title: str) -> str:
        """Return the text that a new robot begins with.

        Args:
            beginning: Name of a file in BEGINNINGS, without ending.
            name: The new robot's name.
            title: Its title; one line.

        Raises:
            AuthoringRefused: There is no such beginning, or the name cannot be taken.
        """
        self.shelf.demand_free(name)
        if beginning not in beginnings():
            raise AuthoringRefused("authoring.beginning_missing", where=beginning[:60], name=beginning[:60])
        text = (BEGINNINGS / f"{beginning}.yaml").read_text(encoding="utf-8")
        quoted = json.dumps(" ".join(title.split()) or name, ensure_ascii=False)
        return text.replace("NAME", name).replace("TITLE", quoted)

    def _last(self, jobs: Sequence[RobotJob]) -> Run | None:
        return next(iter(self.past(jobs, 1)), None)

    def _jobs_of(self, name: str, robot: str) -> list[RobotJob]:
        return [job for job in self.jobs() if job.robot in (name, robot)]

    def _robot_of(self, name: str) -> str:
        """Return the name that stands in a robot's file, as far as it can be found without checking it."""
        path = self.shelf.names().get(name)
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines() if path else []
        heads = (line.partition(":") for line in lines if line.startswith("robot:"))
        return next((rest.partition(" #")[0].strip().strip("\"'") for _, _, rest in heads), name) or name


def beginnings() -> list[str]:
    """Return the names of the robots to begin from."""
    return sorted(path.stem for path in BEGINNINGS.glob("*.yaml"))
