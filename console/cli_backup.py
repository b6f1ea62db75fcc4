"""`hakadori backup` and `hakadori restore`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.clock import local_time
from backoffice.messages import text
from console.calling import call_of, progress_console, put_json, say, told
from console.quoting import as_typed

if TYPE_CHECKING:
    from console.backup.restoring import Restored

AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("operations.help_backup_file"))],
    evidence: Annotated[bool, typer.Option("--evidence", help=text("operations.help_with_evidence"))] = False,
    key: Annotated[bool, typer.Option("--with-key", help=text("operations.help_with_key"))] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything of this installation into one file, while it works."""
    from console.backup.daily import name_of
    from console.backup.taking import Wish, take_backup

    office = call_of(context).office
    target = file / name_of(office.clock()) if file.is_dir() else file
    with progress_console().status(text("operations.stage_waiting")) as status:
        manifest = take_backup(
            office,
            target,
            Wish(evidence, key),
            at_stage=lambda stage: status.update(text(f"operations.stage_{stage}")),
        )
    office.audit.note("command line", "backup.made", "backup", file=target.name, key=key, evidence=evidence)
    if as_json:
        put_json({"file": str(target)} | manifest.facts())
        return
    size = f"{target.stat().st_size / 1e6:.1f}"
    say(text("operations.backup_made", file=target, size=size, count=len(manifest.entries)))
    if not manifest.key:
        say(text("operations.backup_without_key", path=office.settings.var / "secrets.key"))
    if not manifest.audit_whole:
        say(text("operations.backup_audit_broken"))
    for name in manifest.missing:
        say(text("operations.backup_misses", name=name))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("operations.help_restore_file"))],
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help=text("operations.help_to"))] = None,
    force: Annotated[bool, typer.Option("--force", help=text("operations.help_force"))] = False,
    unchanged: Annotated[bool, typer.Option("--unchanged", help=text("operations.help_unchanged"))] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back; what is there is kept aside."""
    from console.backup.place import Place
    from console.backup.restoring import restore as put_back
    from console.errors import ArgumentWrong

    if not file.is_file():
        raise ArgumentWrong("operations.no_backup", where=str(file))
    call = call_of(context)
    place = Place(call.configs if to is None else to / "configs", call.var)
    with progress_console().status(text("operations.stage_verify")) as status:
        done = put_back(
            file,
            place,
            force=force,
            unchanged=unchanged,
            at_stage=lambda stage: status.update(text(f"operations.stage_{stage}")),
        )
    if as_json:
        put_json(_facts(done))
    else:
        _tell(done)


def _facts(done: "Restored") -> dict[str, Any]:
    return {
        "configs": str(done.configs),
        "var": str(done.var),
        "aside": str(done.aside) if done.aside else None,
        "key_missing": done.key_missing,
        "runs_closed": done.aftermath.runs_closed,
        "recovered": done.aftermath.recovered,
        "doubtful": done.aftermath.doubtful,
        "paused": list(done.aftermath.paused),
        "backup": done.manifest.facts(),
    }


def _tell(done: "Restored") -> None:
    at = local_time(datetime.fromisoformat(done.manifest.made_at))
    say(text("operations.restored", configs=done.configs.resolve(), var=done.var, at=at))
    if done.aside is not None:
        say(text("operations.kept_aside", folder=done.aside))
    if done.key_missing:
        say(text("operations.key_missing", path=done.var / "secrets.key"))
    if done.aftermath.runs_closed:
        say(text("operations.runs_closed", count=done.aftermath.runs_closed))
    if done.aftermath.doubtful:
        say(text("operations.made_doubtful", count=done.aftermath.doubtful))
    if done.aftermath.paused:
        say(text("operations.held_back", names="、".join(done.aftermath.paused)))
    say(text("operations.next_doctor", configs=as_typed(done.configs)))
