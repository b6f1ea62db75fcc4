"""`hakadori user …`: who may sign in to the console."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.messages import text
from console.calling import call_of, put_json, put_table, say, told
from console.rights import ALL_DEPARTMENTS

if TYPE_CHECKING:
    from console.users import User

users_app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help=told("help_user_name"))]
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
Roles = Annotated[list[str] | None, typer.Option("--role", help=told("help_role"))]
Departments = Annotated[list[str] | None, typer.Option("--department", help=told("help_department"))]


def ask_secretly(prompt: str) -> str:
    """Ask a person for a secret twice without showing it; take one line of standard input from a program."""
    if sys.stdin.isatty():
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@users_app.command("add", help=told("help_user_add"))
def add(
    context: typer.Context,
    name: Name,
    role: Roles = None,
    department: Departments = None,
    as_json: AsJson = False,
) -> None:
    """Enter a person; the password is asked for, or read from standard input."""
    office = call_of(context).office
    departments = [department_named(given, office.settings.departments) for given in department or []]
    user = office.users.add(name, ask_secretly(told("password")), roles=role or [], departments=departments)
    office.audit.note("command line", "user.add", f"user/{user.name}", roles=sorted(user.roles))
    _show(user, as_json, told("user_added", name=user.name))


@users_app.command("list", help=told("help_user_list"))
def list_users(context: typer.Context, as_json: AsJson = False) -> None:
    """Show everybody."""
    users = call_of(context).office.users.all()
    if as_json:
        put_json([_facts(user) for user in users])
        return
    headings = [told("user_name"), told("roles"), told("department"), told("state")]
    rows = [
        [user.name, ", ".join(sorted(user.roles)), ", ".join(sorted(user.departments)), _state(user)]
        for user in users
    ]
    put_table(headings, rows)


@users_app.command("password", help=told("help_user_password"))
def password(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Give a person a new password; open sessions end."""
    office = call_of(context).office
    office.users.get(name)
    user = office.users.set_password(name, ask_secretly(told("password")))
    office.audit.note("command line", "user.password", f"user/{name}")
    _show(user, as_json, told("password_changed", name=name))


@users_app.command("disable", help=told("help_user_disable"))
def disable(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Keep a person out from this moment on."""
    office = call_of(context).office
    user = office.users.set_active(name, False)
    office.audit.note("command line", "user.disable", f"user/{name}")
    _show(user, as_json, told("user_disabled", name=name))


@users_app.command("enable", help=text("people.help_user_enable"))
def enable(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Let a person in again."""
    office = call_of(context).office
    user = office.users.set_active(name, True)
    office.audit.note("command line", "user.enable", f"user/{name}")
    _show(user, as_json, text("people.user_enabled", name=name))


@users_app.command("change", help=text("people.help_user_change"))
def change(
    context: typer.Context,
    name: Name,
    role: Roles = None,
    department: Departments = None,
    as_json: AsJson = False,
) -> None:
    """Give a person other roles and departments; what is not named stays, open sessions end."""
    office = call_of(context).office
    user = office.users.get(name)
    departments = [department_named(given, office.settings.departments) for given in department or []]
    user = office.users.change(name, roles=role or [*user.roles], departments=departments or user.departments)
    office.audit.note("command line", "user.change", f"user/{name}", roles=sorted(user.roles))
    _show(user, as_json, text("people.user_changed", name=name))


@users_app.command("factor-off", help=text("people.help_user_factor_off"))
def factor_off(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Take away the second factor of a person who lost the telephone."""
    office = call_of(context).office
    user = office.users.get(name)
    office.sign_in.factors.drop(name)
    office.audit.note("command line", "user.factor_off", f"user/{name}")
    _show(user, as_json, text("people.user_factor_off", name=name))


def department_named(given: str, known: dict[str, str]) -> str:
    """Return a department's folder name by that name or by the one people say; "*" for all.

    Raises:
        ArgumentWrong: There is no such department.
    """
    from backoffice.suggest import did_you_mean
    from console.errors import ArgumentWrong

    if given in ("all", ALL_DEPARTMENTS):
        return ALL_DEPARTMENTS
    by_title = {title: name for name, title in known.items()}
    name = by_title.get(given, given)
    if name not in known:
        hint = did_you_mean(given, [*known, *by_title])
        raise ArgumentWrong("console.department_unknown", where="--department", name=given, hint=hint)
    return name


def _show(user: "User", as_json: bool, message: str) -> None:
    if as_json:
        put_json(_facts(user))
    else:
        say(message)


def _facts(user: "User") -> dict[str, object]:
    return {
        "name": user.name,
        "roles": sorted(user.roles),
        "departments": sorted(user.departments),
        "active": user.active,
    }


def _state(user: "User") -> str:
    return told("user_active") if user.active else told("user_inactive")
