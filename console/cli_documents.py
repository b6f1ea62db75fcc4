"""`hakadori document …`: what was received, how it stands, its timeline; what was put aside, and sending it back."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.clock import local_time
from backoffice.document import FileState, ReceivedFile
from backoffice.messages import text
from console.calling import call_of, put_json, put_table, say, told

if TYPE_CHECKING:
    from backoffice.timeline import TimelineEntry
    from console.wiring import Office


def words(key: str, /, **values: Any) -> str:
    """Return a text of the room documents."""
    return text(f"documents.{key}", **values)


documents_app = typer.Typer(no_args_is_help=True, help=words("help_document"))
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
FileNumber = Annotated[int, typer.Argument(metavar="FILE", help=words("help_file"))]
Department = Annotated[str | None, typer.Option("--department", help=words("help_department"))]
Limit = Annotated[int, typer.Option("--limit", min=1, help=told("help_limit"))]
ASIDE = (FileState.FAILED, FileState.QUARANTINED, FileState.DUPLICATE)


@documents_app.command("list", help=words("help_list"))
def list_files(
    context: typer.Context,
    state: Annotated[list[str] | None, typer.Option("--state", help=words("help_state"))] = None,
    department: Department = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """Show received files, the newest last."""
    office = call_of(context).office
    _put_files(office, _states(state or []), department, limit, as_json=as_json)


@documents_app.command("quarantine", help=words("help_quarantine"))
def quarantine(
    context: typer.Context, department: Department = None, limit: Limit = 100, as_json: AsJson = False
) -> None:
    """Show what was put aside, with where it lies and why."""
    office = call_of(context).office
    files = office.documents.files(ASIDE, department=department)[-limit:]
    if as_json:
        for file in files:
            put_json(_facts(file) | {"reason": file.reason})
        return
    headings = [
        told("number"),
        told("department"),
        words("file"),
        told("state"),
        words("lies_at"),
        told("reason"),
    ]
    rows = [
        [
            str(file.id), _department(office, file), file.name, words(f"file_{file.state}"), file.stored,
            _first_line(file),
        ]
        for file in files
    ]  # fmt: skip
    put_table(headings, rows)


@documents_app.command("show", help=words("help_show"))
def show(context: typer.Context, file_id: FileNumber, as_json: AsJson = False) -> None:
    """Show how a file stands: the receipt that its department has, and every step so far."""
    from backoffice.receipts import in_words
    from backoffice.timeline import timeline

    office = call_of(context).office
    file = office.documents.file(file_id)
    standing = office.documents.receipts.standing(file_id)
    if as_json:
        found = [
            {"document": one.document, "form": one.form, "fields": one.fields, "accepted": one.accepted,
             "state": one.state, "item": one.item_state}
            for one in standing.documents
        ]  # fmt: skip
        steps = [_step_facts(step) for step in timeline(office.engine, file_id)]
        put_json(_facts(file) | {"stage": standing.stage, "documents": found, "timeline": steps})
        return
    say(in_words(standing, office.settings))
    _put_timeline(office, file_id)


@documents_app.command("timeline", help=words("help_timeline"))
def show_timeline(context: typer.Context, file_id: FileNumber, as_json: AsJson = False) -> None:
    """Show every step of a file: received, claimed, read, reviewed by whom, became items, registered."""
    from backoffice.timeline import timeline

    office = call_of(context).office
    office.documents.file(file_id)
    if as_json:
        for step in timeline(office.engine, file_id):
            put_json(_step_facts(step))
        return
    _put_timeline(office, file_id)


@documents_app.command("retry", help=words("help_retry"))
def retry(
    context: typer.Context,
    file_id: FileNumber,
    who: Annotated[str, typer.Option("--who", help=words("help_who"))],
    department: Annotated[str | None, typer.Option("--department", help=words("help_to_department"))] = None,
    as_json: AsJson = False,
) -> None:
    """Send a file that was put aside back to be read."""
    from backoffice.sending_back import send_back
    from backoffice.suggest import did_you_mean
    from console.errors import ArgumentWrong

    office = call_of(context).office
    known = office.settings.departments
    if department is not None and known and department not in known:
        hint = did_you_mean(department, known)
        raise ArgumentWrong("console.choice_unknown", where="--department", name=department, hint=hint)
    file = send_back(office.settings, office.documents, file_id, who=who, department=department)
    office.audit.note(who, "file.retry", f"file/{file_id}", department=file.department)
    if as_json:
        put_json(_facts(file))
    else:
        say(words("sent_back", file=file_id, department=_department(office, file)))


@documents_app.command("inboxes", help=words("help_inboxes"))
def inboxes(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every watched folder: where it is, whether it can be reached, and which files wait in it."""
    from ocr.inboxes import in_words

    office = call_of(context).office
    book, settings = office.documents.inboxes, office.settings
    for department in settings.departments:
        state, waits = book.state(department), book.waits(department)
        if as_json:
            waiting = [{"name": w.name, "reason": w.reason, "since": w.first_seen_at} for w in waits]
            folder = {"department": department, "folder": settings.inbox_folder(department)}
            away = {"away_since": state.away_since, "away_reason": state.away_reason}
            put_json(folder | away | {"waiting": waiting})
            continue
        say(f"{settings.departments[department]}  {settings.inbox_folder(department)}")
        if state.away_since:
            since = local_time(state.away_since, settings.timezone)
            say("  " + words("away_since", at=since, why=in_words(department, state.away_reason)))
        for wait in waits:
            since = local_time(wait.first_seen_at, settings.timezone)
            say("  " + words("waits_since", name=wait.name, at=since, why=words(f"wait_{wait.reason}")))


