"""Passing a document on through the API: comments, sent back to its department, taken up again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from backoffice.comments import LONGEST, Comment
from console.web.access import API
from console.web.api.shapes import DocumentFacts, Number, Reason
from console.web.doors import Entered, desk_of
from console.web.ownership import LARGEST_NUMBER
from console.web.passing import Passer
from console.web.problems import answers
from console.web.reviewing import Reviewer

router = APIRouter(prefix=API, tags=["documents"])
Returned = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
Revision = Annotated[int, Field(ge=0, le=LARGEST_NUMBER, description="The revision that the caller saw.")]


class CommentFacts(BaseModel):
    """What somebody said about a document."""

    who: str
    at: datetime
    text: str

    @classmethod
    def of(cls, said: Comment) -> "CommentFacts":
        """Take what is told of a comment."""
        return cls(who=said.who, at=said.at, text=said.text)


class Words(BaseModel):
    """A comment."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*\S[^\x00]*$")]


class SentBack(BaseModel):
    """Why a document goes back to its department; the department reads it in its receipt."""

    revision: Revision
    reason: Reason


class TakenUp(BaseModel):
    """Which state of a document is taken up again."""

    revision: Revision


@router.get("/documents/{document_id}/comments", responses=answers(404))
def list_comments(request: Request, visitor: Entered, document_id: Number) -> list[CommentFacts]:
    """List what people said about a document, oldest first; the view goes into the audit trail."""
    Reviewer(desk_of(request), visitor.user).open(document_id)
    return [CommentFacts.of(said) for said in desk_of(request).documents.comments.of(document_id)]


@router.post("/documents/{document_id}/comments", status_code=201, responses=answers(404))
def add_comment(request: Request, visitor: Entered, document_id: Number, given: Words) -> CommentFacts:
    """Leave a comment for whoever opens the document next."""
    return CommentFacts.of(Passer(desk_of(request), visitor.user).comment(document_id, given.text))


@router.post("/documents/{document_id}/return", responses=answers(404, 409))
def send_back(request: Request, visitor: Entered, document_id: Number, given: SentBack) -> DocumentFacts:
    """Send a waiting document back to its department."""
    passer = Passer(desk_of(request), visitor.user)
    return DocumentFacts.of(passer.send_back(document_id, given.revision, given.reason).document)


@router.post("/documents/{returned_id}/take-up", responses=answers(404, 409))
def take_up(request: Request, visitor: Entered, returned_id: Returned, given: TakenUp) -> DocumentFacts:
    """Let a document that was sent back wait for a person again."""
    passer = Passer(desk_of(request), visitor.user)
    return DocumentFacts.of(passer.take_up(returned_id, given.revision).document)
