"""Files: wait until one is finished, move and copy, pack and unpack, read. Only in the folders that robots may use."""

import os
import shutil
import time
import zipfile
from pathlib import Path

from backoffice.files import replacing
from robots.archives import pack, unpack
from robots.bench import Bench
from robots.errors import FileTrouble
from robots.registry import NO_NAME, Function, Name, Texts, lasting
from robots.workbooks.csv_text import Encoding

STILL_SECONDS = 1.0
"""A file that kept size and time for so long, and that can be opened for writing, is taken as finished."""
_LOOK_SECONDS = 0.2
_UNFINISHED = (".crdownload", ".part", ".partial", ".tmp", ".download")
"""How browsers and copiers name files that they are still writing."""
LARGEST_TEXT_BYTES = 1024 * 1024


def wait_for_file(bench: Bench, file: str, into: Name = NO_NAME) -> None:
    """Wait until a file is there and finished; the step's timeout says how long.

    Args:
        file: The file; `*` in its name stands for anything, then the newest one counts.
        into: The name under which its path is remembered.
    """
    pattern = bench.places.resolve(file)
    end = time.monotonic() + bench.timeout
    seen: tuple[Path, int, int] | None = None
    since = time.monotonic()
    while True:
        now = _look(pattern)
        if now != seen:
            seen, since = now, time.monotonic()
        if seen is not None and time.monotonic() - since >= STILL_SECONDS and _can_be_opened(seen[0]):
            break
        if time.monotonic() >= end:
            key = "robots.file_not_there" if seen is None else "robots.file_not_finished"
            raise FileTrouble(key, where=pattern.name, seconds=f"{bench.timeout:g}")
        time.sleep(_LOOK_SECONDS)
    if into:
        bench.variables[into] = str(seen[0])


@lasting
def move_file(bench: Bench, file: str, to: str, replace: bool = False) -> None:
    """Move a file, or give it another name.

    Args:
        file: The file.
        to: The new place; a folder that exists keeps the name.
        replace: true: a file that stands there already goes.
    """
    source, target = _both(bench, file, to, replace)
    try:
        if source.stat().st_dev == target.parent.stat().st_dev:
            source.replace(target)
        else:
            _copy(source, target)
            source.unlink()
    except OSError as error:
        raise _trouble(error, source) from error


@lasting
def copy_file(bench: Bench, file: str, to: str, replace: bool = False) -> None:
    """Copy a file; the copy appears whole or not at all.

    Args:
        file: The file.
        to: The new place; a folder that exists keeps the name.
        replace: true: a file that stands there already goes.
    """
    source, target = _both(bench, file, to, replace)
    try:
        _copy(source, target)
    except OSError as error:
        raise _trouble(error, source) from error


@lasting
def zip_files(bench: Bench, files: Texts, to: str, replace: bool = False) -> None:
    """Pack files into a zip file.

    Args:
        files: The files; `*` in a name stands for anything.
        to: The zip file.
        replace: true: a zip file that stands there already goes.
    """
    target = bench.places.resolve(to)
    chosen: list[Path] = []
    for written in files:
        pattern = bench.places.resolve(written)
        found = sorted(one for one in pattern.parent.glob(pattern.name) if one.is_file() and one != target)
        if not found:
            raise FileTrouble("robots.file_not_there", where=pattern.name, seconds="0")
        chosen += found
    if target.exists() and not replace:
        raise FileTrouble("robots.file_in_the_way", where=target.name)
    try:
        pack(chosen, target)
    except OSError as error:
        raise _trouble(error, target) from error


@lasting
def unzip(bench: Bench, file: str, to: str, encoding: Encoding = "cp932") -> None:
    """Unpack a zip file into a folder; nothing is written outside of it, and nothing is replaced.

    Args:
        file: The zip file.
        to: The folder; it is made when it is missing.
        encoding: Of file names in zip files that do not say it themselves (old Windows programs: cp932).
    """
    source = bench.places.resolve(file)
    try:
        unpack(source, bench.places.resolve(to), encoding)
    except zipfile.BadZipFile as error:
        raise FileTrouble("robots.zip_broken", where=source.name) from error
    except OSError as error:
        raise _trouble(error, source) from error


def read_text(bench: Bench, file: str, into: Name, encoding: Encoding = "utf-8") -> None:
    """Read a text file; later steps write ${set.NAME}.

    Args:
        file: The file, at most 1 MB.
        into: The name under which it is remembered; spaces and line ends around it are left out.
        encoding: utf-8 (with or without a mark) or cp932.
    """
    path = bench.places.resolve(file)
    try:
        if path.stat().st_size > LARGEST_TEXT_BYTES:
            raise FileTrouble("robots.text_too_large", where=path.name, limit=LARGEST_TEXT_BYTES // 1024)
        content = path.read_bytes()
    except OSError as error:
        raise _trouble(error, path) from error
    try:
        bench.variables[into] = content.decode("utf-8-sig" if encoding == "utf-8" else encoding).strip()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        where = f"{path.name}:{line}"
        raise FileTrouble("robots.text_encoding", where=where, encoding=encoding, line=line) from error


def _look(pattern: Path) -> tuple[Path, int, int] | None:
    """Return the newest finished-looking file of a name, with its size and time."""
    found = []
    try:
        for one in pattern.parent.glob(pattern.name):
            if one.is_file() and one.suffix.lower() not in _UNFINISHED:
                state = one.stat()
                found.append((state.st_mtime_ns, one, state.st_size))
    except OSError:
        return None  # it vanished while we looked; the next look tells
    if not found:
        return None
    changed, path, size = max(found)
    twins = [path.with_name(path.name + ending) for ending in _UNFINISHED]
    return None if any(twin.exists() for twin in twins) else (path, size, changed)


def _can_be_opened(path: Path) -> bool:
    """Say whether nobody holds the file for writing (Windows tells; Linux opens in any case)."""
    try:
        with path.open("rb+" if os.access(path, os.W_OK) else "rb"):
            return path.stat().st_size > 0
    except OSError:
        return False


def _both(bench: Bench, file: str, to: str, replace: bool) -> tuple[Path, Path]:
    source, target = bench.places.resolve(file), bench.places.resolve(to)
    if not source.is_file():
        raise FileTrouble("robots.file_not_there", where=source.name, seconds="0")
    if target.is_dir():
        target = target / source.name
    if target.exists() and not replace:
        raise FileTrouble("robots.file_in_the_way", where=target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    return source, target


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as draft:
        shutil.copy2(source, draft)


def _trouble(error: OSError, path: Path) -> FileTrouble:
    reason = error.strerror or type(error).__name__
    return FileTrouble("robots.file_trouble", where=path.name, reason=reason)


ACTIONS: tuple[Function, ...] = (wait_for_file, move_file, copy_file, zip_files, unzip, read_text)
"""The actions of this file."""
