"""`hakadori token …`: which other systems may call the API, and until when."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.clock import local_time
from backoffice.messages import text
from console.calling import call_of, put_json, put_table, say, told
from console.cli_users import Departments, Roles, department_named

if TYPE_CHECKING:
    from console.tokens import Token
    from console.wiring import Office

tokens_app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help=text("people.help_token_name"))]
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]


@tokens_app.command("add", help=text("people.help_token_add"))
def add(
    context: typer.Context,
    name: Name,
    role: Roles = None,
    department: Departments = None,
    days: Annotated[int, typer.Option("--days", help=text("people.help_token_days"))] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a token and show it this once."""
    office = call_of(context).office
    departments = [department_named(given, office.settings.departments) for given in department or []]
    token, secret = office.tokens.add(
        name, roles=role or [], departments=departments, days=days, who=getpass.getuser()
    )
    office.audit.note("command line", "token.add", f"token/{name}", roles=sorted(token.roles))
    if as_json:
        put_json(_facts(token) | {"token": secret})
        return
    say(text("people.token_made", name=name, until=local_time(token.expires_at, office.settings.timezone)))
    say(secret)


@tokens_app.command("list", help=text("people.help_token_list"))
def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every token, also those that have ended."""
    office = call_of(context).office
    tokens = office.tokens.all()
    if as_json:
        put_json([_facts(token) | {"state": _state(office, token)} for token in tokens])
        return
    words = ("token_name", "token_expires", "token_last_used")
    headings = [text(f"people.{word}") for word in words] + [told("roles"), told("department"), told("state")]
    zone = office.settings.timezone
    rows = [
        [
            token.name,
            local_time(token.expires_at, zone),
            local_time(token.last_used_at, zone) if token.last_used_at else "",
            ", ".join(sorted(token.roles)),
            ", ".join(sorted(token.departments)),
            text(f"people.token_{_state(office, token)}"),
        ]
        for token in tokens
    ]
    put_table(headings, rows)


@tokens_app.command("revoke", help=text("people.help_token_revoke"))
def revoke(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """End a token at once."""
    office = call_of(context).office
    token = office.tokens.revoke(name)
    office.audit.note("command line", "token.revoke", f"token/{name}")
    if as_json:
        put_json(_facts(token))
    else:
        say(text("people.token_revoked", name=name))


def _facts(token: "Token") -> dict[str, object]:
    return {
        "name": token.name,
        "roles": sorted(token.roles),
        "departments": sorted(token.departments),
        "created_by": token.created_by,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }


def _state(office: "Office", token: "Token") -> str:
    if token.revoked_at is not None:
        return "is_revoked"
    return "holds" if token.holds(office.clock()) else "ended"
