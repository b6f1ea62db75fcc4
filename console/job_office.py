"""Jobs as the console's pages and programs use them: whose they are, what is due, run now, pause and resume."""

from typing import TYPE_CHECKING

from backoffice.department_work import Owners

if TYPE_CHECKING:
    from console.wiring import Office


def owners_of(office: "Office") -> Owners:
    """Return which departments the jobs, and the processes that they work on, belong to."""
    processes: dict[str, frozenset[str]] = {}
    for job in office.jobs.values():
        if job.run and job.run in office.robots:
            process = office.robots[job.run].items.process
            processes[process] = processes.get(process, frozenset()) | {job.department}
    return Owners({job.job: job.department for job in office.jobs.values()}, processes)
