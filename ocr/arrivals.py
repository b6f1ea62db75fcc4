"""What lies in a watched folder: scans, rubbish that office machines leave, and things nobody may follow.

Thumbs.db and its like are left alone. Links, pipes and devices are never followed or opened: they are told as refused.
A folder that cannot be listed as a whole is away (a share that was pulled out), which is something else than empty.

Source of the rules: docs/watched-folders.md; each of them cost somebody data.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from backoffice.files import readable_name
from backoffice.received import LONGEST_NAME
from backoffice.settings_inbox import RECEIPTS_FOLDER

IGNORED_NAMES = {"thumbs.db", "desktop.ini", ".ds_store", "readme.txt"}
IGNORED_FOLDERS = {
    "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", "@tmp", "#snapshot",
    RECEIPTS_FOLDER,
}  # fmt: skip
IGNORED_PREFIXES = (".", "~$", "._")
IGNORED_ENDINGS = (
    ".tmp", ".part", ".partial", ".crdownload", ".filepart", ".reason.txt", ".receipt.txt",
)  # fmt: skip


class InboxAway(OSError):
    """The folder as a whole cannot be listed."""


@dataclass(frozen=True)
class Arrival:
    """Something in the folder.

    Attributes:
        path: Where it lies.
        name: Its name in the folder (with sub-folders, separated by /), readable whatever its bytes are.
        size: Bytes.
        mtime_ns: When it was last written, nanoseconds since the epoch.
        refusal: Why it is not even opened, "link" or "special"; empty for a file.
    """

    path: Path
    name: str
    size: int
    mtime_ns: int
    refusal: str = ""


def arrivals(folder: Path) -> list[Arrival]:
    """Return what lies in a folder and its sub-folders, oldest first, without rubbish.

    Raises:
        InboxAway: The folder itself cannot be listed.
    """
    try:
        found = list(_listed(folder, folder))
    except OSError as error:
        raise InboxAway(
            error.errno or 0, "gone" if isinstance(error, FileNotFoundError) else code(error)
        ) from error
    return sorted(found, key=lambda arrival: (arrival.mtime_ns, arrival.name))


def code(error: OSError) -> str:
    """Return the system's name of an error, ENOSPC say: all that may stand in a log."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


def _listed(folder: Path, top: Path) -> Iterator[Arrival]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_rubbish(entry.name):
                continue
            try:
                yield from _of_entry(entry, top)
            except FileNotFoundError:  # it vanished while it was looked at
                continue
            except OSError as error:
                logger.warning("something in {} cannot be looked at ({})", top.name, code(error))


def _of_entry(entry: "os.DirEntry[str]", top: Path) -> Iterator[Arrival]:
    facts = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(facts.st_mode):
        if entry.name.casefold() not in IGNORED_FOLDERS:
            yield from _listed(Path(entry.path), top)
        return
    path = Path(entry.path)
    link = stat.S_ISLNK(facts.st_mode)
    refusal = "" if stat.S_ISREG(facts.st_mode) else "link" if link else "special"
    name = readable_name(path.relative_to(top).as_posix())[-LONGEST_NAME:]
    yield Arrival(path, name, facts.st_size, facts.st_mtime_ns, refusal)


def _is_rubbish(name: str) -> bool:
    folded = name.casefold()
    return folded in IGNORED_NAMES or folded.startswith(IGNORED_PREFIXES) or folded.endswith(IGNORED_ENDINGS)
