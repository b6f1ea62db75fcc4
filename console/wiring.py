"""The one place that knows everybody: opens an installation and brings its rooms together.

The rooms for reading and for robots are heavy; they are imported only by the task that needs them.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from backoffice.audit import AuditTrail
from backoffice.clock import Clock, utc_now
from backoffice.database import open_database, upgrade
from backoffice.database_clock import clock_of
from backoffice.department_work import DepartmentWork
from backoffice.documents import DocumentStore
from backoffice.errors import DeclarationError
from backoffice.ledger import Ledger
from backoffice.messages import current_language
from backoffice.runs import Run, RunBook
from backoffice.settings import Settings, load_settings
from backoffice.settings_engine import with_password
from backoffice.vault import Vault
from console.users import UserStore

if TYPE_CHECKING:
    from console.authoring.room import RobotRoom
    from console.baselines import BaselineOffice
    from console.sign_in import SignIn
    from console.tokens import TokenStore
    from console.trial_line import TrialLine
    from console.web.desk import Desk
    from ocr.lookout import Lookout
    from ocr.template import Form
    from robots.model import Robot
    from robots.screen import Screen
    from scheduler.child import Task
    from scheduler.job import Job
    from scheduler.local import LocalEngine
    from scheduler.office import Office as Books


@dataclass(frozen=True)
class Office:
    """One installation, opened: its settings, its database, and what the town declared.

    Attributes:
        configs: Folder of the declarations.
        settings: The settings in force.
        engine: The migrated database.
        clock: The present moment.
    """

    configs: Path
    settings: Settings
    engine: sa.Engine
    clock: Clock = utc_now

    @cached_property
    def documents(self) -> DocumentStore:
        """Received files and documents."""
        return DocumentStore(self.engine, self.clock)

    @cached_property
    def ledger(self) -> Ledger:
        """Work items."""
        return Ledger(self.engine, self.clock)

    @cached_property
    def runs(self) -> RunBook:
        """Runs and firings."""
        return RunBook(self.engine, self.settings.folder("locks"), self.clock)

    @cached_property
    def audit(self) -> AuditTrail:
        """Who did what."""
        return AuditTrail(self.engine, self.clock)

    @cached_property
    def users(self) -> UserStore:
        """Who may sign in."""
        return UserStore(self.engine, self.clock)

    @cached_property
    def sign_in(self) -> "SignIn":
        """The way in for people: passwords, second factors, patience with wrong tries."""
        from console.second_factor import SecondFactors
        from console.sign_in import Addresses, SignIn
        from console.web.sessions import session_secret

        factors = SecondFactors(self.engine, session_secret(self.settings.var / "web.key"), self.clock)
        return SignIn(self.users, factors, Addresses(self.engine, self.clock))

    @cached_property
    def tokens(self) -> "TokenStore":
        """Which systems may call the API."""
        from console.tokens import TokenStore

        return TokenStore(self.engine, self.clock)

    @cached_property
    def vault(self) -> Vault:
        """Secrets by name."""
        return _vault(self.settings)

    @cached_property
    def forms(self) -> "Mapping[str, Form]":
        """Form templates by name."""
        from ocr.template import load_forms

        return load_forms(self.configs / "forms")

    @cached_property
    def robots(self) -> "Mapping[str, Robot]":
        """Robots by name, checked against the fields, targets and secrets that exist."""
        from robots.model import load_robots

        return load_robots(self.configs / "robots")

    @cached_property
    def jobs(self) -> "Mapping[str, Job]":
        """Jobs by name, checked against the robots, forms and departments that exist."""
        from scheduler.job_check import load_jobs

        jobs = load_jobs(self.configs / "jobs")
        self.demand_fit(jobs, self.robots)
        return jobs

    def demand_fit(self, jobs: "Mapping[str, Job]", robots: "Mapping[str, Robot]") -> None:
        """Check jobs against robots, those that are there or those that somebody is about to save.

        Raises:
            DeclarationError: With every place in the jobs that does not fit.
        """
        from robots.preflight import names_used
        from scheduler.job_check import check_jobs

        processes = {form.process for form in self.forms.values()}
        check_jobs(
            jobs,
            robots,
            self.forms,
            self.settings.departments,
            known_processes=processes | {robot.items.process for robot in robots.values()},
            robot_parameters={name: names_used(robot, "parameter") for name, robot in robots.items()},
            notices=self.settings.notices,
        )

    def renew_robots(self) -> None:
        """Read the robots again after one was saved; while somebody else's file is broken, the old ones stay."""
        from robots.model import load_robots

        with suppress(DeclarationError):
            self.__dict__["robots"] = load_robots(self.configs / "robots")

    @cached_property
    def books(self) -> "Books":
        """What the scheduler works with."""
        from scheduler.office import Office as Books

        return Books.of(self.settings, self.engine, self.clock)

    def personal_fields(self, process: str) -> frozenset[str]:
        """Return the names of the personal fields of a process's records."""
        forms = [form for form in self.forms.values() if form.process == process]
        return frozenset(field.name for form in forms for _, field in form.fields() if field.personal)


