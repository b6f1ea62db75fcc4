"""`hakadori form propose`: from a blank form to a template that a person corrects."""

import re
from pathlib import Path
from typing import Annotated

import typer

from console.calling import call_of, progress_console, put_json, say, told
from console.errors import ArgumentWrong


def propose(
    context: typer.Context,
    blank: Annotated[Path, typer.Argument(metavar="BLANK", help=told("help_form_blank"))],
    out: Annotated[Path | None, typer.Option("--out", help=told("help_form_out"))] = None,
    name: Annotated[str | None, typer.Option("--name", help=told("help_form_name"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=told("help_json"))] = False,
) -> None:
    """Find boxes, cells, options and labels of a blank and write a template."""
    call = call_of(context)
    settings = call.settings
    if not blank.is_file():
        raise ArgumentWrong("backoffice.file_missing", where=str(blank), name=blank.name)
    from console.reading import limits_of
    from ocr.propose.proposal import form_name, propose_form
    from ocr.textpage.lines import LineFinder

    form = name or form_name(out or blank)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", form):
        raise ArgumentWrong("console.form_name_wrong", where="--name", name=form)
    target = out or call.configs / "forms" / f"{form}.yaml"
    if target.exists():
        raise ArgumentWrong("console.form_exists", where=str(target), name=target.name)
    with progress_console().status(told("proposing", page=1)) as status:
        proposal = propose_form(
            blank,
            target,
            name=form,
            finder=LineFinder(settings.folder("models"), settings.ocr.threads),
            limits=limits_of(settings),
            progress=lambda page: status.update(told("proposing", page=page)),
        )
    if as_json:
        put_json(
            {
                "path": str(proposal.path),
                "form": proposal.form,
                "title": proposal.title,
                "pages": proposal.pages,
                "fields": proposal.fields,
                "unsure": proposal.unsure,
                "office": list(proposal.office),
                "straightened": [str(path) for path in proposal.straightened],
            }
        )
        return
    facts = {"pages": proposal.pages, "fields": proposal.fields, "unsure": proposal.unsure}
    say(told("form_proposed", title=proposal.title, path=proposal.path, **facts))
    if proposal.office:
        say(told("form_proposed_office", names="、".join(proposal.office)))
    for path in proposal.straightened:
        say(told("form_proposed_straight", path=path))
    say(told("form_proposed_next", path=proposal.path))
