"""Lists of items to take away, as a workbook or as CSV. With the values of their records only for who may review.

Whose record was taken away can be asked of the audit trail: each record told counts as a look at its item.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backoffice.department_work import Page
from backoffice.messages import text
from backoffice.work_items import State
from console.errors import RightMissing
from console.item_sheet import MOST, ItemSheet
from console.rights import Right
from console.web.api.shapes import Word
from console.web.doors import Entered, Visitor, desk_of
from console.web.sending import WORKBOOK, send_made

router = APIRouter()
Flag = Annotated[str, Query(max_length=1)]
"""Set or empty."""


@router.get("/items.xlsx")
def items_workbook(
    request: Request,
    visitor: Entered,
    process: Word = "",
    state: Word = "",
    key: Word = "",
    run: Word = "",
    records: Flag = "",
) -> Response:
    """Send the list as a workbook."""
    sheet = _sheet(request, visitor, process, state, key, run, records=bool(records))
    title = text("work.sheet_title", town=desk_of(request).settings.town)
    return send_made(lambda path: sheet.write_workbook(path, title), "items.xlsx", WORKBOOK)


@router.get("/items.csv")
def items_csv(
    request: Request,
    visitor: Entered,
    process: Word = "",
    state: Word = "",
    key: Word = "",
    run: Word = "",
    records: Flag = "",
    encoding: Literal["utf-8-sig", "cp932"] = "utf-8-sig",
) -> Response:
    """Send the list as CSV; characters that the encoding does not know are told instead of replaced."""
    sheet = _sheet(request, visitor, process, state, key, run, records=bool(records))
    charset = "utf-8" if encoding == "utf-8-sig" else "windows-31j"
    return send_made(
        lambda path: sheet.write_csv(path, encoding), "items.csv", f"text/csv; charset={charset}"
    )


def _sheet(
    request: Request, visitor: Visitor, process: str, state: str, key: str, run: str, *, records: bool
) -> ItemSheet:
    desk = desk_of(request)
    if records and not visitor.user.may(Right.REVIEW):
        raise RightMissing("console.right_missing", where=request.url.path)
    items, _ = desk.work.items(
        visitor.user.scope,
        Page(MOST),
        process=process or None,
        states=[State(state)] if state in list(State) else None,
        key=key or None,
        run=run or None,
    )
    if records:
        subjects = [f"item/{item.id}" for item in items]
        desk.audit.note_all(visitor.user.name, "item.view", subjects, download=True)
    asked = {"process": process, "state": state, "run": run, "records": records, "items": len(items)}
    desk.audit.note(visitor.user.name, "item.download", request.url.path.removeprefix("/"), **asked)
    zone = ZoneInfo(desk.settings.timezone)
    return ItemSheet(items, desk.work.reasons(items), zone, records=records)
