"""Zip files: packing, and unpacking what others have packed without trusting it."""

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from backoffice.files import replacing, safe_name
from robots.errors import ArchiveRefused

LARGEST_CONTENT_BYTES = 2 * 1024**3
MOST_FILES = 10_000
MOST_GROWTH = 1000
"""A zip file that claims to hold more than so many times its own size is taken for a bomb (Office files reach 100)."""
_CHUNK = 1024 * 1024


def pack(files: list[Path], target: Path) -> None:
    """Pack files under their own names; the zip file appears whole or not at all.

    Raises:
        ArchiveRefused: Two files have the same name.
        OSError: It cannot be written.
    """
    names = [file.name.casefold() for file in files]
    twice = next((file.name for file in files if names.count(file.name.casefold()) > 1), "")
    if twice:
        raise ArchiveRefused("robots.zip_name_twice", where=target.name, name=twice)
    with replacing(target) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as made:
        for file in files:
            made.write(file, file.name)


def unpack(source: Path, folder: Path, encoding: str) -> list[Path]:
    """Unpack a zip file.

    Args:
        source: The zip file.
        folder: Where to; made when it is missing.
        encoding: Of names that are not marked as UTF-8.

    Returns:
        The files made.

    Raises:
        ArchiveRefused: A name leads out of the folder or stands for something other than a file; a file of that name
            exists; it needs a password; it holds far more than it should. Nothing was written then.
        zipfile.BadZipFile: It is damaged.
        OSError: It cannot be read or written.
    """
    with zipfile.ZipFile(source, metadata_encoding=encoding) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        _refuse_bomb(source, infos)
        targets = [_target(source, folder, info) for info in infos]
        _refuse_clash(source, targets)
        for info, target in zip(infos, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as draft, opened.open(info) as packed, draft.open("wb") as stream:
                shutil.copyfileobj(packed, stream, _CHUNK)
    return targets


def _refuse_bomb(source: Path, infos: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    if len(infos) > MOST_FILES or total > min(LARGEST_CONTENT_BYTES, MOST_GROWTH * source.stat().st_size):
        raise ArchiveRefused(
            "robots.zip_bomb", where=source.name, files=len(infos), megabytes=total // 1024**2
        )


def _target(source: Path, folder: Path, info: zipfile.ZipInfo) -> Path:
    if info.flag_bits & 1:
        raise ArchiveRefused("robots.zip_locked", where=source.name)
    name = info.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    leads_out = ".." in parts or name.startswith("/") or bool(PureWindowsPath(name).drive)
    if leads_out or not parts or kind not in (0, stat.S_IFREG):
        raise ArchiveRefused("robots.zip_leads_out", where=source.name)
    target = folder.joinpath(*(safe_name(part) for part in parts))
    if not target.resolve().is_relative_to(folder.resolve()):
        raise ArchiveRefused("robots.zip_leads_out", where=source.name)
    return target


def _refuse_clash(source: Path, targets: list[Path]) -> None:
    seen: set[str] = set()
    for target in targets:
        own = str(target).casefold()
        if own in seen or target.exists():
            raise ArchiveRefused("robots.zip_in_the_way", where=source.name, name=target.name)
        seen.add(own)
