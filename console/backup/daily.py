"""The backup of every day: into the folder of the settings, and only the newest few are kept."""

import re
from datetime import datetime
from pathlib import Path

from loguru import logger

from console.backup.taking import Wish, take_backup
from console.wiring import Office

_OURS = re.compile(r"hakadori-\d{8}-\d{6}\.zip")


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
    target = keeping.backup_folder / name_of(office.clock())
    manifest = take_backup(office, target, Wish(evidence=keeping.backup_evidence))
    office.audit.note("service", "backup.made", "backup", file=target.name, files=len(manifest.entries))
    ours = sorted(path for path in keeping.backup_folder.iterdir() if _OURS.fullmatch(path.name))
    for old in ours[: -keeping.backups]:
        old.unlink()
        logger.info("old backup {} removed", old.name)
    return target
