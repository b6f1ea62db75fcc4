"""`hakadori job …`: what runs when, run it now, what ran; and the child process of a run."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.clock import local_time
from backoffice.messages import has_text
from console.calling import call_of, progress_console, put_json, put_table, say, told

if TYPE_CHECKING:
    from backoffice.runs import Run
    from console.wiring import Office

jobs_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
JobName = Annotated[str, typer.Argument(metavar="JOB", help=told("help_job_name"))]


@jobs_app.command("list", help=told("help_job_list"))
def list_jobs(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every job, when it is due next and how it ended last."""
    from console.wiring import make_engine

    office = call_of(context).office
    engine = make_engine(office)
    rows = []
    for job in office.jobs.values():
        last = next(iter(office.runs.history(job.job, limit=1)), None)
        following = engine.next_slot(job.job)
        rows.append((job, following, last))
    if as_json:
        for job, following, last in rows:
            facts = {"job": job.job, "title": job.title, "department": job.department, "kind": job.kind}
            put_json(facts | {"next": following, "last": _facts(last) if last else None})
        return
    headings = [told("job"), told("title"), told("department"), told("next_time"), told("last_time")]
    put_table(
        headings,
        [
            [
                job.job,
                job.title,
                office.settings.departments.get(job.department, job.department),
                f"{following:%Y-%m-%d %H:%M}" if following else "",
                told(f"run_{last.state}") if last else "",
            ]
            for job, following, last in rows
        ],
    )


@jobs_app.command("run", help=told("help_job_run"))
def run(
    context: typer.Context,
    name: JobName,
    follow: Annotated[bool, typer.Option("--follow/--alone", help=told("help_follow"))] = True,
    as_json: AsJson = False,
) -> int:
    """Run a job now and wait for its end."""
    from console.wiring import make_engine

    office = call_of(context).office
    engine = make_engine(office)
    if not as_json:
        say(told("job_runs", job=name))
    with progress_console().status(told("job_running", job=name)):
        ended = engine.run_now(name, follow=follow)
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
    """Show what ran, newest first."""
    office = call_of(context).office
    runs = office.runs.history(name, limit=limit)
    if as_json:
        for run_ in runs:
            put_json(_facts(run_))
        return
    rows = [
        [
            local_time(r.started_at, office.settings.timezone),
            r.job,
            told(f"run_{r.state}"),
            _counted(r),
            r.reason.splitlines()[0] if r.reason else "",
        ]
        for r in runs
    ]
    put_table([told("started"), told("job"), told("state"), told("counted"), told("reason")], rows)


def run_child(context: typer.Context, run_id: str) -> int:
    """Perform a run in this process; the engine starts it."""
    from console.wiring import perform_run

    return perform_run(call_of(context).office, run_id)


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
        "counts": dict(run_.counts),
        "reason": run_.reason,
        "started_at": run_.started_at,
        "seconds": run_.seconds,
    }
