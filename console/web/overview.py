"""The first page after signing in: what waits, what ran, what failed, what was saved."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from backoffice.department_work import Page, Scope
from backoffice.document import Document, DocumentState, FileState, ReceivedFile
from backoffice.messages import error_text, has_text, text
from backoffice.work_items import State
from console.web.desk import Desk
from console.web.doors import Entered, desk_of
from console.web.rendering import page
from console.web.savings import fiscal_months, today_of

router = APIRouter()
RUNS_SHOWN = 12
FAILURES_SHOWN = 20
BAD = (State.IN_DOUBT, State.SYSTEM_FAILURE, State.BUSINESS_FAILURE)


@router.get("/")
def overview_page(request: Request, visitor: Entered) -> Response:
    """Show the office at a glance."""
    desk = desk_of(request)
    scope = visitor.user.scope
    documents = _own(desk.documents.documents(departments=scope))
    files = [file for file in desk.documents.files() if visitor.user.sees(file.department)]
    first, last = fiscal_months(today_of(desk))
    savings = desk.savings.view(first, last, scope)
    return page(
        request,
        "overview.html",
        visitor=visitor,
        desk=desk,
        documents=documents,
        files=files,
        failed=_failed(files),
        items=desk.work.item_counts(scope),
        bad=_bad_items(desk, scope),
        runs=desk.work.runs(scope, Page(RUNS_SHOWN))[0],
        savings=savings,
        chart=Markup(savings.chart),
    )


def _own(documents: list[Document]) -> dict[DocumentState, int]:
    return {state: sum(document.state is state for document in documents) for state in DocumentState}


def _failed(files: list[ReceivedFile]) -> list[tuple[ReceivedFile, str]]:
    """Files put aside, then duplicates, each group newest first, with the reason in words."""
    aside = (FileState.FAILED, FileState.QUARANTINED)
    failed = [file for file in reversed(files) if file.state in aside]
    twins = [file for file in reversed(files) if file.state is FileState.DUPLICATE]
    return [(file, reason_words(file.reason, file.name)) for file in (failed + twins)[:FAILURES_SHOWN]]


def reason_words(reason: str, name: str) -> str:
    """Return a kept reason as a person reads it at a glance.

    A catalogue key is looked up. Of an explanation over several lines the first is taken, without the file's name,
    which stands beside it.
    """
    first = reason.partition("\n")[0].removeprefix(f"{name}: ")
    if not first.replace(".", "").replace("_", "").isascii() or " " in first:
        return first
    if not reason:
        return ""
    try:
        return text(reason, name=name) if has_text(reason) else error_text(reason, name=name).what
    except (KeyError, IndexError):  # unknown, or it has placeholders whose values were not kept
        return text("console.reason_other")


def _bad_items(desk: Desk, scope: Scope) -> list[tuple[str, str, State, str]]:
    """The departments' items that went wrong, newest first: business, key, state, why."""
    items, _ = desk.work.items(scope, Page(FAILURES_SHOWN), states=BAD, newest_first=True)
    titles = {form.process: form.title for form in desk.forms.values()}
    told = []
    for item in items:
        why = desk.ledger.events(item.id)[-1].why.partition("\n")[0]
        business = titles.get(item.process, item.process)
        told.append((business, item.key, item.state, why.removeprefix(f"{item.process}/{item.key}: ")))
    return told
