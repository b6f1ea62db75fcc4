"""Whether a robot's present content is approved, for the person who reads what it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backoffice.clock import local_time
from backoffice.messages import text
from console.wiring import Office
from robots.approval import Approval, ApprovalBook
from robots.model import Robot


@dataclass(frozen=True)
class ApprovalState:
    """How a robot stands with the approvers.

    Attributes:
        present: The approval of exactly this content; None when there is none.
        last: The newest approval of the robot, whatever its content was.
        demanded: Whether jobs run approved content only.
    """

    present: Approval | None
    last: Approval | None
    demanded: bool

    def told(self) -> Iterator[str]:
        """Yield it for people, under a heading."""
        known = self.present or self.last
        key = "unapproved" if known is None else "approved" if self.present is not None else "changed"
        values: dict[str, Any] = {}
        if known is not None:
            values = {"who": known.who, "at": local_time(known.at), "version": known.version}
        yield text("explain.approval")
        yield f"  - {text(f'explain.{key}', **values)}"
        if self.demanded:
            yield f"  - {text('explain.approval_demanded')}"

    def facts(self) -> dict[str, Any]:
        """Return it for programs."""
        known = self.present or self.last
        return {
            "approved": self.present is not None,
            "by": known.who if known is not None else None,
            "at": known.at.isoformat() if known is not None else None,
            "demanded": self.demanded,
        }


def approval_of(office: Office, robot: Robot) -> ApprovalState:
    """Look up how a robot stands with the approvers."""
    book = ApprovalBook(office.engine, office.clock)
    return ApprovalState(book.of(robot), book.last(robot.robot), office.settings.robots.require_approval)
