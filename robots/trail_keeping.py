"""How long evidence is kept: old runs go first, then the oldest until the rest fits; what runs now stays."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from loguru import logger

from backoffice.settings import Settings

_MEGABYTE = 1024 * 1024
_AT_WORK = timedelta(days=1)
"""A folder changed within this time may belong to a run that is still at work."""


def keep_within(settings: Settings, present: str, now: datetime) -> list[str]:
    """Remove evidence that is older, or more, than the settings allow.

    Args:
        settings: `evidence: days` and `evidence: megabytes`, and the working folder.
        present: The run at hand, which stays.
        now: The present moment, aware.

    Returns:
        The runs whose evidence was removed, oldest first.
    """
    try:
        return _keep_within(settings, present, now)
    except OSError as error:
        logger.warning(
            "evidence could not be looked through: {}", error.strerror
        )  # another run may be at it too
        return []


def _keep_within(settings: Settings, present: str, now: datetime) -> list[str]:
    removed = []
    for run in past_limits(settings, present, now):
        try:
            shutil.rmtree(run)
        except OSError as error:
            logger.warning("evidence of run {} cannot be removed: {}", run.name, error.strerror)
            continue
        removed.append(run.name)
    if removed:
        logger.info("evidence of {} runs was removed: past its time or its space", len(removed))
    return removed


def past_limits(settings: Settings, present: str, now: datetime) -> list[Path]:
    """Return the evidence folders that are older, or more, than the settings allow, oldest first.

    While anything is under a legal hold (`keeping: hold`) all evidence stays: a folder does not tell whose it is.

    Raises:
        OSError: A folder vanished while it was looked at.
    """
    if settings.keeping.hold:
        return []
    folder = settings.folder("evidence")
    runs = sorted((_changed(run), run) for run in folder.iterdir() if run.is_dir() and run.name != present)
    oldest = now.timestamp() - timedelta(days=settings.evidence.days).total_seconds()
    limit = settings.evidence.megabytes * _MEGABYTE
    sizes = {run: _size(run) for _, run in runs}
    total = sum(sizes.values()) + _size(folder / present)
    past = []
    for changed, run in runs:
        if changed >= oldest and (total <= limit or changed > now.timestamp() - _AT_WORK.total_seconds()):
            continue
        total -= sizes[run]
        past.append(run)
    return past


def _changed(run: Path) -> float:
    return max((path.stat().st_mtime for path in [run, *run.glob("*.json*")]), default=0.0)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