def open_office(configs: Path, *, var: Path | None = None) -> Office:
    """Open an installation and bring its database to the present shape.

    Args:
        configs: Folder of the declarations, with `hakadori.yaml`.
        var: A working folder in place of the one in the settings.

    Raises:
        DeclarationError: The settings are missing or wrong.
        SettingsError: An environment variable names no setting, or the database cannot be opened.
        SecretMissing: The vault with the database's password cannot be opened.
    """
    settings = load_settings(configs, var=var)
    engine = open_database(with_password(settings.database_url, _vault(settings)))
    upgrade(engine)
    return Office(configs.resolve(), settings, engine, clock_of(engine))


def _vault(settings: Settings) -> Vault:
    return Vault(settings.var / "secrets.json")


def tasks(office: Office) -> "Mapping[str, Task]":
    """Return the tasks of runs by their kind."""
    from console.rehearsals import KIND as REHEARSAL
    from console.rehearsals import RehearsalTask
    from console.tasks import ReadTask, RobotTask

    return {"read": ReadTask(office), "run": RobotTask(office), REHEARSAL: RehearsalTask(office)}


def child_command(office: Office, run: Run) -> Sequence[str]:
    """Return the command line of the child process that performs a run."""
    folders = ["--configs", str(office.configs), "--var", str(office.settings.var)]
    return [sys.executable, "-m", "console", *folders, "--language", current_language(), "run-child", run.id]


def lookout(office: Office) -> "Lookout":
    """Return what looks for arriving files on behalf of the service."""
    from ocr.inboxes import open_inbox
    from ocr.lookout import Lookout

    return Lookout(lambda department: open_inbox(office.settings, department, office.documents))


def make_engine(office: Office) -> "LocalEngine":
    """Return the engine that fires jobs and carries out their runs, on this PC or through workers of others."""
    from console.engines import shared_runner
    from scheduler.local import LocalEngine

    return LocalEngine(
        office.jobs,
        office.books,
        lambda run: child_command(office, run),
        script=script_of(office),
        has_files=lookout(office).has_files,
        poll_seconds=office.settings.inbox.poll_seconds,
        runner=shared_runner(office),
    )


def script_of(office: Office) -> "Callable[[Job], tuple[str, str]]":
    """Return what gives (sha256, text) of the script that a job runs: its robot's, else the job's own."""

    def script(job: "Job") -> tuple[str, str]:
        source = office.robots[job.run].source if job.run else job.source
        return source.sha256, source.text

    return script


def perform_run(office: Office, run_id: str) -> int:
    """Perform one run in this process, to its end, and return the exit code."""
    from console.rehearsals import KIND as REHEARSAL
    from console.rehearsals import job_of
    from scheduler.child import perform

    run, jobs = office.runs.get(run_id), office.jobs
    if run.kind == REHEARSAL:
        jobs = {**jobs, run.job: job_of(run)}
    return perform(run_id, tasks=tasks(office), jobs=jobs, office=office.books)


