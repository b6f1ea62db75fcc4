"""書類を送る: departments hand in scans here besides the watched folder, and see what became of them.

With JavaScript each file is a request of its own and shows how far it is (`static/submit.js`); without it the same form
posts several files at once and the answer is a page. What is refused is refused at once, in words. Whatever way a file
came, it stands in the list below and has a receipt that can be printed.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from markupsafe import Markup
from starlette.datastructures import UploadFile

from backoffice.department_work import Page
from backoffice.document import DuplicateFile, FileMissing, ReceivedFile
from backoffice.errors import HakadoriError
from backoffice.messages import current_language, room_catalogue, text
from console.errors import ArgumentWrong
from console.letterbox import KINDS, Delivery
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.ownership import LARGEST_NUMBER
from console.web.rendering import page
from console.web.submitted import Receipt, receipt_of, receipts_of
from console.web.taking_in import take_in
from ocr.errors import FileRefused

router = APIRouter()
SHOWN = 25
MOST_FILES = 50
REFUSALS = (FileRefused, DuplicateFile, ArgumentWrong)
"""What may be wrong with one file; the others that came with it are taken all the same."""


@dataclass(frozen=True)
class Search:
    """What is looked for in the list, as it was typed.

    Attributes:
        number: Of a receipt.
        day: On which it was received, 2026-04-01.
        part: Which part of the list, from 1.
    """

    number: str = ""
    day: str = ""
    part: int = 1

    def limits(self, zone: ZoneInfo) -> dict[str, Any] | None:
        """Return what to ask the books for; None when what was typed is no number or no day."""
        asked: dict[str, Any] = {}
        if self.number.strip():
            digits = self.number.strip()
            if not (digits.isascii() and digits.isdigit() and int(digits[:11]) <= LARGEST_NUMBER):
                return None
            asked["number"] = int(digits)
        if self.day.strip():
            try:
                since = datetime.combine(date.fromisoformat(self.day.strip()), time(), zone)
                asked |= {"since": since, "until": since + timedelta(days=1)}
            except (ValueError, OverflowError):
                return None
        return asked


@dataclass(frozen=True)
class Refusal:
    """Why one file was not taken."""

    name: str
    what: str
    why: str
    do: str


@router.get("/submit")
def submit_page(
    request: Request, visitor: Entered, number: str = "", day: str = "", part: int = 1
) -> Response:
    """Show where scans are handed in, and what was handed in so far."""
    return _page(request, visitor, Search(number[:20], day[:20], part))


@router.get("/submit/list")
def submit_list(
    request: Request, visitor: Entered, number: str = "", day: str = "", part: int = 1
) -> Response:
    """Return the list alone, for the page that renews it."""
    search = Search(number[:20], day[:20], part)
    return page(request, "submit_list.html", visitor=visitor, **_listed(request, visitor, search))


@router.get("/submit/{file_id}")
def receipt_page(request: Request, visitor: Entered, file_id: int) -> Response:
    """Show a receipt, to be printed."""
    return page(request, "submit_receipt.html", visitor=visitor, receipt=_receipt(desk_of(request), file_id))


@router.post("/submit")
async def hand_in(request: Request, visitor: Entered) -> Response:
    """Take files in: one for a script, which is told in JSON, or several of a form sent without script."""
    taken: list[Receipt] = []
    refused: list[Refusal] = []
    async with request.form(max_fields=10) as form:
        named = {name: value for name, value in form.items() if isinstance(value, str)}
        files = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
        if len(files) > MOST_FILES:
            raise ArgumentWrong("submit.too_many", most=MOST_FILES)
        for file in files:
            try:
                taken.append(await _take(request, visitor, named, file))
            except REFUSALS as error:
                refused.append(_refusal(error, file.filename or ""))
    if "application/json" in request.headers.get("accept", ""):
        return _told(taken, refused, desk_of(request).settings.timezone)
    shown = partial(_page, request, visitor, Search(), taken, refused, missing=not files)
    return await run_in_threadpool(shown)


async def _take(request: Request, visitor: Visitor, named: Mapping[str, str], file: UploadFile) -> Receipt:
    given = {name: named.get(name, "")[:100] for name in ("department", "form", "attempt")}
    delivery = Delivery(name=file.filename or "", content=file.file, who=visitor.user.name, **given)
    received: ReceivedFile = await take_in(request, visitor, delivery)
    return await run_in_threadpool(_receipt, desk_of(request), received.id)


def _receipt(desk: Desk, number: int) -> Receipt:
    try:
        return receipt_of(desk, desk.documents.receipts.standing(number))
    except LookupError as error:
        where = str(number)
        raise FileMissing("backoffice.received_file_missing", where=where, file=where) from error


def _refusal(error: HakadoriError, name: str) -> Refusal:
    parts = error.parts()
    return Refusal(name[-200:], parts.what, parts.why, parts.do)


def _told(taken: list[Receipt], refused: list[Refusal], zone: str) -> Response:
    """Answer a script, which sends one file at a time."""
    if refused:
        one = refused[0]
        told = {"kind": "refused", "message": one.what, "why": one.why, "do": one.do}
        return JSONResponse(told, 409)
    if not taken:
        return JSONResponse(
            {"kind": "refused", "message": text("submit.nothing_chosen"), "why": "", "do": ""}, 400
        )
    return JSONResponse({"receipt": taken[0].as_json(zone)}, 201)


def _page(
    request: Request,
    visitor: Visitor,
    search: Search,
    taken: list[Receipt] | None = None,
    refused: list[Refusal] | None = None,
    *,
    missing: bool = False,
) -> Response:
    desk = desk_of(request)
    departments = {
        name: title for name, title in desk.settings.departments.items() if visitor.user.sees(name)
    }
    allowed = {name: desk.settings.inbox_of(name).forms for name in departments}
    offered = {
        one.form: one.title
        for one in desk.forms.values()
        if any(not forms or one.form in forms for forms in allowed.values())
    }
    inbox = desk.settings.inbox
    given = {
        "csrf": visitor.csrf,
        "user": visitor.user.name,
        "most": desk.letterbox.largest_bytes,
        "allowed": {name: list(forms) for name, forms in allowed.items()},
        "words": script_words() | too_large_words(inbox.max_megabytes),
    }
    return page(
        request,
        "submit.html",
        visitor=visitor,
        departments=departments,
        forms=dict(sorted(offered.items(), key=lambda one: one[1])),
        kinds=",".join(KINDS),
        megabytes=f"{inbox.max_megabytes:g}",
        most_pages=inbox.max_pages,
        taken=taken or [],
        refused=refused or [],
        missing=missing,
        status=400 if missing else 200,
        given=Markup(json.dumps(given, ensure_ascii=False).replace("<", "\\u003c")),
        **_listed(request, visitor, search),
    )


SCRIPT_WORDS = (
    "sending", "checking", "queued", "received", "refused", "stopped", "no_server", "signed_out", "too_fast", "broken",
    "again", "stop", "remove", "act_on", "progress_of", "is_folder", "pasted", "summary", "leave", "receipt_of",
    "pages_unknown", "facts", "file_gone", "choose_department",
)  # fmt: skip


def script_words() -> dict[str, str]:
    """Return the texts that the script shows, with their placeholders as they stand: the script fills them in."""
    texts = room_catalogue("submit")["texts"]
    labels = {name: text(f"backoffice.{name}") for name in ("label_why", "label_do")}
    return labels | {name: texts[name][current_language()] for name in SCRIPT_WORDS}


def too_large_words(megabytes: float) -> dict[str, str]:
    """Return why a file is too large, for the script that need not send it to know."""
    parts = ArgumentWrong("people.scan_too_large", megabytes=f"{megabytes:g}").parts()
    return {"large_what": parts.what, "large_why": parts.why, "large_do": parts.do}


def _listed(request: Request, visitor: Visitor, search: Search) -> dict[str, Any]:
    """Return what the list shows."""
    desk = desk_of(request)
    limits = search.limits(ZoneInfo(desk.settings.timezone))
    receipts: list[Receipt] = []
    total, part = 0, max(1, min(search.part, 1_000_000))
    if limits is not None:
        wanted = Page(SHOWN, (part - 1) * SHOWN)
        rows, total = desk.work.files(visitor.user.scope, wanted, **limits)
        with suppress(LookupError):
            receipts = receipts_of(desk, [row.id for row in rows])
    return {
        "search": search,
        "searched": bool(search.number.strip() or search.day.strip()),
        "understood": limits is not None,
        "receipts": receipts,
        "total": total,
        "part": part,
        "last": max(1, -(-total // SHOWN)),
        "several": len([one for one in desk.settings.departments if visitor.user.sees(one)]) > 1,
    }
