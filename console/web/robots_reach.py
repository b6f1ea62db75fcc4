"""How far a robot that an author writes may reach: to records of the author's own departments, and of no others.

Whose records are whose is told by the books. A robot names in its text what it works on, so the text is asked before it
is tried and before it is kept: kept, it would make those records its department's own.
"""

from collections.abc import Collection

from backoffice.department_work import Page
from backoffice.work_items import State
from console.authoring.errors import AuthoringRefused
from console.web.desk import Desk
from console.web.doors import Visitor
from robots.model import Robot

WAITING = (State.NEW, State.RETRY)


def demand_own_trial(desk: Desk, visitor: Visitor, name: str, robot: Robot) -> None:
    """Make sure that a trial takes no record of another department: also the sample is a copy of one that waits.

    Raises:
        AuthoringRefused: Records of other departments are among those that the robot would take.
    """
    _demand("authoring.trial_foreign", desk, visitor, name, robot.items.process, WAITING)
    _demand("authoring.trial_foreign", desk, visitor, name, robot.items.of, (State.DONE,))


def demand_own_rehearsal(desk: Desk, visitor: Visitor, job: str) -> None:
    """Make sure that a rehearsal of a job's robot takes no record of another department, as `demand_own_trial` does.

    Raises:
        AuthoringRefused: Records of other departments are among those that the robot would take.
    """
    robot = desk.job_desk.robot_of(job)
    if robot is not None:
        demand_own_trial(desk, visitor, robot.robot, robot)


def demand_own_text(desk: Desk, visitor: Visitor, name: str, robot: Robot) -> None:
    """Make sure that a text to be kept names no business that has records of another department.

    Raises:
        AuthoringRefused: It does.
    """
    for process in (robot.items.process, robot.items.of):
        _demand("authoring.save_foreign", desk, visitor, name, process, None)


def _demand(
    key: str, desk: Desk, visitor: Visitor, name: str, process: str, states: Collection[State] | None
) -> None:
    scopes = (visitor.user.scope, None) if process else ()
    counts = {desk.work.items(one, Page(1), process=process, states=states)[1] for one in scopes}
    if len(counts) > 1:
        raise AuthoringRefused(key, where=name, name=name, process=process)
