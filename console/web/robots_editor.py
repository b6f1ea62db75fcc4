"""The editor for robots: what is typed is checked as it would be loaded, and saved only as it was shown.

A save says on which text it rests. When that is not the text that lies there, nothing is written and the page asks. The
text goes to the server in the body of a request; names of files come from the folder's listing.
"""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from backoffice.errors import HakadoriError
from console.authoring.drafts import RobotDraft
from console.authoring.room import RobotRoom, beginnings
from console.authoring.shelf import Check
from console.web.designer_view import as_script
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page
from console.web.robots_drafts import demand_draft, draft_facts, drafts_shown
from console.web.robots_reach import demand_own_text
from console.web.robots_view import editor_facts, room_of, sections, word

router = APIRouter()
Line = Annotated[str, Query(max_length=200)]


class Writing(BaseModel):
    """A text as it stands in the editor."""

    text: str = Field(max_length=900_000, pattern=r"^[^\x00]*$")


class Keeping(Writing):
    """A text to be saved.

    Attributes:
        revision: Of the text that the author began with, "" for a new robot.
        why: What the author says about the change.
        draft: Hash of the draft that the page knows; it goes with the save, a newer one stays.
        over: The author has seen that somebody else was faster, and wants the difference to what lies there now.
    """

    revision: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    over: bool = False
    draft: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    why: str = Field("", max_length=1000, pattern=r"^[^\x00]*$")


@router.get("/robots/new")
def begin_new(
    request: Request, visitor: Entered, name: Line = "", title: Line = "", beginning: Line = ""
) -> Response:
    """Open the editor with a sample to begin with, or say why the name cannot be taken."""
    room = room_of(request)
    try:
        room.begun(beginning, name, title)
    except HakadoriError as error:
        parts = error.parts()
        return page(
            request,
            "robots.html",
            status=400,
            visitor=visitor,
            w=word,
            bad=f"{parts.what}。{parts.do}" if parts.what[-1:] not in "。." else f"{parts.what}{parts.do}",
            wanted={"name": name, "title": title, "beginning": beginning},
            sights=room.sights(visitor.user.scope),
            drafts=drafts_shown(request, visitor),
            beginnings=beginnings(),
            department=desk_of(request).department,
        )
    target = request.url_for("edit_page", robot=name).include_query_params(beginning=beginning, title=title)
    return RedirectResponse(f"{target.path}?{target.query}", 303)


@router.get("/robots/{robot}/edit")
def edit_page(
    request: Request,
    visitor: Entered,
    robot: str,
    beginning: Line = "",
    title: Line = "",
    draft: Annotated[int, Query(ge=0)] = 0,
    trial: Line = "",
) -> Response:
    """Show the editor with a robot; for one not saved yet with a sample, a draft, or the text of the author's trial."""
    room = room_of(request)
    is_new = robot not in room.shelf.names()
    own = room.drafts.of(robot, visitor.user.name)
    other = demand_draft(request, visitor, robot, draft) if draft else None
    tried = _tried(room, visitor, robot, trial) if is_new else ""
    begun = room.begun(beginning, robot, title) if is_new and beginning else tried
    drafted = own is not None or other is not None
    script = None if is_new and (begun or drafted) else room.shelf.read(robot)
    given = script.text if script is not None else begun
    facts = editor_facts(room, script, robot, given, visitor)
    facts["draft"] = _draft_told(request, own)
    facts["other"] = _draft_told(request, other if other is not None and other != own else None)
    return page(
        request,
        "robots_edit.html",
        visitor=visitor,
        w=word,
        name=robot,
        script=script,
        text_given=given,
        given=as_script(facts),
    )


@router.post("/robots/{robot}/check")
def check(request: Request, visitor: Entered, robot: str, given: Writing) -> Response:
    """Say what is wrong with a text, line by line, and what it would do."""
    found = room_of(request).shelf.check(robot, given.text)
    return JSONResponse(_told(found))


@router.post("/robots/{robot}/difference")
def difference(request: Request, visitor: Entered, robot: str, given: Keeping) -> Response:
    """Show what a save would change, with what is wrong with the text, the town's jobs included.

    When the robot is another one than the author began with, that is told in its place.
    """
    shelf = room_of(request).shelf
    now = shelf.revision(robot) if given.over else shelf.demand(robot, given.revision)
    found = shelf.check_whole(robot, given.text)
    path = shelf.names().get(robot)
    told = {"lines": shelf.difference(robot, given.text), "revision": now}
    return JSONResponse(_told(found) | told | {"file": path.name if path else f"{robot}.yaml"})


@router.post("/robots/{robot}/save")
def save(request: Request, visitor: Entered, robot: str, given: Keeping) -> Response:
    """Write the text that the person was shown."""
    who, room = visitor.user.name, room_of(request)
    written = room.shelf.check(robot, given.text).robot
    if written is not None:
        demand_own_text(desk_of(request), visitor, robot, written)
    script = room.shelf.save(robot, given.text, given.revision, who, given.why.strip())
    desk_of(request).audit.note(who, "robot.save", f"robot/{robot}", sha256=script.revision)
    draft = room.drafts.of(robot, who)
    if draft is not None and draft.sha256 in (given.draft, script.revision) and room.drafts.drop(draft):
        about = {"sha256": draft.sha256, "of": draft.who}
        desk_of(request).audit.note(who, "robot.draft_drop", f"robot/{robot}", **about)
    return JSONResponse({"revision": script.revision, "file": script.path.name})


def _told(found: Check) -> dict[str, Any]:
    told = [
        {"title": one.title, "sentences": [vars(sentence) for sentence in one.sentences]}
        for one in sections(found.robot)
    ]
    return {"remarks": [remark.as_json() for remark in found.remarks], "sections": told}


def _tried(room: RobotRoom, visitor: Visitor, robot: str, trial_id: str) -> str:
    """Return the text of a person's own trial; empty when there is no such trial."""
    trial = room.trials.find(trial_id, robot)
    return room.trials.text(trial) if trial is not None and trial.who == visitor.user.name else ""


def _draft_told(request: Request, draft: RobotDraft | None) -> dict[str, Any] | None:
    """Return a draft for the editor's script, with its text and the moment as people read it."""
    if draft is None:
        return None
    at = draft.at.astimezone(ZoneInfo(desk_of(request).settings.timezone))
    return draft_facts(draft) | {"text": draft.script, "at": f"{at:%Y-%m-%d %H:%M}"}
