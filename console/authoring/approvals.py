"""Letting a robot into the night: a second person approves one exact content, or sends it back with a reason.

Nobody approves a text with his own work in it since the last approval. Whose work that is, the book of versions tells;
what was changed outside the console has no author, and the pages say so.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.robot_tables import robot_refusals
from console.authoring.errors import AuthoringRefused, OwnWork, RobotChanged
from console.authoring.versions import Authors, VersionBook, digest_of
from console.robot_approval import ApprovalState
from robots.approval import Approval, ApprovalBook, content_hash
from robots.model import Robot


@dataclass(frozen=True)
class Refusal:
    """A content that an approver sent back.

    Attributes:
        robot: The robot's name.
        sha256: Hash of the content.
        who: The approver.
        at: When.
        why: What is to be mended.
    """

    robot: str
    sha256: str
    who: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Standing:
    """How a robot's present content stands with the approvers.

    Attributes:
        sha256: Hash of the content: the text and all that it takes in.
        state: Whether it is approved, and what was approved last.
        authors: Whose work is in it since then.
        refusal: Who sent exactly this content back, and why; None when nobody did.
    """

    sha256: str
    state: ApprovalState
    authors: Authors
    refusal: Refusal | None

    @property
    def word(self) -> str:
        """The state in a word: "approved", "refused", "changed" (since an approval) or "unapproved"."""
        if self.state.present is not None:
            return "approved"
        if self.refusal is not None:
            return "refused"
        return "unapproved" if self.state.last is None else "changed"

    def may_decide(self, who: str) -> bool:
        """Say whether a person may approve it: nothing of it is his own."""
        return who not in self.authors.names


class Approvals:
    """Approvals and refusals over one database.

    Args:
        engine: The migrated database.
        demanded: Whether jobs run approved robots only.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, *, demanded: bool, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._demanded = demanded
        self._clock = clock
        self._book = ApprovalBook(engine, clock)
        self._versions = VersionBook(engine, clock)

    def standing(self, robot: Robot) -> Standing:
        """Return how a robot's present content stands."""
        state = ApprovalState(self._book.of(robot), self._book.last(robot.robot), self._demanded)
        sha256 = content_hash(robot)
        return Standing(sha256, state, self._authors(robot, state.last), self._refusal(robot.robot, sha256))

    def rests_on(self, robot: str, text: str) -> bool:
        """Say whether jobs run approved robots only, and this text is the one that was approved last."""
        last = self._book.last(robot) if self._demanded else None
        return last is not None and last.script == text

    def approve(self, robot: Robot, who: str, sha256: str | None = None) -> Approval:
        """Enter an approval.

        Args:
            robot: The robot.
            who: The approver.
            sha256: Hash of the content that was shown; None when what lies there now is meant.

        Raises:
            RobotChanged: The content is another one than was shown.
            OwnWork: Something of it is the approver's own work.
        """
        self._demand(robot, who, sha256)
        return self._book.approve(robot, who)

    def refuse(self, robot: Robot, who: str, sha256: str, why: str) -> Refusal:
        """Send a content back.

        Raises:
            RobotChanged: The content is another one than was shown.
            AuthoringRefused: No reason was given.
        """
        if not why.strip():
            raise AuthoringRefused("authoring.reason_missing", where=robot.robot)
        if content_hash(robot) != sha256:
            raise RobotChanged("authoring.changed_meanwhile", where=robot.robot, name=robot.robot)
        refusal = Refusal(robot.robot, sha256, who, self._clock(), why.strip())
        with self._engine.begin() as connection:
            connection.execute(robot_refusals.insert().values(**vars(refusal)))
        return refusal

    def _demand(self, robot: Robot, who: str, sha256: str | None) -> None:
        if sha256 is not None and content_hash(robot) != sha256:
            raise RobotChanged("authoring.changed_meanwhile", where=robot.robot, name=robot.robot)
        if who in self._authors(robot, self._book.last(robot.robot)).names:
            raise OwnWork("authoring.own_work", where=robot.robot, name=robot.robot, who=who)

    def _authors(self, robot: Robot, last: Approval | None) -> Authors:
        approved = digest_of(last.script) if last is not None else ""
        return self._versions.authors(robot.source.path.name, robot.source.sha256, approved)

    def _refusal(self, robot: str, sha256: str) -> Refusal | None:
        table = robot_refusals
        query = sa.select(table).where(table.c.robot == robot, table.c.sha256 == sha256)
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
        if row is None:
            return None
        return Refusal(row.robot, row.sha256, row.who, row.at, row.why)
