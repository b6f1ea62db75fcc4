"""What the pages work with: one object that the wiring fills and every page takes its parts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from backoffice.audit import AuditTrail
from backoffice.clock import Clock, utc_now
from backoffice.department_work import DepartmentWork, Scope
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.runs import RunBook
from backoffice.settings import Settings
from console.authoring.room import RobotRoom
from console.baselines import BaselineOffice
from console.design.studio import Studio
from console.health_watch import HealthWatch
from console.job_desk import JobDesk
from console.letterbox import Letterbox
from console.sign_in import SignIn
from console.tokens import TokenStore
from console.users import UserStore
from console.web.limits import RateLimit
from console.web.sessions import SessionSigner
from console.web.streams import Streams
from console.web.timesheet import Timesheet
from ocr.reading import Finding
from ocr.template import Form

if TYPE_CHECKING:
    from console.workload import WorkloadOffice


class Checker(Protocol):
    """How values are checked and made into a record (`ocr.validate`, `ocr.record`)."""

    def findings(self, form: Form, values: Mapping[str, str]) -> Sequence[Finding]:
        """Return what is wrong with the values."""

    def record(self, form: Form, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """Return the key and the record that the values make."""


@dataclass(frozen=True)
class SavingsPart:
    """One further look at the time saved.

    Attributes:
        by: What its lines are: month, department, job, form or year.
        chart: SVG, or empty.
        columns: Headings of the table.
        rows: Its rows as people read them.
    """

    by: str
    chart: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class SavingsView:
    """Time saved, ready to be shown.

    Attributes:
        first: First month, "2026-04".
        last: Last month.
        chart: SVG, or empty when nothing was booked.
        columns: Headings of the table.
        rows: Its rows as people read them.
        total_hours: Hours saved in all.
        parts: Further looks at the same figures.
        notes: What is foretold for the fiscal year, and how.
        sums: All together: heading and figure of items, before, after, saved, rate, machine hours.
    """

    first: str
    last: str
    chart: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total_hours: float
    parts: Sequence[SavingsPart] = ()
    notes: Sequence[str] = ()
    sums: Sequence[tuple[str, str]] = ()


class Savings(Protocol):
    """Where time saved comes from (`scheduler.savings`, `scheduler.reports`); of some departments, or of all (None)."""

    def view(self, first: str, last: str, departments: Scope = None) -> SavingsView:
        """Return the time saved from month to month, both included."""

    def saved_hours(self, first: str, last: str, departments: Scope = None) -> str:
        """Return the hours saved from month to month as they are shown."""

    def years(self, departments: Scope = None) -> list[int]:
        """Return the fiscal years that hold something, and the present one; the newest first."""

    def workbook(self, first: str, last: str, path: Path, departments: Scope = None) -> Path:
        """Write the report as .xlsx and return its path."""

    def facts(self, first: str, last: str, departments: Scope = None) -> dict[str, Any]:
        """Return the report as plain values, for programs."""


@dataclass(frozen=True)
class Desk:
    """The parts of the office that pages use.

    Attributes:
        jobs: Title of each job by its name.
        work: Items, runs, documents and files as the departments see them.
        tokens: Which systems may call the API.
        letterbox: Takes scans that are handed in.
        job_desk: Runs, pauses and resumes jobs.
        limits: How many requests a person or system may send.
        sign_in: The way in for people.
        studio: The form designer; None where no folder of forms is at hand.
        robots: What the pages for robots work with; None where no folder of robots is at hand.
        baselines: What an item cost by hand, by job; None where no jobs are at hand.
        streams: Open pages that are told how a run goes.
        watch: Looks how the installation itself stands; None where nobody asks.
        workload: Surveys of working hours; None where no database is at hand.
        timesheet: What people booked lately, so that no second counts twice.
    """

    settings: Settings
    documents: DocumentStore
    ledger: Ledger
    runs: RunBook
    audit: AuditTrail
    users: UserStore
    forms: Mapping[str, Form]
    jobs: Mapping[str, str]
    checker: Checker
    savings: Savings
    signer: SessionSigner
    work: DepartmentWork
    tokens: TokenStore
    letterbox: Letterbox
    job_desk: JobDesk
    limits: RateLimit
    sign_in: SignIn
    clock: Clock = utc_now
    studio: Studio | None = None
    robots: RobotRoom | None = None
    baselines: BaselineOffice | None = None
    streams: Streams = field(default_factory=Streams)
    watch: HealthWatch | None = None
    workload: "WorkloadOffice | None" = None
    timesheet: Timesheet = field(default_factory=Timesheet)

    def title(self, form: str) -> str:
        """Return the title of a form as printed; its short name when the template is gone."""
        return self.forms[form].title if form in self.forms else form

    def department(self, name: str) -> str:
        """Return a department's name as people say it."""
        return self.settings.departments.get(name, name)
