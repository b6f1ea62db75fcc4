"""`hakadori db …`: bring the database to the present shape, and move it to another one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from backoffice.messages import text
from console.calling import call_of, progress_console, put_json, put_table, say, told

if TYPE_CHECKING:
    import sqlalchemy as sa

database_app = typer.Typer(no_args_is_help=True)
HELP_DATABASE = text("engine.help_db")
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]


@database_app.command("migrate", help=text("engine.help_db_migrate"))
def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database to the shape that this version needs."""
    from backoffice.database import newest_shape, open_database, present_shape, upgrade
    from backoffice.settings_engine import with_password
    from backoffice.vault import Vault

    settings = call_of(context).settings
    engine = open_database(with_password(settings.database_url, Vault(settings.var / "secrets.json")))
    before = present_shape(engine)
    upgrade(engine)
    if settings.engine.kind == "procrastinate":
        from scheduler.postbox import Postbox

        Postbox(engine).prepare()
    if as_json:
        put_json({"before": before, "now": newest_shape()})
        return
    say(text("engine.migrated", before=before or "-", now=newest_shape()))


@database_app.command("copy", help=text("engine.help_db_copy"))
def copy(
    context: typer.Context,
    old: Annotated[str, typer.Option("--from", metavar="URL", help=text("engine.help_copy_from"))],
    new: Annotated[str, typer.Option("--to", metavar="URL", help=text("engine.help_copy_to"))],
    as_json: AsJson = False,
) -> None:
    """Copy all books into an empty database and count them there."""
    from backoffice.database_copy import copy_database

    settings = call_of(context).settings
    source, target = _open(settings.var, old), _open(settings.var, new)
    with Progress(console=progress_console(), transient=True) as progress:
        bar = progress.add_task("", total=None)

        def show(table: str, rows: int) -> None:
            progress.update(bar, description=f"{table} {rows}")

        copied = copy_database(source, target, told=show)
    if as_json:
        put_json({"tables": {one.table: one.rows for one in copied}, "rows": sum(one.rows for one in copied)})
        return
    headings = [text("engine.table"), text("engine.rows")]
    put_table(headings, [[one.table, str(one.rows)] for one in copied if one.rows])
    say(text("engine.copied", rows=sum(one.rows for one in copied)))


def _open(var: Path, url: str) -> "sa.Engine":
    """Open one of the two databases; the vault's password serves PostgreSQL.

    Raises:
        SettingsError: The URL is wrong, or holds a password.
    """
    from backoffice.database import open_database
    from backoffice.errors import SettingsError
    from backoffice.settings_engine import DATABASE_PASSWORD, has_password, with_password
    from backoffice.vault import Vault

    if has_password(url):
        variable = Vault.variable(DATABASE_PASSWORD)
        raise SettingsError("engine.database_password_written", where="--from, --to", variable=variable)
    return open_database(with_password(url, Vault(var / "secrets.json")))
