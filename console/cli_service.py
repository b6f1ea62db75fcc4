"""`hakadori service install|status|uninstall`: start at boot, without anybody at the keyboard."""

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.clock import local_time
from backoffice.messages import text
from console.calling import Call, call_of, put_json, say, told

if TYPE_CHECKING:
    from console.service_install import Plan

service_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
User = Annotated[str, typer.Option("--user", metavar="NAME", help=text("operations.help_service_user"))]
Kind = Annotated[str, typer.Option("--for", metavar="SYSTEM", help=text("operations.help_service_for"))]
NOT_RUNNING = 3


@service_app.command("install", help=text("operations.help_service_install"))
def install_service(
    context: typer.Context,
    user: User = "",
    system: Kind = "",
    only_print: Annotated[bool, typer.Option("--print", help=text("operations.help_service_print"))] = False,
    as_json: AsJson = False,
) -> None:
    """Write the unit or task that starts the service at boot."""
    from console.service_install import install

    plan = _plan(call_of(context), user, system)
    if only_print:
        if as_json:
            put_json(
                {"kind": plan.kind, "path": str(plan.path), "text": plan.text, "commands": plan.commands}
            )
        else:
            say(plan.text)
        return
    started = install(plan)
    if as_json:
        put_json({"kind": plan.kind, "path": str(plan.path), "started": started, "commands": plan.commands})
        return
    say(text("operations.service_written", path=plan.path))
    if started:
        say(text("operations.service_started"))
    else:
        say(text("operations.service_then"))
        for command in plan.commands:
            say("    " + " ".join(f'"{word}"' if " " in word else word for word in command))
    say(text(f"operations.service_hint_{plan.kind}", user=plan.user or getpass.getuser()))


@service_app.command("status", help=text("operations.help_service_status"))
def service_status(context: typer.Context, as_json: AsJson = False) -> int:
    """Say whether a service works on the database, by its lock and its heartbeat."""
    from console.backup.living import heartbeats, service_lives

    office = call_of(context).office
    lives = service_lives(office.engine, office.settings.folder("locks"))
    beat = next(iter(heartbeats(office.engine)), None)
    if as_json:
        put_json(
            {
                "lives": lives,
                "host": beat.host if beat else None,
                "pid": beat.pid if beat else None,
                "started_at": beat.started_at if beat else None,
                "beat_at": beat.beat_at if beat else None,
            }
        )
    elif lives and beat is not None:
        zone = office.settings.timezone
        at, since = local_time(beat.beat_at, zone), local_time(beat.started_at, zone)
        say(text("operations.service_lives", host=beat.host, pid=beat.pid, since=since, at=at))
    elif beat is not None:
        at = local_time(beat.beat_at, office.settings.timezone)
        say(text("operations.service_silent", host=beat.host, at=at))
    else:
        say(text("operations.service_off"))
    return 0 if lives else NOT_RUNNING


@service_app.command("uninstall", help=text("operations.help_service_uninstall"))
def uninstall_service(
    context: typer.Context, user: User = "", system: Kind = "", as_json: AsJson = False
) -> None:
    """Stop the service and remove its unit or task; the data stay."""
    from console.service_install import uninstall

    plan = _plan(call_of(context), user, system)
    there = uninstall(plan)
    if as_json:
        put_json({"removed": there, "path": str(plan.path)})
    else:
        say(text("operations.service_removed" if there else "operations.service_not_there", path=plan.path))


def _plan(call: Call, user: str, system: str) -> "Plan":
    from console.errors import ArgumentWrong
    from console.service_install import plan_systemd, plan_windows

    kind = system or ("windows" if sys.platform == "win32" else "systemd")
    if kind not in ("windows", "systemd"):
        raise ArgumentWrong("operations.service_kind", where="--for", name=kind)
    configs, settings = call.configs.resolve(), call.settings
    if kind == "windows":
        return plan_windows(configs, settings, user or getpass.getuser())
    administrator = hasattr(os, "geteuid") and os.geteuid() == 0
    if administrator and not user:
        raise ArgumentWrong("operations.service_needs_user", where="--user")
    return plan_systemd(configs, settings, user)
