"""Take a backup while the service works: what is in the database and what lies in the folders must fit together.

The order does it. First the scans that wait (inbox and work) are set aside as they are, then the database is copied,
then everything else. A scan that was read between the first and the second step is in the books, so its waiting copy
is dropped; one that was moved after the second step is put under the place that the copied books say. Pictures are
written before the rows that name them and never change, so they are always there.
"""

import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

import sqlalchemy as sa

from backoffice.files import replacing, safe_name, sha256_of
from backoffice.settings import FOLDERS
from backoffice.tables import received_files
from console.backup.archive import ArchiveWriter, Manifest, is_harmless, verify
from console.backup.living import service_lives
from console.backup.snapshot import Snapshot, take_snapshot
from console.errors import BackupWrong
from console.wiring import Office

WAITING = ("inbox", "work")
LEFT_OUT = frozenset({*WAITING, "logs", "locks", "models", "evidence"})
"""Folders that are set aside first, that are made anew, or (evidence) that go in only when asked for."""
SECRETS, KEY = "secrets.json", "secrets.key"
Told = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What a backup shall hold besides what every backup holds.

    Attributes:
        evidence: The evidence of robots; it may be large.
        key: The key of the encrypted secrets. Whoever holds such a backup can read the passwords.
    """

    evidence: bool = False
    key: bool = False


@dataclass(frozen=True)
class _Waiting:
    """The scans that waited, as they lay at the beginning: where their copies are, and when that was."""

    folder: Path
    since: datetime


def take_backup(
    office: Office, target: Path, wish: Wish = Wish(), at_stage: Told = lambda stage: None
) -> Manifest:
    """Write a backup and read it once again.

    Args:
        office: The installation; it may be at work.
        target: The file; it must not exist and must lie outside of the working folder and of `configs`.
        wish: What shall be in it besides.
        at_stage: Told what is being done: "waiting", "database", "files", "verify".

    Returns:
        What is in the backup.

    Raises:
        BackupWrong: The place does not do, there is too little room, or what was written is not what was read.
        OSError: The disk is full, or cannot be written; nothing is left of the try.
    """
    target = target.resolve()
    _check_place(office, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = office.clock()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".hakadori-backup-") as made:
        draft = Path(made)
        at_stage("waiting")
        waiting = _set_aside(office, draft)
        at_stage("database")
        service = service_lives(office.engine, office.settings.folder("locks"))
        snapshot = take_snapshot(office.engine, draft)
        _check_room(office, target.parent, snapshot.path.stat().st_size, wish)
        at_stage("files")
        with replacing(target) as partial:
            with partial.open("wb") as stream:
                writer = ArchiveWriter(stream)
                manifest = _write(writer, office, snapshot, _Waiting(waiting, begun), wish, service=service)
            at_stage("verify")
            if verify(partial) != manifest:
                raise BackupWrong("operations.backup_unreadable", where=target.name)
    return manifest


def _write(
    writer: ArchiveWriter, office: Office, snapshot: Snapshot, waiting: _Waiting, wish: Wish, *, service: bool
) -> Manifest:
    writer.add(f"database/{snapshot.path.name}", snapshot.path)
    for name, path in (*_declarations(office), *_kept(office, wish)):
        writer.add(_harmless(name), path)
    missing = _complete(writer, office, snapshot, waiting.folder)
    _add_waiting(writer, snapshot, waiting)
    manifest = Manifest(
        made_at=snapshot.at.isoformat(),
        program=importlib.metadata.version("hakadori"),
        database=snapshot.kind,
        shape=snapshot.shape,
        counts=dict(snapshot.counts),
        audit_whole=snapshot.audit_whole,
        service=service,
        evidence=wish.evidence,
        key=f"var/{KEY}" in writer.entries,
        missing=tuple(missing),
    )
    manifest = replace(manifest, entries=dict(writer.entries))
    writer.close(manifest)
    return manifest


def _set_aside(office: Office, draft: Path) -> Path:
    """Copy the scans that wait as they lie now; where the disk allows it no byte is copied (a second name is given)."""
    for folder in WAITING:
        home = office.settings.folder(folder)
        for path in _plain_files(home):
            copy = draft / "waiting" / folder / path.relative_to(home)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # claimed or put away at this very moment: the books know it
                _copy(path, copy)
    return draft / "waiting"


def _copy(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, copy)


def _declarations(office: Office) -> Iterator[tuple[str, Path]]:
    home = office.configs.parent
    for path in _plain_files(office.configs):
        yield f"configs/{path.relative_to(office.configs).as_posix()}", path
    for form in office.forms.values():
        for number in range(1, len(form.pages) + 1):
            blank = form.blank_path(number).resolve()
            if blank.is_relative_to(home) and not blank.is_relative_to(office.configs):
                yield f"blanks/{blank.relative_to(home).as_posix()}", blank


def _kept(office: Office, wish: Wish) -> Iterator[tuple[str, Path]]:
    var = office.settings.var
    folders = [name for name in FOLDERS if name not in LEFT_OUT or (name == "evidence" and wish.evidence)]
    for folder in folders:
        for path in _plain_files(var / folder):
            yield f"var/{path.relative_to(var).as_posix()}", path
    yield f"var/{SECRETS}", var / SECRETS
    if wish.key:
        yield f"var/{KEY}", var / KEY


def _complete(writer: ArchiveWriter, office: Office, snapshot: Snapshot, waiting: Path) -> list[str]:
    """Put every received file under the place that the copied books name; return those that are nowhere."""
    missing = []
    for file in snapshot.files:
        name = f"var/{file.stored}"
        if name in writer.entries:
            continue
        places = (waiting / file.stored, office.settings.var / file.stored, _place_now(office, file.id))
        found = (path for path in places if path is not None and path.is_file())
        whole = next((path for path in found if sha256_of(path) == file.sha256), None)
        if whole is None or not writer.add(name, whole):
            missing.append(file.stored)
    return missing


def _place_now(office: Office, file_id: int) -> Path | None:
    """Return where a received file lies at this moment."""
    query = sa.select(received_files.c.stored).where(received_files.c.id == file_id)
    with office.engine.connect().execution_options(read_only=True) as connection:
        stored = connection.execute(query).scalar()
    return office.settings.var / stored if stored else None


def _add_waiting(writer: ArchiveWriter, snapshot: Snapshot, waiting: _Waiting) -> None:
    """Add the scans that waited, without those that the copied books have received meanwhile."""
    known = {file.sha256 for file in snapshot.files if file.received_at >= waiting.since}
    seen: set[str] = set()
    for folder in reversed(WAITING):
        for path in _plain_files(waiting.folder / folder):
            digest = sha256_of(path)
            name = _harmless(f"var/{path.relative_to(waiting.folder).as_posix()}")
            if digest in known | seen and name not in writer.entries and not path.name.startswith("."):
                continue
            seen |= {digest} if folder == "work" else set()
            writer.add(name, path)


def _harmless(name: str) -> str:
    """Return a name, or one like it that any disk takes."""
    return name if is_harmless(name) else str(PurePosixPath(*(safe_name(part) for part in name.split("/"))))


def _plain_files(folder: Path) -> Iterator[Path]:
    """Yield the plain files below a folder in a fixed order; links are not followed, pipes left alone."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _check_place(office: Office, target: Path) -> None:
    if target.exists():
        raise BackupWrong("operations.backup_exists", where=str(target))
    for inside in (office.settings.var.resolve(), office.configs):
        if target.is_relative_to(inside):
            raise BackupWrong("operations.backup_inside", where=str(target), folder=inside)


def _check_room(office: Office, folder: Path, database: int, wish: Wish) -> None:
    """Make sure that the folder has room for everything uncompressed.

    Raises:
        BackupWrong: It has not.
    """
    sources = [*_declarations(office), *_kept(office, wish)]
    sizes = (path.stat().st_size for _, path in sources if path.is_file())
    needed, free = database + sum(sizes), shutil.disk_usage(folder).free
    if needed > free:
        gb = {"needed": f"{needed / 1e9:.1f}", "free": f"{free / 1e9:.1f}"}
        raise BackupWrong("operations.backup_no_room", where=str(folder), **gb)
