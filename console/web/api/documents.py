"""Documents and received files through the API: list, show, hand in a scan, follow its receipt."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile

from backoffice.department_work import Page
from backoffice.document import DocumentState
from console.errors import ThingMissing
from console.web.access import API
from console.web.api.shapes import (
    DocumentFacts,
    DocumentShown,
    FieldFacts,
    FileFacts,
    Listing,
    Number,
    Submitted,
    Word,
    page_of,
)
from console.web.doors import Entered, desk_of
from console.web.problems import answers
from console.web.reviewing import Reviewer

router = APIRouter(prefix=API, tags=["documents"])
Part = Annotated[Page, Depends(page_of)]


@router.get("/documents", responses=answers())
def list_documents(
    request: Request,
    visitor: Entered,
    page: Part,
    state: DocumentState | None = None,
    form: Word | None = None,
) -> Listing[DocumentFacts]:
    """List documents without their values, oldest first."""
    rows, total = desk_of(request).work.documents(visitor.user.scope, page, form=form, state=state)
    return Listing[DocumentFacts].of([DocumentFacts.of(row) for row in rows], total, page)


@router.get("/documents/{document_id}", responses=answers(404))
def show_document(request: Request, visitor: Entered, document_id: Number) -> DocumentShown:
    """Show a document with its values; the view goes into the audit trail."""
    document = Reviewer(desk_of(request), visitor.user).open(document_id).document
    fields = [
        FieldFacts(**{name: getattr(field, name) for name in FieldFacts.model_fields})
        for field in document.fields
    ]
    return DocumentShown(**DocumentFacts.of(document).model_dump(), fields=fields)


@router.post("/documents", status_code=202, responses=answers(404, 413))
def submit_scan(
    request: Request, visitor: Entered, department: Annotated[Word, Form()], file: UploadFile
) -> Submitted:
    """Hand in a scan for a department; it is read as if a scanner had put it into the watched folder."""
    desk = desk_of(request)
    if not visitor.user.sees(department):
        raise ThingMissing("console.thing_missing", where=department)
    place = desk.letterbox.put(department, file.filename or "", file.file)
    file.file.seek(0)
    digest = sha256()
    while block := file.file.read(1 << 20):
        digest.update(block)
    desk.audit.note(visitor.user.name, "scan.submit", f"department/{department}", sha256=digest.hexdigest())
    size = file.file.tell()
    return Submitted(department=department, name=place.name, sha256=digest.hexdigest(), size=size)


@router.get("/files", responses=answers())
def list_files(request: Request, visitor: Entered, page: Part) -> Listing[FileFacts]:
    """List received files, newest first: the receipts of what was handed in."""
    rows, total = desk_of(request).work.files(visitor.user.scope, page)
    return Listing[FileFacts].of([FileFacts.of(row) for row in rows], total, page)


@router.get("/files/{file_id}", responses=answers(404))
def show_file(request: Request, visitor: Entered, file_id: Number) -> FileFacts:
    """Show what became of a file that was handed in."""
    return FileFacts.of(desk_of(request).documents.file(file_id))
