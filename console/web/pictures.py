"""Page pictures and crops of fields, by number and only for the view they belong to: no path comes from outside.

`viewed` is also asked by whatever else a page with a document open may learn about it.
"""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from backoffice.document import Document, DocumentMissing
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.reviewing import Reviewer

router = APIRouter()
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


@router.get("/documents/{document_id}/pages/{page}/picture")
def page_picture(request: Request, visitor: Entered, document_id: int, page: int, view: str = "") -> Response:
    """Return the upright picture of a page of the document, counted from 1."""
    document = viewed(request, visitor, document_id, view)
    if not 1 <= page <= len(document.pages):
        raise _missing(document_id)
    return _send(desk_of(request), document, str(document.pages[page - 1].get("picture", "")))


@router.get("/documents/{document_id}/fields/{position}/crop")
def field_crop(
    request: Request, visitor: Entered, document_id: int, position: int, view: str = ""
) -> Response:
    """Return the picture of one field, counted from 0 in form order."""
    document = viewed(request, visitor, document_id, view)
    if not 0 <= position < len(document.fields):
        raise _missing(document_id)
    return _send(desk_of(request), document, document.fields[position].crop)


def viewed(request: Request, visitor: Visitor, document_id: int, token: str) -> Document:
    """Return the document, for a view that was noted in the audit trail when the page was opened."""
    desk = desk_of(request)
    document = Reviewer(desk, visitor.user).get(document_id)
    view = desk.signer.read_view(token, desk.clock())
    if view is None or view.document != document_id or view.user != visitor.user.name:
        raise _missing(document_id)
    return document


def _send(desk: Desk, document: Document, stored: str) -> Response:
    home = desk.settings.var.resolve()
    path = Path(home, stored).resolve()
    if not stored or not path.is_relative_to(home) or path.suffix not in KINDS or not path.is_file():
        raise _missing(document.id)
    return FileResponse(
        path, media_type=KINDS[path.suffix], headers={"Cache-Control": "private, max-age=600"}
    )


def _missing(document_id: int) -> DocumentMissing:
    return DocumentMissing("backoffice.document_missing", where=str(document_id), document=document_id)
