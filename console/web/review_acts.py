"""What a person can do with a document beside correcting it: skip, comment, send back, take up, and what helps typing.

`prepare` hands out the pictures of the document that comes next, before it is opened; `suggest` answers from master
data.
"""

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from backoffice.document import DocumentState
from console.errors import ArgumentWrong
from console.web.doors import Entered, desk_of
from console.web.passing import Passer
from console.web.pictures import viewed
from console.web.review_answers import Closing, Narrowed, Spent, Value, Values, Write, answer, next_of, spent
from console.web.review_view import blinded
from console.web.reviewing import Reviewer
from ocr.suggestions import suggestions
from ocr.template import form_of

router = APIRouter()


class Said(Spent):
    """A comment."""

    text: str = Field(max_length=2000)


class Typed(BaseModel):
    """A field that is being typed, and the values that are not saved yet."""

    field: Value
    values: Values = Field(default_factory=dict)


@router.post("/documents/{document_id}/skip")
def skip(request: Request, visitor: Entered, document_id: int, given: Write, within: Narrowed) -> Response:
    """Keep what was typed, put the document behind the others for this person, and say which comes now."""
    desk, reviewer = desk_of(request), Reviewer(desk_of(request), visitor.user)
    if given.values:
        reviewer.save(document_id, given.corrections())
    with spent(desk, visitor, document_id, given) as seconds:
        Passer(desk, visitor.user).skip(document_id, seconds)
    return JSONResponse({"next": next_of(desk, visitor, within, document_id)})


@router.post("/documents/{document_id}/comment")
def comment(request: Request, visitor: Entered, document_id: int, given: Said) -> Response:
    """Keep a comment; it goes with the document, whatever becomes of it."""
    desk = desk_of(request)
    with spent(desk, visitor, document_id, given) as seconds:
        said = Passer(desk, visitor.user).comment(document_id, given.text, seconds)
    view = desk.signer.view(document_id, visitor.user.name, desk.clock())
    at = said.at.astimezone(ZoneInfo(desk.settings.timezone)).strftime("%Y-%m-%d %H:%M")
    return JSONResponse({"who": said.who, "at": at, "text": said.text, "view": view})


@router.post("/documents/{document_id}/return")
def send_back(
    request: Request, visitor: Entered, document_id: int, given: Closing, within: Narrowed
) -> Response:
    """Send the document back to its department, with the reason."""
    desk = desk_of(request)
    with spent(desk, visitor, document_id, given) as seconds:
        outcome = Passer(desk, visitor.user).send_back(document_id, given.revision, given.reason, seconds)
    told = answer(desk, visitor, outcome)
    return JSONResponse({**told, "next": next_of(desk, visitor, within, document_id)})


@router.post("/documents/{returned_id}/take-up")
def take_up(request: Request, visitor: Entered, returned_id: int, given: Closing) -> Response:
    """Let a document that was sent back wait here again."""
    desk = desk_of(request)
    with spent(desk, visitor, returned_id, given) as seconds:
        outcome = Passer(desk, visitor.user).take_up(returned_id, given.revision, seconds)
    return JSONResponse(answer(desk, visitor, outcome))


@router.post("/documents/{document_id}/prepare")
def prepare(request: Request, visitor: Entered, document_id: int, within: Narrowed) -> Response:
    """Hand out the pictures of the document that comes after this one; the audit trail notes it."""
    desk = desk_of(request)
    following = next_of(desk, visitor, within, document_id)
    told = {} if following is None else Passer(desk, visitor.user).prepare(following)
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/documents/{document_id}/suggest")
def suggest(request: Request, visitor: Entered, document_id: int, given: Typed, view: str = "") -> Response:
    """Return what master data offer for a field, by the values as the page shows them: never by a hidden reading.

    A town's own list holds people's names and addresses: it answers only who has the document open, as the audit trail
    knows, and only while there is something to type.
    """
    desk = desk_of(request)
    document = viewed(request, visitor, document_id, view)
    if document.state is not DocumentState.WAITING:
        return JSONResponse({"suggestions": []})
    form = form_of(desk.forms, document.form, document.form_version)
    if form is None or given.field not in document.values:
        raise ArgumentWrong("console.field_unknown", where=str(document_id))
    shown = {field.name: field.value for field in blinded(document, form)}
    found = suggestions(form, given.field, {**shown, **given.values})
    return JSONResponse({"suggestions": [{"value": one.value, "label": one.label} for one in found]})
