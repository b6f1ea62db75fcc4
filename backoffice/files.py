"""Write files so that a power cut leaves either the old one or the new one, never half of one."""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

_UNSEEN = r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
"""Characters that turn the direction of writing, so that `fdp.exe` reads as `exe.pdf`, or that show nothing."""
_UNSAFE = re.compile(rf'[<>:"/\\|?*\x00-\x1f\x7f-\x9f{_UNSEEN}]')
_RESERVED = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"COM{n}" for n in range(1, 10)),
    *(f"LPT{n}" for n in range(1, 10)),
}

LONGEST_CHARACTERS, LONGEST_BYTES, LONGEST_ENDING = 150, 180, 20
COPYING = ".copying"
"""Ending of a copy between disks that is not whole yet; its name also begins with a dot."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes the place of `path`.

    The content is flushed to the disk before the rename. When the block raises, the old file stays as it was.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.stem[:30]}-", suffix=path.suffix, delete=False
    ) as made:
        draft = Path(made.name)
    try:
        yield draft
        with draft.open("rb+") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file, or leave what was there."""
    with replacing(path) as draft:
        draft.write_bytes(content)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def readable_name(name: str) -> str:
    """Return a file name that can be stored and shown, also where its bytes are no UTF-8.

    Names written by old Windows programs over a Linux share are cp932; what is neither becomes U+FFFD. Names are
    not normalised: a macOS name in NFD stays as it is, because composing would change rare kanji.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("cp932")
        except UnicodeDecodeError:
            return raw.decode("utf-8", errors="replace")
    return name


def safe_name(name: str) -> str:
    """Return a file name that is harmless on Windows and Linux and still says what it was.

    Path separators, control characters, the characters Windows forbids and those that nobody sees become `_`;
    Windows' reserved names get a leading `_`; the length stays within 150 characters and LONGEST_BYTES, the extension
    kept, so that there is room for a number or `.reason.txt` behind it on every file system (255 bytes on Linux).
    """
    clean = _UNSAFE.sub("_", readable_name(name)).strip(" .") or "_"
    if clean.partition(".")[0].strip().upper() in _RESERVED:
        clean = f"_{clean}"
    stem, dot, suffix = clean.rpartition(".")
    if not stem or len(suffix) > LONGEST_ENDING:
        stem, dot, suffix = clean, "", ""
    ending = dot + suffix
    stem = stem[: LONGEST_CHARACTERS - len(ending)]
    room = LONGEST_BYTES - len(ending.encode())
    while len(stem.encode()) > room:
        stem = stem[:-1]
    return stem + ending


def move_file(path: Path, target: Path) -> None:
    """Move a file to a place that is free: one rename, or between disks copy, flush, rename, then let it go.

    Killed at any moment, the whole file lies at one of the two places or at both; never half at `target`.

    Raises:
        OSError: The disk is full, or a folder cannot be written; the file lies where it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_whole(path, target)
        path.unlink()


def copy_whole(path: Path, target: Path) -> None:
    """Copy a file so that `target` appears only when it is whole and on the disk.

    Raises:
        OSError: The disk is full, or something cannot be read or written; nothing is left behind.
    """
    draft = target.with_name(f".{target.name}{COPYING}")
    try:
        shutil.copy2(path, draft)
        with draft.open("rb+") as stream:
            os.fsync(stream.fileno())
        draft.rename(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
