"""The file of a backup: a ZIP whose last entry, `manifest.json`, names every other one with its size and SHA-256.

    configs/…            the declarations
    blanks/…             blank forms that they name beside `configs`, as seen from the installation's folder
    var/…                originals, pictures, waiting scans, spool, encrypted secrets
    database/…           hakadori.db (SQLite) or hakadori.pgdump (PostgreSQL)

A backup comes from a medium that went through hands, so nothing of it is believed: before anything is touched, every
name is looked at for tricks (absolute, `..`, drives, links, two names that a Windows disk takes for one) and every
entry is read once against its checksum.
"""

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from console.errors import BackupWrong

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 1024 * 1024
PLACES = ("configs", "blanks", "var", "database")
PACKED = frozenset({".png", ".jpg", ".jpeg", ".pdf", ".zip", ".xlsx", ".webp", ".tif", ".tiff", ".pgdump"})
"""Endings of files that are compressed already; they are stored as they are."""
_TRICKY = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its size in bytes and the SHA-256 of its content."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, and of what state.

    Attributes:
        made_at: When the database was copied, ISO 8601 in UTC.
        program: Version of Hakadori that made it.
        database: "sqlite" or "postgresql".
        shape: Number of the last migration the database had seen.
        counts: Table → rows.
        audit_whole: The chain of the audit trail was unbroken.
        service: A service was at work on the database at that moment.
        evidence: The evidence of robots is in it.
        key: The key of the encrypted secrets is in it.
        missing: Files that the database names and that were nowhere to be found.
        entries: Name → size and checksum.
    """

    made_at: str
    program: str
    database: str
    shape: str
    counts: Mapping[str, int]
    audit_whole: bool
    service: bool
    evidence: bool
    key: bool
    missing: tuple[str, ...]
    entries: Mapping[str, Entry] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of all files when unpacked."""
        return sum(entry.size for entry in self.entries.values())

    def facts(self) -> dict[str, Any]:
        """Return everything but the list of entries, for programs and people."""
        told = asdict(self)
        del told["entries"]
        return told | {"files": len(self.entries), "bytes": self.size}


class ArchiveWriter:
    """Writes the entries of a backup one by one and the manifest at the end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(stream, "w", allowZip64=True)
        self.entries: dict[str, Entry] = {}

    def add(self, name: str, path: Path) -> bool:
        """Add a file under a name; False when it vanished meanwhile. A name that is there already stays as it is."""
        if name in self.entries:
            return True
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return False
        about = zipfile.ZipInfo(name)
        about.compress_type = zipfile.ZIP_STORED if path.suffix.lower() in PACKED else zipfile.ZIP_DEFLATED
        with source, self._zip.open(about, "w", force_zip64=True) as target:
            digest, size = hashlib.sha256(), 0
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.entries[name] = Entry(size, digest.hexdigest())
        return True

    def close(self, manifest: Manifest) -> None:
        """Write the manifest and end the archive."""
        told = json.dumps(asdict(manifest), ensure_ascii=False)
        self._zip.writestr(MANIFEST, told.encode(), zipfile.ZIP_DEFLATED)
        self._zip.close()


def verify(path: Path) -> Manifest:
    """Read a whole backup once and return its manifest.

    Raises:
        BackupWrong: It is no backup of ours, a name is a trick, or a checksum differs. Nothing was written.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            _check_names(archive, manifest, path)
            for name, entry in manifest.entries.items():
                if _digest(archive, name, entry.size) != entry:
                    raise BackupWrong("operations.backup_damaged", where=path.name, name=name)
            return manifest
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BackupWrong("operations.backup_unreadable", where=path.name) from error


def unpack(path: Path, manifest: Manifest, folder: Path) -> None:
    """Write all entries below a folder that is empty, each checked again as it is written.

    Raises:
        BackupWrong: The file changed since it was verified.
        OSError: The disk is full.
    """
    with zipfile.ZipFile(path) as archive:
        for name, entry in manifest.entries.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            digest, size = hashlib.sha256(), 0
            with target.open("xb") as stream:
                for chunk in _chunks(archive, name, entry.size):
                    digest.update(chunk)
                    size += len(chunk)
                    stream.write(chunk)
            if Entry(size, digest.hexdigest()) != entry:
                raise BackupWrong("operations.backup_damaged", where=path.name, name=name)


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        about = archive.getinfo(MANIFEST)
        if about.file_size > LARGEST_MANIFEST:
            raise BackupWrong("operations.backup_unreadable", where=path.name)
        told = json.loads(archive.read(about))
        if told["format"] != FORMAT:
            raise BackupWrong("operations.backup_other_format", where=path.name, format=told["format"])
        told["entries"] = {name: Entry(**entry) for name, entry in told["entries"].items()}
        told["missing"] = tuple(told["missing"])
        return Manifest(**told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupWrong("operations.backup_unreadable", where=path.name) from error


def _check_names(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    infos = [info for info in archive.infolist() if info.filename != MANIFEST]
    for info in infos:
        if not is_harmless(info.filename) or stat.S_ISLNK(info.external_attr >> 16):
            raise BackupWrong("operations.backup_tricky", where=path.name, name=ascii(info.filename))
    names = [info.filename for info in infos]
    if len({name.casefold() for name in names}) != len(names) or set(names) != set(manifest.entries):
        raise BackupWrong("operations.backup_not_as_listed", where=path.name)


def is_harmless(name: str) -> bool:
    """Say whether an entry's name stays inside the folder that it is unpacked into, on Windows and Linux."""
    parts = name.split("/")
    return (
        len(parts) > 1
        and parts[0] in PLACES
        and not _TRICKY.search(name)
        and all(part not in ("", ".", "..") and part == part.rstrip(" .") for part in parts)
    )


def _digest(archive: zipfile.ZipFile, name: str, expected: int) -> Entry:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(archive, name, expected):
        digest.update(chunk)
        size += len(chunk)
    return Entry(size, digest.hexdigest())


def _chunks(archive: zipfile.ZipFile, name: str, expected: int) -> Iterator[bytes]:
    """Yield an entry's content, but not more than one chunk beyond what the manifest says: no bomb goes off."""
    size = 0
    with archive.open(name) as stream:
        while size <= expected and (chunk := stream.read(_CHUNK)):
            size += len(chunk)
            yield chunk
