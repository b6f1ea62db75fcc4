"""The backup of every day: into the folder of the settings, and only the newest few are kept."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loguru import logger

from console.backup.taking import Wish, take_backup
from console.wiring import Office

_OURS = re.compile(r"hakadori-\d{8}-\d{6}\.zip")


_CUT_OFF = ".hakadori-*"
CUT_OFF_AGE = timedelta(days=1)


def name_of(now: datetime) -> str:
    """Return the name of a backup made at this moment, UTC, so that names sort by age."""
    return f"hakadori-{now:%Y%m%d-%H%M%S}.zip"


def daily_backup(office: Office) -> Path | None:
    """Write today's backup into `keeping: backup_folder` and drop those beyond `keeping: backups`.

    Returns:
        The file; None when no folder is set.

    Raises:
        BackupWrong: It could not be made; the older ones are still there.
        OSError: The folder cannot be written.
    """
    keeping = office.settings.keeping
    if keeping.backup_folder is None:
        return None
    _drop_cut_off(keeping.backup_folder, office.clock())
    target = keeping.backup_folder / name_of(office.clock())
    manifest = take_backup(office, target, Wish(evidence=keeping.backup_evidence))
    office.audit.note("service", "backup.made", "backup", file=target.name, files=len(manifest.entries))
    ours = sorted(path for path in keeping.backup_folder.iterdir() if _OURS.fullmatch(path.name))
    for old in ours[: -keeping.backups]:
        old.unlink()
        logger.info("old backup {} removed", old.name)
    return target


def _drop_cut_off(folder: Path, now: datetime) -> None:
    """Throw away what a backup left that was cut off: it holds personal data and is of no use."""
    for path in folder.glob(_CUT_OFF):
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > CUT_OFF_AGE:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            logger.warning("left-over of a backup that was cut off removed: {}", path.name)
