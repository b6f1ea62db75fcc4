"""The daily upkeep: whatever is past its days goes: documents, records, refused files, evidence, logs, old lock files.

First a plan is made, which `hakadori clean --dry-run` only shows; then it is carried out and told to the audit trail.
What may be thrown away for its age alone is listed here; what a record's end decides is `backoffice/retention.py`.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from loguru import logger

from backoffice.errors import SettingsError
from backoffice.locks import held, is_held
from backoffice.retention import (
    REASON_ENDING,
    Expired,
    Hold,
    erase,
    find_expired,
    find_refused,
    kept_here,
)
from backoffice.settings_operations import EVERYTHING
from backoffice.suggest import did_you_mean
from console.notices import notice_book
from console.wiring import Office
from robots.trail_keeping import past_limits

LOCK = "upkeep.lock"
LOCK_DAYS = 30
"""A run's lock file is of no use after its run; nobody looks at a run of a month ago."""
MEGABYTE = 1024 * 1024
IN_USE = timedelta(days=1)
"""A log written to within this time stays, however much space the logs take."""


@dataclass(frozen=True)
class Upkeep:
    """What is past its days at one moment.

    Attributes:
        records: Documents, received files and work items to be erased from the books and the disk.
        notices: Notices that were sent or given up.
        paths: Kind ("evidence", "logs", "outbox", "receipts", "reasons", "locks") → files and folders to be removed.
    """

    records: Expired
    notices: tuple[int, ...]
    paths: Mapping[str, tuple[Path, ...]]

    def counts(self) -> dict[str, int]:
        """Return how many of each kind go."""
        books = {
            "documents": len(self.records.documents),
            "files": len(self.records.files),
            "items": len(self.records.items),
            "refused": len(self.records.refused),
            "notices": len(self.notices),
        }
        return books | {kind: len(found) for kind, found in self.paths.items()}

    def as_json(self, home: Path) -> dict[str, Any]:
        """Return the numbers and paths (relative to the working folder), for programs."""
        books = {
            "documents": list(self.records.documents),
            "files": list(self.records.files),
            "items": list(self.records.items),
            "refused": list(self.records.refused),
            "notices": list(self.notices),
        }
        return books | {
            kind: [path.relative_to(home).as_posix() for path in found] for kind, found in self.paths.items()
        }


def plan_upkeep(office: Office, now: datetime) -> Upkeep:
    """Find what is past its days.

    Args:
        office: The installation.
        now: The present moment, aware.

    Raises:
        SettingsError: `keeping: hold` names something that does not exist: what it was to hold would be erased.
    """
    settings = office.settings
    keeping, hold = settings.keeping, legal_hold(office)
    records = Expired()
    if keeping.document_days:
        records = find_expired(office.engine, now - timedelta(days=keeping.document_days), hold)
    if keeping.failed_days:
        refused = find_refused(office.engine, now - timedelta(days=keeping.failed_days), hold)
        records = Expired(records.documents, records.files, records.items, refused)
    if settings.engine.kind != "local":
        records = kept_here(office.engine, settings.var, records)
    return Upkeep(
        records,
        notice_book(office).closed_before(_told_until(office, now)),
        {
            "evidence": tuple(past_limits(settings, "", now)),
            "logs": tuple(_old_logs(settings.folder("logs"), settings.log_days, keeping.log_megabytes, now)),
            "outbox": () if keeping.hold else _older(settings.folder("outbox"), keeping.outbox_days, now),
            "receipts": ()
            if keeping.hold
            else _older(settings.folder("receipts"), keeping.document_days, now),
            "reasons": ()
            if keeping.hold
            else _lone_reasons(settings.folder("failed"), keeping.failed_days, now),
            "locks": _old_locks(settings.folder("locks"), now),
        },
    )


