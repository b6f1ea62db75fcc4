"""The review page of one document and its writes: save, record, discard, and the seconds spent."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from backoffice.document import Document, DocumentState
from backoffice.messages import room_catalogue, text
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.passing import PRESETS
from console.web.rendering import page
from console.web.review_answers import Closing, Narrowed, Spent, Write, answer, next_of, spent
from console.web.review_view import field_views, page_views
from console.web.reviewing import Reviewer
from ocr.template import form_of

router = APIRouter()
DISCARD_REASONS = ("discard_illegible", "discard_incomplete", "discard_duplicate", "discard_foreign")
READY_LONGEST = timedelta(minutes=10)
"""So long the pictures that were handed out ahead are taken: as long as the browser keeps them."""


@router.get("/documents/{document_id}")
def review_page(
    request: Request, visitor: Entered, document_id: int, within: Narrowed, ready: str = ""
) -> Response:
    """Show a document with its pictures; the view goes into the audit trail.

    `ready` is the token under which its pictures were handed out ahead, so that the browser finds them again.
    """
    desk = desk_of(request)
    outcome = Reviewer(desk, visitor.user).take(document_id)
    document = outcome.document
    waiting = document.state is DocumentState.WAITING
    form = form_of(desk.forms, document.form, document.form_version)
    fields = field_views(outcome, form)
    return page(
        request,
        "review.html",
        visitor=visitor,
        desk=desk,
        document=document,
        waiting=waiting,
        returned=document.state is DocumentState.RETURNED,
        reason=_shown_reason(document),
        fields=fields,
        pages=page_views(document),
        view=desk.signer.view(document_id, visitor.user.name, desk.clock()),
        pictures=_taken(desk, visitor, document_id, ready),
        discard_reasons=[text(f"console.{name}") for name in DISCARD_REASONS],
        return_reasons=[text(f"review.{name}") for name in PRESETS],
        texts=_script_texts("console"),
        words=_script_texts("review"),
        comments=desk.documents.comments.of(document_id),
        hands=desk.documents.turns.others(document_id, visitor.user.name),
        within=within,
    )


@router.post("/documents/{document_id}/save")
def save(request: Request, visitor: Entered, document_id: int, given: Write) -> Response:
    """Keep corrections; the document goes on waiting."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    with spent(desk, visitor, document_id, given) as seconds:
        outcome = reviewer.save(document_id, given.corrections(), seconds)
    return JSONResponse(answer(desk, visitor, outcome))


@router.post("/documents/{document_id}/record")
def record(request: Request, visitor: Entered, document_id: int, given: Write, within: Narrowed) -> Response:
    """Make the document a record, or say what still stands in the way."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    with spent(desk, visitor, document_id, given) as seconds:
        outcome = reviewer.record(document_id, given.corrections(), seconds)
    told = answer(desk, visitor, outcome)
    if outcome.item:
        return JSONResponse({**told, "next": next_of(desk, visitor, within, document_id)})
    if outcome.twin:
        told |= {"kind": "twin", "message": text("console.record_twin", key=outcome.twin.key)}
        return JSONResponse(told, 422)
    if not told["doubtful"] and any(field["state"] == "waits" for field in told["fields"]):
        told |= {"kind": "second", "next": next_of(desk, visitor, within, document_id)}
        return JSONResponse({**told, "message": text("review.second_waits")}, 422)
    left = told["doubtful"] or 1
    return JSONResponse(
        {**told, "kind": "doubtful", "message": text("console.record_refused", count=left)}, 422
    )


@router.post("/documents/{document_id}/discard")
def discard(
    request: Request, visitor: Entered, document_id: int, given: Closing, within: Narrowed
) -> Response:
    """Take the document out of the work, with the reason."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    with spent(desk, visitor, document_id, given) as seconds:
        outcome = reviewer.discard(document_id, given.revision, given.reason, seconds)
    told = answer(desk, visitor, outcome)
    return JSONResponse({**told, "next": next_of(desk, visitor, within, document_id)})


@router.post("/documents/{document_id}/time")
def spend(request: Request, visitor: Entered, document_id: int, given: Spent) -> Response:
    """Book seconds that were spent without a write: the person looked and left.

    The token is renewed, never given afresh: it opens the pictures, and nothing here goes into the audit trail.
    """
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    document = reviewer.get(document_id)
    with spent(desk, visitor, document_id, given) as seconds:
        reviewer.book(document, seconds)
    view = desk.signer.read_view(given.view, desk.clock())
    known = view is not None and (view.document, view.user) == (document_id, visitor.user.name)
    return JSONResponse(
        {"view": desk.signer.view(document_id, visitor.user.name, desk.clock()) if known else ""}
    )


def _taken(desk: Desk, visitor: Visitor, document_id: int, ready: str) -> str:
    """Return the token for the page's pictures: the one they were handed out under, else a fresh one."""
    now = desk.clock()
    view = desk.signer.read_view(ready, now)
    fits = view and (view.document, view.user) == (document_id, visitor.user.name)
    fresh = view is not None and now - view.since <= READY_LONGEST
    return ready if fits and fresh else desk.signer.view(document_id, visitor.user.name, now)


def _shown_reason(document: Document) -> str:
    """The reason kept with the whole document: a text of the catalogue, or a person's own words."""
    room, _, name = document.reason.partition(".")
    try:
        return text(document.reason) if name and room.isidentifier() else document.reason
    except KeyError:
        return document.reason


def _script_texts(room: str) -> dict[str, str]:
    """Every text of a room that the page's script shows, by its name without `js_`."""
    names = [name for name in room_catalogue(room)["texts"] if name.startswith("js_")]
    return {name.removeprefix("js_"): text(f"{room}.{name}") for name in names}
