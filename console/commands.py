"""The commands of `hakadori`, put together; each group has a file of its own."""

from pathlib import Path
from typing import Annotated

import typer

from backoffice.messages import text as operations
from console.calling import Call, told
from console.cli_backup import backup, restore
from console.cli_database import HELP_DATABASE, database_app
from console.cli_documents import documents_app
from console.cli_forms import forms_app
from console.cli_items import items_app
from console.cli_jobs import run_child
from console.cli_jobs_plan import jobs_app
from console.cli_keep import audit_app, doctor, init, schema, secrets_app
from console.cli_ocr import ocr_app
from console.cli_propose import propose
from console.cli_reports import reports_app
from console.cli_robots_run import robots_app
from console.cli_serve import demo, serve
from console.cli_service import service_app
from console.cli_text import text
from console.cli_tokens import tokens_app
from console.cli_upkeep import clean
from console.cli_users import users_app
from console.cli_worker import HELP_WORKER, worker
from console.cli_workload import workload_app

app = typer.Typer(
    name="hakadori",
    help=told("help_hakadori"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _hakadori(
    context: typer.Context,
    configs: Annotated[Path, typer.Option("--configs", help=told("help_configs"))] = Path("configs"),
    var: Annotated[Path | None, typer.Option("--var", help=told("help_var"))] = None,
    language: Annotated[str | None, typer.Option("--language", help=told("help_language"))] = None,
) -> None:
    from backoffice.messages import LANGUAGES
    from console.errors import ArgumentWrong

    if language is not None and language not in LANGUAGES:
        raise ArgumentWrong("console.language_unknown", where="--language", name=language)
    context.obj = Call(configs, var, language)


app.command("demo", help=told("help_demo"))(demo)
app.command("serve", help=told("help_serve"))(serve)
app.command("worker", help=HELP_WORKER)(worker)
app.command("init", help=told("help_init"))(init)
app.command("doctor", help=told("help_doctor"))(doctor)
app.command("schema", help=told("help_schema"))(schema)
app.command("backup", help=operations("operations.help_backup"))(backup)
app.command("restore", help=operations("operations.help_restore"))(restore)
app.command("clean", help=operations("operations.help_clean"))(clean)
app.command("run-child", hidden=True)(run_child)
ocr_app.command("text", help=told("help_ocr_text"))(text)
app.add_typer(ocr_app, name="ocr", help=told("help_ocr"))
forms_app.command("propose", help=told("help_form_propose"))(propose)
app.add_typer(forms_app, name="form", help=told("help_form"))
app.add_typer(robots_app, name="robot", help=told("help_robot"))
app.add_typer(jobs_app, name="job", help=told("help_job"))
app.add_typer(documents_app, name="document")
app.add_typer(items_app, name="items", help=told("help_items"))
app.add_typer(reports_app, name="report", help=told("help_report"))
app.add_typer(workload_app, name="workload")
app.add_typer(users_app, name="user", help=told("help_user"))
app.add_typer(tokens_app, name="token", help=operations("people.help_token"))
app.add_typer(secrets_app, name="secret", help=told("help_secret"))
app.add_typer(service_app, name="service", help=operations("operations.help_service"))
app.add_typer(database_app, name="db", help=HELP_DATABASE)
app.add_typer(audit_app, name="audit", help=told("help_audit"))