def robot_screen(office: Office, robot: "Robot") -> "Screen | None":
    """Return the screen that a robot with desktop steps works on, with a reader of words; None for the others."""
    from console.screen_text import screen_reader
    from robots.stage import make_screen, uses_screen

    if not uses_screen(robot):
        return None
    reader = screen_reader(office.settings.folder("models"), office.settings.ocr.threads)
    return make_screen(robot, office.settings, reader)


def baseline_office(office: Office) -> "BaselineOffice":
    """Return what keeps the baselines of the installation's jobs."""
    from console.baselines import BaselineOffice

    robots = {job.job: office.robots[job.run] for job in office.jobs.values() if job.run}
    return BaselineOffice(
        jobs=office.jobs,
        processes={job: robot.items.process for job, robot in robots.items()},
        savings=office.books.savings,
        documents=office.documents,
        zone=office.books.zone,
        clock=office.clock,
    )


def robot_room(office: Office, forms: "Mapping[str, Form]", line: "TrialLine") -> "RobotRoom":
    """Return what the pages for robots work with.

    Args:
        office: The installation.
        forms: The forms that the console works with, kept up to date by the designer.
        line: In which trials wait their turn.
    """
    from console.authoring.approvals import Approvals
    from console.authoring.drafts import DraftBook
    from console.authoring.known import Known
    from console.authoring.room import RobotJob, RobotRoom
    from console.authoring.shelf import RobotShelf, demand_fit
    from console.authoring.trials import ChildBench, TrialRoom
    from console.authoring.versions import VersionBook

    settings, engine, clock = office.settings, office.engine, office.clock
    shelf = RobotShelf(
        office.configs / "robots",
        engine,
        Known(settings, office.vault, forms),
        VersionBook(engine, clock),
        prove=lambda robot, path: office.demand_fit(office.jobs, demand_fit(robot, path, office.robots)),
        saved=office.renew_robots,
    )
    return RobotRoom(
        shelf=shelf,
        approvals=Approvals(engine, demanded=settings.robots.require_approval, clock=clock),
        trials=TrialRoom(settings.var / "trials", ChildBench(office.configs, settings.var), clock, line),
        drafts=DraftBook(engine, clock),
        runs=office.runs,
        jobs=lambda: [
            RobotJob(job.job, job.title, job.department, job.run) for job in office.jobs.values() if job.run
        ],
    )


def make_desk(office: Office) -> "Desk":
    """Return what the pages work with."""
    from console.design.shelf import Shelf
    from console.design.studio import Studio
    from console.forms import FormChecker
    from console.health_watch import health_watch
    from console.job_office import JobOffice, owners_of
    from console.letterbox import Letterbox
    from console.savings import SavingsOffice
    from console.trial_line import TrialLine
    from console.web.desk import Desk
    from console.web.limits import RateLimit
    from console.web.sessions import SessionSigner, session_secret
    from console.workload import WorkloadOffice

    settings, forms, line = office.settings, dict(office.forms), TrialLine()
    return Desk(
        settings=settings,
        documents=office.documents,
        ledger=office.ledger,
        runs=office.runs,
        audit=office.audit,
        users=office.users,
        forms=forms,
        jobs={job.job: job.title for job in office.jobs.values()},
        checker=FormChecker(),
        savings=SavingsOffice(office),
        work=DepartmentWork(office.engine, owners_of(office)),
        tokens=office.tokens,
        letterbox=Letterbox(settings, office.documents),
        job_desk=JobOffice(office, line),
        limits=RateLimit(settings.web.requests_per_minute),
        sign_in=office.sign_in,
        signer=SessionSigner(
            session_secret(settings.var / "web.key"),
            timedelta(minutes=settings.web.session_minutes),
            timedelta(hours=settings.web.session_hours),
        ),
        clock=office.clock,
        studio=Studio(settings, Shelf(office.configs / "forms", office.engine, forms)),
        baselines=baseline_office(office),
        watch=health_watch(office),
        workload=WorkloadOffice(office),
        robots=robot_room(office, forms, line),
    )
