"""`hakadori form …`: check form templates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.calling import put_json, say, told

if TYPE_CHECKING:
    from ocr.form_check import Checked

forms_app = typer.Typer(no_args_is_help=True)


@forms_app.callback()
def _form() -> None:
    """Keep `check` a sub-command while it is the only one."""


@forms_app.command("check", help=told("help_form_check"))
def check(
    path: Annotated[Path, typer.Argument(metavar="FORM.yaml", help=told("help_form_file"))],
    as_json: Annotated[bool, typer.Option("--json", help=told("help_json"))] = False,
) -> int:
    """Check one template and its blanks; tell all problems at once, errors before advice."""
    from backoffice.errors import DeclarationError
    from console.forms import known_lexicons
    from ocr.form_check import check_template

    checked = check_template(path, known_lexicons(path))
    if as_json:
        put_json(_facts(checked))
    if checked.errors:
        if as_json:
            return DeclarationError.exit_code
        raise DeclarationError([*checked.errors, *checked.advice])
    if as_json or checked.form is None:
        return 0
    form = checked.form
    for problem in checked.advice:
        say(problem.explain())
    fields = len(list(form.fields()))
    say(told("form_good", title=form.title, pages=len(form.pages), fields=fields))
    return 0


def _facts(checked: "Checked") -> dict[str, Any]:
    """Return what was found, for programs."""
    form = checked.form
    problems = [("error", problem) for problem in checked.errors]
    problems += [("advice", problem) for problem in checked.advice]
    facts: dict[str, Any] = {
        "good": not checked.errors,
        "problems": [
            {"level": level, "where": found.where, "key": found.key, "message": found.explain()}
            for level, found in problems
        ],
    }
    if form is None:
        return facts
    fields = list(form.fields())
    return {
        "form": form.form,
        "title": form.title,
        "version": form.version,
        "pages": len(form.pages),
        "fields": len(fields),
        "personal": sum(field.personal for _, field in fields),
        "key": list(form.key),
        **facts,
    }
