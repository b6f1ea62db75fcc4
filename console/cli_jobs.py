"""`hakadori job …`: what runs when, run it now, what ran; and the child process of a run."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.clock import local_time
from backoffice.messages import has_text
from console.calling import call_of, progress_console, put_json, put_table, say, told
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from backoffice.runs import Run
    from console.wiring import Office
    from scheduler.past import Unserved
    from scheduler.pauses import Pause

jobs_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
JobName = Annotated[str, typer.Argument(metavar="JOB", help=told("help_job_name"))]


@jobs_app.command("list", help=told("help_job_list"))
def list_jobs(
    context: typer.Context,
    department: Annotated[str | None, typer.Option("--department", help=told("help_job_department"))] = None,
    as_json: AsJson = False,
) -> None:
    """Show every job, when it is due next, how it ended last, and whether it is paused or waits for another."""
    from console.notices import notice_book
    from console.wiring import make_engine
    from scheduler.due import unmet
    from scheduler.notices import NoticeState

    office = call_of(context).office
    engine, books = make_engine(office), office.books
    pauses, rows = books.pauses.all(), []
    for job in office.jobs.values():
        if department is not None and job.department != department:
            continue
        last = next(iter(office.runs.history(job.job, limit=1)), None)
        waits = unmet(job, office.jobs, books, office.clock())
        rows.append((job, engine.next_slot(job.job), last, pauses.get(job.job), waits))
    if as_json:
        for job, following, last, pause, waits in rows:
            facts: dict[str, Any] = {
                "job": job.job,
                "title": job.title,
                "department": job.department,
                "kind": job.kind,
            }
            facts |= {"next": following, "last": _facts(last) if last else None, "waits_for": waits}
            paused = None if pause is None else {"who": pause.who, "why": pause.why, "at": pause.at}
            put_json(facts | {"paused": paused})
        return
    heads = [told("job"), told("title"), told("department"), told("next_time"), told("last_time")]
    put_table(
        [*heads, told("job_remark")],
        [
            [
                job.job,
                job.title,
                office.settings.departments.get(job.department, job.department),
                f"{following:%Y-%m-%d %H:%M}" if following and pause is None else "",
                told(f"run_{last.state}") if last else "",
                _remark(pause, waits, office.settings.timezone),
            ]
            for job, following, last, pause, waits in rows
        ],
    )
    unsent = len(notice_book(office).list((NoticeState.WAITING, NoticeState.GIVEN_UP)))
    if unsent:
        say(told("notices_unsent", count=unsent))


@jobs_app.command("run", help=told("help_job_run"))
def run(
    context: typer.Context,
    name: JobName,
    follow: Annotated[bool, typer.Option("--follow/--alone", help=told("help_follow"))] = True,
    given: Annotated[list[str] | None, typer.Option("--set", help=told("help_job_set"))] = None,
    as_json: AsJson = False,
) -> int:
    """Run a job now and wait for its end."""
    from console.wiring import make_engine

    parameters = dict(_parameter(written) for written in given or [])
    office = call_of(context).office
    engine = make_engine(office)
    if not as_json:
        say(told("job_runs", job=name))
    with progress_console().status(told("job_running", job=name)):
        ended = engine.run_now(name, follow=follow, parameters=parameters)
    for run_ in ended:
        if as_json:
            put_json(_facts(run_))
        else:
            say(_in_words(office, run_))
    return exit_code_of(ended)


@jobs_app.command("history", help=told("help_job_history"))
def history(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="JOB", help=told("help_job_name"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=told("help_limit"))] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what ran, and which slots nobody served, newest first."""
    from scheduler.past import Unserved, unserved

    office = call_of(context).office
    past = [(run_.started_at, run_) for run_ in office.runs.history(name, limit=limit)]
    gaps = [(datetime.fromisoformat(gap.slot), gap) for gap in unserved(office.engine, name, limit)]
    both: list[tuple[datetime, Run | Unserved]] = [*past, *gaps]
    latest = sorted(both, key=lambda one: one[0], reverse=True)[:limit]
    if as_json:
        for _, one in latest:
            put_json(_gap_facts(one) if isinstance(one, Unserved) else _facts(one))
        return
    rows = [[local_time(at, office.settings.timezone), *_told_row(one)] for at, one in latest]
    heads = [told("started"), told("job"), told("state"), told("trigger"), told("counted"), told("reason")]
    put_table(heads, rows)


def run_child(context: typer.Context, run_id: str) -> int:
    """Perform a run in this process; the engine starts it."""
    from backoffice.logs import log_to_output
    from console.wiring import perform_run

    office = call_of(context).office
    log_to_output()
    return perform_run(office, run_id)


def exit_code_of(runs: "list[Run]") -> int:
    """Return the worst of the exit codes that the children of some runs ended with; 10 for one that died."""
    from backoffice.runs import RunState

    codes = [
        10
        if r.state is RunState.DIED
        else int(r.counts.get("exit_code", 0 if r.state is RunState.DONE else 10))
        for r in runs
    ]
    return max(codes, default=0)


def _told_row(one: "Run | Unserved") -> list[str]:
    from scheduler.past import Unserved

    if isinstance(one, Unserved):
        return [one.job, told(f"run_{one.outcome}"), "", "", ""]
    reason = one.reason.splitlines()[0] if one.reason else ""
    return [one.job, told(f"run_{one.state}"), told(f"trigger_{one.trigger}"), _counted(one), reason]


def _remark(pause: "Pause | None", waits: tuple[str, ...], zone: str) -> str:
    if pause is not None:
        return told("job_is_paused", at=local_time(pause.at, zone), who=pause.who, why=pause.why)
    return told("job_waits_for", jobs=", ".join(waits)) if waits else ""


def _parameter(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not name.strip() or not equals:
        raise ArgumentWrong("scheduler.parameter_wrong", where="--set", value=written)
    return name.strip(), value


def _gap_facts(gap: "Unserved") -> dict[str, Any]:
    return {"job": gap.job, "state": gap.outcome, "slot": gap.slot, "noticed_at": gap.at}


def _in_words(office: "Office", run_: "Run") -> str:
    told_ = f"{run_.job}: {told(f'run_{run_.state}')}  {_counted(run_)}"
    if run_.state in ("failed", "died") or run_.reason:
        told_ += f"\n{run_.reason}\n" + told(
            "run_log", path=office.settings.folder("logs") / f"run-{run_.id}.log"
        )
    return told_


def _counted(run_: "Run") -> str:
    shown = {name: value for name, value in run_.counts.items() if value and name != "exit_code"}
    named = {name: told(f"counted_{name}") if has_text(f"console.counted_{name}") else name for name in shown}
    return "  ".join(f"{named[name]} {value}" for name, value in shown.items())


def _facts(run_: "Run") -> dict[str, Any]:
    return {
        "run": run_.id,
        "job": run_.job,
        "kind": run_.kind,
        "state": run_.state,
        "trigger": run_.trigger,
        "slot": run_.slot,
        "parameters": dict(run_.parameters),
        "counts": dict(run_.counts),
        "reason": run_.reason,
        "started_at": run_.started_at,
        "seconds": run_.seconds,
    }
