"""`hakadori report …`: what was saved."""

from pathlib import Path
from typing import Annotated

import typer

from console.calling import call_of, put_json, put_table, say, told

reports_app = typer.Typer(no_args_is_help=True)


@reports_app.callback()
def _report() -> None:
    """Keep `time-saved` a sub-command while it is the only one."""


@reports_app.command("time-saved", help=told("help_time_saved"))
def time_saved(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", help=told("help_from"))],
    last: Annotated[str, typer.Option("--to", help=told("help_to"))],
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help=told("help_xlsx"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=told("help_json"))] = False,
) -> None:
    """Add up the account from month to month; write the workbook when one is asked for."""
    from console.savings import SavingsOffice
    from scheduler.reports import as_json as report_json

    savings = SavingsOffice(call_of(context).office)
    found = savings.report(first, last)
    written = savings.workbook(first, last, xlsx) if xlsx else None
    if as_json:
        put_json(report_json(found) | {"xlsx": str(written) if written else None})
        return
    view = savings.view(first, last)
    if view.rows:
        put_table(list(view.columns), [list(row) for row in view.rows], title=told("savings"))
    say(told("saved_hours", hours=f"{view.total_hours:.2f}") if view.rows else told("nothing_booked"))
    if written:
        say(told("workbook_written", path=written))
