"""The person who looks at the first page: what is theirs, and which pages they may open."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from backoffice.department_work import Page, Scope
from backoffice.messages import text
from backoffice.runs import Run, RunState
from backoffice.standing import Standing
from console.job_desk import JobFacts
from console.users import User
from console.web.access import row_of
from console.web.desk import Desk
from console.web.savings import today_of

RUNS_LOOKED_AT = 200
BAD_RUNS = (RunState.FAILED, RunState.DIED)


@dataclass(frozen=True)
class Looker:
    """A person before the first page.

    Attributes:
        desk: The parts of the office.
        user: The person.
        standing: Counts what waits.
    """

    desk: Desk
    user: User
    standing: Standing

    @property
    def scope(self) -> Scope:
        """The person's departments; None for all."""
        return self.user.scope

    @cached_property
    def zone(self) -> ZoneInfo:
        """In which zone a day begins."""
        return ZoneInfo(self.desk.settings.timezone)

    @property
    def today(self) -> date:
        """The present day of the office."""
        return today_of(self.desk)

    @cached_property
    def jobs(self) -> list[JobFacts]:
        """The jobs of the person's departments."""
        return self.desk.job_desk.jobs(self.scope)

    @cached_property
    def runs(self) -> list[Run]:
        """The newest runs of these jobs, newest first."""
        return self.desk.work.runs(self.scope, Page(RUNS_LOOKED_AT))[0]

    @property
    def broken(self) -> list[Run]:
        """The newest run of each job whose newest run went wrong."""
        newest: dict[str, Run] = {}
        for run in self.runs:
            newest.setdefault(run.job, run)
        return [run for run in newest.values() if run.state in BAD_RUNS]

    def to(self, route: str, href: str) -> str:
        """Return an address when there is such a page and the person may open it; else nothing."""
        row = row_of("GET", route)
        return href if row is not None and (row.right is None or self.user.may(row.right)) else ""

    def run_href(self, run: Run) -> str:
        """Return the page of a run; empty when there is none for this person."""
        return self.to("/runs/{run_id}", f"/runs/{run.id}")

    def process(self, process: str) -> str:
        """Return what people call a business: the title of its form, else its name."""
        titles = {form.process: form.title for form in self.desk.forms.values()}
        return titles.get(process, process)

    def owner(self, department: str, process: str) -> str:
        """Return whose records of a process are, in words."""
        owners = [department] if department else sorted(self.desk.work.owners.processes.get(process, ()))
        return text("console.comma").join(self.desk.department(name) for name in owners) or "―"
