"""What went wrong and what to do about it, for the first page: records, runs, jobs, files, the installation itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from backoffice.department_work import Page
from backoffice.messages import has_text, text
from backoffice.work_items import State
from console.doctor.finding import Level
from console.rights import Right
from console.web.overview_looker import Looker
from console.web.reasons import reason_words

FAILURES_SHOWN = 20
BAD_ITEMS = (State.IN_DOUBT, State.SYSTEM_FAILURE, State.BUSINESS_FAILURE)


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong.

    Attributes:
        what: The thing.
        kind: What it is: a tag.
        grave: Whether it stops work.
        why: What happened.
        do: What to do about it.
        href: The page that helps; empty when there is none for this person.
        at: When it happened; None when that is not known.
    """

    what: str
    kind: str
    grave: bool
    why: str
    do: str
    href: str
    at: datetime | None = None


def troubles(looker: Looker) -> list[Trouble]:
    """Return what went wrong and what to do about it, what stops work first."""
    found: list[Trouble] = []
    if looker.user.may(Right.WORK):
        found += [*_bad_items(looker), *_bad_runs(looker), *_paused(looker)]
    if looker.user.may(Right.SUBMIT):
        found += _files(looker)
    if any(looker.user.may(right) for right in (Right.JOBS, Right.USERS, Right.ROBOTS)):
        found += _findings(looker)
    return sorted(found, key=lambda one: not one.grave)[:FAILURES_SHOWN]


def _bad_items(looker: Looker) -> Iterator[Trouble]:
    items, _ = looker.desk.work.items(looker.scope, Page(FAILURES_SHOWN), states=BAD_ITEMS, newest_first=True)
    whys = looker.desk.work.reasons(items)
    for item in items:
        why = whys.get(item.id, "").partition("\n")[0].removeprefix(f"{item.process}/{item.key}: ")
        doubt = item.state is State.IN_DOUBT
        do = f"do_{item.state}" if not doubt or looker.user.may(Right.SETTLE) else "do_in_doubt_others"
        yield Trouble(
            f"{looker.process(item.process)} {item.key}",
            text(f"console.item_{item.state}"),
            doubt,
            why,
            text(f"overview.{do}"),
            looker.to("/items/{item_id}", f"/items/{item.id}"),
            item.updated_at,
        )


def _bad_runs(looker: Looker) -> Iterator[Trouble]:
    for run in looker.broken:
        yield Trouble(
            looker.desk.jobs.get(run.job, run.job),
            text(f"console.run_{run.state}"),
            True,
            text("overview.why_run"),
            text("overview.do_run"),
            looker.run_href(run),
            run.finished_at,
        )


def _paused(looker: Looker) -> Iterator[Trouble]:
    for job in looker.jobs:
        if job.paused_by:
            why = text("overview.why_paused", who=job.paused_by, why=job.paused_why or "")
            href = looker.to("/jobs/{job}", f"/jobs/{job.job}")
            told = text("overview.paused"), False, why, text("overview.do_paused")
            yield Trouble(job.title, *told, href, job.paused_at)


def _files(looker: Looker) -> Iterator[Trouble]:
    rows, _ = looker.standing.aside(looker.scope, FAILURES_SHOWN)
    for row in rows:
        yield Trouble(
            row.name,
            text(f"overview.file_{row.state}"),
            False,
            reason_words(row.reason, row.name),
            text(f"overview.do_file_{row.state}"),
            looker.to("/submit/{file_id}", f"/submit/{row.id}"),
            row.received_at,
        )


def _findings(looker: Looker) -> Iterator[Trouble]:
    for one in looker.desk.watch.findings() if looker.desk.watch else ():
        key = f"operations.check_{one.check}"
        name = text(key) if has_text(key) else text(f"overview.check_{one.check}")
        grave = one.level is Level.ERROR
        yield Trouble(name, text(f"overview.level_{one.level}"), grave, one.told, one.do, "")
