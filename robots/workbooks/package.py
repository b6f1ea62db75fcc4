"""The zip package of a workbook: its parts, what they are, and a copy in which only some of them differ.

Every part that was not asked for comes out byte for byte as it went in, in the same place of the package.
"""

import posixpath
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from robots.workbooks.errors import TableFileWrong, WorkbookInUse
from robots.workbooks.markup import elements

LARGEST_FILE_BYTES = 200 * 1024 * 1024
LARGEST_CONTENT_BYTES = 1024 * 1024 * 1024
"""Larger than any workbook that a person can work with; a zip bomb stops here."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files begin, and .xlsx files that a password protects (both are OLE2 containers)."""
CONTENT_TYPES = "[Content_Types].xml"


@dataclass(frozen=True)
class Relation:
    """What one part says about another.

    Attributes:
        id: Its name inside the part.
        kind: The last word of its type, such as "drawing" or "table".
        target: The other part's name; the address for what lies outside.
        outside: Whether it leads out of the package.
    """

    id: str
    kind: str
    target: str
    outside: bool


class Package:
    """A workbook as a zip of parts, read whole into memory, so that the file itself is free again.

    Args:
        path: The file.

    Raises:
        TableFileWrong: It is missing, no .xlsx or .xlsm, damaged, or too large.
        WorkbookInUse: The system does not let us read it now.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = _read(path)
        try:
            self._zip = zipfile.ZipFile(BytesIO(self.content))
        except zipfile.BadZipFile as error:
            raise TableFileWrong("workbooks.broken", where=path.name, reason="not a zip") from error
        if sum(info.file_size for info in self._zip.infolist()) > LARGEST_CONTENT_BYTES:
            raise TableFileWrong(
                "workbooks.too_large", where=path.name, limit=LARGEST_CONTENT_BYTES // 1024**2
            )

    @cached_property
    def names(self) -> list[str]:
        """The names of all parts, in order."""
        return [info.filename for info in self._zip.infolist()]

    def read(self, name: str) -> bytes:
        """Return a part.

        Raises:
            TableFileWrong: There is none of this name, or its bytes are damaged.
        """
        try:
            return self._zip.read(name)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise TableFileWrong("workbooks.broken", where=self.place(name), reason=name) from error

    def place(self, name: str) -> str:
        """Return how a part is named in messages."""
        return f"{self.path.name}!{name}"

    @cached_property
    def types(self) -> Mapping[str, str]:
        """Part name → content type, of the parts that have one of their own."""
        found = elements(self.read(CONTENT_TYPES), self.place(CONTENT_TYPES))
        overrides = (one.attributes for one in found if one.name == "Override")
        return MappingProxyType({one["PartName"].lstrip("/"): one["ContentType"] for one in overrides})

    @cached_property
    def main(self) -> str:
        """The name of the workbook part.

        Raises:
            TableFileWrong: The package holds no workbook, or one of a kind that cannot be read (.xlsb).
        """
        kinds = {one.kind: one.target for one in self.relations("")}
        main = kinds.get("officeDocument", "")
        if main not in self.names or main.endswith(".bin"):
            raise TableFileWrong("workbooks.not_a_workbook", where=self.path.name)
        return main

    def relations(self, name: str) -> list[Relation]:
        """Return what a part says about others, in order; the package itself is the part ""."""
        rels = relations_name(name)
        if rels not in self.names:
            return []
        found = elements(self.read(rels), self.place(rels))
        return [_relation(one.attributes, name) for one in found if one.name == "Relationship"]

    def save_as(self, path: Path, changed: Mapping[str, bytes], dropped: Collection[str] = ()) -> None:
        """Write a copy in which some parts differ; new ones come last. Everything else stays byte for byte.

        Args:
            path: Where to.
            changed: Part name → its bytes.
            dropped: Names of parts that are left out.

        Raises:
            OSError: It cannot be written.
        """
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            made.comment = self._zip.comment
            for info in self._zip.infolist():
                if info.filename in dropped:
                    continue
                copy = zipfile.ZipInfo(info.filename, info.date_time)
                copy.compress_type, copy.external_attr = info.compress_type, info.external_attr
                copy.create_system, copy.comment = info.create_system, info.comment
                made.writestr(copy, changed.get(info.filename, self._zip.read(info)))
            for name in changed:
                if name not in self.names:
                    made.writestr(zipfile.ZipInfo(name), changed[name], zipfile.ZIP_DEFLATED)

    def differs(self, path: Path, changed: Collection[str]) -> list[str]:
        """Return the parts of a copy that differ although they were not to; compared by size and CRC-32."""
        with zipfile.ZipFile(path) as made:
            copied = {info.filename: (info.file_size, info.CRC) for info in made.infolist()}
        own = {info.filename: (info.file_size, info.CRC) for info in self._zip.infolist()}
        return [name for name, sum_ in own.items() if name not in changed and copied.get(name) != sum_]


def relations_name(name: str) -> str:
    """Return the name of the part that holds the relations of a part."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"


def _relation(attributes: Mapping[str, str], name: str) -> Relation:
    outside = attributes.get("TargetMode") == "External"
    target = attributes.get("Target", "")
    if not outside:
        folder = name.rpartition("/")[0]
        target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
    return Relation(attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], target, outside)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise TableFileWrong("workbooks.too_large", where=path.name, limit=LARGEST_FILE_BYTES // 1024**2)
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise TableFileWrong("workbooks.missing", where=path.name, name=path.name) from error
    except PermissionError as error:
        raise WorkbookInUse("workbooks.in_use", where=path.name, name=path.name) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TableFileWrong("workbooks.not_readable", where=path.name, reason=reason) from error
    if content.startswith(OLD_EXCEL):
        raise TableFileWrong("workbooks.old_or_locked", where=path.name)
    return content
