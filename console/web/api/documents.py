"""Documents and received files through the API: list, show, hand in a scan, follow its receipt."""

from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Header, Request, UploadFile

from backoffice.department_work import Page
from backoffice.document import DocumentState
from console.letterbox import Delivery
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
from console.web.review_view import blinded
from console.web.reviewing import Reviewer
from console.web.taking_in import take_in
from ocr.template import form_of

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
    form = form_of(desk_of(request).forms, document.form, document.form_version)
    fields = [
        FieldFacts(**{name: getattr(field, name) for name in FieldFacts.model_fields})
        for field in blinded(document, form)
    ]
    return DocumentShown(**DocumentFacts.of(document).model_dump(), fields=fields)


@router.post("/documents", status_code=202, responses=answers(404, 409, 413))
async def submit_scan(
    request: Request,
    visitor: Entered,
    department: Annotated[Word, Form()],
    file: UploadFile,
    form: Annotated[Word, Form(description="Short name of the form; empty to let it be recognised.")] = "",
    idempotency_key: Annotated[
        Word, Header(description="Sent again with the same key, the same scan is not taken twice.")
    ] = "",
) -> Submitted:
    """Hand in a scan for a department; it is looked at at once, and read in its turn."""
    delivery = Delivery(department, file.filename or "", file.file, visitor.user.name, form, idempotency_key)
    taken = await take_in(request, visitor, delivery)
    facts = {name: getattr(taken, name) for name in ("department", "sha256", "size", "pages")}
    return Submitted(file=taken.id, name=PurePosixPath(taken.name).name, **facts)


@router.get("/files", responses=answers())
def list_files(request: Request, visitor: Entered, page: Part) -> Listing[FileFacts]:
    """List received files, newest first: the receipts of what was handed in."""
    rows, total = desk_of(request).work.files(visitor.user.scope, page)
    return Listing[FileFacts].of([FileFacts.of(row) for row in rows], total, page)


@router.get("/files/{file_id}", responses=answers(404))
def show_file(request: Request, visitor: Entered, file_id: Number) -> FileFacts:
    """Show what became of a file that was handed in."""
    return FileFacts.of(desk_of(request).documents.file(file_id))
