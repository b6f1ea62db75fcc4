"""Drafts: unfinished robots that their authors keep on the server, errors and all, until they save or drop them.

A draft is one person's text for one robot. It is no robot: it lies in the database, never in configs/robots, so nothing
runs it, approves it or trips over it. Who keeps one says which draft he knows; when another of his pages has kept a
newer one meanwhile, nothing is overwritten.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.errors import DeclarationError
from backoffice.robot_tables import robot_drafts
from backoffice.yaml_source import read_yaml, secret_lines
from console.authoring.errors import AuthoringRefused, RobotChanged
from console.authoring.remarks import split_place
from console.authoring.versions import digest_of

MOST_OF_ONE = 50
"""So many drafts a person may have; the message asks to drop some."""
PASSWORD_IN_CLEAR = "backoffice.password_in_clear"
_table = robot_drafts.c


@dataclass(frozen=True)
class RobotDraft:
    """One person's unfinished text for one robot.

    Attributes:
        id: Its number.
        robot: The robot's name in addresses.
        who: Whose it is.
        sha256: Hash of the text.
        rests_on: Hash of the saved text that it was begun with; empty for a robot that is not saved yet.
        at: When it was kept last.
        script: The text; empty in a list.
    """

    id: int
    robot: str
    who: str
    sha256: str
    rests_on: str
    at: datetime
    script: str = ""


class DraftBook:
    """The drafts in the database.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def all(self) -> list[RobotDraft]:
        """Return every draft without its text, by robot and person."""
        columns = [one for one in _table if one.name != "script"]
        with self._reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(_table.robot, _table.who))
            return [RobotDraft(**row._mapping) for row in rows]

    def get(self, robot: str, number: int) -> RobotDraft | None:
        """Return one draft of a robot with its text; None when it has none of this number."""
        return self._one(_table.robot == robot, _table.id == number)

    def of(self, robot: str, who: str) -> RobotDraft | None:
        """Return a person's draft of a robot with its text; None when there is none."""
        return self._one(_table.robot == robot, _table.who == who)

    def keep(self, robot: str, who: str, script: str, *, rests_on: str, known: str) -> RobotDraft:
        """Keep a text as a person's draft of a robot.

        Args:
            robot: The robot's name in addresses.
            who: Whose draft it is.
            script: The text, with or without errors.
            rests_on: Hash of the saved text that it was begun with; empty for a new robot.
            known: Hash of the draft that this text replaces; empty where the person knows of none.

        Raises:
            RobotChanged: Another draft than the known one is kept there, with another text than this one.
            AuthoringRefused: The person has MOST_OF_ONE drafts already.
        """
        script = script.replace("\r\n", "\n")
        values = {"sha256": digest_of(script), "script": script, "rests_on": rests_on, "at": self._clock()}
        with suppress(IntegrityError), self._engine.begin() as connection:
            if known:
                mine = (_table.robot == robot, _table.who == who, _table.sha256 == known)
                connection.execute(robot_drafts.update().where(*mine).values(**values))
            else:
                self._demand_room(connection, who)
                connection.execute(robot_drafts.insert().values(robot=robot, who=who, **values))
        kept = self.of(robot, who)
        if kept is None or kept.sha256 != values["sha256"]:
            raise RobotChanged("authoring.draft_changed", where=robot, name=robot)
        return kept

    def drop(self, draft: RobotDraft) -> bool:
        """Let a draft go; False when it was gone, or replaced by a newer text, before."""
        same = (_table.id == draft.id, _table.sha256 == draft.sha256)
        with self._engine.begin() as connection:
            return connection.execute(robot_drafts.delete().where(*same)).rowcount == 1

    def _demand_room(self, connection: sa.Connection, who: str) -> None:
        query = sa.select(sa.func.count()).where(_table.who == who)
        if connection.execute(query).scalar_one() >= MOST_OF_ONE:
            raise AuthoringRefused("authoring.drafts_many", where=who, count=MOST_OF_ONE)

    def _one(self, *where: sa.ColumnElement[bool]) -> RobotDraft | None:
        with self._reading() as connection:
            row = connection.execute(sa.select(robot_drafts).where(*where)).first()
        return None if row is None else RobotDraft(**row._mapping)

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def demand_no_password(robot: str, script: str) -> None:
    """Make sure that a draft holds no password in clear; a text that cannot be read as YAML is looked at by lines.

    Raises:
        AuthoringRefused: It does; the error names the line.
    """
    try:
        read_yaml(Path(f"{robot}.yaml"), script)
    except DeclarationError as error:
        lines = [split_place(one.where)[1] for one in error.problems if one.key == PASSWORD_IN_CLEAR]
        lines = lines or secret_lines(script)
        if lines:
            raise AuthoringRefused("authoring.draft_password", where=robot, line=lines[0]) from error
