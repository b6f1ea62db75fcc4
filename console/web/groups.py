"""まとめて確認: the same character of many documents side by side; wrong ones are taken out, the rest confirmed."""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, StringConstraints

from backoffice.messages import has_text, room_catalogue, text
from backoffice.turns import Line
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.grouping import Decided, Grouping
from console.web.rendering import page
from console.web.review_answers import Narrowed, Spent
from console.web.sheets import COLUMNS, PER_SHEET, draw_sheet, tile_size
from console.web.tiles import MOST_TILES, SORTS, Kind, Tile, TileFinder
from console.web.waiting import query_of

router = APIRouter()
GROUP = 0
"""Stands for the document in the token of a page that shows many; no document has this number."""
Word = Annotated[str, StringConstraints(max_length=400)]


class Said(BaseModel):
    """What a person says of one tile."""

    document: int = Field(gt=0, lt=2**31)
    revision: int
    position: int = Field(ge=0, le=10_000)
    place: int = Field(ge=-1, le=10_000)
    read: Word
    now: Word


class Confirmed(Spent):
    """What a person says of many tiles."""

    tiles: list[Said] = Field(max_length=100)


@router.get("/groups")
def groups_page(request: Request, visitor: Entered, within: Narrowed) -> Response:
    """Show which characters wait, of one form and of one department at choice."""
    desk = desk_of(request)
    waiting = desk.documents.waiting.groups(visitor.user.scope)
    kinds = TileFinder(desk).kinds(_line(visitor, within.form, within.department)) if within.form else {}
    sections: dict[str, list[tuple[Kind, str, int]]] = defaultdict(list)
    for kind, count in sorted(kinds.items(), key=lambda one: (one[0].of, one[0].value)):
        sections[kind.sort].append((kind, kind_words(kind), count))
    return page(
        request,
        "groups.html",
        visitor=visitor,
        desk=desk,
        forms=sorted({group.form for group in waiting}),
        departments=sorted({group.department for group in waiting}),
        sections=[(sort, sections[sort]) for sort in SORTS if sections[sort]],
        within=within,
        query=query_of(within),
    )


@router.get("/groups/tiles")
def tiles_page(
    request: Request, visitor: Entered, within: Narrowed, value: Word = "", of: Word = ""
) -> Response:
    """Show the tiles of one character class; every document of which a part is shown goes into the audit trail."""
    desk, now, user = desk_of(request), desk_of(request).clock(), visitor.user
    kind = Kind(of, value)
    every = (
        TileFinder(desk).tiles(_line(visitor, within.form, within.department), kind) if within.form else []
    )
    tiles = every[:MOST_TILES]
    Grouping(desk, user).show(tiles, kind)
    return page(
        request,
        "group_tiles.html",
        visitor=visitor,
        desk=desk,
        kind=kind,
        words=kind_words(kind),
        tiles=tiles,
        total=len(every),
        query=query_of(within),
        within=within,
        given=_given(desk, visitor, tiles, kind) | {"query": query_of(within)},
        view=desk.signer.view(GROUP, user.name, now),
    )


@router.get("/groups/sheet")
def sheet(request: Request, visitor: Entered, token: str = "") -> Response:
    """Return a picture with the tiles of a token; of other departments' documents nothing is on it."""
    desk = desk_of(request)
    cells = desk.signer.sheets.read_sheet(token, visitor.user.name, desk.clock())[:PER_SHEET]
    own = {number for number in {cell[0] for cell in cells} if _is_own(desk, visitor, number)}
    fields = {(one.document, one.position): one for one in desk.documents.cells.fields_of(own)}
    content = draw_sheet(desk, cells or [(GROUP, 0, 0)], fields)
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


@router.post("/groups/confirm")
def confirm(request: Request, visitor: Entered, given: Confirmed) -> Response:
    """Keep what a person says of tiles; answers which could not be kept and what became of the documents."""
    desk, grouping = desk_of(request), Grouping(desk_of(request), visitor.user)
    result = grouping.confirm([Decided(**said.model_dump()) for said in given.tiles])
    if result.documents:
        grouping.book(result.documents, _seconds(desk, visitor, given))
    return JSONResponse(
        {
            "stale": [_address(one) for one in result.stale],
            "wrong": [_address(one) for one in result.wrong],
            "kept": result.kept,
            "fields": result.fields,
            "recorded": result.recorded,
            "refused": result.refused,
            "revisions": {str(number): revision for number, revision in result.revisions.items()},
            "view": desk.signer.view(GROUP, visitor.user.name, desk.clock()),
        }
    )


def kind_words(kind: Kind) -> str:
    """Return a character class as people read it."""
    if not kind.of:
        return text("queue.space") if kind.value == "　" else kind.value
    for key in (f"console.value_{kind.value}", f"console.check_{kind.value}"):
        if kind.value.isascii() and has_text(key):
            return f"{kind.of}: {text(key)}"
    return f"{kind.of}: {kind.value}"


def _given(desk: Desk, visitor: Visitor, tiles: list[Tile], kind: Kind) -> dict[str, Any]:
    """Return what the page's script works with."""
    cells = [(tile.document, tile.position, tile.place) for tile in tiles]
    sheets = [cells[first : first + PER_SHEET] for first in range(0, len(cells), PER_SHEET)]
    now, user = desk.clock(), visitor.user.name
    width, height = tile_size(cells)
    return {
        "tiles": [
            [tile.document, tile.revision, tile.position, tile.place, tile.name, tile.read] for tile in tiles
        ],
        "sheets": [desk.signer.sheets.sheet(part, user, now) for part in sheets],
        "per_sheet": PER_SHEET,
        "columns": COLUMNS,
        "size": [width, height],
        "typed": not kind.of,
        "user": user,
        "csrf": visitor.csrf,
        "idle": desk.settings.web.idle_seconds,
        "texts": {
            name.removeprefix("js_"): text(f"queue.{name}")
            for name in room_catalogue("queue")["texts"]
            if name.startswith("js_")
        },
    }


def _line(visitor: Visitor, form: str, department: str) -> Line:
    return Line(visitor.user.scope, form, department)


def _is_own(desk: Desk, visitor: Visitor, number: int) -> bool:
    department = desk.work.department_of_document(number)
    return department is not None and visitor.user.sees(department)


def _seconds(desk: Desk, visitor: Visitor, given: Spent) -> float:
    """Return the seconds that the page measured, none twice and never more than passed since its last token."""
    view = desk.signer.read_view(given.view, desk.clock())
    if view is None or view.document != GROUP or view.user != visitor.user.name:
        return 0.0
    return desk.timesheet.take(visitor.user.name, given.seconds, view.since, desk.clock())


def _address(one: Decided) -> list[int]:
    return [one.document, one.position, one.place]