def carry_out(office: Office, upkeep: Upkeep, *, who: str) -> bool:
    """Remove what a plan names, and note it in the audit trail.

    Args:
        office: The installation.
        upkeep: From `plan_upkeep`.
        who: "service", or the person at the command line.

    Returns:
        False when another upkeep is at work at this moment: nothing was done.

    Raises:
        OSError: A file of a record cannot be removed.
    """
    with held(office.settings.folder("locks") / LOCK) as ours:
        if not ours:
            return False
        erase(office.engine, office.settings.var, upkeep.records)
        if upkeep.notices:
            notice_book(office).forget(upkeep.notices)
        for paths in upkeep.paths.values():
            for path in paths:
                _remove(path)
        counts: dict[str, Any] = {kind: count for kind, count in upkeep.counts().items() if count}
        if upkeep.records:
            numbers: dict[str, Any] = {
                "documents": in_ranges(upkeep.records.documents),
                "files": in_ranges(upkeep.records.files + upkeep.records.refused),
                "items": in_ranges(upkeep.records.items),
            }
            office.audit.note(who, "records.erased", "keeping", **numbers)
        if counts:
            office.audit.note(who, "upkeep.done", "keeping", **counts)
        logger.info("upkeep by {}: {}", who, counts)
        return True


def legal_hold(office: Office) -> Hold:
    """Return what `keeping: hold` keeps.

    Raises:
        SettingsError: It names neither a department nor a process of a form or robot.
    """
    names = set(office.settings.keeping.hold)
    if EVERYTHING in names:
        return Hold(everything=True)
    if not names:
        return Hold()
    forms = {form.form: form.process for form in office.forms.values()}
    processes = {*forms.values(), *(robot.items.process for robot in office.robots.values())}
    known = {*office.settings.departments, *processes}
    for name in sorted(names - known):
        raise SettingsError(
            "operations.hold_unknown", where="keeping: hold", name=name, hint=did_you_mean(name, known)
        )
    return Hold(
        departments=frozenset(names),
        processes=frozenset(names),
        forms=frozenset(form for form, process in forms.items() if process in names),
    )


def _told_until(office: Office, now: datetime) -> datetime:
    return now - timedelta(days=office.settings.keeping.notice_days)


def in_ranges(numbers: Collection[int]) -> str:
    """Return numbers in short: 1-40, 42."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and number == told[-1][1] + 1:
            told[-1][1] = number
        else:
            told.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in told)


def _older(folder: Path, days: int, now: datetime) -> tuple[Path, ...]:
    """Return the files below a folder that nobody changed for so many days; 0 days: none."""
    if not days:
        return ()
    oldest = (now - timedelta(days=days)).timestamp()
    return tuple(sorted(path for path, changed, _ in _files(folder) if changed < oldest))


def _old_logs(folder: Path, days: int, megabytes: int, now: datetime) -> list[Path]:
    """Return the logs past their days, then the oldest until the rest fits; a log in use stays."""
    found = sorted(_files(folder), key=lambda one: one[1])
    oldest = (now - timedelta(days=days)).timestamp()
    total = sum(size for _, _, size in found)
    gone = []
    for path, changed, size in found:
        too_much = total > megabytes * MEGABYTE and changed < (now - IN_USE).timestamp()
        if changed < oldest or too_much:
            gone.append(path)
            total -= size
    return gone


def _lone_reasons(folder: Path, days: int, now: datetime) -> tuple[Path, ...]:
    """Return old reason files whose file has gone: taken away by a person, or never there (single pages refused)."""
    old = _older(folder, days, now)
    return tuple(
        path
        for path in old
        if path.name.endswith(REASON_ENDING) and not path.with_name(path.name[: -len(REASON_ENDING)]).exists()
    )


def _old_locks(folder: Path, now: datetime) -> tuple[Path, ...]:
    found = (path for path in _older(folder, LOCK_DAYS, now) if path.name.startswith("run-"))
    return tuple(path for path in found if not is_held(path))


def _files(folder: Path) -> Iterator[tuple[Path, float, int]]:
    """Yield (path, changed at, bytes) of the plain files below a folder; one that vanishes meanwhile is left out."""
    for path in folder.rglob("*"):
        try:
            facts = path.lstat()
        except FileNotFoundError:
            continue
        if path.is_file() and not path.is_symlink():
            yield path, facts.st_mtime, facts.st_size


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("{} cannot be removed: {}", path.name, error.strerror)
