"""Approving a robot: an approver sees what it does, what changed, whose work it is, and decides about exactly that."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from console.authoring.errors import AuthoringRefused
from console.authoring.shelf import difference
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page
from console.web.robots_view import remarks_by_line, room_of, sections, word
from robots.approval import parts_changed_since
from robots.model import Robot

router = APIRouter()
Hash = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]


@router.get("/robots/{robot}/approval")
def approval_page(request: Request, visitor: Entered, robot: str) -> Response:
    """Show what an approver must know of a robot's present content."""
    sight = room_of(request).sight(robot, visitor.user.scope)
    standing = sight.standing
    last = standing.state.last if standing is not None else None
    robot_now = sight.check.robot
    lines = difference(last.script, sight.script.text, 3) if last is not None else []
    return page(
        request,
        "robots_approval.html",
        visitor=visitor,
        w=word,
        sight=sight,
        standing=standing,
        lines=lines,
        parts=[] if robot_now is None else parts_changed_since(robot_now, last),
        sections=sections(sight.check.robot),
        notes=remarks_by_line(sight.check.remarks),
        may=standing is not None and standing.may_decide(visitor.user.name),
    )


@router.post("/robots/{robot}/approve")
def approve(request: Request, visitor: Entered, robot: str, sha256: Hash) -> Response:
    """Approve the content that was shown."""
    wanted = _wanted(request, visitor, robot)
    approval = room_of(request).approvals.approve(wanted, visitor.user.name, sha256)
    return _done(request, visitor, robot, "robot.approve", approval.sha256, wanted)


@router.post("/robots/{robot}/refuse")
def refuse(
    request: Request,
    visitor: Entered,
    robot: str,
    sha256: Hash,
    why: Annotated[str, Form(max_length=2000, pattern=r"^[^\x00]*$")] = "",
) -> Response:
    """Send the content that was shown back to its author."""
    wanted = _wanted(request, visitor, robot)
    refusal = room_of(request).approvals.refuse(wanted, visitor.user.name, sha256, why)
    return _done(request, visitor, robot, "robot.refuse", refusal.sha256, wanted)


def _wanted(request: Request, visitor: Visitor, robot: str) -> Robot:
    check = room_of(request).sight(robot, visitor.user.scope).check
    if check.robot is None:
        raise AuthoringRefused("authoring.has_errors", where=robot, name=robot, count=check.count("error"))
    return check.robot


def _done(
    request: Request, visitor: Visitor, name: str, what: str, sha256: str, robot: Robot
) -> RedirectResponse:
    about = {"version": robot.version, "sha256": sha256}
    desk_of(request).audit.note(visitor.user.name, what, f"robot/{robot.robot}", **about)
    return RedirectResponse(f"/robots/{name}", 303)
