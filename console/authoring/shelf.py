"""The robots of the town as they lie in configs/robots: read, checked and saved by people in the console.

A robot with errors is never written: one broken file would keep every robot from running. A file is only replaced when
it still is what the author began with, and what it replaces stays in the book of versions. Names come from the listing
of the folder, never from a path that a browser sends.
"""

import difflib
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from backoffice.errors import DeclarationError, Problem
from backoffice.files import safe_name, write_atomically
from backoffice.yaml_source import read_yaml
from console.authoring.errors import AuthoringRefused, RobotChanged, RobotMissing
from console.authoring.known import Known
from console.authoring.remarks import Remark, errors_of, warnings_of
from console.authoring.versions import VersionBook, digest_of
from robots.model import Robot, robot_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
KEPT_CHECKS = 200
"""So many results of checks are remembered, so that the list of robots need not check all of them again."""


@dataclass(frozen=True)
class Script:
    """A robot's file as it lies there.

    Attributes:
        name: What it is called in addresses: the file's name, without `.yaml`.
        path: The file.
        text: Its text; with marks in the place of bytes that are no UTF-8.
        revision: Hash of the text.
        readable: Whether it is UTF-8, so that it can be changed here.
    """

    name: str
    path: Path
    text: str
    revision: str
    readable: bool = True


@dataclass(frozen=True)
class Check:
    """What the validator says of a text.

    Attributes:
        robot: The robot, when there is no error.
        remarks: Errors and warnings, by line.
    """

    robot: Robot | None
    remarks: tuple[Remark, ...]

    def count(self, level: str) -> int:
        """Return how many remarks are of a level."""
        return sum(remark.level == level for remark in self.remarks)


