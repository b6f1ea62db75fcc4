"""様式: the town's forms with their versions, and the designer in which a blank becomes a template.

Files come as the body of a request and go straight to the disk. What takes seconds happens in a child process
(`console.design.bench`); the page asks how far it is. Designs belong to who began them; a save says on which revision
of the template it rests.
"""

import difflib
import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, field_validator

from backoffice.errors import DeclarationError
from console.design.drafts import Draft
from console.design.studio import Studio
from console.errors import DesignRefused, ThingMissing
from console.web.designer_view import as_script, design_facts, kind_rows, script_words, word
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page

router = APIRouter()
NAME = Query(max_length=200)
DEEPEST = 40
"""Levels of a design; the deepest field of a table has eight."""


class Design(BaseModel):
    """A design as the page holds it.

    Attributes:
        revision: Of the template that the page began with, "" for a new form.
    """

    design: dict[str, Any]
    revision: str = Field("", pattern=r"^([0-9a-f]{64})?$")

    @field_validator("design")
    @classmethod
    def _can_be_written(cls, design: dict[str, Any]) -> dict[str, Any]:
        """Refuse what no file of ours holds: half a character (a lone surrogate of UTF-16), hundreds of levels."""
        json.dumps(design, ensure_ascii=False).encode()
        level: list[Any] = [design]
        for _ in range(DEEPEST):
            level = [inner for one in level for inner in _inside(one)]
        if level:
            raise ValueError(f"more than {DEEPEST} levels")
        return design


class Keeping(Design):
    """A design to be saved.

    Attributes:
        as_new: As the next version.
        digest: Of the text that the person was shown; empty when only the difference is asked for.
    """

    as_new: bool = False
    digest: str = Field("", max_length=64)


@router.get("/forms")
def forms_page(request: Request, visitor: Entered) -> Response:
    """List the forms with their versions, and the person's own drafts."""
    desk, studio = desk_of(request), _studio(request)
    studio.drafts.sweep(desk.clock())
    versions = studio.shelf.versions()
    names = sorted({one.form for one in versions if one.version})
    return page(
        request,
        "forms.html",
        visitor=visitor,
        d=word,
        versions=versions,
        names=names,
        drafts=studio.drafts.of(visitor.user.name),
        given=as_script({"csrf": visitor.csrf, "words": script_words()}),
        most=desk.settings.inbox.max_megabytes,
    )


@router.get("/forms/compare")
def compare_page(
    request: Request, visitor: Entered, left: Annotated[str, NAME], right: Annotated[str, NAME]
) -> Response:
    """Show two templates side by side."""
    shelf = _studio(request).shelf
    texts = [shelf.read(name)[1].text.splitlines() for name in (left, right)]
    return page(
        request,
        "forms_compare.html",
        visitor=visitor,
        d=word,
        left=left,
        right=right,
        rows=side_by_side(*texts),
    )


@router.post("/forms/drafts")
async def begin_new(
    request: Request,
    visitor: Entered,
    form: Annotated[str, NAME],
    name: Annotated[str, NAME],
) -> Response:
    """Take a blank in and have a template proposed for it."""
    studio, desk = _studio(request), desk_of(request)
    async with _received(request, name) as upload:
        draft = await run_in_threadpool(
            studio.begin_new, visitor.user.name, desk.clock(), form, upload, Path(name).name[:120]
        )
    await run_in_threadpool(_note, request, visitor, "form.upload", draft)
    return JSONResponse({"draft": draft.id}, 201)


@router.post("/forms/edits")
def begin_edit(request: Request, visitor: Entered, file: Annotated[str, Form(max_length=200)]) -> Response:
    """Begin to change a template that is there."""
    draft = _studio(request).begin_edit(visitor.user.name, desk_of(request).clock(), file)
    _note(request, visitor, "form.edit", draft)
    return RedirectResponse(f"/forms/drafts/{draft.id}", 303)


@router.get("/forms/drafts/{draft_id}")
def designer_page(request: Request, visitor: Entered, draft_id: str) -> Response:
    """Show the designer; while the blank is being looked at, how far that is."""
    studio, draft = _studio(request), _draft(request, visitor, draft_id)
    standing = studio.standing(draft)
    if standing.state == "lost":
        studio.look(draft)
        standing = studio.standing(draft)
    if standing.state != "done":
        told = standing.told or {}
        given = as_script({"draft": draft.id, "csrf": visitor.csrf, "words": script_words()})
        return page(
            request,
            "designer_waits.html",
            visitor=visitor,
            d=word,
            draft=draft,
            standing=standing,
            told=told,
            given=given,
        )
    facts = design_facts(studio, draft, visitor)
    return page(
        request,
        "designer.html",
        visitor=visitor,
        d=word,
        draft=draft,
        kinds=kind_rows(),
        pages=range(1, len(facts["pages"]) + 1),
        given=as_script(facts),
        lexicons=studio.shelf.lexicons(),
    )


@router.get("/forms/drafts/{draft_id}/work")
def work(request: Request, visitor: Entered, draft_id: str, trial: bool = False) -> Response:
    """Say how far the look at the blank is, or the trial."""
    standing = _studio(request).standing(_draft(request, visitor, draft_id), trial=trial)
    told = {"state": standing.state, "page": standing.page, "told": standing.told or {}}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.get("/forms/drafts/{draft_id}/pages/{number}/picture")
