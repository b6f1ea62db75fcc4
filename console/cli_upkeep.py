"""`hakadori clean`: let go what is past its days, or only show what would go."""

from typing import Annotated

import typer

from backoffice.messages import text
from console.calling import call_of, put_json, put_table, say, told

AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
NAMES_SHOWN = 20


def clean(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("operations.help_dry_run"))] = False,
    as_json: AsJson = False,
) -> int:
    """Let go what is past its days; with --dry-run only show it."""
    from console.upkeep import carry_out, plan_upkeep

    office = call_of(context).office
    upkeep = plan_upkeep(office, office.clock())
    done = dry_run or carry_out(office, upkeep, who="command line")
    if as_json:
        put_json(
            {"dry_run": dry_run, "done": done, "counts": upkeep.counts()}
            | upkeep.as_json(office.settings.var)
        )
        return 0 if done else 3
    if not done:
        say(text("operations.upkeep_busy"))
        return 3
    counts = {kind: count for kind, count in upkeep.counts().items() if count}
    if not counts:
        say(text("operations.nothing_to_clean"))
    else:
        rows = [[text(f"operations.kind_{kind}"), str(count)] for kind, count in counts.items()]
        title = text("operations.would_go" if dry_run else "operations.gone")
        put_table([text("operations.kind"), text("operations.count")], rows, title=title)
    for setting in ("document_days", "failed_days"):
        if not getattr(office.settings.keeping, setting):
            say(text("operations.kept_for_ever", setting=f"keeping: {setting}"))
    if office.settings.keeping.hold:
        say(text("operations.held", names=", ".join(office.settings.keeping.hold)))
    return 0
