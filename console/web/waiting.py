"""確認待ち: the documents that wait for a person, oldest first."""

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backoffice.document import DocumentState
from console.web.doors import Entered, desk_of
from console.web.rendering import page

router = APIRouter()


@router.get("/documents")
def waiting_page(
    request: Request,
    visitor: Entered,
    form: str = "",
    department: str = "",
) -> Response:
    """List what waits, of the person's departments, one form or department at choice."""
    desk = desk_of(request)
    every = desk.documents.documents([DocumentState.WAITING], visitor.user.scope)
    shown = [
        document
        for document in every
        if (not form or document.form == form) and (not department or document.department == department)
    ]
    return page(
        request,
        "waiting.html",
        visitor=visitor,
        documents=shown,
        forms=Counter(document.form for document in every),
        departments=Counter(document.department for document in every),
        form=form,
        department=department,
        desk=desk,
    )
