"""`hakadori init`, `doctor`, `schema`, `secret …`, `audit …`: setting an installation up and keeping it well."""

from pathlib import Path
from typing import Annotated

import typer

from console.calling import call_of, put_json, say, told
from console.errors import ArgumentWrong
from console.quoting import as_typed

secrets_app = typer.Typer(no_args_is_help=True)
audit_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
BROKEN_CHAIN = 10


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=told("help_init_folder"))],
    as_json: AsJson = False,
) -> None:
    """Make a folder with example declarations for a new installation; nothing that is there is overwritten."""
    from console.newfolder import make_installation

    written = make_installation(folder, call_of(context).configs)
    if as_json:
        put_json({"folder": str(folder), "written": [str(path) for path in written]})
    else:
        say(told("init_done", folder=folder, count=len(written), configs=as_typed(folder / "configs")))


def doctor(context: typer.Context, as_json: AsJson = False) -> int:
    """Look after everything that a run needs, and say what is wrong and what to do."""
    from backoffice.messages import text
    from console.doctor.examination import examine
    from console.doctor.finding import Level

    call = call_of(context)
    found = examine(call.configs, call.var)
    bad = sum(finding.level is Level.ERROR for finding in found)
    noted = sum(finding.level is Level.WARNING for finding in found)
    if as_json:
        put_json([finding.as_json() for finding in found])
    else:
        for finding in found:
            say(finding.in_words())
        end = "doctor_bad" if bad else "doctor_noted" if noted else "doctor_good"
        say(text(f"operations.{end}", count=bad or noted, noted=noted))
    return 2 if bad else 0


def schema(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Option("--to", help=told("help_schema_folder"))] = None,
    as_json: AsJson = False,
) -> None:
    """Write the JSON Schemas of the declarations."""
    from console.schemas import write_schemas

    written = write_schemas(folder or call_of(context).configs / "schema")
    if as_json:
        put_json([str(path) for path in written])
    else:
        for path in written:
            say(str(path))


@secrets_app.callback()
def _secret() -> None:
    """Keep `set` a sub-command while it is the only one."""


@secrets_app.command("set", help=told("help_secret_set"))
def set_secret(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=told("help_secret_name"))],
    as_json: AsJson = False,
) -> None:
    """Store a secret; it is asked for, or read from standard input, and never taken from the command line."""
    from console.cli_users import ask_secretly

    office = call_of(context).office
    value = ask_secretly(told("secret_value", name=name))
    if not value:
        raise ArgumentWrong("console.secret_empty", where=name, name=name)
    place = office.vault.put(name, value)
    office.audit.note("command line", "secret.set", f"secret/{name}"[:200])
    if as_json:
        put_json({"name": name, "stored_in": place})
    else:
        say(told("secret_stored", name=name, place=told(f"place_{place}")))


@audit_app.callback()
def _audit() -> None:
    """Keep `verify` a sub-command while it is the only one."""


@audit_app.command("verify", help=told("help_audit_verify"))
def verify(context: typer.Context, as_json: AsJson = False) -> int:
    """Follow the chain of the audit trail."""
    broken = call_of(context).office.audit.verify()
    if as_json:
        put_json({"whole": broken is None, "broken_at": broken})
    else:
        say(told("audit_whole") if broken is None else told("audit_broken", entry=broken))
    return 0 if broken is None else BROKEN_CHAIN
