"""The versions of robots saved in the console: every text that a file had, who saved it and why.

The book is only added to. It answers two questions: what stood there before, and whose work is in the present text, so
that nobody approves his own.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.robot_tables import robot_versions


@dataclass(frozen=True)
class Version:
    """One text of a robot's file.

    Attributes:
        id: Its number, rising.
        file: Name of the file.
        sha256: Hash of the text.
        who: Who saved it; empty for a text that was written outside the console.
        at: When it was saved, or first met.
        why: What the author said about it.
        script: The text; empty in a list.
    """

    id: int
    file: str
    sha256: str
    who: str
    at: datetime
    why: str
    script: str = ""


@dataclass(frozen=True)
class Authors:
    """Whose work is in a text since it was last approved.

    Attributes:
        names: Who saved it in the console, the last one first.
        outside: Somebody changed it outside the console too, nobody knows who.
        saves: What they saved, without the texts, the last one first.
    """

    names: tuple[str, ...] = ()
    outside: bool = False
    saves: tuple[Version, ...] = ()


def digest_of(text: str) -> str:
    """Return the revision of a robot's text: its SHA-256, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


class VersionBook:
    """The versions in the database.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, connection: sa.Connection, file: str, text: str, who: str, why: str) -> None:
        """Enter a text, within the transaction in which its file is written."""
        row: dict[str, Any] = {"file": file, "sha256": digest_of(text), "script": text}
        row |= {"who": who, "why": why, "at": self._clock()}
        connection.execute(robot_versions.insert().values(row))

    def of(self, file: str, limit: int = 200) -> list[Version]:
        """Return the versions of a file without their texts, newest first."""
        columns = [one for one in robot_versions.c if one.name != "script"]
        query = sa.select(*columns).where(robot_versions.c.file == file)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(robot_versions.c.id.desc()).limit(limit))
            return [Version(**row._mapping) for row in rows]

    def get(self, file: str, number: int) -> Version | None:
        """Return one version of a file with its text; None when it has none of this number."""
        query = sa.select(robot_versions).where(robot_versions.c.file == file, robot_versions.c.id == number)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Version(**row._mapping)

    def newest(self, file: str) -> Version | None:
        """Return the newest version of a file, without its text."""
        return next(iter(self.of(file, 1)), None)

    def authors(self, file: str, present: str, approved: str) -> Authors:
        """Return whose work is in the present text since the approved one.

        Args:
            file: Name of the file.
            present: Hash of the text as it lies there now.
            approved: Hash of the text that was approved last; empty when none was.
        """
        if present == approved:
            return Authors()
        versions = self.of(file)
        outside = not versions or versions[0].sha256 != present
        since = list(takewhile(lambda version: version.sha256 != approved, versions))
        saves = tuple(version for version in since if version.who)
        outside = outside or len(saves) < len(since)
        return Authors(tuple(dict.fromkeys(version.who for version in saves)), outside, saves)

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)
