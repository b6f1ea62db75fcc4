"""`hakadori demo` and `hakadori serve`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.calling import call_of, put_json, say, told

AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", help=told("help_demo_folder"))] = Path("var/demo"),
    samples: Annotated[Path | None, typer.Option("--samples", help=told("help_demo_samples"))] = None,
    understudy: Annotated[
        bool, typer.Option("--understudy/--no-understudy", help=told("help_demo_understudy"))
    ] = True,
    as_json: AsJson = False,
) -> int:
    """Do the whole main job on the sample scans, and say what it came to."""
    from console.demo import USER, demonstrate

    call = call_of(context)
    done = demonstrate(call.configs, folder, samples, understudy=understudy)
    summary = done.summary
    if as_json:
        put_json(asdict(summary) | {"ok": summary.comes_out_even})
    else:
        summary.show(Console())
        for run in summary.runs_failed:
            say(told("demo_run_failed", job=run["job"], reason=run["reason"]))
        say(told("demo_files_at", folder=done.folder))
        say(told("demo_how_to_review", folder=folder, user=USER))
        if done.password:
            say(told("demo_password", user=USER, password=done.password))
        else:
            say(told("demo_password_known", user=USER, folder=folder))
        say(told("demo_even") if summary.comes_out_even else told("demo_uneven"))
    return 0 if summary.comes_out_even else 10


def serve(
    context: typer.Context,
    pages_only: Annotated[bool, typer.Option("--pages-only", help=told("help_pages_only"))] = False,
    as_json: AsJson = False,
) -> None:
    """Serve schedule, watched folders and pages until Ctrl+C."""
    from console.serve import serve as serve_office

    office = call_of(context).office

    def announce(url: str) -> None:
        if as_json:
            put_json({"url": url})
            return
        say(told("serving", url=url))
        if not office.users.all():
            say(told("no_user_yet"))

    serve_office(office, schedule=not pages_only, announce=announce)
    if not as_json:
        say(told("served"))
