"""Put a backup back: everything is checked and made ready aside first, then the folders change places.

Nothing is overwritten. What was there goes into a folder `replaced-<time>` beside it (a PostgreSQL database as a dump),
and when a step fails, everything is put back. A PostgreSQL database changes last, in one step (`postgresql.py`). An
installation at work is never replaced.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from loguru import logger

from backoffice.audit import AuditTrail
from backoffice.clock import utc_now
from backoffice.database import newest_shape, open_database, present_shape, upgrade
from backoffice.errors import HakadoriError
from backoffice.files import sha256_of
from backoffice.settings import Settings, load_settings
from console.backup.aftermath import Aftermath, settle_books
from console.backup.archive import Manifest, unpack, verify
from console.backup.place import Aside, Place, Present, open_place, sqlite_file
from console.backup.postgresql import restored_beside, take_their_place
from console.backup.snapshot import (
    OURS_ALONE,
    POSTGRESQL_NAME,
    SQLITE_NAME,
    check_sqlite,
    count_rows,
    run_postgresql,
)
from console.errors import BackupWrong
from robots.model import load_robots
from scheduler.job_check import load_jobs

KEYS = ("secrets.key", "web.key")
"""Keys that a backup does not hold by default; those of the installation in the same place serve on."""
AUDIT_WHAT = "backup.restored"


@dataclass(frozen=True)
class Restored:
    """What became of a backup that was put back.

    Attributes:
        configs: Where the declarations are now.
        var: Where the working folder is now.
        aside: Where what was there before is kept; None when nothing was there.
        manifest: What was in the backup.
        aftermath: What was put in order in the books.
        key_missing: The secrets are there, their key is not: they must be stored anew.
    """

    configs: Path
    var: Path
    aside: Path | None
    manifest: Manifest
    aftermath: Aftermath
    key_missing: bool


def restore(
    backup: Path,
    place: Place,
    *,
    force: bool = False,
    unchanged: bool = False,
    at_stage: Callable[[str], None] = lambda stage: None,
) -> Restored:
    """Put a backup back.

    Args:
        backup: The file.
        place: Where to.
        force: What is there may be put aside.
        unchanged: Nothing was registered since the backup was made; otherwise waiting items become doubtful, for a
            robot may have registered them after it.
        at_stage: Told what is being done: "verify", "unpack", "database", "swap".

    Raises:
        BackupWrong: The backup is damaged or not for this program, something is at work there, or something is there
            and `force` was not given. Nothing was changed.
        OSError: The disk is full, or a folder cannot be moved; everything is as it was.
    """
    at_stage("verify")
    manifest = verify(backup)
    home = place.configs.resolve().parent
    home.mkdir(parents=True, exist_ok=True)
    _check_room(home, manifest)
    with tempfile.TemporaryDirectory(dir=home, prefix=".hakadori-restore-") as made:
        at_stage("unpack")
        ready = Path(made)
        unpack(backup, manifest, ready)
        settings = _settings_of(ready, place, home)
        _check_kind(settings, manifest, backup)
        present = Present(place.configs.resolve(), settings)
        present.refuse_living()
        present.refuse_full(force)
        key_missing = _take_over_keys(ready / "var", settings.var)
        aside = Aside(home / f"replaced-{utc_now():%Y%m%d-%H%M%S}")
        at_stage("database")
        with aside.undone_on_failure(), _prepared(ready, settings, aside, manifest) as (fresh, put_in_place):
            aftermath = _settle(fresh, ready, manifest, backup, unchanged=unchanged)
            fresh.dispose()
            at_stage("swap")
            _swap(ready, place.configs.resolve(), settings, aside)
            put_in_place()
    return Restored(place.configs, settings.var, aside.used, manifest, aftermath, key_missing)


def _settings_of(ready: Path, place: Place, home: Path) -> Settings:
    """Return the settings of the backup as they will hold in the place."""
    settings = load_settings(ready / "configs", var=place.var)
    if place.var is None and settings.var.is_relative_to(ready.resolve()):
        settings = load_settings(ready / "configs", var=home / settings.var.relative_to(ready.resolve()))
    return settings


def _check_kind(settings: Settings, manifest: Manifest, backup: Path) -> None:
    wanted = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if wanted != manifest.database:
        raise BackupWrong(
            "operations.restore_other_database", where=backup.name, wanted=wanted, found=manifest.database
        )
    if manifest.shape > newest_shape():
        raise BackupWrong(
            "operations.restore_newer", where=backup.name, shape=manifest.shape, program=manifest.program
        )


def _check_room(home: Path, manifest: Manifest) -> None:
    needed, free = manifest.size * 1.2, shutil.disk_usage(home).free
    if needed > free:
        gb = {"needed": f"{needed / 1e9:.1f}", "free": f"{free / 1e9:.1f}"}
        raise BackupWrong("operations.backup_no_room", where=str(home), **gb)


def _take_over_keys(fresh: Path, old: Path) -> bool:
    """Give the fresh working folder the keys of the old one; returns whether the secrets lack theirs."""
    fresh.mkdir(exist_ok=True)
    for name in KEYS:
        if (old / name).is_file() and not (fresh / name).exists():
            shutil.copyfile(old / name, fresh / name)
        if (fresh / name).exists():
            (fresh / name).chmod(0o600)
    return (fresh / "secrets.json").exists() and not (fresh / "secrets.key").exists()


@contextmanager
def _prepared(
    ready: Path, settings: Settings, aside: Aside, manifest: Manifest
) -> Iterator[tuple[sa.Engine, Callable[[], None]]]:
    """Give the database of the backup beside the present one, and what puts it in its place after the folders."""
    if manifest.database == "sqlite":
        copy = ready / "database" / SQLITE_NAME
        check_sqlite(copy)
        yield open_database(f"sqlite:///{copy.as_posix()}"), lambda: None  # its file moves with the folders
        return
    engine = open_place(settings)
    try:
        _keep_old(engine, aside)
        with restored_beside(engine, ready / "database") as fresh:
            yield fresh, lambda: _take_over(engine, aside)
    finally:
        engine.dispose()


def _take_over(engine: sa.Engine, aside: Aside) -> None:
    aside.old_may_be_gone = True
    take_their_place(engine)


def _keep_old(engine: sa.Engine, aside: Aside) -> None:
    """Keep what the database holds now as a dump."""
    if present_shape(engine) is not None:
        aside.folder.mkdir(parents=True, exist_ok=True)
        kept = aside.folder / POSTGRESQL_NAME
        run_postgresql("pg_dump", engine.url, *OURS_ALONE, "--format=custom", "--no-owner", f"--file={kept}")


def _settle(
    engine: sa.Engine, ready: Path, manifest: Manifest, backup: Path, *, unchanged: bool
) -> Aftermath:
    with engine.connect().execution_options(read_only=True) as connection:
        counts = count_rows(connection)
    if counts != dict(manifest.counts):
        raise BackupWrong("operations.backup_damaged", where=backup.name, name="database")
    upgrade(engine)
    aftermath = settle_books(
        engine,
        ready / "var" / "locks",
        datetime.fromisoformat(manifest.made_at),
        unchanged=unchanged,
        entering=_entering(ready / "configs"),
    )
    AuditTrail(engine).note(
        "restore",
        AUDIT_WHAT,
        "backup",
        file=backup.name,
        sha256=sha256_of(backup),
        made_at=manifest.made_at,
        unchanged=unchanged,
        doubtful=aftermath.doubtful,
    )
    return aftermath


def _entering(configs: Path) -> list[str]:
    """Return the jobs whose robots enter records themselves; none where declarations cannot be read, for none runs."""
    try:
        jobs, robots = load_jobs(configs / "jobs"), load_robots(configs / "robots")
    except HakadoriError as error:
        logger.warning("jobs of the backup cannot be read: {}", error.key)
        return []
    given = {name for name, robot in robots.items() if robot.items.from_ not in ("queue", "form")}
    return [job.job for job in jobs.values() if job.run in given]


def _swap(ready: Path, configs: Path, settings: Settings, aside: Aside) -> None:
    database = sqlite_file(settings)
    fresh_database = ready / "database" / SQLITE_NAME
    if database is not None and database.is_relative_to(settings.var):
        inside = ready / "var" / database.relative_to(settings.var)
        inside.parent.mkdir(parents=True, exist_ok=True)
        fresh_database.replace(inside)
    elif database is not None:
        for ending in ("-wal", "-shm"):
            leftover = database.with_name(database.name + ending)
            aside.replace(ready / "none", leftover)
        aside.replace(fresh_database, database)
    aside.replace(ready / "var", settings.var)
    aside.replace(ready / "configs", configs)
    blanks = ready / "blanks"
    for blank in sorted(path for path in blanks.rglob("*") if path.is_file()):
        target = configs.parent / blank.relative_to(blanks)
        if not (target.is_file() and sha256_of(target) == sha256_of(blank)):
            aside.replace(blank, target)
