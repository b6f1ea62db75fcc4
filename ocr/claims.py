"""Taking a file: one rename into a folder of its own in `work/`, so that two readers never hold the same file.

The name of that folder is the claim: a unique key of the book of received files. Between two disks a rename is
impossible; then the file is first renamed into a hidden folder of the inbox, which makes it ours, and copied from
there. Killed at any moment, the whole file lies somewhere that the next reader looks into, and is entered once.
"""

import errno
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from backoffice.files import copy_whole, move_file, safe_name

CLAIMED_FOLDER = ".hakadori-claimed"
"""Where in an inbox on another disk a file lies while it is copied: `.hakadori-claimed/<claim>/<name>`."""
NOTE = ".claim.json"


@dataclass(frozen=True)
class Claimed:
    """A file that is ours now.

    Attributes:
        name: Its name in the inbox (with sub-folders, separated by /).
        path: Where it lies now, inside `work/`.
        trouble: Why it is not to be read: it was given up half-written, empty, locked; else empty.
        seen_at: When it was first seen in the inbox, where that is known.
    """

    name: str
    path: Path
    trouble: str = ""
    seen_at: datetime | None = None

    @property
    def claim(self) -> str:
        """Name of its folder in `work/`: a key that no other file ever has."""
        return self.path.parent.name


def take(path: Path, folder: Path, work: Path, claimed_as: Callable[[Path], Claimed]) -> Claimed:
    """Take a file out of an inbox.

    Args:
        path: The file.
        folder: The inbox.
        work: Where claimed files lie, one folder each.
        claimed_as: Makes the claim of the place where the file will lie.

    Raises:
        OSError: It cannot be taken now (held by somebody, no permission, disk full); it lies where it was.
    """
    home = work / uuid4().hex
    claimed = claimed_as(home / safe_name(path.name))
    home.mkdir(parents=True)
    try:
        _note(claimed)
        _move(path, folder, claimed.path)
    except OSError:
        drop_claim(home)
        raise
    return claimed


def hand_over(draft: Path, home: Path, name: str) -> Claimed:
    """Put a whole file that came by another way than the inbox where the next reader looks for it.

    Args:
        draft: The file; it moves.
        home: Its folder in `work/`, named by its claim.
        name: Its name as if it had come through the inbox; a form's name before it with / says which form it is.

    Raises:
        OSError: The disk is full, or a folder cannot be written; the file lies where it was.
    """
    claimed = Claimed(name, home / safe_name(PurePosixPath(name).name))
    home.mkdir(parents=True, exist_ok=True)
    _note(claimed)
    move_file(draft, claimed.path)
    return claimed


def left_over(folder: Path, work: Path, known_claim: Callable[[str], bool]) -> list[Claimed]:
    """Return files that an earlier reader took but did not finish; copies that were cut off are ended first.

    Args:
        folder: The inbox.
        work: Where claimed files lie.
        known_claim: Says whether a claim was entered in the books; then the copy was whole.
    """
    for original in cut_off(folder):
        _end_copy(original, folder, work, known_claim)
    return list(_taken(work))


def cut_off(folder: Path) -> list[Path]:
    """Return the files of an inbox that lie in the hidden folder: their copying was cut off."""
    try:
        return sorted((folder / CLAIMED_FOLDER).glob("*/*"))
    except OSError:  # the share is away; they are ended when it is back
        return []


def is_any_taken(work: Path) -> bool:
    """Say whether claimed files wait for a reader."""
    return next(_taken(work), None) is not None


def count_try(claimed: Claimed, change: int = 1) -> int:
    """Count one more try at reading a claimed file and return the count; it outlives a killed reader.

    Args:
        claimed: The file.
        change: 1; or -1 to take a try back that ended for no fault of the file.
    """
    noted = _noted(claimed.path.parent)
    count = max(0, int(noted.get("tries", 0)) + change)
    _note(claimed, tries=count)
    return count


def was_begun(claimed: Claimed) -> bool:
    """Say whether a reader began to read a claimed file already; what was only handed in nobody has begun."""
    return int(_noted(claimed.path.parent).get("tries", 0)) > 0


def forget_tries(claimed: Claimed) -> None:
    """Forget how often a file was tried, also on a full disk: its note is removed."""
    claimed.path.with_name(NOTE).unlink(missing_ok=True)


def drop_claim(home: Path) -> None:
    """Remove a claim's folder when its file has left it."""
    for name in (NOTE, f"{NOTE}.new"):
        (home / name).unlink(missing_ok=True)
    if home.is_dir() and not any(home.iterdir()):
        home.rmdir()


def _note(claimed: Claimed, tries: int = 0) -> None:
    """Write beside the file what its name in the inbox was; a power cut may lose the note, never the file."""
    seen = claimed.seen_at.isoformat() if claimed.seen_at else None
    noted = {"name": claimed.name, "trouble": claimed.trouble, "seen_at": seen, "tries": tries}
    draft = claimed.path.with_name(f"{NOTE}.new")
    draft.write_text(json.dumps(noted), encoding="utf-8")
    draft.replace(claimed.path.with_name(NOTE))


def _noted(home: Path) -> dict[str, Any]:
    try:
        noted = json.loads((home / NOTE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _taken(work: Path) -> Iterator[Claimed]:
    for home in sorted(work.glob("*/")):
        noted = _noted(home)
        files = [path for path in sorted(home.iterdir()) if path.is_file() and not path.name.startswith(".")]
        for path in files:
            seen = noted.get("seen_at")
            yield Claimed(
                name=noted.get("name") or path.name,
                path=path,
                trouble=noted.get("trouble", ""),
                seen_at=datetime.fromisoformat(seen) if seen else None,
            )


def _move(path: Path, folder: Path, target: Path) -> None:
    """Rename atomically; across disks, first make the file ours, then copy, then let the original go."""
    try:
        path.rename(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    ours = folder / CLAIMED_FOLDER / target.parent.name / path.name
    ours.parent.mkdir(parents=True, exist_ok=True)
    path.rename(ours)
    try:
        copy_whole(ours, target)
    except OSError:
        ours.rename(_free(path))
        _drop_hidden(ours.parent)
        raise
    ours.unlink()
    _drop_hidden(ours.parent)


def _end_copy(original: Path, folder: Path, work: Path, known_claim: Callable[[str], bool]) -> None:
    """Let the original go when its copy is whole or was entered; else drop the half and give the original back."""
    home = work / original.parent.name
    copies = list(home.glob("*")) if home.is_dir() else []
    whole = any(not copy.name.startswith(".") for copy in copies)
    if whole or known_claim(original.parent.name):
        original.unlink()
    else:
        name = str(_noted(home).get("name") or original.name)
        back = folder / name
        if not back.parent.is_dir():
            back = folder / original.name
        for half in copies:
            half.unlink()
        if home.is_dir():
            home.rmdir()
        original.rename(_free(back))
    _drop_hidden(original.parent)


def _free(path: Path) -> Path:
    return path if not os.path.lexists(path) else path.with_name(f"{uuid4().hex[:8]}-{safe_name(path.name)}")


def _drop_hidden(home: Path) -> None:
    """Remove the hidden folders of an inbox when they are empty."""
    for folder in (home, home.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
