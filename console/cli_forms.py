"""`hakadori form …`: check form templates."""

from pathlib import Path
from typing import Annotated

import typer

from console.calling import put_json, say, told

forms_app = typer.Typer(no_args_is_help=True)


@forms_app.callback()
def _form() -> None:
    """Keep `check` a sub-command while it is the only one."""


@forms_app.command("check", help=told("help_form_check"))
def check(
    path: Annotated[Path, typer.Argument(metavar="FORM.yaml", help=told("help_form_file"))],
    as_json: Annotated[bool, typer.Option("--json", help=told("help_json"))] = False,
) -> None:
    """Check one template and that its blanks are there."""
    from backoffice.declarations import load
    from backoffice.errors import DeclarationError, Problem
    from ocr.template import Form

    form = load(path, Form)
    missing = [
        Problem(
            form.source.locate(("pages", number, "blank")),
            "ocr.blank_missing",
            {"name": page.blank.as_posix()},
        )
        for number, page in enumerate(form.pages)
        if not form.blank_path(number + 1).is_file()
    ]
    if missing:
        raise DeclarationError(missing)
    fields = list(form.fields())
    facts = {
        "form": form.form,
        "title": form.title,
        "version": form.version,
        "pages": len(form.pages),
        "fields": len(fields),
        "personal": sum(field.personal for _, field in fields),
        "key": list(form.key),
    }
    if as_json:
        put_json(facts)
    else:
        say(told("form_good", title=form.title, pages=len(form.pages), fields=len(fields)))
