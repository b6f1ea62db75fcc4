"""Write files so that a power cut leaves either the old one or the new one, never half of one."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"COM{n}" for n in range(1, 10)),
    *(f"LPT{n}" for n in range(1, 10)),
}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes the place of `path`.

    The content is flushed to the disk before the rename. When the block raises, the old file stays as it was.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix, delete=False
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


def safe_name(name: str) -> str:
    """Return a file name that is harmless on Windows and Linux and still says what it was.

    Path separators, control characters and the characters Windows forbids become `_`; Windows' reserved names
    get a leading `_`; the length stays within 150 characters, the extension kept.
    """
    clean = _UNSAFE.sub("_", name).strip(" .") or "_"
    stem, dot, suffix = clean.rpartition(".")
    if (stem or clean).upper() in _RESERVED:
        clean = f"_{clean}"
    return clean if len(clean) <= 150 else f"{(stem or clean)[: 149 - len(suffix)]}{dot}{suffix}"
