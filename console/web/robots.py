"""ロボット: the list of robots, one robot explained beside its text with its versions, and trials of it.

Who works with items may read what robots do; authors change and try them (`robots_editor.py`), approvers let them into
the night (`robots_approval.py`). A robot belongs to the departments whose jobs run it; one that no job runs yet is
everybody's.
"""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from console.authoring.errors import AuthoringRefused, RobotMissing
from console.authoring.room import beginnings
from console.authoring.trials import MOST_RECORDS, Trial
from console.web.designer import side_by_side
from console.web.doors import Entered, Visitor, desk_of
from console.web.progress import looking
from console.web.rendering import page
from console.web.robots_drafts import demand_draft, drafts_shown
from console.web.robots_reach import demand_own_trial
from console.web.robots_view import (
    PRESENT,
    remarks_by_line,
    room_of,
    sections,
    trial_parts,
    version_rows,
    version_text,
    version_title,
    word,
)

router = APIRouter()
Way = Literal["sample", "waiting"]
Count = Annotated[int, Form(ge=1, le=MOST_RECORDS)]


class Trying(BaseModel):
    """A text to be tried as it stands in the editor."""

    text: str = Field(max_length=900_000)
    way: Way = "sample"
    limit: int = Field(3, ge=1, le=MOST_RECORDS)


@router.get("/robots")
def robots_page(request: Request, visitor: Entered) -> Response:
    """List the robots, and how to begin a new one."""
    room = room_of(request)
    return page(
        request,
        "robots.html",
        visitor=visitor,
        w=word,
        sights=room.sights(visitor.user.scope),
        drafts=drafts_shown(request, visitor),
        beginnings=beginnings(),
        department=desk_of(request).department,
    )


@router.get("/robots/{robot}")
def robot_page(request: Request, visitor: Entered, robot: str) -> Response:
    """Explain one robot beside its text."""
    room = room_of(request)
    sight = room.sight(robot, visitor.user.scope)
    return page(
        request,
        "robots_one.html",
        visitor=visitor,
        w=word,
        sight=sight,
        sections=sections(sight.check.robot),
        notes=remarks_by_line(sight.check.remarks),
        versions=version_rows(room, sight),
        drafts=drafts_shown(request, visitor, robot),
        trials=room.trials.of(robot),
        most=MOST_RECORDS,
    )


