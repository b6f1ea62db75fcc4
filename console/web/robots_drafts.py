"""Drafts of robots on the pages: kept from the editor, shown to authors in the list, taken up again on another PC.

An author sees his own drafts, and those of authors with whom he shares a department: of the robot's own departments
where jobs run it already, and of the writer's where nothing tells yet whose it will be. Nobody else is told of them.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from console.authoring.drafts import RobotDraft, demand_no_password
from console.authoring.errors import RobotChanged, RobotMissing
from console.rights import Right
from console.web.doors import Entered, Visitor, desk_of
from console.web.robots_view import room_of

router = APIRouter()


class Drafting(BaseModel):
    """A text to be kept as a draft.

    Attributes:
        text: The text, errors and all.
        revision: Of the saved robot that the author began with, "" for a new robot.
        known: Hash of the draft that the page knows, "" for none.
        over: The author has been told that another page kept a newer draft, and wants this text in its place.
    """

    text: str = Field(max_length=900_000, pattern=r"^[^\x00]*$")
    revision: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    known: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    over: bool = False


@dataclass(frozen=True)
class DraftShown:
    """A draft as a list shows it.

    Attributes:
        draft: Without its text.
        mine: Whether it is the visitor's own.
        may_drop: Whether the visitor may drop it.
        saved: Whether there is a robot of this name.
    """

    draft: RobotDraft
    mine: bool
    may_drop: bool
    saved: bool


@router.post("/robots/{robot}/draft")
def keep_draft(request: Request, visitor: Entered, robot: str, given: Drafting) -> Response:
    """Keep the text of the editor as the author's draft."""
    room, who = room_of(request), visitor.user.name
    if robot not in room.shelf.names():
        room.shelf.demand_free(robot)
    demand_no_password(robot, given.text)
    present = room.drafts.of(robot, who) if given.over else None
    known = given.known if not given.over else present.sha256 if present is not None else ""
    kept = room.drafts.keep(robot, who, given.text, rests_on=given.revision, known=known)
    desk_of(request).audit.note(who, "robot.draft_keep", f"robot/{robot}", sha256=kept.sha256)
    return JSONResponse(draft_facts(kept))


@router.post("/robots/{robot}/drafts/{draft_number}/drop")
def drop_draft(request: Request, visitor: Entered, robot: str, draft_number: int) -> Response:
    """Let a draft go; the own one, or for who sees every department that of somebody who has left."""
    room, user = room_of(request), visitor.user
    draft = demand_draft(request, visitor, robot, draft_number)
    if draft.who != user.name and user.scope is not None:
        raise RobotMissing("authoring.draft_missing", where=str(draft_number))
    if not room.drafts.drop(draft):
        raise RobotChanged("authoring.draft_changed", where=robot, name=robot)
    about = {"sha256": draft.sha256, "of": draft.who}
    desk_of(request).audit.note(user.name, "robot.draft_drop", f"robot/{robot}", **about)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({})
    return RedirectResponse(f"/robots/{robot}" if robot in room.shelf.names() else "/robots", 303)


def drafts_shown(request: Request, visitor: Visitor, robot: str = "") -> list[DraftShown]:
    """Return the drafts that a person sees, of one robot or of all."""
    if not visitor.user.may(Right.ROBOTS):
        return []
    room, name = room_of(request), visitor.user.name
    names = room.shelf.names()
    return [
        DraftShown(one, one.who == name, one.who == name or visitor.user.scope is None, one.robot in names)
        for one in room.drafts.all()
        if (not robot or one.robot == robot) and _sees(request, visitor, one)
    ]


def demand_draft(request: Request, visitor: Visitor, robot: str, number: int) -> RobotDraft:
    """Return a draft with its text.

    Raises:
        RobotMissing: There is none of this number, or it is not for this person's eyes.
    """
    found = room_of(request).drafts.get(robot, number) if 0 < number < 2**31 else None
    if found is None or not visitor.user.may(Right.ROBOTS) or not _sees(request, visitor, found):
        raise RobotMissing("authoring.draft_missing", where=str(number)[:20])
    return found


def draft_facts(draft: RobotDraft) -> dict[str, object]:
    """Return a draft for the editor's script, without its text."""
    return {"id": draft.id, "who": draft.who, "sha256": draft.sha256, "rests_on": draft.rests_on}


def _sees(request: Request, visitor: Visitor, draft: RobotDraft) -> bool:
    user = visitor.user
    if user.name == draft.who or user.scope is None:
        return True
    owners = room_of(request).departments(draft.robot)
    return user.sees_any(owners or _departments(request, draft.who))


def _departments(request: Request, who: str) -> frozenset[str]:
    """Return the departments of a person; none for one who is gone."""
    person = desk_of(request).users.find(who)
    return frozenset() if person is None else person.departments