class RobotShelf:
    """The robots of one installation.

    Args:
        folder: configs/robots.
        engine: The database, for the versions.
        known: What names exist.
        versions: The book of versions.
        prove: Called with a robot and its file's path before it is saved; raises DeclarationError when the town's jobs
            would not fit it any more.
        saved: Called after a robot was saved, so that what runs them reads them again.
    """

    def __init__(
        self,
        folder: Path,
        engine: sa.Engine,
        known: Known,
        versions: VersionBook,
        *,
        prove: Callable[[Robot, Path], None],
        saved: Callable[[], None],
    ) -> None:
        self.folder = folder
        self.known = known
        self.versions = versions
        self._engine = engine
        self._prove = prove
        self._saved = saved
        self._lock = threading.Lock()
        self._checks: dict[tuple[object, ...], Check] = {}

    def names(self) -> dict[str, Path]:
        """Return every robot's file by its name in addresses."""
        files = sorted(self.folder.glob("*.y*ml")) if self.folder.is_dir() else []
        named = [path for path in files if path.suffix in (".yaml", ".yml") and path.is_file()]
        return {path.stem if path.suffix == ".yaml" else path.name: path for path in named}

    def read(self, name: str) -> Script:
        """Return a robot's file.

        Raises:
            RobotMissing: There is none of this name.
        """
        path = self.names().get(name)
        if path is None:
            raise RobotMissing("authoring.robot_missing", where=name[:60], name=name[:60])
        raw = path.read_bytes()
        try:
            told, readable = raw.decode("utf-8-sig"), True
        except UnicodeDecodeError:
            told, readable = raw.decode("utf-8", errors="replace"), False
        return Script(name, path, told, digest_of(told), readable)

    def demand_free(self, name: str) -> None:
        """Make sure that a new robot may have this name.

        Raises:
            AuthoringRefused: It is no name, or it is taken.
        """
        if name == "new" or not _NAME.fullmatch(name) or safe_name(f"{name}.yaml") != f"{name}.yaml":
            raise AuthoringRefused("authoring.name_wrong", where=name[:60], name=name[:60])
        taken = {path.stem.casefold() for path in self.names().values()}
        if name in taken:
            raise AuthoringRefused("authoring.name_taken", where=name, name=name)

    def check(self, name: str, text: str) -> Check:
        """Check a text as the file of this name would be checked; nothing is written."""
        path = self.names().get(name) or self.folder / f"{name}.yaml"
        key = (path, digest_of(text), *self.known.stamp(self.folder))
        if key not in self._checks:
            if len(self._checks) >= KEPT_CHECKS:
                self._checks.clear()
            self._checks[key] = self._check(path, text)
        found = self._checks[key]
        if found.robot is None:
            return found
        warnings = warnings_of(found.robot, path.stem, self.known.missing_secrets(found.robot))
        return Check(found.robot, (*found.remarks, *warnings))

    def check_whole(self, name: str, text: str) -> Check:
        """Check a text as `check` does, and whether the other robots and the town's jobs agree with it."""
        found = self.check(name, text)
        if found.robot is None:
            return found
        path = found.robot.source.path
        try:
            self._prove(found.robot, path)
        except DeclarationError as error:
            return Check(None, (*errors_of(error.problems, path), *found.remarks))
        return found

    def check_file(self, script: Script) -> Check:
        """Check a robot as it lies there; one that is no UTF-8 has that as its error."""
        if script.readable:
            return self.check(script.name, script.text)
        try:
            read_yaml(script.path)
        except DeclarationError as error:
            return Check(None, tuple(errors_of(error.problems, script.path)))
        return self.check(script.name, self.read(script.name).text)

    def revision(self, name: str) -> str:
        """Return the revision of a robot as it lies there; empty when there is none."""
        return self.read(name).revision if name in self.names() else ""

    def demand(self, name: str, revision: str) -> str:
        """Make sure that a robot is still the one that an author began with, and return its revision.

        Raises:
            RobotChanged: It is not; the error says who changed it.
        """
        before = self.read(name) if name in self.names() else None
        if (before.revision if before else "") != revision:
            raise self._changed(before, name)
        return revision

    def difference(self, name: str, text: str) -> list[str]:
        """Return what saving a text would change, as unified diff without its heading lines."""
        before = self.read(name).text if name in self.names() else ""
        return difference(before, text)

    def save(self, name: str, text: str, revision: str, who: str, why: str) -> Script:
        """Write a robot.

        Args:
            name: Its name in addresses.
            text: Its whole new text.
            revision: Of the text that the author began with; empty for a new robot.
            who: The author.
            why: What the author says about the change.

        Raises:
            RobotChanged: The file is another one by now, or is there though it should not be.
            AuthoringRefused: The text has errors, or the name cannot be taken.
            OSError: The disk is full, or the folder cannot be written; nothing was changed.
        """
        text = text.replace("\r\n", "\n")
        with self._lock:
            self.demand(name, revision)
            before = self.read(name) if revision else None
            if before is None:
                self.demand_free(name)
            found = self.check_whole(name, text)
            if found.count("error"):
                raise AuthoringRefused(
                    "authoring.has_errors", where=name, name=name, count=found.count("error")
                )
            path = before.path if before else self.folder / f"{name}.yaml"
            if before is not None and "\r\n" in before.text:
                text = text.replace("\n", "\r\n")
            with self._engine.begin() as connection:
                self._keep_unknown(connection, before)
                self.versions.add(connection, path.name, text, who, why)
                write_atomically(path, text.encode())
        self._saved()
        return self.read(name)

    def _keep_unknown(self, connection: sa.Connection, before: Script | None) -> None:
        """Enter the text that is about to be replaced, when it came from outside the console."""
        if before is None:
            return
        newest = self.versions.newest(before.path.name)
        if newest is None or newest.sha256 != before.revision:
            self.versions.add(connection, before.path.name, before.text, "", "")

    def _changed(self, before: Script | None, name: str) -> RobotChanged:
        newest = self.versions.newest(before.path.name) if before else None
        by_console = before is not None and newest is not None and newest.sha256 == before.revision
        key = "changed_by" if by_console and newest and newest.who else "changed_outside"
        return RobotChanged(f"authoring.{key}", where=name, name=name, who=newest.who if newest else "")

    def _check(self, path: Path, text: str) -> Check:
        try:
            data, source = read_yaml(path, text)
            return Check(robot_of(data, source, self.known.for_text(data)), ())
        except DeclarationError as error:
            return Check(None, tuple(errors_of(error.problems, path)))


def demand_fit(robot: Robot, path: Path, others: Mapping[str, Robot]) -> dict[str, Robot]:
    """Return all robots with one put in the place of its file's; two of one name are refused.

    Raises:
        DeclarationError: Another file holds a robot of this name.
    """
    rest = {name: one for name, one in others.items() if one.source.path.resolve() != path.resolve()}
    if robot.robot in rest:
        values = {"name": robot.robot, "other": rest[robot.robot].source.path.name}
        raise DeclarationError([Problem(robot.source.locate(("robot",)), "backoffice.name_twice", values)])
    return {**rest, robot.robot: robot}


def difference(before: str, after: str, around: int = 2) -> list[str]:
    """Return two texts' difference as unified diff, without its two heading lines."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=around, lineterm="")
    return list(lines)[2:]