def picture(request: Request, visitor: Entered, draft_id: str, number: int, trial: bool = False) -> Response:
    """Return the picture of a page of the blank, or of the tried scan laid on it."""
    path = _studio(request).picture(_draft(request, visitor, draft_id), number, trial=trial)
    if path is None:
        raise _missing(draft_id)
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


@router.post("/forms/drafts/{draft_id}/check")
def check(request: Request, visitor: Entered, draft_id: str, given: Design) -> Response:
    """Say what is wrong with a design, field by field."""
    draft = _draft(request, visitor, draft_id)
    remarks = _studio(request).check(draft, given.design, given.revision)
    return JSONResponse({"remarks": [remark.as_json() for remark in remarks]})


@router.post("/forms/drafts/{draft_id}/scan")
async def receive_scan(
    request: Request, visitor: Entered, draft_id: str, name: Annotated[str, NAME]
) -> Response:
    """Take a scan in; the design is sent apart, so that it may be tried again."""
    studio = _studio(request)
    draft = await run_in_threadpool(_draft, request, visitor, draft_id)
    async with _received(request, name) as upload:
        await run_in_threadpool(studio.keep_scan, draft, upload, Path(name).name[:120])
    return JSONResponse({"scan": Path(name).name[:120]}, 201)


@router.post("/forms/drafts/{draft_id}/try")
def try_on(request: Request, visitor: Entered, draft_id: str, given: Design) -> Response:
    """Try a design on the scan that was taken in."""
    draft = _draft(request, visitor, draft_id)
    _studio(request).try_on(draft, given.design, given.revision)
    _note(request, visitor, "form.try", draft)
    return JSONResponse({}, 202)


@router.post("/forms/drafts/{draft_id}/difference")
def difference(request: Request, visitor: Entered, draft_id: str, given: Keeping) -> Response:
    """Show what a save would change, with what is wrong with the design, blanks included."""
    studio, draft = _studio(request), _draft(request, visitor, draft_id)
    writing = studio.compose(draft, given.design, given.revision, as_new=given.as_new)
    remarks = studio.check(draft, given.design, given.revision, blanks=True)
    return JSONResponse(
        {
            "file": writing.file,
            "version": writing.version,
            "new": writing.new,
            "digest": writing.digest,
            "lines": writing.difference(),
            "remarks": [remark.as_json() for remark in remarks],
        }
    )


@router.post("/forms/drafts/{draft_id}/save")
def save(request: Request, visitor: Entered, draft_id: str, given: Keeping) -> Response:
    """Write the template that the person was shown."""
    studio, draft = _studio(request), _draft(request, visitor, draft_id)
    writing = studio.compose(draft, given.design, given.revision, as_new=given.as_new)
    if writing.digest != given.digest:
        raise DesignRefused("designer.not_as_shown", where=draft.form)
    try:
        saved = studio.save(draft, writing, given.revision)
    except DeclarationError as error:
        raise DesignRefused("designer.has_errors", where=draft.form, count=len(error.problems)) from error
    _note(request, visitor, "form.save", saved, sha256=saved.revision)
    told = {"file": saved.base, "revision": saved.revision, "version": saved.version}
    return JSONResponse(told | {"design": studio.design(saved)})


@router.post("/forms/drafts/{draft_id}/discard")
def discard(request: Request, visitor: Entered, draft_id: str) -> Response:
    """Let a draft go."""
    draft = _draft(request, visitor, draft_id)
    _studio(request).drafts.discard(draft)
    _note(request, visitor, "form.discard", draft)
    return RedirectResponse("/forms", 303)


def side_by_side(left: list[str], right: list[str]) -> list[tuple[str, str, str]]:
    """Return the lines of two texts beside each other: "same", "changed", "gone" or "new", left line, right line."""
    rows = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for at in range(max(b - a, d - c)):
            one = left[a + at] if a + at < b else None
            other = right[c + at] if c + at < d else None
            sort = (
                "same" if tag == "equal" else "new" if one is None else "gone" if other is None else "changed"
            )
            rows.append((sort, one or "", other or ""))
    return rows


def _inside(value: Any) -> list[Any]:
    """Return what a value of a design holds."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


@asynccontextmanager
async def _received(request: Request, name: str) -> AsyncIterator[Path]:
    """Write the body of a request to a file that is gone afterwards, unless somebody moved it away."""
    studio = _studio(request)
    folder, most = studio.drafts.folder, studio.settings.inbox.max_megabytes
    folder.mkdir(parents=True, exist_ok=True)
    handle, place = tempfile.mkstemp(prefix="upload-", dir=folder)
    path, size = Path(place), 0
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in request.stream():
                size += len(piece)
                if size > most * 1e6:
                    raise DesignRefused("designer.file_too_large", where=name[:120], limit=most)
                file.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _studio(request: Request) -> Studio:
    studio = desk_of(request).studio
    if studio is None:
        raise _missing("studio")
    return studio


def _draft(request: Request, visitor: Visitor, draft_id: str) -> Draft:
    draft = _studio(request).drafts.find(draft_id, visitor.user.name)
    if draft is None:
        raise _missing(draft_id)
    return draft


def _missing(what: str) -> ThingMissing:
    return ThingMissing("designer.draft_missing", where=what[:40])


def _note(request: Request, visitor: Visitor, what: str, draft: Draft, **details: Any) -> None:
    about = {"version": draft.version, "file": draft.base, **details}
    desk_of(request).audit.note(visitor.user.name, what, f"form/{draft.form}", draft=draft.id, **about)
