"""Where the work lies: the database, the folders, the free disk, and who may read the keys."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import sqlalchemy as sa

from backoffice.database import newest_shape, present_shape
from backoffice.disk import Level as Space
from backoffice.disk import look_at_disk
from backoffice.messages import text
from backoffice.settings import FOLDERS
from backoffice.tables import firings
from console.doctor.finding import Finding, fine, warn, wrong
from console.wiring import Office

NETWORK_KINDS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"})
"""File systems on which SQLite's locks do not hold (sqlite.org/faq.html, question 5)."""
KEYS = ("secrets.key", "secrets.json", "web.key")


def database(office: Office) -> Iterator[Finding]:
    """Ask for the shape, write something and take it back, look through an SQLite file."""
    engine = office.engine
    shape = present_shape(engine)
    if shape != newest_shape():
        yield wrong("database", "database_shape", shape=shape or "-", newest=newest_shape())
        return
    try:
        with engine.connect() as connection, connection.begin() as writing:
            row = {"job": "doctor", "slot": uuid4().hex, "at": office.clock(), "outcome": "doctor"}
            connection.execute(sa.insert(firings).values(row))
            writing.rollback()
    except sa.exc.DBAPIError as error:
        yield wrong("database", "database_not_writable", kind=type(error).__name__)
        return
    if engine.dialect.name == "sqlite":
        yield from _sqlite(office)
    where = str(engine.url.database) if engine.dialect.name == "sqlite" else engine.url.render_as_string()
    yield fine("database", f"{where} ({shape})")


def folders(office: Office) -> Iterator[Finding]:
    """Write, rename and remove a file in every folder that work needs."""
    settings = office.settings
    closed = [name for name in FOLDERS if not _takes_files(settings.var / name, make=True)]
    for name in closed:
        yield wrong("folders", "folder_closed", path=settings.var / name)
    outside = {**settings.folders}
    outside |= {name: one.folder for name, one in settings.inboxes.items() if one.folder is not None}
    if settings.keeping.backup_folder is not None:
        outside["keeping: backup_folder"] = settings.keeping.backup_folder
    away = {name: path for name, path in outside.items() if not _takes_files(path, make=False)}
    for name, path in away.items():
        yield warn("folders", "folder_away", name=name, path=path)
    if not (closed or away):
        yield fine("folders", str(settings.var))


def disk(office: Office) -> Iterator[Finding]:
    """Measure the free disk of the working folder."""
    found = look_at_disk(office.settings)
    free, limits = f"{found.free_gb:.1f}", office.settings.disk
    if found.level is Space.FULL:
        yield wrong("disk", "disk_full", free=free, least=limits.stop_gb)
    elif found.level is Space.LOW:
        yield warn("disk", "disk_low", free=free, least=limits.warn_gb)
    else:
        yield fine("disk", text("operations.disk_free", free=free))


def keys(office: Office) -> Iterator[Finding]:
    """Look whether others on this PC could read the keys."""
    there = [office.settings.var / name for name in KEYS if (office.settings.var / name).exists()]
    if sys.platform == "win32":
        yield fine("keys", text("operations.keys_windows"))
        return
    readable = [path for path in there if path.stat().st_mode & 0o077 and path.suffix == ".key"]
    for path in readable:
        yield wrong("keys", "key_open", path=path)
    foreign = [path for path in there if path.stat().st_uid != os.geteuid() and os.geteuid() != 0]
    for path in foreign:
        yield warn("keys", "key_foreign", path=path)
    if not (readable or foreign):
        yield fine("keys", ", ".join(path.name for path in there) or text("operations.none"))


def file_system(path: Path) -> str:
    """Return the kind of file system that a path lies on, as the operating system calls it; empty when unknown."""
    path = path.resolve()
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    above = [parent for parent in (path, *path.parents) if parent in mounts]
    return mounts[above[0]].lower() if above else ""


def _sqlite(office: Office) -> Iterator[Finding]:
    path = Path(str(office.engine.url.database))
    kind = file_system(path)
    if kind in NETWORK_KINDS or str(path).startswith(("\\\\", "//")):
        yield wrong("database", "database_on_share", path=path, kind=kind or "UNC")
    with office.engine.connect().execution_options(read_only=True) as connection:
        told = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if told != "ok":
        yield wrong("database", "database_torn", path=path)


def _takes_files(folder: Path, *, make: bool) -> bool:
    probe = folder / f".doctor-{uuid4().hex}"
    renamed = probe.with_suffix(".renamed")
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.rename(renamed)
        renamed.unlink()
    except OSError:
        for left in (probe, renamed):
            if left.exists():
                left.unlink()
        return False
    return True
