"""`hakadori job next`, `pause`, `resume`, `notices`: what comes, what is held back, and who was told."""

import getpass
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.clock import local_time
from console.calling import call_of, put_json, put_table, say, told
from console.cli_jobs import AsJson, JobName
from console.cli_jobs import jobs_app as jobs_app
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from backoffice.calendar import Closed
    from console.wiring import Office
    from scheduler.agenda import Day, Entry
    from scheduler.job import Job

MOST_DAYS = 400
_FEW = 4
"""So many times of one job are told one by one on a day; more are told as a span."""


@jobs_app.command("next", help=told("help_job_next"))
def coming(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="JOB", help=told("help_job_name"))] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help=told("help_job_days"))] = 14,
    first: Annotated[str | None, typer.Option("--from", help=told("help_job_from"))] = None,
    as_json: AsJson = False,
) -> None:
    """Show the calendar of coming runs, day by day, with the reason of days that have none."""
    from console.job_words import untimed
    from scheduler.agenda import agenda

    office = call_of(context).office
    jobs = [_job(office, name)] if name is not None else list(office.jobs.values())
    paused = office.books.pauses.all()
    day = office.clock().astimezone(office.books.zone).date() if first is None else _date_of(first)
    calendar = agenda(jobs, office.books.calendar, office.books.zone, day, days)
    if as_json:
        for one in calendar:
            put_json(_facts(one, frozenset(paused)))
        return
    heads = [told("agenda_day"), told("agenda_office"), told("agenda_runs")]
    put_table(heads, [[_date(one.day), _office(one), _runs(one, frozenset(paused))] for one in calendar])
    for job in jobs:
        for line in untimed(job):
            say(f"{job.job}: {line}" + (told("agenda_paused") if job.job in paused else ""))


@jobs_app.command("pause", help=told("help_job_pause"))
def pause(
    context: typer.Context,
    name: JobName,
    why: Annotated[str, typer.Option("--why", help=told("help_pause_why"))],
    who: Annotated[str | None, typer.Option("--who", help=told("help_pause_who"))] = None,
) -> None:
    """Hold a job back until it is resumed; a run that works already goes on."""
    office = call_of(context).office
    job = _job(office, name)
    if not why.strip():
        raise ArgumentWrong("scheduler.pause_why_missing", where="--why")
    office.books.pauses.pause(job.job, who or getpass.getuser(), why.strip())
    say(told("job_paused", job=job.job, title=job.title))


@jobs_app.command("resume", help=told("help_job_resume"))
def resume(
    context: typer.Context,
    name: JobName,
    why: Annotated[str, typer.Option("--why", help=told("help_resume_why"))] = "",
    who: Annotated[str | None, typer.Option("--who", help=told("help_pause_who"))] = None,
) -> None:
    """Let a paused job run again."""
    office = call_of(context).office
    ended = office.books.pauses.resume(name, who or getpass.getuser(), why.strip())
    since = local_time(ended.at, office.settings.timezone)
    say(told("job_resumed", job=name, since=since, who=ended.who))


@jobs_app.command("notices", help=told("help_job_notices"))
def notices(
    context: typer.Context,
    state: Annotated[str | None, typer.Option("--state", help=told("help_notice_state"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=told("help_limit"))] = 20,
    as_json: AsJson = False,
) -> None:
    """Show who was told of what, and what could not be sent."""
    from backoffice.suggest import did_you_mean
    from console.notices import notice_book
    from scheduler.notices import NoticeState

    known = {one.value: one for one in NoticeState}
    if state is not None and state not in known:
        hint = did_you_mean(state, known)
        raise ArgumentWrong("console.choice_unknown", where="--state", name=state, hint=hint)
    office = call_of(context).office
    found = notice_book(office).list((known[state],) if state is not None else (), limit)
    if as_json:
        for one in found:
            put_json(
                {
                    "notice": one.id, "job": one.job, "event": one.event, "channel": one.channel,
                    "target": one.target, "state": one.state, "attempts": one.attempts,
                    "trouble": one.trouble, "created_at": one.created_at, "closed_at": one.closed_at,
                }
            )  # fmt: skip
        return
    heads = [told("at"), told("job"), told("notice_event"), told("notice_target"), told("state")]
    rows = [
        [
            local_time(one.created_at, office.settings.timezone),
            one.job,
            told(f"notice_event_{one.event}"),
            one.target,
            told(f"notice_state_{one.state}"),
            str(one.attempts),
            one.trouble,
        ]
        for one in found
    ]
    put_table([*heads, told("notice_attempts"), told("notice_trouble")], rows)


def _job(office: "Office", name: str) -> "Job":
    from backoffice.suggest import did_you_mean
    from scheduler.errors import JobMissing

    if name not in office.jobs:
        hint = did_you_mean(name, office.jobs)
        raise JobMissing("scheduler.job_missing", where=name, name=name, hint=hint)
    return office.jobs[name]


def _date_of(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ArgumentWrong("scheduler.day_wrong", where="--from", value=written) from error


def _date(day: date) -> str:
    return f"{day:%Y-%m-%d}({told('weekday_names').split()[day.weekday()]})"


def _office(day: "Day") -> str:
    if day.closed is None:
        return told("agenda_open") + (f" {day.holiday}" if day.holiday else "")
    return told("agenda_closed", why=_why(day.closed, day.holiday))


def _why(closed: "Closed", holiday: str | None) -> str:
    return holiday if closed == "holiday" and holiday else told(f"closed_{closed}")


def _runs(day: "Day", paused: frozenset[str]) -> str:
    """Return what is due on a day, a line for each; a day without anything says why."""
    lines = list(_lines(day.entries, paused))
    if lines:
        return "\n".join(lines)
    return told("agenda_none_open") if day.closed is None else told("agenda_none_closed")


def _lines(entries: "Iterable[Entry]", paused: frozenset[str]) -> Iterable[str]:
    of_job: dict[tuple[str, str], list[datetime]] = {}
    for entry in entries:
        of_job.setdefault((entry.job, entry.what), []).append(entry.at)
    for (job, what), moments in of_job.items():
        clocks = [f"{at:%H:%M}" for at in moments]
        count = len(clocks)
        shown = " ".join(clocks)
        if count > _FEW:
            shown = told("agenda_span", first=clocks[0], last=clocks[-1], count=count)
        mark = told("agenda_deadline") if what == "deadline" else ""
        yield f"{shown} {job}{mark}" + (told("agenda_paused") if job in paused else "")


def _facts(day: "Day", paused: frozenset[str]) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "weekday": told("weekday_names").split()[day.day.weekday()],
        "open": day.closed is None,
        "why_closed": None if day.closed is None else _why(day.closed, day.holiday),
        "holiday": day.holiday,
        "entries": [
            {"at": entry.at.isoformat(), "job": entry.job, "what": entry.what, "paused": entry.job in paused}
            for entry in day.entries
        ],
    }
