"""The review page of one document and its writes: save, record, discard, and the seconds spent."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, StringConstraints

from backoffice.document import Document, DocumentState
from backoffice.messages import room_catalogue, text
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page
from console.web.review_view import after_write, field_views, page_views
from console.web.reviewing import Corrections, Outcome, Reviewer
from ocr.template import form_of

router = APIRouter()
Value = Annotated[str, StringConstraints(max_length=400)]
DISCARD_REASONS = ("discard_illegible", "discard_incomplete", "discard_duplicate", "discard_foreign")


class Spent(BaseModel):
    """Seconds of work since the last write, and the view that they belong to."""

    seconds: float = Field(0, ge=0, allow_inf_nan=False)
    view: str = Field("", max_length=400)


class Write(Spent):
    """Corrections of a document."""

    revision: int
    values: dict[str, Value] = Field(default_factory=dict, max_length=500)
    illegible: list[Value] = Field(default_factory=list, max_length=500)
    as_written: list[Value] = Field(default_factory=list, max_length=500)

    def corrections(self) -> Corrections:
        """Return the corrections alone."""
        return Corrections(self.revision, self.values, frozenset(self.illegible), frozenset(self.as_written))


class Discard(Spent):
    """A document taken out of the work."""

    revision: int
    reason: str = Field("", max_length=400)


@router.get("/documents/{document_id}")
def review_page(request: Request, visitor: Entered, document_id: int) -> Response:
    """Show a document with its pictures; the view goes into the audit trail."""
    desk = desk_of(request)
    outcome = Reviewer(desk, visitor.user).open(document_id)
    document = outcome.document
    form = form_of(desk.forms, document.form, document.form_version)
    fields = field_views(outcome, form)
    return page(
        request,
        "review.html",
        visitor=visitor,
        desk=desk,
        document=document,
        waiting=document.state is DocumentState.WAITING,
        reason=_shown_reason(document),
        fields=fields,
        pages=page_views(document),
        view=desk.signer.view(document_id, visitor.user.name, desk.clock()),
        discard_reasons=[text(f"console.{name}") for name in DISCARD_REASONS],
        texts=_script_texts(),
        next_id=_next(desk, visitor, document_id),
    )


@router.post("/documents/{document_id}/save")
def save(request: Request, visitor: Entered, document_id: int, given: Write) -> Response:
    """Keep corrections; the document goes on waiting."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    outcome = reviewer.save(document_id, given.corrections())
    _book(desk, reviewer, visitor, outcome.document, given)
    return JSONResponse(_answer(desk, visitor, outcome))


@router.post("/documents/{document_id}/record")
def record(request: Request, visitor: Entered, document_id: int, given: Write) -> Response:
    """Make the document a record, or say what still stands in the way."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    outcome = reviewer.record(document_id, given.corrections())
    _book(desk, reviewer, visitor, outcome.document, given)
    told = _answer(desk, visitor, outcome)
    if outcome.item:
        return JSONResponse({**told, "next": _next(desk, visitor, document_id)})
    if outcome.twin:
        told |= {"kind": "twin", "message": text("console.record_twin", key=outcome.twin.key)}
        return JSONResponse(told, 422)
    left = told["doubtful"] or 1
    return JSONResponse(
        {**told, "kind": "doubtful", "message": text("console.record_refused", count=left)}, 422
    )


@router.post("/documents/{document_id}/discard")
def discard(request: Request, visitor: Entered, document_id: int, given: Discard) -> Response:
    """Take the document out of the work, with the reason."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    outcome = reviewer.discard(document_id, given.revision, given.reason)
    _book(desk, reviewer, visitor, outcome.document, given)
    return JSONResponse({**_answer(desk, visitor, outcome), "next": _next(desk, visitor, document_id)})


@router.post("/documents/{document_id}/time")
def spend(request: Request, visitor: Entered, document_id: int, given: Spent) -> Response:
    """Book seconds that were spent without a write: the person looked and left."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    document = reviewer.get(document_id)
    _book(desk, reviewer, visitor, document, given)
    return JSONResponse({"view": desk.signer.view(document_id, visitor.user.name, desk.clock())})


def _book(desk: Desk, reviewer: Reviewer, visitor: Visitor, document: Document, given: Spent) -> None:
    """Book the seconds that the page measured, never more than passed since the page's last token."""
    view = desk.signer.read_view(given.view, desk.clock())
    if view is None or view.document != document.id or view.user != visitor.user.name:
        return
    open_seconds = (desk.clock() - view.since).total_seconds()
    reviewer.book(document, min(given.seconds, max(open_seconds, 0.0)))


def _answer(desk: Desk, visitor: Visitor, outcome: Outcome) -> dict[str, Any]:
    document = outcome.document
    told = after_write(outcome, form_of(desk.forms, document.form, document.form_version))
    return told | {"view": desk.signer.view(document.id, visitor.user.name, desk.clock())}


def _next(desk: Desk, visitor: Visitor, document_id: int) -> int | None:
    """Return the next document that waits: the one after this, else the oldest."""
    waiting = desk.documents.documents([DocumentState.WAITING], visitor.user.scope)
    others = [document.id for document in waiting if document.id != document_id]
    return next((other for other in others if other > document_id), others[0] if others else None)


def _shown_reason(document: Document) -> str:
    """The reason kept with the whole document: a text of the catalogue, or a person's own words."""
    room, _, name = document.reason.partition(".")
    try:
        return text(document.reason) if name and room.isidentifier() else document.reason
    except KeyError:
        return document.reason


def _script_texts() -> dict[str, str]:
    """Every text that the page's script shows, by its name without `js_`."""
    names = [name for name in room_catalogue("console")["texts"] if name.startswith("js_")]
    return {name.removeprefix("js_"): text(f"console.{name}") for name in names}