def _put_files(
    office: "Office", states: list[FileState] | None, department: str | None, limit: int, *, as_json: bool
) -> None:
    files = office.documents.files(states, department=department)[-limit:]
    if as_json:
        for file in files:
            put_json(_facts(file))
        return
    headings = [
        told("number"), told("received_at"), told("department"), words("file"), told("state"), words("pages"),
    ]  # fmt: skip
    rows = [
        [
            str(file.id), local_time(file.received_at, office.settings.timezone), _department(office, file),
            file.name, words(f"file_{file.state}"), "" if file.pages is None else str(file.pages),
        ]
        for file in files
    ]  # fmt: skip
    put_table(headings, rows)


def _put_timeline(office: "Office", file_id: int) -> None:
    from backoffice.timeline import timeline

    rows = [
        [
            local_time(step.at, office.settings.timezone),
            words(f"step_{step.what}"),
            "" if step.document is None else str(step.document),
            step.who,
            _details(step),
        ]
        for step in timeline(office.engine, file_id)
    ]
    put_table([told("at"), words("step"), words("document"), told("who"), words("details")], rows)


def _details(step: "TimelineEntry") -> str:
    from backoffice.timeline import Happening

    if step.what is Happening.ITEM:
        return words("detail_item", item=step.details["item"], state=told(f"item_{step.details['state']}"))
    known: Mapping[str, Any] = {
        name: value for name, value in step.details.items() if value not in ("", None)
    }
    parts = []
    for name, value in known.items():
        shown = "、".join(value) if isinstance(value, list) else str(value)
        shown = text(shown) if name == "doubt" else shown
        parts.append(words(f"detail_{name}", value=shown))
    return "  ".join(parts)


def _step_facts(step: "TimelineEntry") -> dict[str, Any]:
    facts = {"at": step.at, "what": step.what, "who": step.who, "document": step.document}
    return facts | {"details": dict(step.details)}


def _facts(file: ReceivedFile) -> dict[str, Any]:
    return {
        "file": file.id,
        "department": file.department,
        "name": file.name,
        "state": file.state,
        "pages": file.pages,
        "bytes": file.size,
        "sha256": file.sha256,
        "stored": file.stored,
        "received_at": file.received_at,
        "finished_at": file.finished_at,
    }


def _department(office: "Office", file: ReceivedFile) -> str:
    return office.settings.departments.get(file.department, file.department)


def _first_line(file: ReceivedFile) -> str:
    return file.reason.partition("\n")[0].removeprefix(f"{Path(file.name).name}: ")


def _states(names: list[str]) -> list[FileState] | None:
    from backoffice.suggest import did_you_mean
    from console.errors import ArgumentWrong

    known = {state.value: state for state in FileState}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ArgumentWrong("console.choice_unknown", where="--state", name=name, hint=hint)
    return [known[name] for name in names] or None