@router.get("/robots/{robot}/compare")
def compare_page(
    request: Request,
    visitor: Entered,
    robot: str,
    left: Annotated[str, Query(max_length=100)],
    right: Annotated[str, Query(max_length=100)] = PRESENT,
) -> Response:
    """Show two versions of a robot side by side."""
    room = room_of(request)
    sight = room.sight(robot, visitor.user.scope)
    zone = ZoneInfo(desk_of(request).settings.timezone)
    rows = version_rows(room, sight)

    def found(name: str) -> tuple[str, str]:
        if name.startswith("draft-") and name[6:].isdecimal():
            draft = demand_draft(request, visitor, robot, int(name[6:][:10]))
            at = draft.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            return word("draft_of", who=draft.who, at=at), draft.script
        title = version_title(rows, name, lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
        return title, version_text(room, sight, name)

    titles, texts = zip(*(found(name) for name in (left, right)), strict=True)
    return page(
        request,
        "robots_compare.html",
        visitor=visitor,
        w=word,
        sight=sight,
        titles=titles,
        rows=side_by_side(*(text.splitlines() for text in texts)),
    )


@router.post("/robots/{robot}/trials")
def begin_trial(
    request: Request,
    visitor: Entered,
    robot: str,
    way: Annotated[Way, Form()] = "sample",
    limit: Count = 3,
) -> Response:
    """Try a robot as it is saved."""
    script = room_of(request).shelf.read(robot)
    trial = _begin(request, visitor, robot, script.text, way=way, limit=limit, saved=True)
    return RedirectResponse(f"/robots/{robot}/trials/{trial.id}", 303)


@router.post("/robots/{robot}/try")
def try_text(request: Request, visitor: Entered, robot: str, given: Trying) -> Response:
    """Try a robot as it stands in the editor, before it is saved."""
    trial = _begin(request, visitor, robot, given.text, way=given.way, limit=given.limit, saved=False)
    return JSONResponse({"trial": trial.id}, 201)


@router.get("/robots/{robot}/trials/{trial_id}")
def trial_page(request: Request, visitor: Entered, robot: str, trial_id: str) -> Response:
    """Show how far a trial is, and at last what it did."""
    trial = _trial(request, visitor, robot, trial_id)
    if not trial.open:
        desk_of(request).audit.note(visitor.user.name, "robot.trial_view", f"robot/{robot}", trial=trial.id)
    return page(
        request,
        "robots_trial.html",
        visitor=visitor,
        w=word,
        trial=trial,
        parts=trial_parts(trial),
        sight=_title_of(request, visitor, robot),
        known=robot in room_of(request).shelf.names(),
    )


@router.get("/robots/{robot}/trials/{trial_id}/progress")
def trial_progress(request: Request, visitor: Entered, robot: str, trial_id: str) -> Response:
    """Say once how far a trial is, to a page that got no stream; asking does not keep the session alive."""
    request.state.session = None
    told = _how_far(_trial(request, visitor, robot, trial_id))
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.get("/robots/{robot}/trials/{trial_id}/events")
async def trial_events(request: Request, visitor: Entered, robot: str, trial_id: str) -> Response:
    """Tell a page how far a trial is, a beat a second, until it is over or the person may not look any more."""
    request.state.session = None

    def read() -> dict[str, Any]:
        return _how_far(_trial(request, visitor, robot, trial_id))

    return desk_of(request).streams.open(visitor.user.name, looking(request, "a trial", read))


@router.post("/robots/{robot}/trials/{trial_id}/stop")
def stop_trial(request: Request, visitor: Entered, robot: str, trial_id: str) -> Response:
    """Ask a trial to end after the record in hand."""
    trial = _trial(request, visitor, robot, trial_id)
    room_of(request).trials.stop(trial)
    desk_of(request).audit.note(visitor.user.name, "robot.try_stop", f"robot/{robot}", trial=trial.id)
    return RedirectResponse(f"/robots/{robot}/trials/{trial.id}", 303)


def _begin(
    request: Request, visitor: Visitor, name: str, text: str, *, way: Way, limit: int, saved: bool
) -> Trial:
    room = room_of(request)
    if name not in room.shelf.names():
        room.shelf.demand_free(name)
    check = room.shelf.check(name, text)
    if check.robot is None:
        raise AuthoringRefused("authoring.has_errors", where=name, name=name, count=check.count("error"))
    demand_own_trial(desk_of(request), visitor, name, check.robot)
    trial = room.trials.begin(name, check.robot, visitor.user.name, way=way, limit=limit, saved=saved)
    about = {"trial": trial.id, "way": way, "sha256": check.robot.source.sha256}
    desk_of(request).audit.note(visitor.user.name, "robot.try", f"robot/{name}", **about)
    return trial


def _trial(request: Request, visitor: Visitor, robot: str, trial_id: str) -> Trial:
    """Return a trial; of a robot that no job runs yet, only to who tried it or sees every department."""
    room, user = room_of(request), visitor.user
    trial = room.trials.find(trial_id, robot)
    strange = trial is not None and user.name != trial.who and user.scope is not None
    if trial is None or (strange and not room.departments(robot)):
        raise RobotMissing("authoring.trial_missing", where=trial_id[:40])
    return trial


def _how_far(trial: Trial) -> dict[str, Any]:
    return {"state": trial.state, "over": not trial.open, "progress": dict(trial.progress)}


def _title_of(request: Request, visitor: Visitor, robot: str) -> str:
    room = room_of(request)
    return room.sight(robot, visitor.user.scope).title or robot if robot in room.shelf.names() else robot
